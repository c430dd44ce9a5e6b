"""What the command line says about a batch, and the progress bar (only where a person watches)."""
from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..rules.assess import ELIGIBLE, INELIGIBLE, OPEN
from ..rules.problems import counted
from .batch.delivery import can_resume, unfinished_files
from .batch.packages import PACKAGES
from .batch.run import PAGE, REPORT, TABLES, Batch, Progress


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
    own = sorted(name for name in made.files if "/" not in name and name not in (REPORT, PAGE))
    tables = sorted(name for name in made.files if name.startswith((f"{TABLES}/", f"{PACKAGES}/")))
    unread = dict.fromkeys(problem.where.file for problem in report.problems if problem.code.startswith("file."))
    lines = [
        f"{report.edition.id}版：读到 {len(report.checked)} 个项目，符合 {verdicts[ELIGIBLE]}，不符合 {verdicts[INELIGIBLE]}，"
        f"待核实 {verdicts[OPEN]}；跳过 {len(report.skipped)} 行，{counted(report.every_problem)}。",
        *[f"没有读或没有读全的文件 {len(unread)} 个：{'、'.join(unread)}；原因见{REPORT}“问题”。"] * bool(unread),
        *[f"没有印成 PDF 的 {made.unprinted} 份，原因见{REPORT}“问题”。"] * bool(made.unprinted),
        f"写到 {made.out}：",
        f"  {REPORT}　先看这个：问题、项目结论、逐条核对、名额",
        *[f"  {PAGE}　同样的内容，用浏览器打开，可以筛选、排序"] * (PAGE in made.files),
        *(f"  {name}" for name in (*tables, *own)),
    ]
    lines += [f"  {name}：{count} 份" for name, count in made.papers.items() if count]
    if made.resumed:
        lines.append(f"接着上次做：{made.resumed} 个文件上次已经写好。")
    return lines


@contextmanager
def interrupted(out: Path) -> Iterator[None]:
    """Says, when a run is broken off, that it can be gone on with. To be ended, or lose its terminal, is for the run to be interrupted:
    it then ends what it has started.
    """
    endings = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) and signal.getsignal(number) is signal.SIG_DFL]
    for number in endings:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    except BaseException as error:
        if can_resume(error) and (unfinished := unfinished_files(out)):
            print(f"没有做完，{out} 里原来的文件没有变；已经写好 {unfinished} 个文件，同样的命令加上 --resume 就接着做。", file=sys.stderr)
        raise
    finally:
        for number in endings:
            signal.signal(number, signal.SIG_DFL)
