"""Runs a sheet's program once: rows are written as they come, late formulas when every row has found its place.

What a loop runs over may be a generator: rows are deflated a few hundred at a time, only formulas that wait for other
rows keep theirs.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from .layout import Formula, Layout, Moves, Scope
from .markup import escape
from .package import CHUNK, Deflated, deflated
from .pattern import Block, CellFormula
from .program import HEADER, Program
from .reference import MAX_ROW, Area
from .values import BLANK, CellWriters, Unfit

MAX_FORMULA = 8192


@dataclass(slots=True)
class _Run:
    """Equal cells of a vertical merge, so far."""

    top: int
    bottom: int
    left: int
    right: int
    value: str


@dataclass(slots=True, eq=False)
class Late:
    """A formula cell that is written when every row has found its place, and the loop iterations around it."""

    formula: CellFormula
    scopes: tuple[Scope, ...]


@dataclass(slots=True)
class Numbers:
    """What stands in a column that is totalled: rows and values; where a formula stands (None: not a sum) it is NaN."""

    rows: array = field(default_factory=lambda: array("i"))
    values: array = field(default_factory=lambda: array("d"))
    places: list[int] = field(default_factory=list)  # of the formulas, among the values
    formulas: list[Late | None] = field(default_factory=list)

    def add(self, row: int, value: float) -> None:
        self.rows.append(row)
        self.values.append(value)

    def add_formula(self, row: int, formula: Late | None) -> None:
        self.places.append(len(self.rows))
        self.formulas.append(formula)
        self.add(row, math.nan)


@dataclass(slots=True)
class Rendering:
    """One sheet filled in: its rows, and what moved.

    `pieces` are texts, formulas still to come, and, so that a long table is never in memory as text, what is deflated.
    """

    program: Program
    layout: Layout
    pieces: list[str | Late | Deflated] = field(default_factory=list)
    settled: int = 0
    merged: list[Area] = field(default_factory=list)
    header: tuple[str, ...] = ()
    # The first rows of a loop's iterations, and the rows behind them.
    iterations: dict[int, tuple[array, array]] = field(default_factory=dict)
    numbers: dict[int, Numbers] = field(default_factory=dict)

    @property
    def shape(self) -> Hashable:
        """All that the text around the rows depends on."""
        iterations = ((number, tops.tobytes(), ends.tobytes()) for number, (tops, ends) in self.iterations.items())
        return (*(starts.tobytes() for starts in self.layout.starts), *iterations, *self.merged, self.header)

    def settle(self) -> None:
        """Deflates the rows written since the last time, unless a formula among them is still to come."""
        fresh = self.pieces[self.settled :]
        if all(piece.__class__ is str for piece in fresh):
            self.pieces[self.settled :] = [deflated("".join(fresh).encode())]
        self.settled = len(self.pieces)

    def rows(self, moves: Moves) -> Iterator[str | Deflated]:
        """The row elements, formulas and totals included."""
        totals = _Totals(self)
        for piece in self.pieces:
            yield _formula_cell(piece, moves, totals.value(piece)) if piece.__class__ is Late else piece


def fill(program: Program, variables, writers: CellWriters) -> Rendering:
    """The rendering of a sheet with these variables; raises Unfit and whatever an expression raises."""
    rendering = Rendering(program, Layout(program.structure.bounds))
    _Filler(program, rendering, writers).run(program.run(variables) if program.run else ("b0",))
    return rendering


class _Filler:
    def __init__(self, program: Program, rendering: Rendering, writers: CellWriters):
        self.program, self.rendering, self.writers = program, rendering, writers
        self.runs: list[dict[int, _Run]] = []

    def run(self, events) -> None:
        rendering, blocks, marks = self.rendering, self.program.blocks, self.program.marks
        writers, pieces, starts = self.writers, rendering.pieces, rendering.layout.starts
        full = CHUNK
        scopes: list[Scope] = []
        row = 1
        for event in events:
            if event.__class__ is tuple:
                number = event[1]
                if number == HEADER:
                    rendering.header = tuple(_header(value) for value in event[2:])
                    continue
                cells = [writers[value.__class__](value) for value in event[2:]]
            else:
                kind, number = marks[event]
                if kind != "block":
                    self.loop(kind, number, row, scopes)
                    continue
                cells = []
            block: Block = blocks[number]
            starts[number].append(row)
            if block.custom:
                for index, write in block.custom:
                    value = event[2 + index]
                    cells[index] = write(value, writers[value.__class__])
            if block.merges:
                self.merge(block, row, cells)
            late = ()
            if block.formulas:
                around = tuple(scopes[: block.depth])
                late = [Late(formula, around) for formula in block.formulas]
            if block.tracked:
                self.track(block, row, cells, late)
            if block.fits:
                values = event[2:]
                cells += [fit.height(values) for fit in block.fits]
            vector = (*[str(row + offset) for offset in block.offsets], *cells)
            pieces.append(block.patterns[0].filled(vector))
            for formula, pattern in zip(late, block.patterns[1:]):
                pieces.append(formula)
                pieces.append(pattern.filled(vector))
            if len(pieces) > full:
                rendering.settle()
                full = len(pieces) + CHUNK
            row += block.height
            if row > MAX_ROW + 1:
                raise Unfit(f"{row - 1} 行", f"一张工作表最多 {MAX_ROW} 行")

    def loop(self, kind: str, number: int, row: int, scopes: list[Scope]) -> None:
        if kind == "open":
            scopes.append([row, row])
            self.rendering.iterations.setdefault(number, (array("i"), array("i")))
            self.runs.append({})
        elif kind == "next":
            scopes[-1][1] = row
            scopes[-1] = [row, MAX_ROW + 1]
            tops, ends = self.rendering.iterations[number]
            if len(ends) < len(tops):
                ends.append(row)
            tops.append(row)
        else:
            scopes.pop()[1] = row
            tops, ends = self.rendering.iterations[number]
            if len(ends) < len(tops):
                ends.append(row)
            self.close(self.runs.pop())

    def close(self, runs: dict[int, _Run]) -> None:
        for run in runs.values():
            if run.bottom > run.top or run.right > run.left:
                self.rendering.merged.append(Area(run.top, run.left, run.bottom, run.right))

    def merge(self, block: Block, row: int, cells: list[str]) -> None:
        """Lengthens or starts the runs of the block's merge columns; a repeated value is blanked."""
        runs = self.runs[-1]
        broken = MAX_ROW
        for column in block.merges:
            value, top = cells[column.slot], row + column.offset
            run = runs.get(column.left)
            if run and run.value == value and run.bottom + 1 == top and column.left <= broken:
                run.bottom += column.height
                cells[column.slot] = BLANK
                continue
            if run:
                self.close({column.left: run})
            runs[column.left] = _Run(top, top + column.height - 1, column.left, column.right, value)
            broken = min(broken, column.left)

    def track(self, block: Block, row: int, cells: list[str], late: Sequence[Late]) -> None:
        """Notes what a total may have to add up."""
        for column, offset, kind, payload in block.tracked:
            if kind == "value" and not cells[payload].startswith("><v>"):
                continue  # a blanked repeat adds nothing, text neither
            numbers = self.rendering.numbers.get(column)
            if numbers is None:
                numbers = self.rendering.numbers[column] = Numbers()
            if kind == "formula":
                numbers.add_formula(row + offset, None if payload is None else late[payload])
            else:
                numbers.add(row + offset, float(cells[payload][4:-8]) if kind == "value" else payload)


def _header(text: str) -> str:
    if len(text) > 255:
        raise Unfit(text[:20] + "…", "页眉或页脚最多 255 个字符")
    return text


class _Totals:
    """The values of plain SUM formulas; a total over anything but numbers and other totals has none."""

    def __init__(self, rendering: Rendering):
        self.rendering = rendering
        self.known: dict[Late, float | None] = {}

    def value(self, late: Late | None) -> float | None:
        """The value of the formula, None if it is not known here."""
        if late is None or not late.formula.total:
            return None
        if late not in self.known:
            self.known[late] = None  # a formula that leads back to itself has no value
            self.known[late] = self._sum(late)
        return self.known[late]

    def _sum(self, late: Late) -> float | None:
        found: list[float] = []
        for reference, depth in late.formula.total:
            spans = Formula.spans(reference, self.rendering.layout, late.scopes[depth - 1] if depth else None)
            left, right = reference.columns
            columns = [numbers for column, numbers in self.rendering.numbers.items() if left <= column <= right]
            for numbers in columns:
                for top, bottom in spans:
                    found += self._values(numbers, top, bottom)
        try:
            total = math.fsum(found)
        except OverflowError:
            return None
        return None if math.isnan(total) else total

    def _values(self, numbers: Numbers, top: int, bottom: int) -> array:
        """The numbers between two rows, those of other totals put in; one that is not known stays NaN."""
        first, end = bisect_left(numbers.rows, top), bisect_right(numbers.rows, bottom)
        values, places = numbers.values[first:end], numbers.places
        for index in range(bisect_left(places, first), bisect_left(places, end)):
            value = self.value(numbers.formulas[index])
            values[places[index] - first] = math.nan if value is None else value
        return values


def _formula_cell(late: Late, moves: Moves, total: float | None) -> str:
    about, scopes = late.formula, late.scopes
    text = about.formula.text(moves, scopes)
    if len(text) > MAX_FORMULA:
        expected = f"展开后超过 {MAX_FORMULA} 个字符；请改用 SUMIF，或只引用小计行"
        raise Unfit("=" + about.cell.formula, expected, about.formula.home, about.cell.place)
    area = f' ref="{about.area.text(moves, scopes)}"' if about.area else ""
    value = "" if total is None else f"<v>{int(total) if total.is_integer() else repr(total)}</v>"
    return f"><f{about.attributes}{area}>{escape(text)}</f>{value}</c>"
