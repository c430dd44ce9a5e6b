"""The lists behind the drop-downs: a very hidden sheet, one column for each list, each with a name for the formulas."""
from __future__ import annotations

import csv
from importlib.resources import files

from xlsxwriter.workbook import Workbook

from ...guideline.records import letters
from ...intake.regions import CITY, find_city, near_cities
from ...rules.library import UnknownName
from .columns import Regions

SHEET = "选项"
COUNTIES, COUNTY_CITIES = "list_counties", "list_cities"


def regions(city: str = "") -> Regions:
    """The counties and development zones of every 设区市 of Jiangsu, or of one. Raises UnknownName."""
    chosen = find_city(city) if city else None
    if city and chosen is None:
        raise UnknownName(city, "设区市", near_cities(city))
    places, zones = (_rows(name) for name in ("divisions.csv", "zones.csv"))
    cities = {row["code"][:4]: row["name"] for row in places if row["kind"] == CITY}
    return {name: (*(row["name"] for row in places if row["code"].startswith(code) and row["kind"] != CITY),
                   *(row["name"] for row in zones if row["of"] == f"{code}00"))
            for code, name in cities.items() if chosen is None or chosen.name == name}


def _rows(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(files("xltool").joinpath("reference", file).read_text(encoding="utf-8").splitlines()))


class Lists:
    """Collects the lists of all sheets, each once, and writes them at the end."""

    def __init__(self, regions: Regions | None = None) -> None:
        self.names: dict[tuple[str, ...], str] = {}
        pairs = [(city, county) for city, counties in (regions or {}).items() for county in counties]
        if pairs:
            self.names[tuple(county for _, county in pairs)] = COUNTIES
        self.county_cities = [city for city, _ in pairs]

    def source(self, choices: tuple[str, ...]) -> str:
        """The name of the list of these choices, empty when there are none."""
        return self.names.setdefault(choices, f"list_{len(self.names) + 1}") if choices else ""

    def write(self, book: Workbook, stamp: str = "") -> None:
        sheet = book.add_worksheet(SHEET)
        sheet.write_string(0, 0, stamp)
        lists = [*((name, choices) for choices, name in self.names.items())]
        if self.county_cities:
            lists.append((COUNTY_CITIES, tuple(self.county_cities)))
        for index, (name, choices) in enumerate(lists):
            for row, choice in enumerate(choices, 1):
                sheet.write_string(row, index, choice)
            book.define_name(name, f"={SHEET}!${letters(index)}$2:${letters(index)}${len(choices) + 1}")
        sheet.very_hidden()
