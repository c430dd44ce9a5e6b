"""The letters' Word templates filled for a test: in one place, whichever engine does it.

docxtpl itself is that engine here, with undefined names refused, blanks for what is missing, and the two filters the templates use.
"""
from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

_DIGITS, _PLACES, _GROUPS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿", "万亿")


def capital(amount: float | None) -> str:
    """An amount in 万元 in capital signs: 1234.56 is 壹仟贰佰叁拾肆万伍仟陆佰元整."""
    if amount is None:
        return ""
    yuan, fen = divmod(int(Decimal(str(amount)) * 1_000_000), 100)
    text, gap = "", False
    digits = str(yuan)
    for position, digit in zip(range(len(digits) - 1, -1, -1), digits):
        group, place = divmod(position, 4)
        if digit == "0":
            gap = True
        else:
            text += ("零" if gap and text else "") + _DIGITS[int(digit)] + _PLACES[place]
            gap = False
        if not place and int(digits[max(0, len(digits) - position - 4):len(digits) - position]):
            text += _GROUPS[group]
    text = (text or "零") + "元"
    jiao, rest = divmod(fen, 10)
    if not fen:
        return text + "整"
    return text + (_DIGITS[jiao] + "角" if jiao else "零") + (_DIGITS[rest] + "分" if rest else "整")


def day(date: dt.date | None) -> str:
    return f"{date.year}年{date.month}月{date.day}日" if date else ""


def render(template: Path, context: dict[str, object]) -> bytes:
    """The document a template gives for these names."""
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=lambda value: "" if value is None else value)
    environment.filters |= {"大写": capital, "年月日": day}
    document = DocxTemplate(template)
    document.render(context, environment, autoescape=True)
    out = BytesIO()
    document.save(out)
    return out.getvalue()
