"""Counties of Jiangsu as people write them: 县（市、区） → 设区市 → 苏南, 苏中 or 苏北.

Forgiven: spaces and line breaks between the characters, a missing 市, 区 or 县, the city or province in front, former names,
development zones. A name two cities have needs the city; near names are suggested, never taken.
"""
from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from ..rules.formula import half_width

CITY, ZONE = "设区市", "开发区"
_NEAR_ENOUGH = 60
_FILLERS = re.compile(r"[\s\u200b\ufeff·,，、/\\_—-]|\([^()]*\)$")
_PROVINCE = re.compile(r"^江苏(?:省)?(?=.)")
_CITY_ITSELF = frozenset(("", "市", "市本级", "市直", "市区", "市属", "本级", "直属"))
_ZONE_WORDS = re.compile(r"(?:国家级|省级)?(?:经济技术开发区|经济开发区|经开区|高新技术产业开发区|高新技术开发区|高新产业开发区|高新技术产业园区|"
                         r"高新区|开发区|工业园区?|产业园区?|科技园区?|化工园区?|园区|新区|保税区|综保区|综合保税区|示范区|港区)")
_SHORT = (("经济技术开发区", ("经济开发区", "经开区", "开发区")),)


@dataclass(frozen=True, slots=True)
class County:
    """A county, city district or development zone, or a 设区市 itself. `code` is empty for a zone no list has; `former` is the old
    name it was found by.
    """

    name: str
    code: str
    city: str
    part: str
    kind: str = ""
    former: str = ""

    @property
    def note(self) -> str:
        """What a reader should know about the name that was written."""
        if not self.former:
            return ""
        return f"“{self.former}”现为{self.name}" if self.former != self.name else f"“{self.former}”已撤销，分给了几个区"


def find_county(text: str, city: str = "") -> County | None:
    """The county a text names, None where it names none or several; `city` decides between counties of one name.

    >>> find_county("东 台").part, find_county("昆山经济技术开发区").name, find_county("白下区").note
    ('苏北', '昆山市', '“白下区”现为秦淮区')
    """
    found = counties(text, city)
    return found[0] if len(found) == 1 else None


def find_city(text: str) -> County | None:
    """The 设区市 a text names, with or without 市."""
    return next((county for county in counties(text) if county.kind == CITY), None)


@cache
def counties(text: str, city: str = "") -> tuple[County, ...]:
    """Every county a text may mean: those in `city` where there are any, else all of the province."""
    plain = _key(text)
    own = _cities().get(_key(city)) if city else None
    if own is not None and plain in _CITY_ITSELF - {""}:
        return (own,)
    found = _index().get(plain) or tuple(_within_a_city(plain)) or tuple(_zone_of_a_county(plain)) or tuple(_own_zone(plain, own))
    if own is not None:
        found = tuple(county for county in found if county.city == own.name) or found
    return found


def county_name(text: str, city: str = "") -> str:
    """What to call a county where rows are grouped by it: its present official name, behind its city's where two cities have one of
    that name; the text where it names none or several.

    >>> county_name("江苏省东台市"), county_name("大丰市"), county_name("鼓楼", "徐州市"), county_name("鼓楼区")
    ('东台市', '大丰区', '徐州市鼓楼区', '鼓楼区')
    """
    county = find_county(text, city)
    if county is None:
        return text.strip()
    return county.city + county.name if len(counties(county.name)) > 1 else county.name


def city_name(text: str) -> str:
    """The official name of a 设区市, the text where it names none."""
    city = find_city(text)
    return city.name if city else text.strip()


def places(text: str, city: str = "") -> frozenset[str]:
    """Everything a text may name, by official names, to compare places by; the text itself where no list has it."""
    plain = text.strip()
    return frozenset(county.city + county.name for county in counties(plain, city)) or frozenset((plain,) if plain else ())


def near_counties(text: str, most: int = 3) -> list[str]:
    """The names most like a text, nearest first; as a suggestion only."""
    from rapidfuzz import process
    plain = _key(text)
    for city in _cities():
        plain = plain.removeprefix(city) or plain
    names = dict.fromkeys(county.name for found in _index().values() for county in found)
    return [name for name, *_ in process.extract(plain, names.keys(), limit=most, score_cutoff=_NEAR_ENOUGH)]


def near_cities(text: str, most: int = 3) -> list[str]:
    """The 设区市 most like a text, nearest first; all where none is like it."""
    from rapidfuzz import process
    names = [county.name for county in _divisions().values() if county.kind == CITY]
    return [name for name, *_ in process.extract(text, names, limit=most, score_cutoff=_NEAR_ENOUGH)] or names


def _key(text: str) -> str:
    return _PROVINCE.sub("", _FILLERS.sub("", half_width(text).strip()).upper())


def _within_a_city(plain: str) -> Iterator[County]:
    """盐城市东台市, 苏州园区, 盐城高新区: a city and something in it."""
    for name, city in _cities().items():
        if not plain.startswith(name):
            continue
        rest = plain[len(name):]
        inside = [county for county in _index().get(rest, ()) if county.city == city.name and county.kind != CITY]
        inside = inside or [zone for key, found in _index().items() if len(rest) > 1 and key.endswith(rest) and key.startswith(_bare(city))
                            for zone in found if zone.kind == ZONE and zone.city == city.name]
        if inside:
            yield from dict.fromkeys(inside)
        elif rest in _CITY_ITSELF:
            yield city
        else:
            # 盐城市东台开发区, else a zone of the city that no list has
            yield from (county for county in _zone_of_a_county(rest) if county.city == city.name)
            yield from _own_zone(rest, city)
        return


def _zone_of_a_county(plain: str) -> Iterator[County]:
    """昆山经济技术开发区 lies in 昆山市."""
    if (match := _ZONE_WORDS.search(plain)) and match.end() == len(plain):
        yield from (county for county in _index().get(plain[:match.start()], ()) if county.kind not in (CITY, ZONE))


def _own_zone(plain: str, city: County | None) -> Iterator[County]:
    """高新区 in a list of one city: a zone of that city."""
    if city is not None and _ZONE_WORDS.fullmatch(plain):
        known = dict.fromkeys(county for key, found in _index().items() if key == _bare(city) + plain for county in found)
        yield from known or (County(_bare(city) + plain, "", city.name, city.part, ZONE),)


def _bare(county: County) -> str:
    """The name without 市, 区 or 县; whole where too little would be left."""
    return county.name[:-1] if county.kind != ZONE and len(county.name) > 2 else county.name


def _rows(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(files("xltool").joinpath("reference", file).read_text(encoding="utf-8").splitlines()))


@cache
def _divisions() -> dict[str, County]:
    """Divisions by code, the province left out."""
    rows = _rows("divisions.csv")[1:]
    cities = {row["code"][:4]: row for row in rows if row["kind"] == CITY}
    return {row["code"]: County(row["name"], row["code"], (city := cities[row["code"][:4]])["name"], city["part"], row["kind"]) for row in rows}


@cache
def _cities() -> dict[str, County]:
    """Cities by name, the full names first: they are tried as the beginning of a text."""
    cities = [county for county in _divisions().values() if county.kind == CITY]
    return {county.name: county for county in cities} | {_bare(county): county for county in cities}


@cache
def _index() -> dict[str, tuple[County, ...]]:
    """What a text may say, and what it means. A present name hides a former one of the same city."""
    found: dict[str, tuple[County, ...]] = {}

    def add(key: str, county: County) -> None:
        if county.name not in [known.name for known in found.get(key, ()) if known.city == county.city]:
            found[key] = (*found.get(key, ()), county)

    for county in _divisions().values():
        add(county.name, county)
        add(_bare(county), county)
        for long, shorts in _SHORT:
            if county.kind == ZONE and county.name.endswith(long):
                for short in shorts:
                    add(county.name.removesuffix(long) + short, county)
    for row in _rows("zones.csv"):
        place = _divisions()[row["of"]]
        add(row["name"], replace(place, name=row["name"], code="", kind=ZONE) if place.kind == CITY else place)
    for row in _rows("former-names.csv"):
        city = _divisions()[row["code"][:4] + "00"]
        now = next((county for county in found.get(row["now"], ()) if county.city == city.name), replace(city, name=row["name"], code="", kind=""))
        former = replace(now, former=row["name"])
        add(row["name"], former)
        if len(row["name"]) > 2 and row["name"][:-1] not in found:
            add(row["name"][:-1], former)
    return found
