"""The functions as xlwings' COM server finds them: one `xlwings.func` for each definition, made by program.

A workbook's cells come as xlwings converts them; a date comes as a date and is made a serial again. What goes out is rows of float, str,
None; an error goes as its text and the VBA wrapper makes it an error of Excel. Each function takes one argument more than people see:
the guideline workbook that the calling book names.
"""
from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from decimal import Decimal

import xlwings

from ...guideline.bundle import library
from ...guideline.read import load
from ...rules import serial
from ..blocks import Cell, Mark, Rows
from ..definition import CATEGORY, FUNCTIONS, Function
from ..functions import call
from ..guidelines import Guidelines

GUIDELINE = "guideline"  # the argument people do not see
_SCODES = range(-2146826300, -2146826200)  # an error of a cell; xlwings knows the seven old ones
_GUIDELINES = Guidelines(library(), load)


def read_cell(value: object) -> Cell:
    """A cell as the functions take it: numbers and dates as floats, errors as marks."""
    if isinstance(value, dt.datetime):
        return serial.from_date(value.date()) + (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    if isinstance(value, Decimal):  # a cell with a currency format
        return float(value)
    if type(value) is int and value in _SCODES:
        return Mark("#VALUE!")
    return value


def answer(name: str, arguments: list[Rows | None], guideline: str | None) -> Rows:
    """The rows a function gives for the arguments of one call; an error is its plain text."""
    given = [rows if rows is None else [[read_cell(value) for value in row] for row in rows] for rows in arguments]
    rows = call(_GUIDELINES, name, given, guideline or "")
    return [[str(value) if isinstance(value, str) else value for value in row] for row in rows]


def _made(function: Function) -> Callable[..., Rows]:
    """An xlwings function of this name, with these parameters."""
    def udf(*arguments: object) -> Rows:
        *given, guideline = arguments
        return answer(function.name, given, guideline)

    kind, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
    parameters = [inspect.Parameter(each.name, kind, default=None if each.optional else empty) for each in function.parameters]
    udf.__name__ = udf.__qualname__ = function.name
    udf.__doc__, udf.__annotations__ = function.text, {}  # xlwings would take annotations for converters
    udf.__signature__ = inspect.Signature([*parameters, inspect.Parameter(GUIDELINE, kind, default=None)])
    for each in function.parameters:
        udf = xlwings.arg(each.name, ndim=2, err_to_str=True, doc=each.hint)(udf)
    return xlwings.func(udf, category=CATEGORY)


globals().update({function.name: _made(function) for function in FUNCTIONS})
