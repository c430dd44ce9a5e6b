"""Build the bundled project lists: two editions of one city, invented, some sixty projects each, with planted faults.

Run `python workbooks/samples/make_samples.py` after a change here, in the two modules beside it or in a guideline
workbook. The lists look like a city clerk's: a sheet per direction, two-level headings, aliases, several units, totals,
seal lines. Everything comes from fixed seeds, and XlsxWriter stamps the parts of a file with a fixed time, so a second
run writes the same content.

FAULTS is the whole list of what is wrong in them; tests/test_demo.py holds xltool to finding each of these, no others.
"""
from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from sample_projects import CITY, COUNTIES, END, NO, SPECS, START, TRADES, YEARS, Spec
from sample_sheets import (
    BLANK_ROW,
    EXTRA_COLUMN,
    HEAD_ROW,
    REPEATED_HEADER,
    SAME_COLUMN,
    SUBTOTAL,
    Formula,
    Row,
    Sheet,
    write_direction,
)
from stdnum.cn import uscc
from xlsxwriter.utility import xl_rowcol_to_cell

from xltool.guideline.bundle import edition as load_edition
from xltool.rules.assess import assess
from xltool.rules.facts import read_facts
from xltool.rules.formula import number_text
from xltool.rules.model import Edition, Field, Programme

FOLDER = Path(__file__).resolve().parent

# How a fault shows up.
PROBLEM = "问题"  # a problem at the cell; `says` are words of it
VERDICT = "结论"  # the verdict, and the condition or fact behind it
SKIPPED = "跳过"  # the row is skipped; `says` are words of the reason, `code` the problem at the cell if there is one
READ = "照读"  # no fault for xltool: read as `says`
QUOTA = "名额"  # the hint in the report's 名额 sheet

# What stands in a cell where it depends on the row.
EMPTY, BEFORE_START = "（空着）", "（早于开始）"
NUMBER_CODE, SHORT_CODE, BAD_CODE = "（变成数字）", "（17位）", "（校验位错）"
LONG = "海上风电与光伏、储能、制氢一体化高端装备智能制造基地建设及配套检测认证、运维培训、供应链协同示范工程" * 3
ODD = "智能仓储/分拣:一期*改造?“5G”<试点>🚀"
LINK = '=HYPERLINK("http://example.invalid","盐城示例新材料有限公司")'


@dataclass(frozen=True)
class Fault:
    """One planted fault: in the n-th project of a programme (2026P1-1#1) or on a sheet, what stands in a column."""

    at: str
    column: str
    value: object
    shows: str
    says: object
    code: str = ""


_SHEET_1, _SHEET_2, _SHEET_4 = "2026 重点产业技术创新", "2026 产业转型升级", "2026 服务体系建设"

FAULTS = (
    # amounts
    Fault("2026P1-1#1", "研发设备及配套软件购置额", "约500万", PROBLEM, "应为一个数", "value.type"),
    Fault("2026P1-3#2", "项目攻关总投入", "300-500", PROBLEM, "应为一个数", "value.type"),
    Fault("2026P1-3#4", "项目攻关总投入", "0.35亿元", READ, 3500.0),
    Fault("2026P1-8#2", "主营业务收入", "１２３４５.６", READ, 12345.6),
    Fault("2026P3-6#2", "项目总投资投入", "1,850.00", READ, 1850.0),
    Fault("2026P3-6#1", "实缴税金", -35.2, PROBLEM, "不小于0", "value.range"),
    Fault("2026P2-1#1", "固定资产投资", 12800, PROBLEM, "超过申报项目总投资", "value.conflict"),
    Fault("2026P1-2#2", "项目申请补助资金", 3500, PROBLEM, "超过补助上限", "value.conflict"),
    Fault("2023P1-1-1#1", "项目总投入", "1.2亿元", READ, 12000.0),
    Fault("2023P2#2", "项目申请补助资金", 3600, PROBLEM, "超过补助上限", "value.conflict"),
    Fault("2023P3-2#1", "贷款利息", "38万元", READ, 38.0),  # under a heading in 元
    Fault("2023P3-2#3", "新增软硬件投入", "１２６０", READ, 1260.0),
    Fault("2023P5-4#1", "项目总投入", -680, PROBLEM, "不小于0", "value.range"),
    Fault("2023P5-2#1", "服务团队人数", "十余人", PROBLEM, "应为一个数", "value.type"),
    Fault("2023P1-2-3#1", "基于5G的无线联网率", "百分之六十", PROBLEM, "应为一个数", "value.type"),
    # dates
    Fault("2026P1-1#3", "研发机构设立时间", "2025-13-01", PROBLEM, "到日的日期", "value.type"),
    Fault("2026P1-1#5", "项目开始时间", 2025.1, PROBLEM, "看不出是1月还是10月", "value.type"),  # Excel keeps 2025.10 like this
    Fault("2026P2-1#4", "项目开始时间", "2023年5月", PROBLEM, "按2023-05-01读", "note.reading"),
    Fault("2026P1-3#5", "项目结束时间", BEFORE_START, PROBLEM, "早于开始时间", "value.conflict"),
    Fault("2023P4-1#1", "计划建成时间", "2024年春", PROBLEM, "到日的日期", "value.type"),
    Fault("2023P4-1#2", "项目结束时间", BEFORE_START, PROBLEM, "早于开始时间", "value.conflict"),
    # choices, yes or no, errors
    Fault("2026P1-3#1", "攻关方向", "人形机器人", PROBLEM, "选项之一", "value.choice"),
    Fault("2023P1-3-3#1", "安全项目类型", "安全平台", PROBLEM, "选项之一", "value.choice"),
    Fault("2023P1-3-2#1", "截止日前已验收并出具意见", "基本是", PROBLEM, "“是”或“否”", "value.type"),
    Fault("2026P4-2#1", "服务收入占主营业务收入比重", "#DIV/0!", PROBLEM, "应为", "value.type"),  # the revenue is empty
    Fault("2023P3-3#1", "上年度软件业务收入", "#N/A", PROBLEM, "应为", "value.type"),
    # categories
    Fault("2026P1-4#2", "申报项目类别", "首台套装备示范应用项目", SKIPPED, "没有这个项目", "value.unknown"),
    Fault("2026P2-2#2", "申报项目类别", EMPTY, SKIPPED, "没有申报项目类别", "cell.missing"),
    Fault("2026P4-1-2#2", "申报项目类别", "中小企业公共服务体系建设项目", SKIPPED, "是一组项目", "value.unknown"),
    Fault("2023P2#1", "申报项目类别", "关键核心技术(装备)工程化公关", SKIPPED, "没有这个项目", "value.unknown"),
    Fault("2023P1-3-1-2#2", "申报项目类别", "工业互联网标识解析项目", SKIPPED, "是一组项目", "value.unknown"),
    # units and codes
    Fault("2026P1-7#1", "统一社会信用代码", BAD_CODE, PROBLEM, "校验位不对", "value.type"),
    Fault("2026P1-8#1", "统一社会信用代码", SHORT_CODE, PROBLEM, "应为18位", "value.type"),
    Fault("2026P2-2#1", "统一社会信用代码", NUMBER_CODE, PROBLEM, "统一社会信用代码", "value.type"),
    Fault("2026P3-3#2", "设区市", "南通市", PROBLEM, "不是盐城市的项目", "value.conflict"),
    Fault("2023P3-2#2", "单位名称", EMPTY, PROBLEM, "缺“单位名称”", "cell.missing"),
    # project names
    Fault("2026P3-3#1", "申报项目名称", EMPTY, PROBLEM, "缺“申报项目名称”", "cell.missing"),
    Fault("2026P1-5#1", "单位名称", LINK, READ, LINK),
    Fault("2026P4-5#1", "申报项目名称", "+123", READ, "+123"),
    Fault("2026P2-1#2", "申报项目名称", LONG, READ, LONG),
    Fault("2026P2-1#3", "申报项目名称", ODD, READ, ODD),
    # forms, columns
    Fault("2026P1-3#3", "解决关键技术难点数", EMPTY, PROBLEM, "核心指标", "cell.missing"),
    Fault("2026P3-5#2", "申报主体实缴注册资本金", 8000, PROBLEM, "不是 2026P3-5 的事实", "cell.unused"),
    Fault(_SHEET_2, "备用列", EXTRA_COLUMN, PROBLEM, "不认识的列", "note.column"),
    Fault(_SHEET_4, "单位主要经营地址", SAME_COLUMN, PROBLEM, "同名", "sheet.column"),
    # conditions not met
    Fault("2026P1-1#2", "研发设备及配套软件购置额", 860, VERDICT, "不符合 2g"),
    Fault("2026P1-1#4", "项目结束时间", dt.date(2026, 3, 31), VERDICT, "不符合 2e"),
    Fault("2026P1-4#1", "目录年度", 2024, VERDICT, "不符合 1b"),
    Fault("2026P3-5#1", "联合体单位数", 7, VERDICT, "不符合 主体d"),
    Fault("2026P4-2#2", "服务省内制造业企业数", 120, VERDICT, "不符合 3c"),
    Fault("2023P1-1-1#2", "项目总投入", 9200, VERDICT, "不符合 2"),
    Fault("2023P1-1-2#1", "研发类项目", "是", VERDICT, "不符合 1c"),
    Fault("2023P1-2-1#1", "项目完工时间", dt.date(2022, 9, 30), VERDICT, "不符合 3c"),
    Fault("2023P1-2-1#2", "软件系统集成公私有云投入", 260, VERDICT, "不符合 4b"),
    Fault("2023P1-5#1", "示范项目入选年份", 2019, VERDICT, "不符合 1c"),
    Fault("2023P3-1#1", "并购后持股比例", 0.45, VERDICT, "不符合 3a"),
    Fault("2023P5-3-1#1", "服务满意度", 0.86, VERDICT, "不符合 2d"),
    # facts left blank
    Fault("2026P1-6#1", "认定年度", EMPTY, VERDICT, "待核实 认定年度"),
    Fault("2026P1-8#3", "审计机构综合评价A级以上", EMPTY, VERDICT, "待核实 审计机构综合评价A级以上"),
    Fault("2026P2-2#3", "工厂类型", EMPTY, VERDICT, "待核实 工厂类型"),
    Fault("2023P2#3", "设辅助账并专账管理", EMPTY, VERDICT, "待核实 设辅助账并专账管理"),
    Fault("2023P3-2#4", "近两年获得过本专项资金", EMPTY, VERDICT, "待核实 近两年获得过本专项资金"),
    # quota, rows
    Fault("2026P1-2", "名额", "4个项目", QUOTA, "超过1个"),
    Fault(_SHEET_1, "行", SUBTOTAL, SKIPPED, "小计行"),
    Fault(_SHEET_1, "行", BLANK_ROW, READ, ""),
    Fault(_SHEET_1, "行", REPEATED_HEADER, SKIPPED, "重复的表头"),
    Fault("2023 绿色化改造提升", "行", REPEATED_HEADER, SKIPPED, "重复的表头"),
    Fault("2023 自主品牌企业培育", "行", SUBTOTAL, SKIPPED, "小计行"),
)


ERRORS = {"#DIV/0!": "{服务企业的服务收入}/{主营业务收入}", "#N/A": "VLOOKUP({单位名称},$B$300:$C$320,2,FALSE)"}


@dataclass(frozen=True)
class Placed:
    """Where a fault stands in the file; `cell` is the address a problem should name."""

    fault: Fault
    sheet: str
    row: int
    cell: str


# --- values ---------------------------------------------------------------------------------------------------------

_FIRST, _SECOND = "禾澜朔璟霖熠曜湛昶翎沐樾", "川岳舟原野屿岚汀舜珩峤沅"


def brand(number: int) -> str:
    """A two-sign invented name, each number its own."""
    return _FIRST[number % len(_FIRST)] + _SECOND[number // len(_FIRST) % len(_SECOND)]


def credit_code(trade: str, county: str, number: int) -> str:
    """A code that says it is a demo (MADEM) and has the right check digit."""
    body = f"{TRADES[trade].code}{COUNTIES[county]}MADEM{number:04d}"
    return body + uscc.calc_check_digit(body)


def draw(rule: object, field: Field | None, rng: random.Random, turn: int, values: dict[str, object]) -> object:
    """The value of a fact by its rule in sample_projects.py."""
    if rule in (START, END, YEARS):
        return values[rule]
    if isinstance(rule, list):
        return rule[turn % len(rule)]
    if not isinstance(rule, tuple):
        return rule
    if rule[0] == "÷":
        return Formula(f"{{{rule[1]}}}/{{{rule[2]}}}", round(values[rule[1]] / values[rule[2]], 6))
    if len(rule) == 3:
        return round(values[rule[0]] * (rule[1] + (rule[2] - rule[1]) * rng.random()), 2)
    if isinstance(rule[0], str):
        low, high = map(dt.date.fromisoformat, rule)
        return low + dt.timedelta(int((high - low).days * rng.random()))
    number = rule[0] + (rule[1] - rule[0]) * rng.random()
    return int(number) if field and field.kind == "数量" else round(number, 2)


def months_later(day: dt.date, months: int) -> dt.date:
    month = day.month - 1 + months
    return dt.date(day.year + month // 12, month % 12 + 1, min(day.day, 28))


def projects(edition: Edition) -> list[Row]:
    """All projects of an edition, with their faults, county by county."""
    rows: list[Row] = []
    counts: Counter[str] = Counter()
    for spec in SPECS[edition.id]:
        for turn in range(spec.count):
            counts[spec.programme] += 1
            key = f"{spec.programme}#{counts[spec.programme]}"
            rows.append(project(edition, spec, key, turn, len(rows)))
    order = list(COUNTIES)
    return sorted(rows, key=lambda row: order.index(row.county))


def project(edition: Edition, spec: Spec, key: str, turn: int, number: int) -> Row:
    rng = random.Random(key)
    programme = edition.programmes[spec.programme]
    county = list(COUNTIES)[number % len(COUNTIES)]
    values: dict[str, object] = {}
    if spec.start:
        start = draw(spec.start, None, rng, turn, values)
        values |= {START: start, END: months_later(start, spec.months), YEARS: round(spec.months / 12, 1)}
        values |= {"项目开始时间": values[START], "项目结束时间": values[END]}
    values |= unit_values(spec, edition, county, number, rng)
    for name, rule in spec.facts.items():
        values[name] = draw(rule, programme.fields.get(name), rng, turn, values)
    for name, fact in programme.fields.items():
        if name not in values and fact.kind == "是否":
            values[name] = "否" if name in NO else "是"
    values |= project_values(spec, programme, county, number)
    faults = {fault.column: fault.value for fault in FAULTS if fault.at == key}
    values |= amounts(spec, programme, values, faults, turn, rng)
    values |= indicator_values(edition, programme, values, rng)
    if edition.documents and number % 4 != 3:
        values |= letter_values(spec, values, faults, number)
    return Row(key, programme, county, plant(values, faults, spec, number))


def unit_values(spec: Spec, edition: Edition, county: str, number: int, rng: random.Random) -> dict[str, object]:
    trade = TRADES[spec.trade]
    made_up = brand(number + (edition.id == "2023") * 67)
    if spec.trade == "部门":
        made_up = CITY if spec.programme in ("2026P3-4", "2026P3-7") else county
    home, serial = (next(iter(COUNTIES)), 0) if made_up == CITY else (county, number)  # the city's office has one code
    found = {"设区市": CITY, "县（市、区）": county, "单位名称": trade.unit.format(made_up),
             "统一社会信用代码": credit_code(spec.trade, home, int(edition.id) % 10 * 1000 + serial),
             "单位主要经营地址": f"{CITY}{county}示例大道{8 + number * 7 % 190}号", "所属行业": trade.industry}
    if spec.trade != "部门":
        revenue = round(4200 + 52000 * rng.random() ** 2, 2)
        margin = 0.12 * rng.random() - 0.006  # now and then a loss
        found |= {"主营业务收入": revenue, "实缴税金": round(revenue * (0.02 + 0.04 * rng.random()), 2),
                  "利润总额": round(revenue * margin, 2)}
    return found


def project_values(spec: Spec, programme: Programme, county: str, number: int) -> dict[str, object]:
    products = TRADES[spec.trade].products
    whole = programme.title
    category = programme.id if number % 5 == 3 else whole.removesuffix("项目") if number % 7 == 2 else whole
    title = spec.title.format(products[number % len(products)])
    place = county if spec.trade in ("部门", "服务") else ""
    return {"申报项目类别": category, "申报项目名称": f"{place}{title}项目",
            "是否为省先进制造业集群中的项目": "否" if number % 4 == 1 else "是",
            "项目推荐单位": f"{county}示例工信主管单位",
            "总体目标": f"按计划完成{title}，形成稳定能力，带动{county}相关产业提升。",
            "个性指标": f"新增就业{4 + number % 9}人\n带动上下游企业{3 + number % 5}家" if number % 3 == 0 else None}


def letter_values(spec: Spec, values: dict[str, object], faults: dict[str, object], number: int) -> dict[str, object]:
    """What only the letters show: place, somebody to ask, goals, schedule; an approved amount here and there."""
    title, county = str(values["申报项目名称"]).removesuffix("项目"), values["县（市、区）"]
    found = {"项目所在地": f"{CITY}{county}示例园区{3 + number % 20}号", "项目负责人": f"示例{'甲乙丙丁戊己庚辛'[number % 8]}",
             "联系电话": f"0515-0000{number:04d}", "任务目标": f"按期完成{title}，通过验收并稳定运行。",
             "绩效目标": f"项目完成后新增销售收入{800 + number * 37 % 900}万元，新增就业{6 + number % 20}人。",
             "主要实施内容": f"1. 完成{title}的方案设计；\n2. 购置并安装设备、软件；\n3. 系统联调、试运行和人员培训。"}
    start, total = values.get(START), values.get("申报项目总投资")
    if start and total and "申报项目总投资" not in faults:
        third = spec.months // 3
        spent = [round(total * share, 2) for share in (0.4, 0.35)]
        stages = zip(("方案设计和设备采购", "安装调试；系统集成", "试运行和验收"), (*spent, round(total - sum(spent), 2)))
        days = [(months_later(start, turn * third), months_later(start, (turn + 1) * third if turn < 2 else spec.months)) for turn in range(3)]
        found["项目实施进度计划"] = "\n".join(f"{first.year}年{first.month}月至{last.year}年{last.month}月；{what}；{number_text(amount)}万元"
                                       for (first, last), (what, amount) in zip(days, stages))
    if number % 3 == 0 and not faults and values.get("项目申请补助资金"):
        found["批复专项资金"] = values["项目申请补助资金"]
    return found


def amounts(spec: Spec, programme: Programme, values: dict[str, object], faults: dict[str, object], turn: int,
            rng: random.Random
                     ) -> dict[str, object]:
    """Investment and declared subsidy that go with the facts as they will be read, faults of the facts included."""
    sound = typed(programme, values)
    read = typed(programme, {name: value for name, value in {**values, **faults}.items() if value != EMPTY})
    ceiling = assess(programme, read).ceiling
    if ceiling is None:
        ceiling = assess(programme, sound).ceiling
    found: dict[str, object] = {}
    if ceiling:
        share = (1, 1, 0.95, 0.9)[turn % 4]
        found["项目申请补助资金"] = ceiling if programme.mode == "免申直达" else int(ceiling * share)
    money = [name for name in spec.facts if name in programme.fields and programme.fields[name].kind == "金额"]
    if spec.start and spec.investment and money:
        total = round({**sound, **read}[money[0]] * (1.02 + 0.25 * rng.random()), 2)
        fixed = round(total * (0.5 + 0.25 * rng.random()), 2) if spec.fixed else None
        found |= {"申报项目总投资": total, "固定资产投资": fixed}
    return found


def typed(programme: Programme, values: dict[str, object]) -> dict[str, object]:
    """The facts as xltool reads them; what it cannot read is left out."""
    facts = {name: value.value if isinstance(value, Formula) else value for name,
             value in values.items() if name in programme.fields}
    return read_facts(facts, programme)[0]


# An indicator's target: the fact it repeats, a text, or two numbers to choose between; else by its unit.
_TARGETS = {
    "新增研发设备及配套软件购置额": "研发设备及配套软件购置额", "新增研发设备及配套软件": "研发设备及配套软件购置费",
    "项目总投入": "项目总投资投入",
    "项目总投资": "项目总投资投入", "2025年度临床试验机构创新药械研发服务收入": "年度服务金额",
    "营业收入": (9000, 36000), "新增申请专利数量": (8, 15),
    "新增授权专利数量": (4, 7), "其中:发明专利数量": (2, 5), "提高生产效率": (12, 35),
    "2025年度创新药械临床试验进展": "2个产品Ⅲ期完成、3个产品Ⅱ期进行中",
    "促进行业技术突破是否明显": "明显", "服务管理制度规范或质量标准建立情况": "已建立并执行"}
_BY_UNIT = {"个": (2, 12), "项": (2, 6), "家": (20, 120), "人": (8, 40), "台套": (6, 30), "家次": (60, 240),
            "人次": (2000, 9000), "场": (4, 12),
            "%": (90, 100), "万元": (800, 5000)}


def indicator_values(edition: Edition, programme: Programme, values: dict[str, object], rng: random.Random
                     ) -> dict[str, object]:
    """Targets for the indicators of the programme's form; an indicator that is a fact has its value already."""
    found: dict[str, object] = {}
    form = edition.forms.get(programme.form)
    for indicator in form.indicators if form else ():
        if indicator.name in programme.fields:
            continue
        target = _TARGETS.get(indicator.name) or _BY_UNIT.get(indicator.unit) or "显著提升"
        if isinstance(target, tuple):
            found[indicator.name] = int(target[0] + (target[1] - target[0]) * rng.random())
        else:
            found[indicator.name] = values.get(target, target)
    return found


def plant(values: dict[str, object], faults: dict[str, object], spec: Spec, number: int) -> dict[str, object]:
    """The values as the clerk has them: dates and yes or no typed in several ways, and the faults."""
    start = values.get(START)
    values = {name: written(value, number) for name, value in values.items()}
    code = str(values["统一社会信用代码"])
    special = {SHORT_CODE: code[:-1], BAD_CODE: code[:-1] + ("0" if code[-1] != "0" else "1"),
               NUMBER_CODE: 913209000012345678, EMPTY: None}
    for column, value in faults.items():
        if value == BEFORE_START:
            value = start - dt.timedelta(40)
        elif value in ERRORS:
            value = Formula(ERRORS[value], value)
            values |= {"主营业务收入": None} if "主营" in value.text else {}
        elif isinstance(value, dt.date) and spec.facts.get(column) == END:
            values["项目结束时间"] = value
        values[column] = special.get(value, value) if isinstance(value, str) else value
    return values


def written(value: object, number: int) -> object:
    if isinstance(value, dt.date) and number % 6 == 4:
        return f"{value.year}年{value.month}月{value.day}日" if number % 4 else f"{value:%Y/%m/%d}"
    return {"是": "√", "否": "×"}.get(value, value) if isinstance(value, str) and number % 8 == 7 else value


# --- files ----------------------------------------------------------------------------------------------------------

CREATED = dt.datetime(2026, 4, 20, 9, 0)


def file_name(edition: str) -> str:
    return f"{CITY}{edition}年项目清单.xlsx"


def build(edition_id: str, folder: Path) -> list[Placed]:
    """Write the list of an edition into a folder; returns where each fault stands."""
    edition = load_edition(edition_id)
    book = xlsxwriter.Workbook(str(folder / file_name(edition_id)),
                               {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{CITY}{edition_id}年项目清单（虚构样例）", "author": "xltool", "created": CREATED})
    rows = projects(edition)
    placed = []
    for table in edition.tables:
        shown = [row for row in rows if row.programme.direction == table.direction]
        faults = [fault for fault in FAULTS if fault.at == f"{edition_id} {table.direction}"]
        odd = {fault.column if fault.column != "行" else fault.value: fault.value for fault in faults}
        sheet = write_direction(book, edition, table.direction, shown, CITY, odd)
        placed += [place(fault, table.direction,
                         sheet) for fault in FAULTS if fault in faults or fault.at in sheet.rows]
    book.close()
    return placed


def place(fault: Fault, direction: str, sheet: Sheet) -> Placed:
    """The address of a fault; an empty cell of a form is told by its row."""
    if fault.value in (EXTRA_COLUMN, SAME_COLUMN):
        row, column = HEAD_ROW, sheet.index[f"{fault.column}（{fault.value}）"]
    else:
        row = sheet.rows[fault.value if fault.column == "行" else fault.at]
        column = sheet.index.get(fault.column)
    by_row = column is None or (fault.code == "cell.missing" and "指标" in str(fault.says))
    return Placed(fault, direction, row + 1, f"第{row + 1}行" if by_row else xl_rowcol_to_cell(row, column))


if __name__ == "__main__":
    for name in SPECS:
        faults = build(name, FOLDER)
        print(f"{file_name(name)}：错误 {len(faults)} 处")
