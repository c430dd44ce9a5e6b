"""Arguments as rows, two ranges side by side, labels above or beside values; places left by what a sheet has chosen."""
from __future__ import annotations

from decimal import Decimal

import pytest

from xltool.hosts.blocks import (
    NA,
    VALUE,
    Mark,
    Misuse,
    blanks,
    cell,
    is_blank,
    laid_out,
    misuse,
    pairs,
    projects,
    rows_of,
)
from xltool.hosts.labels import basis, read_labels
from xltool.hosts.places import Chosen, places
from xltool.rules.quota import UnknownPart

NAMES = "甲", "乙"


@pytest.mark.parametrize(("raw", "content"), [
    (None, None), ("", None), (0.0, 0.0), (5, 5.0), (True, True), ("x", "x"), (Decimal("1.5"), 1.5), ("#N/A", Mark("#N/A")), (" ", " ")])
def test_a_cell_is_a_float_a_text_a_truth_or_blank(raw, content):
    assert cell(raw) == content and type(cell(raw)) is type(content)


def test_a_mark_is_excels_text_and_says_why():
    mark = misuse("请改")
    assert mark == VALUE == "#VALUE!" and mark.why == "请改" and VALUE.why == "" and mark != NA


@pytest.mark.parametrize(("argument", "rows"), [
    (1500, [[1500]]), (None, [[None]]), ("x", [["x"]]), ([1, 2], [[1, 2]]), ([[1], [2]], [[1], [2]]), (((1, 2),), ((1, 2),))])
def test_an_argument_is_rows(argument, rows):
    assert list(map(list, rows_of(argument))) == list(map(list, rows))


@pytest.mark.parametrize("argument", [[], [[]], [[1, 2], [3]], ((1,), ())])
def test_a_range_without_cells_or_with_ragged_rows_is_misuse(argument):
    with pytest.raises(Misuse, match="重新选择区域"):
        rows_of(argument)


@pytest.mark.parametrize(("argument", "blank"), [
    (None, True), ("", True), ([[None]], True), ((("",),), True), (0, False), ([[None], [None]], False), ("x", False), ([[0.0]], False)])
def test_an_argument_left_out_or_one_empty_cell_is_blank(argument, blank):
    assert is_blank(argument) is blank


@pytest.mark.parametrize(("left", "right", "answer"), [
    ([[1]], [[5]], [["1-5"]]),
    ([[1]], [[5], [6]], [["1-5"], ["1-6"]]),
    ([[1, 2]], [[5]], [["1-5", "2-5"]]),
    ([[1], [2]], [[5], [6]], [["1-5"], ["2-6"]]),
    ([[1], [2]], [[5, 6]], [["1-5", "1-6"], ["2-5", "2-6"]]),
    ([[1, 2]], [[5], [6]], [["1-5", "2-5"], ["1-6", "2-6"]]),
    ([[1, 2], [3, 4]], [[5, 6]], [["1-5", "2-6"], ["3-5", "4-6"]]),
    ([[1], [2]], [[5, 6], [7, 8]], [["1-5", "1-6"], ["2-7", "2-8"]])])
def test_ranges_go_together_as_in_excels_arithmetic(left, right, answer):
    lefts, rights, wide = pairs(left, right, NAMES)
    assert laid_out([f"{one}-{other}" for one, other in zip(lefts, rights)], wide) == answer


@pytest.mark.parametrize(("left", "right"), [([[1], [2]], [[1], [2], [3]]), ([[1, 2]], [[1, 2, 3]]), ([[1, 2], [3, 4]], [[1], [2], [3]])])
def test_ranges_that_do_not_fit_are_named_with_their_shapes(left, right):
    with pytest.raises(Misuse, match=f"甲 {len(left)} 行 {len(left[0])} 列，乙 {len(right)} 行 {len(right[0])} 列，对不上"):
        pairs(left, right, NAMES)


def test_labels_above_rows_and_beside_columns():
    above = projects([[1, 2], [3, 4], [5, 6]], [["a", "b"]])
    assert (above.labels, list(map(list, above.columns)), above.count, above.wide) == (("a", "b"), [[1, 3, 5], [2, 4, 6]], 3, 1)
    beside = projects([[1, 2, 3], [4, 5, 6]], [["a"], ["b"]])
    assert (beside.labels, list(map(list, beside.columns)), beside.count, beside.wide) == (("a", "b"), [[1, 2, 3], [4, 5, 6]], 3, 3)
    assert projects([[1], [2]], [["a"]]).count == projects([[1, 2]], [["a"]]).count == 2
    assert projects([[1, 2]], [["a", None]]).labels == ("a", "")


@pytest.mark.parametrize("labels", [[["a", "b", "c"]], [["a"], ["b"]], [["a", "b"], ["c", "d"]]])
def test_labels_that_fit_neither_way_are_misuse(labels):
    with pytest.raises(Misuse, match="标签要在值上面一行"):
        projects([[1, 2]] if len(labels) > 1 or len(labels[0]) > 2 else [[1]], labels)


def test_blank_projects_are_those_where_nothing_is_written():
    assert list(blanks([[None, 1, None], ["", None, 0.0]])) == [True, False, False]


def test_labels_name_facts_with_their_units(edition_2026):
    programme = edition_2026.find("2026P1-2")
    read = read_labels(edition_2026, programme, ["备注", "总投入（元）", "设备软件购置费", "2026P1-2：项目开始时间", "批复建设时问"])
    assert [(told.position, told.field.name, told.unit) for told in read.told] == [
        (1, "项目总投入", "元"), (2, "研发设备及配套软件购置费", ""), (3, "项目开始时间", "")]
    assert read.hints == ("没有用“批复建设时问”这一项：是不是“批复建设时间”？",)


def test_a_fact_stated_for_one_programme_counts_there_only(edition_2026):
    labels = ["入选年度", "2026P3-2：入选年度"]
    for name, position in (("2026P3-2", 1), ("2026P3-3", 0)):
        assert [told.position for told in read_labels(edition_2026, edition_2026.find(name), labels).told] == [position]
    with pytest.raises(Misuse, match="同一个事实"):
        read_labels(edition_2026, edition_2026.find("2026P3-2"), ["2026P3-2：入选年度", "2026p3-2:入选年度"])


def test_the_basis_is_the_one_fact_of_the_ceiling(edition_2026):
    assert [told.field.name for told in basis(edition_2026.find("2026P2-1")).told] == ["项目总投资"]
    with pytest.raises(Misuse, match="不随金额变化"):
        basis(edition_2026.find("2026P3-2"))
    with pytest.raises(Misuse, match="要用6个数"):
        basis(edition_2026.find("2026P1-7"))


def test_places_say_how_they_came_about(edition_2023):
    group, node, platform = map(edition_2023.find, ("2023P1-3-1", "2023P1-3-1-1", "2023P1-3-1-2"))
    chosen = [Chosen(node, "", 9), Chosen(platform, "", 1)]
    found = places(edition_2023, group, chosen, "二级节点")
    assert found.left == 1 and "不超过10个，已选9个（合计不超过12个，已选10个），还剩1个" in found.words
    shared = places(edition_2023, edition_2023.find("2023P1-1-1"), [Chosen(edition_2023.find("2023P1-1-2"), "", 28)])
    assert shared.left == 2 and "同组合计" in shared.words and "（合计不超过30个；两类共用，未分配，已选28个），还剩2个" in shared.words
    assert places(edition_2023, edition_2023.find("2023P5-1-2"), []).left is None
    with pytest.raises(UnknownPart, match="分项有：二级节点、公共服务平台"):
        places(edition_2023, group, chosen, "三级节点")
