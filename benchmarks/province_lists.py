"""A province's submissions, invented: a workbook per county, a sheet per direction, projects whose programmes have forms.

The 2022 edition has five directions, each with its own summary table, and prints a form for most of its programmes. The
facts are those of the edition's own test cases with other amounts, so that every verdict comes up; each column is
filled as a county fills it: units, credit codes, places, dates, money, the indicators of the form.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path

import xlsxwriter
from intake import PLANS, SIGNS, TRADES, credit_code, own_name
from startup import indicator_values, typed

from xltool.guideline.bundle import edition
from xltool.rules.model import Case, Programme

EDITION = "2022"
EACH = 20  # projects on a sheet
INDUSTRIES = ("通用设备制造业", "专用设备制造业", "汽车制造业", "纺织业", "医药制造业")
COLUMNS = (
    "申报项目类别", "申报项目名称", "单位名称", "统一社会信用代码", "设区市", "县（市、区）", "单位主要经营地址", "所属行业", "主营业务收入",
    "实缴税金", "利润总额", "申报项目总投资", "固定资产投资", "项目开始时间", "项目结束时间", "项目申请补助资金",
    "是否为省先进制造业集群中的项目", "项目推荐单位", "总体目标", "年度目标",
)  # fmt: skip
START, END = COLUMNS.index("项目开始时间"), COLUMNS.index("项目结束时间")


def write_province(folder: Path, count: int) -> list[Path]:
    """So many county workbooks."""
    return [write_county(folder / f"{city}{county}.xlsx", n) for n, (city, county) in enumerate(islice(places(), count))]


def places() -> list[tuple[str, str]]:
    """Cities and their counties; a city itself sends a list, too."""
    text = files("xltool").joinpath("reference", "divisions.csv").read_text(encoding="utf-8")
    names = {row["code"]: row["name"] for row in csv.DictReader(text.splitlines())}
    return [(names[f"{code[:4]}00"], name) for code, name in names.items() if not code.endswith("0000")]


@cache
def directions() -> list[list[Programme]]:
    """The programmes with a printed form, by direction."""
    known = edition(EDITION)
    printed = [each for each in known.programmes.values() if each.form in known.forms and not each.members]
    return [[each for each in printed if each.direction == table.direction] for table in known.tables]


@cache
def cases(programme: str) -> list[Case]:
    return [case for case in edition(EDITION).cases if case.programme == programme]


def write_county(path: Path, number: int) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        plain = workbook.add_format({"border": 1})
        date = workbook.add_format({"border": 1, "num_format": "yyyy-mm-dd"})
        for order, programmes in enumerate(directions()):
            programme = programmes[number % len(programmes)]
            write_sheet(workbook, programme, number * 10 + order, plain, date)
    return path


def write_sheet(workbook: xlsxwriter.Workbook, programme: Programme, seed: int, plain: object, date: object) -> None:
    facts = [name for name in programme.fields if name not in COLUMNS]
    indicators = indicator_values(programme, {*COLUMNS, *facts})
    heads = [*COLUMNS, *facts, *indicators]
    sheet = workbook.add_worksheet(f"{programme.id}")
    sheet.merge_range(0, 0, 0, len(heads) - 1, f"{programme.title}推荐汇总表", plain)
    sheet.write_row(1, 0, heads, plain)
    for row in range(EACH):
        for column, value in enumerate(project_row(programme, facts, indicators, seed, row)):
            if isinstance(value, dt.date):
                sheet.write_datetime(row + 2, column, value, date)
            elif value is not None:
                sheet.write(row + 2, column, value, plain)


def project_row(programme: Programme, facts: Sequence[str], indicators: dict[str, object], seed: int, row: int) -> list[object]:
    """A project as typed; the same each time."""
    choose = random.Random(seed * EACH + row)
    number, trade = seed * EACH + row, choose.choice(TRADES)
    city, county = places()[seed // 10]
    case = cases(programme.id)[(seed + row) % len(cases(programme.id))]
    start = dt.date(2021, 1, 1) + dt.timedelta(days=choose.randrange(300))
    total = choose.randrange(100_000, 900_000) / 100
    grown = choose.randrange(90, 130) / 100
    typed_facts = [typed(case.facts.get(name, "")) for name in facts]
    return [
        programme.id,
        f"{choose.choice(SIGNS)}{choose.choice(SIGNS)}{trade}{choose.choice(PLANS)}",
        f"{own_name(number)}{trade}有限公司",
        credit_code(number),
        city,
        county,
        f"{city}{county}{choose.choice(SIGNS)}{choose.choice(SIGNS)}路{choose.randrange(1, 999)}号",
        choose.choice(INDUSTRIES),
        *(choose.randrange(1_000_000, 90_000_000) / 100 for _ in range(2)),
        choose.randrange(-100_000, 900_000) / 100,
        total,
        round(total * 0.8, 2),
        start,
        start + dt.timedelta(days=choose.randrange(100, 300)),
        choose.randrange(1_000, 30_000) / 100,
        choose.choice("是否"),
        f"{county}工业和信息化局",
        f"新增{trade}试验设备{choose.randrange(5, 90)}台（套），形成{choose.choice(PLANS)}能力",
        f"完成{trade}设备安装，形成{choose.choice(PLANS)}能力",
        *(round(value * grown, 2) if isinstance(value, float) and value >= 100 else value for value in typed_facts),
        *(round(value * grown, 2) if isinstance(value, int) and value > 1 else value for value in indicators.values()),
    ]
