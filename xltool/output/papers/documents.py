"""Letters and check sheets of a project (信用承诺书, 真实性核查表, 任务书): what one still lacks before it can be signed."""
from __future__ import annotations

from collections.abc import Iterator

from ...intake.schedule import SCHEDULE, TOTAL, read_schedule, schedule_sum
from ...rules.formula import number_text
from ...rules.model import APPROVED, Document
from ...rules.problems import Problem
from ..checking import Checked
from .award import REQUESTED, award


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
    found = award(item)
    if found.amount is None or APPROVED not in document.columns:
        return
    name, amount, columns = f"{document.number}{document.name}", number_text(found.amount), item.project.columns
    where = columns[REQUESTED if found.proposed else APPROVED].where
    if found.proposed:
        yield Problem("note.proposal", amount, f"{name}的“{APPROVED}”是拟的：申请额和补助额中小的一个，没有批复", "批复后请填到清单的这一列", where)
    if document.acceptance and not document.acceptance.evaluate({APPROVED: found.amount}):
        yield Problem("note.unstated", amount, f"“{APPROVED}”{amount}万元的项目，文件没有写由谁组织验收，{name}留空", "请按主管部门的要求填", where)
