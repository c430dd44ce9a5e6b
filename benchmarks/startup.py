"""How long people wait: each command in a process of its own, start and imports included.

There is no peer that does the same job, so these are limits in seconds; the empty interpreter and `import pandas`
run in the same rounds to say how fast the machine was. The list of 500 projects is made of the edition's own test
cases (facts as typed, indicators filled, a sheet per programme), so every programme, form and summary table takes
part. Files are warm in the system's cache, byte code is compiled: the second run of a day, not the first after
installing. `stages` says where a batch spends its time, by `batch_stages.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import xlsxwriter
from measure import OURS, Job, Row, duration, medians, new_folder

from xltool.guideline.bundle import edition
from xltool.intake.headers import indicator_field
from xltool.rules.model import Case, Programme

EDITION, PROJECTS, ROUNDS, BATCH_ROUNDS = "2026", 500, 15, 7
COMMAND = str(Path(sys.executable).with_name("xltool"))
EMPTY, PANDAS = "python -c pass", "python -c 'import pandas'"
LOAD = f"from xltool.guideline.bundle import edition; edition({EDITION!r})"
REACHES = {
    "xltool --version": 0.15,
    f"载入 {EDITION} 版（新进程，含导入）": 0.3,
    f"xltool batch，{PROJECTS} 个项目": 1.5,
}
WAIT, STAGES = "命令行：新进程从启动到结束", "batch 的时间花在哪里"
GROUPS = {
    WAIT: "没有做同样事情的对手，目标是秒数的上限。每次都是新进程（系统缓存是热的，字节码已编译）。"
    f"batch 的清单由本版指南自己的用例拼成，{PROJECTS} 个项目，每个项目类别一张工作表。",
    STAGES: "在同样的新进程里给各步计时（取总时间居中的一次），不含解释器启动。",
}
LIST_COLUMNS = ("申报项目类别", "申报项目名称", "单位名称", "县（市、区）", "总体目标")


def run(quick: bool = False) -> list[Row]:
    """The rows of the report: the three commands, then the stages of a batch."""
    folder = new_folder()
    source = project_list(folder / "list.xlsx", PROJECTS)
    return commands(source, folder, 5 if quick else ROUNDS) + batch(source, folder, 3 if quick else BATCH_ROUNDS)


def commands(source: Path, folder: Path, rounds: int) -> list[Row]:
    version, load, _ = REACHES
    jobs = {
        version: [COMMAND, "--version"],
        load: [sys.executable, "-c", LOAD],
        EMPTY: [sys.executable, "-c", "pass"],
        PANDAS: [sys.executable, "-c", "import pandas"],
    }
    found = medians({name: Job(lambda command=command: call(command)) for name, command in jobs.items()}, rounds)
    note = f"同一轮里 {EMPTY} 用 {duration(found[EMPTY])}，{PANDAS} 用 {duration(found[PANDAS])}"
    return [Row(WAIT, name, "", found[name], reach=REACHES[name], note=note) for name in (version, load)]


def batch(source: Path, folder: Path, rounds: int) -> list[Row]:
    what = list(REACHES)[2]
    command = [COMMAND, "batch", str(source), "--edition", EDITION, "--city", "盐城市", "--out"]
    stages: list[dict[str, float]] = []
    turns = count(1)

    def whole() -> None:
        call([*command, str(folder / f"out-{next(turns)}")])

    def parts() -> None:
        stages.append(measured_stages(source, folder / f"stages-{next(turns)}"))

    reference = [sys.executable, "-c", "import pandas"]
    found = medians({OURS: Job(whole), PANDAS: Job(lambda: call(reference)), "stages": Job(parts)}, rounds)
    note = f"写出 {count_files(next(folder.glob('out-*')))} 个文件；同一轮里 {PANDAS} 用 {duration(found[PANDAS])}"
    rows = [Row(WAIT, what, "", found[OURS], reach=REACHES[what], note=note)]
    middle = sorted(stages[1:], key=lambda one: sum(one.values()))[len(stages[1:]) // 2]
    return rows + [Row(STAGES, stage, "", seconds) for stage, seconds in middle.items()]


def call(command: Sequence[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def measured_stages(source: Path, out: Path) -> dict[str, float]:
    script = Path(__file__).with_name("batch_stages.py")
    return json.loads(call([sys.executable, str(script), str(source), EDITION, str(out), "盐城市"]))


def count_files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def project_list(path: Path, projects: int) -> Path:
    """A list workbook of so many projects, a sheet per programme, from the edition's test cases."""
    known = edition(EDITION)
    cases: dict[str, list[Case]] = {}
    for number in range(projects):
        case = known.cases[number % len(known.cases)]
        cases.setdefault(case.programme, []).append(case)
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name, some in cases.items():
            write_sheet(workbook.add_worksheet(name), known.programmes[name], some)
    return path


def write_sheet(sheet: object, programme: Programme, cases: Sequence[Case]) -> None:
    facts = list(programme.fields)
    indicators = indicator_values(programme, {*LIST_COLUMNS, *facts})
    sheet.write_row(0, 0, [*LIST_COLUMNS, *facts, *indicators])
    for row, case in enumerate(cases, 1):
        county = ("亭湖区", "盐都区", "东台市")[row % 3]
        about = (
            programme.id,
            f"{programme.title} {case.number}",
            f"盐城第{row}装备有限公司",
            county,
            "按期建成，达到设计能力",
        )
        values = [typed(case.facts.get(name, "")) for name in facts]
        sheet.write_row(row, 0, [*about, *values, *indicators.values()])


def indicator_values(programme: Programme, taken: set[str]) -> dict[str, object]:
    """The indicators of the programme's performance form with plausible values, so that the forms are filled."""
    form = edition(EDITION).forms.get(programme.form)
    fields = [indicator_field(indicator) for indicator in form.indicators] if form else []
    return {
        field.name: "达到国内先进水平" if field.kind == "文字" else 0.9 if field.kind == "比例" else 12
        for field in fields
        if field.name not in taken
    }


def typed(text: str) -> object:
    """A number where a clerk's cell would hold one."""
    try:
        return float(text)
    except ValueError:
        return text or None
