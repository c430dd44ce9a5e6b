"""The functions in a real LibreOffice Calc: installed by its own installer, in real cells, saved, reopened and recalculated."""
from __future__ import annotations

import datetime as dt
import io
import random
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import contract_table
import openpyxl
import pytest
from calc import Calc, Formula, write_fods
from test_rules_agreement import Facts, read

from xltool.guideline.bundle import bundled, edition, edition_ids
from xltool.hosts.definition import FUNCTIONS
from xltool.hosts.libreoffice.build import build
from xltool.rules import serial
from xltool.rules.assess import Assessment, assess
from xltool.rules.model import Programme

HOST = "libreoffice"
SUBSIDY = '=XLTOOL.SUBSIDY("2026P1-1";A1)'
FILES = ["表.ods", "表.xlsx"]


def letters(index: int) -> str:
    """The letters of a zero-based column."""
    return (letters(index // 26 - 1) if index >= 26 else "") + chr(65 + index % 26)


# --- in documents ---------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", FILES)
def test_formulas_are_saved_reopened_and_recalculated(name, calc, tmp_path):
    path = tmp_path / name
    with calc.open() as document:
        document.put("A1", 1500)
        document.put("B1", SUBSIDY)
        document.put("C1", '=XLTOOL.WHY("2026P9-9";A1)')
        document.put("D1:D2", '=XLTOOL.SUBSIDY("2026P1-1";A1:A2)')
        document.put("E1", '=IF(ISNA(XLTOOL.SUBSIDY("2026P1-1";A2:A2));"缺";"有")')
        document.save(path)
    with calc.open(path) as document:
        assert document.range("B1").getFormula() == SUBSIDY
        assert document.rows("B1:E2")[0][0] == 150 and document.value("E1") == "缺"
        document.put("A1", 1600)
        document.put("A2", 900)
        assert document.rows("D1:D2") == [[160], [0]] and document.value("B1") == 160 and document.value("E1") == "有"
        assert document.value("C1").startswith("没有项目“2026P9-9”")
        document.save(path)
    with calc.open(path) as document:
        assert document.rows("B1:D1")[0][::2] == [160, 160]


def test_a_file_names_the_functions_with_their_namespace(calc, tmp_path):
    with calc.open() as document:
        document.put("B1", SUBSIDY)
        for name in FILES:
            document.save(tmp_path / name)
    assert openpyxl.load_workbook(tmp_path / FILES[1]).active["B1"].value == SUBSIDY.replace(";", ",")
    with zipfile.ZipFile(tmp_path / FILES[0]) as archive:
        assert b"of:=XLTOOL.SUBSIDY(&quot;2026P1-1&quot;;[.A1])" in archive.read("content.xml")


def test_a_formula_is_typed_as_it_stands_in_a_file_in_any_case(calc):
    with calc.open() as document:
        for text in ('=XLTOOL.SUBSIDY("2026P1-1",1500)', '=xltool.subsidy("2026P1-1",1500)'):
            document.range("A1").setPropertyValue("FormulaLocal", text)
            assert document.value("A1") == 150


def test_a_file_goes_through_an_office_without_the_add_in(calc, tmp_path):
    """What the manual says: xlsx shows its numbers, ods does not, and both are right again with the add-in."""
    files = [tmp_path / name for name in FILES]
    with calc.open() as document:
        document.put("A1", 1500)
        document.put("B1", SUBSIDY)
        for file in files:
            document.save(file)
    plain = Calc([f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"])
    try:
        for file, shown in zip(files, ("#NAME?", 150)):
            with plain.open(file) as document:
                assert document.value("B1") == shown
                document.put("C1", "看过了")
                document.save(file)
    finally:
        plain.close()
    for file in files:
        with calc.open(file) as document:
            document.recalculate()
            assert document.value("B1") == 150


def test_the_wizard_tells_of_every_function_in_chinese(calc):
    known = calc.wizard()
    for function in FUNCTIONS:
        told = known[f"XLTOOL.{function.name}"]
        assert told["Description"].startswith(function.text) and f"例：=XLTOOL.{function.name}(" in told["Description"]
        assert [(each.Name, each.Description) for each in told["Arguments"]] == [(each.title, each.hint) for each in function.parameters]


def test_the_examples_of_the_definition_are_formulas(calc):
    with calc.open() as document:
        for function in FUNCTIONS:
            document.range("Z40").setPropertyValue("FormulaLocal", function.example.replace("=", "=XLTOOL.", 1))
            assert document.value("Z40") not in ("#NAME?", "Err:504", "Err:508"), function.example


# --- where the rules come from ----------------------------------------------------------------------------------------------------

def guideline(path: Path, before: str = "", after: str = "") -> Path:
    """The guideline of 2026 with one text replaced wherever it stands."""
    with zipfile.ZipFile(bundled("workbooks") / "guideline-2026.xlsx") as source, zipfile.ZipFile(path, "w") as target:
        seen = 0
        for name in source.namelist():
            contents = source.read(name)
            seen += contents.count(before.encode())
            target.writestr(name, contents.replace(before.encode(), after.encode()) if before else contents)
    assert seen
    return path


RULE = "MIN(研发设备及配套软件购置额*10%,200)"


def turns_to(document, place: str, wanted: object) -> bool:
    """Whether a cell comes to show a value, or hold a text, soon: a look at a file is taken for granted twenty times as long as it took."""
    for _ in range(50):
        document.recalculate()
        found = document.value(place)
        if found == wanted or (isinstance(wanted, str) and wanted in str(found)):
            return True
        time.sleep(0.2)
    return False


def test_a_document_names_its_guideline_and_a_changed_one_is_read_again(calc, tmp_path):
    own = guideline(tmp_path / "指南.xlsx", RULE, RULE.replace("10%", "20%").replace("200", "400"))
    with calc.open() as document:
        document.put("A1", 1500)
        document.put("B1", SUBSIDY)
        document.save(tmp_path / "a.ods")
    with calc.open(tmp_path / "a.ods") as document, calc.open() as other:
        for content in (f'"{own}"', '"指南.xlsx"', "$Sheet1.$D$9"):
            document.put("D9", str(own))
            document.name("XLTOOL_GUIDELINE", content)
            time.sleep(0.25)  # or the name would still be the last one
            document.recalculate()
            assert document.value("B1") == 300, content
        other.put("B1", '=XLTOOL.SUBSIDY("2026P1-1";1500)')
        assert other.value("B1") == 150  # names another document's guideline no more than its own
        guideline(own, RULE, RULE.replace("10%", "30%").replace("200", "600"))
        assert turns_to(document, "B1", 450)


def test_a_guideline_with_problems_is_refused_and_why_names_the_cell(calc, tmp_path):
    own = guideline(tmp_path / "坏.xlsx", RULE, "1000左右")
    with calc.open() as document:
        document.name("XLTOOL_GUIDELINE", f'"{own}"')
        document.put("B1", '=XLTOOL.SUBSIDY("2026P1-1";1500)')
        document.put("C1", '=XLTOOL.WHY("2026P1-1";1500)')
        assert document.value("B1") == "#VALUE!"
        assert re.match(r"坏.xlsx 项目![A-Z]+\d+ “1000左右”", document.value("C1"))
        own.unlink()
        assert turns_to(document, "C1", "没有这个文件")


def test_the_setting_names_a_guideline_where_the_document_names_none(calc, tmp_path):
    """And an xltool that LibreOffice's Python can import is not what answers."""
    own = guideline(tmp_path / "指南.xlsx", RULE, RULE.replace("10%", "12%"))
    (tmp_path / "xltool").mkdir()
    (tmp_path / "xltool" / "__init__.py").write_text("raise ImportError('another xltool')")
    office = Calc([calc.options[0], f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"],
                  {"XLTOOL_GUIDELINE": str(own), "PYTHONPATH": str(tmp_path)})
    try:
        with office.open() as document:
            document.put("B1", SUBSIDY.replace("A1", "1500"))
            assert document.value("B1") == 180
    finally:
        office.close()


def test_why_tells_when_the_rules_cannot_be_loaded(tmp_path):
    folder = tmp_path / "扩展" / "xltool"
    with zipfile.ZipFile(io.BytesIO(build())) as archive:
        archive.extractall(folder)
    (folder / "core" / "rules" / "assess.py").write_text("import 没有的模块")
    office = Calc([f"-env:BUNDLED_EXTENSIONS={folder.parent.as_uri()}", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"])
    try:
        with office.open() as document:
            document.put("B1", '=XLTOOL.SUBSIDY("2026P1-1";900)')
            document.put("C1", '=XLTOOL.WHY("2026P1-1";900)')
            assert document.value("B1") == "#VALUE!"
            assert "重新安装插件" in document.value("C1") and "没有的模块" in document.value("C1")
    finally:
        office.close()


# --- the contract table -------------------------------------------------------------------------------------------------------

WIDE = 30  # columns for each argument, and for the answer


class Sheet:
    """Cases below each other: the answer first, then the cells of each argument; results over the cells that they should fill."""

    def __init__(self) -> None:
        self.rows: list[list[object]] = []
        self.places: dict[str, tuple[str, str]] = {}  # case → its answer, and the number of rows and columns

    def add(self, case: contract_table.Case) -> None:
        top = len(self.rows)
        blocks = [block if isinstance(block, list) else [[block]] for block in case.args]
        high = sum(row["more"] if isinstance(row, dict) else 1 for row in case.rows)
        wide = len(case.rows[0])
        for number in range(max(high, *map(len, blocks)) + 1):
            row = [None] * WIDE
            for block in blocks:
                own = block[number] if number < len(block) else []
                row += [*own, *[None] * (WIDE - len(own))]
            self.rows.append(row)
        arguments = [self.reference(block, top, number) if isinstance(given, list) or given is not None else ""
                     for number, (given, block) in enumerate(zip(case.args, blocks), 1)]
        text = f"XLTOOL.{case.function}({';'.join(arguments)})"
        self.rows[top][0] = Formula(text, high, wide)
        self.rows[top][WIDE - 1] = Formula(f"ROWS({text})&\"x\"&COLUMNS({text})")
        last = f"{letters(WIDE - 1)}{top + 1}"
        self.places[case.id] = f"A{top + 1}:{letters(wide - 1)}{top + high}", last

    def reference(self, block: list[list[object]], top: int, number: int) -> str:
        left = number * WIDE
        first, last = f"[.{letters(left)}{top + 1}", f".{letters(left + len(block[0]) - 1)}{top + len(block)}]"
        single = len(block) == len(block[0]) == 1 and block[0][0] is not None
        return first + "]" if single else f"{first}:{last}"


def test_the_contract_table_holds_in_cells(calc, tmp_path):
    cases, sheet = contract_table.cases(HOST), Sheet()
    for case in cases:
        sheet.add(case)
    assert len(cases) >= 150
    with calc.open(write_fods(tmp_path / "contract.fods", {"S": sheet.rows})) as document:
        wrong = []
        for case in cases:
            place, size = sheet.places[case.id]
            found, shape = document.rows(place), document.value(size)
            if not contract_table.agrees(found, case) or shape != f"{len(found)}x{len(found[0])}":
                wrong.append(f"{case.id}: {case.function}{case.args} gave {found} of {shape}, not {case.rows}")
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong)


def test_what_libreoffice_does_with_arguments_before_a_function_sees_them(calc):
    """The reasons that the contract table gives for leaving cases out."""
    with calc.open() as document:
        for place, value in (("A2", "=NA()"), ("B1", "=TRUE()")):
            document.put(place, value)
        for formula, expected in {
            'SUBSIDY("2026P1-1";A1)': 0.0, 'SUBSIDY("2026P1-1";A1:A1)': "#N/A", 'SUBSIDY("2026P1-1";A1&"")': "#N/A",
            'SUBSIDY("2026P1-1";A2)': "#N/A", 'SUBSIDY("2026P1-1";A1:A2)': "Err:504", 'SUBSIDY("2026P1-1";B1)': 0.0,
            'LEFT(XLTOOL.WHY(A1;1500);7)': "没有写项目编号", 'QUOTA_LEFT("2026P1-1";A1)': 20.0, 'QUOTA_LEFT("2026P1-1";A1;A1)': 20.0,
        }.items():
            document.put("D1", f"={formula}" if "XLTOOL" in formula else f"=XLTOOL.{formula}")
            assert document.value("D1") == expected, formula
        document.put("D1:D2", '=XLTOOL.SUBSIDY("2026P1-1";IFERROR(A1:A2;""))')
        assert document.rows("D1:D2") == [["#N/A"], ["#N/A"]]


# --- the engine and the add-in --------------------------------------------------------------------------------------------------

CASES = 10_000  # at least so many for each edition


@pytest.mark.parametrize("name", edition_ids())
def test_the_add_in_agrees_with_the_engine(name, calc, tmp_path):
    """Random projects in cells, one call for all projects of a programme: amount, verdict, first payment and #N/A."""
    programmes = [programme for programme in edition(name).programmes.values() if programme.fields]
    each = -(-CASES // len(programmes))
    sheets, expected = {}, {}
    for programme in programmes:
        facts = Facts(programme, random.Random(f"calc {programme.id}"))
        projects = [facts.project() for _ in range(each)]
        expected[programme.id] = [answer(assess(programme, read(project, programme))) for project in projects]
        sheets[programme.id] = list(block(programme, projects))
    differences = []
    with calc.open(write_fods(tmp_path / "random.fods", sheets)) as document:
        for sheet, wanted in expected.items():
            found = document.values(f"A2:C{each + 1}", sheet)
            differences += [f"{sheet} row {row}: {got}, not {own}" for row, (got, own) in enumerate(zip(found, wanted), 2) if got != own]
    answers = [own for wanted in expected.values() for own in wanted]
    assert len(answers) >= CASES and {own[1] for own in answers} == {"符合", "不符合", "待核实"}
    assert not differences, f"{len(differences)} of {len(answers)}:\n" + "\n".join(differences[:20])


def answer(told: Assessment) -> list[object]:
    """What three cells show of an assessment: subsidy, verdict, first payment; a blank where the guideline states no amount."""
    programme = told.programme
    amounts = [("#N/A" if rule else "") if amount is None else amount
               for amount, rule in ((told.subsidy, programme.ceiling), (told.first_payment, programme.first))]
    return [amounts[0], told.verdict, amounts[1]]


def block(programme: Programme, projects: list[dict[str, object]]) -> Iterator[list[object]]:
    """Three functions over all projects, beside a heading and a row for each project. #N/A as text, to be told from other errors."""
    labels = list(programme.fields)
    last, end = letters(2 + len(labels)), len(projects) + 1
    arguments = f'"{programme.id}";[.D2:.{last}{end}];[.D1:.{last}1]'
    yield [None, None, None, *labels]
    for number, project in enumerate(projects):
        formulas = [None] * 3 if number else [Formula(f'IFNA(XLTOOL.{name}({arguments});"#N/A")', len(projects), 1)
                                              for name in ("SUBSIDY", "ELIGIBLE", "FIRST_PAYMENT")]
        yield [*formulas, *(serial.from_date(raw) if isinstance(raw, dt.date) else raw for raw in project.values())]
