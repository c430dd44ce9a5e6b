"""Everything on a worksheet that points at cells by range and so must follow the rows.

Merged cells, formats, validations, filters, links, page breaks, frozen panes: each element is turned once into a
constant string, or into a function that writes it for one rendering. What points only at rows that are gone
disappears; what covers a repeated row covers all its copies.
"""

from .layout import Formula, Layout, Moves
from .markup import Element, escape
from .pattern import Surroundings
from .problems import Problem, Where
from .program import Program
from .reference import MAX_ROW, Area, column_letters
from .render import Rendering
from .sheet import areas
from .values import escape_text

# What may stand between the cells and the merged cells.
_BEFORE_MERGES = frozenset(
    ("sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate")
) | {"customSheetViews"}
_VANISHING = frozenset(
    ("protectedRange", "ignoredError", "cellWatch", "sortState", "sortCondition", "autoFilter", "inputCells")
)
_PLACED = {"protectedRange": "sqref", "ignoredError": "sqref", "cellWatch": "r", "inputCells": "r"}


class Fittings:
    """The text before and after the rows of one sheet; call `before` and `after` with a rendering."""

    def __init__(self, program: Program, around: Surroundings, problems: list[Problem]):
        self._structure, self._blocks = program.structure, program.blocks
        self._sheet = program.structure.sheet
        self._home = self._sheet.name
        self._around, self._problems = around, problems
        self._moves = program.structure.moves
        # Formulas change when rows move, or when a copy of the sheet gets another name.
        self._changing = around.moving | {self._home.casefold()}
        root = self._sheet.root
        opening = Element(root.tag, root.attributes).start() + ">"
        self._before = _joined([opening, *(self._piece(element) for element in self._sheet.before)])
        self._after = _joined([*self._after_pieces(), f"</{root.tag}>"])

    def before(self, rendering: Rendering, moves: Moves) -> str:
        return "".join(p if isinstance(p, str) else p(rendering, moves) for p in self._before)

    def after(self, rendering: Rendering, moves: Moves) -> str:
        return "".join(p if isinstance(p, str) else p(rendering, moves) for p in self._after)

    def _after_pieces(self) -> list:
        pieces: list = []
        merges = self._merges() if self._moves else None
        for element in self._sheet.after:
            if merges and element.name not in _BEFORE_MERGES:
                pieces.append(merges)
                merges = None
            if element.name != "mergeCells" or not self._moves:
                pieces.append(self._piece(element))
        return [*pieces, merges] if merges else pieces

    def _piece(self, element: Element):
        """A string, or a function of (rendering, moves)."""
        if element.name == "headerFooter" and self._structure.header:
            return self._header(element)
        special = {
            "dimension": self._dimension,
            "sheetViews": self._views,
            "customSheetViews": self._views,
            "conditionalFormatting": self._formatting,
            "dataValidations": self._validations,
            "hyperlinks": self._hyperlinks,
            "rowBreaks": self._breaks,
            "extLst": self._extension,
        }.get(element.name)
        if special and (self._moves or self._has_changing_formula(element)):
            return special(element)
        if self._moves and element.name in ("oleObjects", "controls"):
            self._refuse(element.name, "嵌入对象和控件不能跟着循环移动", "移到没有循环的工作表")
        return self._ranges(element) if self._moves else element.xml()

    def _refuse(self, found: str, expected: str, fix: str) -> None:
        where = Where(self._around.file, self._home)
        self._problems.append(Problem("template.formula", found, expected, fix, where))

    def _has_changing_formula(self, element: Element) -> bool:
        texts = [e.text for name in ("formula", "formula1", "formula2", "f") for e in element.every(name)]
        texts += [e.get("location") for e in element.every("hyperlink")]
        return any(text and Formula.of(text, self._home).concerns(self._changing) for text in texts)

    # Ranges

    def _ranges(self, element: Element):
        """Any element: its own and its children's `ref` and `sqref` follow the rows."""
        attribute = next((a for a in ("ref", "sqref", _PLACED.get(element.name, "")) if a in element.attributes), "")
        children = [escape(c) if isinstance(c, str) else self._ranges(c) for c in element.children]
        if not attribute and all(isinstance(child, str) for child in children):
            return element.xml()

        def write(rendering: Rendering, moves: Moves) -> str:
            copy = Element(element.tag, dict(element.attributes))
            if attribute:
                # A filter or sort is one range; the others may be several.
                single = attribute == "ref"
                copy.attributes[attribute] = ranges_text(element.get(attribute), rendering.layout, single)
                if not copy.attributes[attribute] and element.name in _VANISHING:
                    return ""
            inner = "".join(_write(child, rendering, moves) for child in children)
            if not inner and children and element.name in ("protectedRanges", "ignoredErrors", "cellWatches"):
                return ""
            return f"{copy.start()}>{inner}</{element.tag}>" if inner else copy.start() + "/>"

        return write

    def _dimension(self, element: Element):
        if not self._moves:
            return element.xml()
        area = Area.parse(element.get("ref") or "A1")

        def write(rendering: Rendering, moves: Moves) -> str:
            span = rendering.layout.span(area.top, area.bottom)
            return f'<dimension ref="{area.rows(*span).text() if span else "A1"}"/>'

        return write

    def _views(self, element: Element):
        if not self._moves:
            return element.xml()

        def write(rendering: Rendering, moves: Moves) -> str:
            copy = element.copy()
            for part in [copy, *copy.every("sheetView"), *copy.every("customSheetView"), *copy.every("pane")]:
                if part.get("topLeftCell"):
                    part.attributes["topLeftCell"] = _cell_text(part.get("topLeftCell"), rendering.layout)
            for pane in copy.every("pane"):
                if pane.get("state", "split") != "split" and pane.get("ySplit"):
                    span = rendering.layout.span(1, int(float(pane.get("ySplit"))))
                    pane.attributes["ySplit"] = str(span[1] - span[0] + 1) if span else "1"
            for selection in copy.every("selection"):
                cell = _cell_text(selection.get("activeCell") or "A1", rendering.layout)
                selection.attributes.update(activeCell=cell, sqref=cell)
            return copy.xml()

        return write

    def _merges(self):
        own_run = {(column.left, block.first + column.offset) for block in self._blocks for column in block.merges}
        element = next((e for e in self._sheet.after if e.name == "mergeCells"), None)
        merges = [Area.parse(e.get("ref")) for e in element.elements()] if element is not None else []
        merges = [area for area in merges if (area.left, area.top) not in own_run]
        blocks = [(a, column_letters(a.left), column_letters(a.right), self._structure.block_at(a.top)) for a in merges]

        def write(rendering: Rendering, moves: Moves) -> str:
            layout, found = rendering.layout, []
            for area, left, right, block in blocks:
                if block and area.bottom <= block.last:
                    first, last = area.top - block.first, area.bottom - block.first
                    starts = layout.starts[block.number]
                    found += [f'<mergeCell ref="{left}{s + first}:{right}{s + last}"/>' for s in starts]
                    continue
                for top, bottom in self._spans(area, rendering):
                    if bottom > top or area.right > area.left:
                        found.append(f'<mergeCell ref="{left}{top}:{right}{bottom}"/>')
            found += [f'<mergeCell ref="{area.text()}"/>' for area in rendering.merged]
            return f'<mergeCells count="{len(found)}">{"".join(found)}</mergeCells>' if found else ""

        return write if merges or own_run else None

    def _spans(self, area: Area, rendering: Rendering) -> list[tuple[int, int]]:
        """Where a merge over several blocks went: once per iteration of the innermost loop around it."""
        holding = [loop for loop in self._structure.loops if loop.holds(area.top, area.bottom)]
        scopes = zip(*rendering.iterations.get(holding[-1].number, ((), ()))) if holding else [None]
        spans = [rendering.layout.span(area.top, area.bottom, scope) for scope in scopes]
        return [span for span in spans if span]

    # Formulas

    def _formatting(self, element: Element):
        return self._anchored(element, "sqref")

    def _validations(self, element: Element):
        return self._list(element, [self._anchored(child, "sqref") for child in element.elements()])

    def _list(self, element: Element, items: list):
        def write(rendering: Rendering, moves: Moves) -> str:
            written = [text for item in items if (text := _write(item, rendering, moves))]
            if not written:
                return ""
            copy = Element(element.tag, dict(element.attributes))
            if "count" in copy.attributes:
                copy.attributes["count"] = str(len(written))
            return f"{copy.start()}>{''.join(written)}</{element.tag}>"

        return write

    def _anchored(self, element: Element, attribute: str | None):
        """A format or validation: its range follows the rows, its formulas count from the first cell of the range."""
        place = element.child("sqref") if attribute is None else None
        where = element.get(attribute) if attribute else place.text
        formulas = {
            id(e): Formula.of(e.text, self._home)
            for name in ("formula", "formula1", "formula2", "f")
            for e in element.every(name)
            if e.text.strip() and not e.elements()
        }
        old = areas(where)

        def write(rendering: Rendering, moves: Moves) -> str:
            ranges = ranges_text(where, rendering.layout) if self._moves else where
            if not ranges:
                return ""
            distance = areas(ranges.partition(" ")[0])[0].top - old[0].top

            def text_of(part: Element) -> str:
                if id(part) in formulas:
                    formula = formulas[id(part)]
                    text = formula.anchored(moves, distance)
                elif part is place:
                    text = ranges
                else:
                    inner = "".join(escape(c) if isinstance(c, str) else text_of(c) for c in part.children)
                    start = Element(part.tag, dict(part.attributes))
                    if part is element and attribute:
                        start.attributes[attribute] = ranges
                    return f"{start.start()}>{inner}</{part.tag}>" if inner else start.start() + "/>"
                return f"{part.start()}>{escape(text)}</{part.tag}>"

            return text_of(element)

        return write

    def _hyperlinks(self, element: Element):
        def item(link: Element):
            target = Formula.of(link.get("location"), self._home) if link.get("location") else None

            def write(rendering: Rendering, moves: Moves) -> str:
                copies = []
                ranges = ranges_text(link.get("ref"), rendering.layout) if self._moves else link.get("ref")
                for place in ranges.split():
                    copy = Element(link.tag, {**link.attributes, "ref": place})
                    if target:
                        copy.attributes["location"] = target.text(moves)
                    copies.append(copy.xml())
                return "".join(copies)

            return write

        return self._list(element, [item(link) for link in element.elements()])

    def _breaks(self, element: Element):
        if not self._moves:
            return element.xml()

        def write(rendering: Rendering, moves: Moves) -> str:
            found = []
            for brk in element.elements():
                row = int(brk.get("id") or 0)
                for top, bottom in rendering.layout.runs(row, row):
                    found += [Element(brk.tag, {**brk.attributes, "id": str(n)}).xml() for n in range(top, bottom + 1)]
            count = str(len(found))
            copy = Element(element.tag, {**element.attributes, "count": count, "manualBreakCount": count})
            return f"{copy.start()}>{''.join(found)}</{element.tag}>" if found else ""

        return write

    def _extension(self, element: Element):
        """Newer Excel features keep their ranges in `xm:sqref` and their formulas in `xm:f`."""
        if element.name == "sparkline" and self._moves:
            row = areas(element.child("sqref").text)[0].top if element.child("sqref") is not None else 0
            if any(loop.holds(row, row) for loop in self._structure.loops):
                self._refuse("迷你图", "循环的行里不能放迷你图", "移到循环外面")
        if element.child("sqref") is not None:
            return self._anchored(element, None)
        if element.name == "f" and not element.elements() and element.text.strip():
            formula = Formula.of(element.text, self._home)
            return lambda rendering, moves: f"{element.start()}>{escape(formula.text(moves))}</{element.tag}>"
        pieces = [escape(c) if isinstance(c, str) else self._extension(c) for c in element.children]
        if all(isinstance(piece, str) for piece in pieces):
            return element.xml()
        return lambda rendering, moves: (
            f"{element.start()}>{''.join(_write(p, rendering, moves) for p in pieces)}</{element.tag}>"
        )

    def _header(self, element: Element):
        slots = {id(part): index for index, (part, _) in enumerate(self._structure.header)}

        def write(rendering: Rendering, moves: Moves) -> str:
            inner = ""
            for part in element.elements():
                text = escape_text(rendering.header[slots[id(part)]]) if id(part) in slots else escape(part.text)
                inner += f"{part.start()}>{text}</{part.tag}>" if text else ""
            return f"{Element(element.tag, element.attributes).start()}>{inner}</{element.tag}>"

        return write


def _write(piece, rendering: Rendering, moves: Moves) -> str:
    return piece if isinstance(piece, str) else piece(rendering, moves)


def _joined(pieces: list) -> list:
    """Neighbouring constant strings made one."""
    joined: list = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def ranges_text(ranges: str, layout: Layout, single: bool = False) -> str:
    """Ranges after the rows moved, separated by spaces, empty if nothing is left; with `single` each stays one."""
    found = []
    for area in areas(ranges):
        if area.top == 1 and area.bottom == MAX_ROW:
            found.append(area.text())
            continue
        span = layout.span(area.top, area.bottom)
        runs = [span] if single and span else layout.runs(area.top, area.bottom)
        found += [area.rows(top, bottom).text() for top, bottom in runs]
    return " ".join(found)


def _cell_text(cell: str, layout: Layout) -> str:
    area = areas(cell)[0]
    row = layout.row(area.top)
    return area.rows(row, row).text()
