"""What a number format makes of a number: a date, a duration, just a number, or one with a unit that stands in the format alone."""
from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Mapping
from functools import lru_cache

from ...grid import PER_CENT, Look

DATE, DURATION, PERCENT, NUMBER = "date", "duration", "percent", ""

_BUILT_IN = {9: PERCENT, 10: PERCENT, 46: DURATION,
             **dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), DATE)}  # 27-36 and 50-58: East Asian dates
_QUIET = re.compile(r'"[^"]*"|[\\!].|_.|\*.|\[(?![hms]+\])[^\]]*\]|general|g/通用格式', re.I)
_DURATION = re.compile(r"\[[hms]+\]", re.I)
_LETTERS = re.compile(r"[ymdhs]", re.I)
_LOCAL = (5, 6, 7, 8, 42, 44)  # money as the country writes it, whatever sign the file was made with
_LONGEST, _MOST_ZEROS = 255, 30  # Excel takes no longer format
_SECTIONS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_CONDITION = re.compile(r"\[(<=|>=|<>|=|<|>)\s*(-?\d+(?:\.\d*)?)\]")
_COMPARE = {"<=": operator.le, ">=": operator.ge, "<>": operator.ne, "=": operator.eq, "<": operator.lt, ">": operator.gt}
_PIECE = re.compile(r'"([^"]*)"|[\\!](.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|e[-+]|(general|g/通用格式|[0#?.,])|[-+ /:@()\d]|(.)', re.I | re.S)
_SIGNS = re.compile(r"[-+()¥￥:\s]|RMB|CNY|人民币")  # they say nothing of the unit
_DIVISOR = re.compile(r"[0#?](,+)(?=\.|$)")  # commas behind the digits; those between them only group
_EPOCH, _MIDNIGHT = dt.datetime(1899, 12, 30), dt.time()
_SHIFT_1904, _LAST = 1462, 2958466
_DAY = 86_400_000  # milliseconds


def meaning(number: int, codes: Mapping[int, str]) -> str:
    """What the format with this number means; `codes` are those the file defines itself. One that adds to a number means its code."""
    if number not in codes:
        return _BUILT_IN.get(number, NUMBER)
    whole = codes[number][:_LONGEST]
    code = _QUIET.sub("", whole).partition(";")[0]
    if _DURATION.search(code):
        return DURATION
    if _LETTERS.search(code):
        return DATE
    if "%" in code:
        return PERCENT
    return whole if number not in _LOCAL and any(seen for _, seen in _sections(whole)) else NUMBER


def tells(as_: str) -> bool:
    """Whether a format with this meaning adds something to a number."""
    return as_ not in (NUMBER, DATE, DURATION)


def look(value: object, as_: str) -> Look | None:
    """What the format adds to a number.

    >>> look(15000000.0, '0!.0,"万元"'), look(-5.0, '[>=10000]0"."0,"万";0"元"'), look(5.0, "¥#,##0.00")
    (Look(before='', after='万元', scale=10000.0), Look(before='', after='元', scale=1.0), None)
    """
    if type(value) is not float or not tells(as_):
        return None
    if as_ == PERCENT:
        return PER_CENT
    sections = _sections(as_)
    for at, (condition, seen) in enumerate(sections):
        if condition is not None:
            holds = _COMPARE[condition[0]](value, condition[1])
        else:  # the sections are for numbers above, below and at zero, the last for what is left
            left = at == len(sections) - 1 or sections[0][0] is not None
            holds = left or (value < 0 if at else value > 0 or (value == 0 and len(sections) == 2))
        if holds:
            return seen
    return None


@lru_cache(4096)
def _sections(code: str) -> tuple[tuple[tuple[str, float] | None, Look | None], ...]:
    """The sections of a format that are for numbers: for which, and what each adds."""
    found = []
    for section in _SECTIONS.split(code)[:3]:
        condition = _CONDITION.search(section)
        found.append(((condition[1], float(condition[2])) if condition else None, _look(section)))
    return tuple(found)


def _look(section: str) -> Look | None:
    """What a section adds. Of one without digits nothing: the number does not show."""
    before = digits = after = ""
    for quoted, escaped, currency, digit, plain in _PIECE.findall(section):
        words = quoted or escaped or currency or plain
        if words == "." and digits and not after:
            digits += "!"  # a point among the digits, wherever the number has its own
        elif digit and not after:
            digits += digit if len(digit) == 1 else "0"
        elif digits:
            after += digit or _SIGNS.sub("", words)
        else:
            before += _SIGNS.sub("", words)
    moved = re.sub("[^0#?]", "", digits.partition("!")[2].partition(".")[0])
    scale = 10.0 ** min(3 * sum(map(len, _DIVISOR.findall(digits))) + len(moved), _MOST_ZEROS)
    return Look(before, after, scale) if digits and (before or after or scale != 1) else None


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
