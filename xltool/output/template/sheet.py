"""A worksheet part taken apart: what stands before the cells, the rows and cells, what stands after.

Cells get back what the file format lets a writer leave out: row numbers, column letters, each cell's own formula where
several share one. A shared formula is written out; data tables (`TABLE()`) cannot move and are kept as they are.
"""

import re
from dataclasses import dataclass

from .markup import Element
from .reference import Area, column_letters, column_number, shift

Runs = list[tuple[str, str]]

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Za-z]{1,3})([1-9]\d{0,6})")


@dataclass(slots=True)
class Cell:
    """One cell of a template: its element, its text as runs (properties XML, text), its formula if it has one."""

    row: int
    column: int
    element: Element
    runs: Runs | None = None
    formula: str | None = None
    # The attributes of the formula (array, ref …) but for those of sharing.
    formula_attributes: dict[str, str] | None = None

    @property
    def place(self) -> str:
        return f"{column_letters(self.column)}{self.row}"

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.runs or ())

    @property
    def number(self) -> float | None:
        """The number written in the cell, if it is one and not a formula's result."""
        if self.formula is not None or self.element.get("t", "n") != "n":
            return None
        value = self.element.child("v")
        return float(value.text) if value is not None and value.text.strip() else None

    @property
    def empty(self) -> bool:
        return self.formula is None and not self.element.elements()


@dataclass(slots=True)
class Row:
    """One row element and its cells, by column."""

    number: int
    element: Element
    cells: list[Cell]


@dataclass(slots=True)
class Sheet:
    """One worksheet of the template; `before` and `after` are the elements around the cells."""

    name: str
    path: str
    root: Element
    before: list[Element]
    rows: list[Row]
    after: list[Element]

    def cells(self) -> list[Cell]:
        return [cell for row in self.rows for cell in row.cells]


def read_runs(item: Element) -> Runs:
    """The text of a shared or inline string as runs; phonetic readings are left out."""
    if item.child("r") is None:
        return [("", unescape(t.text)) for t in item.elements() if t.name == "t"]
    runs = []
    for run in item.elements():
        properties, text = run.child("rPr"), run.child("t")
        if run.name == "r" and text is not None:
            runs.append((properties.xml() if properties is not None else "", unescape(text.text)))
        elif run.name == "t":
            runs.append(("", unescape(run.text)))
    return runs


def unescape(text: str) -> str:
    """Text with its _xHHHH_ turned back into the characters they stand for."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def read_sheet(name: str, path: str, root: Element, strings: list[Runs]) -> Sheet:
    """The worksheet, its cells numbered and its formulas written out; raises ValueError for an impossible place."""
    before: list[Element] = []
    after: list[Element] = []
    rows: list[Row] = []
    seen = False
    for element in root.elements():
        if element.name == "sheetData":
            seen = True
            rows = _read_rows(element, strings)
        else:
            (after if seen else before).append(element)
    _write_out_shared(rows)
    return Sheet(name, path, root, before, rows, after)


def _read_rows(data: Element, strings: list[Runs]) -> list[Row]:
    rows = []
    number = 0
    for element in data.elements():
        number = int(element.get("r") or number + 1)
        column, cells = 0, []
        for child in element.elements():
            if child.name != "c":
                continue
            if place := child.get("r"):
                match = _PLACE.fullmatch(place)
                if not match or int(match[2]) != number:
                    raise ValueError(f"单元格地址不对：{place}")
                column = column_number(match[1])
            else:
                column += 1
            cells.append(_read_cell(number, column, child, strings))
        rows.append(Row(number, element, sorted(cells, key=lambda cell: cell.column)))
    rows.sort(key=lambda row: row.number)
    if len({row.number for row in rows}) < len(rows):
        raise ValueError("同一行出现两次")
    return rows


def _read_cell(row: int, column: int, element: Element, strings: list[Runs]) -> Cell:
    cell = Cell(row, column, element)
    kind = element.get("t")
    formula = element.child("f")
    if formula is not None:
        cell.formula, cell.formula_attributes = formula.text, dict(formula.attributes)
    elif kind == "s":
        value = element.child("v")
        if value is not None and value.text.strip():
            cell.runs = strings[int(value.text)]
    elif kind == "inlineStr":
        inline = element.child("is")
        cell.runs = read_runs(inline) if inline is not None else []
    elif kind == "str":
        value = element.child("v")
        cell.runs = [("", unescape(value.text))] if value is not None else []
    return cell


def _write_out_shared(rows: list[Row]) -> None:
    masters: dict[str, Cell] = {}
    for row in rows:
        for cell in row.cells:
            attributes = cell.formula_attributes
            if not attributes or attributes.get("t") != "shared":
                continue
            index = attributes.get("si", "")
            if cell.formula:
                masters[index] = cell
            elif index in masters:
                master = masters[index]
                cell.formula = shift(master.formula, cell.row - master.row, cell.column - master.column)
    for row in rows:
        for cell in row.cells:
            if cell.formula_attributes and cell.formula_attributes.get("t") == "shared":
                cell.formula_attributes = {
                    k: v for k, v in cell.formula_attributes.items() if k not in ("t", "si", "ref")
                }


def areas(text: str) -> list[Area]:
    """The ranges of an `sqref` or `ref`; raises ValueError."""
    return [Area.parse(part) for part in text.split()]
