"""What the command line says about a batch, and the progress bar (only where a person watches)."""
from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ..rules.assess import ELIGIBLE, INELIGIBLE, OPEN
from ..rules.problems import counted
from .batch import FORMS, PAGE, REPORT, TABLES, Batch, Progress


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress callback that draws on a terminal and is silent elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar
    with Bar(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total)


def batch_lines(made: Batch) -> list[str]:
    """What a batch made and what to look at first, in Chinese."""
    report = made.report
    verdicts = Counter(item.answer.verdict for item in report.checked)
    tables = sorted(name for name in made.files if name.startswith(TABLES))
    forms = sum(bool(item.form) for item in report.checked)
    lines = [
        f"{report.edition.id}版：读到 {len(report.checked)} 个项目，符合 {verdicts[ELIGIBLE]}，不符合 {verdicts[INELIGIBLE]}，"
        f"待核实 {verdicts[OPEN]}；跳过 {len(report.skipped)} 行，{counted(report.every_problem)}。",
        f"写到 {made.out}：",
        f"  {REPORT}　先看这个：问题、项目结论、逐条核对、名额",
        *[f"  {PAGE}　同样的内容，用浏览器打开，可以筛选、排序"] * (PAGE in made.files),
        *(f"  {name}" for name in tables),
    ]
    if forms:
        lines.append(f"  {FORMS}：{forms} 张")
    return lines
