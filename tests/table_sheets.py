"""Small sheets written as people see them, and what was found on them in a few words."""
from __future__ import annotations

import datetime as dt

from xltool.intake.grid import Area, Grid
from xltool.intake.tables import Table, find_tables


def sheet(*rows: str, merge: str = "", name: str = "Sheet1", **more: object) -> Grid:
    """A sheet from rows such as 1|甲公司|100; what reads as a number is one, "1" in quotes is a text."""
    return Grid(name, [[_cell(text) for text in row.split("|")] for row in rows], tuple(map(_area, merge.split())), **more)


def _cell(text: str) -> object:
    if text.startswith('"'):
        return text.strip('"')
    if text.startswith("d"):
        return dt.date.fromisoformat(text[1:])
    try:
        return float(text)
    except ValueError:
        return text.replace("\\n", "\n")


def _area(text: str) -> Area:
    (left, top), (right, bottom) = ((ord(place[0]) - 65, int(place[1:]) - 1) for place in text.split(":"))
    return Area(top, left, bottom, right)


def roles(table: Table) -> str:
    """The roles in the order of the rows, as title 1 header 2 data 3-5."""
    runs: list[list] = []
    for row, role in table.roles.items():
        if runs and runs[-1][0] == role and runs[-1][2] == row:
            runs[-1][2] = row + 1
        else:
            runs.append([role, row + 1, row + 1])
    return " ".join(f"{role} {first}" if first == last else f"{role} {first}-{last}" for role, first, last in runs)


def only(grid: Grid, **more: object) -> Table:
    (table,) = find_tables(grid, **more)
    return table


def headers(table: Table) -> list[str]:
    return [column.header for column in table.columns]


LIST = ("序号|企业名称|项目名称|总投资（万元）|补助（万元）", "1|东海机械有限公司|甲项目|100|10", "2|连云化工有限公司|乙项目|200.5|20",
        "3|赣榆纺织有限公司|丙项目|300|30")
