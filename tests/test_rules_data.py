"""An edition as data and back: nothing the functions use is lost, and JSON holds all of it."""
from __future__ import annotations

import json
from dataclasses import fields, is_dataclass

import pytest

from xltool.guideline.bundle import edition, edition_ids
from xltool.rules.data import edition_data, edition_of
from xltool.rules.model import Edition, Formula
from xltool.rules.problems import Where


def same(found, wanted) -> bool:
    """Equal, formulas by their text; places in a workbook aside."""
    if isinstance(wanted, Where):
        return True
    if isinstance(wanted, Formula):
        return isinstance(found, Formula) and found.text == wanted.text and found.names == wanted.names
    if is_dataclass(wanted):
        return type(found) is type(wanted) and all(same(getattr(found, each.name), getattr(wanted, each.name)) for each in fields(wanted)
                                                   if not (isinstance(wanted, Edition) and each.name == "cases"))
    if isinstance(wanted, dict):
        return isinstance(found, dict) and list(found) == list(wanted) and all(same(found[name], own) for name, own in wanted.items())
    if isinstance(wanted, tuple):
        return isinstance(found, tuple) and len(found) == len(wanted) and all(map(same, found, wanted))
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize("name", edition_ids())
def test_an_edition_comes_back_from_json_as_it_was(name):
    data = json.loads(json.dumps(edition_data(edition(name)), ensure_ascii=False, allow_nan=False))
    found = edition_of(data)
    assert same(found, edition(name)) and found.cases == ()
    assert edition_data(found) == edition_data(edition(name))


def test_the_comparison_of_this_test_sees_a_difference():
    data = edition_data(edition("2026"))
    data["programmes"]["2026P1-1"]["conditions"][0]["text"] += "。"
    assert not same(edition_of(data), edition("2026"))


def test_data_hold_no_defaults_no_places_and_no_cases():
    data = edition_data(edition("2026"))
    text = json.dumps(data, ensure_ascii=False)
    assert "cases" not in data and '"where"' not in text and "null" not in text
    assert len(text.encode()) < 250_000
