"""Sheets with labels beside their values, a form for each project."""
from __future__ import annotations

import pytest
from table_sheets import headers, only, roles, sheet

from xltool.intake.grid import Grid
from xltool.intake.tables import find_tables
from xltool.intake.tables.lines import text_of


def test_a_turned_sheet():
    table = only(sheet("企业基本情况|", "企业名称|东海机械有限公司", "统一社会信用代码|91320999MA00000012", "项目总投资（万元）|1200",
                       "开工日期|d2025-03-01", "是否规上企业|是",
                       "填表人：张三|", merge="A1:B1"))
    assert table.turned and table.records == ((1,),) and roles(table) == "title 1 data 2-6 signature 7"
    assert [(column.label, column.header, column.unit, column.kind) for column in table.columns][2:] == [
        ((3, 0), "项目总投资（万元）", "万元", "money"), ((4, 0), "开工日期", "", "date"), ((5, 0), "是否规上企业", "", "bool")]


def pairs(grid: Grid, **more: object) -> list[str]:
    """What a form says, as 单位名称=甲公司; its only table."""
    table = only(grid, **more)
    places = [table.place(0, column.index) for column in table.columns]
    values = [grid.rows[row][column] if column < len(grid.rows[row]) else "" for row, column in places]
    return [f"{column.header}={text_of(value)}" for column, value in zip(table.columns, values)]


def test_a_form_with_two_pairs_in_a_row_is_one_record():
    grid = sheet("企业名称|东海机械|法定代表人|张三", "成立日期|d2010-01-01|注册资本（万元）|500",
                 "从业人数|120|销售收入（万元）|3000", "联系电话|13900000000|邮箱|a@b.cn")
    table = only(grid)
    assert table.turned and table.records == ((1, 3),) and table.record_name(0) == "B列、D列" and roles(table) == "data 1-4"
    assert pairs(grid) == ["企业名称=东海机械", "法定代表人=张三", "成立日期=2010-01-01", "注册资本（万元）=500", "从业人数=120",
                           "销售收入（万元）=3000", "联系电话=13900000000", "邮箱=a@b.cn"]


def test_values_of_a_form_that_sound_like_labels_are_values():
    grid = sheet("项目申报表|||", "设区市|盐城市|县（市、区）|东台市", "申报项目类别|企业研发机构创新能力提升项目|申报项目名称|研发设备",
                 "主营业务收入（万元）|10051|实缴税金（万元）|551", "项目开始时间|2025-01-07|是否建有研发机构|是", merge="A1:D1")
    assert pairs(grid)[:4] == ["设区市=盐城市", "县（市、区）=东台市", "申报项目类别=企业研发机构创新能力提升项目", "申报项目名称=研发设备"]


def test_a_form_with_captions_a_long_pair_and_somebody_who_signs():
    grid = sheet("基本信息表|||", "填报单位：东台市工信局|||单位：万元", "一、企业基本情况|||", "单位名称|甲公司|法定代表人|张三",
                 "注册资本|500|成立日期|2010-01-01", "单位地址|盐城市东台市1号||", "二、项目情况|||", "项目名称|轴承|总投资|2051",
                 "建设内容|购置设备20台套。||", "备注|无||", "填表人：李四||填表日期：2026年3月1日|", merge="A1:D1 A3:D3 B6:D6 A7:D7 B9:D9")
    table = only(grid)
    assert roles(table) == "title 1-3 data 4-6 group 7 data 8-10 signature 11" and table.strays == ()
    assert pairs(grid) == ["单位名称=甲公司", "法定代表人=张三", "注册资本=500", "成立日期=2010-01-01", "单位地址=盐城市东台市1号",
                           "项目名称=轴承", "总投资=2051", "建设内容=购置设备20台套。", "备注=无"]
    assert table.columns[6].unit == "万元"


def test_a_form_of_three_pairs_merged_differently_in_every_row():
    grid = sheet("企业基本情况表|||||||", "企业名称||盐城乙公司||||企业性质|民营企业", "统一社会信用代码||91320981MA00000527||法定代表人||李四|",
                 "注册资本（万元）|1000|成立时间|2012-05-01|职工人数|120|研发人员数|30", "通讯地址||东台市城东新区||||邮编|224200",
                 "企业简介||主要生产轴承。|||||", merge="A1:H1 A2:B2 C2:F2 A3:B3 C3:D3 E3:F3 G3:H3 A5:B5 C5:F5 A6:B6 C6:H6")
    assert pairs(grid) == ["企业名称=盐城乙公司", "企业性质=民营企业", "统一社会信用代码=91320981MA00000527", "法定代表人=李四",
                           "注册资本（万元）=1000", "成立时间=2012-05-01", "职工人数=120", "研发人员数=30", "通讯地址=东台市城东新区",
                           "邮编=224200", "企业简介=主要生产轴承。"]


@pytest.mark.parametrize("merge", ["A1:C1 A2:A4 A5:A7", "A1:C1"])
def test_captions_left_of_labels_belong_to_them(merge):
    grid = sheet("项目申报表||", "企业情况|单位名称|甲公司", "|主营业务收入|8000", "|成立日期|2010-01-01", "项目情况|项目名称|轴承", "|总投资|2000",
                 "|是否新建|是", "填表人：李四||", merge=merge)
    assert roles(only(grid)) == "title 1 data 2-7 signature 8" and only(grid).strays == ()
    assert pairs(grid)[1:4] == ["企业情况 / 主营业务收入=8000", "企业情况 / 成立日期=2010-01-01", "项目情况 / 项目名称=轴承"]


def test_units_behind_values_and_boxes_to_tick():
    grid = sheet("企业基本信息表|||||", "企业名称|丁公司||企业类型|☑民营 □国有|", "注册资本|500|万元|职工总数|120|人",
                 "销售收入|3000|万元|研发投入|200|万元", "厂房面积|2000|平方米|成立日期|2010-05-01|",
                 "填表人|赵六||日期|2026-03-01|", merge="A1:F1 B2:C2 E2:F2")
    table = only(grid)
    assert [column.unit for column in table.columns] == ["", "", "万元", "人", "万元", "万元", "平方米", ""]
    assert pairs(grid)[1] == "企业类型=☑民营□国有" and roles(table).endswith("signature 6")


def test_a_label_over_the_pairs_right_of_it():
    grid = sheet("企业名称|己公司||所属行业|通用设备制造业||", "近三年收入（万元）|2023年|100|2024年|200|2025年|300",
                 "联系人|姓名|王五|手机|13800000000||",
                 "成立日期|2011-03-04||职工人数|50||", merge="B1:C1 E1:G1 B4:C4 E4:G4")
    assert pairs(grid)[2:7] == [*(f"近三年收入（万元） / {year}年={value}" for year, value in ((2023, 100), (2024, 200), (2025, 300))),
                                "联系人 / 姓名=王五", "联系人 / 手机=13800000000"]


def test_a_list_within_a_form_is_a_table_of_its_own():
    form, inner = find_tables(sheet("单位名称|戊公司|信用代码|91320981MA00000527", "项目名称|轴承研发|项目类别|技改",
                                    "开始时间|2025-01-07|结束时间|2025-11-30", "总投资|2000|申请补助|150", "三、设备购置清单|||",
                                    "设备名称|数量|单价（万元）|金额（万元）", "机床|2|100|200",
                                    "铣床|1|50|50", "合计|3||250", "填表人：李四|||", merge="A5:D5"))
    assert roles(form) == "data 1-4 signature 10" and roles(inner) == "title 5 header 6 data 7-8 total 9"
    assert headers(inner)[2:] == ["单价（万元）", "金额（万元）"]


def test_forms_beside_each_other_say_the_same():
    rows = ("单位名称|甲公司||单位名称|乙公司", "信用代码|9132||信用代码|9133", "项目名称|轴承||项目名称|模具", "总投资|100||总投资|200",
            "开始时间|2025-01-07||开始时间|2025-02-01")
    assert [(table.left, table.records, len(table.columns)) for table in find_tables(sheet(*rows))] == [(0, ((1,),), 5), (3, ((4,),), 5)]


def test_what_belongs_to_no_label_is_a_stray():
    table = only(sheet("单位名称|甲公司|法定代表人|张三", "起止时间|2025-01-07|至|2025-11-30", "总投资|100|申请补助|5", "联系电话|139|邮箱|a@b.cn"))
    assert table.strays == ((1, 2), (1, 3)) and len(table.columns) == 7


def test_a_turned_sheet_with_a_column_for_each_record():
    table = only(sheet("企业名称|甲公司|乙公司", "所在地区|东海|灌云", "项目总投资（万元）|5|6", "开工日期|d2025-01-01|d2025-01-02",
                       "是否规上|是|否"))
    assert table.turned and table.records == ((1,), (2,)) and len(table.columns) == 5


def test_a_turned_sheet_with_captions_and_a_column_of_units():
    table = only(sheet("测算表||", "项目|数值|单位", "企业名称|东海机械|", "设备购置额|20000000|元", "研发人员|5|人",
                       "开工日期|d2025-01-01|", "企业愿景|做强|"))
    assert roles(table) == "title 1 header 2 data 3-7" and table.records == ((1,),)
    assert [column.unit for column in table.columns] == ["", "元", "人", "", ""]


def test_expected_labels_decide():
    grid = sheet("单位名称|乙公司", "建有研发机构|是")
    assert not only(grid).turned and only(grid, known=frozenset(("单位名称", "建有研发机构"))).turned


def test_a_long_turned_sheet():
    rows = [f"{'甲乙丙丁戊己庚辛壬癸'[each % 10]}{each}指标数（个）|{each}" for each in range(100)]
    table = only(sheet("企业名称|甲", "开工日期|d2025-01-01", "是否规上|是", "所在地区|东海", "联系电话|1", *rows),
                 known=frozenset(("企业名称", "开工日期", "是否规上")))
    assert table.turned and len(table.columns) == 105


def test_a_turned_sheet_that_is_not_filled_in():
    table = only(sheet("企业名称|", "统一社会信用代码|", "项目总投资（万元）|", "开工日期|"))
    assert table.turned and table.records == () and len(table.columns) == 4


def test_a_form_of_two_pairs_that_is_not_filled_in():
    table = only(sheet("项目申报表|||", "单位名称||统一社会信用代码|", "法定代表人||联系电话|", "申报项目名称||申报项目类别|", merge="A1:D1"))
    assert table.turned and table.records == () and headers(table)[:2] == ["单位名称", "统一社会信用代码"] and roles(table) == "title 1 data 2-4"


def test_a_title_over_a_form_with_several_records_is_no_label():
    table = only(sheet("项目情况|||", "序号|61|62|63", "县（市、区）|东台市|东台市|东台市", "单位名称|甲公司|乙公司|丙公司", "投资（万元）|5|6|7",
                       "是否新建|是|否|是"))
    assert roles(table) == "title 1 data 2-6" and table.records == ((1,), (2,), (3,))


def test_a_narrow_list_is_not_turned():
    assert not only(sheet("项目名称|投资（万元）", "甲项目|5", "乙项目|6", "丙项目|7")).turned


def test_a_list_of_indicators_is_not_turned():
    assert not only(sheet("指标|单位|2024年|2025年", "销售收入|万元|5|6", "税收|万元|1|2", "研发费用|万元|1|2", "从业人数|人|1|2")).turned
