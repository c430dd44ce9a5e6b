"""What was seen in a file, for people and as JSON: its tables, the role of every row, the columns with their units and sums.

Nothing is matched to an edition here; a clerk, or another program, sees what any sheet holds before anything is done with it.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..guideline.records import letters
from ..rules.facts import split_number
from ..rules.formula import MONEY_UNITS, number_text
from ..rules.problems import Problem, Where
from .grid import Fault, Grid, Source
from .opening import read_sources
from .tables import Table, tables_of
from .tables.columns import Column

ROLE_NAMES = {"title": "标题", "header": "表头", "instruction": "填表要求", "number": "栏号", "group": "分组", "data": "数据", "subtotal": "小计",
              "total": "合计", "note": "说明", "signature": "签章", "stub": "未填的行", "stray": "表外的数", "blank": "空行"}
KIND_NAMES = {"money": "金额", "number": "数", "share": "比例", "date": "日期", "bool": "是否", "text": "文字"}
_SIZES = {**MONEY_UNITS, "万": 1.0, "亿": 1e4}
_SUMMED = frozenset(("money", "number"))


def read_file(path: Path, password: str | None = None) -> dict[str, object]:
    """What `xltool read` prints as JSON; rows are counted from 1 and columns have letters, as people see them."""
    return describe_source(next(iter(read_sources([path], password, jobs=1))))


def describe_source(source: Source) -> dict[str, object]:
    """A file as read: its sheets with their tables, and every problem."""
    sheets, problems = [], list(source.problems)
    for grid, tables in zip(source.grids, tables_of(source)):
        sheets.append(describe_sheet(grid, tables))
        problems += [problem for table in tables for problem in _faults(source.name, grid, table)]
    if source.grids and not any(table["columns"] for sheet in sheets for table in sheet["tables"]):
        problems.append(Problem("sheet.empty", source.name, "没有找到表格", "表格要有一行表头，下面一行一个项目", Where(source.name)))
    return {"file": source.name, "reader": source.reader, "sheets": sheets, "problems": [
        {"code": problem.code, "where": str(problem.where), "found": problem.found, "expected": problem.expected, "fix": problem.fix}
        for problem in problems]}


def describe_sheet(grid: Grid, tables: Sequence[Table]) -> dict[str, object]:
    """A sheet and its tables; `visible` only where it is hidden."""
    found: dict[str, object] = {"name": grid.name, "tables": [describe_table(grid, table) for table in tables]}
    return found if grid.visible else {**found, "visible": False}


def describe_table(grid: Grid, table: Table) -> dict[str, object]:
    """A table; what is seldom so (turned, unit, aside, hidden_rows, strays) is only there where it is."""
    data = table.data_rows
    header = set(table.header_rows)
    found: dict[str, object] = {
        "header_rows": [row + 1 for row in table.header_rows],
        "data_rows": [row + 1 for row in data],
        "roles": {str(row + 1): role for row, role in table.roles.items() if role != "data" and row not in header},
        "columns": [_describe_column(grid, table, column, data) for column in table.columns],
    }
    if table.turned:
        found |= {"turned": True, "records": ["、".join(map(letters, columns)) for columns in table.records]}
    hidden = [row + 1 for row in data if row in grid.hidden_rows]
    extra = {"unit": table.unit, "aside": table.aside, "hidden_rows": hidden,
             "strays": [f"{letters(column)}{row + 1}" for row, column in table.strays]}
    return found | {name: value for name, value in extra.items() if value}


def _describe_column(grid: Grid, table: Table, column: Column, data: Sequence[int]) -> dict[str, object]:
    values = column_values(grid, table, column, data)
    numbers, unit = numbers_of(values, column)
    row, place = table.label(column.index)
    found: dict[str, object] = {"column": letters(place), **({"row": row + 1} if table.turned else {})}
    found |= {"header": column.header, "unit": unit, "type": column.kind, "numeric_cells": len(numbers), "sum": round(math.fsum(numbers), 6)}
    return found if unit == column.unit else {**found, "unit_in_cells": True}


def column_values(grid: Grid, table: Table, column: Column, data: Sequence[int]) -> list[object]:
    """The cells of a column in the data rows, or those beside the label of a turned table."""
    rows = grid.rows
    if table.turned:
        line = rows[column.label[0]]
        return [line[each] for each in column.values if each < len(line)]
    index = column.index
    return [line[index] for row in data if index < len(line := rows[row])]


def numbers_of(values: Iterable[object], column: Column) -> tuple[list[float], str]:
    """The numbers among the cells of a column in its unit, and that unit.

    Where the heading states no unit and the cells do (120万元), it is theirs. Words, ranges and numbers in another unit are no
    numbers; nor is a text of digits where numbers are names.
    """
    if column.kind in ("date", "bool"):
        return [], column.unit
    found: list[tuple[float, str]] = []
    for value in values:
        if isinstance(value, float):
            if math.isfinite(value):
                found.append((value, ""))
        elif column.kind != "text" and isinstance(value, str) and value and not isinstance(value, Fault) and (parts := split_number(value)):
            found.append((float(parts[0]), parts[1]))
    unit = column.unit
    if not unit and column.kind == "money":
        stated = Counter(each for _, each in found if each in _SIZES)
        unit = stated.most_common(1)[0][0] if stated and sum(stated.values()) == len(found) else ""
    return [number for number, own in ((_in_unit(number, own, unit, column.kind), own) for number, own in found) if number is not None], unit


def _in_unit(number: float, own: str, unit: str, kind: str) -> float | None:
    """A number in the column's unit; None where its own unit is another kind of unit, or the column has none to compare with."""
    if own in ("", "¥") or own == unit:
        return number
    if own in _SIZES and unit in _SIZES:
        return round(number * _SIZES[own] / _SIZES[unit], 6)
    return number / 100 if own == "%" and kind == "share" else None


def _faults(file: str, grid: Grid, table: Table) -> Iterable[Problem]:
    """Cells without a value, also in totals; one problem for a column."""
    rows = [row for row, role in table.roles.items() if role in ("data", "subtotal", "total")]
    for column in table.columns:
        places = [table.place(record, column.index) for record in (table.numbers if table.turned else rows)]
        faulty = [(row, each) for row, each in places if each < len(grid.rows[row]) and isinstance(grid.rows[row][each], Fault)]
        if faulty:
            cells = "、".join(f"{letters(each)}{row + 1}" for row, each in faulty[:5]) + ("等" if len(faulty) > 5 else "")
            row, each = faulty[0]
            yield Problem("cell.type", str(grid.rows[row][each]), f"{len(faulty)}格没有值（错误值，或没有算过的公式）：{cells}",
                          "请用Excel或WPS打开，改正公式，保存后再交", Where(file, grid.name, f"{letters(each)}{row + 1}"))


# ---- for people ---------------------------------------------------------------------------------------------------------

def reading_lines(seen: dict[str, object]) -> list[str]:
    """What was seen, in a few lines per table."""
    lines = [f"{seen['file']}" + (f"（由 {seen['reader']} 读出）" if seen["reader"] else "")]
    for sheet in seen["sheets"]:
        hidden = "（隐藏的工作表）" if sheet.get("visible") is False else ""
        lines += ["", f"■ {sheet['name']}{hidden}" + ("" if sheet["tables"] else "：空表")]
        for number, table in enumerate(sheet["tables"], 1):
            lines += _table_lines(table, f"表{number}：" if len(sheet["tables"]) > 1 else "")
    if seen["problems"]:
        lines += ["", f"问题 {len(seen['problems'])} 个："]
        lines += [f"  {problem['where']} “{problem['found']}”：{problem['expected']}" + (f"；{problem['fix']}" if problem["fix"] else "")
                  for problem in seen["problems"]]
    return lines


def _table_lines(table: dict[str, object], name: str) -> Iterable[str]:
    roles: dict[str, list[int]] = {}
    for row, role in table["roles"].items():
        roles.setdefault(role, []).append(int(row))
    headed = f"表头第 {_ranges(table['header_rows'])} 行" if table["header_rows"] else "名称在左，内容在右" if table.get("turned") else "没有表头"
    yield f"  {name}{headed}，数据 {len(table['data_rows'])} 行" + (f"（第 {_ranges(table['data_rows'])} 行）" if table["data_rows"] else "")
    if roles:
        yield "  其余：" + "；".join(f"{'重复的' if role == 'header' else ''}{ROLE_NAMES[role]} 第 {_ranges(roles[role])} 行"
                                  for role in ROLE_NAMES if role in roles)
    counted = Counter({"header": len(table["header_rows"]), "data": len(table["data_rows"])})
    counted.update({role: len(rows) for role, rows in roles.items()})
    yield f"  共 {counted.total()} 行 ＝ " + " ＋ ".join(f"{ROLE_NAMES[role]} {counted[role]}" for role in ROLE_NAMES if counted[role])
    remarks = [f"整张表的单位是{table['unit']}"] if "unit" in table else []
    if "aside" in table:
        remarks.append(f"看来是{table['aside']}，请核对要不要")
    if "hidden_rows" in table:
        remarks.append(f"第 {_ranges(table['hidden_rows'])} 行是隐藏的，也算数据")
    if "strays" in table:
        remarks.append(f"表外还有 {'、'.join(table['strays'][:10])}")
    if remarks:
        yield "  注意：" + "；".join(remarks)
    for column in table["columns"]:
        yield _column_line(column)


def _column_line(column: dict[str, object]) -> str:
    place = f"{column['column']}{column.get('row', '')}"
    header = str(column["header"]) or "（没有表头）"
    facts = [KIND_NAMES[column["type"]]]
    if column["unit"]:
        facts.append(f"{column['unit']}{'（写在格子里）' if 'unit_in_cells' in column else ''}")
    elif column["type"] == "money":
        facts.append("没有写单位")
    if column["type"] in _SUMMED and column["numeric_cells"]:
        facts.append(f"{column['numeric_cells']} 个数，合计 {number_text(column['sum'])}")
    return f"    {place:<4}{header if len(header) <= 60 else header[:59] + '…'}　{'，'.join(facts)}"


def _ranges(rows: Sequence[int]) -> str:
    """Row numbers in short: 3-4、7."""
    parts: list[list[int]] = []
    for row in sorted(rows):
        if parts and row == parts[-1][-1] + 1:
            parts[-1][1:] = [row]
        else:
            parts.append([row])
    shown = ["-".join(map(str, part)) for part in parts]
    return "、".join(shown[:12]) + (f" 等{len(rows)}" if len(shown) > 12 else "")
