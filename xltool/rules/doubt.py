"""Values that can be read but are hardly meant: 2.5个产品, 3000%, 元 typed where 万元 belong.

They count as they stand, since a fact may be unusual; every host says that somebody should look.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .formula import half_width, number_text
from .serial import serial, to_date

if TYPE_CHECKING:
    from .model import Field

_GROWS = re.compile("增|降|变动|利润率|收益率|回报率")  # such a share may shrink or double; another is a part of something
_YEAR = re.compile(".*年[度份]")
_PIECES = re.compile("[个家项件台套座辆名款级人](?!次)|场|次|年份")  # the units of what is counted one by one; 人次 is often a mean
_MUCH = 1_000_000.0  # 万元; 100亿元 is more than any project, and less than a project of 100万元 in 元


_DAYS = serial(1949, 10, 1), serial(2049, 12, 31)


class Usual(NamedTuple):
    """The values a field usually has: from `low` to `high`, only `whole` numbers; what to ask of another."""

    low: float
    high: float
    whole: bool
    ask: str

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self.whole and value % 1)


@lru_cache(1000)
def usual(field: Field) -> Usual | None:
    """The usual values of a field, None where any is."""
    if field.kind == "比例":
        return Usual(-10.0, 10.0, False, "超过了10倍") if _GROWS.search(field.name) else Usual(0.0, 1.0, False, "不在0到100%之间")
    if field.kind in ("金额", "盈亏"):
        return Usual(-_MUCH if field.kind == "盈亏" else 0.0, _MUCH, False, "是不是把元当成了万元")
    if field.kind == "数量" and _YEAR.fullmatch(field.name):
        return Usual(1949.0, 2100.0, True, "应是四位的年份")
    if field.kind == "数量" and _PIECES.match(half_width(field.unit)):
        return Usual(0.0, 1e12, True, "应是整数")
    if field.kind == "日期":
        return Usual(*_DAYS, False, "年份少见")
    return None


def doubt(value: object, field: Field) -> str:
    """What is doubtful about a field's value, in words; "" where nothing is."""
    norm = usual(field)
    if norm is None or not isinstance(value, float) or norm.holds(value):
        return ""
    if field.kind == "比例":
        shown = f"{number_text(float(f'{value * 100:.12g}'))}%"
    else:
        shown = to_date(value).isoformat() if field.kind == "日期" else number_text(value) + field.unit_text
    return f"{shown}，{norm.ask}"
