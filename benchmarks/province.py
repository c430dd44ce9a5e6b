"""The province's whole job: 100 county workbooks in; 10,000 forms, five summary tables out. Ours, and the usual script.

Ours is `run_batch` in a new process, from its start to its end: every file read in a child process and checked for what
reading loses, every project checked against its rules and against the others, forms, tables, check report, manifest.
The usual script reads the rows with openpyxl (read-only), opens the blank form, fills and saves it for each project, and
writes the tables cell by cell with borders. It checks nothing and writes no report. Its blank forms and the cells to
fill are ready before its clock starts; its forms are a sample of the 10,000, and that time is multiplied.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import openpyxl
from intake import PEAK, alone
from measure import Row, duration, new_folder
from openpyxl.styles import Alignment, Border, Font, Side
from province_lists import EACH, EDITION, directions, write_province
from startup import call

from xltool.guideline.bundle import edition
from xltool.output.summary import COLUMNS
from xltool.rules.model import Indicator

FILES, SAMPLE, ROUNDS = 100, 100, 5
PAUSE = 5  # seconds
SCRIPT_NAME = "常见的 openpyxl 脚本"
GOALS = {"倍数": 50.0, "秒": 10.0}
JOBS = {1: "一个进程", 2: "--jobs 2"}
JOB, WAIT, STAGES = "全省：和常见的脚本比", "全省：从启动到结束", "全省：时间花在哪里"
GROUPS = {
    JOB: f"虚构的 {FILES} 个县（市、区）报送件，每份 5 张工作表（5 个方向各一张，各 {EACH} 个 {EDITION} 版项目），写出每个项目的绩效表和 5 张汇总表"
    "（每个项目一行，5 张共一万行）。xltool 是 run_batch 的全部：子进程读、核对有没有读丢、逐条核查、各份之间比对、填表、核查报告、清单文件和校验值；"
    "脚本只读、只填、只写，不核查也没有报告。脚本的绩效表抽样折算，空白表和要填的格子都事先备好。每次计时以前等磁盘静下来。计时后抽样核对：绩效表逐格相等，汇总表各行的单位、项目、"
    "金额相等。",
    WAIT: "同样的工作，xltool 一个新进程从启动到结束，取各轮居中的一次。",
    STAGES: "在同样的新进程里给各步计时，不含解释器启动。",
}
RUN = f"""{PEAK}
from pathlib import Path
from xltool.guideline.bundle import edition
from xltool.output.batch.run import Order, run_batch
given = json.load(sys.stdin)
made = run_batch(Path(given["source"]), edition({EDITION!r}), Path(given["out"]), Order(jobs=given["jobs"]))
print(json.dumps({{"files": len(made.files), "peak": peak(), "children": peak(resource.RUSAGE_CHILDREN)}}))
"""
SOURCES = {
    "项目名称": "申报项目名称", "项目承担单位": "单位名称", "项目推荐单位": "项目推荐单位", "项目开始时间": "项目开始时间",
    "项目结束时间": "项目结束时间", "总体目标": "总体目标", "年度目标": "年度目标",
}  # fmt: skip
MONEY = {"主营业务收入", "实缴税金", "利润总额", "申报项目总投资", "固定资产投资", "项目申请补助资金"}
Record = Mapping[str, object]


def run(quick: bool = False) -> list[Row]:
    """The rows of the report: against the script, the wait and the memory, the stages."""
    files, sample, rounds = (10, 20, 1) if quick else (FILES, SAMPLE, ROUNDS)
    folder = new_folder()
    source, out = folder / "source", folder / "out"
    source.mkdir()
    write_province(source, files)
    ours = {jobs: middle([whole(source, folder / f"{jobs}-{turn}", jobs) for turn in range(rounds)]) for jobs in JOBS}
    (folder / "1-0").rename(out)
    theirs = script(source, out, folder / "script", sample)
    settle()
    stages = json.loads(call([sys.executable, str(Path(__file__).with_name("batch_stages.py")), str(source), EDITION, str(folder / "stages")]))
    what = f"{files} 份报送件，{files * 5 * EACH:,} 份绩效表，5 张汇总表"
    spent = "，".join(f"{name} {duration(seconds)}" for name, seconds in theirs.items())
    return [
        *(Row(JOB, f"{what}，{name}", SCRIPT_NAME, ours[jobs]["seconds"], sum(theirs.values()), goal("倍数", jobs), f"脚本的时间：{spent}")
          for jobs, name in JOBS.items()),
        *(Row(WAIT, f"{what}，{name}", "", ours[jobs]["seconds"], reach=goal("秒", jobs), note=memory(ours[jobs])) for jobs, name in JOBS.items()),
        *(Row(STAGES, stage, "", seconds) for stage, seconds in stages.items()),
    ]


def goal(name: str, jobs: int) -> float | None:
    """The goals are for the machine's two processors at work."""
    return GOALS[name] if jobs == max(JOBS) else None


def middle(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return sorted(rounds, key=lambda one: one["seconds"])[len(rounds) // 2]


def memory(run: Mapping[str, float]) -> str:
    return f"写出 {run['files']:,} 个文件；内存峰值 {run['peak']:.0f} MB，子进程另有最多 {run['children']:.0f} MB"


def settle() -> None:
    """Wait for the disk: what others wrote and deleted before is not part of the job."""
    os.sync()
    time.sleep(PAUSE)


def whole(source: Path, out: Path, jobs: int) -> dict[str, float]:
    """Our job in a new process, into a new folder: seconds, files, memory."""
    settle()
    begin = time.perf_counter()
    found = alone(RUN, {"source": str(source), "out": str(out), "jobs": jobs})
    return {**found, "seconds": time.perf_counter() - begin}


# --- the usual script ---


def script(source: Path, ours: Path, out: Path, sample: int) -> dict[str, float]:
    """The script's seconds by step, the forms' multiplied; its files are compared with ours."""
    settle()
    begin = time.perf_counter()
    records = [record for path in sorted(source.iterdir()) for record in read(path)]
    seconds = {"读": time.perf_counter() - begin}
    numbers = range(0, len(records), max(len(records) // sample, 1))
    blanks = {number: blank(form_of(ours, number), records[number]) for number in numbers}
    out.mkdir()
    begin = time.perf_counter()
    for number, (path, cells) in blanks.items():
        fill(path, cells, records[number], out / f"{number}.xlsx")
    seconds["绩效表（抽样折算）"] = (time.perf_counter() - begin) / len(blanks) * len(records)
    begin = time.perf_counter()
    for number, programmes in enumerate(directions(), 1):
        ids = {programme.id for programme in programmes}
        write_table([record for record in records if record["申报项目类别"] in ids], out / f"汇总表{number}.xlsx")
    seconds["汇总表"] = time.perf_counter() - begin
    for number in blanks:
        same(contents(form_of(ours, number)), contents(out / f"{number}.xlsx"))
    for number, path in enumerate(sorted((ours / "汇总表").iterdir()), 1):
        same([key(row) for row in contents(path)[5:-4]], [key(row) for row in contents(out / f"汇总表{number}.xlsx")[1:-1]])
    return seconds


def read(path: Path) -> list[Record]:
    """All rows of a county's workbook by heading."""
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    found = []
    for sheet in workbook:
        rows = sheet.iter_rows(min_row=2, values_only=True)
        heads = next(rows)
        found += [dict(zip(heads, row)) for row in rows]
    workbook.close()
    return found


def form_of(ours: Path, number: int) -> Path:
    return next((ours / "绩效目标申报表").glob(f"*/{number + 1:03d} *.xlsx"))


def blank(path: Path, record: Record) -> tuple[Path, dict[str, tuple[str, Indicator | None]]]:
    """A form without the project's values, and the cells to fill: heading, and the indicator if it is one."""
    form = edition(EDITION).forms[edition(EDITION).programmes[record["申报项目类别"]].form]
    indicators = {row.printed.replace("□", "☑"): row for row in form.indicators}
    workbook = openpyxl.load_workbook(path)
    cells: dict[str, tuple[str, Indicator | None]] = {}
    for row in workbook.active.iter_rows(min_row=4):
        for label, place in (("A", "C"), ("F", "G"), ("D", "G"), ("E", "G")):
            text = row["ABCDEFGH".index(label)].value
            target = row["ABCDEFGH".index(place)]
            source = SOURCES.get(str(text).split("(")[0].split("（")[0].strip()) if label in "AF" else None
            if source or (label in "DE" and text in indicators):
                indicator = None if source else indicators[text]
                if (heading := source or indicator.name) in record:  # else what is printed stays
                    cells[target.coordinate] = heading, indicator
                    target.value = None
    made = path.with_suffix(".blank")
    workbook.save(made)
    return made, cells


def fill(path: Path, cells: Mapping[str, tuple[str, Indicator | None]], record: Record, out: Path) -> None:
    with path.open("rb") as file:
        workbook = openpyxl.load_workbook(file)
    sheet = workbook.active
    for place, (heading, indicator) in cells.items():
        value = record.get(heading)
        if isinstance(value, dt.datetime):
            value = f"{value.year}年{value.month}月{value.day}日"
        elif indicator is not None and indicator.unit == "%" and value is not None:
            value = round(value * 100, 10)
        elif indicator is not None and "X" in indicator.preset:
            value = indicator.preset.replace("X", f"{value:g}")
        sheet[place].value = value
    workbook.save(out)


def write_table(records: Sequence[Record], out: Path) -> None:
    """A summary table with borders, cell by cell."""
    thin = Side(style="thin")
    border, font = Border(left=thin, right=thin, top=thin, bottom=thin), Font(name="宋体", size=10)
    middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    names = list(COLUMNS.values())
    names.insert(6, "申报项目类别")
    sheet.append(["序号", *names])
    for row, record in enumerate(records, 2):
        for column, name in enumerate(["序号", *names], 1):
            cell = sheet.cell(row, column, row - 1 if column == 1 else title(record[name]) if name == "申报项目类别" else record[name])
            cell.border, cell.font, cell.alignment = border, font, middle
            cell.number_format = "#,##0.00" if name in MONEY else "yyyy-mm-dd" if name.endswith("时间") else "General"
    sheet.append(["合计"])
    workbook.save(out)


@cache
def title(programme: object) -> str:
    return edition(EDITION).programmes[str(programme)].title


# --- equality ---


def contents(path: Path) -> list[list[object]]:
    sheet = openpyxl.load_workbook(path).active
    return [[shown(cell.value) for cell in row] for row in sheet.iter_rows()]


def shown(value: object) -> str:
    """A value as it shows: a text column of the list may hold numbers."""
    return f"{value:.12g}" if isinstance(value, (int, float)) else str(value or "")


def key(row: Sequence[object]) -> tuple[object, ...]:
    """Number, unit, revenue, category, title, investment, requested."""
    return tuple(row[column] for column in (0, 1, 4, 7, 8, 9, 13))


def same(ours: Sequence[object], theirs: Sequence[object]) -> None:
    if ours != theirs:
        differ = [f"{a} ≠ {b}" for a, b in zip(ours, theirs) if a != b][:2] or [f"{len(ours)} ≠ {len(theirs)} rows"]
        raise AssertionError("; ".join(differ))
