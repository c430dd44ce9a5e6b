"""A value as Chinese readers want it in a sentence, and the filters both kinds of template share.

`{{ 批复专项资金|大写 }}` spells 万元 in capitals, `|元` writes it in 元 with separators, `|年月日` a date. A filter on an empty value
gives an empty one; on a value it is not meant for it fails, naming the value.
"""

import datetime as dt
from decimal import Decimal

from ..capital import capital, yuan
from .values import Unfit, plain_text


def words(value) -> str:
    """A value inside a sentence: None is empty, 1500.0 is 1500, a date is 2025年1月1日, a yes is 是; raises Unfit."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str.__str__(value)
    if hasattr(value, "item") and hasattr(value, "dtype"):
        value = value.item()  # numpy's scalars
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date) and value == value:
        return _day(value)
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, (int, float, Decimal)):
        return plain_text(value)
    name = type(value).__name__
    if name == "NAType":
        return ""
    raise Unfit(f"{name} {str(value)[:40]}", "这里只能放文字、数、日期、真假或空")


def _day(value: dt.date) -> str:
    day = f"{value.year}年{value.month}月{value.day}日"
    has_time = isinstance(value, dt.datetime) and (value.hour or value.minute or value.second)
    return f"{day}{value:%H:%M}" if has_time else day


def _date(value: dt.date) -> str:
    if not isinstance(value, dt.date) or value != value:
        raise ValueError(f"{str(value)[:40]} 不是日期")
    return f"{value.year}年{value.month}月{value.day}日"


def _unless_empty(write):
    def filtered(value):
        return None if value is None or value == "" else write(value)

    return filtered


FILTERS = {name: _unless_empty(write) for name, write in {"大写": capital, "元": yuan, "年月日": _date}.items()}
