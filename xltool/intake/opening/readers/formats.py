"""What a number format makes of a number: a date, a duration, a percentage or just a number."""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

DATE, DURATION, PERCENT, NUMBER = "date", "duration", "percent", ""

_BUILT_IN = {9: PERCENT, 10: PERCENT, 46: DURATION,
             **dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), DATE)}  # 27-36 and 50-58: East Asian dates
_QUIET = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|general|g/通用格式', re.I)
_DURATION = re.compile(r"\[[hms]+\]", re.I)
_LETTERS = re.compile(r"[ymdhs]", re.I)
_EPOCH, _MIDNIGHT = dt.datetime(1899, 12, 30), dt.time()
_SHIFT_1904, _LAST = 1462, 2958466
_DAY = 86_400_000  # milliseconds


def meaning(number: int, codes: Mapping[int, str]) -> str:
    """What the format with this number means; `codes` are those the file defines itself."""
    if number not in codes:
        return _BUILT_IN.get(number, NUMBER)
    code = _QUIET.sub("", codes[number]).partition(";")[0]
    if _DURATION.search(code):
        return DURATION
    return DATE if _LETTERS.search(code) else PERCENT if "%" in code else NUMBER


def shown(number: float, as_: str, from_1904: bool = False) -> object:
    """The number as its format means it; itself where that is no day between 1900-03-01 and 9999-12-31."""
    if as_ == DURATION:
        try:
            return dt.timedelta(milliseconds=round(number * _DAY))
        except OverflowError:
            return number
    if as_ != DATE:
        return number
    days = number + _SHIFT_1904 if from_1904 else number
    if 0 <= number < 1 and not from_1904:
        return (_EPOCH + dt.timedelta(milliseconds=min(round(days * _DAY), _DAY - 1))).time()
    if not 1 <= days < _LAST or 60 <= days < 61:
        return number
    moment = _EPOCH + dt.timedelta(days=days < 60, milliseconds=round(days * _DAY))
    return moment.date() if moment.time() == _MIDNIGHT else moment
