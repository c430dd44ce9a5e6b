"""Submissions read, merged and matched: 100 lists of 500 projects of the 2026 edition, then enterprises against it.

Reading is timed in steps on one thread, each beside readers that give bare rows: python-calamine (which xltool builds
on), openpyxl in its read-only mode, pandas. Before anything is timed, all give the same rows, and every value, type
and place of `list_of` is compared with what was written. `merge` also compares the
projects of all files with each other, which is a cost of its own, so it is timed with and without that, in processes
of their own that tell their peak memory. Those are started by a small process between: on Linux a child's peak begins
with its parent's.
A ratio without a peer stands in a row whose `theirs` is the limit or the smaller size.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import openpyxl
import xlsxwriter
from measure import OURS, Job, Row, against, duration, medians, new_folder
from python_calamine import CalamineWorkbook
from stdnum.cn import uscc

from xltool.guideline.bundle import edition
from xltool.intake import merging
from xltool.intake.headers import Vocabulary
from xltool.intake.lists import list_of
from xltool.intake.opening import read_source
from xltool.intake.projects import Project
from xltool.intake.tables import find_tables
from xltool.output.lines import match_lines
from xltool.rules.match import Matcher
from xltool.rules.model import Case
from xltool.rules.serial import from_date

EDITION, PROGRAMME, SHEET, TITLE = "2026", "2026P1-1", "推荐汇总表", "2026年度项目推荐汇总表"
FILES, PROJECTS, MANY, ROUNDS, MERGE_ROUNDS = 100, 500, 1_000, 3, 3
MERGED = (10, 30, 100)
ENTERPRISES, CASES_EACH, MATCH_ROUNDS = 5_000, 4, 5
MEMORY = 200.0  # MB
LINEAR = 0.8  # the least that the time of one file may be among few, divided by that among many
CALAMINE, OPENPYXL, PANDAS = (
    "python-calamine（to_python）",
    "openpyxl（read_only，values_only）",
    "pandas（engine=calamine）",
)
READ, TABLES, LISTED, SIDE_BY_SIDE = (
    "read_source（含核对）",
    "加 find_tables",
    "加 list_of（有类型、有出处的项目）",
    "merge 不比对（子进程读，全留着）",
)
REACHES = {CALAMINE: 0.7, OPENPYXL: 7.0}  # of list_of
READING, MERGING, MATCHING = "读清单：每份", "合并：每份", "匹配：每家企业"
GROUPS = {
    READING: f"虚构的推荐汇总表：标题、表头、{PROJECTS} 个 {PROGRAMME} 项目 × 20 列（文字、金额、日期、是否）。对手只给出一行行的"
    "值。前三项只用一个线程，一步步加：read_source 用 calamine 读，再拿 XML 核对有没有丢；find_tables 找表头和各行的角色；list_of 给"
    "每个值类型和出处。计时前各家的行逐格相等，list_of 的每个值、类型、单元格地址和写入的相等。",
    MERGING: "merge 整个做完：子进程读、list_of、各份之间比对（重复、相像、限报、立过项）。每次一个新进程，取三次居中的一次（最多的那一行只跑一次）；"
    f"所有项目都属于 {PROGRAMME}，能互相比的最多，是最不利的情形。“不比对”是 merge 去掉各份之间的比对，结果都留着。没有单位的是"
    "比值：内存是上限 ÷ 峰值（ru_maxrss，不含读文件的子进程），增长是少量时每份的时间 ÷ 大量时每份的时间，1 就是线性。",
    MATCHING: f"没有对手。每家企业由本版指南自己 {CASES_EACH} 个不同项目的用例拼成，从一行 JSON 到答案。计时前，每个用例的结论、上限、"
    "补助、首付、未满足的条件和指南里的相等。内存是比值：前十分之一跑完时的峰值 ÷ 全部跑完时的，1 就是不增长（新进程，逐行读文件）。",
}

# Heading, and field of the edition.
COLUMNS = (
    ("申报项目类别", "申报项目类别"),
    ("项目名称", "申报项目名称"),
    ("单位名称", "单位名称"),
    ("统一社会信用代码", "统一社会信用代码"),
    ("县（市、区）", "县（市、区）"),
    ("单位主要经营地址", "单位主要经营地址"),
    ("所属行业", "所属行业"),
    ("主营业务收入（万元）", "主营业务收入"),
    ("实缴税金（万元）", "实缴税金"),
    ("利润总额（万元）", "利润总额"),
    ("申报项目总投资（万元）", "申报项目总投资"),
    ("项目申请补助资金（万元）", "项目申请补助资金"),
    ("项目开始时间", "项目开始时间"),
    ("项目结束时间", "项目结束时间"),
    ("研发设备及配套软件购置额（万元）", "研发设备及配套软件购置额"),
    ("工信领域企业", "工信领域企业"),
    ("建有研发机构", "建有研发机构"),
    ("研发机构设立时间", "研发机构设立时间"),
    ("购置用于研发机构建设", "购置用于研发机构建设"),
    ("总体目标", "总体目标"),
)
YES_OR_NO = {"是": True, "否": False}
SIGNS = "华东盛泰恒信瑞丰嘉禾宏远金石德润安康博通海天星辰云帆凌志正大方圆永兴同创卓越启明"
TRADES = (
    "智能装备", "新材料", "环保科技", "汽车零部件", "电子科技", "精密机械", "纺织", "生物医药", "新能源", "海洋工程",
)  # fmt: skip
PLANS = ("研发中心设备更新", "中试平台建设", "检测能力提升", "研发机构创新能力提升", "数字化设计平台", "关键工艺试验线")
COUNTIES = ("亭湖区", "盐都区", "大丰区", "东台市", "建湖县", "射阳县", "阜宁县", "滨海县", "响水县")
Rows = list[list[object]]


def run(quick: bool = False) -> list[Row]:
    """The rows of the report: reading, merging, matching."""
    folder = new_folder()
    if quick:
        files = project_lists(folder, 8)
        return reading(files, 2) + merge_rows(files, (2, 4, 8), 24) + matching(folder, 500, 3)
    files = project_lists(folder, FILES)
    return reading(files, ROUNDS) + merge_rows(files, MERGED, MANY) + matching(folder, ENTERPRISES, MATCH_ROUNDS)


# --- the lists ---


def project_lists(folder: Path, count: int) -> list[Path]:
    """So many lists, each of other projects."""
    return [write_list(folder / f"推荐汇总表{number:03d}.xlsx", number) for number in range(count)]


def write_list(path: Path, number: int) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet(SHEET)
        date, money = (workbook.add_format({"num_format": code, "border": 1}) for code in ("yyyy-mm-dd", "#,##0.00"))
        plain = workbook.add_format({"border": 1})
        sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, TITLE)
        sheet.write_row(1, 0, [heading for heading, _ in COLUMNS], plain)
        for row, values in enumerate(project_rows(number), 2):
            for column, value in enumerate(values):
                if isinstance(value, dt.date):
                    sheet.write_datetime(row, column, value, date)
                elif isinstance(value, float):
                    sheet.write_number(row, column, value, money)
                else:
                    sheet.write_string(row, column, value, plain)
    return path


def project_rows(number: int) -> Rows:
    """The projects of a list as typed, invented; the same each time."""
    choose = random.Random(number)
    return [project_row(choose, number * PROJECTS + row) for row in range(PROJECTS)]


def own_name(number: int) -> str:
    """Four signs that no other number has."""
    place = number * 7_919 % len(SIGNS) ** 4
    return "".join(SIGNS[place // len(SIGNS) ** power % len(SIGNS)] for power in range(4))


def credit_code(number: int) -> str:
    """A code that could be one: merging goes by good codes."""
    digits = f"91320900MA{number:07d}"
    return digits + uscc.calc_check_digit(digits)


def project_row(choose: random.Random, number: int) -> list[object]:
    trade = choose.choice(TRADES)
    county = choose.choice(COUNTIES)
    start = dt.date(2025, 1, 1) + dt.timedelta(days=choose.randrange(150))
    total = choose.randrange(100_000, 900_000) / 100
    return [
        PROGRAMME,
        f"{choose.choice(SIGNS)}{choose.choice(SIGNS)}{trade}{choose.choice(PLANS)}",
        f"盐城{own_name(number)}{trade}有限公司",
        credit_code(number),
        county,
        f"盐城市{county}{choose.choice(SIGNS)}{choose.choice(SIGNS)}路{choose.randrange(1, 999)}号",
        f"{trade}制造",
        choose.randrange(1_000_000, 90_000_000) / 100,
        choose.randrange(10_000, 900_000) / 100,
        choose.randrange(-100_000, 900_000) / 100,
        total,
        choose.randrange(1_000, 30_000) / 100,
        start,
        start + dt.timedelta(days=choose.randrange(100, 300)),
        round(total * 0.8, 2),
        *choose.choices(("是", "否"), (9, 1), k=2),
        dt.date(2015, 1, 1) + dt.timedelta(days=choose.randrange(3_500)),
        *choose.choices(("是", "否"), (9, 1)),
        f"新增{trade}试验设备{choose.randrange(5, 90)}台（套），形成{choose.choice(PLANS)}能力",
    ]


# --- reading ---


def reading(files: Sequence[Path], rounds: int) -> list[Row]:
    """Milliseconds per file: bare rows, and xltool's steps from rows to projects."""
    vocabulary = Vocabulary(edition(EDITION))
    peers: dict[str, Callable[[Path], object]] = {CALAMINE: calamine, OPENPYXL: read_openpyxl, PANDAS: read_pandas}
    steps: dict[str, Callable[[Path], object]] = {
        READ: read_source,
        TABLES: lambda path: [find_tables(grid, vocabulary.all_keys) for grid in read_source(path).grids],
        LISTED: lambda path: list_of(read_source(path), vocabulary),
    }
    for number in range(2):
        check_rows(files[number], number)
        check_projects(list_of(read_source(files[number]), vocabulary).projects, number)
    for number, submission in enumerate(uncompared(files).submissions):
        check_projects(submission.listed.projects, number)

    each = {name: Job(partial(for_all, read, files), per=len(files)) for name, read in {**peers, **steps}.items()}
    found = medians(
        {**each, SIDE_BY_SIDE: Job(lambda: uncompared(files), per=len(files))}, rounds, warm_up=False
    )  # the check was
    theirs = {name: found[name] for name in peers}
    return [
        row
        for step in (*steps, SIDE_BY_SIDE)
        for row in against(READING, step, {OURS: found[step], **theirs}, REACHES if step == LISTED else {})
    ]


def for_all(read: Callable[[Path], object], files: Sequence[Path]) -> None:
    for path in files:
        read(path)


def calamine(path: Path) -> Rows:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def read_openpyxl(path: Path) -> list[tuple]:
    workbook = openpyxl.load_workbook(path, read_only=True)
    rows = list(workbook.worksheets[0].iter_rows(values_only=True))
    workbook.close()
    return rows


def read_pandas(path: Path) -> object:
    import pandas

    return pandas.read_excel(path, engine="calamine", header=1)


def check_rows(path: Path, number: int) -> None:
    """Raise unless every reader gives the rows that were written."""
    heads = [heading for heading, _ in COLUMNS]
    wanted = [heads, *([plain(value) for value in row] for row in project_rows(number))]
    frame = read_pandas(path)
    found = {
        READ: read_source(path).grids[0].rows[1:],
        CALAMINE: calamine(path)[1:],
        OPENPYXL: read_openpyxl(path)[1:],
        PANDAS: [list(frame.columns), *frame.astype(object).to_numpy().tolist()],
    }
    for name, rows in found.items():
        if [[plain(value) for value in row] for row in rows] != wanted:
            raise AssertionError(f"{name}: {path.name} has other rows")


def plain(value: object) -> object:
    """A value as all readers can give it."""
    if isinstance(value, dt.datetime):
        return value.date()
    return float(value) if isinstance(value, int) else value


def uncompared(files: Sequence[Path]) -> merging.Merged:
    """`merge` without what the projects of all files say against each other."""
    kept, merging.collisions = merging.collisions, lambda projects, edition: ()
    try:
        return merging.merge(files, edition(EDITION))
    finally:
        merging.collisions = kept


def check_projects(projects: Sequence[Project], number: int) -> None:
    """Raise unless every value of every project is what was written, typed, and knows its cell."""
    rows = project_rows(number)
    if len(projects) != len(rows):
        raise AssertionError(f"list {number}: {len(projects)} projects")
    for row, (project, values) in enumerate(zip(projects, rows), 3):
        if project.problems or project.refused or project.others:
            raise AssertionError(f"list {number}: {project.where}: {project.problems}")
        cells = {**project.columns, **project.facts}
        for index, ((_, field), value) in enumerate(zip(COLUMNS, values)):
            cell, place = cells[field], f"{chr(ord('A') + index)}{row}"
            if (cell.value, cell.where.cell, cell.where.sheet) != (typed(value), place, SHEET):
                raise AssertionError(f"list {number}, {place}: {cell} is not {value!r}")


def typed(value: object) -> object:
    """What a project should hold."""
    return from_date(value) if isinstance(value, dt.date) else YES_OR_NO.get(value, value)


# --- merging ---

PEAK = """
import json, resource, sys, time
def peak(who=resource.RUSAGE_SELF):
    return resource.getrusage(who).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
"""
MERGE = f"""{PEAK}
from pathlib import Path
from xltool.guideline.bundle import edition
from xltool.intake import merging
what, known = json.load(sys.stdin), edition({EDITION!r})
if not what["whole"]:
    merging.collisions, _ = lambda projects, edition: (), merging.collisions
begin = time.perf_counter()
merged = merging.merge([Path(name) for name in what["files"]], known)
seconds = time.perf_counter() - begin
print(json.dumps({{"seconds": seconds, "peak": peak(), "readers": peak(resource.RUSAGE_CHILDREN),
                   "projects": len(merged.projects), "problems": list(map(str, merged.problems))}}))
"""
BETWEEN = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', *sys.argv[1:]]))"


def merge_rows(files: Sequence[Path], counts: Sequence[int], many: int) -> list[Row]:
    """`merge` by size; memory; what a file costs among few and among many."""
    most = counts[-1]
    rounds = [
        (*(merge_alone(files[:count]) for count in counts), merge_alone(files, False)) for _ in range(MERGE_ROUNDS)
    ]
    *whole, few = [sorted(runs, key=lambda one: one["seconds"])[len(runs) // 2] for runs in zip(*rounds)]
    lots = merge_alone([files[number % len(files)] for number in range(many)], False)
    merged = dict(zip(counts, whole))
    each = {count: one["seconds"] / count for count, one in merged.items()}
    peak, fewest = merged[most]["peak"], counts[0]
    note = f"峰值 {peak:.0f} MB，上限 {MEMORY:.0f} MB；读文件的子进程另有最多 {merged[most]['readers']:.0f} MB"
    total = f"共 {duration(merged[most]['seconds'])}，不比对共 {duration(few['seconds'])}"
    slow, fast = lots["seconds"] / many, few["seconds"] / most
    return [
        *(Row(MERGING, f"merge，{count} 份", "", seconds) for count, seconds in each.items()),
        Row(MERGING, f"不比对，{most} 份", "", fast, note=total),
        Row(MERGING, f"不比对，{many:,} 份", "", slow, note=f"内存峰值 {lots['peak']:.0f} MB"),
        Row(MERGING, f"内存：merge，{most} 份", "", peak, MEMORY, 1.0, note),
        Row(MERGING, f"增长：不比对，{most} 份到 {many:,} 份", "", slow, fast, LINEAR),
        Row(MERGING, f"增长：merge，{fewest} 份到 {most} 份", "", each[most], each[fewest], LINEAR),
    ]


def merge_alone(files: Sequence[Path], whole: bool = True) -> dict[str, float]:
    """Merge files in a process of its own: its seconds and peak memory in MB. `whole`: with the checks between files."""
    found = alone(MERGE, {"files": list(map(str, files)), "whole": whole})
    if found["projects"] != len(files) * PROJECTS or found["problems"]:
        raise AssertionError(f"{found['projects']} projects of {len(files)} files, {found['problems'][:3]}")
    return found


def alone(script: str, given: object) -> dict:
    """What a script prints as JSON, run in a process whose peak memory is its own."""
    command = [sys.executable, "-c", BETWEEN, script]
    gc.collect()
    done = subprocess.run(command, check=False, capture_output=True, text=True, input=json.dumps(given))
    if done.returncode:
        raise RuntimeError(f"{done.returncode}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


# --- matching ---

MATCH = f"""{PEAK}
from xltool.guideline.bundle import edition
from xltool.output.lines import match_lines
given, peaks = json.load(sys.stdin), {{}}
with open(given["file"], encoding="utf-8") as lines:
    for number, _ in enumerate(match_lines(lines, edition({EDITION!r})), 1):
        if number in given["at"]:
            peaks[number] = peak()
print(json.dumps(peaks))
"""


def matching(folder: Path, count: int, rounds: int) -> list[Row]:
    """Time per enterprise and how the memory grows."""
    known = edition(EDITION)
    mixes = list(case_mixes(count))
    lines = [json.dumps({"id": number, "facts": facts(mix)}, ensure_ascii=False) for number, mix in enumerate(mixes)]
    check_matches(lines, mixes)

    def match_all() -> None:
        for _ in match_lines(lines, known):
            pass

    found = medians({OURS: Job(match_all, per=count)}, rounds)[OURS]
    path = folder / "enterprises.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    peaks = alone(MATCH, {"file": str(path), "at": [count // 10, count]})
    first, last = peaks[str(count // 10)], peaks[str(count)]
    note = f"{count // 10} 家时 {first:.1f} MB，{count:,} 家时 {last:.1f} MB"
    stated = sum(len(facts(mix)) for mix in mixes) / count
    speed = f"每秒 {1 / found:,.0f} 家；平均给出 {stated:.0f} 个事实，对 {len(Matcher(known).programmes)} 个项目"
    return [
        Row(MATCHING, f"match，{count:,} 家", "", found, note=speed),
        Row(MATCHING, f"内存：{count // 10} 家到 {count:,} 家", "", last, first, 0.95, note),
    ]


def case_mixes(count: int) -> Iterator[list[Case]]:
    """For each enterprise some cases, each of another programme."""
    choose, by_programme = random.Random(0), {}
    for case in edition(EDITION).cases:
        by_programme.setdefault(case.programme, []).append(case)
    for _ in range(count):
        yield [choose.choice(by_programme[name]) for name in choose.sample(list(by_programme), CASES_EACH)]


def facts(mix: Sequence[Case]) -> dict[str, str]:
    """What the enterprise states: a fact that several programmes ask for is stated for each alone."""
    known = edition(EDITION)
    return {
        known.programmes[case.programme].own_name(name) if name in known.shared_facts else name: value
        for case in mix
        for name, value in case.facts.items()
    }


def check_matches(lines: Sequence[str], mixes: Sequence[Sequence[Case]]) -> None:
    """Raise unless every case has the verdict and the amounts that the guideline workbook states."""
    for answer, mix in zip(match_lines(lines, edition(EDITION)), mixes, strict=True):
        if "error" in answer:
            raise AssertionError(f"{answer}")
        found = {each["program"]: each for each in answer["programs"]}
        for case in mix:
            if case.facts and not agrees(found[case.programme], case):
                raise AssertionError(f"{case.programme} {case.number}: {found[case.programme]}")


def agrees(answer: dict[str, object], case: Case) -> bool:
    """Whether an answer is what a case states."""
    found = (
        answer["eligible"],
        answer["ceiling"],
        answer["subsidy"],
        answer["first_payment"],
        sorted(answer["failed"]),
    )
    return found == (case.verdict, case.ceiling, case.subsidy, case.first, sorted(case.failed))
