"""A document template compiled once and filled many times: per rendering only jinja2 runs, and what changed is packed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..faults import fault_problem
from ..markup import document
from ..names import reads
from ..package import DOCUMENT, Archive, pack, read_package
from ..problems import Problem, TemplateError, Where
from ..program import compile_nodes
from ..tags import TagError, as_text, nodes, parse
from ..template import Use
from ..values import Unfit
from .document import PROPERTIES, Document
from .marks import mark_tags
from .patch import Patched, patch
from .text import PLAIN, RUN

MOST_PIECES, MOST_LETTERS = 5_000_000, 256 * 2**20
# docxtpl's way to print braces.
_BRACES = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))
_EMPTY = {
    "w:tbl": re.compile(r"<w:tbl>(?:(?!<w:tr[ >]|</?w:tbl>).)*</w:tbl>", re.DOTALL),
    "w:tr": re.compile(r"<w:tr(?: [^>]*)?>(?:(?!<w:tc[ >]|</?w:tr[ >]).)*</w:tr>", re.DOTALL),
}
_NO_PARAGRAPH = re.compile(r"(?:(?:</w:tcPr>|<w:tc>|</w:tbl>)(?=</w:tc>)|<w:(hdr|ftr|txbxContent)(?: [^>]*)?>(?=</w:\1>))")
_PICTURE = re.compile(r'(<wp:docPr [^>]*?\bid=")[^"]*')
_FIRST_PICTURE = 1001


class _TooBig(Unfit):
    """No tag alone is at fault, and to look for one would take as long again for each."""


@dataclass(slots=True)
class Page:
    """One part that is written anew: its jinja2 tree and program, and where its tags came from."""

    path: str
    label: str
    body: list[nodes.Node]
    run: object
    patched: Patched

    def fill(self, variables: dict) -> str:
        """The part's XML; raises Unfit and whatever an expression raises."""
        pieces, letters = [], 0
        for piece in self.run(variables):
            pieces.append(piece)
            letters += len(piece)
            if len(pieces) > MOST_PIECES or letters > MOST_LETTERS:
                raise _TooBig("填出来的文档", "太大了，写不成一个文档；请检查循环的数据")
        text = "".join(pieces)
        if self.patched.may_be_empty:
            text = _without_empty(text, self.patched.may_be_empty)
        if self.patched.columns_move:
            text = _with_columns_counted(text)
        return _with_pictures_numbered(text) if self.patched.pictures_repeat else text


@dataclass(slots=True)
class Compiled:
    """A template ready to render: the parts that change, and the zip of all that stays."""

    file: str
    pages: list[Page]
    archive: Archive


def compile_document(data: bytes, file: str) -> Compiled:
    """The template, compiled; raises TemplateError with every problem found."""
    problems: list[Problem] = []
    source = Document(read_package(data, file, DOCUMENT), file, problems)
    pages = []
    for text in source.texts:
        before = len(problems)
        tags = mark_tags(text, file, problems)
        if tags and len(problems) == before:
            patched = patch(text, tags, file, problems)
            if len(problems) == before:
                try:
                    pages.append(_page(text.path, text.label, patched))
                except TagError as error:  # each tag can be read, all together cannot
                    problems.append(Problem("template.syntax", text.label or "正文", str(error), "标签套得太深，请拆成几份", Where(file)))
    if problems:
        raise TemplateError(problems)
    written = {page.path for page in pages}
    kept = (pack(path, document(source.changed[path])) if path in source.changed else part
            for path, part in source.parts.items() if path not in written)  # fmt: skip
    return Compiled(file, pages, Archive(kept))


def _page(path: str, label: str, patched: Patched) -> Page:
    body = parse(patched.text).body
    for node in nodes.Template(body).find_all(nodes.TemplateData):
        for written, meant in _BRACES:
            node.data = node.data.replace(written, meant)
    name = PLAIN if label == PROPERTIES else RUN
    return Page(path, label, body, compile_nodes([as_text(node, name) for node in body]), patched)


def render(compiled: Compiled, context: Mapping[str, object]) -> bytes:
    """The filled document; raises TemplateError with every tag at fault."""
    variables = dict(context)
    parts, problems = [], []
    for page in compiled.pages:
        try:
            parts.append(pack(page.path, page.fill(variables).encode()))
        except _TooBig as error:
            problems.append(fault_problem(Where(compiled.file, "", page.label), "", error, 0, variables))
        except Exception as error:  # whatever an expression raises is the template's or the data's fault
            from .diagnose import diagnose

            problems += diagnose(compiled.file, page, variables, error)
    if problems:
        raise TemplateError(problems)
    return compiled.archive.with_parts(parts)


def uses(compiled: Compiled) -> tuple[Use, ...]:
    """Which names each tag reads from the data."""
    return tuple(
        Use(Where(compiled.file, "", page.patched.lines[line].place), names)
        for page in compiled.pages
        for line, names in reads(page.body)
        if names
    )


# What docxtpl does after filling in, done only where a template needs it


def _without_empty(text: str, kinds: set[str]) -> str:
    """Rows without cells and tables without rows are gone, cells and headers without a paragraph get one."""
    for kind in ("w:tr", "w:tbl"):
        if kind in kinds:
            text = _EMPTY[kind].sub("", text)
    return _NO_PARAGRAPH.sub(r"\g<0><w:p/>", text)


def _with_columns_counted(text: str) -> str:
    from docxtpl import DocxTemplate
    from lxml import etree

    return etree.tostring(DocxTemplate("").fix_tables(text.encode()), encoding="unicode")


def _with_pictures_numbered(text: str) -> str:
    number = iter(range(_FIRST_PICTURE, MOST_PIECES))
    return _PICTURE.sub(lambda found: f"{found[1]}{next(number)}", text)
