"""A project's facts as people and files give them, read by the type of each field.

`read_value` takes what a cell or JSON holds and returns the value a formula works with, or a problem. It forgives typing (full
width, thousands separators, a unit behind the number, several ways to write a date) and refuses what would be a guess.
"""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from . import serial
from .arithmetic import money
from .check import nearest
from .evaluate import Value, as_text
from .formula import MONEY_UNITS, TOO_BIG, half_width, number_text
from .model import Field, Programme
from .problems import Problem

MISSING = frozenset(("", "-", "--", "—", "——", "/", "\\", "无数据", "缺"))
YES, NO = frozenset(("是", "√", "✓", "TRUE", "Y", "YES")), frozenset(("否", "×", "✗", "FALSE", "N", "NO"))
SERIALS = 10000, 100000  # 1927 to 2173; 2025 or 202506 in a cell for a date is a year or a month, not a serial
_NUMBER = re.compile(r"([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[-+]?\.\d+)\s*(%?)\s*(\D*)")
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?)?")


def read_value(raw: object, field: Field) -> tuple[Value, Problem | None]:
    """The value of a fact, and a problem when it is not one; None and an empty text are a missing fact.

    Money comes back in 万元 rounded to the fen, a share as a fraction, a date as Excel serial.
    """
    if raw is None or (isinstance(raw, str) and raw.strip() in MISSING):
        return None, None
    return _READERS[field.kind](raw, field)


def read_facts(raw: Mapping[str, object], programme: Programme) -> tuple[dict[str, Value], list[Problem]]:
    """All facts of one project of a programme; unknown names and unreadable values are problems."""
    facts: dict[str, Value] = {}
    problems: list[Problem] = []
    for name, value in raw.items():
        field = programme.fields.get(name)
        if field is None:
            near = nearest(name, programme.fields)
            problems.append(Problem("value.unknown", name, f"{programme.id} 没有这个事实",
                                    "是不是“" + "”“".join(near) + "”？" if near else "事实名见 xltool show 项目编号"))
            continue
        read, problem = read_value(value, field)
        if problem:
            problems.append(problem)
        elif read is not None:
            facts[name] = read
    return facts, problems


def _wrong(raw: object, field: Field, expected: str, fix: str = "", code: str = "value.type") -> tuple[None, Problem]:
    return None, Problem(code, str(raw), f"“{field.name}”应为{expected}", fix)


def _number(raw: object, field: Field) -> tuple[Value, Problem | None]:
    unit = field.unit_text
    if isinstance(raw, bool):
        return _wrong(raw, field, f"数字（{unit}）" if unit else "数字")
    if isinstance(raw, (int, float)):
        value = float(raw)
    else:
        match = _NUMBER.fullmatch(half_width(str(raw)).strip())
        if not match:
            return _wrong(raw, field, f"一个数（{unit}）" if unit else "一个数", "请只写数字，如1200.5；约数、范围、公式都不能用")
        value = float(match[1].replace(",", ""))
        scale = _scale(match[2], match[3], field)
        if scale is None:
            return _wrong(raw, field, f"以“{field.unit or '%'}”为单位的数", "请换算后只写数字")
        value = value / scale
    if not abs(value) < TOO_BIG:
        return _wrong(raw, field, "有限的数", "请检查位数和单位", "value.range")
    if field.kind in ("金额", "数量") and value < 0:
        return _wrong(raw, field, "不小于0的数", "请检查正负号", "value.range")
    return (money(value) if field.kind in ("金额", "盈亏") else value), None


def _scale(percent: str, unit: str, field: Field) -> float | None:
    """How many of the written unit make one of the field's unit, None when it is another unit."""
    if field.kind == "比例":
        return (100.0 if percent else 1.0) if unit == "" else None
    if percent:
        return None
    if field.kind in ("金额", "盈亏"):
        size = MONEY_UNITS.get(unit or "万元")
        return size and 1 / size
    # 个 for 个装备, 年 for 年份: people shorten a count's unit, never the other way round.
    return 1.0 if half_width(field.unit).startswith(unit) else None


def _date(raw: object, field: Field) -> tuple[Value, Problem | None]:
    number: float | None = None
    if isinstance(raw, dt.date):
        number = serial.serial(raw.year, raw.month, raw.day)
    elif isinstance(raw, (int, float)) and not isinstance(raw, bool):
        if 19000101 <= raw <= 99991231:
            number = _written_date(str(raw).removesuffix(".0"))
        elif SERIALS[0] <= raw < SERIALS[1]:
            number = float(int(raw))  # the time of day says nothing
    else:
        number = _written_date(half_width(str(raw)).strip())
    if number is None:
        return _wrong(raw, field, "到日的日期", "请写成2025-06-30")
    return number, None


def _written_date(text: str) -> float | None:
    match = _DATE.fullmatch(text)
    if not match:
        return None
    parts = [int(part) for part in match.groups()[1:] if part]
    return serial.serial(int(match[1]), *parts)


def _bool(raw: object, field: Field) -> tuple[Value, Problem | None]:
    if isinstance(raw, bool):
        return raw, None
    word = half_width(str(raw)).strip().upper() if isinstance(raw, str) else ""
    if word in YES or word in NO:
        return word in YES, None
    return _wrong(raw, field, "“是”或“否”")


def _choice(raw: object, field: Field) -> tuple[Value, Problem | None]:
    wanted = choice_key(str(raw))
    for choice in field.choices:
        if choice_key(choice) == wanted:
            return choice, None
    near = nearest(str(raw), field.choices, 1)
    hint = f"；最接近的是“{near[0]}”" if near else ""
    return _wrong(raw, field, "选项之一：" + "、".join(field.choices), "请从选项中选" + hint, "value.choice")


def choice_key(text: str) -> str:
    """A choice without what people type differently: spaces, quotes, width."""
    return re.sub(r"[\s“”\"]", "", half_width(text)).casefold()


def _text(raw: object, field: Field) -> tuple[Value, Problem | None]:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        if not abs(raw) < TOO_BIG:
            return _wrong(number_text(float(raw)), field, "文字", "Excel只存15位数字，后面几位已经丢失；请先把列设为文本再填")
        raw = float(raw)
    return as_text(raw).strip(), None


_READERS = {"金额": _number, "盈亏": _number, "数量": _number, "比例": _number, "日期": _date, "是否": _bool, "选项": _choice, "文字": _text}
