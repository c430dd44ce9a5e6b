"""A document template compiled once and filled many times: per rendering only jinja2 runs, and what changed is packed."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..faults import fault_problem
from ..markup import document
from ..names import reads
from ..package import DOCUMENT, Archive, pack, read_package
from ..problems import Problem, TemplateError, Where
from ..program import compile_nodes
from ..tags import TagError, as_text, nodes, parse
from ..use import Use
from .diagnose import diagnose
from .document import PROPERTIES, Document
from .marks import mark_tags
from .page import Page, TooBig
from .patch import Patched, patch
from .text import PLAIN, RUN

# docxtpl's way to print braces.
_BRACES = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))


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
        except TooBig as error:
            problems.append(fault_problem(Where(compiled.file, "", page.label), "", error, 0, variables))
        except Exception as error:  # whatever an expression raises is the template's or the data's fault
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
