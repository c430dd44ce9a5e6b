"""The rows of a block as text with holes: written once per copy by filling in row numbers and cell values.

Formulas whose references all move with the block are part of the text. A formula that depends on where other rows end
up cuts the text and is written later. Formulas that cannot follow the rows are refused here.
"""

from dataclasses import dataclass, field, replace
from operator import itemgetter

from .height import FitRow, Measure
from .layout import Formula
from .markup import Element, escape
from .problems import Problem, Where
from .reference import MAX_ROW, Area, Reference, column_letters, scan
from .sheet import Cell, Row, areas
from .structure import Rows, Structure
from .tags import Slot
from .values import RUN_MARK, check_length, text_element


@dataclass(frozen=True, slots=True)
class CellFormula:
    """A formula cell whose text is known only when all rows have found their place.

    `total` holds the ranges of a plain SUM over this sheet, whose value is computed; `start` is what the cell says
    before its formula (empty for a plain one), `area` the range an array formula fills.
    """

    formula: Formula
    cell: Cell
    attributes: str = ""
    area: Formula | None = None
    total: tuple[tuple[Reference, int], ...] = ()


@dataclass(frozen=True, slots=True)
class MergeColumn:
    """A `{% vm %}` cell: which value of its block, which row of the block, which columns and rows one cell covers."""

    slot: int
    offset: int
    left: int
    right: int
    height: int


class Pattern:
    """Text with holes, filled by picking from (row numbers …, cell texts …)."""

    __slots__ = ("_pick", "_text")

    def __init__(self, literals: list[str], picks: list[int]):
        self._text = [""] * (2 * len(picks) + 1)
        self._text[::2] = literals
        # A slice keeps a single argument in a tuple.
        self._pick = itemgetter(*picks) if len(picks) > 1 else itemgetter(slice(picks[0], picks[0] + 1) if picks else slice(0))

    def filled(self, vector: tuple[str, ...]) -> str:
        text = self._text.copy()
        text[1::2] = self._pick(vector)
        return "".join(text)


@dataclass(slots=True)
class Block:
    """Rows that are written together: a pattern cut at its late formulas, and how to fill it."""

    number: int
    first: int
    height: int
    depth: int
    offsets: tuple[int, ...] = ()
    patterns: list[Pattern] = field(default_factory=list)
    formulas: list[CellFormula] = field(default_factory=list)
    custom: list[tuple[int, object]] = field(default_factory=list)
    merges: list[MergeColumn] = field(default_factory=list)
    # rows that grow with their text; their heights follow the cell texts
    fits: list[FitRow] = field(default_factory=list)
    # (column, row offset, "value" | "number" | "formula", slot | number | formula number or None)
    tracked: list[tuple[int, int, str, object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sheet's formulas may refer to: the sheets whose rows move, all sheets in order, names in folded case."""

    file: str
    moving: frozenset[str]
    order: tuple[str, ...]
    structures: dict[str, Structure]
    font_sizes: tuple[float, ...] = ()


class _Draft:
    """Collects literal text, row numbers, values and late formulas of a block."""

    def __init__(self, first: int, fixed: bool):
        self.first, self.fixed = first, fixed
        self.parts: list[tuple[str, object]] = []

    def text(self, text: str) -> None:
        self.parts.append(("text", text))

    def row(self, row: int) -> None:
        self.parts.append(("text", str(row)) if self.fixed else ("row", row - self.first))

    def slot(self, index: int) -> None:
        self.parts.append(("slot", index))

    def late(self) -> None:
        self.parts.append(("late", None))

    def cut(self) -> tuple[tuple[int, ...], list[Pattern]]:
        """The row offsets used, and the patterns between late formulas."""
        offsets = tuple(sorted({value for kind, value in self.parts if kind == "row"}))
        position = {offset: index for index, offset in enumerate(offsets)}
        patterns, literals, picks, text = [], [], [], []
        for kind, value in [*self.parts, ("late", None)]:
            if kind == "text":
                text.append(value)
                continue
            literals.append("".join(text))
            text.clear()
            if kind == "row":
                picks.append(position[value])
            elif kind == "slot":
                picks.append(len(offsets) + value)
            else:
                patterns.append(Pattern(literals, picks))
                literals, picks = [], []
        return offsets, patterns


class PatternBuilder:
    def __init__(self, structure: Structure, around: Surroundings, problems: list[Problem]):
        self.structure, self.around, self.problems = structure, around, problems
        self.home = structure.sheet.name
        merges = next((e for e in structure.sheet.after if e.name == "mergeCells"), None)
        self.merged = {}
        for element in merges.elements() if merges is not None else ():
            area = Area.parse(element.get("ref"))
            self.merged[area.top, area.left] = area
        self.totals = self._totalled_columns()
        self.measure = Measure(structure.sheet, around.font_sizes)

    def _totalled_columns(self) -> frozenset[int]:
        columns: set[int] = set()
        for cell in self.structure.sheet.cells():
            for reference in _sum_ranges(scan(cell.formula)) if cell.formula else ():
                left, right = reference.columns
                columns.update(range(left, min(right, left + 256) + 1))
        return frozenset(columns)

    def block(self, rows: Rows) -> Block:
        fixed = rows.last < self.structure.first_tag_row
        pattern = _Draft(rows.first, fixed)
        height, written = rows.last - rows.first + 1, rows.rows
        if rows.last == MAX_ROW:
            written = self._last_rows(rows.rows)
            height = written[-1].number - rows.first + 1 if written else 0
        block = Block(rows.number, rows.first, height, len(rows.loops))
        slots = {id(cell): index for index, (cell, _) in enumerate(rows.slots)}
        for row in written:
            self._row(row, rows, block, pattern, slots)
        for index, (cell, slot) in enumerate(rows.slots):
            if slot.formats:
                block.custom.append((index, _rich_writer(slot)))
            if slot.merge:
                area = self.merged.get((cell.row, cell.column)) or Area(cell.row, cell.column, cell.row, cell.column)
                height = area.bottom - area.top + 1
                block.merges.append(MergeColumn(index, cell.row - rows.first, area.left, area.right, height))
        block.merges.sort(key=lambda column: (column.left, column.offset))
        block.offsets, block.patterns = pattern.cut()
        return block

    def _last_rows(self, rows: list[Row]) -> list[Row]:
        """The rows below the last tag; blank ones a whole column's format has drawn to the end of the sheet may go."""
        if not self.structure.moves or not rows or rows[-1].number < MAX_ROW // 2:
            return rows
        filled = [index for index, row in enumerate(rows) if not all(cell.empty for cell in row.cells)]
        return rows[: filled[-1] + 1] if filled else []

    def _row(self, row: Row, rows: Rows, block: Block, pattern: _Draft, slots: dict[int, int]) -> None:
        pattern.text('<row r="')
        pattern.row(row.number)
        pattern.text('"')
        rest = {k: v for k, v in row.element.attributes.items() if k != "r"}
        if fit := self._fit_row(row, rows):
            rest = {k: v for k, v in rest.items() if k not in ("ht", "customHeight")}
            pattern.text(' customHeight="1" ht="')
            pattern.slot(len(rows.slots) + len(block.fits))
            pattern.text('"')
            block.fits.append(fit)
        pattern.text(Element("row", rest).start()[4:] + ">")
        for cell in row.cells:
            kept = {k: v for k, v in cell.element.attributes.items() if k not in ("r", "t")}
            if id(cell) in slots:
                kept = {k: v for k, v in kept.items() if k not in ("cm", "vm")}
            pattern.text(f'<c r="{column_letters(cell.column)}')
            pattern.row(cell.row)
            pattern.text('"' + Element("c", kept).start()[2:])
            if id(cell) in slots:
                pattern.slot(slots[id(cell)])
                self._track(block, cell, "value", slots[id(cell)])
            elif cell.formula is not None:
                self._formula(cell, rows, block, pattern)
            else:
                pattern.text(_content(cell.element))
                if cell.number is not None:
                    self._track(block, cell, "number", cell.number)
                elif cell.element.get("t") == "e":
                    self._track(block, cell, "formula", None)
        others = [e.xml() for e in row.element.elements() if e.name != "c"]
        pattern.text("".join(others) + "</row>")

    def _fit_row(self, row: Row, rows: Rows) -> FitRow | None:
        """How the row grows, if one of its cells asks for it."""
        found = []
        for index, (cell, slot) in enumerate(rows.slots):
            if slot.fit and cell.row == row.number:
                area = self.merged.get((cell.row, cell.column))
                right = area.right if area else cell.column
                found.append(self.measure.cell(index, cell, cell.column, right))
        least = float(row.element.get("ht") or self.measure.default_height)
        return FitRow(least, tuple(found)) if found else None

    def _track(self, block: Block, cell: Cell, kind: str, value) -> None:
        if cell.column in self.totals:
            block.tracked.append((cell.column, cell.row - block.first, kind, value))

    def _formula(self, cell: Cell, rows: Rows, block: Block, pattern: _Draft) -> None:
        attributes = dict(cell.formula_attributes or {})
        area = attributes.pop("ref", "")
        formula = self._bound(scan(cell.formula), rows)
        if self._refused(formula, cell, attributes, area, rows):
            return
        total = tuple((r, self._depth(r, rows)) for r in _sum_ranges(formula.pieces)) if not area else ()
        kinds = {self._kind(r, rows) for r in formula.references}
        if area and not pattern.fixed:
            kinds.add("late")
        text = Element("f", attributes).start()
        if total or "late" in kinds:
            self._track(block, cell, "formula", len(block.formulas))
            ranges = self._bound(scan(area), rows) if area else None
            block.formulas.append(CellFormula(formula, cell, text[2:], ranges, total))
            pattern.late()
            return
        self._track(block, cell, "formula", None)
        pattern.text(">" + text + (f' ref="{area}"' if area else "") + ">")
        for piece in formula.pieces:
            if isinstance(piece, str):
                pattern.text(escape(piece))
            elif self._kind(piece, rows) == "still":
                pattern.text(escape(piece.at(*_ends(piece))))
            else:
                self._near(piece, pattern)
        pattern.text("</f></c>")

    def _bound(self, pieces, rows: Rows) -> Formula:
        depths = tuple(self._depth(p, rows) if isinstance(p, Reference) else 0 for p in pieces)
        pieces = tuple(self._plain(p, depth) if isinstance(p, Reference) else p for p, depth in zip(pieces, depths))
        return Formula(pieces, self.home, depths)

    def _plain(self, reference: Reference, depth: int) -> Reference:
        """The reference as one range where nothing stands between its copies that could count."""
        structure = self.around.structures.get((reference.sheet or self.home).casefold())
        listed = reference.listed and structure is not None and structure.interrupted(reference, depth)
        return reference if listed == reference.listed else replace(reference, listed=listed)

    def _depth(self, reference: Reference, rows: Rows) -> int:
        if reference.sheet and reference.sheet.casefold() != self.home.casefold():
            return 0
        return self.structure.depth(rows.loops, *reference.rows)

    def _kind(self, reference: Reference, rows: Rows) -> str:
        """still: never moves; near: moves with this block; late: known when all rows are placed."""
        home = not reference.sheet
        if not home and reference.sheet.casefold() != self.home.casefold():
            return "late" if self._leads_to_moving(reference) else "still"
        top, bottom = reference.rows
        if not home:
            return "late"
        if bottom < self.structure.first_tag_row:
            return "still"
        near = rows.first <= top and bottom <= rows.last and not any(reference.fixed)
        return "near" if near else "late"

    def _leads_to_moving(self, reference: Reference) -> bool:
        return reference.sheet.casefold() in self.around.moving

    def _near(self, reference: Reference, pattern: _Draft) -> None:
        column, dollar, row = reference.first
        pattern.text(column + dollar)
        pattern.row(row)
        if reference.last:
            column, dollar, row = reference.last
            pattern.text(":" + column + dollar)
            pattern.row(row)

    def _refused(self, formula: Formula, cell: Cell, attributes: dict, area: str, rows: Rows) -> bool:
        expected = fix = ""
        for reference in formula.references:
            ends = reference.sheet.casefold().split(":")
            if len(ends) == 2 and self._between(ends) & self.around.moving:
                expected, fix = "跨多张表的引用不能跟着循环移动", "改为分别引用每张表"
        if attributes.get("t") == "dataTable" and self.structure.moves:
            expected, fix = "模拟运算表不能放在有循环的工作表上", "移到别的工作表"
        if area and any(a.top < rows.first or a.bottom > rows.last for a in areas(area)):
            expected, fix = "数组公式不能跨过 {%tr …%} 标签行", "让数组公式只占循环里或循环外的行"
        if expected:
            where = Where(self.around.file, self.home, cell.place)
            self.problems.append(Problem("template.formula", "=" + cell.formula, expected, fix, where))
        return bool(expected)

    def _between(self, ends: list[str]) -> frozenset[str]:
        if not all(end in self.around.order for end in ends):
            return frozenset()
        first, last = sorted(self.around.order.index(end) for end in ends)
        return frozenset(self.around.order[first : last + 1])


def _ends(reference: Reference) -> tuple[int, int]:
    return reference.first[2], reference.last[2] if reference.last else reference.first[2]


def _sum_ranges(pieces) -> tuple[Reference, ...]:
    """The ranges of a formula that is nothing but SUM(range, …) over its own sheet; empty for any other formula."""
    if len(pieces) < 3 or not isinstance(pieces[0], str) or pieces[0].strip().upper() != "SUM(":
        return ()
    if not isinstance(pieces[-1], str) or pieces[-1].strip() != ")":
        return ()
    inner = pieces[1:-1]
    if any(not isinstance(p, Reference) or p.prefix for p in inner[::2]):
        return ()
    if any(not isinstance(p, str) or p.strip() != "," for p in inner[1::2]) or len(inner) % 2 == 0:
        return ()
    return tuple(inner[::2])


def _content(element: Element) -> str:
    """What follows `<c r=".." s=".."` for a cell that stays as it is."""
    kind = f' t="{element.get("t")}"' if element.get("t") else ""
    if not element.children:
        return kind + "/>"
    return kind + ">" + "".join(child.xml() for child in element.elements()) + "</c>"


def _rich_writer(slot: Slot):
    """Writes text as runs: one format for a lone expression, else the run marks in the text say which."""
    formats, typed = slot.formats, slot.typed

    def write(value, plain):
        if not isinstance(value, str):
            return plain(value)
        if typed:
            pieces = [(formats[0], value)]
        else:
            cut = value.split(RUN_MARK)
            pieces = [(formats[int(run)], text) for run, text in zip(cut[1::2], cut[2::2])]
        check_length("".join(text for _, text in pieces))
        runs = "".join(f"<r>{properties}{text_element(text)}</r>" for properties, text in pieces if text)
        return f' t="inlineStr"><is>{runs}</is></c>' if runs else "/>"

    return write
