"""The parts beside the worksheets that point at cells, and so must follow the rows.

Drawings and comments keep to their row, tables grow, chart series and defined names take in all copies of a repeated
row. Each part becomes a function of what moved. Pivot tables on a sheet with loops are refused.
"""

import posixpath
import re
from collections.abc import Callable, Iterable

from .layout import Formula, Layout, Moves
from .markup import DECLARATION, Element, escape, parse
from .reference import Area
from .values import Unfit, has_tag

Follower = Callable[[Moves], str]

_CACHES = frozenset(("numCache", "strCache", "multiLvlStrCache"))
_ANCHOR = re.compile(r"(<x:Anchor>)([^<]*)(</x:Anchor>)")
_ROW = re.compile(r"(<x:Row>)\s*(\d+)\s*(</x:Row>)")
_SHAPE = re.compile(r"<v:shape[ >].*?</v:shape>", re.DOTALL)


def relationships(root: Element | None, part: str) -> list[tuple[str, str, str]]:
    """(id, kind, target part) of a part's internal relationships, targets as names in the package."""
    folder = posixpath.dirname(part)
    found = []
    for element in root.elements() if root is not None else ():
        if element.get("TargetMode") != "External":
            target = element.get("Target")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found.append((element.get("Id"), element.get("Type").rpartition("/")[2], path))
    return found


def relationships_path(part: str) -> str:
    """Where a part's relationships are kept."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def weave(root: Element, changed: dict[int, Callable[[Moves], str]]) -> Follower:
    """The document with some elements (by id) written by functions, an empty text dropping the element."""
    pieces: list = [DECLARATION]

    def put(piece) -> None:
        if isinstance(piece, str) and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)

    def walk(element: Element) -> None:
        if id(element) in changed:
            put(changed[id(element)])
        elif not element.children:
            put(element.xml())
        else:
            put(element.start() + ">")
            for child in element.children:
                put(escape(child)) if isinstance(child, str) else walk(child)
            put(f"</{element.tag}>")

    walk(root)
    return lambda moves: "".join(piece if isinstance(piece, str) else piece(moves) for piece in pieces)


def formula_element(element: Element, formula: Formula) -> Callable[[Moves], str]:
    return lambda moves: f"{element.start()}>{escape(formula.text(moves))}</{element.tag}>"


def follow_drawing(data: bytes, sheet: str) -> Follower:
    """A drawing whose anchors keep to their rows and whose linked texts keep to their cells."""
    root = parse(data)

    def write(moves: Moves) -> str:
        copy, layout = root.copy(), moves.layout(sheet)
        for anchor in copy.elements() if layout else ():
            start, end = anchor.child("from"), anchor.child("to")
            if start is None or anchor.get("editAs") == "absolute":
                continue
            old = _move_corner(start, layout)
            if end is not None:
                _move_corner(end, layout, old if anchor.get("editAs") == "oneCell" else None)
        for shape in copy.every("sp"):
            if shape.get("textlink"):
                shape.attributes["textlink"] = Formula.of(shape.get("textlink"), sheet).text(moves)
        return DECLARATION + copy.xml()

    return write


def _move_corner(corner: Element, layout: Layout, follows: int | None = None) -> int:
    """Moves an anchor's corner by its own row, or as far as another row moves; returns the old row."""
    element = corner.child("row")
    row = int(element.text)
    fixed = row if follows is None else follows
    element.children = [str(row + layout.row(fixed + 1) - fixed - 1)]
    return row


def follow_comments(data: bytes, sheet: str) -> Follower:
    """Comments (also threaded ones) that keep to their cell's first copy and go with a cell that is gone."""
    root, changed = parse(data), {}
    for comment in [*root.every("comment"), *root.every("threadedComment")]:
        place = Area.parse(comment.get("ref"))

        def write(moves: Moves, comment=comment, place=place) -> str:
            row = _first_copy(moves, sheet, place.top)
            attributes = {**comment.attributes, "ref": place.rows(row, row).text()}
            return Element(comment.tag, attributes, comment.children).xml() if row else ""

        changed[id(comment)] = write
    return weave(root, changed)


def _first_copy(moves: Moves, sheet: str, row: int) -> int:
    """The row's first copy, 0 if it is gone."""
    layout = moves.layout(sheet)
    if layout is None:
        return row
    span = layout.span(row, row)
    return span[0] if span else 0


def follow_vml(data: bytes, sheet: str) -> Follower:
    """Legacy shapes (comment boxes, form controls), which are often not well-formed XML and so changed as text."""
    text = data.decode("utf-8-sig")

    def shape(match: re.Match, moves: Moves) -> str:
        row = _ROW.search(match[0])
        anchor = _ANCHOR.search(match[0])
        layout = moves.layout(sheet)
        if layout is None or not anchor:
            return match[0]
        corners = [int(number) for number in anchor[2].split(",")]
        if row:
            new = _first_copy(moves, sheet, int(row[2]) + 1)
            if not new:
                return ""
            distance = new - int(row[2]) - 1
        else:
            distance = layout.row(corners[2] + 1) - corners[2] - 1
        corners[2], corners[6] = max(corners[2] + distance, 0), max(corners[6] + distance, 0)
        moved = _ANCHOR.sub(lambda m: m[1] + ", ".join(map(str, corners)) + m[3], match[0])
        return _ROW.sub(lambda m: f"{m[1]}{int(m[2]) + distance}{m[3]}", moved)

    return lambda moves: _SHAPE.sub(lambda match: shape(match, moves), text)


def follow_table(data: bytes, sheet: str) -> Follower:
    """A table that grows with its rows; raises Unfit when no row is left, which Excel would call damaged."""
    root = parse(data)
    fixed_rows = int(root.get("headerRowCount", "1")) + int(root.get("totalsRowCount", "0"))

    def write(moves: Moves) -> str:
        layout = moves.layout(sheet)
        copy = root.copy()
        for element in [copy, *copy.every("autoFilter"), *copy.every("sortState"), *copy.every("sortCondition")]:
            if layout and element.get("ref"):
                area = Area.parse(element.get("ref"))
                span = layout.span(area.top, area.bottom)
                if element is copy and (not span or span[1] - span[0] < fixed_rows):
                    name = root.get("displayName")
                    raise Unfit(
                        f"表格“{name}”没有数据行", "Excel 的“表格”至少要有一行数据；请检查数据", sheet, root.get("ref")
                    )
                element.attributes["ref"] = area.rows(*(span or (area.top, area.top))).text()
        for element in [*copy.every("calculatedColumnFormula"), *copy.every("totalsRowFormula")]:
            element.children = [Formula.of(element.text, sheet).text(moves)]
        return DECLARATION + copy.xml()

    return write


def follow_chart(data: bytes, sheets: Iterable[str]) -> Follower | None:
    """A chart whose series take in all copies of a repeated row; None if it shows none of these sheets."""
    root, changed = parse(data), {}
    _series(root, frozenset(sheets), changed)
    return weave(root, changed) if changed else None


def _series(element: Element, sheets: frozenset[str], changed: dict) -> None:
    for child in element.elements():
        if child.name == "f" and child.text:
            formula = Formula.of(child.text, "", grows=True)
            if formula.concerns(sheets):
                changed[id(child)] = formula_element(child, formula)
                # What the chart remembers of the old cells; a reader builds it anew from the cells.
                changed.update((id(cache), _dropped) for cache in element.elements() if cache.name in _CACHES)
        else:
            _series(child, sheets, changed)


def _dropped(moves: Moves) -> str:
    return ""


def without_shown_tags(data: bytes) -> Element:
    """A chart without what it remembers of cells that hold tags; their values take that place when it is opened."""
    root = parse(data)
    for holder in [*root.every("numRef"), *root.every("strRef"), *root.every("multiLvlStrRef")]:
        holder.children = [
            child
            for child in holder.children
            if isinstance(child, str) or child.name not in _CACHES or not any(has_tag(v.text) for v in child.every("v"))
        ]
    return root


def follow_pivot_source(data: bytes, sheets: Iterable[str]) -> Follower | None:
    """A pivot table's source range on one of these sheets; the pivot table is refreshed when the file is opened."""
    root = parse(data)
    source = next(iter(root.every("worksheetSource")), None)
    if source is None or source.get("sheet").casefold() not in sheets or not source.get("ref"):
        return None
    sheet, area = source.get("sheet"), Area.parse(source.get("ref"))
    root.attributes["refreshOnLoad"] = "1"

    def write(moves: Moves) -> str:
        layout: Layout | None = moves.layout(sheet)
        span = layout.span(area.top, area.bottom) if layout else (area.top, area.bottom)
        ref = area.rows(*span).text() if span else source.get("ref")
        return Element(source.tag, {**source.attributes, "ref": ref}).xml()

    return weave(root, {id(source): write})
