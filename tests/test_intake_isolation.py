"""Files read side by side in processes of their own, and by LibreOffice where nobody else can."""
from __future__ import annotations

import datetime as dt
import os
import subprocess
import time
from pathlib import Path

import pytest
import xlsxwriter
from test_intake_opening import only_problem, usual

from xltool.intake.grid import PER_CENT, Area, Fault, Look
from xltool.intake.opening import isolation, read_source, read_sources
from xltool.intake.opening.readers import biff
from xltool.intake.opening.refusal import Refusal, damaged
from xltool.intake.tables import table, tables_of


def test_files_come_in_order_and_leave_no_process(tmp_path):
    paths = []
    for number in range(9):
        paths.append(tmp_path / f"{number}.xlsx")
        usual(paths[-1], 30 * (9 - number))
    paths.insert(4, tmp_path / "没有.xlsx")
    sources = list(read_sources(paths, jobs=3))
    assert [source.name for source in sources] == [path.name for path in paths]
    assert [len(source.problems) for source in sources] == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    few = read_sources(paths, jobs=2)
    next(few)
    few.close()
    if os.name == "posix":
        every = subprocess.run(["ps", "-eo", "ppid=,args="], capture_output=True, encoding="utf-8", check=True).stdout
        own = [line.split(maxsplit=1)[1] for line in every.splitlines() if line.split()[0] == str(os.getpid())]
        assert not [line for line in own if "opening.child" in line or line.startswith("[python")]  # running, or not taken leave of


def test_the_tables_are_found_where_the_file_is_read(tmp_path, monkeypatch):
    usual(tmp_path / "a.xlsx", 5)
    here = tables_of(read_source(tmp_path / "a.xlsx"), frozenset(("数量",)))
    source, = read_sources([tmp_path / "a.xlsx"], known=frozenset(("数量",)))
    monkeypatch.setattr(table, "find_tables", None)
    assert tables_of(source) == here != []


FAKE = """
import os, time
import xltool.intake.opening.readers.ooxml as ooxml
real = ooxml._calamine
def fake(data, book, xmls):
    if len(data) % 7 == {mark}:
        {act}
    return real(data, book, xmls)
ooxml._calamine = fake
from xltool.intake.opening.child import serve
serve({{memory}})
"""


def three(tmp_path: Path) -> tuple[list[Path], int]:
    """Three files, and what the size of the second has that theirs have not."""
    paths = [tmp_path / f"{name}.xlsx" for name in ("甲", "乙", "丙")]
    data = usual(paths[0])
    for path, more in zip(paths, (0, 1, 0), strict=True):
        path.write_bytes(data + b"\0" * more)  # bytes after a zip's end do no harm
    return paths, (len(data) + 1) % 7


@pytest.mark.parametrize(("act", "options", "code"), [
    ("os.abort()", {}, None),  # the native reader dies: the file is read without it
    ("time.sleep(60)", {"seconds": 1.0}, "file.limit"),
    ("bytearray(3 << 30)", {"memory": 1 << 30}, "file.limit"),
])
def test_a_reader_that_misbehaves_costs_only_its_own_file(tmp_path, monkeypatch, act, options, code):
    if "memory" in options:
        pytest.importorskip("resource")
    paths, mark = three(tmp_path)
    monkeypatch.setattr(isolation, "_START", FAKE.format(mark=mark, act=act))
    started = time.monotonic()
    sources = list(read_sources(paths, jobs=1, **options))
    assert time.monotonic() - started < 8
    assert [source.name for source in sources] == [path.name for path in paths]
    assert [[problem.code for problem in source.problems] for source in sources] == [[], [code] if code else [], []]
    assert all(len(source.grids[0].rows) == 40 for source in sources if not source.problems)
    assert all(source.reader == "xltool" for source in sources[1:2] if not code)


def test_a_process_that_dies_again_is_a_clear_message(tmp_path, monkeypatch):
    paths, _ = three(tmp_path)
    monkeypatch.setattr(isolation, "_START", "import os; os.abort() or {memory}")
    assert ["读取程序中止" in only_problem(source) for source in read_sources(paths[:2], jobs=2)] == [True, True]


# LibreOffice


def test_every_format_of_libreoffice_gives_the_same_values(soffice, tmp_path):
    path = tmp_path / "given" / "县.xlsx"
    path.parent.mkdir()
    with xlsxwriter.Workbook(path) as book:
        sheet, date, percent = book.add_worksheet("项目"), book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0%"})
        sheet.merge_range("A1:D1", "示例县汇总表")
        sheet.write_row("A2", ["00123", 1200.5, True, "文 字"])
        sheet.write_datetime("A3", dt.datetime(2025, 3, 1), date)
        sheet.write_number("B3", 0.5, percent)
        sheet.write_formula("C3", "=NA()")
        sheet.write_number("D3", 15000000, book.add_format({"num_format": '[>=10000]0\\.0,"万元";0"元"'}))
        sheet.set_row(1, None, None, {"hidden": True})
    expected = [["示例县汇总表", "", "", ""], ["00123", 1200.5, True, "文 字"], [dt.date(2025, 3, 1), 0.5, Fault("#N/A"), 15e6]]
    for suffix in ("xlsx", "xls", "ods", "fods"):
        (converted,) = soffice.convert([path], tmp_path / suffix, suffix)
        source = read_source(converted)
        grid = source.grids[0]
        assert source.problems == [], suffix
        assert [line + [""] * (4 - len(line)) for line in grid.rows] == expected, suffix
        assert (grid.merges, grid.hidden_rows) == ((Area(0, 0, 0, 3),), {1}), suffix
        assert grid.looks == {(2, 1): PER_CENT, (2, 3): Look(after="万元", scale=10000.0)}, suffix


def test_libreoffice_reads_what_nobody_else_can_and_says_so(soffice, tmp_path, monkeypatch):
    def broken(*_: object) -> None:
        raise Refusal(damaged("读不出"))
    (tmp_path / "given").mkdir()
    usual(tmp_path / "given" / "县.xlsx", 1)
    (path,) = soffice.convert([tmp_path / "given" / "县.xlsx"], tmp_path, "xls")
    monkeypatch.setattr(biff, "read", broken)
    source = read_source(path)
    assert source.reader == "libreoffice" and source.grids[0].rows == [["示例0公司", 0.0, 0.0]]
    assert "由LibreOffice读出" in only_problem(source)
    monkeypatch.setenv("PATH", "")
    assert "读不出" in only_problem(read_source(path))
