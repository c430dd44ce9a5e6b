"""Sheets and letters printed by a real LibreOffice: every page where it belongs, fonts embedded, the same bytes each time."""
from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

import pytest
import xlsxwriter
from fake_soffice import fake_soffice, runs
from pypdf import PdfReader, PdfWriter
from test_intake_office import posix
from test_output_form_pages import filled

from xltool.guideline.bundle import bundled, edition
from xltool.intake import office
from xltool.output.papers.forms import PrintedForm
from xltool.output.pdf import Converter, Part, converter, merge
from xltool.output.template import Template
from xltool.rules.problems import Problem, ProblemsError

CREATED = dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture(scope="module")
def printing(soffice) -> Iterator[Converter]:
    with Converter(CREATED) as found:
        yield found


def text(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def texts(results: Sequence[bytes | Problem]) -> list[str]:
    """What the PDFs show, without spaces; a problem's code, file and finding."""
    return [f"{each.code} {each.where.file} {each.found}" if isinstance(each, Problem) else "".join(text(each).split()) for each in results]


def book(items: Sequence[tuple[str, dict]]) -> bytes:
    """A sheet per (name, what is special about it): text, many rows, a hidden sheet, a footer."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        workbook.add_worksheet("封面").write("A1", "封面")
        for name, data in items:
            sheet = workbook.add_worksheet(name)
            sheet.set_paper(9)
            for row in range(data.get("rows", 1)):
                sheet.write(row, 0, data.get("text", ""))
            sheet.set_footer(data.get("footer", ""))
            if data.get("hidden"):
                sheet.hide()
    return stream.getvalue()


def letter(words: str) -> bytes:
    """The smallest .docx there is."""
    stream = io.BytesIO()
    main = "http://schemas.openxmlformats.org/"
    body = f"<w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body>"
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{main}package/2006/content-types"><Default Extension="rels" ContentType="application/'
                         'vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/'
                         'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>')
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{main}package/2006/relationships"><Relationship Id="rId1" Type="{main}officeDocument/'
                         '2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>')
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{main}wordprocessingml/2006/main">{body}</w:document>')
    return stream.getvalue()


# --- sheets ---

@pytest.fixture(scope="module")
def forms() -> tuple[Template, list[tuple[str, dict[str, object]]]]:
    """Three workbooks of the performance form, the last one not full."""
    each = cycle(edition("2026").forms.items())
    items = [(f"{number:03d} {name.split('/')[1]}", PrintedForm(form).context(filled(form)))
             for number, (name, form) in enumerate(islice(each, 2 * converter.SHEETS + 3), 1)]
    return Template.load(bundled("templates") / "performance-form.xlsx"), items


@pytest.fixture(scope="module")
def printed(printing, forms) -> list[bytes]:
    template, items = forms
    return list(printing.sheets(items, template.book))


def test_each_form_is_a_pdf_of_its_own(forms, printed):
    assert len(printed) == len(forms[1])
    for (name, context), pdf, shown in zip(forms[1], printed, texts(printed)):
        reader = PdfReader(io.BytesIO(pdf))
        assert len(reader.pages) == 1 and reader.metadata.title == name
        assert context["number"] in shown and "".join(str(context["title"]).split()) in shown, name
        assert [round(float(each)) for each in reader.pages[0].mediabox[2:]] == [595, 842]


def test_every_font_is_embedded_and_only_those_that_are_used(printed):
    for pdf in printed:
        fonts = [font.get_object() for font in PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()]
        assert fonts and all({"/FontFile", "/FontFile2", "/FontFile3"} & font["/FontDescriptor"].keys() for font in fonts)


def test_the_same_forms_give_the_same_bytes_in_another_run_with_other_jobs(soffice, forms, printed, monkeypatch):
    monkeypatch.setattr(converter, "BOOKS", 1)
    template, items = forms
    with Converter(CREATED, jobs=2) as another:
        again = list(another.sheets(items, template.book))
    assert again == printed
    parts = [[Part(name, pdf) for (name, _), pdf in zip(items, pdfs)] for pdfs in (printed, again)]
    assert merge(parts[0], "申报表", CREATED) == merge(parts[1], "申报表", CREATED)


def test_a_pdf_knows_no_moment_but_the_one_it_is_given(printed):
    reader = PdfReader(io.BytesIO(printed[0]))
    assert reader.metadata.creation_date == reader.metadata.modification_date == CREATED and "/ID" not in reader.trailer


def test_a_bound_book_holds_each_font_of_a_workbook_once(forms, printed):
    bound = merge([Part(name, pdf) for (name, _), pdf in zip(forms[1], printed)], "申报表", CREATED)
    assert len(bound) < sum(map(len, printed)) / 3
    assert f"—{len(printed)}—" in "".join(PdfReader(io.BytesIO(bound)).pages[-1].extract_text().split())


def test_a_sheet_of_several_pages_keeps_them_and_other_sheets_are_left_out(printing):
    results = list(printing.sheets([("一", {"text": "甲"}), ("二", {"text": "乙", "rows": 80}), ("三", {"text": "丙"})], book))
    assert [len(PdfReader(io.BytesIO(pdf)).pages) for pdf in results] == [1, 2, 1]
    assert texts(results) == ["甲", "乙" * 80, "丙"]


def test_names_that_excel_does_not_take_are_no_hindrance(printing):
    results = list(printing.sheets([("甲/乙:[公司]" * 9, {"text": "1"}), ("甲/乙:[公司]" * 9, {"text": "2"}), ("'", {"text": "3"})], book))
    assert texts(results) == ["1", "2", "3"]


def test_a_sheet_that_prints_nothing_is_a_problem_and_the_others_are_printed(printing):
    items = [("一", {"text": "甲"}), ("空", {}), ("藏", {"text": "乙", "hidden": True}), ("四", {"text": "丙"})]
    empty = "没有印出任何一页"
    assert texts(list(printing.sheets(items, book))) == ["甲", f"office.pages 空.xlsx {empty}", f"office.pages 藏.xlsx {empty}", "丙"]


def test_pages_are_counted_as_in_a_file_of_its_own(printing):
    def alone(items: Sequence[tuple[str, dict]]) -> bytes:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
            for name, data in items:
                sheet = workbook.add_worksheet(name)
                sheet.write("A1", data)
                sheet.set_footer("&C第&P页共&N页 Q&&P")
        return stream.getvalue()
    assert texts(list(printing.sheets([("一", "甲"), ("二", "乙")], alone))) == ["第1页共1页Q&P甲", "第1页共1页Q&P乙"]


# --- files ---

def test_workbooks_and_letters_are_printed_side_by_side(printing, tmp_path):
    files = [("汇总.xlsx", book([("一", {"text": "甲"})])), ("通知.docx", letter("关于下达项目的通知")), ("函.DOCX", letter("函"))]
    results = list(printing.files(files))
    assert texts(results) == ["封面甲", "关于下达项目的通知", "函"]
    assert [PdfReader(io.BytesIO(pdf)).metadata.title for pdf in results] == ["汇总", "通知", "函"]
    assert results == list(printing.files(files))


def test_a_broken_letter_is_a_problem_that_names_it(printing):
    results = list(printing.files([("好.docx", letter("好")), ("公司/坏.docx", letter("坏")[:300]), ("也好.docx", letter("也好"))]))
    assert texts(results) == ["好", "office.failed 公司/坏.docx 坏.docx", "也好"]


def test_a_summary_table_stays_landscape(printing):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as workbook:
        sheet = workbook.add_worksheet()
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.write("A1", "汇总表")
    (pdf,) = printing.files([("汇总表.xlsx", stream.getvalue())])
    assert [round(float(each)) for each in PdfReader(io.BytesIO(pdf)).pages[0].mediabox[2:]] == [842, 595]


# --- with a LibreOffice that does wrong ---

@posix
def test_a_wrong_number_of_pages_is_noticed_and_the_sheets_are_printed_singly(monkeypatch, tmp_path):
    for name, bookmark in (("many", "一"), ("one", "二")):  # one page for two sheets, and the same page for any sheet alone
        writer = PdfWriter()
        writer.add_blank_page(100, 100)
        writer.add_outline_item(title=bookmark, page_number=0)
        writer.write(tmp_path / name)
    answer = '(Path(__file__).parent / ("many" if b"sheet3.xml" in data else "one")).read_bytes()'
    monkeypatch.setenv(office.SETTING, str(fake_soffice(tmp_path, answer)))
    with Converter(CREATED) as fake:
        results = list(fake.sheets([("一", {"text": "甲"}), ("二", {"text": "乙"})], book))
    assert isinstance(results[1], bytes) and results[0].code == "office.pages" and results[0].found == "书签和工作表不一致"
    assert sorted(len(run["files"]) for run in runs(tmp_path)) == [1, 2]


@posix
def test_what_goes_into_a_run_does_not_depend_on_the_jobs(monkeypatch, tmp_path):
    found = []
    for jobs in (1, 3):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        writer = PdfWriter()
        writer.add_blank_page(100, 100)
        writer.write(folder / "one")
        monkeypatch.setenv(office.SETTING, str(fake_soffice(folder, '(Path(__file__).parent / "one").read_bytes()')))
        with Converter(CREATED, jobs=jobs) as fake:
            assert all(isinstance(each, bytes) for each in fake.files((f"{number}.docx", letter(f"no. {number};")) for number in range(120)))
        found.append(sorted(re.findall(r"no\. (\d+);", "".join(run["files"])) for run in runs(folder)))
    assert found[0] == found[1] and sorted(map(len, found[0])) == [20, 50, 50]


@posix
def test_files_are_asked_for_only_as_they_are_needed(monkeypatch, tmp_path):
    monkeypatch.setenv(office.SETTING, str(fake_soffice(tmp_path)))
    asked = []
    with Converter(CREATED) as fake:
        results = fake.files((f"{number}.docx", asked.append(number) or letter("lose")) for number in range(1000))
        assert next(results).code == "office.failed"
    assert len(asked) <= 3 * converter.FILES


@posix
def test_a_kind_of_file_whose_part_of_libreoffice_is_missing_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(office.SETTING, str(fake_soffice(tmp_path)))
    monkeypatch.setattr(office, "_has", lambda soffice, component: component != "writer")
    with Converter(CREATED) as fake, pytest.raises(ProblemsError, match="Writer"):
        list(fake.files([("函.docx", letter("函"))]))
