"""The functions in a running LibreOffice: many single formulas, one formula over many rows, and what the add-in costs at the start.

The add-in is installed with unopkg in a profile of its own and driven by tests/calc.py. The clock counts, as somebody before the screen
would; soffice's own processor time stands beside it, for a machine that is shared. Without LibreOffice there are no rows.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from measure import Row, duration

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
from calc import Calc, Document, Formula, install, missing, write_fods

from xltool.hosts.libreoffice.build import build

PROGRAMME, ROWS, CALLS, ROUNDS, STARTS, AMOUNT = "2026P1-1", 10_000, 50_000, 7, 7, 1200
FACTS = {
    "研发设备及配套软件购置额": AMOUNT,
    "工信领域企业": "是",
    "建有研发机构": "是",
    "项目开始时间": 45689.0,
    "研发机构设立时间": 45413.0,
    "项目结束时间": 45991.0,
    "购置用于研发机构建设": "是",
}
GROUP = "LibreOffice 里的函数"
GROUPS = {
    GROUP: "真的 LibreOffice（无窗口），插件用 unopkg 安装，在它的主线程里打开和重算，和人在窗口前一样。"
    "每一轮先把所有的金额换成没算过的数，再计时重算（Ctrl+Shift+F9 做的事）。"
    "没有做同样事情的对手，目标是秒数的上限。"
    "“启动”从启动进程到第一个公式算完：第一次用到函数时，才载入 Python、规则和那一版指南。"
}


def run(quick: bool = False) -> list[Row]:
    """The rows of the report; none where LibreOffice cannot be driven."""
    if reason := missing():
        print(f"libreoffice: {reason}", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory(prefix="xltool-bench-") as name:
        folder = Path(name)
        (folder / "xltool.oxt").write_bytes(build())
        options = install(folder / "xltool.oxt", folder)
        rows = starts(options, folder, 3 if quick else STARTS)
        office = Calc(options)
        try:
            return recalculations(office, folder, 3 if quick else ROUNDS) + rows
        finally:
            office.close()


def recalculations(office: Calc, folder: Path, rounds: int) -> list[Row]:
    table, amounts = f"{ROWS:,} 行一次调用，{len(FACTS)} 个事实", f"{ROWS:,} 行一次调用，只给金额"
    sheets = {
        f"{table}，SUBSIDY": (block("SUBSIDY", list(FACTS)), 0.2),
        f"{table}，ELIGIBLE": (block("ELIGIBLE", list(FACTS)), 0.2),
        f"{amounts}，SUBSIDY": (block("SUBSIDY", []), 0.2),
        f"{CALLS:,} 个单独的公式，SUBSIDY": (singles(), 3.0),
    }
    rows = []
    for what, (cells, reach) in sheets.items():
        path, count = write_fods(folder / "bench.fods", {"S": cells}), CALLS if reach > 1 else ROWS
        clock, processor = office.at_the_screen(partial(opened, office, path, count, rounds))
        rows.append(Row(GROUP, what, "", clock, reach=reach, note=f"soffice 的处理器时间 {duration(processor)}"))
    by_script, _ = opened(office, path, count, rounds)
    return [*rows, Row(GROUP, f"{what}，由脚本从别的线程重算", "", by_script)]


def opened(office: Calc, path: Path, count: int, rounds: int) -> tuple[float, float]:
    """Open a file, and time it."""
    with office.open(path) as document:
        return timed(office, document, count, rounds)


def timed(office: Calc, document: Document, count: int, rounds: int) -> tuple[float, float]:
    """The medians of a recalculation of so many projects by the clock and in processor time."""
    found = []
    document.document.enableAutomaticCalculation(False)
    for number in range(1, rounds + 1):
        amounts = document.range(f"B3:B{count + 2}")
        amounts.setDataArray(tuple((amount(row) + number,) for row in range(count)))
        begin, used = time.perf_counter(), office.cpu_seconds()
        document.recalculate()
        answer, expected = document.value("A3"), 0.1 * (AMOUNT + number)  # asking makes sure that a block is calculated
        found.append((time.perf_counter() - begin, office.cpu_seconds() - used))
        if answer != "符合" and answer != round(expected, 6):
            raise RuntimeError(f"the first answer is {answer!r}, not {expected!r}")
    clock, processor = map(statistics.median, zip(*found))
    return clock, processor


def block(function: str, labels: list[str]) -> Iterator[list[object]]:
    """One array formula beside rows of facts, or of amounts only where no labels are given."""
    last = chr(66 + max(len(labels) - 1, 0))
    given = f"[.B3:.{last}{ROWS + 2}]" + (f";[.B2:.{last}2]" if labels else "")
    yield [None]
    yield [None, *labels]
    for row in range(ROWS):
        formula = Formula(f'XLTOOL.{function}("{PROGRAMME}";{given})', ROWS, 1)
        yield [None if row else formula, amount(row), *(FACTS[label] for label in labels[1:])]


def singles() -> Iterator[list[object]]:
    """A formula in each row."""
    yield [None]
    yield [None]
    for row in range(CALLS):
        yield [Formula(f'XLTOOL.SUBSIDY("{PROGRAMME}";[.B{row + 3}])'), amount(row)]


def amount(row: int) -> float:
    """An amount that no other row has; whole numbers are added in the rounds, and no row meets another's."""
    return AMOUNT + row / 65536


def starts(options: list[str], folder: Path, rounds: int) -> list[Row]:
    """What the add-in adds to a start, up to the first answer: with it a formula of ours, without it one of LibreOffice's own."""
    plain = [f"-env:UserInstallation={(folder / 'plain').as_uri()}"]
    jobs = {
        "with": (options, f'=XLTOOL.SUBSIDY("{PROGRAMME}";1500)'),
        "unused": (options, "=ABS(-150)"),
        "without": (plain, "=ABS(-150)"),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in jobs}
    for number in range(-1, rounds):
        for name in list(jobs) if number % 2 else list(jobs)[::-1]:
            seconds = first_answer(*jobs[name])
            if number >= 0:
                found[name].append(seconds)
    medians = {name: statistics.median(map(sum, times)) for name, times in found.items()}
    note = f"没有插件 {duration(medians['without'])}，有插件、用到函数 {duration(medians['with'])}"
    used, unused = (max(medians[name] - medians["without"], 0.0) for name in ("with", "unused"))
    return [
        Row(GROUP, "启动多花的时间，用到函数", "", used, reach=0.15, note=note),
        Row(GROUP, "启动多花的时间，文档里没有这些函数", "", unused, reach=0.15),
    ]


def first_answer(options: list[str], formula: str) -> tuple[float, float]:
    """Seconds to start, and from there to the first answer."""
    office = Calc(options)
    try:
        begin = time.perf_counter()
        with office.open() as document:
            document.put("A1", formula)
            if document.value("A1") != 150:
                raise RuntimeError(f"{formula} gave {document.value('A1')!r}")
        return office.start_seconds, time.perf_counter() - begin
    finally:
        office.close()


