"""Places left: the whole, the parts, and the places a minimum reserves."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.rules.model import Programme, QuotaPart
from xltool.rules.quota import UnknownPart, places_left


def programme(*rows):
    return Programme("2023P1-3-1", "1", "t", quota=tuple(QuotaPart(*row) for row in rows))


def test_the_documents_example_of_the_identifier_nodes():
    group = programme(("", "", 12), ("二级节点", "2023P1-3-1-1", 10), ("公共服务平台", "2023P1-3-1-2", 2))
    left = places_left(group, [("二级节点", 9), ("", 3)])
    assert (left.total, left.parts) == (0, {"二级节点": 0, "公共服务平台": 0})
    assert places_left(group, [("二级节点", 9), ("公共服务平台", 1)]).parts == {"二级节点": 1, "公共服务平台": 1}


def test_a_minimum_reserves_places_from_the_other_parts():
    group = programme(("", "", 10), ("甲", "", None, 4), ("乙", "", 8))
    assert places_left(group, []).parts == {"甲": 10, "乙": 6}
    assert places_left(group, [("甲", 1)]).parts == {"甲": 9, "乙": 6}
    assert places_left(group, [("甲", 4)]).parts == {"甲": 6, "乙": 6}
    assert places_left(group, [("乙", 6)]).parts == {"甲": 4, "乙": 0}
    assert places_left(group, [("", 9)]).parts == {"甲": 1, "乙": 0}


def test_the_total_comes_from_the_parts_where_only_they_are_stated():
    assert places_left(programme(("甲", "", 2), ("乙", "", 50)), [("甲", 1)]).total == 51
    assert places_left(programme(("甲", "", 2), ("乙", "", None, 3)), []).total is None
    assert places_left(programme(), [("", 3)]).total is None


def test_a_part_without_any_limit_has_no_number():
    assert places_left(programme(("甲", "", None), ("乙", "", 3)), []).parts == {"甲": None, "乙": 3}


def test_places_are_never_below_zero():
    left = places_left(programme(("", "", 3), ("甲", "", 2)), [("甲", 5), ("", 5)])
    assert (left.total, left.parts, left.used, left.used_parts) == (0, {"甲": 0}, 10, {"甲": 5})


def test_a_member_programme_counts_for_its_part():
    group = programme(("", "", 12), ("二级节点", "2023P1-3-1-1", 10))
    assert places_left(group, [("2023P1-3-1-1", 4)]).used_parts == {"二级节点": 4}


def test_an_unknown_part_is_an_error_that_lists_the_parts():
    with pytest.raises(UnknownPart, match="没有分项“丙”；分项有：甲、乙"):
        places_left(programme(("甲", "", 1), ("乙", "", 1)), [("丙", 1)])
    with pytest.raises(UnknownPart, match="名额不分项"):
        places_left(programme(("", "", 1)), [("甲", 1)])


def test_the_groups_of_2023_and_2026_share_their_places(edition_2023, edition_2026):
    assert places_left(edition_2023.find("2023P1-3-1"), [("二级节点", 9), ("", 1)]).parts == {"二级节点": 1, "公共服务平台": 2}
    assert places_left(edition_2026.find("2026P4-1"), []).total == 52
    with pytest.raises(UnknownPart):
        places_left(edition_2026.find("2026P1-1"), [("二级节点", 1)])


limits = st.one_of(st.none(), st.integers(0, 6))


@given(limits, st.lists(st.tuples(limits, limits, st.integers(0, 5)), min_size=1, max_size=4), st.integers(0, 5))
def test_places_left_follow_the_formula_of_the_design(total, parts, unassigned):
    rows = [(f"分项{index}", "", most, least) for index, (most, least, _) in enumerate(parts)]
    rows += [("", "", total)] if total is not None else []
    selected = [(f"分项{index}", used) for index, (_, _, used) in enumerate(parts)] + [("", unassigned)]
    left = places_left(programme(*rows), selected)
    if total is None and all(most is not None for most, _, _ in parts):
        total = sum(most for most, _, _ in parts)
    all_used = unassigned + sum(used for _, _, used in parts)
    assert left.total == (None if total is None else max(0, total - all_used))
    for index, (most, _, used) in enumerate(parts):
        reserved = sum(max(0, (least or 0) - other) for place, (_, least, other) in enumerate(parts) if place != index)
        bounds = ([most - used] if most is not None else []) + ([total - all_used - reserved] if total is not None else [])
        assert left.parts[f"分项{index}"] == (max(0, min(bounds)) if bounds else None)


@given(st.integers(0, 6), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=3), st.data())
def test_filling_one_place_at_a_time_never_breaks_a_limit_and_stops_only_when_full(total, parts, data):
    """Brute force: whoever is let in while places are left keeps every maximum, and every minimum can still be met."""
    parts = [(max(most, least), least) for most, least in parts]
    if sum(least for _, least in parts) > total:
        return
    group = programme(("", "", total), *((f"分项{index}", "", most, least) for index, (most, least) in enumerate(parts)))
    used = [0] * len(parts)
    while True:
        left = places_left(group, [(f"分项{index}", count) for index, count in enumerate(used)]).parts
        free = [index for index in range(len(parts)) if left[f"分项{index}"]]
        if not free:
            break
        used[data.draw(st.sampled_from(free))] += 1
        needed = sum(max(0, least - count) for (_, least), count in zip(parts, used))
        assert sum(used) + needed <= total
        assert all(count <= most for (most, _), count in zip(parts, used))
    assert all(count >= least for (_, least), count in zip(parts, used))
    assert sum(used) == min(total, sum(most for most, _ in parts))


def test_limits_of_every_recommending_unit_have_no_common_total():
    rows = (QuotaPart(part="省", maximum=20, each=True), QuotaPart(part="计划单列市", maximum=5, each=True))
    left = places_left(Programme("x", "1", "x", quota=rows), [("省", 18)])
    assert (left.total, left.parts) == (None, {"省": 2, "计划单列市": 5})
