"""A stand-in for pywin32, so that xlwings' own COM server can be imported and called on any system.

`install` changes sys.modules for good, so it runs in a process of its own, before the first `import xlwings`. Only what moves values
between Excel and Python is imitated: ranges that hand out their cells as Excel does, errors as its numbers, arguments left out.
"""
from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import importlib.util
import sys
import types
from collections.abc import Iterator, Sequence
from unittest.mock import MagicMock

RANGE_IID = "{00020846-0000-0000-C000-000000000046}"
LEFT_OUT = -2147352572  # DISP_E_PARAMNOTFOUND, what Excel hands over for an argument that is not there
SCODES = {"#NULL!": -2146826288, "#DIV/0!": -2146826281, "#VALUE!": -2146826273, "#REF!": -2146826265,
          "#NAME?": -2146826259, "#NUM!": -2146826252, "#N/A": -2146826246, "#SPILL!": -2146826243}


class ComError(Exception):
    """pywintypes.com_error."""

    hresult = 0


class _Utc(dt.tzinfo):
    def utcoffset(self, _: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(0)

    dst = utcoffset

    def tzname(self, _: dt.datetime | None) -> str:
        return "UTC"

    @classmethod
    def utc(cls) -> _Utc:
        return cls()


def _module(name: str, **names: object) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(names)
    sys.modules[name] = module
    return module


def install() -> None:
    """Put the stand-ins where xlwings looks for pywin32."""
    dispatch = "IDispatch"
    classes = {name: type(name, (), {}) for name in ("PyIDispatch", "CDispatch", "DispatchBaseClass", "CoClassBaseClass")}
    _module("pywintypes", IID=lambda text: text, TimeType=dt.datetime, com_error=ComError, error=ComError)
    _module("pythoncom", IID_IDispatch=dispatch, IID_IEnumVARIANT="IEnumVARIANT", TypeIIDs={dispatch: classes["PyIDispatch"]},
            CoInitialize=lambda *_: None, CoUninitialize=lambda: None, com_error=ComError, ole_error=ComError, CLSCTX_LOCAL_SERVER=4,
            REGCLS_MULTIPLEUSE=1, REGCLS_SUSPENDED=4, CoMarshalInterThreadInterfaceInStream=lambda _, each: each,
            CoGetInterfaceAndReleaseStream=lambda stream, _: stream, __file__="pythoncom")
    client = _module("win32com.client", Dispatch=lambda each, *_, **__: each, DispatchEx=lambda each: each, CDispatch=classes["CDispatch"],
                     DispatchBaseClass=classes["DispatchBaseClass"], CoClassBaseClass=classes["CoClassBaseClass"], VARIANT=MagicMock(),
                     gencache=MagicMock(), constants=MagicMock(), dynamic=MagicMock())
    server = _module("win32com.server", util=_module("win32com.server.util", wrap=lambda each, iid=None: each, unwrap=lambda each: each),
                     policy=_module("win32com.server.policy", DefaultPolicy=object), dispatcher=_module("win32com.server.dispatcher"),
                     exception=_module("win32com.server.exception", COMException=ComError), __path__=[])
    _module("win32com", client=client, server=server, __path__=[])
    _module("win32timezone", TimeZoneInfo=_Utc)
    for name in ("win32api", "win32con", "win32gui", "win32process", "win32event"):
        sys.modules[name] = MagicMock(name=name)


@contextlib.contextmanager
def windows() -> Iterator[None]:
    """Python says that it runs on Windows; only while xlwings is imported, which asks once."""
    for name in ("numpy", "pandas", "asyncio", "concurrent.futures", "tempfile", "subprocess", "multiprocessing", "locale"):
        if importlib.util.find_spec(name):  # these ask too, and must hear the truth
            importlib.import_module(name)
    platform, loader = sys.platform, ctypes.PyDLL
    ctypes.windll, ctypes.oledll, ctypes.PyDLL = MagicMock(), MagicMock(), MagicMock()
    sys.platform = "win32"
    try:
        yield
    finally:
        sys.platform, ctypes.PyDLL = platform, loader


class ExcelRange:
    """A range as `Range.Value` gives it: one cell alone, or rows of tuples; an error is its number."""

    CLSID = RANGE_IID
    Address = "$A$1"

    def __init__(self, rows: Sequence[Sequence[object]], book: object = None) -> None:
        self._rows = [[SCODES.get(cell, cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
        self.Row = self.Column = 1
        self.Rows, self.Columns = types.SimpleNamespace(Count=len(rows)), types.SimpleNamespace(Count=len(rows[0]))
        self.Count = len(rows) * len(rows[0])
        kind = types.SimpleNamespace(iid=RANGE_IID)
        self._oleobj_ = types.SimpleNamespace(GetTypeInfo=lambda: types.SimpleNamespace(GetTypeAttr=lambda: kind))
        application = types.SimpleNamespace(Version="16.0", Hwnd=1)
        book = book or types.SimpleNamespace(Name="清单.xlsx", Application=application)
        self.Parent = self.Worksheet = types.SimpleNamespace(Name="Sheet1", Parent=book, Application=application)

    @property
    def Value(self) -> object:
        return self._rows[0][0] if self.Count == 1 else tuple(map(tuple, self._rows))

    def GetAddress(self, *_: object, **__: object) -> str:
        return self.Address


class AddinBook:
    """The add-in as the COM server sees it."""

    Name = "xltool.xlam"
    Sheets = Worksheets = ()
