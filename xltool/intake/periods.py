"""Dates that were not written to the day: 2025.3, 2025年一季度, 2025年底.

Each names a period. A field that is a start means its first day, one that is an end its last; a field that is neither needs the
day. What a field is, its name says.
"""
from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

START, END = "start", "end"
_BOUNDS = {
    START: ("开始", "起始", "启动", "开工", "设立", "成立", "最早", "起点"),
    END: ("结束", "完成", "完工", "竣工", "建成", "截止", "终止", "到期", "最晚", "止点"),
}
_YEAR, _MONTH = r"((?:19|20)\d\d)", r"(0?[1-9]|1[0-2])"
_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "一": 1, "二": 2, "三": 3, "四": 4}
_HALVES = {"上": (1, 6), "下": (7, 12)}
_YEAR_ENDS = {"初": 1, "底": 12, "末": 12}
_THIRDS = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "中": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31)}


@dataclass(frozen=True, slots=True)
class Period:
    """The days a date may mean, and how far it was written (月, 月底, 季度 …)."""

    first: dt.date
    last: dt.date
    written_to: str

    def day(self, bound: str) -> dt.date:
        return self.first if bound == START else self.last


@cache
def bound_of(name: str) -> str:
    """START or END by what a field is called; empty where its name says neither or both.

    >>> bound_of("项目开始时间"), bound_of("项目完工时间"), bound_of("验收日期"), bound_of("项目开始和结束时间")
    ('start', 'end', '', '')
    """
    found = [bound for bound, words in _BOUNDS.items() if any(word in name for word in words)]
    return found[0] if len(found) == 1 else ""


def _months(year: str, first: int, last: int, written_to: str) -> Period:
    after = dt.date(int(year) + last // 12, last % 12 + 1, 1)
    return Period(dt.date(int(year), first, 1), after - dt.timedelta(1), written_to)


def _third(year: str, month: str, part: str) -> Period:
    whole, (first, last) = _months(year, int(month), int(month), f"月{part}" if len(part) == 1 else part), _THIRDS[part]
    return Period(whole.first.replace(day=first), whole.first.replace(day=min(last, whole.last.day)), whole.written_to)


_FORMS = (
    (rf"{_YEAR}(?:[-/.]{_MONTH}|年{_MONTH}月份?|(0[1-9]|1[0-2]))",
     lambda year, *month: _months(year, int("".join(filter(None, month))), int("".join(filter(None, month))), "月")),
    (rf"{_YEAR}[-/.年]{_MONTH}月({'|'.join(_THIRDS)})", _third),
    (rf"{_YEAR}(?:年|-|年-)?(?:Q([1-4])|第?([1-4一二三四])季度?)",
     lambda year, *quarter: _months(year, 3 * (number := _QUARTERS["".join(filter(None, quarter))]) - 2, 3 * number, "季度")),
    (rf"{_YEAR}年?([上下])半年", lambda year, half: _months(year, *_HALVES[half], "半年")),
    (rf"{_YEAR}年{{1,2}}([初底末])", lambda year, part: _months(year, _YEAR_ENDS[part], _YEAR_ENDS[part], f"年{part}")),
)
_FORMS = tuple((re.compile(pattern), period) for pattern, period in _FORMS)


def find_period(text: str) -> Period | None:
    """The period a half-width text without spaces names, None where it names none.

    >>> find_period("2024.2").last.isoformat(), find_period("2025Q3").first.isoformat(), find_period("2025年底").day(END).isoformat()
    ('2024-02-29', '2025-07-01', '2025-12-31')
    """
    for pattern, period in _FORMS:
        if match := pattern.fullmatch(text):
            return period(*match.groups())
    return None
