"""The functions as Excel calls them: the VBA of the .xlam interpreted, xlwings' real CallUDF over a stand-in for pywin32, and back."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from contract_table import _raw, agrees, cases

from xltool.guideline.bundle import bundled
from xltool.hosts.definition import FUNCTIONS
from xltool.hosts.excel.build import build
from xltool.hosts.ribbon import ACTIONS

HERE = Path(__file__).parent
Call = dict[str, object]


@pytest.fixture(scope="module")
def xlam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("excel") / "xltool.xlam"
    path.write_bytes(build())
    return path


def excel(xlam: Path, calls: Sequence[Call], **environment: str) -> list[dict[str, object]]:
    """What each call shows; all in one new process, as sys.modules is changed there."""
    lines = "".join(json.dumps(call, ensure_ascii=False) + "\n" for call in calls)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XLWINGS_", "XLTOOL_GUIDELINE"))}
    done = subprocess.run([sys.executable, str(HERE / "excel_calls.py"), str(xlam)], input=lines, capture_output=True, encoding="utf-8",
                          timeout=120, env={**kept, "PYTHONPATH": str(HERE.parent), **environment})
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(answer: dict[str, object]) -> list[list[object]]:
    return [[cell["error"] if isinstance(cell, dict) else cell for cell in row] for row in answer["rows"]]


# --- the contract ------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def contract(xlam: Path) -> dict[tuple[str, str], list[list[object]]]:
    """Every case of the contract, with its arguments in cells and as constants in the formula."""
    own = [case for case in _raw() if "excel" not in case.get("except", {})]
    keys = [(case["id"], style) for case in own for style in ("cells", "literals")]
    answers = excel(xlam, [{"function": case["function"], "args": case["args"], "style": style} for case in own for style in ("cells", "literals")])
    return {key: rows(answer) for key, answer in zip(keys, answers, strict=True)}


@pytest.mark.parametrize("style", ["cells", "literals"])
@pytest.mark.parametrize("case", cases("excel"), ids=lambda case: case.id)
def test_excel_shows_what_the_contract_says(case, style, contract):
    assert agrees(contract[case.id, style], case), contract[case.id, style]


def test_excel_is_excepted_from_nearly_nothing():
    assert len(_raw()) >= 150 and len(_raw()) - len(cases("excel")) <= 5


# --- what Excel hands over, and only Excel ----------------------------------------------------------------------------------

LABELS = [["研发设备及配套软件购置额"], ["项目开始时间"]]


def test_dates_currency_and_new_errors_are_read(xlam):
    calls = [{"function": "SUBSIDY", "args": ["2026P1-1", [[{"currency": "1500"}], [{"error": "#SPILL!"}], [{"error": "#DIV/0!"}]]]},
             {"function": "WHY", "args": ["2026P1-1", [[1500.0], [{"date": "2024-12-31"}]], LABELS]},
             {"function": "WHY", "args": ["2026P1-1", [[1500.0], [45657.0]], LABELS]}]
    subsidy, by_date, by_serial = map(rows, excel(xlam, calls))
    assert subsidy == [[150.0], ["#VALUE!"], ["#VALUE!"]]
    assert by_date == by_serial and "2024-12-31" in by_date[0][0]


def test_an_ended_server_is_started_once_more(xlam):
    call = {"function": "SUBSIDY", "args": ["2026P1-1", 1500.0]}
    first, after, never = excel(xlam, [call, {**call, "broken": 1}, {**call, "broken": 2}])
    assert rows(first) == rows(after) == [[150.0]] and after["calls"] == 1
    assert rows(never) == [["#VALUE!"]]


def test_why_says_why_there_is_no_server(xlam):
    reason = "Could not load xlwings64-0.37.8.dll"
    why, subsidy = excel(xlam, [{"function": name, "args": ["2026P1-1", 1500.0], "unreachable": reason} for name in ("WHY", "SUBSIDY")])
    assert reason in rows(why)[0][0] and rows(subsidy) == [["#VALUE!"]]


def test_a_button_tells_python_which_workbook_and_what_to_do(xlam):
    for action, answer in zip(ACTIONS, excel(xlam, [{"press": action.key} for action in ACTIONS]), strict=True):
        told, code = answer["executed"]
        assert told.startswith("module xlwings._xlwindows.BOOK_CALLER = ")
        assert code == f"import xltool.hosts.ribbon; xltool.hosts.ribbon.run('{action.key}')"
        compile(code, "ribbon", "exec")


def test_when_excel_opens_the_addin_every_function_gets_its_chinese_texts(xlam):
    opened, = excel(xlam, [{"open": True}])
    assert opened["hidden"] and opened["unchanged"], "it must be an add-in again, and Excel must not ask to save it"
    assert opened["registered"] == [
        {"macro": f"'xltool.xlam'!{function.name}", "text": function.text, "category": "专项资金",
         "arguments": [f"{each.title}：{each.hint}" for each in function.parameters]} for function in FUNCTIONS]


# --- the guideline that the calling book names -------------------------------------------------------------------------------

NAMES = {
    "constant": ('="D:\\指南\\g.xlsx"', None, "D:\\指南\\g.xlsx"), "cell": ("=设置!$B$2", "D:\\指南\\g.xlsx", "D:\\指南\\g.xlsx"),
    "beside": ('="g.xlsx"', None, "D:\\专项\\g.xlsx"), "blank cell": ("=设置!$B$2", "", ""),
    "other computer": ('="\\\\server\\g.xlsx"', None, "\\\\server\\g.xlsx"),
}


def test_the_calling_book_names_its_guideline(xlam):
    calls = [{"function": "WHY", "args": ["2026P1-1", 1500.0], "names": {"XLTOOL_GUIDELINE": [refers, cell]}} for refers, cell, _ in NAMES.values()]
    answers = excel(xlam, [{"function": "WHY", "args": ["2026P1-1", 1500.0]}, *calls])
    assert answers[0]["guideline"] == "" and [answer["guideline"] for answer in answers[1:]] == [path for *_, path in NAMES.values()]
    texts = dict(zip(NAMES, (rows(answer)[0][0] for answer in answers[1:])))
    assert "打不开" in texts["constant"] and "打不开" in texts["beside"] and "补助上限" in texts["blank cell"]
    assert "别的电脑" in texts["other computer"], "a stranger's workbook could have every Excel log in to a server of his"


def test_a_named_guideline_is_used_and_its_problems_are_told(xlam, tmp_path):
    book = openpyxl.load_workbook(bundled("workbooks") / "guideline-2026.xlsx")
    sheet = book["项目"]
    head = {cell.value: cell.column for cell in sheet[1]}
    row = next(cell.row for cell in sheet["A"] if cell.value == "2026P1-1")
    paths = {}
    for name, formula in (("own", "MIN(研发设备及配套软件购置额*20%,500)"), ("broken", "MIN(研发设备及配套软件购置额*20%,500左右)")):
        sheet.cell(row, head["补助公式"]).value = formula
        paths[name] = tmp_path / f"{name}.xlsx"
        book.save(paths[name])
    calls = [{"function": function, "args": ["2026P1-1", 1500.0], "names": {"XLTOOL_GUIDELINE": [f'="{path}"', None]}}
             for path in paths.values() for function in ("SUBSIDY", "WHY")]
    own, _, broken, why = map(rows, excel(xlam, calls))
    assert own == [[300.0]] and broken == [["#VALUE!"]]
    assert "500左右" in why[0][0] and "项目!" in why[0][0]
