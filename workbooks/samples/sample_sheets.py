"""How the project lists look: columns, headings and the sheet of a direction, as a clerk keeps it."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from xltool.intake.headers import indicator_field
from xltool.rules.model import Edition, Field, Programme

NOTE = "虚构样例数据，仅供演示：单位、代码、项目、金额都是编的，不对应任何真实单位。　金额单位：见各列"
REPEATED_HEADER, SUBTOTAL, BLANK_ROW = "重复的表头", "小计行", "空行"
EXTRA_COLUMN, SAME_COLUMN = "不认识的列", "重复的列"
TITLE_ROW, NOTE_ROW, GROUP_ROW, HEAD_ROW = range(4)

MONEY, DAY, TEXT, SHARE, NUMBER = "#,##0.00", "yyyy-mm-dd", "@", "0.0%", "General"


@dataclass(frozen=True)
class Formula:
    """A live formula over columns of its row, {列名} for a cell, with the value Excel last computed."""

    text: str
    value: object


@dataclass
class Row:
    """One project as it will stand in the list: values by column name."""

    key: str
    programme: Programme
    county: str
    values: dict[str, object]


@dataclass(frozen=True)
class Column:
    """A column of a sheet: the group above, the heading, the name its values go by, width and number format."""

    group: str
    heading: str
    name: str
    width: float
    format: str


# Heading, name, width, number format of the list's own columns.
_UNIT = (
    ("设区市", "设区市", 8, TEXT), ("县（市、区）", "县（市、区）", 9, TEXT), ("单位名称", "单位名称", 28, TEXT),
    ("统一社会信用代码", "统一社会信用代码", 22, TEXT),
    ("单位主要经营地址", "单位主要经营地址", 26, TEXT), ("所属行业", "所属行业", 18, TEXT),
    ("主营业务收入\n（万元）", "主营业务收入", 13, MONEY),
    ("实缴税金\n（万元）", "实缴税金", 11, MONEY), ("利润总额\n（万元）", "利润总额", 11, MONEY))
_PROJECT = (
    ("申报项目类别", "申报项目类别", 26, TEXT), ("申报项目名称", "申报项目名称", 32, TEXT),
    ("申报项目总投资\n（万元）", "申报项目总投资", 14, MONEY),
    ("其中：固定资产\n投资（万元）", "固定资产投资", 14, MONEY), ("项目开始时间", "项目开始时间", 13, DAY),
    ("项目结束时间", "项目结束时间", 13, DAY),
    ("项目申请补助\n资金（万元）", "项目申请补助资金", 13, MONEY),
    ("是否为省先进制造业\n集群中的项目", "是否为省先进制造业集群中的项目", 17, TEXT))
_PART = ("名额分项", "名额分项", 22, TEXT)
_GOAL = (("总体目标", "总体目标", 36, TEXT), ("项目推荐单位", "项目推荐单位", 22, TEXT),
         ("个性指标", "个性指标", 22, TEXT))
_LETTERS = (  # where an edition prints letters for every project
    ("项目推荐单位", "项目推荐单位", 22, TEXT), ("建设地点", "项目所在地", 24, TEXT), ("项目负责人", "项目负责人", 11, TEXT),
    ("联系电话", "联系电话", 15, TEXT), ("任务目标", "任务目标", 34, TEXT), ("绩效目标", "绩效目标", 34, TEXT),
    ("主要建设内容", "主要实施内容", 36, TEXT), ("项目实施\n进度计划", "项目实施进度计划", 40, TEXT),
    ("个性指标", "个性指标", 22, TEXT), ("批复专项资金\n（万元）", "批复专项资金", 13, MONEY))

# Headings of facts as counties write them: an alias, another unit, a line break, full width. The others: name and unit.
_HEADINGS = {
    "研发设备及配套软件购置额": "研发设备及配套软件\n购置额（不含税）（万元）", "建有研发机构": "是否建有研发机构",
    "工信领域企业": "是否工信领域企业",
    "年度服务金额": "2025年度服务金额（元）", "攻关方向": "所属产业链", "入选装备数": "入选装备数量",
    "项目设备投入": "项目设备投入\n（不含税）（万元）",
    "专职技术服务人员或外聘专家数": "专职人员及外聘专家数（人）", "牵头企业实缴注册资本金": "牵头企业实缴资本（万元）",
    "应用5G场景数": "应用５Ｇ场景数（个）", "基于5G的无线联网率": "５Ｇ无线联网率", "贷款利息": "贷款利息总额（元）",
    "截至2022年6月30日已投入": "截至2022年6月30日\n已投入（万元）",
    "新增软硬件投入": "软硬件投入（不含税）（万元）", "上年度软件相关投入": "软件和信息技术相关投入 (万元)",
    "项目实施周期": "项目实施周期（年）",
    "累计标识注册量": "累计标识注册量（亿个）", "园区符合界定": "是否符合园区界定"}
_UNITS = frozenset(("万元", "%", "个", "家", "人", "场", "款", "项", "件", "亿次", "人次", "家次", "台套"))
_FORMATS = {"金额": MONEY, "盈亏": MONEY, "日期": DAY, "比例": SHARE, "数量": NUMBER}
_FILLS = {"单位": "#DCE9F5", "条件": "#FBEFD9", "绩效": "#EADFF0", "项目": "#E3EFE0", "文书": "#F6E3E3",
          "": "#DDE3EA"}  # by a word of the group


def columns(edition: Edition, direction: str, rows: Sequence[Row]) -> list[Column]:
    """The columns of a direction's sheet: those of every list, then the facts and indicators of its programmes."""
    programmes = list({row.programme.id: row.programme for row in rows}.values())
    base_year = next(table.base_year for table in edition.tables if table.direction == direction)
    own = [Column("", "序号", "序号", 6, NUMBER)]
    own += [Column(f"项目申报单位{base_year}年基本情况", *column) for column in _UNIT]
    parts = any(row.values.get("名额分项") for row in rows)
    own += [Column("项目基本情况", *column) for column in (*_PROJECT, *([_PART] if parts else []))]
    known = {column.name for column in own}
    facts = {fact.name: fact for programme in programmes for fact in programme.fields.values()}
    own += [_field_column("申报条件", fact, _FORMATS.get(fact.kind, TEXT))
            for name, fact in facts.items() if name not in known]
    forms = [edition.forms[programme.form] for programme in programmes if programme.form]
    if forms:
        own += [Column("绩效指标", *column) for column in _GOAL]
    indicators = {indicator.name: indicator for form in forms for indicator in form.indicators}
    for indicator in [indicator for name, indicator in indicators.items() if name not in {*known, *facts}]:
        heading = indicator.name + (f"（{indicator.unit}）" if indicator.unit in _UNITS else "")
        kind = indicator_field(indicator).kind
        own.append(Column("绩效指标", _broken(heading), indicator.name, _width(heading),
                          MONEY if kind == "盈亏" else TEXT if kind == "文字" else NUMBER))
    if edition.documents:
        own += [Column("文书内容", *column) for column in _LETTERS]
    return own


def _field_column(group: str, fact: Field, number_format: str) -> Column:
    heading = _HEADINGS.get(fact.name) or fact.name + (f"（{fact.unit}）" if fact.unit in _UNITS else "")
    return Column(group, _broken(heading), fact.name, _width(heading), number_format)


def _broken(heading: str) -> str:
    """A long heading in lines of much the same length, its closing brackets on a line of their own."""
    if "\n" in heading or len(heading) <= 10:
        return heading
    name, bracket, unit = heading.rpartition("（") if heading.endswith("）") else (heading, "", "")
    lines = -(-len(name) // 12)
    size = -(-len(name) // lines)
    parts = [name[start:start + size] for start in range(0, len(name), size)]
    return "\n".join([*parts, bracket + unit] if bracket else parts)


def _width(heading: str) -> float:
    return min(26, 3 + 1.8 * max(len(line) for line in _broken(heading).split("\n")))


class Sheet:
    """Writes the sheet of a direction and remembers the row of every project and the rows that are no project."""

    def __init__(self, book: Workbook, name: str, columns: list[Column]) -> None:
        self.book, self.columns = book, columns
        self.sheet: Worksheet = book.add_worksheet(name)
        self.index = {column.name: index for index, column in reversed(list(enumerate(columns)))}
        self.rows: dict[str, int] = {}
        self.formats: dict[tuple, Format] = {}
        self.next = HEAD_ROW + 1

    def format(self, **look: object) -> Format:
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            border = {"border": 1, "border_color": "#AEB9C5"} if look.get("border", 1) else {}
            base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
            self.formats[key] = self.book.add_format({**base, **border, **look})
        return self.formats[key]

    def heading(self, title: str) -> None:
        last = self.index["申报项目名称"]
        self.sheet.set_row(TITLE_ROW, 30)
        self.sheet.merge_range(TITLE_ROW, 0, TITLE_ROW, last, title,
                               self.format(bold=True, font_size=16, align="center", border=0))
        self.sheet.merge_range(NOTE_ROW, 0, NOTE_ROW, last, NOTE, self.format(font_color="#B3261E", border=0))
        for group, run in groupby(enumerate(self.columns), key=lambda pair: pair[1].group):
            places = [place for place, _ in run]
            look = self.head_look(group)
            if not group:
                self.sheet.merge_range(GROUP_ROW, places[0], HEAD_ROW, places[0], self.columns[places[0]].heading, look)
            elif len(places) > 1:
                self.sheet.merge_range(GROUP_ROW, places[0], GROUP_ROW, places[-1], group, look)
            else:
                self.sheet.write_string(GROUP_ROW, places[0], group, look)
        self.head_row(HEAD_ROW)
        self.sheet.set_row(GROUP_ROW, 20)
        for place, column in enumerate(self.columns):
            self.sheet.set_column(place, place, column.width)

    def head_look(self, group: str) -> Format:
        fill = next(colour for word, colour in _FILLS.items() if word in group)
        return self.format(bold=True, bg_color=fill, align="center", text_wrap=True)

    def head_row(self, row: int) -> None:
        """The row of column names: the heading itself, or its repetition further down."""
        self.sheet.set_row(row, 44)
        for place, column in enumerate(self.columns):
            if column.group or row != HEAD_ROW:
                self.sheet.write_string(row, place, column.heading, self.head_look(column.group))

    def project(self, row: Row, number: int) -> None:
        at = self.rows[row.key] = self.next
        self.next += 1
        self.sheet.set_row(at, 32)
        for place, column in enumerate(self.columns):
            value = number if column.name == "序号" else row.values.get(column.name)
            self.cell(at, place, column, value)

    def cell(self, row: int, place: int, column: Column, value: object) -> None:
        day = isinstance(value, dt.date)
        text = isinstance(value, str)
        number = column.format if column.format != TEXT else NUMBER
        align = "left" if text and len(value) > 4 else "center" if text or day else "right"
        look = self.format(num_format=DAY if day else TEXT if text else number, text_wrap=text, align=align)
        if isinstance(value, Formula):
            places = {name: xl_rowcol_to_cell(row, at) for name, at in self.index.items()}
            self.sheet.write_formula(row, place, "=" + value.text.format_map(places), look, value.value)
        elif text:
            self.sheet.write_string(row, place, value, look)
        elif day:
            self.sheet.write_datetime(row, place, value, look)
        elif value is None:
            self.sheet.write_blank(row, place, None, look)
        else:
            if column.heading.endswith("（元）"):
                value = round(value * 10000, 2)
            odd = column.format == DAY or value > 10**12  # what Excel makes of a month, of a code
            self.sheet.write_number(row, place, value, self.format(num_format=NUMBER, align="right") if odd else look)

    def total(self, label: str, rows: Iterable[Row], first: int) -> None:
        """A row of sums of the rows from `first` on; SUBTOTAL does not count the sub-totals among them."""
        bold = {"bold": True, "bg_color": "#F2F2F2"}
        for place in range(len(self.columns)):
            self.sheet.write_blank(self.next, place, None, self.format(**bold))
        self.sheet.write_string(self.next, 0, label, self.format(**bold, align="center"))
        for name in ("申报项目总投资", "固定资产投资", "项目申请补助资金"):
            place = self.index[name]
            letter = xl_col_to_name(place)
            amounts = [row.values.get(name) for row in rows]
            value = round(sum(amount for amount in amounts if isinstance(amount, (int, float))), 2)
            self.sheet.write_formula(self.next, place, f"=SUBTOTAL(9,{letter}{first + 1}:{letter}{self.next})",
                                     self.format(**bold, num_format=MONEY), value)
        self.next += 1

    def close(self, seal: str) -> None:
        """The seal line, and what makes the sheet pleasant to open and to print."""
        self.sheet.set_row(self.next + 1, 24)
        self.sheet.write_string(self.next + 1, 0, seal, self.format(border=0))
        self.sheet.freeze_panes(HEAD_ROW + 1, self.index["单位名称"] + 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(8)
        self.sheet.set_print_scale(55)
        self.sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        self.sheet.repeat_rows(GROUP_ROW, HEAD_ROW)
        self.sheet.repeat_columns(0, self.index["单位名称"])
        self.sheet.set_footer("&C&A　第&P页 共&N页")


def write_direction(book: Workbook, edition: Edition, direction: str, rows: Sequence[Row], city: str,
                    odd: Mapping[str, object]) -> Sheet:
    """The sheet of a direction.

    `odd` are the odd rows and columns it has: what kind,
    by the name of the column or row. The places of odd rows are remembered
    beside those of the projects.
    """
    shown = columns(edition, direction, rows)
    for name, kind in odd.items():
        if kind in (EXTRA_COLUMN, SAME_COLUMN):
            shown.append(Column(shown[-1].group, name, f"{name}（{kind}）", 26, TEXT))
            for row in rows[:3]:  # begun, not finished
                row.values[shown[-1].name] = row.values[name] if kind == SAME_COLUMN else "县里再核"
    sheet = Sheet(book, direction, shown)
    sheet.heading(f"{city}{edition.year}年度{direction}方向项目清单")
    for turn, (number, group) in enumerate(_counties(rows)):
        if turn == 3 and BLANK_ROW in odd.values():
            sheet.rows[BLANK_ROW] = sheet.next
            sheet.next += 1
        if turn == 4 and REPEATED_HEADER in odd.values():
            sheet.rows[REPEATED_HEADER] = sheet.next
            sheet.head_row(sheet.next)
            sheet.next += 1
        first = sheet.next
        for offset, row in enumerate(group):
            sheet.project(row, number + offset)
        if len(group) > 1 and SUBTOTAL in odd.values() and SUBTOTAL not in sheet.rows:
            sheet.rows[SUBTOTAL] = sheet.next
            sheet.total("小计", group, first)
    sheet.total("合计", rows, HEAD_ROW + 1)
    sheet.close(f"填报单位（盖章）：{city}示例工信主管单位　　　　　　填报日期：{edition.year}年4月20日")
    return sheet


def _counties(rows: Sequence[Row]) -> Iterator[tuple[int, list[Row]]]:
    """The rows county by county, with the number of the first."""
    number = 1
    for _, run in groupby(rows, key=lambda row: row.county):
        group = list(run)
        yield number, group
        number += len(group)
