"""The one thing users of this package hold: a template, loaded once and filled many times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .problems import Where


@dataclass(frozen=True, slots=True)
class Use:
    """A cell of the template and the names it reads from the data, e.g. `projects[].name`."""

    where: Where
    names: tuple[str, ...]


class Template:
    """An xlsx template with docxtpl's tags.

    `{{ expr }}` alone in a cell keeps the value's type; `{%tr for x in xs %}` … `{%tr endfor %}` repeats the rows in
    between; `{% vm %}` at the start of a cell in a loop merges equal neighbours. Values are never read as formulas.
    """

    def __init__(self, compiled):
        self._compiled = compiled
        self._book = None

    @classmethod
    def load(cls, source: str | Path | bytes, name: str = "") -> "Template":
        """The compiled template; raises TemplateError with every problem found in it.

        `name` is what problems call it, by default the file's name.
        """
        # jinja2 is imported only when a template is used.
        from .compile import compile_template

        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        return cls(compile_template(data, name or ("" if isinstance(source, bytes) else Path(source).name)))

    def render(self, context: Mapping[str, object]) -> bytes:
        """The workbook filled with these values, as the bytes of an .xlsx file; raises TemplateError.

        A list may be a generator; its rows are deflated as they come.
        """
        from .deliver import deliver_file

        return b"".join(deliver_file(self._compiled, context))

    def write(self, context: Mapping[str, object], path: str | Path) -> None:
        """The same bytes as a file that appears whole or not at all; raises TemplateError and OSError."""
        from ..files import write_whole
        from .deliver import deliver_file

        write_whole(Path(path), *deliver_file(self._compiled, context))

    def book(self, items: Iterable[tuple[str, Mapping[str, object]]]) -> bytes:
        """One workbook with a sheet per (sheet name, values), each made from the first sheet that has tags.

        Names are made valid and unique. The template's other sheets are kept, once.
        """
        from .book import Book

        if self._book is None:
            self._book = Book(self._compiled)
        return self._book.deliver(list(items))

    def names(self) -> tuple[Use, ...]:
        """Which names each cell reads from the data; a loop's variable is written as its list: `projects[].name`."""
        from .structure import slot_names

        file = self._compiled.file
        return tuple(
            Use(Where(file, structure.sheet.name, cell), names)
            for structure in self._compiled.structures
            for cell, names in slot_names(structure)
        )
