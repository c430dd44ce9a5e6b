"""The functions as xlwings Server's custom functions, called in a process without a server: the whole contract table."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import contract_table
import office_calls
import pytest
from openpyxl import load_workbook

from xltool.guideline.bundle import bundled

CASES = contract_table.cases("officejs", office_calls.error)
Call = Callable[..., dict]


def _process(**settings: str) -> Iterator[Call]:
    environment = {**os.environ, "XLWINGS_LICENSE_KEY": "noncommercial", "PYTHONUTF8": "1", **settings}
    with subprocess.Popen([sys.executable, office_calls.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          encoding="utf-8", env=environment) as process:
        def call(*given: object, **options: object) -> dict:
            process.stdin.write(json.dumps(office_calls.request(*given, **options)) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, "the process ended"
            return json.loads(line)
        yield call
        process.stdin.close()


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    yield from _process(XLTOOL_GUIDELINE="")


@pytest.fixture
def guideline(tmp_path) -> Path:
    return Path(shutil.copy(bundled("workbooks") / "guideline-2026.xlsx", tmp_path / "本局.xlsx"))


@pytest.mark.parametrize(("runtime", "blank"), [("1.4", ""), ("1.1", None)], ids=["errors of the host", "errors as texts"])
def test_the_contract_table_holds(call, runtime, blank):
    assert len(CASES) >= 150
    failed = []
    for case in CASES:
        answer = call(case.function, [office_calls.sent(own, blank) for own in case.args], runtime=runtime)
        if "error" in answer or not contract_table.agrees(office_calls.shown(answer["result"]), case):
            failed.append((case.id, answer, case.rows))
    assert not failed


def test_a_missing_fact_is_excels_own_error_where_excel_knows_errors_in_results(call):
    asked = "SUBSIDY", [[["2026P1-1"]], [[""]], None]
    assert call(*asked)["result"] == [[{"type": "Error", "errorType": "NotAvailable"}]]
    assert call(*asked, runtime="1.1")["result"] == [["#N/A"]]


def test_a_cell_that_is_formatted_as_a_date_or_an_amount_counts_as_its_number(call):
    amount = {"type": "FormattedNumber", "basicType": "Double", "basicValue": 1500.0, "numberFormat": "#,##0.00"}
    assert call("SUBSIDY", [[["2026P1-1"]], [[amount]], None])["result"] == [[150.0]]


def test_an_unknown_function_is_told_in_words(call):
    answer = call("SUBSIDIES", [[[1]]])
    assert "没有函数“SUBSIDIES”" in answer["error"] and "SUBSIDY、ELIGIBLE" in answer["error"]


def test_the_guideline_in_the_setting_is_used_read_again_when_it_changes_and_refused_with_its_cell(guideline):
    subsidy = "SUBSIDY", [[["2026P1-1"]], [[9000]], None]

    def change(old: str, new: str) -> None:
        book = load_workbook(guideline)
        cell = next(cell for row in book["项目"].iter_rows() for cell in row if cell.value == old)
        cell.value = new
        book.save(guideline)
        os.utime(guideline, ns=(changed := guideline.stat().st_mtime_ns + 10**9, changed))
    for call in _process(XLTOOL_GUIDELINE=str(guideline)):
        assert call(*subsidy)["result"] == [[200.0]]
        change("MIN(研发设备及配套软件购置额*10%,200)", "MIN(研发设备及配套软件购置额*10%,300)")
        assert call(*subsidy)["result"] == [[300.0]]
        change("MIN(研发设备及配套软件购置额*10%,300)", "大约300")
        assert call(*subsidy)["result"] == [[{"type": "Error", "errorType": "Value"}]]
        (told,), = call("WHY", subsidy[1])["result"]
        assert "本局.xlsx" in told and "项目!" in told and "大约300" in told
