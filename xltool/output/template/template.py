"""The one thing users of this package hold: a template, loaded once and filled many times."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from .problems import Problem, TemplateError, Where
from .use import Use


class Template:
    """An xlsx template with docxtpl's tags.

    `{{ expr }}` alone in a cell keeps the value's type; `{%tr for x in xs %}` … `{%tr endfor %}` repeats the rows in
    between; `{% vm %}` at the start of a cell in a loop merges equal neighbours. Values are never read as formulas.
    """

    suffix = ".xlsx"

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

        return cls(compile_template(*_content(source, name)))

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


class WordTemplate:
    """A docx template with docxtpl's tags.

    `{{ expr }}` in any text; `{%tr …%}`, `{%tc …%}`, `{%p …%}` and `{%r …%}` stand for their whole row, cell, paragraph or
    run; `{% vm %}` and `{% hm %}` merge a cell with its copies in the loop; `{% colspan n %}`, `{% cellbg colour %}`. Values
    are text, never markup: None is empty, a date 2025年1月1日, a yes 是, a newline a line break.
    """

    suffix = ".docx"

    def __init__(self, compiled):
        self._compiled = compiled

    @classmethod
    def load(cls, source: str | Path | bytes, name: str = "") -> "WordTemplate":
        """The compiled template; raises TemplateError with every problem found in it.

        `name` is what problems call it, by default the file's name.
        """
        # docxtpl and jinja2 are imported only when a template is used.
        from .word.fill import compile_document

        return cls(compile_document(*_content(source, name)))

    def render(self, context: Mapping[str, object]) -> bytes:
        """The document filled with these values, as the bytes of a .docx file; raises TemplateError."""
        from .word.fill import render

        return render(self._compiled, context)

    def names(self) -> tuple[Use, ...]:
        """Which names each tag reads from the data; a loop's variable is written as its list: `projects[].name`."""
        from .word.fill import uses

        return uses(self._compiled)


AnyTemplate = Template | WordTemplate


def load_template(source: str | Path | bytes, name: str = "") -> AnyTemplate:
    """The template a file holds, by its content: a workbook (.xlsx) or a document (.docx); raises TemplateError."""
    from xltool.intake.opening.kinds import kind_of

    data, name = _content(source, name)
    kind = kind_of(data, name)
    if kind.id in _TEMPLATES:
        return _TEMPLATES[kind.id].load(data, name)
    fix = _SAVE_AS.get(kind.id, "请用 Word、Excel 或 WPS 做模板，存为 .docx 或 .xlsx")
    raise TemplateError([Problem("file.kind", kind.title, "模板要是 .docx 文档或 .xlsx 工作簿", fix, Where(name))])


_TEMPLATES = {"xlsx": Template, "docx": WordTemplate}
_SAVE_AS = dict.fromkeys(("doc", "odt", "rtf"), "请另存为 .docx")
_SAVE_AS |= dict.fromkeys(("xls", "xlsb", "ods", "biff"), "请另存为 .xlsx") | {"encrypted": "请去掉密码再保存"}


def _content(source: str | Path | bytes, name: str) -> tuple[bytes, str]:
    """The file's bytes, and what problems call it."""
    if isinstance(source, bytes):
        return source, name
    return Path(source).read_bytes(), name or Path(source).name
