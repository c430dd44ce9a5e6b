"""What points at cells by range follows the rows: validations, formats, filters, links, drawings, comments, tables."""

import io
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break

from xltool.output.template import Template, TemplateError

FOR, ENDFOR = "{%tr for x in xs %}", "{%tr endfor %}"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def sheet_with_a_loop():
    """A heading in row 1, the repeated row 3, a total in row 5."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "表"
    for number, row in enumerate([["名称", "金额"], [FOR], ["{{ x }}", 5], [ENDFOR], ["合计", "尾"]], 1):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    return workbook, sheet


def saved(workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def render(workbook, count: int) -> bytes:
    return Template.load(saved(workbook)).render({"xs": list(range(count))})


def reopened(workbook, count: int):
    return openpyxl.load_workbook(io.BytesIO(render(workbook, count))).active


def part(data: bytes, path: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(path).decode()


def test_a_validation_grows_moves_and_vanishes_with_its_rows():
    workbook, sheet = sheet_with_a_loop()
    for formula, place in (('"甲,乙"', "A3"), ("$B$5:$B$5", "B3:B5"), ('"丙"', "C9")):
        rule = DataValidation("list", formula1=formula)
        rule.add(place)
        sheet.add_data_validation(rule)
    data = render(workbook, 4)
    rules = openpyxl.load_workbook(io.BytesIO(data)).active.data_validations.dataValidation
    assert [(str(r.sqref), r.formula1) for r in rules] == [
        ("A2:A5", '"甲,乙"'),
        ("B2:B6", "$B$6:$B$6"),
        ("C10", '"丙"'),
    ]
    assert 'dataValidations count="3"' in part(data, "xl/worksheets/sheet1.xml")
    left = reopened(workbook, 0).data_validations.dataValidation
    assert [(str(r.sqref), r.formula1) for r in left] == [("B2", "$B$2:$B$2"), ("C6", '"丙"')]


def test_a_conditional_format_grows_and_its_formula_counts_from_its_first_cell():
    workbook, sheet = sheet_with_a_loop()
    fill = PatternFill("solid", bgColor="FFFF00")
    sheet.conditional_formatting.add("A3:B3", FormulaRule(["AND($B3>1,$B3<$B$5,B2<>$A$3)"], fill=fill))
    sheet.conditional_formatting.add("A5", FormulaRule(["A5>0"], fill=fill))
    formats = {str(f.sqref): f.rules[0].formula for f in reopened(workbook, 3).conditional_formatting}
    assert formats == {"A2:B4": ["AND($B2>1,$B2<$B$5,B1<>$A$2)"], "A5": ["A5>0"]}
    formats = {str(f.sqref): f.rules[0].formula for f in reopened(workbook, 0).conditional_formatting}
    assert formats == {"A2": ["A2>0"]}


def test_a_format_on_one_of_two_repeated_rows_stays_off_the_other():
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for number, value in enumerate([FOR, "{{ x }}", "注", ENDFOR], 1):
        sheet.cell(number, 1).value = value
    sheet.conditional_formatting.add("A2", FormulaRule(["A2>0"], fill=PatternFill("solid", bgColor="FFFF00")))
    assert [str(f.sqref) for f in reopened(workbook, 3).conditional_formatting] == ["A1 A3 A5"]


def test_filter_freeze_breaks_dimension_and_selection_follow():
    workbook, sheet = sheet_with_a_loop()
    sheet.auto_filter.ref = "A1:B3"
    sheet.freeze_panes = "A5"
    sheet.row_breaks.append(Break(3))
    sheet.sheet_view.selection[0].activeCell = sheet.sheet_view.selection[0].sqref = "A5"
    read = reopened(workbook, 3)
    assert (read.auto_filter.ref, read.dimensions, read.freeze_panes) == ("A1:B4", "A1:B5", "A5")
    assert (read.sheet_view.pane.ySplit, [b.id for b in read.row_breaks.brk]) == (4, [2, 3, 4])
    assert read.sheet_view.selection[0].sqref == "A5"
    empty = reopened(workbook, 0)
    assert (empty.auto_filter.ref, empty.freeze_panes, empty.sheet_view.pane.ySplit) == ("A1:B1", "A2", 1)


def test_links_follow_and_repeat_with_their_row():
    workbook, sheet = sheet_with_a_loop()
    sheet["A3"].hyperlink = "https://example.org"
    sheet["A5"].hyperlink = openpyxl.worksheet.hyperlink.Hyperlink(ref="A5", location="表!B5")
    xml = part(render(workbook, 3), "xl/worksheets/sheet1.xml")
    assert re.findall(r'<hyperlink[^>]* ref="([^"]+)"|<hyperlink ref="([^"]+)"', xml)
    assert sorted(re.findall(r'ref="(A[^"]+)"', xml[xml.index("<hyperlinks") :])) == ["A2:A4", "A5"]
    assert "表!B5" in xml


def drawn() -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    for number, row in enumerate([["名称", "金额"], [FOR], ["{{ x }}", "{{ x }}"], [ENDFOR], ["合计"]]):
        sheet.write_row(number, 0, row)
    for kind in ("column", "line"):
        chart = workbook.add_chart({"type": kind})
        chart.add_series({"name": "=表!$B$1", "categories": "=表!$A$3:$A$3", "values": "=表!$B$3:$B$3"})
        sheet.insert_chart("D7" if kind == "column" else "D1", chart)
    sheet.insert_image("A8", "点.png", {"image_data": io.BytesIO(PIXEL)})
    sheet.write_comment("A5", "批注合计")
    sheet.write_comment("B3", "批注金额")
    workbook.close()
    return stream.getvalue()


def test_drawings_keep_to_their_rows_and_charts_take_in_all_copies():
    data = Template.load(drawn()).render({"xs": [1, 2, 3, 4]})
    drawing = part(data, "xl/drawings/drawing1.xml")
    tops = [int(n) for n in re.findall(r"<xdr:from>.*?<xdr:row>(\d+)</xdr:row>", drawing)]
    assert sorted(tops) == [0, 7, 8]
    chart = part(data, "xl/charts/chart1.xml")
    assert re.findall(r"<c:f>(.*?)</c:f>", chart) == ["表!$B$1", "表!$A$2:$A$5", "表!$B$2:$B$5"]
    assert "numCache" not in chart


def test_a_chart_does_not_remember_the_text_of_tags():
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    sheet.write_column("A1", ["{{ a }}", "{{ b }}"])
    sheet.write_column("B1", ["甲", "乙"])
    chart = workbook.add_chart({"type": "column"})
    chart.add_series({"categories": "=表!$B$1:$B$2", "values": "=表!$A$1:$A$2", "name": "=表!$A$1"})
    sheet.insert_chart("D1", chart)
    workbook.close()
    chart = part(Template.load(stream.getvalue()).render({"a": 1, "b": 2}), "xl/charts/chart1.xml")
    assert "{{" not in chart and "<c:v>甲</c:v>" in chart


def test_comments_keep_to_their_cells_and_go_with_them():
    t = Template.load(drawn())
    read = openpyxl.load_workbook(io.BytesIO(t.render({"xs": [1, 2, 3, 4]}))).active
    assert (read["A6"].comment.text, read["B2"].comment.text) == ("批注合计", "批注金额")
    data = t.render({"xs": []})
    assert openpyxl.load_workbook(io.BytesIO(data)).active["A2"].comment.text == "批注合计"
    vml = part(data, "xl/drawings/vmlDrawing1.vml")
    assert re.findall(r"<x:Row>(\d+)</x:Row>", vml) == ["1"]


def test_the_boxes_of_comments_move_with_them():
    data = Template.load(drawn()).render({"xs": [1, 2, 3, 4]})
    before, after = part(drawn(), "xl/drawings/vmlDrawing1.vml"), part(data, "xl/drawings/vmlDrawing1.vml")
    rows = [re.findall(r"<x:Row>(\d+)</x:Row>", vml) for vml in (before, after)]
    assert sorted(rows[0]) == ["2", "4"] and sorted(rows[1]) == ["1", "5"]
    anchors = [
        [int(a.split(",")[6]) for a in re.findall(r"<x:Anchor>(.*?)</x:Anchor>", vml)] for vml in (before, after)
    ]
    assert [b - a for a, b in zip(*anchors)] == [1, -1] or [b - a for a, b in zip(*anchors)] == [-1, 1]


def with_table() -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    columns = [{"header": "名称"}, {"header": "金额"}, {"header": "两倍", "formula": "=[@金额]*2"}]
    sheet.add_table("A1:C3", {"columns": columns, "name": "明细"})
    sheet.write("A2", FOR)
    sheet.write_blank("C2", None, workbook.add_format())
    sheet.write_row("A3", ["{{ x }}", "{{ x }}"])
    sheet.write("A4", ENDFOR)
    sheet.write_formula("B5", "=SUM(明细[金额])")
    workbook.close()
    return stream.getvalue()


def test_a_table_grows_and_structured_references_stay():
    data = Template.load(with_table()).render({"xs": [1, 2, 3]})
    table = part(data, "xl/tables/table1.xml")
    assert re.findall(r' ref="(.*?)"', table) == ["A1:C4", "A1:C4"]
    read = openpyxl.load_workbook(io.BytesIO(data)).active
    written = openpyxl.load_workbook(io.BytesIO(with_table())).active["C3"].value
    assert [read[f"C{n}"].value for n in (2, 3, 4)] == [written] * 3
    assert read["B5"].value == "=SUM(明细[金额])"


def test_a_table_without_a_row_is_refused_rather_than_written_damaged():
    with pytest.raises(TemplateError, match="表!A1:C3 “表格“明细”没有数据行”"):
        Template.load(with_table()).render({"xs": []})


def test_tags_where_none_is_filled_in_are_refused():
    workbook, sheet = sheet_with_a_loop()
    sheet["B5"].comment = openpyxl.comments.Comment("见 {{ note }}", "某人")
    rule = DataValidation("list", formula1='"甲"', prompt="{{ hint }}")
    rule.add("A3")
    sheet.add_data_validation(rule)
    with pytest.raises(TemplateError) as caught:
        Template.load(saved(workbook))
    assert {p.code for p in caught.value.problems} == {"template.part"}
    assert "{{ hint }}" in str(caught.value) and "{{ note }}" in str(caught.value)


def test_headers_and_footers_are_filled_in():
    workbook, sheet = sheet_with_a_loop()
    sheet.oddHeader.center.text = "{{ title }}"
    sheet.oddFooter.right.text = "第 &P 页 {{ n }}"
    t = Template.load(saved(workbook))
    xml = part(t.render({"xs": [], "title": "A&B<C>", "n": 3.0}), "xl/worksheets/sheet1.xml")
    assert "<oddHeader>&amp;CA&amp;&amp;B&lt;C&gt;</oddHeader>" in xml and "第 &amp;P 页 3</oddFooter>" in xml
    with pytest.raises(TemplateError, match="最多 255 个字符"):
        t.render({"xs": [], "title": "长" * 300, "n": 1})


def test_newer_formats_and_validations_in_the_extension_list_follow():
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet, other = workbook.add_worksheet("表"), workbook.add_worksheet("选项")
    for number, row in enumerate([["名称"], [FOR], ["{{ x }}"], [ENDFOR], ["合计"]]):
        sheet.write_row(number, 0, row)
    sheet.conditional_format("A3:A3", {"type": "data_bar", "data_bar_2010": True})
    sheet.add_sparkline("C5", {"range": "表!A3:A3"})
    other.write("A1", 1)
    workbook.close()
    xml = part(Template.load(stream.getvalue()).render({"xs": [1, 2, 3]}), "xl/worksheets/sheet1.xml")
    assert "<xm:sqref>A2:A4</xm:sqref>" in xml
    assert "<xm:f>表!A2:A4</xm:f><xm:sqref>C5</xm:sqref>" in xml


def test_a_sparkline_in_a_repeated_row_is_refused():
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    for number, row in enumerate([[FOR], ["{{ x }}", 1, 2], [ENDFOR]]):
        sheet.write_row(number, 0, row)
    sheet.add_sparkline("D2", {"range": "表!B2:C2"})
    workbook.close()
    with pytest.raises(TemplateError, match="循环的行里不能放迷你图"):
        Template.load(stream.getvalue())
