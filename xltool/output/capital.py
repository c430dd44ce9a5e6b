"""Amounts in capital Chinese (大写金额), as agreements and payment papers want them beside the figures.

cn2an spells the number by the bank rules (《正确填写票据和结算凭证的基本规定》). This module reads 万元, never rounds (an amount that
is not a whole number of fen is refused), and closes an amount that ends with 角 with 整 too, as 《会计基础工作规范》 asks.
"""
from __future__ import annotations

import math
from decimal import Decimal

FEN_PER_WAN = 1_000_000
MOST = 10**9  # 万元: beyond it binary numbers do not keep the fen
# Sums of floats are off by less than this part of a fen; nobody means such an amount.
_NOISE = Decimal("0.001")


def capital(wan: float | int | Decimal) -> str:
    """An amount in 万元 as capital Chinese; raises ValueError for what is no whole number of fen.

    >>> capital(1500), capital(0.14095), capital(-0.000101)
    ('壹仟伍佰万元整', '壹仟肆佰零玖元伍角整', '负壹元零壹分')
    """
    from cn2an import an2cn  # a tenth of a second

    yuan, fen = divmod(abs(total := whole_fen(wan)), 100)
    if abs(wan) >= MOST:
        raise ValueError(f"{wan} 万元太大，写不成大写")
    text = an2cn(f"{yuan}.{fen:02d}", "rmb")
    return ("负" if total < 0 else "") + text + ("整" if text.endswith("角") else "")


def yuan(wan: float | int | Decimal) -> str:
    """An amount in 万元 as 元 with separators and fen; raises ValueError as `capital` does.

    >>> yuan(1500.5)
    '15,005,000.00'
    """
    return f"{Decimal(whole_fen(wan)) / 100:,.2f}"


def whole_fen(wan: float | int | Decimal) -> int:
    """An amount in 万元 as fen."""
    if isinstance(wan, bool) or not isinstance(wan, (int, float, Decimal)) or not math.isfinite(wan):
        raise ValueError(f"{str(wan)[:40]} 不是金额，应为数（万元）")
    exact = (Decimal(repr(wan)) if isinstance(wan, float) else Decimal(wan)) * FEN_PER_WAN
    fen = int(exact.to_integral_value())
    if abs(exact - fen) > (_NOISE if isinstance(wan, float) else 0):
        raise ValueError(f"{wan} 万元不是整数分，金额最多 6 位小数")
    return fen
