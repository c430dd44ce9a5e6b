"""A project's facts as people and files give them, read by the type of each field.

`read_value` takes what a cell or JSON holds and returns the value a formula works with, or a problem. It forgives typing (full
width, thousands separators, a unit behind the number, several ways to write a date) and refuses what would be a guess.
"""
from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from . import serial
from .arithmetic import money
from .check import nearest
from .evaluate import Value, as_text
from .formula import MONEY_UNITS, TOO_BIG, half_width, number_text
from .model import Field, Programme
from .problems import Problem

MISSING = frozenset(("", "-", "--", "---", "—", "——", "–", "―", "－", "－－", "/", "//", "／", "\\", "无数据", "缺"))
NOTHING = frozenset(("无", "空", "暂无", "N/A", "NA"))  # no number and no date; but a text, and a no
YES = frozenset(("是", "有", "√", "✓", "✔", "☑", "TRUE", "Y", "YES"))
NO = frozenset(("否", "无", "没有", "×", "✗", "✘", "FALSE", "N", "NO"))
NUMBERS, NOT_NEGATIVE = frozenset(("金额", "盈亏", "数量", "比例")), frozenset(("金额", "数量"))
_COUNTED = NUMBERS | {"日期"}
SERIALS = 10000, 100000  # 1927 to 2173; 2025 or 202506 in a cell for a date is a year or a month, not a serial
YEARS = range(1930, 2100)  # of a date, as the submission workbook takes it: 2925 is a slip
_DAYS = serial.serial(YEARS.start, 1, 1), serial.serial(YEARS.stop, 1, 1)
# In a cell for an amount 500万 can only be 万元; a formula, which knows no such context, refuses it.
_MONEY = {unit: Decimal(str(size)) for unit, size in {
    **MONEY_UNITS, "万": 1.0, "百万": 100.0, "千万": 1000.0, "千万元": 1000.0, "亿": 1e4}.items()}
_SHARES = {"": Decimal(1), "%": Decimal("0.01"), "‰": Decimal("0.001")}
_MULTIPLES = {"千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
LONGEST = 100  # no number or date is longer; patterns take their time over a page of digits
_ODD = str.maketrans({"−": "-", "﹣": "-", "￥": "¥", "\u200b": None, "\ufeff": None})
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+"
_NUMBER = re.compile(rf"([-+]?(?:{_DIGITS}))\s*(\D*)")
_CURRENCY = re.compile(r"^(\(?[-+]?)\s*(?:人民币|RMB)?\s*¥?\s*|\s*(?:人民币|整)$")
_BELOW_ZERO = re.compile(rf"\(((?:{_DIGITS})[^()]*)\)([^()]*)")  # in brackets, as accounts write it
_DATE = re.compile(r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?|(\d{2})(\d{2}))(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?)?")


def read_value(raw: object, field: Field, unit: str = "") -> tuple[Value, Problem | None]:
    """The value of a fact, and a problem when it is not one; None and an empty text are a missing fact.

    Money comes back in 万元 rounded to the fen, a share as a fraction, a date as Excel serial. `unit` is what a number that states
    no unit itself is in; empty: the field's own.
    """
    if raw is None or (isinstance(raw, str) and is_missing(raw.strip(), field)):
        return None, None
    if field.kind in NUMBERS:
        return _number(raw, field, unit)
    return _READERS[field.kind](raw, field)


def plain_numbers(raws: Sequence[object], field: Field, unit: str = "") -> list[float | None]:
    """The cells that are their own value and nothing unusual, None for any other: nearly all of a column of amounts, which this
    reads ten times faster.
    """
    if field.kind not in ("金额", "盈亏", "数量") or unit not in ("", field.unit):
        return [None] * len(raws)
    norm = field.usual
    low, high, whole = norm[:3] if norm else (0.0, math.nextafter(TOO_BIG, 0.0), False)
    if field.kind == "数量":
        return [raw if type(raw) is float and low <= raw <= high and not (whole and raw % 1.0) else None for raw in raws]
    return [raw if type(raw) is float and low <= raw <= high and round(raw * 1e6) / 1e6 == raw else None for raw in raws]


def is_missing(text: str, field: Field) -> bool:
    """Whether a text says that there is no value: a dash, or 无 where a number, a date or a code belongs."""
    return text in MISSING or ((field.kind in _COUNTED or "信用代码" in field.name) and half_width(text).upper() in NOTHING)


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
    found = number_text(raw) if isinstance(raw, float) and abs(raw) < TOO_BIG else str(raw)
    return None, Problem(code, found, f"“{field.name}”应为{expected}", fix)


def split_number(text: str) -> tuple[Decimal, str] | None:
    """The number a text holds and the unit it states, ¥ where that is all it says; None where it holds anything else."""
    if len(text) > LONGEST:
        return None
    plain = _CURRENCY.sub(r"\1", half_width(text).translate(_ODD).strip())
    if bracketed := _BELOW_ZERO.fullmatch(plain):
        plain = f"-{bracketed[1]}{bracketed[2]}"
    match = _NUMBER.fullmatch(plain)
    return (Decimal(match[1].replace(",", "")), match[2].rstrip() or ("¥" if "¥" in text or "￥" in text else "")) if match else None


def _number(raw: object, field: Field, unit: str = "") -> tuple[Value, Problem | None]:
    if isinstance(raw, bool):
        return _wrong(raw, field, f"数字（{field.unit_text}）" if field.unit_text else "数字")
    if isinstance(raw, (int, float)):
        number: float | Decimal = _as_float(raw)
    else:
        parts = split_number(str(raw))
        if parts is None:
            norm = field.usual
            example = "1200.5" if norm is None or not norm.whole else "2025" if norm.holds(2025.0) and not norm.holds(3.0) else "3"
            return _wrong(raw, field, f"一个数（{field.unit_text}）" if field.unit_text else "一个数",
                          f"请只写数字，如{example}；约数、范围、公式都不能用")
        number, unit = parts[0], unit if unit and parts[1] == "¥" else parts[1] or unit
    size = _size(unit, field)
    if size is None:
        fix = "“¥”没有写是元还是万元，请去掉它" if unit == "¥" else f"“{unit}”换算不了，请换算后只写数字"
        return _wrong(raw, field, f"以“{field.unit or '%'}”为单位的数", fix)
    value = float(number if size == 1 else Decimal(str(number)) * size)  # decimal: 12.3% is 0.123
    if not abs(value) < TOO_BIG:
        return _wrong(raw, field, "有限的数", "请检查位数和单位", "value.range")
    if field.kind in NOT_NEGATIVE and value < 0:
        return _wrong(raw, field, "不小于0的数", "请检查正负号", "value.range")
    return (money(value) if field.kind in ("金额", "盈亏") else value), None


def _as_float(number: float) -> float:
    """A whole number of JSON may be larger than any float."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _size(unit: str, field: Field) -> Decimal | None:
    """What one of a written unit is in the field's unit, None when it is another kind of unit."""
    if field.kind == "比例":
        return _SHARES.get(unit)
    if field.kind in ("金额", "盈亏"):
        return _MONEY.get(unit or "万元")
    # 个 for 个装备, 年 for 年份: people shorten a count's unit, never the other way round.
    own = half_width(field.unit)
    if own.startswith(unit):
        return Decimal(1)
    multiple = _MULTIPLES.get(unit[0])
    return multiple if multiple and own[:1] not in _MULTIPLES and own.startswith(unit[1:]) else None


def _date(raw: object, field: Field) -> tuple[Value, Problem | None]:
    number, fix = None, "请写成2025-06-30"
    if isinstance(raw, dt.date):
        number = serial.serial(raw.year, raw.month, raw.day)
    elif isinstance(raw, (int, float)) and not isinstance(raw, bool):
        if 19000101 <= raw <= 99991231:
            number, fix = _written_date(str(raw).removesuffix(".0"), fix)
        elif SERIALS[0] <= raw < SERIALS[1]:
            number = float(int(raw))  # the time of day says nothing
    else:
        number, fix = _written_date(half_width(str(raw)).strip(), fix)
    if number is None:
        return _wrong(raw, field, "到日的日期", fix)
    if not _DAYS[0] <= number < _DAYS[1]:
        return _wrong(raw, field, f"{YEARS.start}年到{YEARS.stop - 1}年的日期", "请核对年份", "value.range")
    return number, None


def _written_date(text: str, fix: str) -> tuple[float | None, str]:
    """The day a text writes; how to put right a text that writes none."""
    match = _DATE.fullmatch(text) if len(text) <= LONGEST else None
    if not match:
        return None, fix
    parts = [int(part) for part in match.groups()[1:] if part]
    return serial.serial(int(match[1]), *parts), "没有这一天，请核对" if int(match[1]) in YEARS else "请核对年份"


def _bool(raw: object, field: Field) -> tuple[Value, Problem | None]:
    if isinstance(raw, bool):
        return raw, None
    word = half_width(str(raw)).strip().upper() if isinstance(raw, str) else ""
    if word in YES or word in NO:
        return word in YES, None
    return _wrong(raw, field, "“是”或“否”", "请填是或否")


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
            return _wrong(f"{_as_float(raw):.15g}", field, "文字", "Excel只存15位数字，后面几位已经丢失；请先把列设为文本再填")
        raw = float(raw)
    return as_text(raw).strip(), None


_READERS = {"日期": _date, "是否": _bool, "选项": _choice, "文字": _text}
