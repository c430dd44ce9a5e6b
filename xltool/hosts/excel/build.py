"""The ready .xlam, made on any system from the add-in that comes with xlwings: our VBA, ribbon, settings and texts put into it.

The same xlwings gives the same bytes.
"""
from __future__ import annotations

import re
import struct
import tempfile
import zipfile
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from ...rules.problems import Problem, ProblemsError
from ..definition import CATEGORY, FUNCTIONS
from ..ribbon import ACTIONS, TITLE
from . import vba

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

_TEMPLATE, _TEMPLATE_PROJECT, _PROJECT = "quickstart_addin_ribbon.xlam", "MyAddin", "Xltool"
_TEMPLATE_RIBBON, _LIBRARY = "RibbonMyAddin", "xlwings"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LONGEST = 255  # of a text that MacroOptions takes
# xlwings reads the first two columns: setting and value. Where Python is, `xltool addin install` writes into the user's own file.
SETTINGS = (("UDF MODULES", vba.MODULE), ("DEBUG UDFS", False), ("USE UDF SERVER", True), ("SHOW CONSOLE", False),
            ("ADD_WORKBOOK_TO_PYTHONPATH", False))


def build() -> bytes:
    """The add-in as the bytes of a file. Raises ProblemsError where the `excel` extra is not installed, or another xlwings."""
    try:
        import pyopenvba  # noqa: F401
        import xlwings
    except ImportError as error:
        raise _refusal(str(error.name), "没有装") from error
    try:
        return _built(xlwings)
    except vba.UnknownTemplate as error:
        raise _refusal(f"xlwings {xlwings.__version__}", f"它带的插件和这里要改的不同（{error}）") from error


def _refusal(found: str, expected: str) -> ProblemsError:
    return ProblemsError([Problem("file.missing", found, expected, "请在 xltool 的文件夹里运行 pip install \".[excel]\"")])


def _built(xlwings: ModuleType) -> bytes:
    template = (Path(xlwings.__file__).parent / _TEMPLATE).read_bytes()
    parts = _parts(template)
    parts["customUI/customUI.xml"] = _ribbon().encode()
    parts["xl/workbook.xml"] = _workbook(parts["xl/workbook.xml"].decode()).encode()
    parts["xl/worksheets/sheet1.xml"] = _sheet().encode()
    parts["docProps/core.xml"] = re.sub(rb">Felix[^<]*<", b">xltool<", parts["docProps/core.xml"])
    parts["xl/vbaProject.bin"] = _renamed(_parts(_with_vba(_packed(parts)))["xl/vbaProject.bin"])
    return _packed(parts)


def _parts(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _packed(parts: Mapping[str, bytes]) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), part, zipfile.ZIP_DEFLATED)
    return data.getvalue()


# --- parts ------------------------------------------------------------------------------------------------------------------

def _ribbon() -> str:
    buttons = "\n".join(
        f'<button id="xltool_{action.key}" label="{escape(action.label)}" size="large" imageMso="{action.icon}" '
        f'screentip="{escape(action.label)}" supertip="{escape(action.hint)}" onAction="{vba.BUTTONS}.Xltool_{action.key}"/>'
        for action in ACTIONS)
    return ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<customUI xmlns="http://schemas.microsoft.com/office/2006/01/customui"><ribbon><tabs>\n'
            f'<tab id="xltool_tab" label="{TITLE}"><group id="xltool_group" label="{TITLE}">\n{buttons}\n'
            "</group></tab></tabs></ribbon></customUI>\n")


def _workbook(text: str) -> str:
    """The workbook part with the settings sheet under our name, and without the folder it was made in."""
    text = re.sub(r"(?s)<mc:AlternateContent.*?</mc:AlternateContent>", "", text)
    return text.replace('name="_myaddin.conf"', f'name="{vba.PROJECT}.conf"').replace("<definedNames />", "")


def _sheet() -> str:
    """Settings in columns A and B, the texts of the function wizard from D on: name, text, category, number of arguments, their texts."""
    texts = [("", function.name, function.text, CATEGORY, len(function.parameters), *(f"{each.title}：{each.hint}" for each in function.parameters))
             for function in FUNCTIONS]
    rows = []
    for number in range(max(len(SETTINGS), len(texts))):
        settings = SETTINGS[number] if number < len(SETTINGS) else ("", "")
        values = (*settings, *(texts[number] if number < len(texts) else ()))
        cells = "".join(_cell(f"{chr(65 + column)}{number + 1}", value) for column, value in enumerate(values) if value != "")
        rows.append(f'<row r="{number + 1}">{cells}</row>')
    return ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetPr codeName="Sheet2"/>'
            f'<sheetData>{"".join(rows)}</sheetData></worksheet>')


def _cell(reference: str, value: str | int | bool) -> str:
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value[:_LONGEST], quote=False)}</t></is></c>'
    kind = ' t="b"' if isinstance(value, bool) else ""
    return f'<c r="{reference}"{kind}><v>{int(value)}</v></c>'


# --- VBA --------------------------------------------------------------------------------------------------------------------

def _with_vba(package: bytes) -> bytes:
    """The package with our modules in its VBA project."""
    from pyopenvba import ExcelFile
    with tempfile.TemporaryDirectory(prefix="xltool-") as folder:
        path = Path(folder) / "xltool.xlam"
        path.write_bytes(package)
        with ExcelFile(path) as book:
            book.set_module(_LIBRARY, vba.xlwings_module(book.get_module(_LIBRARY)))
            project = book.vba_project()
            project.delete_module(_TEMPLATE_RIBBON)
            project.add_module(vba.SERVER, vba.server_module())
            project.add_module(vba.WRAPPERS, vba.wrapper_module())
            project.add_module(vba.BUTTONS, vba.ribbon_module())
            project.get_module("ThisWorkbook").body = vba.opening()
            book.save(path)
        return path.read_bytes()


def _renamed(project: bytes) -> bytes:
    """The VBA project under our name: the record PROJECTNAME of the stream `dir`, and `Name=` in the stream PROJECT."""
    from pyopenvba.cfb import CFB
    from pyopenvba.vba import compress, decompress
    storage = CFB.from_bytes(project)
    records = decompress(storage.get_stream_in_storage("VBA", "dir"))
    old, new = (struct.pack("<HI", 4, len(name)) + name.encode("ascii") for name in (_TEMPLATE_PROJECT, _PROJECT))
    text = storage.get_stream("PROJECT").decode("cp1252")
    line = 'Name="{}"'
    if records.count(old) != 1 or text.count(line.format(_TEMPLATE_PROJECT)) != 1:
        raise vba.UnknownTemplate("xlwings' VBA project has another name than it had")
    storage.write_stream_in_storage("VBA", "dir", compress(records.replace(old, new)))
    head, windows = text.replace(line.format(_TEMPLATE_PROJECT), line.format(_PROJECT)).split("[Workspace]")
    windows = "".join(f"{line}\r\n" for line in windows.splitlines() if line.strip())  # pyOpenVBA leaves an empty one among them
    storage.write_stream("PROJECT", f"{head}[Workspace]\r\n{windows}".encode("cp1252"))
    return storage.to_bytes()
