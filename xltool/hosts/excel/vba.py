"""The VBA of the add-in. ASCII only: its code page is 1252, and Chinese texts stand on the add-in's sheet.

xlwings' own module trusts the workbook that is open; a county's workbook is not to be trusted, so three things are taken out. A sheet
`xltool.conf` in it, a file or a Python module beside it, could say what Excel starts: only the user's own settings and the add-in do. And
what is public in an add-in, a formula can call: `=RunPython("…")` in a workbook without any macro. Everything but `XLPy` is private.
"""
from __future__ import annotations

import re
from importlib.resources import files

from ..definition import FUNCTIONS, Function
from ..guidelines import NAME
from ..ribbon import ACTIONS

PROJECT = "xltool"  # names the settings: the add-in's sheet xltool.conf, and %USERPROFILE%\.xltool\xltool.conf
MODULE = "xltool.hosts.excel.com"
SERVER, WRAPPERS, BUTTONS = "xltool_server", "xltool_functions", "xltool_ribbon"

_GET_CONFIG = '''Function GetConfig(configKey As String, Optional default As String = "", Optional source As String = "") As Variant
    ' xltool: the user's file, else the sheet of this add-in; never what the open workbook or its folder says
    Dim configValue As String
    GetConfig = default
    If FileExists(GetConfigFilePath()) = True Then
        If GetConfigFromFile(GetConfigFilePath(), configKey, configValue) Then
            GetConfig = ExpandEnvironmentStrings(configValue)
            Exit Function
        End If
    End If
    If SheetExists(ThisWorkbook, PROJECT_NAME & ".conf") = True Then
        If GetConfigFromSheet(ThisWorkbook).Exists(configKey) = True Then GetConfig = GetConfigFromSheet(ThisWorkbook).Item(configKey)
    End If
    GetConfig = ExpandEnvironmentStrings(GetConfig)
End Function'''
_PATHS = r'''import xlwings.utils;xlwings.utils.prepare_sys_path(\""" & PYTHONPATH & "\"");'''
# What is replaced in xlwings' module, as patterns, and how often each must be there.
_CHANGES = (
    (r'PROJECT_NAME As String = "myaddin"', f'PROJECT_NAME As String = "{PROJECT}"', 1),
    (r"(?s)Function GetConfig\(configKey.*?\nEnd Function", _GET_CONFIG, 1),
    (re.escape(_PATHS), "", 2),  # would put the folder of the open workbook before Python's own modules
    (r'tail = " -B -c ', 'tail = " -P -B -c ', 1),  # -P: not the current folder either
    (r"(?m)^( +PYTHONPATH = )AddExcelDir & .*$", r'\1""', 3),
    (r"(?m)^(?:Public )?((?:Function|Sub) (?!XLPy\())", r"Private \1", 41),
    (r"(?m)^( *)Declare ", r"\1Private Declare ", 5),
)


class UnknownTemplate(Exception):
    """The installed xlwings has another add-in than the one our changes were written for."""


def xlwings_module(source: str) -> str:
    """xlwings' module with our changes. Raises UnknownTemplate where one does not fit."""
    source = source.replace("\r\n", "\n")
    for pattern, text, count in _CHANGES:
        source, found = re.subn(pattern, text if "\\1" in text else lambda _, text=text: text, source)
        if found != count:
            raise UnknownTemplate(f"xlwings' VBA: expected {count} times, found {found}: {pattern}")
    return _crlf(source)


def server_module() -> str:
    """How a function reaches Python, and how its answer becomes cells."""
    return _crlf(_own("server.bas").replace("%MODULE%", MODULE).replace("%NAME%", NAME))


def wrapper_module() -> str:
    """A VBA function for each function."""
    return _crlf("\n".join([f'Attribute VB_Name = "{WRAPPERS}"', "Option Explicit", "", *map(_wrapper, FUNCTIONS)]))


def _wrapper(function: Function) -> str:
    # VBA does not tell capitals from small letters: a parameter may not be called like its function.
    names = [f"{each.name}_" if each.name.upper() == function.name else each.name for each in function.parameters]
    declared = ", ".join(f"{'Optional ' * each.optional}{name} As Variant" for name, each in zip(names, function.parameters))
    return (f"Public Function {function.name}({declared}) As Variant\n"
            f'    {function.name} = XltoolCall("{function.name}", Array({", ".join(names)}, XltoolGuideline()))\n'
            "End Function\n")


def ribbon_module() -> str:
    """A callback for each button."""
    lines = [f'Attribute VB_Name = "{BUTTONS}"', "Option Explicit", ""]
    for action in ACTIONS:
        lines += [f"Public Sub Xltool_{action.key}(control As IRibbonControl)", f'    XltoolAction "{action.key}"', "End Sub", ""]
    return _crlf("\n".join(lines))


def opening() -> str:
    """What ThisWorkbook does when Excel loads the add-in: hand the Chinese texts to the function wizard."""
    return _crlf(_own("opening.bas"))


def _own(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="ascii")


def _crlf(text: str) -> str:
    return text.rstrip("\n").replace("\n", "\r\n") + "\r\n"
