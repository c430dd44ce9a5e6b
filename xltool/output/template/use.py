"""What a template reads from the data, tag by tag."""

from dataclasses import dataclass

from .problems import Where


@dataclass(frozen=True, slots=True)
class Use:
    """A cell of the template and the names it reads from the data, e.g. `projects[].name`."""

    where: Where
    names: tuple[str, ...]
