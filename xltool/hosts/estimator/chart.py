"""The subsidy over the amount it is computed from: the points as formulas, and a chart with threshold and cap."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ...output.submission.looks import AMOUNT, FACE
from ...rules.assess import assess
from ...rules.evaluate import compile_scalar
from ...rules.formula import Call, Node, Number, Unary, children, names, number_text
from ...rules.model import Condition, Programme
from ...rules.native import native, native_amount
from .desk import Desk, sheet_reference

_STEPS, _FEN, _USUAL = 10, 0.01, 1000.0
_NOWHERE = -1.0  # left of the axis and below: a point that is not drawn
_SUBSIDY, _CAP, _THRESHOLD, _HERE = "#2F5D8A", "#B26A00", "#8A94A3", "#C62828"


@dataclass(frozen=True)
class Curve:
    """The curve of a programme whose ceiling follows from one amount of money, `basis`."""

    programme: Programme
    basis: str

    @cached_property
    def thresholds(self) -> list[Condition]:
        """The conditions that the amount alone decides."""
        return [condition for condition in self.programme.hard if condition.rule.names == (self.basis,)]

    @cached_property
    def cap(self) -> float | None:
        return self.programme.rate_and_cap[1]

    @cached_property
    def least(self) -> float | None:
        """The amount below which there is nothing."""
        bounds = [value for condition in self.thresholds for value in _numbers(condition.rule.node) if value >= 1]
        return next((bound for bound in sorted(bounds) if not self.subsidy(bound - _FEN) and self.subsidy(bound)), None)

    @cached_property
    def amounts(self) -> list[float]:
        """Where the curve is computed: evenly, at its corners and just before its jump."""
        found = list(_numbers(self.programme.ceiling.node))
        rates = [value for value in found if 0 < value < 1]
        corners = {value / rate for value in found if value >= 1 for rate in rates} | {value for value in found if value >= 1}
        jump = {self.least, self.least - _FEN} if self.least else set()
        end = _round_up(1.4 * max([*corners, self.least or 0, 1]) if corners or jump else _USUAL)
        return sorted({*(end * step / _STEPS for step in range(_STEPS + 1)), *(round(corner, 2) for corner in corners), *jump})

    def subsidy(self, amount: float) -> float:
        """万元 for this amount, the other conditions met."""
        facts = {self.basis: amount}
        if any(condition.rule.evaluate(facts) is False for condition in self.thresholds):
            return 0.0
        return assess(self.programme, facts).ceiling or 0.0

    def formula(self, cell: str) -> str:
        """The same for the amount in a cell."""
        references = {self.basis: cell}
        amount = native_amount(self.programme.ceiling.node, references)
        tests = [native(condition.rule.node, references) for condition in self.thresholds]
        return f"=IF(AND({','.join(tests)}),{amount},0)" if tests else f"={amount}"

    # --- on the sheet -------------------------------------------------------------------------------------------------

    def table(self, desk: Desk, sheet: Worksheet, row: int, column: int, used: str, subsidy: str,
              here: tuple[float | None, float | None]) -> dict[str, str]:
        """Write the points, and return the ranges of the chart's lines by name. `used` and `subsidy` are the project's own cells,
        `here` what they hold.
        """
        number, calc = desk.looks.get(font_size=8, num_format=AMOUNT, font_color="#5B6472"), desk.looks.get(font_size=8, num_format=AMOUNT)
        small = desk.looks.get(font_size=8, bold=True, font_color="#5B6472", text_wrap=True)
        letters = chr(65 + column), chr(66 + column)
        sheet.write_string(row, column, self.basis, small)
        sheet.write_string(row, column + 1, "补助", small)
        first, last = row + 1, row + len(self.amounts)
        end = max(self.amounts[-1], round((here[0] or 0.0) * 1.1, 2))
        for line, amount in enumerate(self.amounts, first):
            if line == last:
                sheet.write_formula(line, column, f"=MAX({number_text(amount)},ROUND(N({used})*1.1,2))", number, end)
            else:
                sheet.write_number(line, column, amount, number)
            value = self.subsidy(end if line == last else amount)
            sheet.write_formula(line, column + 1, self.formula(f"{letters[0]}{line + 1}"), calc, value)
        lines = {"补助": _ranges(letters, first, last)}
        top = f"MAX({letters[1]}{first + 1}:{letters[1]}{last + 1})"
        highest = max(self.subsidy(amount) for amount in [*self.amounts[:-1], end])
        if self.cap is not None:
            self._line(desk, sheet, last + 1, column, "上限", [("", 0.0), (f"={letters[0]}{last + 1}", end)], [("", self.cap)] * 2)
            lines["上限"] = _ranges(letters, last + 2, last + 3)
        if self.least is not None:
            height = [("", 0.0), (f"={top}", highest)]
            self._line(desk, sheet, last + 4, column, "门槛", [("", self.least)] * 2, height)
            lines["门槛"] = _ranges(letters, last + 5, last + 6)
        self._line(desk, sheet, last + 7, column, "本项目", [(_known(used), here[0])], [(_known(subsidy), here[1])])
        lines["本项目"] = _ranges(letters, last + 8, last + 8)
        return lines

    def _line(self, desk: Desk, sheet: Worksheet, row: int, column: int, name: str, xs: list[tuple[str, float | None]],
              ys: list[tuple[str, float | None]]) -> None:
        small = desk.looks.get(font_size=8, num_format=f"{AMOUNT};", font_color="#5B6472")
        sheet.write_string(row, column, name, desk.looks.get(font_size=8, bold=True, font_color="#5B6472"))
        for line, points in enumerate(zip(xs, ys), row + 1):
            for place, (formula, value) in enumerate(points, column):
                if formula:
                    sheet.write_formula(line, place, formula, small, _NOWHERE if value is None else value)
                else:
                    sheet.write_number(line, place, value, small)

    def draw(self, book: Workbook, name: str, lines: dict[str, tuple[str, str]], width: float, height: float) -> object:
        """The chart of the lines on the sheet with this name, `width` by `height` pixels."""
        chart = book.add_chart({"type": "scatter", "subtype": "straight"})
        looks = {
            "补助": {"line": {"color": _SUBSIDY, "width": 2.25}}, "上限": {"line": {"color": _CAP, "width": 1.25, "dash_type": "dash"}},
            "门槛": {"line": {"color": _THRESHOLD, "width": 1.25, "dash_type": "dash"}},
            "本项目": {"line": {"none": True}, "marker": {"type": "circle", "size": 8, "fill": {"color": _HERE}, "border": {"color": "#FFFFFF"}}}}
        for title, (xs, ys) in lines.items():
            chart.add_series({"name": title, "categories": f"={sheet_reference(name, xs)}", "values": f"={sheet_reference(name, ys)}",
                              "marker": {"type": "none"}, **looks[title]})
        font = {"name": FACE, "size": 8, "color": "#5B6472", "bold": False}
        grid = {"visible": True, "line": {"color": "#E6E9EE", "width": 0.75}}
        axis = {"name_font": font, "num_font": font, "line": {"color": "#C9D3DF"}, "num_format": "#,##0", "min": 0}
        chart.set_x_axis({**axis, "name": f"{self.basis}（万元）", "major_gridlines": {"visible": False}})
        chart.set_y_axis({**axis, "name": "补助（万元）", "major_gridlines": grid})
        chart.set_title({"none": True})
        chart.set_legend({"position": "top", "font": font})
        chart.set_chartarea({"border": {"color": "#C9D3DF"}})
        chart.set_size({"width": width, "height": height})
        return chart


def curve(programme: Programme) -> Curve | None:
    """The curve, where the subsidy follows from one amount of money."""
    used = programme.ceiling.names if programme.ceiling else ()
    if len(used) != 1 or programme.fields[used[0]].kind != "金额":
        return None
    return Curve(programme, used[0])


def _known(cell: str) -> str:
    return f"=IF(ISNUMBER({cell}),{cell},{_NOWHERE:g})"


def _numbers(node: Node) -> Iterator[float]:
    """The constants of a formula."""
    if not names(node) and isinstance(node, (Number, Unary, Call)):
        value = compile_scalar(node)({})
        if isinstance(value, float):
            yield value
            return
    for child in children(node):
        yield from _numbers(child)


def _round_up(value: float) -> float:
    """The next number that reads well on an axis."""
    step = 10.0 ** (len(str(int(value))) - 1) / 2
    return -(-value // step) * step


def _ranges(letters: tuple[str, str], first: int, last: int) -> tuple[str, str]:
    return tuple(f"${letter}${first + 1}:${letter}${last + 1}" for letter in letters)
