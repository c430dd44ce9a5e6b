"""The demo: the bundled invented lists of one city run through the batch, and what to look at first in the results.

The pointers are computed from what the run found, so they stay true when a guideline or a list changes. Nothing in the
folder is touched but the two lists and the files the batch makes.
"""
from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from ..guideline.bundle import bundled, edition
from ..rules.assess import ELIGIBLE, INELIGIBLE, OPEN
from ..rules.formula import number_text
from ..rules.model import Programme
from .batch.run import Batch, Order, Progress, run_batch
from .checking import Checked
from .console import batch_lines

CITY, EDITIONS, LISTS = "盐城市", ("2026", "2023"), "清单"
DECLARED = "项目申请补助资金"


def run_demo(folder: Path, progress: Progress) -> list[str]:
    """Run both editions' sample lists into `folder`; the Chinese lines say what was made and what to look at first."""
    folder = Path(folder)
    lists = folder / LISTS
    lists.mkdir(parents=True, exist_ok=True)
    made = [_run(name, lists, folder, progress) for name in EDITIONS]
    lines = [f"虚构样例：{CITY}两版项目清单在 {lists}，单位、代码和金额都是编的，错误是有意放的。", ""]
    for batch in made:
        lines += [*batch_lines(batch), ""]
    return [*lines, "先看什么：", *(f"  {number}. {line}" for number, line in enumerate(pointers(made), 1))]


def _run(name: str, lists: Path, folder: Path, progress: Progress) -> Batch:
    sample = f"{CITY}{name}年项目清单.xlsx"
    source = lists / sample
    shutil.copyfile(bundled("workbooks") / "samples" / sample, source)
    return run_batch(source, edition(name), folder / f"{name}年", Order(CITY), progress)


def pointers(made: list[Batch]) -> Iterator[str]:
    """What is worth a look first, each with where it stands; what a run does not have is left out."""
    for find in (_excess, _quota, _unread, _missing, _form):
        if line := find(made):
            yield line


def _excess(made: list[Batch]) -> str:
    """The project that asks for most above its ceiling."""
    found = [(over, item, batch) for batch in made for item in batch.report.checked if (over := _over(item)) > 0]
    if not found:
        return ""
    over, item, batch = max(found, key=lambda each: each[0])
    declared = item.project.columns[DECLARED]
    amounts = [number_text(amount) for amount in (declared.value, item.answer.ceiling, over)]
    return (f"申请超过上限最多：{_label(item)}申请{amounts[0]}万元，上限{amounts[1]}万元，多{amounts[2]}万元"
            f"（{declared.where}；{batch.out.name} 核查报告“问题”）")


def _over(item: Checked) -> float:
    declared = item.project.column(DECLARED)
    return round(declared - item.answer.ceiling, 6) if declared is not None and item.answer.ceiling is not None else 0.0


def _quota(made: list[Batch]) -> str:
    """The programme with most projects above its number of places."""
    found = [(len(taking) - places, programme, places, batch) for batch in made
             for programme in batch.report.edition.programmes.values() if (places := _places(programme)) is not None
             if len(taking := _taking(batch, programme)) > places]
    if not found:
        return ""
    over, programme, places, batch = max(found, key=lambda each: each[0])
    return (f"名额不够：{programme.id} {programme.title}不超过{places}个，除去不符合的报了{places + over}个，"
            f"超过{over}个（{batch.out.name} 核查报告“名额”）")


def _places(programme: Programme) -> int | None:
    return next((row.maximum for row in programme.quota if not row.part), None)


def _taking(batch: Batch, programme: Programme) -> list[Checked]:
    ids = programme.members or (programme.id,)
    return [item for item in batch.report.checked
            if item.answer.programme.id in ids and item.answer.verdict != INELIGIBLE]


def _unread(made: list[Batch]) -> str:
    """The first row whose category is not a programme."""
    problems = [(problem, batch) for batch in made for problem in batch.report.problems if problem.code == "value.unknown"]
    if not problems:
        return ""
    problem, batch = problems[0]
    return f"没有读的行：{problem}（{batch.out.name} 核查报告“跳过的行”，同类共{len(problems)}行）"


def _missing(made: list[Batch]) -> str:
    """The first project that only lacks a fact."""
    found = [(item, batch) for batch in made for item in batch.report.checked
             if item.answer.verdict == OPEN and item.answer.missing and not item.problems]
    if not found:
        return ""
    item, batch = found[0]
    lacking = "”“".join(item.answer.missing)
    return (f"只差事实：{_label(item)}缺“{lacking}”，所以待核实"
            f"（{item.project.where}；{batch.out.name} 核查报告“项目结论”）")


def _form(made: list[Batch]) -> str:
    """The form of the largest project that is fit and faultless."""
    found = [(item.project.column(DECLARED) or 0.0, item, batch) for batch in made for item in batch.report.checked
             if item.form and item.answer.verdict == ELIGIBLE and not item.problems]
    if not found:
        return ""
    _, item, batch = max(found, key=lambda each: each[0])
    return f"绩效表看一张：{batch.out / item.form}"


def _label(item: Checked) -> str:
    return f"{item.project.unit_name}“{item.project.title}”"
