"""Faults sent back: the county's own workbook with its faulty cells coloured, notes on them and a list put first."""
from __future__ import annotations

import base64
import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest
import python_calamine
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from xltool.output.marking import mark as marking
from xltool.output.marking.entries import areas_of
from xltool.output.returns import (
    Submission,
    mark,
    write_returns,
)
from xltool.output.template.markup import parse
from xltool.rules.problems import Problem, ProblemsError, Where

FILE = "亭湖区 项目清单.xlsx"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RED, YELLOW = "FFFFC7CE", "FFFFEB9C"
# The order of a worksheet's elements in the schema (ECMA-376, CT_Worksheet).
ORDER = re.findall(r"\w+", """
    sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios autoFilter sortState
    dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup
    headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF
    picture oleObjects controls webPublishItems tableParts extLst""")
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
END = "</Relationships>"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")


def problem(cell: str, found: str = "约2000万", expected: str = "不能作为金额", fix: str = "请写成2000", sheet: str = "清单") -> Problem:
    return Problem("value.type", found, expected, fix, Where(FILE, sheet, cell))


def county() -> bytes:
    """A list as counties send it: merged heads, formats, rich text, picture, text box, chart, comments, hidden and protected sheets."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.set_properties({"created": dt.datetime(2026, 1, 1)})  # else two calls differ
    sheet, hidden, total = (book.add_worksheet(name) for name in ("清单", "参数", "汇总 o'表"))
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00", "border": 1, "font_name": "仿宋"})
    sheet.merge_range("A1:F1", "项目清单", bold)
    sheet.merge_range("A2:A3", "单位", bold)
    sheet.set_column("F:F", 20, book.add_format({"num_format": "yyyy年m月"}))
    for row in range(3, 10):
        sheet.write(row, 0, f"第{row}机械厂", money)
        sheet.write_rich_string(row, 1, "智能化", bold, "改造", money)
        sheet.write(row, 2, 1000.5 + row, money)
        sheet.write_formula(row, 3, f"=C{row + 1}*10%", money, 100 + row / 10)
    sheet.merge_range("E4:E7", "经开区", money)
    sheet.write_comment("A5", "请核对全称", {"author": "张三"})
    sheet.data_validation("E4:E10", {"validate": "list", "source": "=参数!$A$1:$A$2"})
    sheet.conditional_format("C4:C10", {"type": "data_bar"})
    sheet.insert_image("B13", "seal.png", {"image_data": io.BytesIO(PNG), "x_scale": 60, "y_scale": 60})
    sheet.insert_textbox("D13", "填报单位（盖章）")
    sheet.write_url("A12", "internal:'参数'!A1", string="见参数")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=清单!$C$4:$C$10"})
    sheet.insert_chart("A20", chart)
    sheet.autofilter("A3:F10")
    sheet.repeat_rows(1, 2)
    hidden.write_column("A1", ["经开区", "高新区"])
    hidden.hide()
    book.define_name("园区", "=参数!$A$1:$A$2")
    total.write_formula("B1", "=SUM(清单!C4:C10)", None, 7052.5)
    total.protect("abc")
    total.activate()
    book.close()
    return stream.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rezipped(contents: dict[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return stream.getvalue()


def edited(data: bytes, *changes: tuple[str, str, str], added: dict[str, bytes | str] | None = None) -> bytes:
    """A workbook with parts added and texts of its parts replaced: (part, old, new)."""
    contents = {**parts(data), **(added or {})}
    for name, old, new in changes:
        assert old in contents[name].decode(), old
        contents[name] = contents[name].decode().replace(old, new, 1).encode()
    return rezipped(contents)


def bare(rows: str, sheet: str = '<worksheet xmlns="{main}">{rows}</worksheet>') -> bytes:
    """The least of a workbook around one sheet's rows: no styles, no strings."""
    links = f'<Relationships xmlns="{PACKAGE}relationships"><Relationship Id="rId1" Type="{OFFICE}/{{}}" Target="{{}}"/></Relationships>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    return rezipped({
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}content-types">'
                               '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                               f'<Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/>'
                               f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}worksheet+xml"/></Types>',
        "_rels/.rels": links.format("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="清单" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": links.format("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": sheet.format(main=MAIN, rows=rows),
    })


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def fill(cell) -> str:
    return cell.fill.fgColor.rgb if cell.fill.patternType == "solid" else ""


def listed(data: bytes) -> list[list[object]]:
    """The list's rows below the heads of its columns."""
    rows = [list(row) for row in opened(data).worksheets[0].iter_rows(values_only=True)]
    return rows[[row[0] for row in rows].index("序号") + 1:]


# The county's workbook is kept


def test_parts_no_mark_touches_are_kept_byte_for_byte():
    before, after = parts(county()), parts(mark(county(), [problem("C5"), problem("A2", sheet="参数")], name=FILE))
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {"[Content_Types].xml", "docProps/app.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
                       "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml",
                       "xl/worksheets/sheet3.xml"}  # the last one was the chosen sheet
    assert set(after) - set(before) == {"xl/worksheets/sheet4.xml", "xl/comments2.xml", "xl/drawings/vmlDrawing2.vml",
                                        "xl/worksheets/_rels/sheet2.xml.rels"}


def test_a_marked_cell_keeps_its_value_and_format_but_for_the_fill():
    book, marked = opened(county()), opened(mark(county(), [problem("D5")], [problem("C6")]))
    for place, colour in (("D5", RED), ("C6", YELLOW)):
        before, after = book["清单"][place], marked["清单"][place]
        assert after.value == before.value and fill(after) == colour
        for aspect in ("number_format", "border", "font", "alignment", "protection"):
            assert repr(getattr(after, aspect)) == repr(getattr(before, aspect))
    assert fill(marked["清单"]["D6"]) == ""


def test_every_other_value_stays():
    before = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(county()))
    after = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(mark(county(), [problem("D5"), problem("第7行"), problem("B30")])))
    assert after.sheet_names == ["退回问题", *before.sheet_names]
    for name in before.sheet_names:
        old, new = (book.get_sheet_by_name(name).to_python() for book in (before, after))
        assert new[:len(old)] == old and not any(value for row in new[len(old):] for value in row)


def test_a_cell_that_is_not_there_is_put_in_its_place_with_its_columns_format():
    data = mark(county(), [problem("F5"), problem("H2"), problem("B11"), problem("C40")])
    text = parts(data)["xl/worksheets/sheet1.xml"].decode()
    numbers = [int(number) for number in re.findall(r'<row r="(\d+)"', text)]
    assert numbers == sorted(set(numbers)) and {11, 40} <= set(numbers)
    for row in re.findall(r"<row .*?</row>", text):
        columns = [openpyxl.utils.column_index_from_string(letters) for letters in re.findall(r'<c r="([A-Z]+)', row)]
        assert columns == sorted(set(columns))
    sheet = opened(data)["清单"]
    assert [fill(sheet[place]) for place in ("F5", "H2", "B11", "C40")] == [RED] * 4
    assert sheet["F5"].number_format == "yyyy年m月"
    assert 'ref="A1:H40"' in text


def test_of_merged_cells_the_one_that_shows_is_marked():
    data = mark(county(), [problem("E6"), problem("A3")])
    sheet = opened(data)["清单"]
    assert fill(sheet["E4"]) == fill(sheet["A2"]) == RED and sheet["E4"].comment and sheet["A2"].comment
    assert [row[2] for row in listed(data)] == ["A3", "E6"]


def test_a_whole_row_is_marked_where_it_holds_something():
    sheet = opened(mark(county(), [problem("第9行"), problem("第18行")]))["清单"]
    assert [fill(sheet.cell(9, column)) for column in range(1, 6)] == [RED] * 4 + [""]
    assert sheet["A9"].comment and not sheet["B9"].comment and fill(sheet["A18"]) == RED


def test_the_sheets_elements_stand_in_the_order_of_the_schema():
    for name, data in parts(mark(county(), [problem("C5"), problem("A1", sheet="参数"), problem("A1", sheet="汇总 o'表")])).items():
        if name.startswith("xl/worksheets/sheet"):
            places = [ORDER.index(element.name) for element in parse(data).elements()]
            assert places == sorted(places), name


def test_counts_in_the_styles_are_true():
    root = parse(parts(mark(county(), [problem("C5")]))["xl/styles.xml"])
    for holder in root.elements():
        if holder.get("count"):
            assert int(holder.get("count")) == len(holder.elements()), holder.name


def test_the_same_input_gives_the_same_bytes():
    assert mark(county(), [problem("C5")], name=FILE) == mark(county(), [problem("C5")], name=FILE)


def test_sheet_protection_and_hiding_stay():
    book = opened(mark(county(), [problem("A1", sheet="汇总 o'表"), problem("A2", sheet="参数")]))
    assert book["汇总 o'表"].protection.sheet and book["参数"].sheet_state == "hidden"


# Notes


def test_a_note_says_what_was_found_what_is_wrong_and_how_to_fix_it():
    comment = opened(mark(county(), [problem("C5"), problem("C5", "", "与合计不符", "")]))["清单"]["C5"].comment
    assert comment.text == "xltool 核查：\n第1条\n内容：约2000万\n问题：不能作为金额\n怎么改：请写成2000\n\n第2条\n内容：（空）\n问题：与合计不符"
    assert comment.author == "xltool 核查"


def test_a_cells_own_comment_is_kept_above_ours():
    sheet = opened(mark(county(), [problem("A5"), problem("A6")]))["清单"]
    assert sheet["A5"].comment.text.startswith("请核对全称\n\nxltool 核查：\n第1条") and sheet["A5"].comment.author == "张三"
    assert sheet["A6"].comment.text.startswith("xltool 核查：\n第2条")


def test_every_note_has_one_box_that_holds_it():
    vml = parts(mark(county(), [problem("A5", "很长的一段文字" * 20), problem("C6"), problem("XFD1048576")]))["xl/drawings/vmlDrawing1.vml"].decode()
    shapes = re.findall(r"<v:shape .*?</v:shape>", vml, re.DOTALL)
    places = [(int(re.search("<x:Row>(.*?)<", shape)[1]), int(re.search("<x:Column>(.*?)<", shape)[1])) for shape in shapes]
    assert sorted(places) == [(4, 0), (5, 2), (1048575, 16383)]
    assert len(set(re.findall(r'id="(_x0000_s\d+)"', vml))) == 3
    for shape in shapes:
        left, _, top, _, right, _, bottom, _ = (int(number) for number in re.search("<x:Anchor>(.*?)<", shape)[1].split(","))
        assert 0 <= left < right < 16384 and 0 <= top < bottom < 1048576


def test_a_conversation_gets_a_reply():
    threads = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    kinds = "http://schemas.microsoft.com/office/2017/10/relationships/"
    thread = '<threadedComment ref="A5" dT="2026-01-02T03:04:05.00" personId="{P}" id="{T}"><text>是吗</text></threadedComment>'
    person = '<person displayName="张三" id="{P}" userId="z" providerId="None"/>'
    link = '<Relationship Id="rId99" Type="{}" Target="{}"/>' + END
    data = edited(
        county(), ("xl/worksheets/_rels/sheet1.xml.rels", END, link.format(kinds + "threadedComment", "../threadedComments/threadedComment1.xml")),
        ("xl/_rels/workbook.xml.rels", END, link.format(kinds + "person", "persons/person.xml")),
        added={"xl/threadedComments/threadedComment1.xml": f'<ThreadedComments xmlns="{threads}">{thread}</ThreadedComments>',
               "xl/persons/person.xml": f'<personList xmlns="{threads}">{person}</personList>'})
    after = parts(mark(data, [problem("A5", "\x01甲<乙>"), problem("A6")]))
    first, answer = parse(after["xl/threadedComments/threadedComment1.xml"]).elements()
    assert first.get("id") == answer.get("parentId") == "{T}" and "不能作为金额" in answer.every("text")[0].text
    people = {person.get("id"): person.get("displayName") for person in parse(after["xl/persons/person.xml"]).elements()}
    assert people[answer.get("personId")] == "xltool 核查"


def test_too_many_notes_are_counted_in_the_list(monkeypatch):
    monkeypatch.setattr(marking, "MAX_NOTES", 2)
    data = mark(county(), [problem(f"C{row}") for row in range(4, 9)])
    sheet = opened(data)["清单"]
    assert [bool(sheet[f"C{row}"].comment) for row in range(4, 9)] == [True, True, False, False, False]
    assert fill(sheet["C8"]) == RED and "有 3 个单元格只涂了色" in opened(data).worksheets[0]["A3"].value


# The list


def test_the_list_stands_first_and_links_to_the_cells():
    data = mark(county(), [problem("C5"), problem("", sheet=""), problem("B2", sheet="汇总 o'表"), problem("A1", sheet="没有的表")],
                [problem("A2", "高新", "请核对", sheet="参数")], FILE)
    book = opened(data)
    sheet = book.worksheets[0]
    assert book.active is sheet and sheet.title == "退回问题" and sheet["A1"].value == "退回问题　亭湖区 项目清单.xlsx　共4条，提示1条"
    assert listed(data) == [
        [1, "（整个文件）", None, "约2000万", "不能作为金额", "请写成2000"], [2, "没有的表", "A1", "约2000万", "不能作为金额", "请写成2000"],
        [3, "清单", "C5", "约2000万", "不能作为金额", "请写成2000"], [4, "参数（隐藏）", "A2", "高新", "提示：请核对", "请写成2000"],
        [5, "汇总 o'表", "B2", "约2000万", "不能作为金额", "请写成2000"]]
    links = {cell.coordinate: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {"C6": "'清单'!C5", "C7": "'参数'!A2", "C8": "'汇总 o''表'!B2"}
    assert sheet.page_setup.paperSize == 9 and sheet.page_setup.fitToHeight == 0 and sheet.print_title_rows == "$1:$3"


def test_only_the_list_is_chosen():
    after = parts(mark(county(), [problem("C5")]))
    chosen = [name for name, data in after.items() if name.startswith("xl/worksheets/sheet") and b'tabSelected="1"' in data]
    view = parse(after["xl/workbook.xml"]).every("workbookView")[0]
    assert chosen == ["xl/worksheets/sheet4.xml"] and view.get("activeTab") == view.get("firstSheet") == "0"


def test_names_of_sheets_move_on_by_one():
    before, after = (opened(data) for data in (county(), mark(county(), [problem("C5")])))
    assert after["清单"].print_title_rows == before["清单"].print_title_rows == "$2:$3"
    assert after["清单"].auto_filter.ref == "A3:F10" and after.defined_names["园区"].attr_text == "参数!$A$1:$A$2"


def test_the_file_properties_name_the_list_first():
    root = parse(parts(mark(county(), [problem("C5")]))["docProps/app.xml"])
    titles = [element.text for element in root.child("TitlesOfParts").every("lpstr")]
    assert titles[:4] == ["退回问题", "清单", "参数", "汇总 o'表"] and root.child("HeadingPairs").every("i4")[0].text == "4"
    assert root.child("TitlesOfParts").child("vector").get("size") == str(len(titles))


def test_a_second_list_gets_another_name():
    data = mark(mark(county(), [problem("C5")]), [problem("C6")])
    assert opened(data).sheetnames[:3] == ["退回问题2", "退回问题", "清单"]
    assert fill(opened(data)["清单"]["C5"]) == fill(opened(data)["清单"]["C6"]) == RED


def test_text_that_looks_like_a_formula_stays_text():
    data = mark(county(), [problem("C5", '=HYPERLINK("http://x","点我")', "+1", "@SUM(A1)")])
    assert listed(data)[0][3:] == ['=HYPERLINK("http://x","点我")', "+1", "@SUM(A1)"]
    assert "<f>" not in parts(data)["xl/worksheets/sheet4.xml"].decode()


@pytest.mark.parametrize("text", ["a\x00b\x0b", "\ud800", "_x0041_", "]]>&<'\"", "字" * 40_000, " \n "])
def test_any_text_makes_a_valid_file(text):
    data = mark(county(), [problem("C5", text, text, text)], name=text)
    assert opened(data)["清单"]["C5"].comment
    assert all(parse(part) for name, part in parts(data).items() if name.endswith((".xml", ".rels")))


# Places


@pytest.mark.parametrize(("place", "found"), [
    ("F7", ["F7"]), ("$f$7", ["F7"]), ("F7、G7，H8", ["F7", "G7", "H8"]), ("B3:C4", ["B3:C4"]), ("第7行", ["A7:XFD7"]), ("第7-9行", ["A7:XFD9"]),
    ("F列", ["F:F"]), ("第F列", ["F:F"]), ("", []), ("页眉", []), ("A0", []), ("A1048577", []), ("XFE1", []), ("F7 页眉", [])])
def test_a_place_is_read_as_people_write_it(place, found):
    assert [area.text() for area in areas_of(place)] == found


# Other shapes of packages


def test_macros_stay_and_so_does_the_suffix(tmp_path):
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    data = edited(county(), ("[Content_Types].xml", kind, "application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
                  added={"xl/vbaProject.bin": b"\xd0\xcf macro"})
    after = parts(mark(data, [problem("C5")]))
    assert after["xl/vbaProject.bin"] == b"\xd0\xcf macro" and b"macroEnabled" in after["[Content_Types].xml"]
    (written,) = write_returns(tmp_path, [Submission(data, [problem("C5")], name="清单.xlsm")])
    assert written.path.name == "清单（退回）.xlsm"


def test_a_signature_is_taken_off_and_said_to_be():
    origin = f'<Relationship Id="rIdS" Type="{PACKAGE}relationships/digital-signature/origin" Target="_xmlsignatures/origin.sigs"/>'
    data = edited(county(), ("_rels/.rels", END, origin + END),
                  added={"_xmlsignatures/origin.sigs": b"", "_xmlsignatures/sig1.xml": b"<Signature/>"})
    marked = mark(data, [problem("C5")])
    assert not [name for name in parts(marked) if "_xmlsignatures" in name] and b"digital-signature" not in parts(marked)["_rels/.rels"]
    assert "已去掉签名" in opened(marked).worksheets[0]["A3"].value


def test_the_chain_of_calculation_goes_because_it_may_be_wrong():
    chain = f'<Relationship Id="rIdC" Type="{OFFICE}/calcChain" Target="calcChain.xml"/>'
    data = edited(county(), ("xl/_rels/workbook.xml.rels", END, chain + END),
                  ("[Content_Types].xml", "</Types>", '<Override PartName="/xl/calcChain.xml" ContentType="application/x"/></Types>'),
                  added={"xl/calcChain.xml": '<calcChain><c r="D4" i="1"/></calcChain>'})
    after = parts(mark(data, [problem("C5")]))
    assert "xl/calcChain.xml" not in after and not any(b"calcChain" in after[name] for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"))


def test_a_workbook_shared_the_old_way_is_an_ordinary_one_again():
    log = f'<Relationship Id="rIdL" Type="{OFFICE}/revisionHeaders" Target="revisions/revisionHeaders.xml"/>'
    data = edited(county(), ("xl/_rels/workbook.xml.rels", END, log + END), added={
        "xl/revisions/revisionHeaders.xml": "<headers/>", "xl/revisions/revisionLog1.xml": "<revisions/>",
        "xl/revisions/_rels/revisionHeaders.xml.rels": f'<Relationships xmlns="{PACKAGE}relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/revisionLog" Target="revisionLog1.xml"/></Relationships>'})
    marked = mark(data, [problem("C5")])
    assert not [name for name in parts(marked) if "revision" in name] and b"revision" not in parts(marked)["xl/_rels/workbook.xml.rels"]
    assert "取消共享" in opened(marked).worksheets[0]["A3"].value


PLAIN = ('<sheetData><row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row><row r="5"><c r="A5"><v>3</v></c></row></sheetData>')
PREFIXED = re.sub(r"<(/?)(\w)", r"<\1x:\2", PLAIN)


@pytest.mark.parametrize("data", [
    bare(PLAIN),
    bare('<sheetData><row><c/></row><row><c/><c><v>1</v></c><c/><c><v>2</v></c></row><row/><row/><row><c><v>3</v></c></row></sheetData>'),
    bare(PREFIXED, '<x:worksheet xmlns:x="{main}">{rows}</x:worksheet>'),
    bare(PLAIN.replace("<row", '<!-- <row r="2"><c r="A2"/> --><row'), '<?xml version="1.0"?><!-- x --><worksheet xmlns="{main}">{rows}</worksheet>'),
    bare(PLAIN.replace('"', "'").replace("<c ", "<c\n s='0' ")),
    rezipped({**parts(bare(PLAIN)), "xl/worksheets/sheet1.xml":
              f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}">{PLAIN}</worksheet>'.encode("utf-16")}),
], ids=["plain", "no-references", "prefixed", "xml-comments", "single-quotes", "utf-16"])
def test_rows_of_any_writing_are_marked(data):
    marked = mark(data, [problem(place) for place in ("A1", "B2", "C2", "E2", "B5", "A9")])
    sheet = opened(marked)["清单"]
    assert [sheet[place].value for place in ("B2", "D2", "A5")] == [1, 2, 3]
    assert [fill(sheet[place]) for place in ("A1", "B2", "C2", "E2", "B5", "A9")] == [RED] * 6
    assert [fill(sheet[place]) for place in ("D2", "A5", "A2")] == [""] * 3
    assert sum(cell.comment is not None for row in sheet.iter_rows() for cell in row) == 6


def test_a_strict_workbook_stays_strict(soffice, tmp_path):
    data = rezipped({name: content.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/", b"http://purl.oclc.org/ooxml/spreadsheetml/")
                     .replace(b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/")
                     for name, content in parts(bare(PLAIN)).items()})
    marked = mark(data, [problem("B2")])
    assert not [name for name, content in parts(marked).items() if b"openxmlformats.org/spreadsheetml/2006" in content]
    (tmp_path / "in.xlsx").write_bytes(marked)
    (path,) = soffice.convert([tmp_path / "in.xlsx"], tmp_path / "out")
    sheet = opened(path.read_bytes())["清单"]
    assert sheet["B2"].value == 1 and fill(sheet["B2"]) == RED and sheet["B2"].comment


@pytest.mark.parametrize("data", [
    b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", county()[:3000], bare("<sheetData><row></sheetData>"), bare(""),
    bare("<sheetData/>", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet xmlns="{main}">{rows}</worksheet>'),
    bare('<sheetData><row r="2"><c r="B7"><v>1</v></c></row></sheetData>'), bare('<sheetData><row r="9999999"/></sheetData>')])
def test_what_cannot_be_kept_whole_is_refused_by_name(data):
    with pytest.raises(ProblemsError) as refusal:
        mark(data, [problem("B2")], name=FILE)
    assert [(p.code, p.where.file) for p in refusal.value.problems] == [("file.unreadable", FILE)]


@given(st.dictionaries(st.tuples(st.integers(1, 12), st.integers(1, 30)), st.integers(0, 9), max_size=30),
       st.sets(st.tuples(st.integers(1, 14), st.integers(1, 32)), min_size=1, max_size=12), st.booleans())
def test_marks_fall_on_the_named_cells_and_values_stay(values, marks, numbered):
    rows = ""
    for row in sorted({row for row, _ in values}) if numbered else range(1, 13):
        filled = {column: value for (r, column), value in values.items() if r == row}
        columns = sorted(filled) if numbered else range(1, max(filled, default=0) + 1)
        place = (lambda column, row=row: f' r="{openpyxl.utils.get_column_letter(column)}{row}"') if numbered else (lambda column: "")
        cells = "".join(f"<c{place(c)}><v>{filled[c]}</v></c>" if c in filled else "<c/>" for c in columns)
        rows += f'<row{f" r={chr(34)}{row}{chr(34)}" if numbered else ""}>{cells}</row>'
    names = [f"{openpyxl.utils.get_column_letter(column)}{row}" for row, column in marks]
    sheet = opened(mark(bare(f"<sheetData>{rows}</sheetData>"), [problem(name) for name in names]))["清单"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {(cell.row, cell.column): cell.value for cell in cells if cell.value is not None} == values
    assert {(cell.row, cell.column) for cell in cells if fill(cell)} == {(cell.row, cell.column) for cell in cells if cell.comment} == marks


# A real LibreOffice


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_libreoffice_opens_what_is_sent_back(soffice, tmp_path):
    (tmp_path / "in.xlsx").write_bytes(mark(county(), [problem("A5"), problem("D5"), problem("F30"), problem("第8行")], [problem("C6")], FILE))
    (path,) = soffice.convert([tmp_path / "in.xlsx"], tmp_path / "out")
    book = opened(path.read_bytes())
    listing, sheet = book["退回问题"], book["清单"]
    assert book.sheetnames == ["退回问题", "清单", "参数", "汇总 o'表"] and book.active is listing
    assert [fill(sheet[place]) for place in ("A5", "D5", "F30", "A8", "D8", "C6")] == [RED] * 5 + [YELLOW]
    assert "请核对全称" in sheet["A5"].comment.text and "不能作为金额" in sheet["A5"].comment.text and "第4条" in sheet["A8"].comment.text
    assert sheet["D5"].value == "=C5*10%" and sheet["D5"].number_format == "#,##0.00"
    assert sum(cell.hyperlink is not None for row in listing.iter_rows() for cell in row) == 5
    names = " ".join(parts(path.read_bytes()))
    assert "media/image" in names and "charts/chart" in names
    assert "填报单位（盖章）" in "".join(part.decode() for name, part in parts(path.read_bytes()).items() if "drawings/drawing" in name)


def test_a_long_list_is_marked_in_one_pass():
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>1</v></c></row>' for n in range(1, 20_001))
    data = mark(bare(f"<sheetData>{rows}</sheetData>"), [problem(f"B{n}") for n in range(1, 20_001, 7)])
    sheet = opened(data)["清单"]
    assert sum(fill(cell) == RED for (cell,) in sheet.iter_rows(min_col=2, max_col=2)) == len(range(1, 20_001, 7))
