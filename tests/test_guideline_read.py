"""One broken guideline workbook per mistake: the problem stands at the right cell, in words a clerk can act on, and nothing loads."""
from __future__ import annotations

import datetime as dt
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from xltool.guideline.bundle import bundled
from xltool.guideline.cells import Hidden, hidden_cells
from xltool.guideline.read import load, read
from xltool.rules import ProblemsError

P1 = {"项目编号": "2026P1-1"}
EQUIPMENT = "研发设备及配套软件购置额"


@cache
def light(year: str) -> bytes:
    """The edition with the cases of its first programme only: the many cases are most of the workbook's weight."""
    workbook = openpyxl.load_workbook(bundled("workbooks") / f"guideline-{year}.xlsx")
    rows = list(workbook["用例"].values)
    workbook["用例"].delete_rows(2, len(rows))
    for row in rows[1:]:
        if row[0] in ("2026P1-1", "2026P2-2"):
            workbook["用例"].append(row)
    data = BytesIO()
    workbook.save(data)
    return data.getvalue()


class Book:
    """A guideline workbook to change in one place, then read."""

    def __init__(self, folder: Path, year: str = "2026", *, whole: bool = False) -> None:
        self.path = folder / f"guideline-{year}.xlsx"
        self.workbook = openpyxl.load_workbook(bundled("workbooks") / self.path.name if whole else BytesIO(light(year)))

    def cell(self, sheet: str, column: str, **row: str) -> openpyxl.cell.Cell:
        """The cell of a column in the first row that has the given values."""
        titles = {cell.value: cell.column for cell in self.workbook[sheet][1]}
        for number in range(2, self.workbook[sheet].max_row + 1):
            values = {title: self.workbook[sheet].cell(number, place).value for title, place in titles.items()}
            if all(str(values[title]) == value for title, value in row.items()):
                return self.workbook[sheet].cell(number, titles[column])
        raise LookupError(f"{sheet} {row}")

    def append(self, sheet: str, **row: object) -> int:
        """A new last row; its number."""
        self.workbook[sheet].append([row.get(cell.value) for cell in self.workbook[sheet][1]])
        return self.workbook[sheet].max_row

    def problems(self):
        """What is wrong with the workbook as it now is; `load` must refuse it for the same."""
        self.workbook.save(self.path)
        _, problems = read(self.path)
        if problems:
            with pytest.raises(ProblemsError) as refused:
                load(self.path)
            assert list(refused.value.problems) == problems
        return problems

    def has(self, code: str, sheet: str, cell: str, words: str) -> None:
        """Exactly one problem, this one."""
        problems = self.problems()
        places = [(problem.code, problem.where.file, problem.where.sheet, problem.where.cell) for problem in problems]
        assert places == [(code, self.path.name, sheet, cell)], "\n".join(map(str, problems))
        assert words in str(problems[0])
        assert problems[0].fix or problems[0].expected


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def condition(number, programme="2026P1-1"):
    return {"项目编号": programme, "条件号": number}


# sheet, row, column, new value ({old}: what stands there), code, words
CELLS = {
    # formulas that cannot be read
    "about a thousand": ("条件", condition("2g"), "条件公式", "1000左右", "rule.syntax",
        "1000左右”：不能作为条件里的数；请只写数和单位，如“项目总投入>=1000”"),
    "about, in a comparison": ("条件", condition("2g"), "条件公式", f"{EQUIPMENT}>=1000左右", "rule.syntax", "“1000左右”"),
    "ten thousands of what": ("条件", condition("2g"), "条件公式", f"{EQUIPMENT}>=2000万", "rule.syntax", "请写成“2000万元”"),
    "chained comparison": ("条件", condition("2g"), "条件公式", f"1000<={EQUIPMENT}<=5000", "rule.type", "不能连着比较；请写成 AND"),
    "unbalanced bracket": ("条件", condition("2g"), "条件公式", f"({EQUIPMENT}>=1000", "rule.syntax", "应为“)”"),
    "unbalanced quote": ("条件", condition("1a"), "条件公式", '工信领域企业="是', "rule.syntax", "引号不成对"),
    "unknown function": ("条件", condition("2g"), "条件公式", f"SUMIFS({EQUIPMENT},1)>=1", "rule.function", "“SUMIFS”：没有这个函数；可用的函数"),
    "wrong number of arguments": ("条件", condition("1a"), "条件公式", "NOT(工信领域企业,建有研发机构)", "rule.function", "NOT 应有1个参数"),
    "separator inside a call": ("项目", {"编号": "2026P1-1"}, "补助公式", f"MIN({EQUIPMENT}*10%,1,000)", "rule.syntax", "千分位请去掉逗号"),
    "separator that reads as two": ("项目", {"编号": "2026P1-1"}, "补助公式", f"MIN({EQUIPMENT}*10%,1,500)", "rule.function", "MIN 里有两个常数"),
    "a day that does not exist": ("条件", condition("2b"), "条件公式", "项目开始时间>=2025-02-29", "rule.syntax", "没有这一天"),
    "broken applicability": ("条件", condition("2g"), "适用公式", "工信领域企业=", "rule.syntax", "公式没有写完"),
    "broken first instalment": ("项目", {"编号": "2026P1-2"}, "首付公式", "补助×", "rule.syntax", "公式没有写完"),
    # names, types, units, choices
    "unknown fact": ("条件", condition("2g"), "条件公式", "研发设备及配套软件购置>=1000", "rule.name", f"没有这个字段；是不是“{EQUIPMENT}”？"),
    "fact of another programme": ("条件", condition("2g"), "条件公式", "入选装备数>=1000", "rule.name", "没有这个字段"),
    "first instalment word elsewhere": ("条件", condition("2g"), "条件公式", f"{EQUIPMENT}>=补助", "rule.name", "“补助”：没有这个字段"),
    "date with a number": ("条件", condition("2b"), "条件公式", "项目开始时间>=1000", "rule.type", "日期不能和数值比较"),
    "date with money": ("条件", condition("2b"), "条件公式", f"项目开始时间>={EQUIPMENT}", "rule.type", "日期不能和金额（万元）比较"),
    "text with a number": ("条件", condition("主体a", "2026P2-1"), "条件公式", "行业=1", "rule.type", "文字不能和数值比较"),
    "truth values by size": ("条件", condition("1a"), "条件公式", "工信领域企业>建有研发机构", "rule.type", "是否不能比大小"),
    "count with money": ("条件", condition("2c", "2026P3-4"), "条件公式", "诊断企业数<=2006万元", "rule.unit", "数值（家）不能和金额（万元）比较"),
    "share above one": ("条件", condition("3b", "2026P4-2"), "条件公式", "服务收入占主营业务收入比重>=60", "rule.unit", "请写成 60%"),
    "not a choice": ("条件", condition("1a", "2026P2-2"), "条件公式", 'OR(工厂类型={"零碳工厂","低碳工厂"})', "rule.type",
        "不是“工厂类型”的选项；选项有："),
    "not a truth value": ("条件", condition("2g"), "条件公式", EQUIPMENT, "rule.type", "结果是金额（万元），应为是或否"),
    "a bare number": ("条件", condition("2g"), "条件公式", 1000, "rule.type", "不能作为条件：结果是数值"),
    "amount in houses": ("项目", {"编号": "2026P3-4"}, "补助公式", "诊断企业数", "rule.unit", "不能作为金额：结果是数值（家）"),
    "amount that is a date": ("项目", {"编号": "2026P1-1"}, "补助公式", f"IF({EQUIPMENT}>0,项目开始时间,项目结束时间)", "rule.type",
        "不能作为金额：结果是日期"),
    "amount without an else": ("项目", {"编号": "2026P1-1"}, "补助公式", f"IF(建有研发机构,{EQUIPMENT}*10%)", "rule.function",
        "IF 缺少条件不成立时的结果"),
    "a negative amount": ("项目", {"编号": "2026P3-2"}, "补助公式", -1000, "rule.constant", "不是大于0的金额"),
    "no amount": ("项目", {"编号": "2026P3-2"}, "补助公式", "100/0", "rule.constant", "没有可计算的标准就留空"),
    "instalment without a ceiling": ("项目", {"编号": "2026P1-2"}, "补助公式", None, "cell.missing", "有首付公式就要有补助公式", "首付公式"),
    # rules that make no sense
    "branch nobody takes": ("项目", {"编号": "2026P1-1"}, "补助公式", f"IF({EQUIPMENT}>=1000,200,IF({EQUIPMENT}>=2000,100,50))", "rule.unreachable",
                            "“100”：这个分支永远走不到"),
    "alternative nobody meets": ("条件", condition("2g"), "条件公式", f"OR({EQUIPMENT}>=1000,AND({EQUIPMENT}>10,{EQUIPMENT}<5))", "rule.unreachable",
                                 "永远不会成立"),
    "contradiction": ("条件", condition("2c"), "条件公式", "项目开始时间<=DATE(2024,12,31)", "rule.contradiction", "和条件2b矛盾"),
    "always met": ("条件", condition("2g"), "条件公式", f"{EQUIPMENT}>=0", "rule.constant", "所有项目都满足"),
    "never met": ("条件", condition("2g"), "条件公式", f"{EQUIPMENT}<0", "rule.constant", "没有项目能满足"),
    "a constant": ("条件", condition("2f"), "条件公式", "AND(购置用于研发机构建设,1>2)", "rule.unreachable", "1>2"),
    "never applies": ("条件", condition("1b", "2026P2-1"), "适用公式", '行业="化工厂"', "rule.type", "不是“行业”的选项"),
    "applies to nobody": ("条件", condition("1b", "2026P2-1"), "适用公式", 'AND(行业="化工",行业="印染")', "rule.constant", "没有项目能满足"),
    "applies to all": ("条件", condition("2g"), "适用公式", f"{EQUIPMENT}>=0", "rule.constant", "所有项目都满足"),
    "applicability is no truth value": ("条件", condition("2g"), "适用公式", EQUIPMENT, "rule.type", "应为是或否"),
    "never met where it applies": ("条件", condition("1b", "2026P2-1"), "条件公式", 'AND(腾退原有老旧设备,项目类型="园区内新建")', "rule.unreachable",
                                   "永远不会成立"),
    # cells that are not formulas
    "bad choice": ("条件", condition("2g"), "性质", "硬", "cell.choice", "“性质”没有这个选项；选项有：必须、提示"),
    "empty required cell": ("条件", condition("2g"), "内容", None, "cell.missing", "“内容”不能空着"),
    "blanks in a required cell": ("条件", condition("2g"), "内容", " 　", "cell.missing", "“内容”不能空着"),
    "duplicate condition number": ("条件", condition("2c", "2026P3-4"), "条件号", "2b", "cell.duplicate", "这个条件号写了两次"),
    "wording made a date": ("条件", condition("2g"), "内容", dt.date(2026, 1, 2), "cell.type", "Excel把它当成了日期"),
    "condition number made a date": ("条件", condition("3b", "2026P1-3"), "条件号", dt.date(2026, 3, 2), "cell.type", "Excel把它当成了日期"),
    "condition made a truth value": ("条件", condition("2c", "2026P3-4"), "条件公式", True, "cell.type", "日期、时间或逻辑值"),
    "invisible character": ("条件", condition("2g"), "内容", "总额\u200b达标", "cell.type", "看不见的字符（U+200B）"),
    "byte order mark in an optional cell": ("名额", P1, "分项", "\ufeff", "cell.type", "看不见的字符（U+FEFF）"),
    "half a place": ("名额", P1, "不超过", 20.5, "cell.type", "“20.5”：“不超过”应为不小于0的整数"),
    "negative place": ("名额", P1, "不超过", -1, "cell.type", "不小于0的整数"),
    "written number": ("名额", P1, "不超过", "二十", "cell.type", "“不超过”应为数字；请只写数字"),
    "number with a misplaced comma": ("名额", P1, "不超过", "2,0", "cell.type", "应为数字"),
    "number as programmers write it": ("名额", P1, "不超过", "2_0", "cell.type", "应为数字"),
    "no number of places": ("名额", P1, "不超过", None, "cell.missing", "总数没有写"),
    "minimum above maximum": ("名额", P1, "不少于", 30, "cell.type", "“30”：大于“不超过”的20"),
    "count by a fact that is no count": ("名额", P1, "按字段计数", EQUIPMENT, "cell.reference", "不是 2026P1-1 的数量字段"),
    "duplicate quota part": ("名额", {"对应项目": "2026P4-1-2"}, "分项", "国家中小企业公共服务示范平台（基地）创建对象", "cell.duplicate",
        "这个分项写了两次"),
    "part of another group": ("名额", {"对应项目": "2026P4-1-2"}, "对应项目", "2026P4-6-1", "cell.reference", "不是组 2026P4-1 里的项目"),
    "option without choices": ("字段", {"名称": "工厂类型"}, "选项", None, "cell.missing", "类型是选项才有、也才必须有选项"),
    "choices without option": ("字段", {"名称": "工信领域企业"}, "选项", "是\n否", "cell.type", "类型是选项才有"),
    "choices alike": ("字段", {"名称": "工厂类型"}, "选项", "{old}\n零碳 工厂", "cell.duplicate", "有两个选项只差空格"),
    "money in yuan": ("字段", {"名称": EQUIPMENT}, "单位", "元", "cell.choice", "金额的单位应为万元"),
    "unit of a truth value": ("字段", {"名称": "工信领域企业"}, "单位", "家", "cell.choice", "是否没有单位"),
    "unit of a share": ("字段", {"名称": "服务收入占主营业务收入比重"}, "单位", "%", "cell.choice", "比例没有单位"),
    "unknown type": ("字段", {"名称": "主营业务收入"}, "类型", "货币", "cell.choice", "“类型”没有这个选项"),
    "window without a day": ("项目", {"编号": "2026P1-1"}, "申报截止", "2026年3月", "cell.type", "“申报截止”应为日期或月份"),
    "unknown form": ("项目", {"编号": "2026P1-1"}, "绩效表", "2026/附件9-9", "cell.reference", "“绩效表”里没有这个表号"),
    "unknown group": ("项目", {"编号": "2026P1-1"}, "上级", "2026P4-9", "cell.reference", "没有这个编号的组"),
    "parent that is no group": ("项目", {"编号": "2026P1-1"}, "上级", "2026P1-2", "cell.reference", "这个编号不是组"),
    "its own parent": ("项目", {"编号": "2026P4-1"}, "上级", "2026P4-1", "cell.reference", "上级不能是自己"),
    "unknown direction": ("项目", {"编号": "2026P1-1"}, "方向", "技术创新", "cell.reference", "“汇总表”里没有这个方向；方向有："),
    "title of another programme": ("项目", {"编号": "2026P1-2"}, "名称", "企业研发机构创新能力提升项目", "cell.duplicate", "和 2026P1-1 同名"),
    "title only almost another": ("项目", {"编号": "2026P1-2"}, "名称", "企业研发机构 创新能力提升", "cell.duplicate", "和 2026P1-1 同名"),
    "group with a formula": ("项目", {"编号": "2026P4-1"}, "补助公式", 200, "cell.type", "组没有公式；请写在组里的项目上"),
    "unknown way to apply": ("项目", {"编号": "2026P1-1"}, "申报方式", "自愿", "cell.choice", "选项有：申报、免申直达、另行通知"),
    "indicator of an unknown form": ("绩效指标", {"表号": "2026/附件1-1", "序号": "5"}, "表号", "附件1-1", "cell.reference",
        "“绩效表”里没有这个表号"),
    "indicator number twice": ("绩效指标", {"表号": "2026/附件1-1", "序号": "5"}, "序号", 4, "cell.duplicate", "和上面的一行重复"),
    "indicator under nothing": ("绩效指标", {"表号": "2026/附件1-1", "序号": "5"}, "上级指标", "研发投入", "cell.reference", "没有这个三级指标"),
    "preset of an unknown heading": ("绩效表", {"表号": "2026/附件1-1"}, "预填", "开工时间=2025年", "cell.reference", "“开工时间”：表头里没有这一格"),
    "preset without a sign": ("绩效表", {"表号": "2026/附件1-1"}, "预填", "项目名称", "cell.type", "应写成 名称=值"),
    "note on an unknown heading": ("绩效表", {"表号": "2026/附件1-1"}, "表头注", "开工=注", "cell.reference", "表头里没有这一格"),
    "direction twice": ("汇总表", {"表号": "汇总表2"}, "表号", "汇总表1", "cell.duplicate", "和上面的一行重复"),
    "material number twice": ("材料", {"项目编号": "2026P1-1", "序号": "2"}, "序号", 1, "cell.duplicate", "和上面的一行重复"),
    "year that is no number": ("说明", {"项目": "年度"}, "内容", "二〇二六", "cell.type", "“内容”应为数字"),
    "base year that is no number": ("说明", {"项目": "基准年"}, "内容", "去年", "cell.type", "“内容”应为数字"),
    "empty title of the edition": ("说明", {"项目": "标题"}, "内容", None, "cell.missing", "“标题”不能空着"),
    "unknown item of the edition": ("说明", {"项目": "编写说明"}, "项目", "附注", "cell.choice", "不认识的说明项"),
    "item of the edition twice": ("说明", {"项目": "编写说明"}, "项目", "标题", "cell.duplicate", "这一项写了两次"),
    # cases
    "case with an unknown fact": ("用例", P1, "事实", "{old}\n企业规模=大", "value.unknown", "“企业规模”：2026P1-1 没有这个事实"),
    "case with a fact missing that is not there": ("用例", P1, "事实", "{old}\n企业规模=缺", "value.unknown", "没有这个事实"),
    "case with an unreadable fact": ("用例", P1, "事实", f"{EQUIPMENT}=1000左右", "value.type", "以“万元”为单位的数"),
    "case on no case": ("用例", P1, "基于", 99, "cell.reference", "前面没有 2026P1-1 的这个用例"),
    "case without a verdict": ("用例", P1, "结论", None, "cell.missing", "“结论”不能空着"),
    "case failing an unknown condition": ("用例", P1, "未满足", "9z", "cell.reference", "没有这个必须条件；条件号有：1a、1b"),
    "case with a fact twice": ("用例", P1, "事实", "{old}\n工信领域企业=否", "cell.duplicate", "“工信领域企业”写了两次"),
    "case amount that is no number": ("用例", P1, "补助", "约200", "cell.type", "“补助”应为数字"),
}


@pytest.mark.parametrize("mistake", CELLS)
def test_a_mistake_in_a_cell_is_reported_there(book, mistake):
    sheet, row, column, new, code, words, *elsewhere = CELLS[mistake]
    cell = book.cell(sheet, column, **row)
    cell.value = new.replace("{old}", str(cell.value or "")).strip("\n") if isinstance(new, str) else new
    place = book.cell(sheet, elsewhere[0], **row) if elsewhere else cell
    book.has(code, sheet, place.coordinate, words)


# --- rows -------------------------------------------------------------------------------------------------------------

ROWS = {
    "条件": {"条件号": "1", "内容": "x", "条件公式": "已开工", "性质": "必须"},
    "名额": {"不超过": 1},
    "字段": {"名称": "已开工", "类型": "是否"},
    "材料": {"序号": 1, "材料": "x"},
    "评审要点": {"序号": 1, "要点": "x"},
    "联系方式": {"省处室": "x"},
    "用例": {"用例": "1", "结论": "符合"},
}


@pytest.mark.parametrize("sheet", ROWS)
def test_a_row_about_an_unknown_programme_is_reported(book, sheet):
    row = book.append(sheet, 项目编号="2026P9-9", **ROWS[sheet])
    column = "H" if sheet == "联系方式" else "A"
    book.has("cell.reference", sheet, f"{column}{row}", "“2026P9-9”：“项目”表里没有这个编号")


PROGRAMME = {"类型": "项目", "序号": "九", "名称": "新项目", "方向": "服务体系建设", "出处": "附件9"}


def test_a_programme_that_stands_twice_is_reported(book):
    row = book.append("项目", 编号="2026P1-1", **PROGRAMME)
    book.has("cell.duplicate", "项目", f"A{row}", "“2026P1-1”：这个编号写了两次")


@pytest.mark.parametrize("name", ["2025P9-1", "2026-9-1", "P9-1", "2026p9-1"])
def test_a_programme_id_of_another_edition_is_reported(book, name):
    row = book.append("项目", 编号=name, **PROGRAMME)
    book.has("cell.type", "项目", f"A{row}", "应以“2026P”开头")


def test_a_group_without_programmes_is_reported(book):
    row = book.append("项目", 编号="2026P4-9", **{**PROGRAMME, "类型": "组"})
    book.has("cell.missing", "项目", f"A{row}", "这个组没有项目")


def test_a_group_with_conditions_is_reported(book):
    book.append("字段", 项目编号="2026P4-1", 名称="已开工", 类型="是否")
    book.append("条件", 项目编号="2026P4-1", 条件号="1", 内容="x", 条件公式="已开工", 性质="必须")
    book.has("cell.type", "项目", book.cell("项目", "类型", 编号="2026P4-1").coordinate, "组没有条件和字段")


def test_a_fact_no_rule_uses_is_reported_where_it_is_declared(book):
    book.cell("条件", "条件公式", **condition("2f")).value = "建有研发机构"
    book.has("cell.unused", "字段", book.cell("字段", "名称", 名称="购置用于研发机构建设").coordinate, "没有用到这个字段")


def test_a_fact_that_stands_twice_is_reported(book):
    row = book.append("字段", 项目编号="2026P1-1", 名称="工信领域企业", 类型="是否")
    book.has("cell.duplicate", "字段", f"B{row}", "2026P1-1 的这个字段写了两次")


@pytest.mark.parametrize("name", ["设备(万元)", "5G基站", "MIN", "是", "A-B", "设备 投入"])
def test_a_fact_a_formula_cannot_name_is_reported(book, name):
    row = book.append("字段", 项目编号="2026P1-1", 名称=name, 类型="是否")
    problems = book.problems()
    assert {problem.where.cell for problem in problems} == {f"B{row}"}
    assert "公式里不能用这个名称" in str(problems[0])


def test_a_fact_called_subsidy_is_reported(book):
    book.append("字段", 项目编号="2026P1-1", 名称="补助", 类型="金额", 单位="万元")
    book.cell("条件", "条件公式", **condition("2g")).value = f"{EQUIPMENT}>=补助"
    book.has("cell.duplicate", "项目", book.cell("项目", "编号", 编号="2026P1-1").coordinate, "字段不能叫“补助”")


def test_a_case_that_stands_twice_is_reported(book):
    row = book.append("用例", 项目编号="2026P1-1", 用例="1", 结论="待核实")
    book.has("cell.duplicate", "用例", f"B{row}", "这个用例号写了两次")


def test_a_missing_item_of_the_edition_is_reported(book):
    book.workbook["说明"].delete_rows(book.cell("说明", "项目", 项目="来源").row)
    book.has("cell.missing", "说明", "A1", "缺“来源”这一行")


def test_a_part_larger_than_the_whole_is_reported(tmp_path):
    book = Book(tmp_path, "2023")
    cell = book.cell("名额", "不超过", 对应项目="2023P1-3-1-1")
    cell.value = 20
    book.has("cell.type", "名额", cell.coordinate, "“20”：大于总数12")


def test_minima_that_together_exceed_the_whole_are_reported(tmp_path):
    book = Book(tmp_path, "2023")
    book.cell("名额", "不少于", 对应项目="2023P1-3-1-1").value = 10
    book.cell("名额", "不超过", 对应项目="2023P1-3-1-2").value = 5
    book.cell("名额", "不少于", 对应项目="2023P1-3-1-2").value = 5
    total = book.cell("名额", "不超过", 项目编号="2023P1-3-1", 分项="None")
    book.has("cell.type", "名额", total.coordinate, "“不少于”合计15，大于总数")


# --- sheets and columns -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("sheet", ["说明", "项目", "条件", "名额", "字段", "材料", "评审要点", "绩效表", "汇总表", "文书", "联系方式", "用例"])
def test_a_missing_sheet_is_reported(book, sheet):
    del book.workbook[sheet]
    book.has("sheet.missing", sheet, "", "缺这张工作表")


def test_an_unknown_sheet_is_reported(book):
    book.workbook.create_sheet("备注")
    book.has("sheet.column", "备注", "", "不认识的工作表；工作表有：说明、项目")


@pytest.mark.parametrize(("sheet", "column"), [
    ("条件", "适用公式"), ("条件", "性质"), ("条件", "条件公式"), ("项目", "补助公式"), ("字段", "选项"), ("名额", "不少于"), ("用例", "首付")])
def test_a_missing_column_is_reported(book, sheet, column):
    titles = [cell.value for cell in book.workbook[sheet][1]]
    book.workbook[sheet].delete_cols(titles.index(column) + 1)
    problems = [problem for problem in book.problems() if problem.where.cell == "A1"]
    assert [(problem.code, problem.where.sheet, problem.found) for problem in problems] == [("sheet.column", sheet, column)]
    assert "缺这一列；第1行是表头，请补上" in str(problems[0])


def test_a_missing_optional_column_has_no_echoes(book):
    book.workbook["条件"].delete_cols(4)
    book.has("sheet.column", "条件", "A1", "适用公式")


def test_an_unknown_column_is_reported(book):
    book.workbook["条件"]["H1"] = "备注"
    book.has("sheet.column", "条件", "H1", "“备注”：不认识的列；列有：项目编号")


def test_a_column_that_stands_twice_is_reported(book):
    book.workbook["条件"]["H1"] = "适用公式"
    book.has("sheet.column", "条件", "H1", "“适用公式”：这一列有两个")


def test_text_under_no_heading_is_reported(book):
    book.workbook["条件"]["H5"] = "见附件"
    book.has("cell.type", "条件", "H5", "“见附件”：这一列没有表头")


def test_an_empty_sheet_lacks_every_column(book):
    book.workbook["联系方式"].delete_rows(1, 5)
    problems = book.problems()
    assert {problem.code for problem in problems} == {"sheet.column"} and len(problems) == 8


# --- what a cell hides ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("column", "error"), [("适用公式", "#REF!"), ("条件公式", "#NAME?"), ("出处", "#N/A")])
def test_an_error_cell_is_never_an_empty_cell(book, column, error):
    cell = book.cell("条件", column, **condition("2g"))
    cell.value = error
    assert cell.data_type == "e"
    problems = [problem for problem in book.problems() if problem.code != "cell.missing"]
    assert [(problem.code, problem.where.sheet, problem.where.cell) for problem in problems] == [("cell.type", "条件", cell.coordinate)]
    assert f"“{error}”：单元格里是错误值" in str(problems[0])


@pytest.mark.parametrize(("sheet", "row", "column"), [
    ("条件", condition("2g"), "适用公式"), ("名额", P1, "不少于"), ("项目", {"编号": "2026P1-1"}, "首付公式"), ("用例", P1, "首付"),
])
def test_a_live_formula_is_never_an_empty_cell(book, sheet, row, column):
    cell = book.cell(sheet, column, **row)
    cell.value = "=1+1"
    book.has("cell.type", sheet, cell.coordinate, "“=1+1”：这是会计算的Excel公式，不是文字；请在公式前加一个单引号")


def test_merged_cells_are_reported_even_where_cells_may_be_empty(book):
    book.workbook["条件"].merge_cells("D2:D4")
    book.has("cell.type", "条件", "D2:D4", "合并了单元格，只有左上角一格有内容；请取消合并")


def test_hidden_contents_are_found_whatever_program_wrote_the_file(tmp_path):
    main = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    parts = {
        "xl/workbook.xml": f'<x:workbook {main} {relations}><x:sheets><x:sheet name="表" sheetId="1" r:id="r9"/></x:sheets></x:workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r9" Target="/xl/worksheets/a.xml"/></Relationships>',
        "xl/worksheets/a.xml": f"<x:worksheet {main}><x:sheetData><x:row r='1'><x:c r='A1' t='e'><x:v>#REF!</x:v></x:c>"
                               "<x:c r='B1'><x:f>1+1</x:f><x:v>2</x:v></x:c><x:c r='C1' t='s'><x:v>0</x:v></x:c></x:row></x:sheetData>"
                               "<x:mergeCells><x:mergeCell ref='A2:B3'/></x:mergeCells></x:worksheet>",
    }
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    assert list(hidden_cells(path.read_bytes())) == [
        Hidden("表", "A1", "error", "#REF!"), Hidden("表", "B1", "formula", "=1+1"), Hidden("表", "A2:B3", "merge", "A2:B3")]


# --- what is forgiven -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("sheet", "row", "column", "new"), [
    ("条件", condition("2g"), "条件公式", f"{EQUIPMENT} ≥ １，０００万元"), ("条件", condition("2b"), "条件公式", "项目开始时间>=2025年1月1日"),
    ("条件", condition("2g"), "项目编号", "　2026P1-1 "), ("名额", P1, "不超过", "２０"), ("名额", P1, "不超过", 20.0), ("用例", P1, "用例", "1"),
    ("条件", condition("2g"), "适用公式", "  "), ("项目", {"编号": "2026P1-1"}, "补助公式", f"=MIN（{EQUIPMENT}×10％，200）"),
    ("说明", {"项目": "校对日期"}, "内容", dt.date(2026, 11, 21)), ("项目", {"编号": "2026P3-2"}, "补助公式", "1000"),
])
def test_forgiven_typing_changes_nothing(book, sheet, row, column, new):
    cell = book.cell(sheet, column, **row)
    cell.value = new
    if isinstance(new, str):
        cell.data_type = "s"
    assert book.problems() == []
    changed, original = load(book.path), load(bundled("workbooks") / book.path.name)
    for programme in original.programmes.values():
        other = changed.programmes[programme.id]
        assert [condition.rule.text for condition in other.conditions] == [condition.rule.text for condition in programme.conditions]
        assert (other.ceiling and other.ceiling.text) == (programme.ceiling and programme.ceiling.text)
        assert other.quota == programme.quota
    assert changed.checked == original.checked == "2026-11-21"


def test_blank_rows_and_rows_of_blanks_are_no_rows(book):
    book.workbook["条件"].insert_rows(5, 3)
    book.workbook["条件"]["A6"] = " "
    book.workbook["条件"]["B6"] = "　"
    assert book.problems() == []


# --- files ------------------------------------------------------------------------------------------------------------

def refusal(path: Path):
    with pytest.raises(ProblemsError) as refused:
        load(path)
    (problem,) = refused.value.problems
    assert problem.where.file == path.name
    return problem


def whole() -> bytes:
    return (bundled("workbooks") / "guideline-2026.xlsx").read_bytes()


@pytest.mark.parametrize("data", [
    b"", "项目编号,条件".encode(), whole()[:20000], whole()[:-2000], b"PK\x03\x04" + b"x" * 99, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    b"PK\x05\x06" + bytes(18),
], ids=["empty", "text", "cut early", "cut late", "not really a zip", "not really an xls", "empty zip"])
def test_a_file_that_is_no_workbook_is_refused(tmp_path, data):
    path = tmp_path / "guideline-2026.xlsx"
    path.write_bytes(data)
    problem = refusal(path)
    assert problem.code == "file.unreadable" and "请用Excel或WPS打开后另存为xlsx" in str(problem)


def test_a_damaged_sheet_is_refused(tmp_path):
    path = tmp_path / "guideline-2026.xlsx"
    with zipfile.ZipFile(bundled("workbooks") / path.name) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data[:len(data) // 2] if name.endswith("sheet3.xml") else data)
    assert refusal(path).code == "file.unreadable"


def test_a_workbook_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "guideline-2026.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert refusal(path).code == "file.unreadable"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    problem = refusal(tmp_path / "guideline-2099.xlsx")
    assert problem.code == "file.missing" and "请检查文件名和位置" in str(problem)
    assert refusal(tmp_path).code == "file.missing"


# --- all at once ------------------------------------------------------------------------------------------------------

def test_all_problems_come_in_one_pass_and_name_their_places(book):
    cells = [book.cell("条件", "条件公式", **condition("2g")), book.cell("项目", "补助公式", 编号="2026P1-2"), book.cell("名额", "不超过", **P1)]
    for cell, text in zip(cells, ["1000左右", "MIN(", "很多"]):
        cell.value = text
    problems = book.problems()
    assert {problem.where.cell for problem in problems} == {cell.coordinate for cell in cells}
    assert f"guideline-2026.xlsx 条件!{cells[0].coordinate} “1000左右”：不能作为条件里的数" in [str(problem).split("；")[0] for problem in problems]


def test_a_cell_that_several_checks_read_is_reported_once(book):
    cell = book.cell("名额", "不超过", **P1)
    cell.value = "很多"
    sheet = book.workbook["名额"]
    sheet.cell(1, sheet.max_column + 1).value = "备注"
    assert len(book.problems()) == 2
