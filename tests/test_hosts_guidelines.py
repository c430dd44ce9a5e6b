"""A guideline workbook that a book or a setting names: it leads, is read again when it changes, and is refused while it has problems."""
from __future__ import annotations

import os
import shutil
import time

import openpyxl
import pytest

from xltool.guideline.bundle import bundled, library
from xltool.guideline.read import load
from xltool.hosts.functions import call
from xltool.hosts.guidelines import NAME, Guidelines
from xltool.rules.problems import ProblemsError


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "指南 2026 试行.xlsx"
    shutil.copy(bundled("workbooks") / "guideline-2026.xlsx", path)
    return path


@pytest.fixture
def guidelines():
    return Guidelines(library(), load)


@pytest.fixture
def counting():
    """Guidelines, and the workbooks they have read."""
    reads = []
    return Guidelines(library(), lambda path: reads.append(path) or load(path)), reads


def write(path, old, new):
    """Put a formula of the sheet 项目 or 条件 in another's place; the cell where it stood."""
    book = openpyxl.load_workbook(path)
    for sheet in (book["项目"], book["条件"]):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == old:
                    cell.value = new
                    book.save(path)
                    os.utime(path, ns=(os.stat(path).st_mtime_ns + 10**9,) * 2)
                    return f"{sheet.title}!{cell.coordinate}"
    raise AssertionError(f"no {old}")


def subsidy(guidelines, path=""):
    return call(guidelines, "SUBSIDY", ["2026P1-1", 1500.0], str(path))[0][0]


def test_without_a_name_the_bundled_editions_answer(guidelines):
    assert guidelines.library() is library() and subsidy(guidelines) == 150.0


def test_a_named_workbook_leads_and_the_bundled_ones_stay(guidelines, own):
    write(own, "MIN(研发设备及配套软件购置额*10%,200)", "MIN(研发设备及配套软件购置额*20%,200)")
    assert subsidy(guidelines, own) == 200.0 and subsidy(guidelines) == 150.0
    assert call(guidelines, "SUBSIDY", ["企业研发机构创新能力提升项目", 1000.0], str(own)) == [[200.0]]
    assert call(guidelines, "SUBSIDY", ["2022P2", 3000.0], str(own)) == [[900.0]]


def test_the_setting_names_one_for_all_books_and_a_book_its_own(guidelines, own, monkeypatch):
    write(own, "MIN(研发设备及配套软件购置额*10%,200)", "MIN(研发设备及配套软件购置额*20%,200)")
    monkeypatch.setenv(NAME, f" {own} ")
    assert subsidy(guidelines) == 200.0
    assert subsidy(guidelines, bundled("workbooks") / "guideline-2026.xlsx") == 150.0


def test_a_workbook_is_read_again_when_it_changes_and_only_then(counting, own):
    guidelines, reads = counting
    for _ in range(5):
        time.sleep(0.002)
        assert subsidy(guidelines, own) == 150.0
    assert reads == [own]
    write(own, "MIN(研发设备及配套软件购置额*10%,200)", "MIN(研发设备及配套软件购置额*12%,200)")
    assert subsidy(guidelines, own) == 180.0 and len(reads) == 2


def test_a_slow_drive_is_not_asked_for_every_cell(own, monkeypatch):
    clock = iter(range(10_000)).__next__  # a look takes a second, and so does anything else
    guidelines = Guidelines(library(), load, clock)
    looks = []
    stat = os.stat

    def look(path, **given):
        if path == str(own):
            looks.append(path)
        return stat(path, **given)

    monkeypatch.setattr(os, "stat", look)
    for _ in range(100):
        assert guidelines.library(str(own)).edition("2026").file == own.name
    assert 3 <= len(looks) <= 6


def test_a_workbook_with_problems_is_refused_with_its_cell_until_it_is_mended(guidelines, own):
    good = "研发设备及配套软件购置额>=1000"
    assert subsidy(guidelines, own) == 150.0
    cell = write(own, good, "研发设备及配套软件购置额>=1000左右")
    assert subsidy(guidelines, own) == "#VALUE!"
    for args in (["2026P1-1", 1500.0], ["2026P1-1"], ["2022P2", 3000.0]):
        (words,), = call(guidelines, "WHY", args, str(own))
        assert own.name in words and cell in words and "1000左右" in words
    assert subsidy(guidelines) == 150.0  # the bundled editions answer other books as before
    write(own, "研发设备及配套软件购置额>=1000左右", good)
    assert subsidy(guidelines, own) == 150.0


def test_a_refusal_is_remembered(counting, own):
    guidelines, reads = counting
    write(own, "研发设备及配套软件购置额>=1000", "研发设备及配套软件购置额>=1000左右")
    for _ in range(3):
        time.sleep(0.002)
        assert subsidy(guidelines, own) == "#VALUE!"
    assert len(reads) == 1


@pytest.mark.parametrize("name", ["没有这个.xlsx", "文件夹.xlsx", "指南.docx"])
def test_what_cannot_be_opened_says_so(guidelines, tmp_path, name):
    (tmp_path / "文件夹.xlsx").mkdir()
    (tmp_path / "指南.docx").write_bytes(b"PK")
    path = str(tmp_path / name)
    assert subsidy(guidelines, path) == "#VALUE!"
    assert name in call(guidelines, "WHY", ["2026P1-1", 1500.0], path)[0][0]


def test_a_workbook_that_goes_away_or_is_locked_is_refused_and_comes_back(own):
    locked = []

    def read(path):
        if locked:
            raise PermissionError(13, "locked")
        return load(path)

    guidelines = Guidelines(library(), read)
    own.rename(own.with_suffix(".away"))
    with pytest.raises(ProblemsError, match=NAME):
        guidelines.library(str(own))
    own.with_suffix(".away").rename(own)
    locked.append(True)
    time.sleep(0.01)
    with pytest.raises(ProblemsError, match="没有权限"):
        guidelines.library(str(own))
    locked.clear()
    time.sleep(0.01)
    assert subsidy(guidelines, own) == 150.0


@pytest.mark.parametrize("path", [
    "\\\\evil\\x.xlsx", "//evil/x.xlsx", "smb://evil/x.xlsx", "\\/evil/x.xlsx", "/\\evil\\x.xlsx", "\\??\\UNC\\evil\\x.xlsx"])
def test_a_book_cannot_name_a_workbook_on_another_computer_but_the_setting_can(counting, path, monkeypatch):
    guidelines, reads = counting
    assert subsidy(guidelines, path) == "#VALUE!" and "别的电脑" in call(guidelines, "WHY", ["2026P1-1"], path)[0][0] and not reads
    monkeypatch.setenv(NAME, path)
    with pytest.raises(ProblemsError, match="指南工作簿打不开"):
        guidelines.library()
