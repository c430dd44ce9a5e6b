"""Values that can be read but are hardly meant: told everywhere, changed nowhere."""
import pytest

from xltool.guideline.bundle import edition
from xltool.intake.values import read_cell, read_column
from xltool.rules.assess import assess
from xltool.rules.model import Field

PIECES, PERSONS = Field("入选装备数", "数量", "个装备"), Field("团队人数", "数量", "人")
MEAN, AREA = Field("年均培训", "数量", "人次"), Field("面积", "数量", "㎡")
SHARE, GROWTH, MONEY, LOSS = Field("收入占比", "比例"), Field("平均增长率", "比例"), Field("总投入", "金额", "万元"), Field("利润", "盈亏", "万元")
YEAR = Field("目录年度", "数量", "年")


@pytest.mark.parametrize(("field", "value", "words"), [
    (PIECES, 2.5, "2.5个装备，应是整数"), (PERSONS, 10.5, "10.5人，应是整数"), (SHARE, 30.0, "3000%，不在0到100%之间"),
    (SHARE, -0.1, "-10%，不在0到100%之间"), (GROWTH, 30.0, "3000%，超过了10倍"), (MONEY, 15_000_000.0, "15000000万元，是不是把元当成了万元"),
    (LOSS, -1_000_001.0, "-1000001万元，是不是把元当成了万元"), (YEAR, 2025.5, "2025.5年，应是四位的年份"), (YEAR, 25.0, "25年，应是四位的年份")])
def test_what_is_hardly_meant_is_told_and_counts_as_it_stands(field, value, words):
    assert field.doubt(value) == words
    unit = "小数" if field.kind == "比例" else ""
    found = read_cell(value, field, unit)
    if (field, value) == (SHARE, -0.1):
        assert found.problem.code == "value.range"
    else:
        assert found.value == value and found.note == f"是{words}"
        values, telling = read_column([2025.0 if field is YEAR else 0.0, value], field, unit)
        assert values[1] == value and list(telling) == [1]


@pytest.mark.parametrize(("field", "value"), [
    (PIECES, 3.0), (MEAN, 10.5), (AREA, 99.5), (SHARE, 0.0), (SHARE, 1.0), (GROWTH, -0.5), (GROWTH, 10.0), (MONEY, 999_999.99), (LOSS, -5000.0),
    (YEAR, 2025.0), (Field("项目开始时间", "日期"), 45000.0), (Field("已开工", "是否"), True), (Field("行业", "文字"), "机械"), (MONEY, None)])
def test_what_may_well_be_is_not_asked_about(field, value):
    assert field.doubt(value) == ""


def test_the_reasons_name_what_to_look_at_again():
    programme = edition("2026").programmes["2026P1-4"]
    facts = {"入选装备数": 2.5}
    with_doubt, without = assess(programme, facts).reasons, assess(programme, {"入选装备数": 2.0}).reasons
    assert with_doubt[-1] == "请核对：“入选装备数”2.5个装备，应是整数" and not any("请核对" in reason for reason in without)
