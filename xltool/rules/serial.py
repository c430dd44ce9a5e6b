"""Excel date serials: the one form in which a date travels through a formula.

Day 1 of March 1900 is 61. Earlier days are refused: Excel and LibreOffice disagree about them, and no guideline needs them.
"""
from __future__ import annotations

import datetime as dt

_EPOCH = dt.date(1899, 12, 30).toordinal()
_FIRST, _LAST = 61, dt.date(9999, 12, 31).toordinal() - _EPOCH


def from_date(day: dt.date) -> float:
    """The serial of a date."""
    return float(day.toordinal() - _EPOCH)


def to_date(number: float) -> dt.date:
    """The date of a serial; the time of day is dropped."""
    return dt.date.fromordinal(int(number) + _EPOCH)


def valid(number: float) -> bool:
    """Whether a serial lies between 1900-03-01 and 9999-12-31."""
    return _FIRST <= number < _LAST + 1


def serial(year: int, month: int, day: int) -> float | None:
    """The serial of a calendar day, None where there is no such day."""
    try:
        number = from_date(dt.date(year, month, day))
    except (ValueError, OverflowError):
        return None
    return number if valid(number) else None


def excel_date(year: float, month: float, day: float) -> float | None:
    """Excel's DATE: months and days beyond their range carry over; None outside 1900-03-01…9999-12-31."""
    months = int(year) * 12 + int(month) - 1
    if not 1900 * 12 <= months < 10000 * 12:
        return None
    number = dt.date(months // 12, months % 12 + 1, 1).toordinal() - _EPOCH + int(day) - 1
    return float(number) if valid(number) else None


def edate(number: float, months: float) -> float | None:
    """Excel's EDATE: the same day some months later, or the last day of a shorter month."""
    day = to_date(number)
    total = day.year * 12 + day.month - 1 + int(months)
    if not 1900 * 12 <= total < 10000 * 12:
        return None
    year, month = divmod(total, 12)
    last = (dt.date(year + month // 11, (month + 1) % 12 + 1, 1) - dt.timedelta(1)).day if total < 119999 else 31
    return serial(year, month + 1, min(day.day, last))


def datedif(start: float, end: float, unit: str) -> float | None:
    """Excel's DATEDIF for "Y", "M" and "D": whole years, months or days; None when start is after end."""
    if start > end:
        return None
    if unit == "D":
        return float(int(end) - int(start))
    first, last = to_date(start), to_date(end)
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return float(months if unit == "M" else months // 12)
