"""Excel's side of a call, run as a program of its own: the add-in's VBA interpreted, xlwings' real CallUDF, our functions, and back.

Reads calls as JSON lines from the standard input, `{"function", "args", "guideline", "style"}`, and prints what each cell shows, as rows.
`style`: "cells" hands every argument over as a range, "literals" as constants in the formula. An error in a cell is {"error": "#N/A"}, a
date {"date": …}. `names` are the defined names of the calling book; `broken`: how many calls meet a server that has ended; `unreachable`:
why there is none. The first argument is the .xlam whose VBA is run.
"""
from __future__ import annotations

import datetime as dt
import json
import sys
import zipfile
from decimal import Decimal
from typing import ClassVar
from xml.etree import ElementTree

import pywin32_stub
from pywin32_stub import LEFT_OUT, AddinBook, ExcelRange

pywin32_stub.install()
with pywin32_stub.windows():
    import xlwings.com_server as com_server
from oletools.olevba import VBA_Parser  # noqa: E402
from pyopenvba.interpreter import (  # noqa: E402
    MISSING,
    HostBridge,
    Interpreter,
    VBAArray,
    VBAErrorValue,
    VBAObject,
    VBARuntimeError,
    member,
    method,
    setter,
)
from pyopenvba.interpreter._runtime import UNRESOLVED  # noqa: E402

ERRORS = {2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A"}
XL_UP = -4162
seen: list[tuple[str, str, tuple[object, ...]]] = []


class Opaque(VBAObject):
    """A value that VBA only passes on: a range."""

    vba_type_name = "Range"

    def __init__(self, value: object) -> None:
        self.value = value


class Server(VBAObject):
    """XLPy: the COM server of xlwings. `broken`: how many of the next calls meet a server that has ended."""

    vba_type_name = "XLPython"
    broken = 0
    executed: ClassVar[list[str]] = []

    @method
    def CallUDF(self, module, function, arguments, book, caller):
        if Server.broken:
            Server.broken -= 1
            raise VBARuntimeError(462, "The remote server machine does not exist")
        given = tuple(_from_vba(each) for each in arguments.items)
        seen.append((str(module), str(function), given))
        try:
            result = com_server.XLPython().CallUDF(str(module), str(function), given, AddinBook(), ExcelRange([[None]]))
        except Exception as error:
            raise VBARuntimeError(1001, f"{type(error).__name__}: {error}") from error
        return _to_vba(result)

    @method
    def Module(self, name):
        return f"module {name}"

    @method
    def SetAttr(self, target, name, value):
        Server.executed.append(f"{target}.{name} = {value}")

    @method
    def Exec(self, code):
        Server.executed.append(str(code))


def _from_vba(value: object) -> object:
    return LEFT_OUT if value is MISSING else value.value if isinstance(value, Opaque) else str(value) if isinstance(value, str) else value


def _to_vba(value: object) -> object:
    """A sequence becomes an array of variants, as pywin32 makes it."""
    if isinstance(value, (list, tuple)):
        if value and isinstance(value[0], (list, tuple)):
            return VBAArray([(0, len(value) - 1), (0, len(value[0]) - 1)], items=[_to_vba(cell) for row in value for cell in row])
        return VBAArray([(0, len(value) - 1)], items=[_to_vba(cell) for cell in value])
    assert not isinstance(value, int) or isinstance(value, bool), f"{value!r} would be shortened to 32 bits"
    return value


class Name(VBAObject):
    vba_type_name = "Name"

    def __init__(self, refers: str, cell: object) -> None:
        self.refers, self.cell = refers, cell

    @member
    def RefersTo(self):
        return self.refers

    @member
    def RefersToRange(self):
        if self.cell is None:
            raise VBARuntimeError(1004, "Application-defined or object-defined error")
        return Cell(self.cell)


class Cell(VBAObject):
    vba_type_name = "Range"

    def __init__(self, value: object) -> None:
        self.value = value

    @member
    def Value(self):
        return self.value

    @member
    def Worksheet(self):
        return Sheet()


class Sheet(VBAObject):
    vba_type_name = "Worksheet"

    @member
    def Parent(self):
        return Book()


class Book(VBAObject):
    """The workbook with the calling cell. `names`: what its defined names refer to, and the value of the cell, if it is one."""

    vba_type_name = "Workbook"
    names: ClassVar[dict[str, tuple[str, object]]] = {}

    @method
    def Names(self, name):
        if str(name) not in Book.names:
            raise VBARuntimeError(1004, "Application-defined or object-defined error")
        return Name(*Book.names[str(name)])

    @member
    def Path(self):
        return "D:\\专项"


class Application(VBAObject):
    vba_type_name = "Application"
    registered: ClassVar[list[dict[str, object]]] = []

    @member
    def Caller(self):
        return Cell(None)

    @setter("ScreenUpdating")
    def screen_updating(self, value):
        pass

    @method
    def MacroOptions(self, Macro, Description, Category, ArgumentDescriptions):
        assert not Addin.hidden, "Cannot edit a macro on a hidden workbook"
        Application.registered.append({"macro": str(Macro), "text": str(Description), "category": str(Category),
                                       "arguments": [str(each) for each in ArgumentDescriptions.items]})


class Addin(VBAObject):
    """ThisWorkbook, with the sheet that stands in the file. `hidden`: it is an add-in at the moment."""

    vba_type_name = "Workbook"
    hidden, unchanged = True, False

    def __init__(self, xlam: str) -> None:
        space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        with zipfile.ZipFile(xlam) as archive:
            sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
        self.cells = {cell.get("r"): "".join(cell.itertext()) for cell in sheet.iter(f"{space}c")}

    @member
    def Name(self):
        return "xltool.xlam"

    @method
    def Worksheets(self, name):
        assert str(name) == "xltool.conf"
        return self

    @method
    def Cells(self, row, column):
        return AddinCell(self, int(row), int(column))

    @member
    def Rows(self):
        return self

    @member
    def Count(self):
        return 1048576

    @setter("IsAddin")
    def is_addin(self, value):
        Addin.hidden = bool(value)

    @setter("Saved")
    def saved(self, value):
        Addin.unchanged = bool(value)


class AddinCell(VBAObject):
    vba_type_name = "Range"

    def __init__(self, sheet: Addin, row: int, column: int) -> None:
        self.sheet, self.row, self.column = sheet, row, chr(64 + column)

    @member
    def Value(self):
        text = self.sheet.cells.get(f"{self.column}{self.row}", "")
        return float(text) if text.isdigit() else text

    @member
    def Row(self):
        return self.row

    @method
    def End(self, direction):
        assert direction == XL_UP
        filled = [int(place[1:]) for place in self.sheet.cells if place[0] == self.column]
        return AddinCell(self.sheet, max(filled), ord(self.column) - 64)


class Host(HostBridge):
    """What the add-in's modules find around them. `unreachable`: the DLL of xlwings cannot be loaded."""

    unreachable = ""
    addin: Addin

    def global_object(self, name):
        if name.lower() == "xlpy":
            if Host.unreachable:
                raise VBARuntimeError(1, Host.unreachable)
            return Server()
        return {"application": Application(), "thisworkbook": Host.addin, "activeworkbook": Book()}.get(name.lower(), UNRESOLVED)

    def constant(self, name):
        return XL_UP if name.lower() == "xlup" else UNRESOLVED


def vba(xlam: str) -> Interpreter:
    """An interpreter with the add-in's own modules, as they stand in the file."""
    modules = {name: code for _, _, name, code in VBA_Parser(xlam).extract_macros()}
    Host.addin = Addin(xlam)
    interpreter = Interpreter(Host())
    for name in ("xltool_server.bas", "xltool_functions.bas", "ThisWorkbook.cls"):
        interpreter.add_module(modules[name].replace("Private Sub Workbook_Open", "Public Sub Workbook_Open"), name=name.split(".")[0])
    return interpreter


def shown(value: object) -> list[list[object]]:
    """What the cells show."""
    if isinstance(value, VBAArray):
        cells = [_cell(item) for item in value.items]
        if len(value.bounds) == 1:
            return [cells]
        width = value.bounds[1][1] - value.bounds[1][0] + 1
        return [cells[at:at + width] for at in range(0, len(cells), width)]
    return [[_cell(value)]]


def _cell(value: object) -> object:
    if isinstance(value, VBAErrorValue):
        return {"error": ERRORS[value.number]}
    return value if value is None or isinstance(value, (bool, float)) else str(value)


def _given(cell: dict[str, str]) -> object:
    """What pywin32 makes of an error, of a date, and of a cell with a currency format."""
    kind, text = next(iter(cell.items()))
    return {"error": str, "date": dt.datetime.fromisoformat, "currency": Decimal}[kind](text)


def argument(value: object, style: str, optional: bool) -> object:
    """An argument of a formula: a range, or a constant; null is a blank cell, or is left out where it may be."""
    if value is None and optional:
        return MISSING
    rows = value if isinstance(value, list) else [[value]]
    if not isinstance(rows[0], list):
        rows = [rows]
    rows = [[_given(cell) if isinstance(cell, dict) else cell for cell in row] for row in rows]
    if style == "literals" and not isinstance(value, list) and not isinstance(value, dict) and value is not None:
        return value
    return Opaque(ExcelRange(rows))


def main() -> None:
    from xltool.hosts.definition import FUNCTIONS
    functions = {function.name: function for function in FUNCTIONS}
    interpreter = vba(sys.argv[1])
    for line in sys.stdin:
        call = json.loads(line)
        if "open" in call:
            interpreter.run("Workbook_Open", [])
            print(json.dumps({"registered": Application.registered, "hidden": Addin.hidden, "unchanged": Addin.unchanged}, ensure_ascii=False))
            continue
        if "press" in call:
            Server.executed.clear()
            interpreter.run("XltoolAction", [call["press"]])
            print(json.dumps({"executed": Server.executed}, ensure_ascii=False))
            continue
        function = functions[call["function"]]
        args = [argument(value, call.get("style", "cells"), parameter.optional) for value, parameter in zip(call["args"], function.parameters)]
        while args and args[-1] is MISSING:
            args.pop()
        Book.names = {name: tuple(target) for name, target in call.get("names", {}).items()}
        Server.broken, Host.unreachable = call.get("broken", 0), call.get("unreachable", "")
        seen.clear()
        rows = shown(interpreter.run(call["function"], args))
        guideline = seen[-1][2][-1] if seen else None
        print(json.dumps({"rows": rows, "guideline": guideline, "calls": len(seen)}, ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdin.reconfigure(encoding="utf-8")
    main()
