"""统一社会信用代码 (GB 32100-2015): what typing does to it, and whether its check digit holds.

A code is corrected only in what cannot change it (width, spaces, letter case). Anything else is said, with the code it probably is;
it is never taken.
"""
from __future__ import annotations

import re
from functools import lru_cache

from ..rules.formula import half_width

_LOOK_ALIKE = str.maketrans("OIZS", "0125")  # letters the standard leaves out because they are taken for digits
_EXPONENT = re.compile(r"\d(?:\.\d+)?E\+?\d+")
_AS_TEXT = "Excel只存15位数字；请先把列设为文本，再按营业执照重填"


def clean_code(text: str) -> str:
    """The code as it is printed: half width, capitals, no spaces, apostrophes or hyphens.

    >>> clean_code("'91110000 6000-37341l")
    '91110000600037341L'
    """
    return re.sub(r"[\s'‘’`\-\u200b\ufeff]", "", half_width(text)).upper()


@lru_cache(100_000)  # asked for the row and again for its enterprise
def code_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with a code and how to put it right, in words; None for a good one."""
    from stdnum.cn import uscc
    from stdnum.exceptions import InvalidChecksum, ValidationError

    code = clean_code(text)
    if _EXPONENT.fullmatch(code):
        return "统一社会信用代码变成了数字，后几位已经丢失", _AS_TEXT
    if len(code) == 15 and code.isdigit():
        return "统一社会信用代码应为18位，这是15位的旧工商注册号", "请填营业执照上的18位代码"
    if len(code) != 18:
        return f"统一社会信用代码应为18位，这是{len(code)}位", f"请按营业执照核对；{_AS_TEXT.partition('；')[0]}，长数字会被改掉"
    try:
        uscc.validate(code)
    except InvalidChecksum:
        fault = "统一社会信用代码的校验位不对"
    except ValidationError:
        fault = "不是统一社会信用代码，应为18位数字和大写字母（没有I、O、S、V、Z）"
    else:
        return None
    if code.isdigit() and code.endswith("000"):
        return fault + "，末三位是000", _AS_TEXT
    near = probable_code(code)
    return fault, f"是不是“{near}”？请按营业执照核对" if near else "请按营业执照核对"


def probable_code(code: str) -> str:
    """The good code that a letter taken for a digit (O for 0, I for 1) leads to; empty where it leads to none."""
    from stdnum.cn import uscc

    near = code.translate(_LOOK_ALIKE)
    return near if near != code and uscc.is_valid(near) else ""
