"""Industries by code or name (GB/T 4754-2017): class, division and section, 制造业 being C.

The list is for hints, never to refuse: its sources differ in a few names, and a county may use codes of the edition of 2011.
"""
from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from ..rules.formula import half_width

MANUFACTURING = "C"
LEVELS = ("门类", "大类", "中类", "小类")  # by the length of the code: a letter, 2, 3 and 4 digits
_NEAR_ENOUGH = 60
_CODE_LAST = re.compile(r"^([^\dA-Z(][^\d(]*)\(?([A-T]?\d{2,4})\)?$")
_ALIKE = re.compile(r"[、,;和及与()]|业$")
_CODED = re.compile(r"([A-T])?(\d{2,4})?(?![\dA-Z])(.*)")


@dataclass(frozen=True)
class Industry:
    """An entry of the list; `code` has no letter except for a section."""

    code: str
    name: str
    section: str

    @property
    def level(self) -> str:
        return LEVELS[0] if self.code.isalpha() else LEVELS[len(self.code) - 1]

    @property
    def manufacturing(self) -> bool:
        return self.section == MANUFACTURING

    @cached_property
    def above(self) -> tuple[Industry, ...]:
        """Section, division … down to the entry itself."""
        codes = [self.section] if self.code.isalpha() else [self.section, *(self.code[:end] for end in range(2, len(self.code) + 1))]
        return tuple(_by_code()[code] for code in codes)

    @property
    def division(self) -> Industry | None:
        """大类; None for a whole section."""
        return self.above[1] if len(self.above) > 1 else None


def find_industry(text: str | float) -> Industry | None:
    """The industry of a code (3562, C35, C), of a name, or of both; of several levels in a text, the last. None when unknown.

    A code with the name of another industry is unknown: nobody can tell which is meant.

    >>> find_industry("C3562").division.name, find_industry("专用设备制造").section, find_industry("制造业/汽车制造业").code
    ('专用设备制造业', 'C', '36')
    """
    if isinstance(text, float):
        text = f"{text:.0f}"
    return _find(re.sub(r"[\s\u200b\ufeff]", "", half_width(text)))


@cache
def _find(plain: str) -> Industry | None:
    if found := _by_name().get(_key(plain)):
        return found
    coded = _CODED.fullmatch(_CODE_LAST.sub(r"\2\1", plain.upper()).lstrip("([【"))
    letter, digits, rest = coded.groups() if coded else ("", "", "")
    name = rest.strip("-—:：.、·()/ 】]")
    if digits or (letter and (not name or _key(name) in _by_name())):
        coded = _by_code().get(digits or letter)
        if coded is None or (letter and letter != coded.section):
            return None
        named = _by_name().get(_key(name))
        # A name may repeat at lower levels, and the code tells which is meant.
        return coded if not name or _key(coded.name) == _key(name) or (named and named in coded.above) else None
    *front, last = re.split(r"[-—/>→|\\]+", plain)
    return _find(last) if front and last and all(map(_find, front)) else None


def near_industries(text: str, most: int = 3) -> list[str]:
    """The names most like a text, nearest first; as a suggestion only."""
    from rapidfuzz import fuzz, process
    return [name for name, *_ in process.extract(text, [*dict.fromkeys(entry.name for entry in _by_code().values())],
                                                 scorer=fuzz.ratio, limit=most, score_cutoff=_NEAR_ENOUGH)]


def _key(name: str) -> str:
    """A name without what people write differently: separators, 和 and 及, 其它 for 其他, 业 at the end."""
    return _ALIKE.sub("", half_width(name).replace("其它", "其他"))


@cache
def _by_code() -> dict[str, Industry]:
    text = files("xltool").joinpath("reference", "industries.csv").read_text(encoding="utf-8")
    found, section = {}, ""
    for row in csv.DictReader(text.splitlines()):
        section = row["code"] if row["code"].isalpha() else section
        found[row["code"]] = Industry(row["code"], row["name"], section)
    return found


@cache
def _by_name() -> dict[str, Industry]:
    """By key; a name that repeats at lower levels means the highest. 社会组织 alone means 公共管理、社会保障和社会组织."""
    found: dict[str, Industry] = {}
    entries = sorted(_by_code().values(), key=lambda entry: (entry.code.isdigit(), len(entry.code)))
    for entry in entries:
        found.setdefault(_key(entry.name), entry)
    for section in filter(lambda entry: entry.level == LEVELS[0], entries):
        for part in re.split("[、和]", section.name):
            if len(part) > 2:
                found.setdefault(_key(part), section)
    return found
