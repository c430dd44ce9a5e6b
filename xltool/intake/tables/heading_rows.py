"""Where a table's headings stand: one to four rows above its records, and what they say over each column.

A row of headings is told from a record by what stands in it: short words that name something, no values. Around the row found
first, rows belong to the headings where a merged area ties them together, or where they fill each other's gaps: a caption stands
over several headings, a heading under a caption or under nothing.
"""
from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ..headers import heading
from .cues import HEADING, INSTRUCTION, UNIT_LINE, bare, says
from .lines import Cells, Lines, squeeze, text_of

_WORDS = re.compile(
    "序号|编号|代码|编码|名称|姓名|全称|单位|地区|区域|地块|县|市|类别|类型|分类|行业|领域|金额|投资|资金|经费|预算|补助|补贴|奖补|提成|费|价|"
    "收入|产值|产量|利润|税|面积|数量|数$|量$|人数|日期|时间|时段|年度|年份|月份|期限|起止|进度|比例|比重|占比|率$|备注|说明|情况|问题|内容|要求|"
    "地址|地点|电话|手机|邮箱|联系|负责人|法人|经办|项目|指标|目标|状态|是否|来源|合计|总|级别|等级|标准|方式|规模|规格|型号|品牌|用途|依据|"
    "意见|结果|结论|评分|得分|批次|文号|账号|账户|开户|银行|职务|职称|职责|性质|形式|渠道|主管|部门|机构|企业|成果|材料|附件|权重|分值|上限|"
    r"\b(?:name|code|no|id|type|date|amount|total|price|number|description|status|value|rate|unit|quantity|qty|remark|year|city)s?\b|"
    "^乡镇|^镇$|^区$|^个数|次数|件数|套数|产品|技术|设备|年限|实际|计划|累计|本月|本年|完成|^№$|^no\\.?$", re.I)
_VALUE = re.compile(
    r"[-+<>≥≤≈约±]?[\d,.，．]*\d[\d,.，．]*\s*(?:%|％|‰|(?:[十百千万亿]{0,2}(?:元|吨|亩|个|家|人|台|套|项|次|户|件|公里|平方米)?(?:/\w{1,4})?))|"
    r"\d{4}[-/.年]\s*\d{1,2}.{0,12}|[\dA-Za-z]*\d[\dA-Za-z]{5,}|[-—/\\]+|[是否√×✓✗]|[A-Za-z]{1,6}[-_]?\d{1,6}")
_YEAR = re.compile(r"(?:19|20)\d\d(?:年度?)?|\d{1,2}月份?|第?[一二三四1-4]季度")
_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_COLON = re.compile(r"(?<!其中)[:：]")
_UNITS = re.compile(r"[(（]?[十百千万亿]{0,2}(?:元|人|个|家|亩|吨|台|套|项|%|％)(?:/\S{1,3})?[)）]?")
_LONG = 40
_READ = 200  # characters of a cell that are looked at
_DEPTH = 60  # headings stand among the first filled rows of what is left of the sheet
_NEAR = 5
_MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Header:
    """The heading rows of a table, top down, and for each column what they say from the top down."""

    rows: tuple[int, ...]
    paths: dict[int, tuple[str, ...]]

    @property
    def left(self) -> int:
        return min(self.paths)

    @property
    def right(self) -> int:
        return max(self.paths)

    def only(self, columns: Collection[int]) -> Header:
        """The same headings, over some of the columns."""
        return Header(self.rows, {column: path for column, path in self.paths.items() if column in columns})

    def leaf(self, column: int) -> str:
        """What the lowest heading over a column says."""
        path = self.paths.get(column)
        return path[-1] if path else ""


@lru_cache(8192)
def _sounds(text: str) -> str:
    plain = squeeze(text)
    if _YEAR.fullmatch(plain):
        return "year"
    if _VALUE.fullmatch(plain):
        return "value"
    return "head" if len(plain) <= _LONG and _WORDS.search(plain) else "text"


def sounds(value: object, known: frozenset[str] = frozenset()) -> str:
    """What a cell sounds like: head (a heading), year, value, or text (anything else)."""
    if isinstance(value, str):
        sound = _sounds(value) if len(value) < 200 else "text"
        return "head" if known and sound != "head" and heading(value).key in known else sound
    if isinstance(value, float) and 1990 <= value <= 2100 and value.is_integer():
        return "year"
    return "value"


def is_value(value: object) -> bool:
    """Whether a cell holds a number, a date, or a text that is one."""
    if not isinstance(value, str):
        return True
    return len(value) < 200 and _VALUE.fullmatch(plain := squeeze(value)) is not None and not _YEAR.fullmatch(plain)


def is_label_line(cells: Cells) -> bool:
    """Whether a row says things about the sheet, as 填报单位：… and 单位：万元."""
    texts = [value[:_READ] for _, value in cells if isinstance(value, str)]
    return 2 * sum(bool(_COLON.search(_BRACKETS.sub("", text)) or UNIT_LINE.search(squeeze(text))) for text in texts) >= len(cells)


def is_instruction_line(cells: Cells) -> bool:
    """Whether a row tells how to fill in the columns: 必填, 引用…, 自动计算."""
    texts = [_BRACKETS.sub("", value[:_READ]) for _, value in cells if isinstance(value, str)]
    return 2 * sum(says(INSTRUCTION, text) for text in texts) > len(cells)


def heading_weight(lines: Lines, position: int, known: frozenset[str] = frozenset()) -> float:
    """How much the filled row at a position looks like headings: 0 when it cannot be, else about the number of headings."""
    row = lines.filled[position]
    cells = lines.cells(row)
    if len(cells) < 2:
        return 0
    heard = [sounds(value, known) for _, value in cells]
    heads, values = heard.count("head"), heard.count("value")
    if values > len(cells) * 0.25 or (heads + values == 0 and heard.count("text") < 2) or is_label_line(cells) or is_instruction_line(cells):
        return 0
    ahead = lines.filled[position + 1:position + 1 + _NEAR]
    width = max([len(cells), *(lines.count(below) for below in ahead)])
    spread = sum(lines.merges.span(row, column) for column, _ in cells)
    if spread < width * 0.5:
        return 0
    complete = values == 0 and spread >= width and len({value for _, value in cells}) == len(cells)
    if heads >= max(1, (0.25 if complete else 0.4) * len(cells)):
        return heads + 0.1 * len(cells)
    if complete and sum(lines.merges.span(row, column) > 1 for column, _ in cells) > 2:
        return 0.2 * len(cells)  # captions
    return 0.2 * len(cells) if _contrast(lines, cells, ahead[:3]) else 0


def _contrast(lines: Lines, cells: Cells, below: list[int]) -> bool:
    """Whether values stand below words: headings in a language without known words."""
    if not below or any(len(text_of(value)) > _LONG or is_value(value) for _, value in cells):
        return False
    words = {text_of(value) for _, value in cells}
    records = [dict(lines.cells(row)) for row in below if len(lines.cells(row)) > 1]
    under = {column for record in records for column, value in record.items() if is_value(value)}
    return len(words) == len(cells) and sum(column in under for column, _ in cells) >= max(1, len(cells) / 3)


def find_header(lines: Lines, start: int, known: frozenset[str] = frozenset()) -> Header | None:
    """The headings of the first table at or below a position among the filled rows."""
    for position in range(start, min(len(lines.filled), start + _DEPTH)):
        if weight := heading_weight(lines, position, known):
            best = position
            for other in range(position + 1, min(len(lines.filled), position + _NEAR)):
                more = heading_weight(lines, other, known)
                if more > 1.2 * weight:
                    best, weight = other, more
                elif not more and any(sounds(value) == "value" for _, value in lines.cells(lines.filled[other])):
                    break  # records
            return header_around(lines, lines.filled[best], lines.filled[start])
    return _single(lines, start, known)


def _single(lines: Lines, start: int, known: frozenset[str]) -> Header | None:
    """The heading of a list of one column."""
    cells = [(row, *lines.cells(row)[0]) for row in lines.filled[start:start + _DEPTH] if len(lines.cells(row)) == 1]
    if len(cells) < 3 or len(cells) < len(lines.filled[start:start + _DEPTH]):
        return None
    for (row, column, value), (_, below, _) in pairwise(cells[:_NEAR + 1]):
        if column == below and isinstance(value, str) and (HEADING.fullmatch(bare(value)) or heading(value).key in known):
            return Header((row,), {column: (squeeze(value),)})
    return None


def header_around(lines: Lines, row: int, first: int) -> Header:
    """The headings that a row of headings belongs to; no row above `first` is one of them."""
    top = bottom = row
    while bottom - top < _MOST_ROWS and _goes_on(lines, top, bottom):
        bottom += 1
    while bottom - top < _MOST_ROWS and top > first and _caption_above(lines, top, bottom):
        top -= 1
    while bottom - top < _MOST_ROWS and _goes_on(lines, top, bottom):
        bottom += 1
    return _read(lines, top, bottom)


# ---- rows that belong together -----------------------------------------------------------------------------------------

def _goes_on(lines: Lines, top: int, bottom: int) -> bool:
    """Whether the row below the headings is one more row of them."""
    row = bottom + 1
    if row >= len(lines.rows):
        return False
    cells = lines.cells(row)
    held = {column for level in range(top, bottom + 1) for column, _ in lines.cells(level)}
    if not cells:
        return row + 1 < len(lines.rows) and lines.merges.tied(bottom, held) and lines.merges.tied(row, held)
    if any(sounds(value) == "value" for _, value in cells):
        return False
    if lines.merges.tied(bottom, held) or all(isinstance(value, str) and _UNITS.fullmatch(squeeze(value)) for _, value in cells):
        return True
    captions = _captions(lines, bottom)
    under: dict[int, int] = {}
    for column, _ in cells:
        if column in captions:
            begin, width, merged = captions[column]
            if width == 1:
                return False  # the heading above is complete
            under[begin] = under.get(begin, 0) + (2 if merged else 1)
        elif any(column == each for level in range(top, bottom) for each, _ in lines.cells(level)):
            return False
    return bool(under) and all(count >= 2 for count in under.values())


def _captions(lines: Lines, row: int) -> dict[int, tuple[int, int, bool]]:
    """By column: where the caption over it begins, how far it reaches, whether it is merged.

    A caption that is not merged runs to the right over blanks, as far as headings follow below; it has one below itself.
    """
    found: dict[int, tuple[int, int, bool]] = {}
    cells = lines.cells(row)
    below = {column for column, _ in lines.cells(row + 1)} if row + 1 < len(lines.rows) else set()
    for (column, _), following in zip(cells, [*cells[1:], None]):
        width = lines.merges.span(row, column)
        merged = width > 1
        if following is not None:
            width = min(width, following[0] - column)
        while not merged and column in below and column + width in below and (following is None or column + width < following[0]) \
                and not lines.merges.over(row, column + width):
            width += 1
        for each in range(column, column + width):
            found[each] = column, width, merged
    return found


def _caption_above(lines: Lines, top: int, bottom: int) -> bool:
    """Whether the row above the headings is a row of captions over them."""
    row = top - 1
    cells = lines.cells(row)
    if not cells:
        return False
    if any((area := lines.merges.over(row, column)) is not None and row < area.bottom <= bottom for column, _ in cells):
        return True
    if any(sounds(value) == "value" for _, value in cells) or is_label_line(cells) or is_instruction_line(cells):
        return False
    below = {column for column, _ in lines.cells(top)}
    captions = _captions(lines, row)
    grouping = 0
    for column, value in cells:
        begin, width, merged = captions[column]
        headed = below.intersection(range(begin, begin + width))
        if len(headed) >= 2 and (merged or len(cells) > 1 or _is_caption(lines, column, value, below)):
            grouping += 1
        elif headed and not merged:
            return False  # a heading straight above a heading
    if len(cells) == 1:
        return bool(grouping) and lines.merges.span(row, cells[0][0]) <= 0.6 * len(below)
    return bool(grouping)


_TITLE = re.compile("附[件表]|表$|名单|清单|目录|汇总|一览|台账|报告|通知")


def _is_caption(lines: Lines, column: int, value: object, below: set[int]) -> bool:
    """Whether a lone cell that is not merged is a caption rather than a title."""
    return column > min(below) and len(text_of(value)) <= 30 and not _TITLE.search(_BRACKETS.sub("", text_of(value)))


# ---- what they say -----------------------------------------------------------------------------------------------------

_ALONE = re.compile("备注|序号|说明|联系(?:人|电话|方式)")  # never part of a group


def _read(lines: Lines, top: int, bottom: int) -> Header:
    rows = tuple(range(top, bottom + 1))
    found: dict[int, list[str]] = {}
    for row in rows:
        below = dict(lines.cells(row + 1)) if row < bottom else {}
        texts = {column: text_of(value) for column, value in lines.cells(row)}
        for column, (begin, _, merged) in _captions(lines, row).items():
            if column == begin or merged or (row < bottom and not _ALONE.match(text_of(below[column]))):
                found.setdefault(column, []).append(texts[begin])
    return Header(rows, {column: tuple(found[column]) for column in sorted(found)})
