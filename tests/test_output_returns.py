"""What is sent back: a folder of marked copies, safe names, nothing overwritten."""
from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest
from test_output_marking import FILE, RED, county, fill, listed, opened, parts, problem

from xltool.intake import office
from xltool.intake.grid import PER_CENT, Area, Fault, Grid, Look
from xltool.output import returns
from xltool.output.returns import (
    CONVERTED,
    LIST,
    MARKED,
    RECORD,
    VALUES,
    Earlier,
    Submission,
    clear_earlier,
    write_returns,
)
from xltool.rules.problems import Problem, Where


def test_returns_have_safe_and_unique_names_and_originals_stay(tmp_path):
    data = county()
    for folder in ("甲", "乙"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "清单.xlsx").write_bytes(data)
    submissions = [Submission(tmp_path / "甲" / "清单.xlsx", [problem("C5")]), Submission(tmp_path / "乙" / "清单.xlsx", [problem("C5")]),
                   Submission(data, [problem("C5")], name="../../a:b\x00.xlsx"), Submission(data, [], name="没有问题.xlsx")]
    written = write_returns(tmp_path / "退回", submissions)
    assert [item.path.name for item in written] == ["清单（退回）.xlsx", "清单（退回）-2.xlsx", "a_b（退回）.xlsx"]
    assert {item.how for item in written} == {MARKED}
    assert sorted(path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.xlsx")) == sorted(["甲", "乙"] + ["退回"] * 3)
    assert all((tmp_path / folder / "清单.xlsx").read_bytes() == data for folder in ("甲", "乙"))


def test_equal_names_are_told_apart_by_their_folder_or_their_kind(tmp_path):
    data = county()
    names = ("东台/汇总表.xlsx", "大丰/汇总表.xlsx", "清单.xlsx", "清单.xlsm")
    written = write_returns(tmp_path, [Submission(data, [problem("C5")], name=name) for name in names])
    assert [item.path.stem for item in written] == ["东台_汇总表（退回）", "大丰_汇总表（退回）", "清单.xlsx（退回）", "清单.xlsm（退回）"]


def test_only_unchanged_copies_of_the_last_run_are_cleared(tmp_path):
    def run(*names: str):
        written = write_returns(tmp_path, [Submission(county(), [problem("C5")], name=name) for name in names])
        return clear_earlier(tmp_path, written)
    assert run("甲.xlsx", "乙.xlsx", "丙.xlsx") == Earlier((), ())
    (tmp_path / "乙（退回）.xlsx").write_bytes(b"changed")
    (tmp_path / "笔记.txt").write_bytes(b"mine")
    assert run("甲.xlsx") == Earlier(("丙（退回）.xlsx",), ("乙（退回）.xlsx",))
    assert {path.name for path in tmp_path.iterdir()} == {"甲（退回）.xlsx", "乙（退回）.xlsx", "笔记.txt", RECORD}
    (tmp_path / RECORD).write_text("broken")
    assert run() == Earlier((), ("乙（退回）.xlsx", "甲（退回）.xlsx"))


@pytest.mark.parametrize("name", ["../甲.txt", "/etc/hostname", "下面/甲.txt"])
def test_a_forged_record_removes_nothing_outside_the_folder(tmp_path, name):
    folder = tmp_path / "退回"
    (folder / "下面").mkdir(parents=True)
    for path in (tmp_path / "甲.txt", folder / "下面" / "甲.txt"):
        path.write_bytes(b"x")
    (folder / RECORD).write_text(json.dumps({name: hashlib.sha256(b"x").hexdigest()}))
    assert clear_earlier(folder, []) == Earlier((), ()) and (tmp_path / "甲.txt").exists() and (folder / "下面" / "甲.txt").exists()


def test_no_original_is_overwritten_in_its_own_folder(tmp_path):
    data = county()
    for name in ("清单.xlsx", "清单（退回）.xlsx"):
        (tmp_path / name).write_bytes(data)
    written = write_returns(tmp_path, [Submission(tmp_path / name, [problem("C5")]) for name in ("清单.xlsx", "清单（退回）.xlsx")])
    assert [item.path.name for item in written] == ["清单（退回）-2.xlsx", "清单（退回）（退回）.xlsx"]
    assert (tmp_path / "清单（退回）.xlsx").read_bytes() == data


def test_an_old_xls_comes_back_as_xlsx(soffice, tmp_path):
    (tmp_path / "in.xlsx").write_bytes(county())
    soffice.run("--convert-to", "xls", "--outdir", str(tmp_path), str(tmp_path / "in.xlsx"))
    broken = Submission(b"\xd0\xcf\x11\xe0" + b"W\0o\0r\0k\0b\0o\0o\0k\0" * 50, [problem("C5")], name="坏的.xls")
    written = write_returns(tmp_path / "退回", [Submission(tmp_path / "in.xls", [problem("E6")]), broken])
    assert [(item.path.name, item.how) for item in written] == [("in（退回）.xlsx", CONVERTED), ("坏的（退回）.xlsx", LIST)]
    book = opened(written[0].path.read_bytes())
    assert fill(book["清单"]["E4"]) == RED and book["清单"]["D5"].value == "=C5*10%" and "LibreOffice" in book.worksheets[0]["A3"].value


GRID = Grid("清单", [["单位", "金额", "日期", "占比"],
                   ["=1+1", "约2000万", dt.date(2025, 3, 1), 0.5],
                   ["甲", 1500.25, dt.date(1890, 1, 1), Fault("#N/A")],
                   ["乙", 320102199001011328, True, dt.timedelta(hours=30)]], merges=(Area(1, 0, 2, 0),), looks={(1, 3): PER_CENT})


def test_without_libreoffice_the_values_are_sent_back(tmp_path, monkeypatch):
    monkeypatch.setattr(office, "program", lambda: None)
    submission = Submission(b"\xd0\xcf\x11\xe0" + b"W\0o\0r\0k\0b\0o\0o\0k\0" * 50, [problem("B2"), problem("A3")], name="清单.xls", grids=[GRID])
    (written,) = write_returns(tmp_path, [submission])
    book = opened(written.path.read_bytes())
    sheet = book["清单"]
    assert (written.path.name, written.how) == ("清单（退回）.xlsx", VALUES) and "没有保留格式" in book.worksheets[0]["A3"].value
    assert [cell.value for cell in sheet[2]] == ["=1+1", "约2000万", dt.datetime(2025, 3, 1), 0.5]
    assert "<f>" not in str(parts(written.path.read_bytes()))
    assert [cell.value for cell in sheet[3]][1:] == [1500.25, "1890-01-01", "#N/A"] and sheet["D2"].number_format == "0.00%"
    assert sheet["B4"].value == "320102199001011328" and fill(sheet["B2"]) == fill(sheet["A2"]) == RED and sheet["A2"].comment


def test_a_number_without_its_format_comes_back_as_it_was_shown(tmp_path):
    grid = Grid("清单", [["金额", "占比"], [15e6, 0.5], [15e6, 5.0]],
                looks={(1, 0): Look(after="万元", scale=1e4), (1, 1): PER_CENT, (2, 0): Look(scale=1e4), (2, 1): Look(after="元")})
    (written,) = write_returns(tmp_path, [Submission(b"x", [problem("B2")], name="清单.csv", grids=[grid])])
    assert [[cell.value for cell in row] for row in opened(written.path.read_bytes())["清单"]["A2:B3"]] == [["1500万元", 0.5], [15e6, "5元"]]


def test_a_text_file_comes_back_with_the_cells_that_were_read(tmp_path):
    (written,) = write_returns(tmp_path, [Submission("单位,金额\n甲,约2000万\n".encode("gb18030"), [problem("B2")], name="清单.csv", grids=[GRID])])
    assert written.how == VALUES and fill(opened(written.path.read_bytes())["清单"]["B2"]) == RED


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", county()[:4000]])
def test_a_file_nobody_can_read_is_answered_with_the_list(tmp_path, monkeypatch, data):
    monkeypatch.setattr(returns.office, "to_xlsx", lambda files: pytest.fail("nothing to convert") if files else {})
    (written,) = write_returns(tmp_path, [Submission(data, [Problem("file.unreadable", "x", "打不开", "请重发", Where(FILE))], name=FILE)])
    assert written.how == LIST and listed(written.path.read_bytes()) == [[1, "（整个文件）", None, "x", "打不开", "请重发"]]


def test_a_decrypted_copy_says_that_it_has_no_password(tmp_path):
    (written,) = write_returns(tmp_path, [Submission(county(), [problem("C5")], name=FILE, decrypted=True)])
    assert "没有密码" in opened(written.path.read_bytes()).worksheets[0]["A3"].value


def test_a_return_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("disk full")
    monkeypatch.setattr("xltool.output.files.os.replace", fail)
    with pytest.raises(OSError):
        write_returns(tmp_path, [Submission(county(), [problem("C5")], name=FILE)])
    assert list(tmp_path.iterdir()) == []
