"""其中 columns and 合计 columns are recognised by their headings; a row that does not add up is said, rounding is not."""
from __future__ import annotations

import pytest

from xltool.intake.tables.sums import check_total, find_sums
from xltool.intake.tables.table import Column


def table(*headings: str, unit: str = "万元", kind: str = "money") -> list[Column]:
    """Columns by headings like 投资/合计."""
    return [Column(index, tuple(text.split("/")), unit, kind) for index, text in enumerate(headings)]


def seen(columns: list[Column]) -> list[tuple[int, list[int], bool]]:
    return [(found.whole.index, [part.index for part in found.parts], found.exact) for found in find_sums(columns)]


@pytest.mark.parametrize(("headings", "sums"), [
    (("总投资", "其中：固定资产投资"), [(0, [1], False)]),
    (("总投资", "其中:设备", "其中:软件", "收入"), [(0, [1, 2], False)]),
    (("总投资", "其中/设备", "其中/软件"), [(0, [1, 2], False)]),
    (("总投资", "总投资/其 中：设备"), [(0, [1], False)]),
    (("投资/合计", "投资/设备", "投资/软件"), [(0, [1, 2], True)]),
    (("投资/设备", "投资/软件", "投资/小 计（万元）", "收入"), [(2, [0, 1], True)]),
    (("投资/合计", "投资/设备"), []), (("合计", "设备", "软件"), []), (("其中：设备", "软件"), []), (("总投资", "固定资产投资"), []),
])
def test_sums_are_found_by_headings(headings, sums):
    assert seen(table(*headings)) == sums


def test_only_columns_of_one_unit_and_kind_are_added():
    whole, share, part = table("总投资", "其中：设备占比", "其中：设备")
    assert seen([whole, Column(1, share.path, "%", "share"), part]) == [(0, [2], False)]
    assert seen(table("名称", "其中：设备", kind="text")) == []


@pytest.mark.parametrize(("whole", "parts", "wrong"), [
    (100.0, (60.0, 40.0), False), (100.0, (60.0, 30.0), True), (100.0, (60.0, 50.0), True), (100.0, (60.0, None), False),
    (100.0, (160.0, None), True),
    (0.3, (0.1, 0.2), False), (100.0, (33.33, 66.66), False), (None, (1.0, 2.0), False), (100.0, (None, None), False),
])
def test_a_total_must_be_the_sum_of_its_parts(whole, parts, wrong):
    (found,) = find_sums(table("投资/合计", "投资/设备", "投资/软件"))
    problem = found.fault(dict(enumerate((whole, *parts))))
    assert bool(problem) == wrong
    if problem:
        assert problem.code == "value.conflict" and "“设备”、“软件”合起来" in problem.expected


@pytest.mark.parametrize(("parts", "wrong"), [((60.0, 30.0), False), ((60.0, 40.0), False), ((60.0, 50.0), True), ((None, 150.0), True)])
def test_parts_of_which_must_not_exceed_the_whole(parts, wrong):
    (found,) = find_sums(table("总投资", "其中：设备", "其中：软件"))
    assert bool(found.fault(dict(enumerate((100.0, *parts))))) == wrong


def test_a_total_row_is_compared_with_its_rows():
    assert check_total(6000.0, [1000.0, 2000.0, 3000.0], "总投资") is None
    assert check_total(3470.0000000000005, [1470.0, 2000.0], "总投资") is None
    problem = check_total(6500.0, [1000.0, 2000.0, 3000.0], "总投资")
    assert str(problem) == "“6500”：“总投资”是6500，3行合起来是6000，相差-500；请核对各项和合计"
    assert check_total(6500.0, [], "总投资") is None
