"""The LibreOffice extension as a file, and what runs inside LibreOffice, run outside: the same bytes, the standard library alone."""
from __future__ import annotations

import ast
import io
import json
import math
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock
from xml.etree import ElementTree

import pytest

import xltool
from xltool.guideline.bundle import bundled, edition, edition_ids
from xltool.guideline.read import load, read
from xltool.hosts.blocks import Mark
from xltool.hosts.definition import FUNCTIONS
from xltool.hosts.libreoffice import adapter, build
from xltool.hosts.libreoffice.workbook import grids
from xltool.rules.data import edition_data, edition_of
from xltool.rules.problems import ProblemsError

PACKAGE = Path(xltool.__file__).parent


@pytest.fixture(scope="module")
def oxt() -> bytes:
    return build.build()


@pytest.fixture(scope="module")
def unpacked(oxt, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("oxt")
    with zipfile.ZipFile(io.BytesIO(oxt)) as archive:
        archive.extractall(folder)
    return folder


# --- the file -------------------------------------------------------------------------------------------------------------------

def test_the_same_contents_give_the_same_bytes(oxt):
    assert build.build() == oxt


def test_the_file_describes_its_parts_and_itself(unpacked):
    entries = ElementTree.parse(unpacked / "META-INF" / "manifest.xml").getroot()
    for entry in entries:
        assert (unpacked / entry.attrib["{http://openoffice.org/2001/manifest}full-path"]).is_file()
    description = (unpacked / "description.xml").read_text(encoding="utf-8")
    assert f'<version value="{xltool.__version__}"/>' in description and ElementTree.fromstring(description) is not None


def test_the_bundled_editions_come_along_as_data(unpacked):
    assert json.loads((unpacked / "editions" / "editions.json").read_text()) == edition_ids()
    for name in edition_ids():
        data = json.loads((unpacked / "editions" / f"{name}.json").read_text(encoding="utf-8"))
        assert data == json.loads(json.dumps(edition_data(edition(name)))) == json.loads(json.dumps(edition_data(edition_of(data))))


def test_the_wizard_texts_name_every_function_and_argument(unpacked):
    name = "{http://openoffice.org/2001/registry}name"
    functions = ElementTree.parse(unpacked / "CalcAddIns.xcu").getroot().find(f".//node[@{name}='AddInFunctions']")
    found = {node.attrib[name]: [each.attrib[name] for each in node.find(f"node[@{name}='Parameters']")] for node in functions}
    assert found == {function.name: [each.name for each in function.parameters] for function in FUNCTIONS}


def test_the_sources_are_those_of_xltool_and_nothing_more(unpacked):
    sources = {path.relative_to(unpacked / "core"): path.read_bytes() for path in (unpacked / "core").rglob("*.py")}
    for path, text in sources.items():
        assert text == (b"" if path.name == "__init__.py" else (PACKAGE / path).read_bytes())
    names = {path.as_posix() for path in sources}
    assert "hosts/functions.py" in names and not {"rules/columns.py", "cli.py", "guideline/write.py", "hosts/excel/build.py"} & names


@pytest.mark.parametrize("version", [(3, 10)])
def test_the_sources_keep_to_the_python_that_libreoffice_brings(unpacked, version):
    for path in (unpacked / "core").rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=version)
    ast.parse((unpacked / "addin.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("text", ["import numpy", "from openpyxl.cell import cell", "import os, click"])
def test_a_module_that_needs_more_than_the_standard_library_stops_the_build(text, tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text("from . import b\nfrom .c import d\n")
    (tmp_path / "b.py").write_text("import json\n\ndef f():\n    import numpy\n")
    (tmp_path / "c.py").write_text("d = 1\n")
    monkeypatch.setattr(build, "_PACKAGE", tmp_path)
    assert build.modules(Path("a.py")) == [Path("a.py"), Path("b.py"), Path("c.py")]
    (tmp_path / "b.py").write_text(text)
    with pytest.raises(ValueError, match="standard library"):
        build.modules(Path("a.py"))


def test_the_functions_run_on_the_standard_library_alone(unpacked):
    """As the component loads them, under a private name; a named workbook is read without calamine."""
    program = """if True:
        import importlib.util, sys
        folder, workbook = sys.argv[1:]
        spec = importlib.util.spec_from_file_location("_private", folder + "/core/__init__.py", submodule_search_locations=[folder + "/core"])
        sys.modules["_private"] = importlib.util.module_from_spec(spec)
        before = set(sys.modules)
        from _private.hosts.libreoffice.adapter import Functions
        functions = Functions(folder + "/editions")
        print(functions.answer("SUBSIDY", ("2026P1-1", 1500.0, None), None))
        print(sorted({name.split(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))
        import os
        os.environ["XLTOOL_GUIDELINE"] = workbook
        print(functions.answer("SUBSIDY", ("2026P1-1", 1600.0, None), None))
    """
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program, str(unpacked), str(bundled("workbooks") / "guideline-2026.xlsx")],
                          capture_output=True, text=True, timeout=60)
    assert done.stdout.split("\n")[:3] == ["((150.0,),)", "['_private']", "((160.0,),)"], done.stderr


@pytest.mark.parametrize(("version", "words"), [((3, 8), "Python 是 3.8，太旧"), ((3, 11), "请重新安装插件")])
def test_the_component_loads_without_the_rules_and_why_says_so(version, words, tmp_path, monkeypatch):
    """As in a LibreOffice whose Python is too old, or whose copy of the rules is gone."""
    stubs = {"unohelper": {"Base": type("Base", (), {}), "ImplementationHelper": Mock}, "com.sun.star.lang": {"XServiceInfo": type("X", (), {})},
             "xltoolfunctions": {"XFunctions": type("F", (), {})}, "com": {}, "com.sun": {}, "com.sun.star": {}}
    for name, contents in stubs.items():
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(**contents))
    monkeypatch.setattr(sys, "version_info", version)
    (tmp_path / "core").mkdir()
    component = {"__file__": str(tmp_path / "addin.py")}
    exec((PACKAGE / "hosts" / "libreoffice" / "addin.py").read_text(encoding="utf-8"), component)
    addin = component["AddIn"](None)
    assert words in addin.WHY(None, "2026P1-1", 1.0)[0][0] and code(addin.SUBSIDY(None, "2026P1-1", 1.0)[0][0]) == 519
    assert addin.supportsService("XLTOOL") and addin.getImplementationName() == "XLTOOL"


# --- a guideline workbook without calamine --------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", edition_ids())
def test_a_guideline_is_read_alike_without_calamine(name):
    path = bundled("workbooks") / f"guideline-{name}.xlsx"
    with_calamine, without = load(path), load(path, grids)
    assert edition_data(without) == edition_data(with_calamine) and without.cases == with_calamine.cases


def changed(change, path: Path) -> Path:
    """The guideline of 2026 with the contents of each part as `change` gives them, None for a part that is left out."""
    with zipfile.ZipFile(bundled("workbooks") / "guideline-2026.xlsx") as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            contents = change(name, source.read(name))
            if contents is not None:
                target.writestr(name, contents)
    return path


@pytest.mark.parametrize("change", [
    lambda name, xml: xml.replace("研发设备及配套软件购置额*10%".encode(), b"1000\xe5\xb7\xa6\xe5\x8f\xb3"),
    lambda name, xml: xml.replace(b"<is>", b"<f>1+1</f><is>") if name.endswith("sheet2.xml") else xml,
    lambda name, xml: xml.replace("上级".encode(), "上下级".encode()),
], ids=["rule", "formula", "column"])
def test_the_problems_of_a_guideline_are_the_same_without_calamine(change, tmp_path):
    path = changed(change, tmp_path / "g.xlsx")
    problems = [str(problem) for problem in read(path)[1]]
    assert problems and [str(problem) for problem in read(path, grids)[1]] == problems


@pytest.mark.parametrize(("change", "words"), [
    (lambda name, xml: xml[:len(xml) // 2] if name.endswith("sheet2.xml") else xml, "这张表的内容坏了"),
    (lambda name, xml: None if name.endswith("sheet2.xml") else xml, "坏了"),
    (lambda name, xml: xml.replace(b"<worksheet", b'<!DOCTYPE worksheet [<!ENTITY b "c">]><worksheet', 1), "恶意"),
], ids=["cut", "gone", "entities"])
def test_a_broken_file_is_refused_whole(change, words, tmp_path):
    with pytest.raises(ProblemsError, match=words):
        grids(changed(change, tmp_path / "g.xlsx").read_bytes(), "g.xlsx")


def test_what_is_no_workbook_is_refused_with_its_name():
    with pytest.raises(ProblemsError, match=r"指南.xlsx"):
        grids(b"not a zip", "指南.xlsx")


# --- cells in, cells out --------------------------------------------------------------------------------------------------------

@pytest.fixture
def functions(unpacked) -> adapter.Functions:
    return adapter.Functions(str(unpacked / "editions"))


def code(number: object) -> int:
    """The error that a NaN carries."""
    assert isinstance(number, float) and math.isnan(number)
    return struct.unpack("<Q", struct.pack("<d", number))[0] & 0xFFFF


@pytest.mark.parametrize(("mark", "expected"), [("#N/A", 32767), ("#VALUE!", 519), ("#REF!", 524), ("#DIV/0!", 532), ("#SPILL!", 519)])
def test_an_error_leaves_as_libreoffices_own(mark, expected):
    assert code(adapter.shown([[Mark(mark)]])[0][0]) == expected


def test_answers_leave_as_floats_and_texts():
    assert adapter.shown([[1.5, 2, True], ["甲", None, ""]]) == ((1.5, 2.0, 1.0), ("甲", "", ""))
    assert all(type(cell) in (float, str) for row in adapter.shown([[1, True, None]]) for cell in row)


def test_a_zero_alone_is_a_blank_cell_except_as_a_value(functions):
    assert functions.answer("SUBSIDY", ("2026P1-1", 0.0, 0.0), None) == ((0.0,),)
    assert functions.answer("QUOTA_LEFT", ("2026P1-1", 0.0, 0.0), None) == ((20.0,),)
    assert functions.answer("WHY", (0.0, 1500.0, None), None)[0][0].startswith("没有写项目编号")


def test_no_exception_leaves_and_why_tells_what_to_do(functions, monkeypatch):
    def fail(*_):
        raise RuntimeError("意外")
    monkeypatch.setattr(adapter, "call", fail)
    assert code(functions.answer("SUBSIDY", ("2026P1-1", 1.0, None), None)[0][0]) == 519
    assert "维护人" in functions.answer("WHY", ("2026P1-1", 1.0, None), None)[0][0]
    assert code(functions.answer("SUBSIDY", (object(),), object())[0][0]) == 519
