"""Values that can be read but are hardly meant: 2.5个产品, 3000%, 元 typed where 万元 belong.

They count as they stand, since a fact may be unusual; every host says that somebody should look.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .formula import half_width, number_text
from .serial import serial, to_date

_GROWS = re.compile("增|降|变动|利润率|收益率|回报率")  # such a share may shrink or double; another is a part of something
_YEAR = re.compile(".*年[度份]")
_PIECES = re.compile("[个家项件台套座辆名款级人](?!次)|场|次|年份")  # the units of what is counted one by one; 人次 is often a mean
_MUCH = 1_000_000.0  # 万元; 100亿元 is more than any project, and less than a project of 100万元 in 元
_DAYS = serial(1949, 10, 1), serial(2049, 12, 31)


class Usual(NamedTuple):
    """The values a field usually has: from `low` to `high`, only `whole` numbers; what to say of another."""

    low: float
    high: float
    whole: bool
    what: str
    kind: str
    unit: str

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self.whole and value % 1)

    def doubt(self, value: float) -> str:
        """What is doubtful about a value, in words; "" where nothing is."""
        if self.holds(value):
            return ""
        if self.kind == "比例":
            return f"{number_text(float(f'{value * 100:.12g}'))}%，{self.what}"
        return f"{to_date(value).isoformat() if self.kind == '日期' else number_text(value) + self.unit}，{self.what}"


@lru_cache(1000)
def usual(name: str, kind: str, unit: str) -> Usual | None:
    """The usual values of a field, None where any is."""
    if kind == "比例":
        bounds = (-10.0, 10.0, False, "超过了10倍") if _GROWS.search(name) else (0.0, 1.0, False, "不在0到100%之间")
    elif kind in ("金额", "盈亏"):
        bounds = -_MUCH if kind == "盈亏" else 0.0, _MUCH, False, "是不是把元当成了万元"
    elif kind == "数量" and _YEAR.fullmatch(name):
        bounds = 1949.0, 2100.0, True, "应是四位的年份"
    elif kind == "数量" and _PIECES.match(half_width(unit)):
        bounds = 0.0, 1e12, True, "应是整数"
    elif kind == "日期":
        bounds = *_DAYS, False, "年份少见"
    else:
        return None
    return Usual(*bounds, kind, unit)
