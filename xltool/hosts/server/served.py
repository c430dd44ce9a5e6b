"""The two modules that xlwings Server looks for, `custom_functions` and `custom_scripts`, made of what all hosts share.

Cells arrive as blocks, errors as their texts, and what leaves is rows of Excel's own values: xlwings makes real errors of our marks
where the host knows them (runtime 1.4) and their texts where it does not. A custom function learns nothing of the open book but the
caller's address, so the guideline is the server's: the editions that come along, or the workbook in the setting XLTOOL_GUIDELINE.
"""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import Parameter as Argument
from inspect import Signature
from types import ModuleType

import xlwings
from xlwings.server import arg, func, script

from ..blocks import Rows
from ..definition import CATEGORY, FUNCTIONS, Function
from ..functions import call
from ..guidelines import Guidelines
from ..ribbon import ACTIONS, Action, perform


class Served(ModuleType):
    """A module of which an unknown name is the caller's mistake, told in words, and no fault of the server."""

    def __init__(self, name: str, what: str, members: dict[str, Callable[..., object]]) -> None:
        super().__init__(name)
        self.__dict__.update(members)
        self._unknown = f"{CATEGORY}没有{what}“{{}}”；有：{'、'.join(members)}"

    def __getattr__(self, name: str) -> object:
        raise AttributeError(name) if name.startswith("_") else xlwings.XlwingsError(self._unknown.format(name))


def functions(guidelines: Guidelines) -> Served:
    """The functions as xlwings' custom functions."""
    return Served("custom_functions", "函数", {each.name: _function(each, guidelines) for each in FUNCTIONS})


def scripts() -> Served:
    """The ribbon's actions as xlwings' custom scripts."""
    return Served("custom_scripts", "功能", {action.key: _script(action) for action in ACTIONS})


def _function(given: Function, guidelines: Guidelines) -> Callable[..., Rows]:
    def function(*args: object) -> Rows:
        return call(guidelines, given.name, args)
    function.__name__ = function.__qualname__ = given.name
    function.__doc__ = given.text
    function.__signature__ = Signature([  # xlwings reads the parameters from here
        Argument(each.name, Argument.POSITIONAL_OR_KEYWORD, default=None if each.optional else Argument.empty) for each in given.parameters])
    function.__annotations__ = {}
    for each in given.parameters:
        arg(each.name, ndim=2, err_to_str=True, doc=f"{each.title}：{each.hint}")(function)
    return func(function)


def _script(action: Action) -> Callable[..., object]:
    async def run(book):
        await asyncio.to_thread(perform, action.key, book)  # a long list must not keep other users waiting
    run.__name__ = run.__qualname__ = action.key
    run.__annotations__ = {"book": xlwings.Book}  # how xlwings knows which argument is the book
    return script(run, name=action.label)
