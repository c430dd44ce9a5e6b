"""Letters and check sheets of a project (信用承诺书, 真实性核查表, 任务书): what one still lacks before it can be signed."""
from __future__ import annotations

from collections.abc import Iterator

from ...intake.schedule import SCHEDULE, TOTAL, read_schedule, schedule_sum
from ...rules.formula import number_text
from ...rules.model import APPROVED, Document
from ...rules.problems import Problem
from ..checking import Checked
from .award import REQUESTED, award

_ASK = "请按主管部门的要求填"


def document_problems(document: Document, item: Checked) -> list[Problem]:
    """The list columns a document leaves blank, what is wrong with the schedule it prints, and what it says of the amount."""
    return [*_empty(document, item), *_schedule(document, item), *_amount(document, item)]


def _empty(document: Document, item: Checked) -> Iterator[Problem]:
    project = item.project
    known = {*project.columns, *project.refused, *([APPROVED] if award(item).amount is not None else [])}
    names = [name for name in document.columns if name not in known]
    if names:
        yield Problem("cell.missing", "", f"{document.number}{document.name}的{'、'.join(names)}没填，留空", "请在清单里加上这些列并填写",
                      project.where)


def _schedule(document: Document, item: Checked) -> Iterator[Problem]:
    if SCHEDULE in document.columns:
        columns = item.project.columns
        stages, problems = read_schedule(columns.get(SCHEDULE))
        yield from problems
        if different := schedule_sum(stages, columns.get(TOTAL)):
            yield different


def _amount(document: Document, item: Checked) -> Iterator[Problem]:
    if APPROVED not in document.columns:
        return
    name, found, columns = f"{document.number}{document.name}", award(item), item.project.columns
    if found.amount is None:
        if approved := columns.get(APPROVED):
            yield Problem("value.range", number_text(approved.value), f"“{APPROVED}”太大，写不成大写，{name}留空", "请检查位数和单位", approved.where)
        return
    amount, where = number_text(found.amount), columns[REQUESTED if found.proposed else APPROVED].where
    if found.proposed:
        yield Problem("note.proposal", amount, f"{name}的“{APPROVED}”是拟的：申请额和补助额中小的一个，没有批复", "批复后请填到清单的这一列", where)
    if not document.acceptance:
        return
    if not document.acceptance.evaluate({APPROVED: found.amount}):
        yield Problem("note.unstated", amount, f"“{APPROVED}”{amount}万元的项目，文件没有写由谁组织验收，{name}留空", _ASK, where)
    if found.first is None:
        yield Problem("note.unstated", amount, f"文件没有写这类项目首次拨付多少，{name}的第一笔专项资金留空", _ASK, where)
