"""Every performance form, filled with long names, long texts and large amounts, prints on one page that can be read.

A real LibreOffice prints all forms of an edition in one run; what stands on the paper is read back from the PDF.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, cycle
from xml.etree import ElementTree

import pytest

from xltool.guideline.bundle import bundled, edition, edition_ids
from xltool.intake.projects import Cell, Project
from xltool.output.papers.forms import PrintedForm
from xltool.output.template import Template
from xltool.rules.formula import number_text
from xltool.rules.model import Form, Indicator
from xltool.rules.problems import Where

SMALLEST = 8.0  # points; the official forms are set in 10.5
# Official forms of two pages, which ours print on one: the size of their letters is smaller.
SMALLER = {"2022/附件1-8": 6.5, "2022/附件1-17": 7.0}

GOAL = ("围绕大型风电轴承高精度磨削需求，突破在线检测、误差补偿、热变形控制等5项关键技术，建成年产200台套的智能化生产线和省级检测平台，"
        "形成发明专利12件、行业标准2项，带动上下游企业30家协同攻关，项目期内新增营业收入1.2亿元、税收900万元，实现关键装备的国产化替代，"
        "并在南通、盐城、泰州等地开展示范应用，培养高层次技术人才40人。")
COLUMNS = {
    "申报项目名称": "面向海上风电大型轴承的高精度智能磨削成套装备研发及产业化应用示范项目（二期）暨检测能力提升工程",
    "单位名称": "江苏示例高端装备智能制造科技发展（集团）股份有限公司盐城东台分公司", "项目推荐单位": "盐城市东台市工业和信息化局、东台市财政局",
    "项目开始时间": 45689.0, "项目结束时间": 46387.0, "总体目标": GOAL, "年度目标": GOAL[:120],
    "个性指标": "新增就业岗位数：120人\n本地配套企业数量及配套率提升情况：30家，配套率由45%提高到60%以上",
    "目标线下诊断企业数": 1200.0, "目标车间数": 800.0, "目标工厂数": 400.0}
TEXTS = ("1个产品II期完成、2个产品III期进行中，另有3个产品完成I期入组并提交伦理审查", "显著提升", "建立健全运行维护机制，配备专职人员12人",
         "形成可复制可推广的经验，带动上下游30家企业协同改造", "已达到")


@dataclass(frozen=True)
class Line:
    """A line of a cell as printed, in points from the page's top left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Line) -> bool:
        """Whether they cover each other by more than a point."""
        return (min(self.right, other.right) - max(self.left, other.left) > 1
                and min(self.bottom, other.bottom) - max(self.top, other.top) > 1)


def value(row: Indicator, text: str) -> object:
    if row.options or row.kind == "是否":
        return row.options[-1] if row.options else True
    if row.kind or not row.unit:
        return text
    return {"万元": 1234567.89, "%": 0.9555}.get(row.unit, 12800.0)


def filled(form: Form) -> Project:
    """A project with every row of the form filled, of its first group where it may be one only."""
    group = next((row.group for row in form.indicators if row.group), "")
    rows = [row for row in form.indicators if not row.is_open and not (form.one_group and row.group not in ("", group))]
    indicators = {row.name: value(row, text) for row, text in zip(rows, cycle(TEXTS))}
    columns, cells = ({name: Cell(name, each, each, Where("清单.xlsx")) for name, each in values.items()} for values in (COLUMNS, indicators))
    return Project(next(iter(edition(form.id.split("/")[0]).programmes.values())), columns, {}, cells, Where("清单.xlsx"))


def texts(context: object) -> list[str]:
    """Everything that the data of a form print."""
    if isinstance(context, dict):
        return [text for name, each in context.items() if name != "custom_section" for text in texts(each)]
    if isinstance(context, list):
        return [text for each in context for text in texts(each)]
    if isinstance(context, float):
        return [number_text(context)]
    return [context] if isinstance(context, str) else []


def plain(text: str) -> str:
    """Without spaces and line breaks, and without boxes: they come from another font, hence out of order."""
    return re.sub(r"[\s□☑]", "", text)


@dataclass(frozen=True)
class Printed:
    """An edition's forms and the pages they were printed on: the text in the order of the cells, and the lines with their places."""

    contexts: dict[str, dict[str, object]]
    pages: list[str]
    lines: list[list[Line]]


@pytest.fixture(scope="module", params=[name for name in edition_ids() if edition(name).forms])
def printed(request, soffice, pdftotext, tmp_path_factory) -> Printed:
    folder = tmp_path_factory.mktemp(f"forms-{request.param}")
    contexts = {name: PrintedForm(form).context(filled(form)) for name, form in edition(request.param).forms.items()}
    book = folder / "forms.xlsx"
    book.write_bytes(Template.load(bundled("templates") / "performance-form.xlsx").book(
        (name.split("/")[1], context) for name, context in contexts.items()))
    (pdf,) = soffice.convert([book], folder, to="pdf")
    places = ElementTree.fromstring(pdftotext(pdf, "-bbox"))
    lines = [[Line(word.text, *(float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax"))) for word in page]
             for page in places.iter("{http://www.w3.org/1999/xhtml}page")]
    return Printed(contexts, [plain(page) for page in pdftotext(pdf, "-raw").split("\f")[:-1]], lines)


def test_each_form_prints_on_one_page_in_letters_that_can_be_read(printed):
    assert len(printed.pages) == len(printed.contexts)
    for (name, context), page, lines in zip(printed.contexts.items(), printed.pages, printed.lines):
        assert context["number"] in page and context["title"] in page, name
        heading = next(line for line in lines if line.text == "二级指标")
        assert (heading.right - heading.left) / len(heading.text) >= SMALLER.get(name, SMALLEST), name


def test_every_label_value_and_note_is_printed_in_full(printed):
    for (name, context), page in zip(printed.contexts.items(), printed.pages):
        assert [text for text in texts(context) if plain(text) not in page] == [], name


def test_no_text_runs_over_the_edge_of_its_cell(printed):
    """A text that is higher or wider than its cell is printed into the next one, or cut off at its edge."""
    for name, lines in zip(printed.contexts, printed.lines):
        assert [(one.text, other.text) for one, other in combinations(lines, 2) if one.overlaps(other)] == [], name
