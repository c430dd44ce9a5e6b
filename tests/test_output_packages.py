"""Packages: an archive per county and per direction, complete, with an index whose links open each file."""
from __future__ import annotations

import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from test_output_batch import GOOD, MODEL, write_list

from xltool.output.batch import packages as packages_module
from xltool.output.batch.run import ZIP, Batch, Order, run_batch

COUNTIES, DIRECTIONS = "资料包/按县（市、区）/", "资料包/按方向/"


def packed(tmp_path: Path, edition, *rows) -> Batch:
    return run_batch(write_list(tmp_path / "清单.xlsx", *rows), edition, tmp_path / "结果", Order("盐城市", ZIP))


def unpacked(made: Batch, path: str, folder: Path) -> Path:
    with zipfile.ZipFile(made.out / path) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def target(cell) -> str:
    """Where a link leads; files are linked as Windows writes their paths."""
    return unquote(cell.hyperlink.target).replace("\\", "/")


def links(folder: Path) -> list[list[Path]]:
    """Per data row of the index, the files its links lead to."""
    book = load_workbook(folder / "索引.xlsx")
    return [[folder / target(cell) for cell in row if cell.hyperlink] for sheet in book for row in sheet.iter_rows(min_row=4)]


def test_every_county_and_every_direction_has_an_archive(tmp_path, edition_2026):
    made = packed(tmp_path, edition_2026, GOOD, MODEL)
    found = {path for path in made.files if path.startswith("资料包/")}
    assert found == {f"{COUNTIES}东台市.zip", f"{COUNTIES}建湖县.zip", f"{DIRECTIONS}重点产业技术创新.zip", f"{DIRECTIONS}智改数转网联.zip"}
    assert not (made.out / "绩效目标申报表").exists(), "in the packages only"
    assert "资料包里的 绩效目标申报表/东台市/001" in made.report.checked[0].form


def test_the_links_of_an_index_open_the_files_of_its_archive(tmp_path, edition_2026):
    made = packed(tmp_path, edition_2026, GOOD, MODEL)
    for path in (path for path in made.files if path.startswith("资料包/")):
        folder = unpacked(made, path, tmp_path / path.replace("/", "_"))
        (row,) = links(folder)
        assert row and all(file.is_file() for file in row)
        forms = {file for file in folder.rglob("*.xlsx") if "绩效目标申报表" in file.parts}
        assert {*row} == forms


def test_a_directions_archive_holds_its_summary_table(tmp_path, edition_2026):
    made = packed(tmp_path, edition_2026, GOOD, MODEL)
    folder = unpacked(made, f"{DIRECTIONS}重点产业技术创新.zip", tmp_path / "x")
    (table,) = (folder / "汇总表").iterdir()
    assert table.read_bytes() == (made.out / "汇总表" / table.name).read_bytes()
    assert target(load_workbook(folder / "索引.xlsx").active["C2"]) == f"汇总表/{table.name}"


def test_odd_and_long_names_stay_apart_and_linked(tmp_path, edition_2026):
    odd = ["a#b%20[c]", "“引号”&<尖>", "长" * 300, "长" * 300 + "！", "A" * 300, "甲 乙'丙"]
    rows = [[*GOOD[:3], name, name, *GOOD[5:]] for name in odd]
    made = packed(tmp_path, edition_2026, *rows)
    folder = unpacked(made, f"{COUNTIES}东台市.zip", tmp_path / "x")
    found = links(folder)
    assert len(found) == len(odd) and all(file.is_file() for row in found for file in row)
    assert len({file for row in found for file in row}) == len(odd)
    texts = [[cell.value for cell in row] for row in load_workbook(folder / "索引.xlsx").active.iter_rows(min_row=4, max_col=5)]
    assert [row[2] for row in texts] == odd


def test_a_row_of_an_index_is_as_high_as_its_longest_text(tmp_path, edition_2026):
    rows = [[*GOOD[:3], name, *GOOD[4:]] for name in ("短名", "长" * 100)]
    folder = unpacked(packed(tmp_path, edition_2026, *rows), f"{COUNTIES}东台市.zip", tmp_path / "x")
    short, long = (load_workbook(folder / "索引.xlsx").active.row_dimensions[row].height for row in (4, 5))
    assert long > 5 * 10 and 10 < short < 2 * 15  # points: more than five lines of text, and one


def test_text_from_the_list_is_no_formula_in_an_index(tmp_path, edition_2026):
    made = packed(tmp_path, edition_2026, MODEL)
    cell = load_workbook(unpacked(made, f"{COUNTIES}建湖县.zip", tmp_path / "x") / "索引.xlsx").active["D4"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x")', "s")


def test_an_index_with_more_links_than_a_sheet_takes_goes_on_on_the_next(tmp_path, edition_2026, monkeypatch):
    monkeypatch.setattr(packages_module, "_MOST_LINKS", 2)
    made = packed(tmp_path, edition_2026, *[[*GOOD[:3], f"项目{number}", *GOOD[4:]] for number in range(5)])
    folder = unpacked(made, f"{COUNTIES}东台市.zip", tmp_path / "x")
    assert load_workbook(folder / "索引.xlsx").sheetnames == ["索引", "索引2", "索引3"]
    assert [len(row) for row in links(folder)] == [1] * 5


@pytest.mark.parametrize("city", ["盐城市", ""])
def test_a_project_without_a_county_is_packed_too(tmp_path, edition_2026, city):
    row = [*GOOD]
    row[1] = None
    made = run_batch(write_list(tmp_path / "清单.xlsx", row), edition_2026, tmp_path / "结果", Order(city, ZIP))
    assert len(links(unpacked(made, f"{COUNTIES}未填县区.zip", tmp_path / "x"))) == 1


def test_libreoffice_follows_the_links_of_an_index(tmp_path, edition_2026, soffice):
    made = packed(tmp_path, edition_2026, [*GOOD[:3], "甲 乙#1", "公司&一", *GOOD[5:]])
    folder = unpacked(made, f"{COUNTIES}东台市.zip", tmp_path / "x")
    (page,) = soffice.convert([folder / "索引.xlsx"], tmp_path, "html")
    (form,) = (file for file in folder.rglob("*.xlsx") if file.name != "索引.xlsx")
    assert unquote(form.relative_to(folder).as_posix()).replace("&", "&amp;") in unquote(page.read_text(encoding="utf-8"))
