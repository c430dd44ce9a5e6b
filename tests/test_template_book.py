"""One workbook with a sheet per item: names, copies of what belongs to a sheet, and what cannot be copied."""

import io
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.workbook.defined_name import DefinedName

from xltool.output.template import Template, TemplateError
from xltool.output.template.book import sheet_names

FOR, ENDFOR = "{%tr for x in xs %}", "{%tr endfor %}"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def saved(workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def plain() -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    workbook.active.title = "前言"
    workbook.active["A1"] = "固定"
    form = workbook.create_sheet("表")
    for row in (["{{ name }}"], [FOR], ["{{ x }}"], [ENDFOR], ["=SUM(A3:A3)", "=表!A5*2"]):
        form.append(row)
    form.print_area, form.print_title_rows = "A1:B5", "1:1"
    workbook.create_sheet("附注")["A1"] = "=1+1"
    workbook["附注"].print_area = "A1:A1"
    return workbook


def book(workbook, *items):
    data = Template.load(saved(workbook) if not isinstance(workbook, bytes) else workbook).book(items)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == len(set(archive.namelist()))
        types = archive.read("[Content_Types].xml").decode()
        for name in re.findall(r'PartName="/([^"]+)"', types):
            assert name in archive.namelist()
    return openpyxl.load_workbook(io.BytesIO(data)), data


def test_each_item_gets_a_sheet_in_place_of_the_template_s():
    read, _ = book(plain(), ("甲", {"name": "甲厂", "xs": [1, 2]}), ("乙", {"name": "乙厂", "xs": []}))
    assert read.sheetnames == ["前言", "甲", "乙", "附注"]
    assert [c.value for c in read["甲"]["A"]] == ["甲厂", 1, 2, "=SUM(A2:A3)"]
    assert [c.value for c in read["乙"]["A"]] == ["乙厂", "=SUM(A1048576:A1048576)"]
    assert (read["甲"]["B4"].value, read["乙"]["B2"].value) == ("='甲'!A4*2", "='乙'!A2*2")


def test_print_settings_and_names_belong_to_each_copy():
    workbook = plain()
    workbook.defined_names["合计"] = DefinedName("合计", attr_text="表!$A$5")
    read, _ = book(workbook, ("甲", {"name": 1, "xs": [1, 2, 3]}), ("乙 'x", {"name": 2, "xs": [1]}))
    assert read["甲"].print_area == "'甲'!$A$1:$B$5"
    assert read["乙 'x"].print_area == "'乙 ''x'!$A$1:$B$3"
    assert read["乙 'x"].print_title_rows == "$1:$1"
    assert read["附注"].print_area == "'附注'!$A$1"
    assert read.defined_names["合计"].attr_text == "'甲'!$A$5"
    assert read["乙 'x"].defined_names["合计"].attr_text == "'乙 ''x'!$A$3"


def test_only_the_first_tab_is_selected_and_ids_are_unique():
    workbook = plain()
    workbook.active = 1
    _, data = book(workbook, *((f"表{n}", {"name": n, "xs": []}) for n in range(5)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/workbook.xml").decode()
        sheets = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/worksheets/sheet2")]
    assert re.findall(r'activeTab="(\d+)"', xml) == ["1"]
    assert not any('tabSelected="1"' in sheet for sheet in sheets)
    for attribute in ("sheetId", "r:id"):
        found = re.findall(rf' {attribute}="([^"]+)"', xml)
        assert len(found) == len(set(found)) == 7


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (["甲", "甲", "甲"], ["甲", "甲(2)", "甲(3)"]),
        (["ab", "AB"], ["ab", "AB(2)"]),
        (["a[1]:b*c?/d\\e"], ["a_1__b_c__d_e"]),
        (["x" * 40, "x" * 40], ["x" * 31, "x" * 28 + "(2)"]),
        (["", "  ", "'"], ["表", "表(2)", "表(3)"]),
        (["'引号'", "History", "a\nb"], ["引号", "History_", "ab"]),
        (["😀" * 20], ["😀" * 15]),
        (["附注"], ["附注(2)"]),
        (["甲(2)", "甲", "甲"], ["甲(2)", "甲", "甲(3)"]),
    ],
)
def test_sheet_names_are_made_valid_and_unique(wanted, given):
    assert sheet_names(wanted, ["附注"]) == given


def furnished() -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    sheet.write_column("A1", ["{{ name }}", FOR, "{{ x }}", ENDFOR, "尾"])
    sheet.write_comment("A5", "批注")
    sheet.insert_image("D1", "点.png", {"image_data": io.BytesIO(PIXEL)})
    chart = workbook.add_chart({"type": "column"})
    chart.add_series({"values": "=表!$A$3:$A$3"})
    sheet.insert_chart("D6", chart)
    sheet.set_footer("&C{{ name }}")
    workbook.close()
    return stream.getvalue()


def test_drawings_charts_and_comments_are_copied_and_pictures_shared():
    read, data = book(furnished(), ("甲", {"name": "a", "xs": [1, 2, 3]}), ("乙", {"name": "b", "xs": [1]}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        charts = [archive.read(n).decode() for n in sorted(names) if n.startswith("xl/charts/chart")]
    assert [re.findall("<c:f>(.*?)</c:f>", chart) for chart in charts] == [["'甲'!$A$2:$A$4"], ["'乙'!$A$2"]] or [
        re.findall("<c:f>(.*?)</c:f>", chart) for chart in charts
    ] == [["'甲'!$A$2:$A$4"], ["'乙'!$A$2:$A$2"]]
    assert len([n for n in names if n.startswith("xl/media/")]) == 1
    assert (read["甲"]["A5"].comment.text, read["乙"]["A3"].comment.text) == ("批注", "批注")
    assert [len(read[n]._charts) for n in ("甲", "乙")] == [1, 1]
    assert read["乙"].oddFooter.center.text == "b"


def test_a_book_can_be_made_after_a_file_and_again():
    t = Template.load(furnished())
    items = [("甲", {"name": "a", "xs": [1]}), ("乙", {"name": "b", "xs": []})]
    first = t.book(items)
    t.render(items[0][1])
    assert t.book(items) == first


def test_problems_name_the_item():
    t = Template.load(saved(plain()))
    with pytest.raises(TemplateError) as caught:
        t.book([("甲", {"name": 1, "xs": []}), ("乙", {"xs": []}), ("丙", {"name": [], "xs": []})])
    assert [p.where.sheet for p in caught.value.problems] == ["表（乙）", "表（丙）"]


def refused(kind: str):
    workbook = plain()
    if kind == "two tagged sheets":
        workbook["附注"]["A2"] = "{{ y }}"
    elif kind == "no tags":
        del workbook["表"]
    elif kind == "referred to":
        workbook["附注"]["A2"] = "=表!A1"
    elif kind == "table":
        workbook["表"].add_table(openpyxl.worksheet.table.Table(displayName="T", ref="D7:D8"))
        workbook["表"]["D7"] = "头"
    return saved(workbook)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("two tagged sheets", "只能有一张带标签的表"),
        ("no tags", "要有一张带标签的表"),
        ("referred to", "不知道该引用哪一张"),
        ("table", "不能复制成多张"),
    ],
)
def test_what_cannot_be_copied_is_refused(kind, words):
    with pytest.raises(TemplateError, match=words):
        Template.load(refused(kind)).book([("甲", {"name": 1, "xs": []})])


def test_a_book_of_nothing_is_refused():
    with pytest.raises(TemplateError, match="至少要有一张表"):
        Template.load(saved(plain())).book([])
