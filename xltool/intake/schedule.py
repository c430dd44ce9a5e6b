"""The schedule a project list keeps in one cell (项目实施进度计划): a line for each stage, 起止时间；项目建设内容；投入总额.

A line that cannot be taken apart stays whole, as the content of a stage, and is a problem: nothing of it is lost or guessed.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..rules.arithmetic import money
from ..rules.formula import number_text
from ..rules.model import Field
from ..rules.problems import Problem
from .projects import Cell
from .values import read_cell

SCHEDULE, TOTAL = "项目实施进度计划", "申报项目总投资"
HEADINGS = ("起止时间", "项目建设内容", "投入总额")
_AMOUNT = Field(HEADINGS[-1], "金额", "万元")
_SIGNS = "；;|｜\t"
_UNIT = re.compile(r"\s*[(（]万元[)）]$")  # as the letter heads its column
_LINE = re.compile(rf"(.*?)[{_SIGNS}](.*)[{_SIGNS}](.*)")  # what stands between the first and the last sign is the content


@dataclass(frozen=True, slots=True)
class Stage:
    """A line of the schedule; `amount` in 万元, None where the line states none."""

    period: str
    content: str
    amount: float | None = None


def read_schedule(cell: Cell | None) -> tuple[list[Stage], list[Problem]]:
    """The stages a cell lists, and what is wrong with its lines; none of either where the cell is blank."""
    stages: list[Stage] = []
    problems: list[Problem] = []
    for line in str(cell.value).splitlines() if cell else ():
        if line.strip(f" {_SIGNS}"):
            stage, problem = _stage(line.strip())
            stages += [stage] if stage else []
            problems += [problem.at(cell.where)] if problem else []
    return stages, problems


def _stage(line: str) -> tuple[Stage | None, Problem | None]:
    """The stage of a line, none of one that repeats the headings."""
    match = _LINE.fullmatch(line.rstrip(_SIGNS)) or _LINE.fullmatch(line)
    if match is None:
        return _whole(line, "的这一行分不成三段", f"请写成 {'；'.join(HEADINGS)}")
    period, content, last = (part.strip() for part in match.groups())
    if (period, content, _UNIT.sub("", last)) == HEADINGS:
        return None, None
    amount = read_cell(last, _AMOUNT)
    if amount.problem:
        return _whole(line, f"这一行的投入总额“{last}”不是金额", amount.problem.fix)
    stage = Stage(period, content, amount.value)
    empty = [heading for heading, value in zip(HEADINGS, (period, content, amount.value)) if value in ("", None)]
    return stage, Problem("cell.missing", line, f"“{SCHEDULE}”的这一行没有写{'、'.join(empty)}，留空", "请补上") if empty else None


def _whole(line: str, fault: str, fix: str) -> tuple[Stage, Problem]:
    return Stage("", line), Problem("value.type", line, f"“{SCHEDULE}”{fault}，整行放在“{HEADINGS[1]}”里", fix)


def schedule_sum(stages: Sequence[Stage], total: Cell | None) -> Problem | None:
    """A hint where the amounts of all stages do not come to the project's investment."""
    amounts = [stage.amount for stage in stages]
    if not stages or total is None or None in amounts or (found := money(sum(amounts))) == total.value:
        return None
    return Problem("note.sum", number_text(found), f"“{SCHEDULE}”各行投入合计{number_text(found)}万元，“{TOTAL}”是{number_text(total.value)}万元",
                   "请核对", total.where)
