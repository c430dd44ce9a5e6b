"""The arithmetic both evaluators share: comparison and rounding that behave like decimal amounts.

3*20% is 0.6000000000000001 in binary, and a project that spent exactly 0.6 must not fail for it. Comparisons therefore treat
numbers within 2**-48 of each other as equal (as LibreOffice does, and Excel by its 15 digits), and ROUND sees a half within that
distance as a half. The formulas here use only `+ - * abs floor`, so they run unchanged on floats and on numpy arrays.

The distance in ROUND is at most 1/2048 of the last place kept: so an amount in fen times a rate of up to three decimals rounds as
in exact decimal arithmetic up to a result of about 50亿元, beyond any subsidy; further on binary floats cannot tell.
"""
from __future__ import annotations

import math

NEAR = 2.0**-48
MOST_NEAR = 2.0**-11
MONEY_DIGITS = 6  # 万元 to six decimals is the fen


def round_half_away(value: float, digits: int) -> float:
    """Excel's ROUND: half away from zero.

    >>> round_half_away(1234.567895 * 0.1, 6), round_half_away(-2.5, 0)
    (123.45679, -3.0)
    """
    scale = 10.0 ** abs(digits)
    size = abs(value) * scale if digits >= 0 else abs(value) / scale
    if size >= 2.0**52:  # no fraction left to round
        return value
    whole = math.floor(size + min(size * NEAR, MOST_NEAR) + 0.5)
    return math.copysign(whole / scale if digits >= 0 else whole * scale, value) if whole else 0.0


def difference(a: float, b: float) -> float:
    """a - b, and exactly 0 where the two count as equal: 0.3-0.1-0.2 is nothing, as in Excel and LibreOffice."""
    result = a - b
    return 0.0 if abs(result) <= abs(b) * NEAR else result


def floor(value: float) -> float:
    """Excel's INT; 0.6/0.2 is 3, though in binary a little less."""
    return float(math.floor(value + abs(value) * NEAR))


def money(value: float) -> float:
    """An amount in 万元 rounded to the fen."""
    return round_half_away(value, MONEY_DIGITS)
