"""What is typed into an estimator before anybody opens it: nothing as a rule, the facts of a sample for pictures and tests."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...rules.evaluate import Facts
from ...rules.model import Edition, Programme


@dataclass(frozen=True)
class Project:
    """A row of the list: the programme's id, a name, and typed facts."""

    programme: str
    name: str = ""
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """`enterprise`: facts by name, or by `Programme.own_name` where they hold for one programme alone. `projects`: rows of the list."""

    enterprise: Mapping[str, object] = field(default_factory=dict)
    projects: Sequence[Project] = ()

    def own(self, programme: Programme) -> dict[str, object]:
        """What is stated for this programme alone."""
        return {name: self.enterprise[key] for name in programme.fields if (key := programme.own_name(name)) in self.enterprise}

    def facts(self, programme: Programme) -> dict[str, object]:
        """The facts a programme is assessed with: its own before those of the enterprise."""
        return {name: self.enterprise[name] for name in programme.fields if name in self.enterprise} | self.own(programme)

    def touches(self, edition: Edition, programme: Programme) -> bool:
        """Whether something is stated that tells of this programme and of no other."""
        return bool(self.own(programme)) or any(name in self.enterprise for name in telling(edition, programme))


def telling(edition: Edition, programme: Programme) -> list[str]:
    """The facts that tell of this programme and of no other; all, where others have every one of them too."""
    return [name for name in programme.fields if name not in edition.shared_facts] or list(programme.fields)
