"""Documents made for tests of the Word templates, and what a reader sees in one."""
from __future__ import annotations

import io
import re
import zipfile

import docx
from docx.document import Document
from docxtpl import DocxTemplate
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BREAKS = {"br": "\n", "tab": "\t"}


def saved(document: Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def page(*paragraphs: str | list[str]) -> bytes:
    """A document of these paragraphs; a list is a paragraph in several runs."""
    document = docx.Document()
    for text in paragraphs:
        paragraph = document.add_paragraph()
        for run in [text] if isinstance(text, str) else text:
            paragraph.add_run(run)
    return saved(document)


def table(*rows: list[str], document: Document | None = None) -> bytes:
    """A document with a table of these texts."""
    document = document or docx.Document()
    fill(document.add_table(len(rows), max(map(len, rows))), rows)
    return saved(document)


def fill(grid, rows) -> None:
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            grid.cell(y, x).text = text


def part(data: bytes, path: str = "word/document.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(path).decode()


def with_part(data: bytes, path: str, change) -> bytes:
    """The file with one part changed, or made from nothing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(stream, "w") as written:
        for name in {**dict.fromkeys(archive.namelist()), path: None}:
            old = archive.read(name).decode("utf-8", "surrogateescape") if name in archive.namelist() else ""
            new = change(old) if name == path else old
            written.writestr(name, new.encode("utf-8", "surrogateescape"))
    return stream.getvalue()


def by_docxtpl(data: bytes, context: dict) -> bytes:
    """What docxtpl itself makes of a template."""
    template, stream = DocxTemplate(io.BytesIO(data)), io.BytesIO()
    template.render(context, autoescape=True)
    template.save(stream)
    return stream.getvalue()


def meaning(data: bytes, path: str = "word/document.xml") -> list:
    """A part as nested (name, attributes, children); runs are cut so that each piece of text, break or tab is one with its format.

    docxtpl ends a run for a tab and starts another; empty texts and namespace declarations say nothing.
    """
    root = etree.fromstring(part(data, path).encode())

    def told(element) -> list:
        name = element.tag.removeprefix(W)
        if name == "r":
            properties = [told(e) for e in element if e.tag == W + "rPr"]
            pieces = [p for e in element if e.tag != W + "rPr" for p in run_piece(e)]
            return [("r", properties, piece) for piece in pieces]
        attributes = sorted((k, v) for k, v in element.attrib.items() if (name, k) != ("docPr", "id"))
        return [(name, attributes, [t for child in element for t in told(child)], (element.text or "").strip())]

    def run_piece(element) -> list:
        name = element.tag.removeprefix(W)
        if name == "t":
            return list(element.text or "")
        return [BREAKS[name]] if name in BREAKS and not element.attrib else told(element)

    return told(root)


def shown(data: bytes) -> list[str]:
    """The texts of the body's paragraphs and cells, in order, each cell once."""
    body = docx.Document(io.BytesIO(data)).element.body
    return ["".join(BREAKS.get(e.tag.removeprefix(W), e.text or "") for e in p.iter(W + "t", W + "br", W + "tab"))
            for p in body.iter(W + "p")]


def cells(data: bytes, number: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in docx.Document(io.BytesIO(data)).tables[number].rows]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
