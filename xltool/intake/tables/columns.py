"""The columns of a table: what they are called, the unit somebody states for them, and what kind of values they hold.

A unit is never guessed: it stands in the heading, in a caption above it, or in a line of the sheet; else it is empty.
"""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ...rules.facts import NO, YES, split_number
from ...rules.formula import MONEY_UNITS, half_width
from ..grid import Fault
from ..headers import UNIT_WORDS
from .cues import bare

_SIZES = "[十百千万亿]{0,2}"
_BASES = ("元|美元|欧元|亩|公顷|平方米|平方公里|公里|千米|米|㎡|m2|m²|立方米|m³|吨|公斤|千克|克|斤|人次|家次|人|户|个|家|项|件|款|台套|台|套|"
          "辆|座|次|场次|场|名|分|天|日|月|年|小时|课时|级|千瓦时|千瓦|度|吨标准煤|吨标煤|箱|只|条|张|份|批|所|床|%|‰")
_UNIT = re.compile(rf"{_SIZES}(?:{_BASES})(?:/{_SIZES}(?:{_BASES}))?|[万亿]")
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*(?:\([^()]*\)[^()]*)?)[)\]】]")
_LABEL = re.compile(r"(?:金额|货币|计量|数据)?单位(?:均?为|是)?[:：]?")
_STATED = re.compile(r"(?:金额|货币|计量|数据)?单位(?:均?为|是)?[:：]?([^\s,，、;；。()（）:：]{1,8})")
_SLASH = re.compile(rf"/({_SIZES}(?:{_BASES}))$|/\(([^()]+)\)$")
_ALONE = re.compile(rf"{_SIZES}(?:元|亩|吨|人|个|家|台|套|项|件|%)")  # a heading of a row of units
_CLOSING = re.compile(r".(万元|亿元|千元|%)$")

_NAMED = re.compile("序号|编号|代码|编码|电话|手机|账号|帐号|证号|身份证|号码|文号|邮编|[号码]$|№|立项年度|年度$|年份$")
_YES_NO = re.compile("是否|有无|^能否")
_SHARE = re.compile("率$|比例|占比|比重|百分比|%")
_DATE = re.compile("日期|时间|年月|起止|期限|^(?:开工|竣工|投产|建成|验收|批复)$")
_MONEY = re.compile("投资|金额|资金|经费|预算|收入|产值|利润|税|补助|补贴|奖补|支出|费用|费$|价|款|额|成本|工资|薪|资产|负债|造价|提成|总价")
_NOT_MONEY = re.compile("来源|性质|类型|用途|渠道|名称|方式|编号|科目|单位$|人$|情况|是否|数量|个数|次数|人数|类别")
_SAMPLE = 20
_READ = 5000  # characters of a note that are looked at


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; of a turned table, a label and the values beside it.

    `index` is the sheet's column; in a turned table labels are counted, `label` is the row and column of each, and `values` are the
    columns of that row with its values, one for each record. `path` holds the heading's texts from the top level down, nothing where
    values stand under no heading; `unit` is the unit they, the captions above or the sheet's note state, empty when nobody does;
    `kind` is money, number, share, date, bool or text, by heading and values. Serial numbers, codes and years are text: nobody adds them.
    """

    index: int
    path: tuple[str, ...]
    unit: str = ""
    kind: str = "text"
    label: tuple[int, int] = (0, 0)
    values: tuple[int, ...] = ()

    @property
    def header(self) -> str:
        """The heading in one line: 2019 / 完成投资（万元）."""
        return " / ".join(self.path)


def unit_word(text: str) -> str:
    """The text where it is a unit, else nothing.

    >>> unit_word("万元"), unit_word("（家）"), unit_word("填写")
    ('万元', '', '')
    """
    return text if _UNIT.fullmatch(text) or text in UNIT_WORDS else ""


@lru_cache(4096)
def unit_in_heading(text: str) -> str:
    """The unit a heading states, in brackets, behind a stroke or at its end.

    >>> unit_in_heading("分包结算额（元）（填写）"), unit_in_heading("工资（单位：元）"), unit_in_heading("亩产量/斤"), unit_in_heading("计划投资")
    ('元', '元', '斤', '')
    """
    plain = half_width(bare(text))
    for inner in reversed(_BRACKETS.findall(plain)):
        for part in re.split("[,、;]", inner):
            if unit := unit_word(_LABEL.sub("", part)):
                return unit
    if (found := _STATED.search(plain)) and (unit := unit_word(found[1])):
        return unit
    if found := _SLASH.search(plain):
        return unit_word(found[1] or found[2])
    if found := _CLOSING.search(plain):
        return found[1]
    return plain if _ALONE.fullmatch(plain) else ""


def stated_unit(texts: Iterable[str]) -> str:
    """The unit of money that titles or notes state for the whole sheet: 单位：万元."""
    for text in texts:
        plain = half_width(re.sub(r"\s", "", text[:_READ]))
        for found in _STATED.finditer(plain):
            if found[1] in MONEY_UNITS:
                return found[1]
        for inner in _BRACKETS.findall(plain):
            if inner in MONEY_UNITS:
                return inner
    return ""


def describe(index: int, path: tuple[str, ...], values: Sequence[object], sheet_unit: str = "", shown_as_percent: bool = False,
             beside: str = "") -> Column:
    """A column with its unit and kind, from its heading, a unit beside that, and some of its values."""
    leaf = bare(path[-1]) if path else ""
    own = (unit_in_heading(path[-1]) if path else "") or beside
    above = next((unit for text in reversed(path[:-1]) if (unit := unit_in_heading(text))), "")
    kind = _kind(leaf, own or above, values, shown_as_percent)
    unit = own
    if not unit and kind in ("money", "number") and above:
        unit = above
    if not unit and kind == "money":
        unit = sheet_unit
    if kind == "number" and unit in MONEY_UNITS:
        kind = "money"
    return Column(index, path, unit, kind)


def _kind(leaf: str, unit: str, values: Sequence[object], shown_as_percent: bool) -> str:
    if _NAMED.search(leaf) and not _UNIT.fullmatch(unit):
        return "text"
    if _YES_NO.search(leaf):
        return "bool"
    found = [sort for value in values[:_SAMPLE] if (sort := sort_of(value))]
    sounds_like_money = unit in MONEY_UNITS or (_MONEY.search(leaf) is not None and not _NOT_MONEY.search(leaf))
    numbers = found.count("number") + found.count("amount")
    if not found or 2 * numbers >= len(found):
        if _SHARE.search(leaf) or unit in ("%", "‰") or (found and shown_as_percent):
            return "share"
        if _DATE.search(leaf) and (not found or unit not in MONEY_UNITS):
            return "date"
        if sounds_like_money or found.count("amount") > numbers / 2:
            return "money"
        return "number" if found or unit else "text"
    for sort in ("date", "bool", "share"):
        if 2 * found.count(sort) > len(found):
            return sort
    if _DATE.search(leaf) and found.count("text") < len(found):
        return "date"
    return "text"


_WRITTEN_DATE = re.compile(r"(?:19|20)\d\d(?:[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?|月(?:底|初|中旬|上旬|下旬)?)?|年底?)")
_DIGIT = re.compile("[0-9０-９]")


def sort_of(value: object) -> str:
    """What one value is: number, amount (with a unit of money), share, date, bool, text; nothing for a blank or a fault."""
    if value.__class__ is float:  # most are
        return "number"
    if isinstance(value, str):
        return "" if isinstance(value, Fault) else _sort_of_text(value)
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (float, int)):
        return "number"
    return "date" if isinstance(value, (dt.date, dt.time, dt.timedelta)) else ""


@lru_cache(8192)
def _sort_of_text(value: str) -> str:
    text = bare(value)
    if not text:
        return ""
    if text in YES or text in NO:
        return "bool"
    if not _DIGIT.search(text[-12:]):
        return "text"
    parts = split_number(text) if len(text) < 30 else None
    if parts is None:
        return "date" if _WRITTEN_DATE.fullmatch(half_width(text)) else "text"
    if parts[1] == "%":
        return "share"
    if parts[1] in MONEY_UNITS or parts[1] in ("万", "亿"):
        return "amount"
    if parts[1] == "" and len(text) < 16:
        return "date" if re.fullmatch(r"(?:19|20)\d\d[.](?:0?[1-9]|1[0-2])", text) else "number"
    return "text"
