"""Cells of submissions as people fill them, read by the type of their field.

What every host forgives is in `rules.facts`; here is what only a sheet knows: the unit its heading states, the one a number's
format shows, a date written to the month, what Excel does to long digits. A reading that took more than the cell says carries a note;
what cannot be read without a guess is a problem, with the way to write it.
"""
from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from ..rules.evaluate import Value
from ..rules.facts import LONGEST, MISSING, NUMBERS, YEARS, is_missing, plain_numbers, read_value, split_number
from ..rules.formula import TOO_BIG, half_width, number_text
from ..rules.model import Field
from ..rules.problems import Problem
from ..rules.serial import from_date, to_date
from .credit_code import clean_code
from .grid import PER_CENT, Fault, Look
from .periods import bound_of, find_period


class Reading(NamedTuple):
    """A cell as read: a value (None: missing or not readable), what the reading assumed, what is wrong, and what was typed.

    A tuple, since a folder of submissions holds a million of them.
    """

    value: Value = None
    note: str = ""
    problem: Problem | None = None
    raw: object = None


BLANK = Reading()


def read_cell(raw: object, field: Field, unit: str = "", look: Look | None = None, bound: str | None = None) -> Reading:
    """The reading of a cell.

    `unit` is what the heading, its group or the sheet states; `look` what the cell's format adds to its number; `bound`
    (periods.START, END or "") is for a date written to the month, and comes from the field's name when None.
    """
    if raw is None or raw == "":
        return BLANK
    kind = field.kind
    if isinstance(raw, str):
        if (fault := fault_of(raw, field)) is not None:
            return Reading(None, "", fault, raw)
        if is_missing(raw.strip(), field):
            return Reading(raw=raw)
    if kind in NUMBERS:
        if look is not None and type(raw) in (float, int) and abs(raw) < TOO_BIG:
            return _as_shown(raw, field, unit, look)
        return (_share if kind == "比例" else _number)(raw, field, unit)
    if kind == "日期":
        return _date(raw, field, bound_of(field.name) if bound is None else bound)
    return (_yes_or_no if kind == "是否" else _text)(raw, field)


# ---- columns ------------------------------------------------------------------------------------------------------------

_PLAIN: Mapping[int, Look] = {}


def read_column(raws: Sequence[object], field: Field, unit: str = "", looks: Mapping[int, Look] = _PLAIN) -> tuple[list[Value], dict[int, Reading]]:
    """The values of a column, and the readings that carry a note or a problem, by position: `read_cell` for each cell, only faster.

    Nearly every cell is a plain number in the field's own unit, a plain text or a date, and what is left repeats. `looks` are
    those of the positions whose format adds something to their number.
    """
    values = _plain(raws, field, unit)
    for position in looks:
        values[position] = None
    odd = {position: (type(raw := raws[position]), raw, looks.get(position)) for position, value in enumerate(values) if value is None}
    readings = {key: read_cell(key[1], field, unit, key[2]) for key in set(odd.values())}
    for position, key in odd.items():
        values[position] = readings[key].value
    if not any(reading.note or reading.problem for reading in readings.values()):
        return values, {}
    return values, {position: reading for position, key in odd.items() if (reading := readings[key]).note or reading.problem}


def _plain(raws: Sequence[object], field: Field, unit: str) -> list[object]:
    """What every cell says that says it plainly; any other is None."""
    kind = field.kind
    if kind == "文字":
        if "信用代码" in field.name:
            return [raw if type(raw) is str and _CODE.fullmatch(raw) else None for raw in raws]
        return [raw if type(raw) is str and raw.isprintable() and raw.strip() == raw and raw not in _NO_TEXTS and "+" not in raw else None
                for raw in raws]
    if kind == "日期":
        return [from_date(raw) if type(raw) is dt.date and raw.year in YEARS else None for raw in raws]
    return plain_numbers(raws, field, unit)


# ---- cells without a value --------------------------------------------------------------------------------------------

_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"))
_NO_TEXTS = _ERRORS | MISSING
_CODE = re.compile(r"[0-9A-Z]{18}")
_FAULTS = (  # by how the text of a fault begins
    ("#LOST", "单元格的文字在文件里丢了", "请打开原文件核对，重新填"),
    ("#", "单元格却是错误值", "请改正公式，或直接填值"),
    ("=", "单元格却是没有算过的公式", "请用Excel或WPS打开，保存一次再交，或直接填值"),
    ("", "单元格读不出一个值", "请打开原文件核对，重新填"),
)


def fault_of(raw: str, field: Field) -> Problem | None:
    """The problem of an error cell, of a formula nobody calculated, of a text the file lost."""
    if not isinstance(raw, Fault) and raw not in _ERRORS:
        return None
    return next(_problem(raw, field, but, fix) for start, but, fix in _FAULTS if raw.startswith(start))


def _problem(raw: object, field: Field, but: str, fix: str) -> Problem:
    return Problem("value.type", shown(raw), f"“{field.name}”应为{field.kind}，{but}", fix)


def shown(raw: object) -> str:
    """A cell's value as people see it."""
    if raw is None or isinstance(raw, bool):
        return "" if raw is None else str(raw).upper()
    if isinstance(raw, dt.datetime) and raw.time() == dt.time():
        return raw.date().isoformat()
    return number_text(raw) if isinstance(raw, float) and abs(raw) < TOO_BIG else str(raw).strip()


# ---- numbers ------------------------------------------------------------------------------------------------------------

_DIVIDED = {1e3: "千", 1e4: "万", 1e6: "百万", 1e7: "千万", 1e8: "亿"}  # what a format that divides must show to be certain
_REMARK = re.compile(r"(.+)\((含税价?|不含税价?|未税|税前|税后)\)")
_NUMBER_HINTS = tuple((re.compile(pattern), fix) for pattern, fix in (
    (r"=.*", "这是公式的文字，请填算出的数"),
    (r"[-+]?\d+(?:\.\d*)?[Ee][-+]?\d+\D*", "这是科学计数法的文字，请填数字"),
    (r".*(?:美元|美金|欧元|日元|港币|港元|英镑|USD|EUR|[$€£]).*", "请按汇率换算成人民币后填"),
    (r".*\d.*(?:[-~—–至到]|－|～).*\d.*", "不能写范围，请填一个数"),
    (r".*\d[^\d.,eE]+\d.*", "一个格子只填一个数"),
    (r".*(?:约|左右|上下|近|余|多|超|不低于|不少于|不高于|低于|高于|至少|最多|以上|以下|以内|不足|大概|预计|[<>≥≤≧≦≈＞＜+]).*",
     "约数不能用，请填准确的数"),
    (r"\D*[一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]\D*", "请用阿拉伯数字"),
    (r".*\d.*[(].*[)].*", "请只填数字，说明写到备注列"),
))


def _as_shown(raw: float, field: Field, unit: str, look: Look) -> Reading:
    """A number whose format adds to it is what people see, as if they had typed that, with all its digits."""
    text, share = look.text(raw), field.kind == "比例"
    read = _share if share else _number
    if look == PER_CENT and share:
        note = f"按显示的{text}读，请核对是否多乘了100" if abs(raw) > 1 else ""
        seen = _probable(Reading(float(raw), note, None, raw), field)
    elif look == PER_CENT:
        seen = Reading(None, "", _problem(raw, field, "单元格却是百分比格式", "请改成数值格式并核对"))
    elif look.scale != 1 and not look.after.startswith(_DIVIDED.get(look.scale, "?")):
        but = f"单元格存的是{shown(raw)}，格式却缩小成{text}，看不出该用哪个"
        seen = Reading(None, "", _problem(raw, field, but, f"请直接填以{field.unit or '%'}为单位的数，去掉缩小显示的格式"))
    else:
        seen, stored = read(text, field, unit), read(raw, field, unit)
        if seen.value is not None and stored.value is not None:
            if math.isclose(seen.value, stored.value):
                return stored
            seen = seen._replace(note="；".join(filter(None, (f"单元格存的是{shown(raw)}，按显示的{text}读", seen.note))))
    return seen._replace(problem=seen.problem and replace(seen.problem, found=text), raw=raw)


def _number(raw: object, field: Field, unit: str) -> Reading:
    if isinstance(raw, (dt.date, dt.time, dt.timedelta)):
        return Reading(None, "", _problem(raw, field, "单元格却是日期", "Excel会把“3-5”变成日期；请改成数值格式再填"), raw)
    text, notes = raw, []
    if isinstance(raw, str) and len(raw) <= LONGEST:
        if raw.rstrip().endswith(("）", ")")) and (remark := _REMARK.fullmatch(half_width(raw).strip())):
            text, notes = remark[1], [f"括号里的“{remark[2]}”没有用，请核对口径"]
        if not unit and ("¥" in text or "￥" in text) and (parts := split_number(text)) and parts[1] == "¥":
            unit = field.unit
            notes += [f"“¥”没有写是元还是万元，按{unit}读"] if unit != "元" else []
    value, problem = read_value(text, field, unit)
    if what := field.doubt(value):
        notes.append(f"是{what}")
    return Reading(value, "；".join(notes) if problem is None else "", _hinted(problem, raw, _NUMBER_HINTS), raw)


def _share(raw: object, field: Field, unit: str) -> Reading:
    """A share: the fraction is kept. A bare number is per cent, a fraction, or not clear, by what the heading says."""
    if isinstance(raw, str):
        number, own = split_number(raw) or (Decimal(0), "?")
    else:
        number, own = (raw, "") if isinstance(raw, (int, float)) and not isinstance(raw, bool) else (0, "?")
    if own or not abs(number) < TOO_BIG:  # 12% says itself what it is; anything else is no number
        return _probable(_number(raw, field, ""), field)
    note = ""
    if unit == "小数":
        unit = ""
    elif unit == "%" and 0 < abs(number) <= 1:
        unit, note = "", f"单位是%，这个数按{_percent(number)}读，请核对是否少乘了100"
    elif not unit and abs(number) > 1:
        few, many = f"{_short(number)}%", _percent(number)
        return Reading(None, "", _problem(raw, field, f"看不出是{few}还是{many}", f"请写成{few}或{many}"), raw)
    elif not unit and number == 1:
        note = "按100%读，请核对是不是1%"
    value, problem = read_value(raw, field, unit)
    return _probable(Reading(value, note if problem is None else "", _hinted(problem, raw, _NUMBER_HINTS), raw), field)


def _probable(share: Reading, field: Field) -> Reading:
    """The reading of a share that can be one."""
    if share.problem or share.value is None or not (what := field.doubt(share.value)):
        return share
    if share.value < field.usual.low == 0:
        problem = Problem("value.range", shown(share.raw), f"“{field.name}”应为不小于0的比例", "请检查正负号")
        return Reading(None, "", problem, share.raw)
    return share._replace(note=share.note or f"是{what}")


def _percent(number: float | Decimal) -> str:
    return f"{_short(number * 100)}%"


def _short(number: float | Decimal) -> str:
    return number_text(float(f"{number:.12g}"))


def _hinted(problem: Problem | None, raw: object, hints: tuple[tuple[re.Pattern, str], ...]) -> Problem | None:
    """A problem with the cell's own text and the fix for the first form that has."""
    if problem is None or problem.code != "value.type":
        return problem and replace(problem, found=shown(raw))
    text = re.sub(r"\s", "", half_width(shown(raw)[:LONGEST]))
    return replace(problem, found=shown(raw), fix=next((fix for pattern, fix in hints if pattern.fullmatch(text)), problem.fix))


# ---- dates --------------------------------------------------------------------------------------------------------------

_SERIAL = re.compile(r"[1-9]\d{4}")
_DATE_HINTS = tuple((re.compile(pattern), fix) for pattern, fix in (
    (r".*(?:19|20)\d\d\D.*(?:19|20)\d\d(?:\D.*)?|\d{6,8}\D+\d{6,8}", "一个格子只写一个日期，请把开始和结束分到两列"),
    (r".*\d[月日]?(?:[~—–至到]|--)\D*\d.*|.*[月日]-.*\d.*|.*年\d+-\d+月.*", "一个格子只写一个日期，请把开始和结束分到两列"),
    (r".*(?:约|左右|前后|之前|以前|前|之后|以后|预计|计划|拟|延期|前期).*", "请写准确的日期，如2025-06-30"),
    (r"(?:19|20)\d\d年?", "只写到年，请写到日，如2025-06-30"),
    (r"\d{1,2}月.*", "没有写年份，请写成2025-06-30"),
    (r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d[-/.]\d{1,2}[-/.]\d{2}", "请按年、月、日的顺序写，如2025-06-30"),
    (r"\d{2}[-/.年]\d{1,2}.*", "年份请写四位，如2025-06-30"),
))


def _date(raw: object, field: Field, bound: str) -> Reading:
    value, problem = read_value(raw, field)
    if problem is None:
        return Reading(value, "", None, raw)
    text = re.sub(r"[\s\u200b\ufeff]", "", half_width(shown(raw)[:LONGEST])).upper()
    if isinstance(raw, float) and re.fullmatch(r"(?:19|20)\d\d\.1", text):
        fix = f"请写成{text[:4]}-01-15这样的日期"
        return Reading(None, "", replace(problem, found=text, expected=f"“{field.name}”看不出是1月还是10月（数字{text}0也存成{text}）", fix=fix), raw)
    if isinstance(raw, str) and _SERIAL.fullmatch(text):
        return _as_day(raw, to_date(float(text)), f"按Excel的日期序号读作{to_date(float(text)).isoformat()}", field)
    period = find_period(text)
    if period is None:
        return Reading(None, "", _hinted(problem, raw, _DATE_HINTS), raw)
    if not bound:
        return Reading(None, "", replace(problem, found=shown(raw), fix=f"只写到{period.written_to}，请写到日，如2025-06-30"), raw)
    day = period.day(bound)
    return _as_day(raw, day, f"只写到{period.written_to}，按{day.isoformat()}读", field)


def _as_day(raw: object, day: dt.date, note: str, field: Field) -> Reading:
    value, problem = read_value(day, field)
    return Reading(value, note if problem is None else "", problem and replace(problem, found=shown(raw)), raw)


# ---- yes or no, choices, texts --------------------------------------------------------------------------------------------

_TICK, _BOX = "[☑√✓✔■]", "[□☐]"
_TICKED = tuple((re.compile(pattern), value) for pattern, value in (
    (rf"{_TICK}是(?:{_BOX}否)?|是{_TICK}(?:否{_BOX})?", True),
    (rf"(?:{_BOX}是)?{_TICK}否|(?:是{_BOX})?否{_TICK}", False),
))
_DIGITS = {"1": True, "0": False}
_UNSEEN = re.compile("[\x00-\x08\x0c\x0e-\x1f\ufffe\uffff]")  # from damaged or converted files; no document can hold them
_EXPONENT = re.compile(r"\d(?:\.\d+)?[Ee]\+\d+")


def _yes_or_no(raw: object, field: Field) -> Reading:
    text = re.sub(r"\s", "", half_width(shown(raw)))
    if text in _DIGITS and not isinstance(raw, bool):
        return Reading(_DIGITS[text], f"“{text}”按“{'是' if _DIGITS[text] else '否'}”读", None, raw)
    for pattern, value in _TICKED:
        if pattern.fullmatch(text):
            return Reading(value, "", None, raw)
    value, problem = read_value(raw, field)
    return Reading(value, "", _hinted(problem, raw, ()), raw)


def _text(raw: object, field: Field) -> Reading:
    if isinstance(raw, str) and (unseen := _UNSEEN.search(raw)):
        return Reading(None, "", _problem(raw, field, f"里面却有看不见的控制字符 U+{ord(unseen[0]):04X}", "请删去这一格，重新打字"), raw)
    if isinstance(raw, dt.datetime) and raw.time() == dt.time():
        text: object = raw.date().isoformat()
    elif isinstance(raw, float) and field.kind == "选项":
        text = shown(raw)
    else:
        text = float(raw) if field.kind == "文字" and isinstance(raw, str) and _EXPONENT.fullmatch(raw.strip()) else raw
    value, problem = read_value(text, field)
    if "信用代码" in field.name and isinstance(value, str):
        value = clean_code(value)
    return Reading(value, "", problem and replace(problem, found=shown(raw)), raw)
