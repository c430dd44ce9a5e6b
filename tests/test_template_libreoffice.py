"""A real LibreOffice opens, recalculates and saves what the engine writes, and reads templates it saved itself."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.formula import ArrayFormula

from xltool.output.template import Template

FOR, ENDFOR = "{%tr for x in xs %}", "{%tr endfor %}"


@pytest.fixture
def reopened(soffice, tmp_path_factory):
    """A function from xlsx bytes to the bytes LibreOffice makes of them, every formula calculated anew."""
    def convert(data: bytes, to: str = "xlsx") -> bytes:
        folder = tmp_path_factory.mktemp("reopened")
        (folder / "in.xlsx").write_bytes(data)
        (path,) = soffice.convert([folder / "in.xlsx"], folder / "out", to)
        return path.read_bytes()

    return convert


def saved(workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def values(data: bytes, sheet: str | None = None) -> list[list[object]]:
    workbook = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    page = workbook[sheet] if sheet else workbook.worksheets[0]
    return [list(row) for row in page.iter_rows(values_only=True)]


def summary() -> openpyxl.Workbook:
    """Groups with a subtotal each, a grand total, shares, a running total, a cover sheet that reads it all."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "汇总 表"
    rows = [
        ["{{ title }}"],
        ["地区", "项目", "金额", "占比", "累计"],
        ["{%tr for g in groups %}"],
        [FOR.replace("xs", "g.xs")],
        ["{% vm %}{{ g.name }}", "{{ x.name }}", "{{ x.amount }}", "=C5/C$9", "=SUM(C$5:C5)"],
        [ENDFOR],
        ["小计", None, "=SUM(C5:C5)"],
        [ENDFOR],
        ["合计", "=COUNTA(B5:B5)", '=SUMIF(A5:A8,"小计",C5:C8)', "=SUM(D5:D5)", "=SUM(C5:C5)"],
        ["平均", None, "=IFERROR(AVERAGE(C5:C5),0)"],
    ]
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    sheet["C10"] = ArrayFormula("C10", '=SUM(IF(B5:B8<>"",C5:C8,0))')
    cover = workbook.create_sheet("封面")
    cover["A1"], cover["A2"] = "='汇总 表'!C9", "=SUM('汇总 表'!C5:C5)"
    return workbook


def test_every_formula_gives_what_it_should_after_the_rows_moved(reopened):
    groups = [
        {"name": "苏州", "xs": [{"name": "甲", "amount": 100}, {"name": "乙", "amount": 50.5}]},
        {"name": "无锡", "xs": []},
        {"name": "常州", "xs": [{"name": "=1+1", "amount": 49.5}]},
    ]
    data = reopened(Template.load(saved(summary())).render({"title": "表", "groups": groups}))
    read = values(data)
    assert read[2:8] == [
        ["苏州", "甲", 100, 0.5, 100],
        [None, "乙", 50.5, 0.2525, 150.5],
        ["小计", None, 150.5, None, None],
        ["小计", None, 0, None, None],
        ["常州", "=1+1", 49.5, 0.2475, pytest.approx(350.5)],
        ["小计", None, 49.5, None, None],
    ]
    assert read[8] == ["合计", 3, 200, 1, 200]
    assert values(data, "封面") == [[200], [200]]


def test_a_total_over_hundreds_of_groups_leaves_the_subtotals_between_them_out(reopened):
    groups = [{"name": str(n), "xs": [{"name": "x", "amount": n}] * 2} for n in range(300)]
    data = Template.load(saved(summary())).render({"title": "表", "groups": groups})
    assert values(data)[902][4] == values(reopened(data))[902][4] == sum(range(300)) * 2


def test_a_summary_of_nothing_shows_zeros_and_no_errors(reopened):
    data = reopened(Template.load(saved(summary())).render({"title": "空", "groups": []}))
    assert values(data)[2] == ["合计", 0, 0, 0, 0]
    assert values(data, "封面") == [[0], [0]]


@pytest.mark.parametrize("count", [0, 1, 300])
def test_the_total_that_is_written_is_the_one_libreoffice_computes(reopened, count):
    workbook = openpyxl.Workbook()
    for row in ([FOR], ["{{ x }}"], [ENDFOR], ["=SUM(A2:A2)"]):
        workbook.active.append(row)
    data = Template.load(saved(workbook)).render({"xs": [i * 0.01 for i in range(count)]})
    assert (
        values(reopened(data))[count][0]
        == pytest.approx(values(data)[count][0])
        == pytest.approx(sum(range(count)) * 0.01)
    )


def test_types_and_awkward_texts_survive_libreoffice(reopened):
    texts = ["=1+1", "+1", "-1", "@a", " 两边 ", "一\n二", "_x0041_", "<&>\"'", "320102199001011328", "😀"]
    workbook = openpyxl.Workbook()
    for row in ([FOR], ["{{ x }}"], [ENDFOR], ["{{ day }}", "{{ yes }}", "{{ none }}", "{{ n }}"]):
        workbook.active.append(row)
    workbook.active["A4"].number_format = "yyyy-mm-dd"
    day = dt.date(2025, 3, 1)
    data = reopened(
        Template.load(saved(workbook)).render({"xs": texts, "day": day, "yes": True, "none": None, "n": 1.5})
    )
    read = values(data)
    # openpyxl does not undo the escape that LibreOffice writes again.
    assert [row[0].replace("_x005F_", "_") for row in read[:-1]] == texts
    assert read[-1] == [dt.datetime(2025, 3, 1), True, None, 1.5]


def test_a_template_saved_by_libreoffice_works_the_same(reopened):
    source = saved(summary())
    again = reopened(source)
    context = {
        "title": "题",
        "groups": [{"name": "甲", "xs": [{"name": "n", "amount": 3}, {"name": "m", "amount": 4}]}],
    }
    direct, through = (reopened(Template.load(data).render(context)) for data in (source, again))
    assert values(direct) == values(through)
    assert values(direct, "封面") == values(through, "封面") == [[7], [7]]


def test_charts_pictures_and_comments_are_still_there_in_libreoffice(reopened):
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    for number, row in enumerate([["名称", "金额"], [FOR], ["{{ x }}", "{{ x }}"], [ENDFOR], ["合计"]]):
        sheet.write_row(number, 0, row)
    chart = workbook.add_chart({"type": "column"})
    chart.add_series({"values": "=表!$B$3:$B$3", "categories": "=表!$A$3:$A$3"})
    sheet.insert_chart("D7", chart)
    sheet.write_comment("A5", "批注")
    sheet.data_validation("A3", {"validate": "list", "source": ["1", "2"]})
    workbook.close()
    data = reopened(Template.load(stream.getvalue()).render({"xs": [1, 2, 3]}))
    read = openpyxl.load_workbook(io.BytesIO(data)).active
    assert read["A5"].comment.text.endswith("批注")
    assert str(read.data_validations.dataValidation[0].sqref) == "A2:A4"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (path,) = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        xml = archive.read(path).decode()
    assert "$B$2:$B$4" in xml and "<c:v>3</c:v>" in xml


def test_a_book_opens_with_all_its_sheets_and_sums(reopened):
    workbook = openpyxl.Workbook()
    workbook.active.title = "表"
    for row in ([FOR], ["{{ x }}"], [ENDFOR], ["=SUM(A2:A2)", "=表!A4*2"]):
        workbook.active.append(row)
    items = [(f"第{n}张", {"xs": list(range(n))}) for n in range(4)]
    data = reopened(Template.load(saved(workbook)).book(items))
    assert [values(data, name)[-1] for name, _ in items] == [[0, 0], [0, 0], [1, 2], [3, 6]]


def test_a_filled_form_prints(reopened, tmp_path: Path):
    workbook = summary()
    workbook["汇总 表"].print_area = "A1:E10"
    context = {"title": "题", "groups": [{"name": "甲", "xs": [{"name": "n", "amount": 3}] * 40}]}
    assert reopened(Template.load(saved(workbook)).render(context), "pdf").startswith(b"%PDF")
