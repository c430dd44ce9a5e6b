"""Notes on cells: written as the old comments that Excel, WPS and LibreOffice all show, beside those the sheet has already.

A cell's own comment keeps its text, ours is added below it; in a conversation it is a reply as well.
"""
from __future__ import annotations

from collections.abc import Mapping

from ..template.markup import Element, without_main_prefix
from ..template.reference import Area, column_letters
from ..template.values import text_element
from .book import Book
from .boxes import Blocks, Boxes
from .page import Cell, Page
from .threads import reply
from .xml import fragment

AUTHOR = "xltool 核查"
MAX_TEXT = 8_000  # longer than anybody reads; the list has the rest
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_KIND = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_FACE = '<sz val="9"/><color indexed="81"/><rFont val="宋体"/><charset val="134"/>'


def place_of(cell: Cell) -> str:
    """A cell's A1 reference."""
    return f"{column_letters(cell[1])}{cell[0]}"


def write_notes(book: Book, path: str, page: Page, notes: Mapping[Cell, str], blocks: Blocks) -> None:
    """Put these notes on a sheet's cells. The page still has to be written."""
    comments_path = book.linked(path, "comments")
    root = without_main_prefix(book.read(comments_path)) if comments_path else Element("comments", {"xmlns": book.main})
    author, listed = _author(root), _child(root, "commentList")
    there: dict[Cell, Element] = {}
    for comment in listed.elements():
        if cell := _cell(comment.get("ref")):
            there.setdefault(cell, comment)
    said = {}
    for cell, text in notes.items():
        text = text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "……"
        if cell in there:
            said[cell] = text
            _append(there[cell], text)
        else:
            there[cell] = Element("comment", {"ref": place_of(cell), "authorId": author}, [Element("text", {}, _runs(text))])
            listed.children.append(there[cell])
    if said:
        reply(book, path, {place_of(cell): text for cell, text in said.items()}, AUTHOR)
    _write_boxes(book, path, page, there, frozenset(said), blocks)
    if not comments_path:
        comments_path = book.free_path("xl/comments{}.xml")
        book.declare(comments_path, _KIND)
        book.put(comments_path, root)
        book.link(path, "comments", comments_path)
    book.put(comments_path, root)


def _child(root: Element, name: str) -> Element:
    found = root.child(name)
    if found is None:
        found = Element(name)
        root.children.append(found)
    return found


def _author(root: Element) -> str:
    authors = _child(root, "authors")
    names = [author.text for author in authors.elements()]
    if AUTHOR not in names:
        authors.children.append(Element("author", {}, [AUTHOR]))
        names.append(AUTHOR)
    return str(names.index(AUTHOR))


def _cell(ref: str) -> Cell | None:
    try:
        area = Area.parse(ref)
    except ValueError:
        return None
    return area.top, area.left


def _runs(text: str, before: str = "") -> list[Element]:
    runs = f"<r><rPr><b/>{_FACE}</rPr>{text_element(f'{before}{AUTHOR}：{chr(10)}')}</r><r><rPr>{_FACE}</rPr>{text_element(text)}</r>"
    return fragment(f"<a>{runs}</a>").elements()


def _append(comment: Element, text: str) -> None:
    """Our text below what the comment says."""
    holder = _child(comment, "text")
    kept = []
    for element in holder.elements():
        if element.name == "t":
            element = Element("r", {}, [element])
        if element.name == "r":
            kept.append(element)
    holder.children = [*kept, *_runs(text, "\n\n" if kept else "")]


def _text(comment: Element) -> str:
    return "".join(element.text for element in comment.every("t"))


def _write_boxes(book: Book, path: str, page: Page, comments: Mapping[Cell, Element], longer: frozenset[Cell], blocks: Blocks) -> None:
    linked = {rid: target for rid, kind, target in book.links_of(path) if kind == "vmlDrawing"}
    vml_path = linked.get(page.boxes_id, "")
    boxes = Boxes(book.parts[vml_path].unpack() if vml_path else b"", page)
    for cell in longer & boxes.cells:
        boxes.enlarge(cell, _text(comments[cell]))
    for cell, comment in comments.items():
        if cell not in boxes.cells:
            boxes.add(cell, _text(comment), blocks)
    if not vml_path:
        vml_path = book.free_path("xl/drawings/vmlDrawing{}.vml")
        book.declare_extension("vml", _VML_KIND)
        book.put(vml_path, boxes.data())
        page.link_boxes(book.link(path, "vmlDrawing", vml_path), book.link_kinds)
    book.put(vml_path, boxes.data())
