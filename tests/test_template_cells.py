"""What a value becomes in a cell: its type, its text, and what is refused."""

import datetime as dt
import enum
import io
import zipfile
from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from markupsafe import Markup
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from python_calamine import CalamineWorkbook

from xltool.output.template import Template, TemplateError


def template(cells: dict[str, object], **formats: str) -> Template:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "表"
    for place, value in cells.items():
        sheet[place] = value
    for place, number_format in formats.items():
        sheet[place].number_format = number_format
    return Template.load(saved(workbook), "模板.xlsx")


def saved(workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def sheet_of(data: bytes, **options):
    return openpyxl.load_workbook(io.BytesIO(data), **options).active


def sheet_xml(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def one(value, **formats: str):
    """The cell a value becomes, as openpyxl reads it."""
    return sheet_of(template({"A1": "{{ x }}"}, **formats).render({"x": value}))["A1"]


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        (12, "n", 12),
        (1500.25, "n", 1500.25),
        (Decimal("0.1"), "n", 0.1),
        (np.int64(7), "n", 7),
        (np.float32(0.5), "n", 0.5),
        (True, "b", True),
        (np.bool_(False), "b", False),
        ("汇总", "inlineStr", "汇总"),
        (pd.NA, "n", None),
        (None, "n", None),
        ("", "n", None),
    ],
)
def test_a_lone_tag_keeps_the_type_of_its_value(value, kind, read):
    cell = one(value)
    assert (cell.value, cell.data_type) == (read, "s" if kind == "inlineStr" else kind)


def test_subclasses_of_the_plain_types_are_written_like_them():
    class Colour(enum.StrEnum):
        RED = "红 & 黑"

    assert one(Colour.RED).value == "红 & 黑"
    assert one(enum.IntEnum("Level", {"HIGH": 3}).HIGH).value == 3
    assert one(Markup("a&amp;b")).value == "a&amp;b"


def test_docxtpl_s_escapes_change_nothing_since_every_value_is_text():
    sheet = sheet_of(template({"A1": "{{ x|e }}", "A2": "{{ x|safe }}"}).render({"x": "a&b"}))
    assert sheet["A1"].value == sheet["A2"].value == "a&b"


def test_spaces_around_a_lone_tag_do_not_make_it_text():
    assert sheet_of(template({"A1": " {{ x }}\n"}).render({"x": 3}))["A1"].value == 3


def test_dates_become_serials_shown_by_the_template_s_number_format():
    cell = one(dt.date(2025, 3, 1), A1="yyyy年m月d日")
    assert cell.value == dt.datetime(2025, 3, 1)
    assert cell.number_format == "yyyy年m月d日"
    assert one(dt.datetime(2025, 3, 1, 12), A1="yyyy-mm-dd hh:mm").value == dt.datetime(2025, 3, 1, 12)
    assert one(dt.time(18), A1="hh:mm").value == dt.time(18)
    assert one(pd.Timestamp(2025, 3, 1), A1="yyyy-mm-dd").value == dt.datetime(2025, 3, 1)


@pytest.mark.parametrize(
    ("day", "serial"), [((1900, 1, 1), 1), ((1900, 2, 28), 59), ((1900, 3, 1), 61), ((2025, 1, 1), 45658)]
)
def test_serials_are_those_of_excel_even_before_march_1900(day, serial):
    assert one(dt.date(*day)).value == serial


def test_a_workbook_that_counts_from_1904_gets_its_own_serials():
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active["A1"] = "{{ x }}"
    workbook.active["A1"].number_format = "yyyy-mm-dd"
    data = Template.load(saved(workbook)).render({"x": dt.date(2025, 3, 1)})
    assert "<v>44255</v>" in sheet_xml(data)
    assert sheet_of(data)["A1"].value == dt.datetime(2025, 3, 1)


@pytest.mark.parametrize("text", ["=1+1", "+86 025", "-5", "@SUM(A1)", '=HYPERLINK("http://x")', "=cmd|'/c calc'!A0"])
def test_text_that_looks_like_a_formula_stays_text(text):
    data = template({"A1": "{{ x }}", "A2": "说明：{{ x }}", "A3": "{{ x }}{{ y }}"}).render({"x": text, "y": ""})
    assert "<f>" not in sheet_xml(data)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows == [[text], ["说明：" + text], [text]]


@pytest.mark.parametrize(
    "text", ["  两边  ", "一行\n二行", "\t制表", "a & b < c > \"d\" 'e'", "]]>", "&amp;", "全\u3000角", "😀𠮷"]
)
def test_text_comes_back_as_it_went_in(text):
    assert one(text).value == text


def test_line_ends_of_windows_become_the_line_break_of_a_cell():
    assert one("一\r\n二\r三").value == "一\n二\n三"


def test_characters_xml_cannot_hold_are_escaped_as_office_does():
    data = template({"A1": "{{ x }}"}).render({"x": "a\x01b_x0041_c\ud800\uffff"})
    assert "a_x0001_b_x005F_x0041_c_xD800__xFFFF_" in sheet_xml(data)


def test_long_ids_keep_every_digit():
    assert one("320102199001011328").value == "320102199001011328"
    assert one(320102199001011328).value == "320102199001011328"
    assert one("00123").value == "00123"
    assert one(10**16).value == 10**16
    assert one(999_999_999_999_999).value == 999_999_999_999_999


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "不是有限的数"),
        (float("inf"), "不是有限的数"),
        (Decimal("NaN"), "不是有限的数"),
        (pd.NaT, "应为日期"),
        ("x" * 32_768, "最多容纳 32767 个字符"),
        ("😀" * 16_384, "最多容纳 32767 个字符"),
        ([1, 2], "单元格只能放"),
        ({"a": 1}, "单元格只能放"),
        (dt.date(1899, 12, 31), "1900 年以前"),
        (dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc), "时区"),
    ],
)
def test_what_no_cell_can_hold_is_refused_and_the_cell_named(value, words):
    with pytest.raises(TemplateError) as caught:
        template({"C7": "{{ x }}"}).render({"x": value})
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.cell, problem.where.sheet) == ("template.value", "C7", "表")
    assert words in str(problem)


def test_the_longest_text_excel_takes_is_taken():
    assert one("x" * 32_767).value == "x" * 32_767


def test_numbers_inside_a_sentence_are_written_as_a_person_would():
    t = template({"A1": "{{ a }}年，共 {{ n }} 万元，占 {{ p }}，{{ none }}{{ yes }}，{{ day }}"})
    values = {"a": 2025, "n": 1500.0, "p": 0.1 + 0.2, "none": None, "yes": True, "day": dt.date(2025, 3, 1)}
    assert sheet_of(t.render(values))["A1"].value == "2025年，共 1500 万元，占 0.3，TRUE，2025-03-01"


def test_if_and_for_work_inside_one_cell():
    t = template(
        {"A1": "{% if n > 1 %}多{% else %}少{% endif %}：{% for x in xs %}{{ loop.index }}.{{ x }}；{% endfor %}"}
    )
    assert sheet_of(t.render({"n": 2, "xs": ["甲", 3.0]}))["A1"].value == "多：1.甲；2.3；"


def test_the_cell_keeps_its_style_even_when_empty():
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["A1"], sheet["A1"].fill = "{{ x }}", openpyxl.styles.PatternFill("solid", "FFFF00")
    data = Template.load(saved(workbook)).render({"x": None})
    assert sheet_of(data)["A1"].fill.start_color.rgb == "00FFFF00"


def test_a_tag_split_over_rich_text_runs_is_found_and_takes_the_format_of_its_start():
    workbook = openpyxl.Workbook()
    red, blue = InlineFont(color="FFFF0000", b=True), InlineFont(color="FF0000FF")
    sheet = workbook.active
    sheet["A1"] = CellRichText(TextBlock(blue, "前 {"), TextBlock(red, "{ x }"), TextBlock(blue, "} 后"))
    sheet["A2"] = CellRichText(TextBlock(red, "{{ "), TextBlock(blue, "x }}"))
    sheet["A3"] = CellRichText(TextBlock(red, "甲{% if y %}乙"), TextBlock(blue, "丙{% endif %}丁"))
    t = Template.load(saved(workbook))
    read = sheet_of(t.render({"x": "值", "y": False}), rich_text=True)
    assert str(read["A1"].value) == "前 值 后"
    assert [(str(b), b.font.color.rgb) for b in read["A1"].value] == [("前 值", "FF0000FF"), (" 后", "FF0000FF")]
    assert [(str(b), b.font.b) for b in read["A2"].value] == [("值", True)]
    assert [(str(b), b.font.color.rgb) for b in read["A3"].value] == [("甲", "FFFF0000"), ("丁", "FF0000FF")]
    assert sheet_of(t.render({"x": 5, "y": True}))["A2"].value == 5


def test_templates_of_xlsxwriter_with_rich_strings_work():
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    bold = workbook.add_format({"bold": True})
    workbook.add_worksheet("表").write_rich_string("A1", "共 ", bold, "{{ n }}", " 项")
    workbook.close()
    read = sheet_of(Template.load(stream.getvalue()).render({"n": 3}), rich_text=True)["A1"].value
    bold_texts = [str(b) for b in read if isinstance(b, TextBlock) and b.font.b]
    assert ("".join(map(str, read)), bold_texts) == ("共 3 项", ["3"])


def test_phonetic_readings_are_no_part_of_a_tag():
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    workbook.add_worksheet().write("A1", "占位")
    workbook.close()
    item = "<si><r><t>{{ na</t></r><r><t>me }}</t></r><rPh sb='0' eb='1'><t>ミョウ</t></rPh></si>"
    data = replaced(stream.getvalue(), "xl/sharedStrings.xml", "<si><t>占位</t></si>", item)
    assert sheet_of(Template.load(data).render({"name": "东京"}))["A1"].value == "东京"


def test_cells_and_rows_without_addresses_are_counted():
    data = replaced(
        saved_with("x"),
        "xl/worksheets/sheet1.xml",
        None,
        """<worksheet
        xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row><c t="inlineStr"><is>
        <t>甲</t></is></c><c t="inlineStr"><is><t>{{ x }}</t></is></c></row><row r="4"><c t="inlineStr"><is>
        <t>{{ x }}</t></is></c></row></sheetData></worksheet>""",
    )
    read = sheet_of(Template.load(data).render({"x": 8}))
    assert (read["B1"].value, read["A4"].value) == (8, 8)


def test_a_prefix_on_every_element_is_understood():
    data = replaced(
        saved_with("x"),
        "xl/worksheets/sheet1.xml",
        None,
        """<x:worksheet
        xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="A1"
        t="inlineStr"><x:is><x:t>{{ x }}</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>""",
    )
    assert sheet_of(Template.load(data).render({"x": 8}))["A1"].value == 8


def test_attributes_of_a_tagged_cell_that_belong_to_its_old_value_are_dropped():
    data = replaced(saved_with("{{ x }}"), "xl/worksheets/sheet1.xml", '<c r="A1"', '<c r="A1" vm="1"')
    assert 'vm="1"' not in sheet_xml(Template.load(data).render({"x": 8}))


def saved_with(text: str) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = text
    return saved(workbook)


def replaced(data: bytes, path: str, old: str | None, new: str) -> bytes:
    """The workbook with some text of a part replaced, or the whole part."""
    source, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        assert path in source.namelist()
        for name in source.namelist():
            text = source.read(name)
            if name == path:
                assert old is None or old.encode() in text
                text = new.encode() if old is None else text.replace(old.encode(), new.encode())
            target.writestr(name, text)
    return stream.getvalue()
