"""A Python value as the inside of a worksheet cell: typed, escaped, and never a formula.

Text is written as an inline string, so `=1+1` stays text. What no cell can hold (NaN, a list, a date before 1900, a
text over 32,767 characters) is refused with `Unfit`.
"""

import datetime as dt
import math
import re
from decimal import Decimal

MAX_TEXT = 32_767
# Between two of these marks stands the number of the rich text run that the following text belongs to.
RUN_MARK = "\uffff"
BLANK = "/>"
_SHORT, _KEPT = 100, 5_000  # texts that are kept: characters, number

# Only these can change what a parser or Office reads back; `isprintable` rules out the control characters.
_ESCAPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class Unfit(ValueError):
    """A value that no cell can hold: what was found, what is expected, and where (sheet, cell) if that is known."""

    def __init__(self, found: str, expected: str, sheet: str = "", cell: str = ""):
        super().__init__(found, expected)
        self.found, self.expected, self.sheet, self.cell = found, expected, sheet, cell


def has_tag(text: str) -> bool:
    """Whether a template's text holds a tag."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


def escape_text(text: str) -> str:
    """Text as OOXML keeps it: line ends as \\n, characters XML cannot hold as _xHHHH_."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_plain(text: str) -> bool:
    """Whether text can be written as it is; half of the time of a form is spent here."""
    return (
        text.isprintable()
        and "&" not in text
        and "<" not in text
        and ">" not in text
        and "_x" not in text
        and text[:1] != " " != text[-1:]
    )


def text_element(text: str) -> str:
    """`<t>` with its text; spaces and line breaks at the ends survive."""
    return f"<t>{text}</t>" if _is_plain(text) else f'<t xml:space="preserve">{escape_text(text)}</t>'


def check_length(text: str) -> None:
    # Excel counts UTF-16 units: a character beyond the basic plane is two.
    if len(text) * 2 > MAX_TEXT and len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
        raise Unfit(f"{text[:20]}…（{len(text)} 个字符）", f"单元格最多容纳 {MAX_TEXT} 个字符")


def _text(value: str) -> str:
    if len(value) > MAX_TEXT // 2:
        check_length(value)
    if _is_plain(value):
        return f' t="inlineStr"><is><t>{value}</t></is></c>' if value else BLANK
    return f' t="inlineStr"><is><t xml:space="preserve">{escape_text(value)}</t></is></c>'


class _Texts(dict):
    """What `_text` makes of short texts, kept for the next row or form: labels and names come again and again."""

    def __missing__(self, value: str) -> str:
        written = _text(value)
        if len(value) <= _SHORT:
            if len(self) >= _KEPT:
                self.clear()
            self[value] = written
        return written


def _integer(value) -> str:
    value = int(value)
    # A number keeps 15 digits; an id of 18 would lose its last three, so it is written as text.
    if -(10**15) < value < 10**15:
        return f"><v>{value}</v></c>"
    digits = str(value)
    return _text(digits) if len(digits.lstrip("-").rstrip("0")) > 15 else f"><v>{value}</v></c>"


def _real(value) -> str:
    number = float(value)
    if not math.isfinite(number):
        raise Unfit(str(value), "不是有限的数（NaN 或无穷大）")
    return f"><v>{number!r}</v></c>"


def _boolean(value) -> str:
    return ' t="b"><v>1</v></c>' if value else ' t="b"><v>0</v></c>'


def _empty(value) -> str:
    return BLANK


def serial(value: dt.date, date1904: bool) -> float:
    """The day number of a date in the workbook's date system, with a fraction for the time; raises Unfit."""
    if value != value:
        raise Unfit("NaT", "应为日期")
    moment = isinstance(value, dt.datetime)
    if moment and value.tzinfo is not None:
        raise Unfit(str(value), "日期不能带时区")
    days = value.toordinal() - 693594
    if date1904:
        days -= 1462
    elif days < 61:
        # Excel counts a 29 February 1900 that never was.
        days -= 1
    if days < (0 if date1904 else 1):
        raise Unfit(str(value), f"Excel 不能表示 {1904 if date1904 else 1900} 年以前的日期")
    if not moment or not (value.hour or value.minute or value.second or value.microsecond):
        return days
    seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    return days + seconds / 86400


def _time(value: dt.time) -> str:
    return _real((value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6) / 86400)


class CellWriters(dict):
    """Type -> function from a value to what follows `<c r=".." s=".."`; a subclass finds the writer of its base."""

    def __init__(self, date1904: bool = False):
        def day(value):
            return f"><v>{serial(value, date1904)!r}</v></c>"

        super().__init__({str: _Texts().__getitem__, int: _integer, float: _real, bool: _boolean, type(None): _empty, Decimal: _real})
        self.update({dt.date: day, dt.datetime: day, dt.time: _time})
        self._bases = (str, int, float, dt.date, dt.time, Decimal)

    def __missing__(self, kind: type):
        base = next((base for base in self._bases if issubclass(kind, base)), None)
        if base is str:
            # A subclass may have its own `replace`, as jinja's Markup does.
            def writer(value):
                return self[str](str.__str__(value))
        elif base:
            writer = self[base]
        else:
            # numpy's scalars are no subclasses of Python's, but know which of them they are.
            writer = self._scalar if hasattr(kind, "item") and hasattr(kind, "dtype") else self._refuse
        self[kind] = writer
        return writer

    def _scalar(self, value) -> str:
        plain = value.item()
        return self._refuse(value) if type(plain) is type(value) else self[type(plain)](plain)

    @staticmethod
    def _refuse(value) -> str:
        name = type(value).__name__
        if name == "NAType":
            return BLANK
        raise Unfit(f"{name} {str(value)[:40]}", "单元格只能放文字、数、日期、真假或空")


def plain_text(value) -> str:
    """A value inside a sentence: None is empty, 1500.0 is 1500, 0.1 + 0.2 is 0.3, as Excel's `&` would show it."""
    kind = type(value)
    if kind is str:
        return value
    if value is None:
        return ""
    if kind is bool:
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            raise Unfit(str(value), "不是有限的数（NaN 或无穷大）")
        short = f"{value:.15g}"
        return short if "e" in short or "E" in short else f"{Decimal(short):f}"
    return str(value)
