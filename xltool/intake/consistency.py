"""What a project's own columns say against each other: sums within sums, dates in order, codes with a check digit."""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..rules.assess import Assessment
from ..rules.explain import format_value
from ..rules.formula import number_text
from ..rules.problems import Problem
from .projects import Cell, Project


def inconsistencies(project: Project, answer: Assessment) -> Iterator[Problem]:
    """Problems no single cell shows: declared subsidy above the ceiling, a part above its whole, an end before its start."""
    columns = project.columns
    requested, fixed, total = (columns.get(name) for name in ("项目申请补助资金", "固定资产投资", "申报项目总投资"))
    if requested and answer.ceiling is not None and requested.value > answer.ceiling:
        yield _above(requested, answer.ceiling, f"补助上限（{answer.programme.id}）")
    if fixed and total and fixed.value > total.value:
        yield _above(fixed, total.value, "申报项目总投资")
    start, end = columns.get("项目开始时间"), columns.get("项目结束时间")
    if start and end and start.value > end.value:
        yield Problem("value.conflict", format_value(end.value, True), f"项目结束时间早于开始时间{format_value(start.value, True)}",
                      "请核对两个日期", end.where)
    if code := columns.get("统一社会信用代码"):
        yield from _check_code(code)


def repeated(projects: Iterable[Project]) -> Iterator[Problem]:
    """Projects of one programme, unit and title that stand in the list more than once."""
    seen: dict[tuple[str, str, str], Project] = {}
    for project in projects:
        key = project.programme.id, project.unit_name, project.title
        if all(key) and (first := seen.setdefault(key, project)) is not project:
            yield Problem("value.conflict", project.title, f"和{first.where.sheet}{first.where.cell}是同一个单位的同一个项目", "请删去重复的一行",
                          project.where)


def _above(cell: Cell, limit: float, what: str) -> Problem:
    over = number_text(round(cell.value - limit, 6))
    return Problem("value.conflict", f"{number_text(cell.value)}万元", f"“{cell.name}”超过{what}{number_text(limit)}万元，多{over}万元",
                   "请核对金额和单位", cell.where)


def _check_code(code: Cell) -> Iterator[Problem]:
    """统一社会信用代码 by its check digit (GB 32100-2015)."""
    from stdnum.cn import uscc
    from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError
    try:
        uscc.validate(str(code.value))
    except InvalidLength:
        yield Problem("value.type", str(code.value), f"统一社会信用代码应为18位，这是{len(str(code.value))}位",
                      "请按营业执照核对；Excel会把长数字改掉，请先把列设为文本", code.where)
    except InvalidChecksum:
        yield Problem("value.type", str(code.value), "统一社会信用代码的校验位不对", "请按营业执照核对", code.where)
    except ValidationError:
        yield Problem("value.type", str(code.value), "不是统一社会信用代码", "应为18位数字和大写字母", code.where)
