"""The estimator's native formulas say what the engine says: LibreOffice computes the workbooks from nothing, and every cell is compared.

The workbooks are made with facts typed in and the engine's answers as cached values. Those are taken out before LibreOffice opens
them, so what it finds is its own. Facts are drawn as in test_rules_agreement: around every constant of the rules, missing now and then.
"""
from __future__ import annotations

import io
import random
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from test_rules_agreement import Facts, read

from xltool.guideline.bundle import edition, edition_ids
from xltool.hosts.estimator import Given, Project, estimator_workbook
from xltool.hosts.estimator.projects import FIRST_ROW, ROWS
from xltool.output.submission import chosen_programmes
from xltool.rules.assess import Assessment, assess
from xltool.rules.match import Matcher
from xltool.rules.model import Edition, Programme

CASES = 10_000  # of each edition
Cell = object
Sheets = dict[str, list[list[Cell]]]


def without_values(data: bytes) -> bytes:
    """The workbook without what its formulas have given."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for part in source.namelist():
            content = source.read(part)
            if part.startswith("xl/worksheets/sheet"):
                content = re.sub(rb' t="str"(?=><f>)', b"", content)
                content = re.sub(rb"</f><v>[^<]*</v>", b"</f>", content)
            target.writestr(part, content)
    return out.getvalue()


def read_rows(path: Path) -> Sheets:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def alike(one: Cell, other: Cell) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)) and type(one) is not bool:
        return f"{one:.14g}" == f"{other:.14g}"
    return one == other


def same_cells(ours: Path, theirs: Path) -> Sheets:
    """What LibreOffice has found; every cell must be like ours."""
    with zipfile.ZipFile(theirs) as archive:  # the reader below shows an error as an empty cell
        errors = [found for part in archive.namelist() if part.startswith("xl/worksheets/sheet")
                  for found in re.findall(rb'<c r="(\w+)"[^>]* t="e"', archive.read(part))]
    assert not errors, f"errors in {theirs.name}: {errors[:10]}"
    expected, found = read_rows(ours), read_rows(theirs)
    assert expected.keys() == found.keys()
    wrong = []
    for name, rows in expected.items():
        for number, (row, other) in enumerate(zip_longest(rows, found[name], fillvalue=[])):
            if row != other:
                wrong += [(name, number, column, *pair) for column, pair in enumerate(zip_longest(row, other, fillvalue="")) if not alike(*pair)]
    assert not wrong, f"{len(wrong)} cells differ: {wrong[:10]}"
    return found


def recalculate(soffice, folder: Path, books: dict[str, bytes]) -> Iterator[tuple[Path, Path]]:
    """Each workbook as made, and as LibreOffice computes it."""
    (folder / "made").mkdir()
    (folder / "bare").mkdir()
    for name, data in books.items():
        (folder / "made" / f"{name}.xlsx").write_bytes(data)
        (folder / "bare" / f"{name}.xlsx").write_bytes(without_values(data))
    results = soffice.convert([folder / "bare" / f"{name}.xlsx" for name in books], folder / "out", timeout=300)
    for name, result in zip(books, results):
        yield folder / "made" / f"{name}.xlsx", result


def project(programme: Programme, facts: Facts, number: int = 0) -> Project:
    return Project(programme.id, f"项目{number}", read(facts.project(), programme))


def said(answer: Assessment) -> list[Cell]:
    """What a row of the list must show: verdict, ceiling, subsidy, first payment; nothing where the engine has no amount."""
    return [answer.verdict, *("" if amount is None else amount for amount in (answer.ceiling, answer.subsidy, answer.first_payment))]


@pytest.mark.parametrize("name", edition_ids())
def test_the_list_says_what_the_engine_says_in_ten_thousand_random_cases(name, soffice, tmp_path):
    chosen = edition(name)
    programmes = [each for each in chosen_programmes(chosen) if each.fields]
    share = CASES // len(programmes) + 1
    books, typed = {}, {}
    for programme in programmes:
        facts = Facts(programme, random.Random(f"estimator {programme.id}"))
        typed[programme.id] = [project(programme, facts) for _ in range(share)]
        books[programme.id] = estimator_workbook(replace(chosen, programmes={programme.id: programme}), Given(projects=typed[programme.id]))
    seen: Counter[object] = Counter()
    for (made, result), programme in zip(recalculate(soffice, tmp_path, books), programmes):
        rows = same_cells(made, result)["清单"][FIRST_ROW:]
        assert len(rows) == share
        for row, given in zip(rows, typed[programme.id]):
            expected = said(assess(programme, given.facts))
            assert all(map(alike, row[3:7], expected)), (programme.id, given.facts, row[3:7], expected)
            seen.update([row[3], "no amount" if programme.ceiling and row[4] == "" else "amount"])
    assert sum(seen[verdict] for verdict in ("符合", "不符合", "待核实")) >= CASES
    assert min(seen[verdict] for verdict in ("符合", "不符合", "待核实")) > 100
    assert seen["no amount"] > 100 or name == "2024Q4"  # whose programmes state no amounts


def enterprise(chosen: Edition, seed: str) -> Given:
    """Random facts of an enterprise, some stated for one programme alone, and a list of projects of all programmes."""
    rng, stated, projects = random.Random(seed), {}, []
    for number, programme in enumerate(chosen_programmes(chosen)):
        facts = Facts(programme, rng)
        if programme.fields and number % 5:
            for fact, value in read(facts.project(), programme).items():
                if rng.random() < 0.7:
                    stated[fact] = value
                if rng.random() < 0.3:
                    stated[programme.own_name(fact)] = value
        projects.append(project(programme, facts, number))
    return Given(stated, projects)


@pytest.mark.parametrize("name", edition_ids())
def test_every_cell_of_the_workbook_is_what_libreoffice_computes(name, soffice, tmp_path):
    chosen = edition(name)
    given = enterprise(chosen, name)
    books = {"空白": estimator_workbook(chosen), "填好": estimator_workbook(chosen, given)}
    for made, result in recalculate(soffice, tmp_path, books):
        sheets = same_cells(made, result)
        assert sum(cell != "" for rows in sheets.values() for row in rows for cell in row) > 4000
    # the last is the one with facts: pages, comparison and list against the engine itself
    matched = Matcher(chosen).match(given.enterprise).candidates
    assert {True, False} == {candidate.touched for candidate in matched}
    compared = sheets["对比"][8:]
    found = {row[1]: row for row in compared}
    for candidate in matched:
        # Where nothing tells of a programme the matcher asks nothing; the page answers with what holds for several programmes.
        programme, row = candidate.answer.programme, found[candidate.id]
        answer = candidate.answer if candidate.touched else assess(programme, given.facts(programme))
        assert all(map(alike, row[3:7], said(answer))), (candidate.id, row)
        broken = [(not each.hard, f"{each.number} {each.text}" + ("；" if each.hard else "（提示）；"))
                  for each, met in zip(answer.programme.conditions, answer.statuses) if met is False]
        assert row[7] == "".join(text for _, text in sorted(broken, key=lambda pair: pair[0]))
    told = {candidate.id: candidate.touched for candidate in matched}
    order = {"符合": 0, "待核实": 1, "不符合": 2}
    keys = [(not told[row[1]], order[row[3]], -(row[5] or 0)) for row in compared]
    assert keys == sorted(keys)
    for row, typed in zip(sheets["清单"][FIRST_ROW:], given.projects):
        assert all(map(alike, row[3:7], said(assess(chosen.programmes[typed.programme], typed.facts))))
    assert len(sheets["清单"]) == FIRST_ROW + ROWS


def test_what_is_typed_wrongly_turns_red_and_never_counts(soffice, tmp_path):
    """Typed on a page, in 企业情况 and in the list."""
    chosen = edition("2026")
    programme = chosen.programmes["2026P1-1"]
    one = replace(chosen, programmes={programme.id: programme})
    path = tmp_path / "a.xlsx"
    path.write_bytes(estimator_workbook(one, Given(projects=[Project(programme.id, "甲", {"研发设备及配套软件购置额": 1500.0})])))
    book = openpyxl.load_workbook(path)
    page, shared, listed = book.worksheets[4], book["企业情况"], book["清单"]
    names = {page.cell(row, 3).value: row for row in range(13, 13 + len(programme.fields))}
    page.cell(names["研发设备及配套软件购置额"], 4).value = "约1500"
    page.cell(names["项目开始时间"], 4).value = 2025
    for row in range(4, 20):
        if shared.cell(row, 2).value == "工信领域企业":
            shared.cell(row, 3).value = "也许"
    page.cell(names["建有研发机构"], 4).value = "=NA()"
    listed.cell(FIRST_ROW + 1, 13).value = -5
    chosen_as = (" 2026P1-1 ", programme.title, "*", "2026P?-1", "没有的项目", programme.id, programme.id)
    for row, text in enumerate(chosen_as, FIRST_ROW + 2):
        listed.cell(row, 2).value = text
        listed.cell(row, 13).value = 15_000_000 if row == FIRST_ROW + 7 else "=NA()" if row == FIRST_ROW + 8 else 1500
    book.save(path)
    book = openpyxl.load_workbook(soffice.convert([path], tmp_path / "out")[0], data_only=True)
    page, listed, compared = book.worksheets[4], book["清单"], book["对比"]
    states = {name: page.cell(row, 7).value for name, row in names.items()}
    wrong = {"研发设备及配套软件购置额", "项目开始时间", "工信领域企业", "建有研发机构"}
    assert {name for name, state in states.items() if state == "填得不对"} == wrong
    assert "研发设备及配套软件购置额（填得不对）；" in page["C10"].value and compared["I9"].value == f"7项：{page['C10'].value}"
    assert (page["D5"].value, page["D6"].value or "") == ("待核实", "")
    assert [listed.cell(FIRST_ROW + 1, column).value or "" for column in (4, 5, 10)] == ["待核实", "", "研发设备及配套软件购置额；"]
    rows = [[listed.cell(row, column).value or "" for column in (4, 5, 10)] for row in range(FIRST_ROW + 2, FIRST_ROW + 9)]
    unknown = ["没有这个项目", "", ""]
    assert rows == [["待核实", 150, ""], ["待核实", 150, ""], unknown, unknown, unknown,
                    ["待核实", 200, "研发设备及配套软件购置额（请核对）；"], ["待核实", "", "研发设备及配套软件购置额；"]]


def test_what_is_hardly_meant_counts_and_is_told_on_the_page_and_beside_the_others(soffice, tmp_path):
    chosen = edition("2026")
    path = tmp_path / "a.xlsx"
    path.write_bytes(estimator_workbook(chosen, Given({"入选装备数": 2.5})))
    book = openpyxl.load_workbook(soffice.convert([path], tmp_path / "out")[0], data_only=True)
    page = next(sheet for sheet in book.worksheets if str(sheet["B1"].value).startswith("2026P1-4"))
    assert page["D6"].value == 500 and "入选装备数（请核对）；" in page["C10"].value
    assert [cell.value for cell in page["G"] if cell.value == "请核对"] == ["请核对"]
    first = [cell.value for cell in book["对比"][9]]
    assert first[1] == "2026P1-4" and "入选装备数（请核对）；" in first[8]


def test_the_drop_downs_of_the_list_hold_the_choices_of_each_fact(soffice, tmp_path):
    """LibreOffice evaluates what stands behind them."""
    chosen = edition("2026")
    path = tmp_path / "a.xlsx"
    path.write_bytes(estimator_workbook(chosen))
    book = openpyxl.load_workbook(path)
    rule = next(each for each in book["清单"].data_validations.dataValidation if "INDIRECT" in (each.formula1 or ""))
    assert re.fullmatch(r"INDIRECT\(INDEX\(list_sources,\$K4,1\)\)", rule.formula1)
    sheet, expected = book.create_sheet("检查"), []
    for at, programme in enumerate(chosen_programmes(chosen), 1):
        for place, field in enumerate(programme.fields.values(), 1):
            for number, option in enumerate(("是", "否") if field.kind == "是否" else field.choices, 1):
                expected.append(option)
                sheet.cell(len(expected), 1).value = f"=INDEX(INDIRECT(INDEX(list_sources,{at},{place})),{number})"
    book.save(path)
    found = openpyxl.load_workbook(soffice.convert([path], tmp_path / "out")[0], data_only=True)["检查"]
    assert [cell.value for (cell,) in found.iter_rows(max_col=1)] == expected and len(expected) > 100
