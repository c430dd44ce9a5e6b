"""Run the benchmarks, print their table, and write docs/benchmarks.md from a complete run.

    python benchmarks/run.py                 everything; writes docs/benchmarks.md
    python benchmarks/run.py forms startup   some of them; prints only
    python benchmarks/run.py --quick         smaller and fewer rounds; prints only

The peers are in benchmarks/requirements.txt.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from measure import Row, duration, machine, scratch_in_memory, versions

NAMES = ("columns", "forms", "words", "long_table", "intake", "province", "libreoffice", "pdf", "startup")
REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
PACKAGES = (
    "xltool", "numpy", "pandas", "OpenFisca-Core", "openpyxl", "xltpl", "docxtpl", "XlsxWriter", "jinja2", "isal",
    "python-calamine", "pyopenxlsx", "excelize", "pypdf",
)  # fmt: skip
READING = """\
怎么读这些数：

- “倍数”是同一轮里对手的时间 ÷ xltool 的时间，取各轮中位数相除：2 是对手慢一倍，小于 1 是对手快。
- 各家在每一轮里轮流跑，先空跑一轮。机器和别的工作共用，绝对时间换一次运行会差几倍，**只比同一次运行里的倍数**。
- “目标”是开工前定的；没有目标的行只作参考。
- 计时前先比对各家的结果（怎么比，见各节），不合就不出数。
- 写出的文件都在磁盘上，全部测完才删：ext4 删过文件后几分钟里，新建文件会慢几倍。各家写了又删的临时文件放在内存盘。"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="|".join(NAMES), help="which to run; all by default")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer rounds")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    scratch_in_memory()
    rows, groups = [], {}
    for name in options.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        module = importlib.import_module(name)
        groups.update(module.GROUPS)
        found = module.run(options.quick)
        rows += found
        print("\n".join(tables(found, module.GROUPS)), flush=True)
    if not options.quick and not options.names:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(report(rows, groups), encoding="utf-8")
        print(f"{REPORT} written", file=sys.stderr)


def report(rows: Sequence[Row], groups: dict[str, str]) -> str:
    """The page docs/benchmarks.md."""
    packages = "，".join(f"{name} {number}" for name, number in versions(PACKAGES).items())
    lines = [
        "# 速度",
        "",
        "这一页由 `python benchmarks/run.py` 写出，请不要手改。",
        "",
        f"- 日期：{dt.date.today().isoformat()}",
        f"- 机器：{machine()}；写这一页时的平均负载 {load_average()}（超过核数，就是在和别的工作抢）",
        f"- 版本：Python {platform.python_version()}，{packages}",
        "- 命令：`pip install -e . -r benchmarks/requirements.txt`，`python benchmarks/run.py`",
        "",
        READING,
        "",
        "## 目标",
        "",
        *goals(rows),
        "",
        *tables(rows, groups),
    ]
    return "\n".join(lines).rstrip() + "\n"


def load_average() -> str:
    return "、".join(f"{load:.1f}" for load in os.getloadavg()) if hasattr(os, "getloadavg") else "不知道"


def goals(rows: Sequence[Row]) -> Iterable[str]:
    """Which goals are met, which are not."""
    set_goals = [row for row in rows if row.met is not None]
    missed = [row for row in set_goals if not row.met]
    yield f"{len(set_goals)} 项目标，达到 {len(set_goals) - len(missed)} 项。"
    for row in missed:
        peer = f"，和 {row.peer} 比" if row.peer else ""
        yield f"- **未达到**：{row.what}{peer}：{measured(row)}，目标 {goal(row)}。"


def tables(rows: Sequence[Row], groups: dict[str, str]) -> list[str]:
    """A section and a table per group."""
    lines: list[str] = []
    for group, about in groups.items():
        some = [row for row in rows if row.group == group]
        lines += [f"## {group}", "", about, "", *table(some), ""]
        if notes := [f"- {note(row)}。" for row in some if row.note]:
            lines += ["注：", "", *notes, ""]
    return lines


def table(rows: Sequence[Row]) -> list[str]:
    if any(row.peer for row in rows):
        heads = ("项目", "对手", "倍数", "目标", "达到", "xltool", "对手时间")
        cells = [
            (row.what, row.peer, measured(row), goal(row), met(row), duration(row.ours), duration(row.theirs))
            for row in rows
        ]
    elif any(row.reach for row in rows):
        heads = ("项目", "时间", "目标", "达到")
        cells = [(row.what, measured(row), goal(row), met(row)) for row in rows]
    else:
        whole = sum(row.ours for row in rows)
        heads = ("步骤", "时间", "占比")
        cells = [
            (row.what, measured(row), f"{row.ours / whole:.0%}") for row in sorted(rows, key=lambda row: -row.ours)
        ]
    return [line(heads), line(["---"] * len(heads)), *map(line, cells)]


def line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def measured(row: Row) -> str:
    return duration(row.ours) if row.ratio is None else f"{row.ratio:.3g}"


def goal(row: Row) -> str:
    if row.reach is None:
        return "—"
    return f"< {duration(row.reach)}" if row.ratio is None else f"≥ {row.reach:.2g}"


def met(row: Row) -> str:
    return {True: "是", False: "否", None: "—"}[row.met]


def note(row: Row) -> str:
    return f"{row.what}{f'，{row.peer}' if row.peer else ''}：{row.note}"


if __name__ == "__main__":
    main()
