"""Tables found on sheets of every kind that counties send: each case is a small sheet, written as people see it."""
from __future__ import annotations

import doctest
import importlib

import pytest
from table_sheets import LIST, headers, only, roles, sheet

from xltool.intake.grid import PER_CENT, Grid
from xltool.intake.tables import EXAMPLE, OLD_COPY, find_tables

# ---- headings -------------------------------------------------------------------------------------------------------------

def test_headings_in_the_first_row():
    table = only(sheet(*LIST))
    assert roles(table) == "header 1 data 2-4" and headers(table)[3] == "总投资（万元）"


def test_headings_in_the_twelfth_row():
    above = ("附件3", "2026年省级专项资金项目汇总表", "", "填报单位：东海县工信局", "填报日期：2026年3月1日",
             "联系人：|张三|电话：|13900000000", "", "", "",
             "||||单位：万元", "")
    table = only(sheet(*above, *LIST))
    assert table.header_rows == (11,) and [row + 1 for row in table.data_rows] == [13, 14, 15]


def test_headings_over_two_rows_merged():
    table = only(sheet("2026年项目汇总表||||", "序号|企业名称|投资情况||备注", "||总投资\\n（万元）|其中： 设备|", "1|东海机械|100|60|",
                       "2|连云化工|200|50|",
                       merge="A1:E1 A2:A3 B2:B3 C2:D2 E2:E3"))
    assert roles(table) == "title 1 header 2-3 data 4-5"
    assert headers(table) == ["序号", "企业名称", "投资情况 / 总投资（万元）", "投资情况 / 其中：设备", "备注"]


def test_headings_over_two_rows_without_merges():
    table = only(sheet("2026年项目汇总表||||", "序号|企业名称|投资情况||备注", "||总投资|设备|", "1|东海机械|100|60|",
                       "2|连云化工|200|50|"))
    assert roles(table) == "title 1 header 2-3 data 4-5"
    assert headers(table) == ["序号", "企业名称", "投资情况 / 总投资", "投资情况 / 设备", "备注"]


def test_captions_above_complete_headings_run_right_over_blanks():
    table = only(sheet("||2025年||2026年||", "序号|企业名称|收入|税收|收入|税收|备注", "1|东海机械|100|60|110|61|",
                       "2|连云化工|200|50|210|51|"))
    assert headers(table) == ["序号", "企业名称", "2025年 / 收入", "2025年 / 税收", "2026年 / 收入", "2026年 / 税收", "备注"]


def test_headings_over_three_rows():
    table = only(sheet("推进表||||||", "序号|施工单位|工资发放情况（单位：元）||||备注", "||合计||专户||", "||累计|本月|累计|本月|",
                       "1|十公司|4|2|3|1|",
                       merge="A1:G1 A2:A4 B2:B4 C2:F2 G2:G4 C3:D3 E3:F3"))
    assert roles(table) == "title 1 header 2-4 data 5"
    assert headers(table)[2:6] == [f"工资发放情况（单位：元） / {group} / {when}" for group in ("合计", "专户") for when in ("累计", "本月")]


def test_a_title_is_no_caption():
    table = only(sheet("2026年项目汇总表||", "企业名称|总投资|补助", "东海机械|100|10", "连云化工|200|20", merge="A1:C1"))
    assert roles(table) == "title 1 header 2 data 3-4" and headers(table) == ["企业名称", "总投资", "补助"]


def test_years_may_be_captions_though_they_are_numbers():
    table = only(sheet("县市区|2025||2026|", "|面积|投资|面积|投资", "东海县|1|100|2|200", "灌云县|3|300|4|400", merge="A1:A2 B1:C1 D1:E1"))
    assert headers(table) == ["县市区", "2025 / 面积", "2025 / 投资", "2026 / 面积", "2026 / 投资"]


def test_a_row_of_units_belongs_to_the_headings():
    table = only(sheet("序号|企业名称|总投资|研发人员", "||（万元）|（人）", "1|东海机械|100|5", "2|连云化工|200|6"))
    assert table.header_rows == (0, 1) and [column.unit for column in table.columns] == ["", "", "万元", "人"]


def test_line_breaks_and_spaces_collapse():
    table = only(sheet("序\\n号|企 业 名 称|总投资 \\n （万元）|SSL  VPN\\n网关", "1|东海机械|100|是", "2|连云化工|100|否"))
    assert headers(table) == ["序号", "企业名称", "总投资（万元）", "SSL VPN网关"]


def test_headings_in_words_nobody_knows():
    table = only(sheet("Market Rates||", "Term|Advance|CIA", '1 Week|"0.0029"|0.1', '2 Weeks|"0.0030"|0.2'))
    assert roles(table) == "title 1 header 2 data 3-4"


def test_known_keys_make_headings():
    grid = sheet("甲一|乙二|丙三", "东海|连云|赣榆", "灌云|灌南|海州")
    assert only(grid, known=frozenset(("甲一", "乙二", "丙三"))).header_rows == (0,)


def test_a_list_of_texts_only():
    table = only(sheet("项目编码|一级指标|二级指标|三级指标|指标值", '"440306"|产出|数量|评估报告数|达到90%以上',
                       '"440307"|产出|质量|结构安全|不适用'))
    assert roles(table) == "header 1 data 2-3"


def test_a_blank_row_inside_merged_headings():
    table = only(sheet("序号|企业名称|投资|", "|||", "||设备|土建", "1|甲公司|5|6", "2|乙公司|6|7", merge="A1:A3 B1:B3 C1:D2"))
    assert roles(table) == "header 1-3 data 4-5" and headers(table)[3] == "投资 / 土建"


# ---- rows above records -------------------------------------------------------------------------------------------------

def test_lines_about_the_sheet_are_no_headings():
    table = only(sheet("2026年项目汇总表||||", "填报单位（盖章）：东海县工信局||||单位：万元", *LIST, merge="A1:E1"))
    assert roles(table) == "title 1 signature 2 header 3 data 4-6" and table.unit == "万元"


@pytest.mark.parametrize(("line", "role"), [
    ("填表说明：1.金额保留两位小数；2.请勿改动表头", "instruction"), ("说明：数据截至2025年底", "note"), ("单位：万元", "note"),
    ("填报单位：东海县工信局|||填报日期：2026年3月", "title"), ("填报单位（公章）||||单位：万元", "title"), ("（一）技术改造类", "title")])
def test_a_line_between_title_and_headings(line, role):
    above = "title 1-2" if role == "title" else f"title 1 {role} 2"
    assert roles(only(sheet("2026年项目汇总表||||", line, *LIST))) == f"{above} header 3 data 4-6"


def test_a_row_that_says_where_each_column_comes_from_is_an_instruction():
    table = only(sheet("台账||||", "引用招采台账A列|引用合同台账B列|引用本表数据|预设公式自动计算|预设公式自动计算", *LIST, merge="A1:E1"))
    assert roles(table) == "title 1 instruction 2 header 3 data 4-6"


def test_a_row_below_the_headings_that_says_how_to_fill_in():
    assert roles(only(sheet(LIST[0], "必填|必填，填全称|必填|保留两位小数|不超过200字", *LIST[1:]))) == "header 1 instruction 2 data 3-5"


def test_an_example_row():
    assert roles(only(sheet(LIST[0], "示例|南京某某有限公司|某项目|100|10", *LIST[1:]))) == "header 1 instruction 2 data 3-5"


@pytest.mark.parametrize("numbers", ["1|2|3|4|5", "栏次|甲|乙|1|2", "（1）|（2）|（3）|（4）|（5）", "甲|乙|丙|1|2", "1|2|3|4|5=3+4",
                                     '"1"|"2"|"3"|"4"|"5"'])
def test_a_row_that_numbers_the_columns(numbers):
    assert roles(only(sheet(LIST[0], numbers, *LIST[1:]))) == "header 1 number 2 data 3-5"


def test_a_record_of_small_numbers_is_no_number_row():
    assert roles(only(sheet("序号|数量|价格（元）", "1|2|3.5", "2|3|4"))) == "header 1 data 2-3"


# ---- rows among records -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("group", ["一、技术改造类||||", "（二）智能化类||||", "北京市（92所）||||", "第一批||||", "东海县||||",
                                   "一|苏南地区|||", "技术改造类||||"])
def test_a_group_row(group):
    assert roles(only(sheet(LIST[0], group, *LIST[1:], group.replace("一", "二"), *LIST[1:]))) == "header 1 group 2 data 3-5 group 6 data 7-9"


def test_county_names_over_the_width():
    table = only(sheet("企业名称|项目名称|投资", "东海县||", "甲公司|甲项目|1", "乙公司|乙项目|2", "灌云县||", "丙公司|丙项目|3",
                       merge="A2:C2 A5:C5"))
    assert roles(table) == "header 1 group 2 data 3-4 group 5 data 6"


@pytest.mark.parametrize(("row", "role"), [
    ("合计|||600.5|60", "total"), ("|合  计||600.5|60", "total"), ("||总计：|600.5|60", "total"), ("全市合计|||600.5|60", "total"),
    ("小计|||600.5|60", "subtotal"), ("苏南小计|||600.5|60", "subtotal"), ("东海县合计|||600.5|60",
        "subtotal"), ("合计（3个）|||600.5|60", "total"),
    ("共计|||600.5|60", "total"), ("Total|||600.5|60", "total"), ("本页小计|||600.5|60", "subtotal")])
def test_a_row_with_a_word_for_its_sum(row, role):
    assert roles(only(sheet(*LIST, row))) == f"header 1 data 2-4 {role} 5"


def test_a_total_at_the_top():
    assert roles(only(sheet(LIST[0], "合计|||600.5|60", *LIST[1:]))) == "header 1 total 2 data 3-5"


def test_a_total_among_records_is_a_subtotal():
    assert roles(only(sheet(*LIST, "合计|||600.5|60", *LIST[1:3], "合计|||300.5|30", "总计|||901|90"))) == \
        "header 1 data 2-4 subtotal 5 data 6-7 subtotal 8 total 9"


def test_a_project_whose_name_has_the_word_is_no_total():
    assert roles(only(sheet(*LIST, "4|东海会计师事务所|审计与总计系统建设项目|5|1"))) == "header 1 data 2-5"


def test_names_with_a_part_of_the_word_hide_nothing_in_a_long_list():
    rows = [f"{number}|东海县设计院有限公司|设备统计系统{number}|5|1" for number in range(1, 51)]
    found = find_tables(sheet(LIST[0], *rows, "苏南小计|||250|50", *rows, "合计|||500|100", "单位名称|设计费|累计投资|备注", "甲公司|1|2|无"))
    assert [roles(table) for table in found] == ["header 1 data 2-51 subtotal 52 data 53-102 total 103", "header 104 data 105"]


def test_a_total_without_a_word():
    assert roles(only(sheet(*LIST, "|||600.5|60"))) == "header 1 data 2-4 total 5"


def test_subtotals_without_a_word_above_their_records():
    rows = ("县市区|企业名称|投资|补助", "东海县||300|30", "|甲公司|100|10", "|乙公司|200|20", "灌云县||700|70", "|丙公司|300|30",
            "|丁公司|400|40",
            "||1000|100")
    assert roles(only(sheet(*rows))) == "header 1 subtotal 2 data 3-4 subtotal 5 data 6-7 total 8"


def test_an_enumerated_row_with_the_sums_of_its_group():
    rows = ("项目|投资|补助", "一、技术改造|300|30", "甲改造|100|10", "乙改造|200|20", "二、智能化|500|50", "丙智能|200|20",
            "丁智能|300|30")
    assert roles(only(sheet(*rows))) == "header 1 subtotal 2 data 3-4 subtotal 5 data 6-7"


def test_a_record_without_a_name_that_sums_nothing_is_a_record():
    assert roles(only(sheet(*LIST, "|||601|61"))) == "header 1 data 2-5"


def test_a_name_merged_over_rows_names_each():
    table = only(sheet("企业名称|项目名称|投资|补助", "甲公司|一期|100|10", "||100|10", "乙公司|二期|200|20", merge="A2:A3 B2:B3"))
    assert roles(table) == "header 1 data 2-4"


def test_blank_rows_inside():
    assert roles(only(sheet(*LIST[:3], "", "", LIST[3], "合计|||600.5|60"))) == "header 1 data 2-3 blank 4-5 data 6 total 7"


def test_page_headers_that_come_again():
    title = "2026年项目汇总表||||"
    assert roles(only(sheet(title, *LIST, "", title, *LIST))) == "title 1 header 2 data 3-5 blank 6 title 7 header 8 data 9-11"


def test_a_page_header_of_two_rows_that_comes_again():
    head = ("序号|企业名称|投资||备注", "||总额|设备|")
    rows = (*head, "1|甲公司|1|2|", "2|乙公司|1|2|", *head, "3|丙公司|1|2|")
    assert roles(only(sheet(*rows, merge="A1:A2 B1:B2 C1:D1 E1:E2 A5:A6 B5:B6 C5:D5 E5:E6"))) == "header 1-2 data 3-4 header 5-6 data 7"


@pytest.mark.parametrize("stub", ["4||||", '"4"||||', "4|...|||"])
def test_a_slot_with_only_its_number(stub):
    assert roles(only(sheet(*LIST, stub, stub))) == "header 1 data 2-4 stub 5-6"


def test_slots_with_only_the_county():
    table = only(sheet("县市区|项目名称|投资", "东海县|甲项目|100", "灌云县||", "灌\\n南\\n县||", "||", "海州区||", merge="A4:A5"))
    assert roles(table) == "header 1 data 2 stub 3-4 blank 5 stub 6"


def test_slots_with_number_and_county_or_a_printed_unit():
    assert roles(only(sheet("序号|县市区|项目名称|投资", "1|东海县|甲项目|100", "2|灌云县||"))) == "header 1 data 2 stub 3"
    assert roles(only(sheet("指标|单位|数值", "用户数|个|5", "|个|", "|次|"))) == "header 1 data 2 stub 3-4"


def test_a_slot_under_a_label_merged_over_the_slots():
    table = only(sheet("序号|施工单位|项目|投资", "|甲公司|一期|5", "1|乙公司||", "2|||", merge="B3:B4"))
    assert roles(table) == "header 1 data 2 stub 3-4"


def test_a_record_with_only_its_code_or_name_is_a_record():
    assert roles(only(sheet("知识产权编号|名称|类别", "IP01||", "IP02||"))) == "header 1 data 2-3"
    assert roles(only(sheet(*LIST, "||丁项目||"))) == "header 1 data 2-5"


def test_indented_records_and_a_printed_unit():
    rows = ("指标代码|指 标 名 称|单 位|实 际", "1|业务用户|个|", "2|其中：订阅用户数|个|", "3|    发送次数|次|")
    assert roles(only(sheet(*rows))) == "header 1 data 2-4"


def test_hidden_rows_are_records():
    table = only(sheet(*LIST, hidden_rows=frozenset((2,))))
    assert roles(table) == "header 1 data 2-4"


# ---- rows below records -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("row", "role"), [
    ("注：本表一式三份", "note"), ("备注：1.金额按发票", "note"), ("填表说明：金额单位万元", "note"), ("说明|1、请于8日前填写", "note"),
    ("填表人：张三        审核人：李四", "signature"), ("填表人：|张三|审核人：|李四|", "signature"), ("单位负责人（签字）：", "signature"),
    ("（盖章）", "signature"), ("2026年3月1日", "signature"), ("||||年    月    日", "signature"), ("联系人：张三|联系电话：139",
        "signature"),
    ("填报时间：2020年10月21日", "signature"), ("以上数据由各县市区工信局提供，市局已核对。", "note")])
@pytest.mark.parametrize("total", [("合计|||600.5|60",), ()])
def test_a_row_below(row, role, total):
    expected = "header 1 data 2-4 " + ("total 5 " if total else "")
    assert roles(only(sheet(*LIST, *total, row, merge="A6:E6" if total else "A5:E5"))) == f"{expected}{role} {5 + len(total)}"
    assert roles(only(sheet(*LIST, *total, "", row))) == f"{expected}blank {5 + len(total)} {role} {6 + len(total)}"


def test_notes_go_on_below_a_note():
    rows = ("备注：|1、研发项目指不重复的项目，按年度归集填写即可", "|2、研发项目应围绕高新产品", "|3、每年应有几个项目完成，以便转化")
    assert roles(only(sheet(*LIST, *rows))) == "header 1 data 2-4 note 5-7"


def test_numbers_below_are_strays():
    assert roles(only(sheet(*LIST, "", "", "|||28156839.59", "|||1.5"))) == "header 1 data 2-4 blank 5-6 stray 7-8"


def test_cells_far_away_are_strays():
    table = only(sheet(*LIST[:3], f"{LIST[3]}||||||计算|7"))
    assert roles(table) == "header 1 data 2-4" and table.strays == ((3, 10), (3, 11)) and table.right == 4


def test_a_cell_at_the_end_of_the_sheet_costs_nothing():
    grid = sheet(*LIST)
    grid.rows += [[]] * 1_000_000 + [[""] * 16383 + [7.0]]
    table = only(grid)
    assert table.roles[1_000_004] == "stray" and len(table.roles) == 5 and table.right == 4


def test_a_form_without_records():
    rows = ("专项支出用款申请书|||||", "财政代码：|||||", "申请单位：（公章）|||申请日期：{{date}}||单位：元",
            "序号|预算科目||收款人||申请金额", "|编码|名称|全称|账号|",
            "合      计：{{money}}|||||", "核定金额合计（大写）：{{upper}}|||||", "申请支付单位：{{company}}|||××局：{{bureau}}||",
            "单位负责人：（印章）    财务负责人：（印章）|||||", "", "||||年     月     日|", "|||联系人：{{person}}|联系电话；|{{phone}}",
            "注：本表一式三份。|||||")
    table = only(sheet(*rows, merge="A1:F1 A4:A5 B4:C4 D4:E4 F4:F5 A6:E6 A7:F7"))
    assert roles(table) == "title 1-3 header 4-5 total 6-7 signature 8-9 blank 10 signature 11-12 note 13"


@pytest.mark.parametrize("row", ["一||||", "|一|||", "||||一", "一|二|||", "\u200b||||"])
def test_a_row_of_chinese_numerals_alone_is_a_stub(row):
    assert roles(only(sheet(*LIST[:3], row, LIST[3]))) == "header 1 data 2-3 stub 4 data 5"
    assert roles(only(sheet(LIST[0], row, *LIST[1:], row))) == "header 1 stub 2 data 3-5 stub 6"


def test_a_numeral_beside_a_number_is_a_record():
    assert roles(only(sheet(*LIST, "四|||5|"))) == "header 1 data 2-5"


@pytest.mark.parametrize("word", ["总数", "总和", "TOTAL", "Grand TOTAL", "合 计"])
def test_a_total_that_is_well_filled_is_one_by_any_word(word):
    assert roles(only(sheet(*LIST, f"{word}|无|x|600.5|60"))) == "header 1 data 2-4 total 5"


# ---- several tables -----------------------------------------------------------------------------------------------------

def test_a_table_below_another():
    first, second = find_tables(sheet("项目汇总表||||", *LIST, "合计|||600.5|60", "负责人：    填表人：", "",
                                      "附表二：资金拨付表（单位：元）",
                                      "序号|项目名称|拨付金额", "1|甲项目|50000", "2|乙项目|60000"))
    assert roles(first) == "title 1 header 2 data 3-5 total 6 signature 7"
    assert roles(second) == "blank 8 title 9 header 10 data 11-12" and (second.unit, second.columns[2].unit) == ("元", "元")


def test_a_table_straight_below_another():
    first, second = find_tables(sheet(*LIST, "合计|||600.5|60", "序号|设备名称|型号|数量|单价（元）", "1|机床|A-1|2|300",
                                      "2|铣床|A-2|2|300"))
    assert roles(first) == "header 1 data 2-4 total 5" and roles(second) == "header 6 data 7-8"


def test_lists_of_two_years_beside_each_other():
    grid = sheet("附件2||||||", "县市区|2019|||2020||", "|项目名称|立项年度|完成投资（万元）|项目名称|立项年度|计划投资",
                 "东海县|合计|2019|300|合计|2020|500",
                 "|甲片区|2019|100|丙片区|2020|500", "|乙片区|2019|200|||", "填报时间：2020年10月||||||", merge="A1:B1 A2:A3 B2:D2 E2:G2 A4:A6")
    left, right = find_tables(grid)
    assert roles(left) == "title 1 header 2-3 total 4 data 5-6 signature 7"
    assert roles(right) == "title 1 header 2-3 total 4 data 5 blank 6 signature 7"
    assert headers(right) == ["县市区", "2020 / 项目名称", "2020 / 立项年度", "2020 / 计划投资"]
    assert (left.left, left.right, right.left, right.right) == (1, 3, 4, 6)


def test_a_list_wrapped_into_two():
    left, right = find_tables(sheet("名单|||||", "序号|姓名|金额|序号|姓名|金额", "1|张三|5|3|王五|7", "2|李四|6|||"))
    assert roles(left) == "title 1 header 2 data 3-4" and roles(right) == "title 1 header 2 data 3 blank 4"


def test_lists_apart_with_a_blank_column_between():
    left, right = find_tables(sheet("序号|企业名称|投资||县市区|个数", "1|甲公司|5||东海县|2", "2|乙公司|6||灌云县|3",
                                    "3|丙公司|7||合计|5"))
    assert roles(left) == "header 1 data 2-4" and roles(right) == "header 1 data 2-3 total 4"
    assert headers(right) == ["县市区", "个数"]


def test_tables_apart_whose_headings_stand_in_different_rows():
    left, right = find_tables(sheet("指标|单位|东海县|||||", "面积|亩|5||||指标|单位|灌云县".replace("||||", "|||"),
                                    "户数|户|6|||面积|亩|7", "人口|人|7|||户数|户|8"))
    assert roles(left) == "header 1 data 2-4" and right.header_rows == (1,) and right.data_rows == [2, 3]


@pytest.mark.parametrize("rows", [
    ("序号|项目名称|牵头单位||合作单位||投资", "||名称|地址|名称|地址|", "1|甲项目|A公司|东海|B公司|灌云|5",
     "2|乙项目|C公司|东海|D公司|灌云|6"),
    ("序号|企业名称|2025年||2026年||备注", "||收入|税收|收入|税收|", "1|甲公司|1|2|3|4|", "2|乙公司|1|2|3|4|")])
def test_a_record_may_name_two_units_or_years(rows):
    assert len(only(sheet(*rows, merge="A1:A2 B1:B2 C1:D1 E1:F1 G1:G2")).columns) == 7


def test_an_empty_column_does_not_cut_a_list():
    assert len(find_tables(sheet("序号|企业名称||投资|备注", "1|甲公司||5|", "2|乙公司||6|"))) == 1


# ---- what a sheet is for ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "title", "aside"), [
    ("Sheet1", "2026年汇总表（样表）", EXAMPLE), ("填写示例", "2026年汇总表", EXAMPLE), ("汇总（副本）", "2026年汇总表",
        OLD_COPY), ("作废", "2026年汇总表", OLD_COPY),
    ("Sheet1", "示例县2026年汇总表", ""), ("汇总", "2026年汇总表", "")])
def test_examples_and_old_copies_are_read_and_marked(name, title, aside):
    table = only(sheet(f"{title}||||", *LIST, name=name))
    assert table.aside == aside and len(table.data_rows) == 3


def test_a_blank_sheet_has_no_table():
    assert find_tables(Grid("空", [])) == find_tables(Grid("空", [["", " "], []])) == []


def test_a_sheet_of_texts_has_roles_but_no_columns():
    table = only(sheet("填报须知", "一、金额单位为万元，保留两位小数。", "二、每县一份。"))
    assert not table.columns and not table.header_rows and len(table.roles) == 3


def test_a_list_of_one_column():
    assert roles(only(sheet("名单", "", "企业名称", "甲公司", "乙公司"))) == "title 1 blank 2 header 3 data 4-5"


def test_values_without_headings_are_records():
    table = only(sheet("1|甲公司|100|d2025-01-01", "2|乙公司|200|d2025-01-02"))
    assert table.header_rows == () and table.data_rows == [0, 1] and [column.path for column in table.columns] == [()] * 4


def test_a_column_without_a_heading_is_kept():
    table = only(sheet("|项目编码|审核人|审核日期", '0|"440306231391500000173"||', '1|"440306231391500000172"||'))
    assert [column.index for column in table.columns] == [0, 1, 2, 3] and table.columns[0].path == ()


# ---- units and kinds ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("heading", "unit"), [
    ("完成投资（万元）", "万元"), ("单价(元)", "元"), ("分包结算额（元）\\n（填写）", "元"), ("投资额（单位：亿元）",
        "亿元"), ("种植面积/亩", "亩"), ("种植成本/(元/亩)", "元/亩"),
    ("完成面积（万亩）", "万亩"), ("企业数（家）", "家"), ("总投资，单位：万元", "万元"), ("补助比例（%）", "%"), ("计划投资",
        ""), ("经费（填写）", "")])
def test_the_unit_in_a_heading(heading, unit):
    assert only(sheet(f"序号|企业名称|{heading}", "1|甲公司|5", "2|乙公司|6")).columns[2].unit == unit


def test_the_unit_of_a_caption_or_of_the_sheet_is_for_what_states_none():
    table = only(sheet("汇总表（单位：万元）|||||", "序号|企业名称|工资（单位：元）||投资|人数（人）", "||应发|发放比例||",
                       "1|甲公司|5|0.5|6|7", "2|乙公司|5|0.5|6|7",
                       merge="A1:F1 A2:A3 B2:B3 C2:D2 E2:E3 F2:F3"))
    assert [column.unit for column in table.columns] == ["", "", "元", "", "万元", "人"]


def test_a_unit_in_the_notes_below():
    assert only(sheet("序号|企业名称|投资", "1|甲公司|5", "2|乙公司|6", "注：金额单位为万元")).columns[2].unit == "万元"


@pytest.mark.parametrize(("heading", "values", "kind"), [
    ("总投资", "5|6.5", "money"), ("总投资", "120万元|0.3亿元", "money"), ("研发人数", "5|6", "number"), ("研发占比", "0.05|12%",
        "share"), ("税率", "0.13|0.06", "share"),
    ("开工日期", "d2025-01-01|d2025-02-01", "date"), ("开工时间", "2025.3|2025年4月", "date"), ("是否规上", "是|否", "bool"), ("达标",
        "√|×", "bool"),
    ("统一社会信用代码", "91320999MA00000012|91320999MA00000025", "text"), ("联系电话", "13900000000|13900000001", "text"), ("资金来源",
        "自筹|贷款", "text"),
    ("项目序号", "1|2", "text"), ("备注", "无|见附件", "text"), ("申请金额", "|", "money")])
def test_the_kind_of_a_column(heading, values, kind):
    first, second = values.split("|")
    assert only(sheet(f"序号|企业名称|{heading}|项目名称", f"1|甲公司|{first}|甲项目", f"2|乙公司|{second}|乙项目")).columns[2].kind == kind


def test_numbers_shown_as_per_cent_are_shares():
    table = only(sheet("序号|企业名称|完成情况", "1|甲公司|0.5", "2|乙公司|1", looks=dict.fromkeys(((1, 2), (2, 2)), PER_CENT)))
    assert table.columns[2].kind == "share"


@pytest.mark.parametrize("module", ["columns"])
def test_the_examples_in_docstrings_are_true(module):
    result = doctest.testmod(importlib.import_module(f"xltool.intake.tables.{module}"))
    assert result.attempted and not result.failed
