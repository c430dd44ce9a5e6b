"""The .xlam: read back by three readers that are not its maker (olevba, pyOpenVBA's check, LibreOffice), and what it must not contain."""
from __future__ import annotations

import re
import warnings
import zipfile
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyopenvba import check_file

from xltool.hosts.definition import FUNCTIONS
from xltool.hosts.excel import vba
from xltool.hosts.excel.build import SETTINGS, build
from xltool.hosts.ribbon import ACTIONS

MODULES = {"ThisWorkbook", "Sheet2", "Dictionary", "xlwings", "xltool_server", "xltool_functions", "xltool_ribbon"}


@pytest.fixture(scope="module")
def xlam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("excel") / "xltool.xlam"
    path.write_bytes(build())
    return path


@pytest.fixture(scope="module")
def modules(xlam: Path) -> dict[str, str]:
    """The VBA as olevba reads it back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oletools uses old names of pyparsing
        from oletools.olevba import VBA_Parser
    return {Path(name).stem: code.replace("\r\n", "\n") for _, _, name, code in VBA_Parser(str(xlam)).extract_macros()}


def part(xlam: Path, name: str) -> str:
    with zipfile.ZipFile(xlam) as archive:
        return archive.read(name).decode()


def test_the_same_addin_comes_out_every_time(xlam):
    assert build() == xlam.read_bytes()


def test_olevba_reads_every_module_back(modules):
    assert set(modules) == MODULES
    for name, source in (("xltool_server", vba.server_module()), ("xltool_functions", vba.wrapper_module()),
                         ("xltool_ribbon", vba.ribbon_module())):
        assert modules[name].strip() == source.replace("\r\n", "\n").strip()
    assert vba.opening().replace("\r\n", "\n").strip() in modules["ThisWorkbook"]


def test_pyopenvba_finds_the_file_whole(xlam):
    report = check_file(xlam)
    assert report.ok and report.complete and not report.issues


def test_libreoffice_lists_the_same_modules(xlam, soffice, tmp_path):
    """It opens no add-ins, so the same parts are called a workbook with macros."""
    workbook = tmp_path / "xltool.xlsm"
    with zipfile.ZipFile(xlam) as old, zipfile.ZipFile(workbook, "w") as new:
        for info in old.infolist():
            new.writestr(info, old.read(info).replace(b"ms-excel.addin.macroEnabled", b"ms-excel.sheet.macroEnabled"))
    made, = soffice.convert([workbook], tmp_path / "out", "ods")
    with zipfile.ZipFile(made) as archive:
        found = {name.split("/")[-1].removesuffix(".xml") for name in archive.namelist() if name.startswith("Basic/Xltool/")}
        text = archive.read("content.xml").decode()
    assert found - {"script-lb"} == MODULES
    assert all(function.text in text for function in FUNCTIONS)


def test_a_workbook_of_a_stranger_decides_nothing(modules):
    """Neither a sheet xltool.conf in it, nor a file, a module or a DLL beside it, nor a formula =RunPython("…") of its own."""
    code = modules["xlwings"]
    config = re.search(r"(?s)Function GetConfig\(.*?\nEnd Function", code)[0]
    assert "ActiveWorkbook" not in config and "Directory" not in config.replace("' xltool", "")
    assert "prepare_sys_path(" not in code and re.findall(r'tail = "( -P)? -B -c', code) == [" -P"]
    public = re.findall(r"(?m)^\s*(?:Public )?(?:Declare (?:PtrSafe )?)?(?:Function|Sub) (\w+)", code)
    assert public == ["XLPy"]
    assert "ADD_WORKBOOK_TO_PYTHONPATH" in dict(SETTINGS) and dict(SETTINGS)["ADD_WORKBOOK_TO_PYTHONPATH"] is False
    assert "Option Private Module" in modules["xltool_server"]


def test_an_xlwings_with_another_module_is_refused_and_not_half_changed():
    source = 'Public Const PROJECT_NAME As String = "myaddin"\n'
    with pytest.raises(vba.UnknownTemplate, match="GetConfig"):
        vba.xlwings_module(source)


def test_every_function_has_a_wrapper_with_its_arguments(modules):
    heads = re.findall(r"(?m)^Public Function (\w+)\((.*)\) As Variant$", modules["xltool_functions"])
    assert [name for name, _ in heads] == [function.name for function in FUNCTIONS]
    for (name, arguments), function in zip(heads, FUNCTIONS):
        names = re.findall(r"(Optional )?(\w+) As Variant", arguments)
        assert [bool(optional) for optional, _ in names] == [each.optional for each in function.parameters]
        assert name.casefold() not in [each.casefold() for _, each in names], "VBA does not tell capitals from small letters"


def test_the_texts_of_the_wizard_are_chinese_and_not_too_long(xlam):
    space = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    sheet = ElementTree.fromstring(part(xlam, "xl/worksheets/sheet1.xml"))
    cells = {cell.get("r"): "".join(cell.itertext()) for cell in sheet.iterfind(".//s:c", space)}
    for row, function in enumerate(FUNCTIONS, 1):
        assert (cells[f"D{row}"], cells[f"E{row}"], cells[f"F{row}"], cells[f"G{row}"]) == (
            function.name, function.text, "专项资金", str(len(function.parameters)))
        texts = [cells[f"{chr(ord('H') + at)}{row}"] for at in range(len(function.parameters))]
        assert all(text.startswith(each.title) and len(text) <= 255 for text, each in zip(texts, function.parameters))
    settings = {cells[f"A{row}"]: cells[f"B{row}"] for row in range(1, len(SETTINGS) + 1)}
    assert settings["UDF MODULES"] == vba.MODULE and settings["USE UDF SERVER"] == "1"
    assert "INTERPRETER_WIN" not in settings, "the add-in's own would be read where the user's file has none"


def test_the_ribbon_calls_what_is_there(xlam, modules):
    space = "{http://schemas.microsoft.com/office/2006/01/customui}"
    ribbon = ElementTree.fromstring(part(xlam, "customUI/customUI.xml"))
    buttons = list(ribbon.iter(f"{space}button"))
    assert [button.get("label") for button in buttons] == [action.label for action in ACTIONS]
    assert ribbon.find(f".//{space}tab").get("label") == "专项资金"
    for button in buttons:
        module, callback = button.get("onAction").split(".")
        assert f"Public Sub {callback}(control As IRibbonControl)" in modules[module]
        assert len(button.get("screentip")) <= 1024 and len(button.get("supertip")) <= 1024
    assert "customUI/customUI.xml" in part(xlam, "_rels/.rels")


def test_nothing_of_the_template_maker_is_left_but_the_notices(xlam, modules):
    with zipfile.ZipFile(xlam) as archive:
        parts = {name: archive.read(name).lower() for name in archive.namelist()}
    assert not [name for name, data in parts.items() if b"myaddin" in data]
    # The VBA project's list of references keeps a path of its maker; no program looks there.
    assert [name for name, data in parts.items() if b"felix" in data] in ([], ["xl/vbaProject.bin"])
    assert all(code.isascii() for code in modules.values())
    assert "BSD 3-clause" in modules["xlwings"] and "Zoomer Analytics" in modules["xlwings"]
    notice = (Path(vba.__file__).parent / "NOTICE.txt").read_text(encoding="utf-8")
    assert "Zoomer Analytics" in notice and "Redistributions in binary form" in notice and "Tim Hall" in notice
    assert zipfile.ZipFile(BytesIO(xlam.read_bytes())).testzip() is None
