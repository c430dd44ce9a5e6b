"""Runs a sheet's program once: rows are written as they come, late formulas when every row has found its place."""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from .layout import Formula, Layout, Moves, Scope
from .markup import escape
from .pattern import Block, CellFormula
from .program import HEADER, Program
from .reference import MAX_ROW, Area
from .values import BLANK, CellWriters, Unfit

MAX_FORMULA = 8192
_UNKNOWN = object()


@dataclass(slots=True)
class _Run:
    """Equal cells of a vertical merge, so far."""

    top: int
    bottom: int
    left: int
    right: int
    value: str


@dataclass(slots=True)
class Rendering:
    """One sheet filled in: the pieces of its rows (None where a formula is to come), and what moved."""

    program: Program
    layout: Layout
    pieces: list = field(default_factory=list)
    # (index in pieces, formula, the loop iterations around it)
    late: list[tuple[int, CellFormula, tuple[Scope, ...]]] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    header: tuple[str, ...] = ()
    iterations: dict[int, list[Scope]] = field(default_factory=dict)
    numbers: dict[int, tuple[list[int], list]] = field(default_factory=dict)

    def rows(self, moves: Moves) -> list[str]:
        """The row elements, formulas and totals included."""
        totals = _Totals(self)
        for index, late, scopes in self.late:
            self.pieces[index] = _formula_cell(late, moves, scopes, totals.value(index))
        return self.pieces


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
            if block.tracked:
                self.track(block, row, event, cells)
            if block.fits:
                values = event[2:]
                cells += [fit.height(values) for fit in block.fits]
            vector = (*[str(row + offset) for offset in block.offsets], *cells)
            pieces.append(block.patterns[0].filled(vector))
            for formula, pattern in zip(block.formulas, block.patterns[1:]):
                rendering.late.append((len(pieces), formula, tuple(scopes[: block.depth])))
                pieces.append(None)
                pieces.append(pattern.filled(vector))
            row += block.height
            if row > MAX_ROW + 1:
                raise Unfit(f"{row - 1} 行", f"一张工作表最多 {MAX_ROW} 行")

    def loop(self, kind: str, number: int, row: int, scopes: list[Scope]) -> None:
        if kind == "open":
            scopes.append([row, row])
            self.runs.append({})
        elif kind == "next":
            scopes[-1][1] = row
            scopes[-1] = [row, MAX_ROW + 1]
            self.rendering.iterations.setdefault(number, []).append(scopes[-1])
        else:
            scopes.pop()[1] = row
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

    def track(self, block: Block, row: int, event: tuple, cells: list[str]) -> None:
        """Notes what a total may have to add up."""
        for column, offset, kind, payload in block.tracked:
            if kind == "value":
                # A blanked repeat adds nothing, text neither.
                if not cells[payload].startswith("><v>"):
                    continue
                payload = float(cells[payload][4:-8])
            elif kind == "formula":
                payload = _UNKNOWN if payload is None else (len(self.rendering.pieces) + 1 + 2 * payload,)
            rows, values = self.rendering.numbers.setdefault(column, ([], []))
            rows.append(row + offset)
            values.append(payload)


def _header(text: str) -> str:
    if len(text) > 255:
        raise Unfit(text[:20] + "…", "页眉或页脚最多 255 个字符")
    return text


class _Totals:
    """The values of plain SUM formulas; a total over anything but numbers and other totals has none."""

    def __init__(self, rendering: Rendering):
        self.rendering = rendering
        self.formulas = {index: (late, scopes) for index, late, scopes in rendering.late if late.total}
        self.known: dict[int, float | None] = {}

    def value(self, index: int) -> float | None:
        """The value of the formula at this piece, None if it is not known here."""
        if index not in self.formulas:
            return None
        if index not in self.known:
            self.known[index] = None  # a formula that leads back to itself has no value
            self.known[index] = self._sum(*self.formulas[index])
        return self.known[index]

    def _sum(self, late: CellFormula, scopes: tuple[Scope, ...]) -> float | None:
        found: list[float] = []
        for reference, depth in late.total:
            spans = Formula.spans(reference, self.rendering.layout, scopes[depth - 1] if depth else None)
            for top, bottom in spans:
                for value in self._values(reference.columns, top, bottom):
                    if value.__class__ is tuple:
                        value = self.value(value[0])
                    if value is None or value is _UNKNOWN:
                        return None
                    found.append(value)
        try:
            return math.fsum(found)
        except OverflowError:
            return None

    def _values(self, columns: tuple[int, int], top: int, bottom: int) -> list:
        found: list = []
        for column, (rows, values) in self.rendering.numbers.items():
            if columns[0] <= column <= columns[1]:
                found += values[bisect_left(rows, top) : bisect_right(rows, bottom)]
        return found


def _formula_cell(late: CellFormula, moves: Moves, scopes: tuple[Scope, ...], total: float | None) -> str:
    text = late.formula.text(moves, scopes)
    if len(text) > MAX_FORMULA:
        expected = f"展开后超过 {MAX_FORMULA} 个字符；请改用 SUMIF，或只引用小计行"
        raise Unfit("=" + late.cell.formula, expected, late.formula.home, late.cell.place)
    area = f' ref="{late.area.text(moves, scopes)}"' if late.area else ""
    value = "" if total is None else f"<v>{int(total) if total.is_integer() else repr(total)}</v>"
    return f"><f{late.attributes}{area}>{escape(text)}</f>{value}</c>"
