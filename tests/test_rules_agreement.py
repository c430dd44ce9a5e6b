"""One rule, three machines: plain Python, numpy columns and the native Excel text in a real LibreOffice must agree.

Facts are drawn around every constant of the rules (at it, a fen and one beside it; dates a day beside it, and month ends), each
missing now and then. Formulas are those of the bundled editions, and random well-typed ones over a few facts.
"""
from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from xltool.guideline.bundle import edition, edition_ids
from xltool.rules import serial
from xltool.rules.assess import assess
from xltool.rules.check import infer
from xltool.rules.columns import NO, UNKNOWN, VERDICTS, YES, assess_columns, read_column
from xltool.rules.evaluate import Value, compile_scalar
from xltool.rules.facts import read_value
from xltool.rules.formula import FUNCTIONS, Call, Node, Number, Unary, children, names, parse
from xltool.rules.model import SUBSIDY, Condition, Field, Formula, Programme
from xltool.rules.native import native, native_amount

MONTH_ENDS = [dt.date(2023, 2, 28), dt.date(2024, 2, 29), dt.date(2025, 1, 31), dt.date(2025, 12, 31), dt.date(2026, 1, 1)]
STATUS = {YES: True, NO: False, UNKNOWN: None}


# --- random facts -----------------------------------------------------------------------------------------------------

def formulas(programme: Programme) -> list[Node]:
    every = [rule.formula.node for rule in programme.conditions] + [rule.when.node for rule in programme.conditions if rule.when]
    return every + [formula.node for formula in (programme.ceiling, programme.first) if formula]


def constants(node: Node) -> Iterator[Value]:
    """The values of the parts of a formula that name no fact."""
    if not names(node) and isinstance(node, (Number, Unary, Call)):
        yield compile_scalar(node)({})
    for child in children(node):
        yield from constants(child)


def calls(node: Node) -> Iterator[Call]:
    if isinstance(node, Call):
        yield node
    for child in children(node):
        yield from calls(child)


class Facts:
    """Draws the facts of a programme, as a file would give them."""

    def __init__(self, programme: Programme, rng: random.Random) -> None:
        self.rng, self.fields = rng, programme.fields
        found = {value for node in formulas(programme) for value in constants(node) if isinstance(value, float)}
        rates = {value for value in found if 0 < value < 1}
        edges = {0.0, *found, *(value / rate for value in found for rate in rates), *(value * rate for value in found for rate in rates)}
        self.numbers = sorted(edge for edge in edges if abs(edge) < 1e9)
        self.days = sorted({serial.to_date(value) for value in found if 36000 < value < 60000} | set(MONTH_ENDS))

    def project(self) -> dict[str, object]:
        chance = self.rng.choice([0.0, 0.05, 0.3])
        return {name: None if self.rng.random() < chance else self.fact(field) for name, field in self.fields.items()}

    def fact(self, field: Field) -> object:
        rng = self.rng
        if field.kind == "是否":
            return rng.random() < 0.8
        if field.kind == "选项":
            return rng.choice(field.choices)
        if field.kind == "文字":
            return rng.choice(["甲", "乙", "x"])
        if field.kind == "日期":
            day = rng.choice([*self.days, dt.date(2019, 1, 1) + dt.timedelta(rng.randrange(3650))])
            return day + dt.timedelta(rng.choice([0, 0, 0, 1, -1, 365, 730, -365]))
        number = rng.choice([*self.numbers, round(rng.uniform(0, 20000), rng.choice([0, 2, 6]))])
        number = round(number + rng.choice([0, 0, 0, 1e-6, -1e-6, 1, -1]), 9)
        return number if field.kind in ("比例", "盈亏") else abs(number)


def read(project: Mapping[str, object], programme: Programme) -> dict[str, Value]:
    facts = {}
    for name, raw in project.items():
        facts[name], problem = read_value(raw, programme.fields[name])
        assert problem is None
    return {name: value for name, value in facts.items() if value is not None}


# --- random formulas --------------------------------------------------------------------------------------------------

FIELDS = {field.name: field for field in (
    Field("投入", "金额", "万元"), Field("设备", "金额", "万元"), Field("利润", "盈亏", "万元"), Field("家数", "数量", "家"),
    Field("得分", "数量"), Field("占比", "比例"),
    Field("开始", "日期"), Field("结束", "日期"), Field("已开工", "是否"), Field("有证", "是否"), Field("行业", "选项", "", ("化工", "印染", "其他")),
    Field("旧行业", "选项", "", ("其他", "化工", "印染")), Field("备注", "文字"),
)}
TYPES = {name: field.type for name, field in FIELDS.items()}


# a formula of a kind; {kind} in it stands for a smaller one of that kind, ⟨⟩ for the braces of a list
OPTIONS = {
    "plain_amount": ["0", "0.3", "100", "999.999999", "1000", "2500.5", "1亿元"],
    "plain_days": ["1", "28", "30", "365"],
    "plain_months": ["1", "-1", "6", "12", "-13", "24"],
    "plain_money": [
        "投入", "设备", "利润", "{amount}",
    ],
    "money": [
        "({money}+{money})", "({money}-{money})", "{money}*{share}", "{money}/3", "-({money})", "家数*2.5", "MIN({money},{amount})",
        "MAX({money},{money})", "SUM({money},{money},{money})", "ROUND({money},2)", "ROUND({money},-2)", "ABS({money})", "INT({money})",
        "IF({truth},{money},{money})", "IFS({truth},{money},{truth},{money},TRUE,{money})", "IFS({truth},{money})", "IFNA({money},{amount})",
        "{money}/(家数-30)", "得分^2*1", "投入/得分^0.5",
    ],
    "plain_share": [
        "占比", "20%", "0.6", "12.5%",
    ],
    "share": [
        "{money}/设备", "{share}*{share}", "1-{share}", "IFNA({share},0)", "占比^2", "MAX({share},5%)",
    ],
    "plain_date": [
        "开始", "结束", "DATE(2025,6,30)", "2024-02-29",
    ],
    "date": [
        "EDATE({date},{months})", "({date}+{days})", "({date}-{days})", "MIN({date},{date})", "MAX({date},结束)", "IF({truth},{date},{date})",
        "IFNA({date},DATE(2025,1,31))", "DATE(YEAR({date})+1,MONTH({date})-1,31)",
    ],
    "plain_truth": [
        "已开工", "有证", "TRUE", "FALSE", '行业="化工"', '"印染"<>行业', "行业=旧行业", '备注="甲"', "已开工<>有证",
    ],
    "truth": [
        "{money}>={money}", "{money}<={amount}", "{money}>{money}", "{money}<{amount}", "{money}={money}", "{money}<>{money}",
        "{share}>={share}", "{share}<60%", "{date}<={date}", "{date}>DATE(2025,1,31)", "({date}-{date})<={days}", "YEAR({date})=2025",
        "MONTH({date})<>2", 'DATEDIF({date},{date},"M")<=12', 'DATEDIF(开始,结束,"Y")>=1', 'DATEDIF({date},结束,"D")>30',
        "AND({truth},{truth})", "OR({truth},{truth},{truth})", "NOT({truth})", "IF({truth},{truth},{truth})", "IF({truth},{truth})",
        "IFNA({truth},FALSE)", "AND({truth},OR({truth},NOT({truth})))", "OR(行业=⟨\"化工\",\"印染\"⟩)",
        "AND(行业<>⟨\"化工\",\"其他\"⟩,{truth})", "OR(家数=⟨30,31,29⟩)", "OR({money}=⟨100,1000⟩)", "{text}={text}", "{text}<>\"化工\"",
        "OR({text}=⟨\"甲\",\"其他\"⟩)", "NOT({truth})=已开工", "AND(投入>=100,投入<=1000,投入<>500)",
    ],
    "plain_text": [
        "备注", '"甲"', '"x""y"',
    ],
    "text": [
        '{text}&"/"&{text}', "IF({truth},行业,{text})", 'IFNA(备注,"无")', "备注&家数", "行业&({truth})", "IF({truth},行业,旧行业)",
    ],
}


class Formulas:
    """Draws well-typed formulas in the cell language; together they use every function and operator."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def draw(self, kind: str, depth: int) -> str:
        """A formula of one kind: money, share, date, truth or text."""
        option = self.rng.choice(OPTIONS["plain_" + kind] + (OPTIONS.get(kind, []) if depth > 0 else []))
        while "{" in option:  # {money}: a smaller formula of that kind
            start, end = option.index("{"), option.index("}")
            inner = option[start + 1:end]
            option = option[:start] + self.draw(inner, depth - 1).replace("{", "⟨").replace("}", "⟩") + option[end + 1:]
        return option

    def one(self, kind: str, depth: int) -> Formula:
        """A formula the check has nothing against (two constants in one MIN, say)."""
        while True:
            formula = Formula.parse(self.draw(kind, depth).replace("⟨", "{").replace("⟩", "}"))
            if not infer(formula.node, TYPES)[1]:
                return formula


def programme_of(conditions: list[Formula], ceiling: Formula | None = None, first: Formula | None = None) -> Programme:
    rules = tuple(Condition(str(number), "t", formula) for number, formula in enumerate(conditions, 1))
    return Programme("2099P1", "1", "t", ceiling=ceiling, first=first, fields=FIELDS, conditions=rules)


def random_programme(rng: random.Random, size: int = 3, depth: int = 3) -> Programme:
    draw = Formulas(rng)
    first = Formula.parse(rng.choice(["补助*50%", "MIN(补助,100)", "IF(有证,补助,补助*10%)", "IFNA(补助,0)"]))
    return programme_of([draw.one("truth", depth) for _ in range(size)], draw.one("money", depth), first)


# --- plain Python and columns -----------------------------------------------------------------------------------------

def columns_of(projects: list[dict[str, object]], programme: Programme) -> dict[str, np.ndarray]:
    return {name: read_column([project[name] for project in projects], field) for name, field in programme.fields.items()}


def same(column: np.ndarray | None, answers: list[float | None]) -> None:
    if column is None:
        assert set(answers) <= {None}
        return
    assert [None if np.isnan(value) else float(value) for value in column] == answers


def agree(programme: Programme, projects: list[dict[str, object]]) -> None:
    results = assess_columns(programme, columns_of(projects, programme))
    answers = [assess(programme, read(project, programme)) for project in projects]
    assert [VERDICTS[code] for code in results.verdict] == [answer.verdict for answer in answers]
    for index, condition in enumerate(programme.conditions):
        found = [STATUS[code] for code in results.statuses[index]]
        assert found == [answer.statuses[index] for answer in answers], condition.rule.text
    same(results.ceiling, [answer.ceiling for answer in answers])
    same(results.subsidy, [answer.subsidy for answer in answers])
    same(results.first_payment, [answer.first_payment for answer in answers])
    for row in range(0, len(projects), 7):
        assert results.facts(row) == read(projects[row], programme)
        assert results.assessment(row).reasons == answers[row].reasons


@pytest.mark.parametrize("name", edition_ids())
def test_columns_agree_with_plain_python_for_every_programme(name):
    verdicts = set()
    for programme in edition(name).programmes.values():
        if programme.fields:
            facts = Facts(programme, random.Random(programme.id))
            projects = [facts.project() for _ in range(150)]
            agree(programme, projects)
            verdicts |= {assess(programme, read(project, programme)).verdict for project in projects}
    assert verdicts == {"符合", "不符合", "待核实"}


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_columns_agree_with_plain_python_for_random_formulas(first):
    for seed in range(first, first + 50):
        programme = random_programme(random.Random(seed))
        facts = Facts(programme, random.Random(seed))
        agree(programme, [facts.project() for _ in range(20)])


def test_the_random_formulas_use_every_function():
    used = set()
    for seed in range(300):
        used |= {part.function for formula in formulas(random_programme(random.Random(seed))) for part in calls(formula)}
    assert used == set(FUNCTIONS)


@pytest.mark.parametrize(("condition", "amount"), [
    ("*".join(["家数"] * 25) + ">=1", "*".join(["投入"] + ["家数"] * 25)),  # overflows
    ("备注&\"\"=\"甲\"", "200"), ("IFNA(行业,旧行业)=\"化工\"", "IF(备注=\"甲\",1,2)"), ("OR(IF(已开工,行业,旧行业)={\"化工\"})", "利润*10%"),
    ("1/家数>=0.1", "投入/家数*1"), ("TRUE", "得分^0.5*1"), ("YEAR(开始)*0+1=1", "0-利润"),
])
def test_columns_agree_on_awkward_formulas(condition, amount):
    rng = random.Random(condition)
    programme = programme_of([Formula.parse(condition)], Formula.parse(amount))
    facts = Facts(programme, rng)
    huge = {**facts.project(), "投入": 9e14, "家数": 9e14}
    none = dict.fromkeys(FIELDS)
    agree(programme, [*(facts.project() for _ in range(30)), huge, none])
    agree(programme, [none, none])


# what binary fractions would get wrong, with the facts of DECIMAL
DECIMALS = [
    "投入-设备-利润>=0", "NOT(投入-设备-利润<0)", "设备+利润=投入", "NOT(设备+利润<>投入)", "NOT(设备+利润>投入)", "OR(设备+利润={0.3,7})",
    "AND(设备+利润<>{5,7})", "INT(投入/设备)=3", "家数*占比<=0.6", "家数*占比>=0.6", "ROUND(家数*占比*0.5,0)=0", "ROUND(投入*5,0)=2",
    "-投入*5+1.5>=0",
    "投入-0.1-0.2+(-1)=-1",
]
DECIMAL = {**dict.fromkeys(FIELDS), "投入": 0.3, "设备": 0.1, "利润": 0.2, "家数": 3, "占比": 0.2}


def test_plain_python_and_columns_see_decimals_alike():
    programme = programme_of([Formula.parse(text) for text in DECIMALS], Formula.parse("投入-设备-利润"))
    agree(programme, [DECIMAL])
    answer = assess(programme, read(DECIMAL, programme))
    assert dict(zip(DECIMALS, answer.statuses)) == dict.fromkeys(DECIMALS, True)
    assert answer.ceiling == 0


def test_libreoffice_sees_decimals_as_we_do(soffice, tmp_path):
    book = Book()
    programme = programme_of([Formula.parse(text) for text in DECIMALS], Formula.parse("投入-设备-利润"))
    book.sheet("S", programme, [DECIMAL], unrounded=True)
    book.check(soffice, tmp_path)


def test_a_fact_without_a_column_is_missing_for_all():
    programme = programme_of([Formula.parse("AND(已开工,备注=\"甲\")")], Formula.parse("MIN(投入,利润)"))
    results = assess_columns(programme, {"投入": read_column([1.0, 2.0], FIELDS["投入"])})
    assert [VERDICTS[code] for code in results.verdict] == ["待核实", "待核实"]
    assert np.isnan(results.ceiling).all()


@pytest.mark.parametrize(("name", "raw"), [
    ("投入", [1, None, 2.1234567, float("nan")]), ("利润", [-1.5, None]), ("家数", [1, 2]), ("占比", [0.5, None, -0.1]),
    ("开始", [dt.date(2025, 6, 30), None, dt.datetime(2025, 6, 30, 12), 45000.5]), ("已开工", [True, False, None]), ("已开工", [True, False]),
    ("行业", ["化工", None, " 印染", ""]), ("备注", ["甲", None, "", " 乙 ", "-"]),
])
def test_a_column_is_read_as_its_values_one_by_one(name, raw):
    field = FIELDS[name]
    programme = programme_of([])
    values = [read_value(None if value != value else value, field)[0] for value in raw]
    results = assess_columns(programme, {name: read_column(raw, field)})
    assert [results.facts(row).get(name) for row in range(len(raw))] == values


@pytest.mark.parametrize(("name", "raw"), [
    ("投入", [-1]), ("投入", [float("inf")]), ("家数", [-1]), ("占比", [float("inf")]), ("行业", ["电镀"]), ("开始", [2025]), ("开始", [20250630]),
    ("开始", [dt.date(1899, 1, 1)]), ("利润", [1e300]),
])
def test_a_column_refuses_what_the_plain_reader_refuses(name, raw):
    with pytest.raises(ValueError, match=name):
        read_column(raw, FIELDS[name])


def test_missing_values_of_pandas_are_missing():
    assert read_column([True, float("nan")], FIELDS["已开工"]).tolist() == [2, 1]
    assert read_column(["化工", float("nan")], FIELDS["行业"]).tolist() == [0, -1]
    assert read_column(["甲", float("nan")], FIELDS["备注"]).tolist() == ["甲", None]
    assert np.isnan(read_column(np.array(["NaT", "2025-06-30"], "datetime64[D]"), FIELDS["开始"])[0])


# --- plain Python and LibreOffice -------------------------------------------------------------------------------------

ERROR = "#N/A"


class Book:
    """A workbook of facts and native formulas; each formula is kept with the answer the plain evaluator gives."""

    def __init__(self) -> None:
        self.workbook = openpyxl.Workbook()
        self.workbook.remove(self.workbook.active)
        self.expected: dict[tuple[str, str], tuple[str, Value, bool]] = {}

    def sheet(self, title: str, programme: Programme, projects: list[dict[str, object]], unrounded: bool = False) -> None:
        sheet = self.workbook.create_sheet(title)
        for row, project in enumerate(projects, 1):
            facts = read(project, programme)
            places: dict[str, str] = {}
            for column, name in enumerate(programme.fields, 1):
                cell = sheet.cell(row, column, facts.get(name, "=NA()"))
                places[name] = f"${cell.column_letter}{row}"
            ceiling = assess(programme, facts).ceiling
            for condition in programme.conditions:
                self.put(sheet, row, native(condition.rule.node, places), condition.rule.evaluate(facts), True)
            if programme.ceiling:
                places[SUBSIDY] = self.put(sheet, row, native_amount(programme.ceiling.node, places), ceiling, True)
                if unrounded:
                    self.put(sheet, row, native(programme.ceiling.node, places), programme.ceiling.evaluate(facts), False)
            if programme.first:
                answer = assess(programme_of([], programme.ceiling, programme.first), facts).first_payment
                self.put(sheet, row, native_amount(programme.first.node, places), answer, True)

    def put(self, sheet: openpyxl.worksheet.worksheet.Worksheet, row: int, text: str, answer: Value, exact: bool) -> str:
        filled = [cell.column for cell in sheet[row] if cell.value is not None]
        cell = sheet.cell(row, max(filled, default=0) + 1, "=" + text)
        self.expected[sheet.title, cell.coordinate] = text, answer, exact
        return cell.coordinate

    def check(self, soffice, folder: Path) -> None:
        """LibreOffice computes everything anew (the file holds no results) and must find the same."""
        source, out = folder / "cases.xlsx", folder / "out"
        self.workbook.save(source)
        (result,) = soffice.convert([source], out)
        sheets = openpyxl.load_workbook(result, data_only=True)
        wrong = []
        for (title, place), (text, answer, exact) in self.expected.items():
            found = sheets[title][place].value
            if not alike(found, answer, exact):
                wrong.append(f"{title}!{place} ={text}: LibreOffice {found!r}, plain {answer!r}")
        assert not wrong, f"{len(wrong)} of {len(self.expected)} differ:\n" + "\n".join(wrong[:20])


def alike(found: object, answer: Value, exact: bool) -> bool:
    if answer is None:
        return found == ERROR
    if isinstance(answer, bool):
        return found is answer
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return False
    if exact:  # LibreOffice writes 15 digits into the file
        return f"{found:.15g}" == f"{answer:.15g}"
    return found == pytest.approx(answer, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", edition_ids())
def test_libreoffice_agrees_on_every_rule_of_an_edition(name, soffice, tmp_path):
    book = Book()
    for programme in edition(name).programmes.values():
        if programme.fields:
            facts = Facts(programme, random.Random(programme.id))
            book.sheet(programme.id, programme, [facts.project() for _ in range(20)])
    answers = {answer for _, answer, _ in book.expected.values() if not isinstance(answer, float)}
    assert len(book.expected) >= 2000 and answers == {True, False, None}
    book.check(soffice, tmp_path)


def test_libreoffice_agrees_on_random_formulas(soffice, tmp_path):
    book = Book()
    for seed in range(120):
        programme = random_programme(random.Random(seed), size=4)
        if max(len(native(node, dict.fromkeys((*FIELDS, SUBSIDY), "$A1"))) for node in formulas(programme)) > 8000:
            continue  # Excel's limit; no rule comes near
        facts = Facts(programme, random.Random(seed))
        book.sheet(f"S{seed}", programme, [facts.project() for _ in range(8)], unrounded=True)
    assert len(book.expected) >= 4000
    book.check(soffice, tmp_path)


@pytest.mark.parametrize(("text", "expected"), [
    ("NOT(已开工)", "NOT(B1)"), ("AND(投入>=1000,投入<=5000)", "AND(A1>=1000,A1<=5000)"), ("OR(投入={1,2})", "OR(A1=1,A1=2)"),
    ("AND(已开工,投入>=1000)", "CHOOSE(1+MIN(IFERROR(IF(B1,2,0),1),IFERROR(IF(A1>=1000,2,0),1)),FALSE(),NA(),TRUE())"),
    ("IFS(已开工,1,TRUE,2)", "IF(B1,1,IF(TRUE(),2,NA()))"), ("投入/3", "IFERROR(A1/3,NA())"), ("-投入^2", "IFERROR((-A1)^2,NA())"),
    ("(投入+1)*2%", "(A1+1)*(2%)"),
])
def test_the_native_text_uses_functions_of_excel_2010_only(text, expected):
    assert native(parse(text), {"投入": "A1", "已开工": "B1"}) == expected


def test_a_native_amount_is_rounded_to_the_fen():
    assert native_amount(parse("MIN(投入*10%,200)"), {"投入": "A1"}) == "ROUND(MIN(A1*(10%),200),6)"
