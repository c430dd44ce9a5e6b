"""--pdf: what a batch writes can be printed as it is, one by one, bound, or packed; a project that cannot be printed is said."""
from __future__ import annotations

import datetime as dt
import json
import os
import random
import re
import signal
import subprocess
import time
import zipfile
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from test_output_batch import GOOD, MODEL, files, write_list
from test_output_papers import word
from test_output_resume import EPOCH, command, contents

from xltool.guideline.bundle import bundled, edition
from xltool.output.batch import run as run_module
from xltool.output.batch.delivery import MANIFEST
from xltool.output.batch.run import BOOK, REPORT, ZIP, Order, run_batch
from xltool.output.pdf import Converter
from xltool.rules.problems import Problem, ProblemsError

pytestmark = pytest.mark.usefixtures("soffice")
OTHER = [GOOD[0], "东台市", GOOD[2], "第三个项目", "示例三公司", *GOOD[5:]]


def made(tmp_path, edition, **options):
    return run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL, OTHER), edition, tmp_path / "结果", Order("盐城市", pdf=True, **options))


def text(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_every_form_and_table_has_its_own_pdf(tmp_path, edition_2026):
    found = contents(made(tmp_path, edition_2026).out)
    papers = [name for name in found if name.startswith(("绩效目标申报表/", "汇总表/")) and name.endswith(".xlsx")]
    assert len(papers) == 5
    for name in papers:
        pdf = found[name.removesuffix(".xlsx") + ".pdf"]
        title = load_workbook(BytesIO(found[name])).active["A2"].value
        assert title.replace(" ", "") in text(pdf).replace("\n", "").replace(" ", "")
        assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in PdfReader(BytesIO(pdf)).pages} <= {(595, 842), (842, 595)}


def test_a_run_printed_by_one_libreoffice_is_not_gone_on_with_by_another(tmp_path, edition_2026, monkeypatch):
    out = made(tmp_path, edition_2026).out
    about = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    assert about["libreoffice"].startswith("LibreOffice ")
    monkeypatch.setattr(run_module, "version", lambda: "LibreOffice 99")
    assert made(tmp_path, edition_2026, resume=True).resumed == 0


def test_a_book_is_bound_with_a_bookmark_per_project_under_its_county_and_page_numbers(tmp_path, edition_2026):
    out = made(tmp_path, edition_2026, forms=BOOK).out
    booklet = PdfReader(out / "绩效目标申报表.pdf")
    assert not (out / "绩效目标申报表").exists()
    titles = [[each.title for each in part] if isinstance(part, list) else part.title for part in booklet.outline]
    assert titles == ["东台市", ["001 示例一公司", "003 示例三公司"], "建湖县", ["002 示例二公司"]]
    assert [f"— {number} —" in page.extract_text() for number, page in enumerate(booklet.pages, 1)] == [True] * 3
    assert "第三个项目" in booklet.pages[1].extract_text()


def test_letters_are_bound_too_and_keep_their_own_page_numbers(tmp_path):
    sample = bundled("workbooks") / "samples" / "盐城市2023年项目清单.xlsx"
    rows = load_workbook(sample)
    rows.active.delete_rows(8, rows.active.max_row)
    rows.save(tmp_path / "清单.xlsx")
    out = run_batch(tmp_path / "清单.xlsx", edition("2023"), tmp_path / "结果", Order(forms=BOOK, pdf=True, letters=("附件3", "附件5"))).out
    pledges, books = PdfReader(out / "信用承诺书.pdf"), PdfReader(out / "任务书.pdf")
    count = len(list((out / "任务书").rglob("*.docx")))
    assert count > 1 and len(pledges.pages) == count
    assert f"— {count} —" in pledges.pages[count - 1].extract_text()
    own = [re.findall(r"— ?(\d+) ?—", page.extract_text()) for page in books.pages]
    assert own.count(["1"]) == count and max(map(len, own)) == 1


def test_packages_hold_the_pdfs_and_link_them(tmp_path, edition_2026):
    out = made(tmp_path, edition_2026, forms=ZIP).out
    with zipfile.ZipFile(out / "资料包" / "按方向" / "重点产业技术创新.zip") as archive:
        names = set(archive.namelist())
        index = load_workbook(BytesIO(archive.read("索引.xlsx"))).active
    assert {name.removesuffix(".xlsx") + ".pdf" for name in names if name.endswith(".xlsx")} - {"索引.pdf"} <= names
    assert [cell.value for cell in index[3]][-2:] == ["绩效目标申报表", "绩效目标申报表 PDF"]
    assert index.cell(4, 8).hyperlink.target.endswith(".pdf")


def test_a_template_filled_once_for_all_projects_is_printed_too(tmp_path, edition_2026):
    template = word(tmp_path / "名册.docx", "{% for p in 项目清单 %}{{ p.单位名称 }}；{% endfor %}")
    out = made(tmp_path, edition_2026, templates=(template,)).out
    assert "示例一公司；示例二公司；示例三公司；" in text((out / "名册.pdf").read_bytes()).replace("\n", "")


def test_what_cannot_be_printed_is_a_problem_of_its_project_and_the_rest_is_printed(tmp_path, edition_2026, monkeypatch):
    sheets = Converter.sheets

    def one_fails(self, items, make):
        for number, result in enumerate(sheets(self, items, make)):
            yield Problem("office.failed", "坏了", "印不出来") if number == 1 else result
    monkeypatch.setattr(Converter, "sheets", one_fails)
    batch = made(tmp_path, edition_2026, forms=BOOK)
    assert [any(problem.code == "office.failed" for problem in item.problems) for item in batch.report.checked] == [False, True, False]
    assert len(PdfReader(batch.out / "绩效目标申报表.pdf").pages) == 2
    rows = load_workbook(batch.out / REPORT)["问题"].iter_rows(min_row=2, values_only=True)
    assert any("印不出来" in str(cell) for row in rows for cell in row)


def test_without_libreoffice_it_is_said_before_anything_is_written(tmp_path, edition_2026, monkeypatch):
    from xltool.intake import office
    monkeypatch.setattr(office, "program", lambda: None)
    with pytest.raises(ProblemsError, match="LibreOffice"):
        made(tmp_path, edition_2026)
    assert not files(tmp_path / "结果")


@pytest.mark.parametrize("options", [("--pdf",), ("--pdf", "--book"), ("--pdf", "--zip", "--jobs", "2")], ids=["files", "book", "zip"])
def test_a_run_killed_while_it_prints_is_completed_to_the_same_bytes(tmp_path, options):
    rows = [[*GOOD[:3], f"项目{number}", f"示例{number}公司", *GOOD[5:9], dt.date(2025, 2, 1 + number % 20), *GOOD[10:]] for number in range(45)]
    project_list = write_list(tmp_path / "清单.xlsx", *rows, MODEL)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    started = time.monotonic()
    subprocess.run(command(project_list, tmp_path / "没有中断", *options), env=environment, check=True, capture_output=True)
    whole, wanted = time.monotonic() - started, contents(tmp_path / "没有中断")
    chance = random.Random(7)
    for number in range(4):
        out = tmp_path / f"中断{number}"
        with subprocess.Popen(command(project_list, out, *options), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=True) as process:
            time.sleep(whole * chance.uniform(0.3, 1.0))
            os.killpg(process.pid, signal.SIGKILL)
        done = subprocess.run(command(project_list, out, *options, "--resume"), env=environment, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        assert contents(out) == wanted
