"""The page of the functions: every example gives what the page says, every function, item and parameter is told of."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

from xltool.guideline.bundle import library
from xltool.guideline.read import load
from xltool.hosts.definition import FUNCTIONS
from xltool.hosts.functions import call
from xltool.hosts.guidelines import Guidelines
from xltool.hosts.items import ITEMS

DOCS = Path(__file__).resolve().parent.parent / "docs"
TEXT = (DOCS / "functions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"(?m)^\| `=(\w+)\((.*?)\)` \| (.*?) \| .*? \|$", TEXT)
_PART = re.compile(r'"([^"]*)"|(\{.*?\})|([A-Z]\d+(?::[A-Z]\d+)?)|(-?[\d.]+)|(?=,|$)')


def cells() -> dict[str, object]:
    """The sample sheet of the page by address; a number as a number."""
    table = TEXT.split("<!-- sheet -->")[1].strip().split("\n\n")[0].splitlines()
    letters, *rows = [[each.strip() for each in line.strip("|").split("|")] for line in table if not line.startswith("|---")]
    return {f"{letter}{row[0]}": float(text) if re.fullmatch(r"\d+", text) else text or None
            for row in rows for letter, text in zip(letters[1:], row[1:])}


SHEET = cells()


def argument(match: re.Match[str]) -> object:
    text, array, area, number = match.groups()
    if array:
        return [[argument(part) for part in _PART.finditer(row) if part[0]] for row in array[1:-1].split(";")]
    if area:
        first, last = (area.split(":") * 2)[:2]
        letters = [chr(letter) for letter in range(ord(first[0]), ord(last[0]) + 1)]
        return [[SHEET[f"{letter}{row}"] for letter in letters] for row in range(int(first[1:]), int(last[1:]) + 1)]
    return float(number) if number else text


def arguments(text: str) -> list[object]:
    found, at = [], 0
    while at <= len(text):
        match = _PART.match(text, at)
        assert match, text[at:]
        found.append(argument(match))
        at = match.end() + 1
    return found


def fits(value: object, shown: str) -> bool:
    """Whether a cell is what the page shows: a blank as 空, … where a text goes on."""
    if shown == "空":
        return value is None or value == ""
    if isinstance(value, float):
        return re.fullmatch(r"-?[\d.]+", shown) is not None and abs(value - float(shown)) < 1e-9
    return isinstance(value, str) and re.fullmatch(".*".join(map(re.escape, shown.split("…"))), value, re.DOTALL) is not None


@pytest.mark.parametrize(("name", "given", "shown"), EXAMPLES, ids=[f"{name}({given})" for name, given, _ in EXAMPLES])
def test_an_example_gives_what_the_page_says(name, given, shown):
    rows = call(Guidelines(library(), load), name, arguments(given))
    wanted = [row.split("｜") for row in shown.split("<br>")]
    if wanted[-1] == ["⋯"]:
        assert len(rows) > len(wanted)
        del wanted[-1], rows[len(wanted):]
    assert len(rows) == len(wanted)
    assert all(len(row) == len(own) and all(map(fits, row, own)) for row, own in zip(rows, wanted)), rows


def test_examples_are_read_as_they_stand():
    assert arguments('"2026P1-1",{"是";2025},B2:C3,,"x",B7,-1.5') == [
        "2026P1-1", [["是"], [2025.0]], [[1500.0, "是"], [900.0, "是"]], None, "x", [["1000左右"]], -1.5]
    assert not fits(150.0, "151") and not fits("差100万元，晚", "差…早") and not fits(0.0, "空") and not fits("#N/A", "#VALUE!")


def test_every_function_item_and_parameter_is_told_of():
    assert {name for name, _, _ in EXAMPLES} == {function.name for function in FUNCTIONS} and len(EXAMPLES) >= 30
    for function in FUNCTIONS:
        given = ", ".join(f"[{each.title}]" if each.optional else each.title for each in function.parameters)
        assert re.search(rf"(?m)^## {function.name}：.*\n\n`={function.name}\((.*?)\)`", TEXT)[1] == given
    assert all(name in TEXT.split("## PROGRAM")[1] for name in ITEMS)


@pytest.mark.parametrize("page", ["accountant.md", "clerk.md"])
def test_the_manuals_lead_here(page):
    assert "(functions.md" in (DOCS / page).read_text(encoding="utf-8")


def test_links_inside_the_page_lead_to_its_headings():
    headings = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"(?m)^#+ (.+)$", TEXT)}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= headings
