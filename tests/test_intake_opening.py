"""Reading files of every kind: what they are, that nothing is lost or changed in silence, and that a bad one costs only its message."""
from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from xltool.intake.grid import PER_CENT, Area, Fault, Look, Source
from xltool.intake.opening import read_source, read_sources
from xltool.intake.opening.readers import archive

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
TABLE = [["示例县2026年项目汇总表"], [], ["序号", "企业名称", "总投入（万元）"], ["1", "示例甲有限公司", "1,200.5"], ["2", "示例乙厂", "300"]]
FOUND = [["示例县2026年项目汇总表"], [], *TABLE[2:]]


def package(sheet: str, book: str = "", styles: str = "", strings: str = "", **parts: str | bytes) -> bytes:
    """A workbook zipped by hand around the XML of its one sheet."""
    contents = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
                       "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}<sheets><sheet name="汇总" sheetId="1" r:id="r1"/></sheets>'
                           "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="{OFFICE}/worksheet" '
                                      'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet if not sheet.startswith("<sheetData") else f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>', **parts}
    if strings:
        contents["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in contents.items():
            archive.writestr(name, text)
    return made.getvalue()


def cells(*xml: str) -> str:
    return "<sheetData><row r=\"1\">" + "".join(xml) + "</row></sheetData>"


@pytest.fixture
def read(tmp_path):
    def read_(data: bytes, name: str = "县.xlsx", password: str | None = None) -> Source:
        (tmp_path / name).write_bytes(data)
        return read_source(tmp_path / name, password)
    return read_


def row(source: Source) -> list[object]:
    assert not source.problems, source.problems
    return source.grids[0].rows[0]


def only_problem(source: Source) -> str:
    assert len(source.problems) == 1, source.problems
    return str(source.problems[0])


# What a file is


@pytest.mark.parametrize(("name", "data", "says"), [
    ("甲.xlsx", b"", "空文件"),
    ("甲.xlsx", b"%PDF-1.4\n", "PDF文件"),
    ("甲.xls", b"Rar!\x1a\x07\x00", "RAR压缩包"),
    ("甲.xlsx", b"\x89PNG\r\n\x1a\n", "图片"),
    ("~$甲.xlsx", b"\x06user".ljust(165, b" "), "临时文件"),
    ("甲.xls", "请见附件，谢谢".encode("gbk"), "一段文字"),
    ("甲.xlsx", bytes(range(1, 200)), "看不懂的文件"),
    ("甲.xml", b'<?xml version="1.0"?><a><b/></a>', "XML文件"),
    ("甲.et", b"MZ\x90\x00", "程序"),
])
def test_a_file_that_is_no_table_is_called_by_its_name(read, name, data, says):
    source = read(data, name)
    assert source.grids == [] and [problem.code for problem in source.problems] == ["file.kind"]
    assert says in only_problem(source) and name in only_problem(source)


@pytest.mark.parametrize(("part", "says"), [("word/document.xml", "Word文档"), ("ppt/presentation.xml", "PowerPoint演示文稿"),
                                            ("OFD.xml", "OFD版式文件"), ("汇总/县.xlsx", "ZIP压缩包")])
def test_a_zip_is_known_by_what_is_in_it(read, part, says):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(part, "")
        if not part.endswith("x"):
            archive.writestr("[Content_Types].xml", "")
    assert says in only_problem(read(made.getvalue()))


def test_a_missing_file_and_a_folder_are_problems(tmp_path):
    assert [problem.code for problem in read_source(tmp_path / "没有.xlsx").problems] == ["file.missing"]
    assert "文件夹" in only_problem(read_source(tmp_path))


# Workbooks


def test_a_workbook_is_read_with_what_stands_beside_the_values(tmp_path):
    path = tmp_path / "县.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("项目")
        date, percent = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'}), book.add_format({"num_format": "0.0%"})
        sheet.merge_range("B3:D3", "某县项目")
        sheet.write_row("B4", ["00123", 12.5, True])
        sheet.write_datetime("B5", dt.datetime(2025, 3, 1), date)
        sheet.write_datetime("C5", dt.datetime(2025, 3, 1, 8, 30), date)
        sheet.write_number("D5", 0.12, percent)
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_column("C:C", None, None, {"hidden": True})
        book.add_worksheet("旧表").hide()
    source = read_source(path)
    grid, old = source.grids
    assert source.problems == [] and source.kind == "xlsx" and source.reader == "calamine" and len(source.sha256) == 64
    assert grid.rows[2][:4] == ["", "某县项目", "", ""] and grid.rows[3] == ["", "00123", 12.5, True]
    assert grid.rows[4] == ["", dt.date(2025, 3, 1), dt.datetime(2025, 3, 1, 8, 30), 0.12]
    assert grid.merges == (Area(2, 1, 2, 3),) and grid.looks == {(4, 3): PER_CENT}
    assert grid.hidden_rows == {3} and grid.hidden_columns == {2} and grid.visible and not old.visible


@pytest.mark.parametrize(("cell", "value"), [
    ('<c r="A1" t="e"><v>#N/A</v></c>', Fault("#N/A")),
    ('<c r="A1"><f>B1*2</f></c>', Fault("=B1*2")),
    ('<c r="A1"><f>B1*2</f><v></v></c>', Fault("=B1*2")),
    ('<c r="A1"><f t="shared" si="0"/></c>', Fault("=")),
    ('<c r="A1"><v>320102199001011328</v></c>', "320102199001011328"),
    ('<c r="A1" s="1"><v>-5</v></c>', -5.0),
    ('<c r="A1" s="1"><v>0.25</v></c>', dt.time(6)),
    ('<c r="A1" s="2"><v>1.5</v></c>', dt.timedelta(hours=36)),
    ('<c r="A1" t="inlineStr"><is><r><t>示例</t></r><r><t>公司</t></r></is></c>', "示例公司"),
    ('<c r="A1" t="str"><v>a_x000D_b</v></c>', "a\rb"),
    ('<c r="A1" t="d"><v>2025-03-01</v></c>', dt.date(2025, 3, 1)),
    ('<c s="0"><v>7</v></c>', 7.0),
])
@pytest.mark.parametrize("beside", ["", '<c r="C1"><v>1</v></c>'])
def test_no_cell_is_lost_or_turned_into_something_else(read, cell, value, beside):
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/></cellXfs>'
    found = row(read(package(cells(cell, beside), styles=styles)))[0]
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize("written", ["NaN", "INF", "1E400", "0x10", "1,234.5", "１２３", "5%"])
def test_a_number_cell_without_a_number_is_damage(read, written):
    source = read(package(cells(f'<c r="A1" t="n"><v>{written}</v></c>', '<c r="B1"><v>1</v></c>')))
    assert source.grids[0].rows == [[Fault(written), 1.0]] and type(source.grids[0].rows[0][0]) is Fault
    assert f"汇总!A1 “{written}”：这一格该是数" in only_problem(source)


@pytest.mark.parametrize(("numbers", "reader"), [
    (("900000000000000", "900000000000000", "-5"), "calamine"), (("900000000000000", "1000000000000001", "-2000000000000000"), "xltool")])
def test_only_numbers_of_more_than_fifteen_digits_are_looked_at_again(read, numbers, reader):
    source = read(package(cells(*(f'<c r="{letter}1"><v>{number}</v></c>' for letter, number in zip("ABC", numbers, strict=True)))))
    assert source.reader == reader
    assert row(source) == [number if len(number.lstrip("-")) > 15 else float(number) for number in numbers]


def test_a_formula_that_gives_an_empty_text_is_blank(read):
    assert row(read(package(cells('<c r="A1" t="str"><f>""</f><v></v></c><c r="B1"><v>1</v></c>')))) == ["", 1.0]


def test_a_zero_that_waits_to_be_calculated_is_no_value(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:  # writes 0 beside every formula and asks for calculation
        book.add_worksheet().write_formula("A1", "=1+1")
    assert row(read_source(tmp_path / "a.xlsx")) == [Fault("=1+1")]
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(tmp_path / "b.xlsx")
    assert row(read_source(tmp_path / "b.xlsx")) == [Fault("=1+1")]


def test_the_calendar_of_1904_is_kept(read):
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    for odd in ("", '<c r="B1" t="e"><v>#REF!</v></c>'):
        data = package(cells('<c r="A1" s="1"><v>44000</v></c>', odd), '<workbookPr date1904="1"/>', styles)
        assert row(read(data))[0] == dt.date(2024, 6, 19)


def test_the_slow_reader_agrees_with_calamine(tmp_path):
    path = tmp_path / "县.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, date = book.add_worksheet(), book.add_format({"num_format": "[$-804]yyyy\\-mm;@"})
        for number in range(200):
            sheet.write_row(number + 2, 1, [f"示例{number}&<“”>\n公司 ", number / 7, number % 2 == 0, "", -number])
            sheet.write_datetime(number + 2, 7, dt.datetime(2020, 1, 1) + dt.timedelta(number * 7.3), date)
    fast, slow = read_source(path), read_source(path, native=False)
    assert (fast.reader, slow.reader) == ("calamine", "xltool")
    assert fast.problems == slow.problems == []

    def trimmed(source: Source) -> list[list[object]]:
        return [[value if not isinstance(value, dt.datetime) else value.replace(microsecond=0) for value in cells_] + [""] * (8 - len(cells_))
                for cells_ in source.grids[0].rows]
    assert trimmed(fast) == trimmed(slow)


def test_what_formats_add_to_numbers_is_kept(tmp_path):
    path = tmp_path / "县.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for column, code in enumerate(('0!.0,"万元"', '0.00"万元"', "¥0.00", "0%", '"共"0"元"', 'yyyy"年"')):
            sheet.write(0, column, 5.0, book.add_format({"num_format": code}))
            sheet.write(1, column, "字", book.add_format({"num_format": code}))
    fast, slow = read_source(path), read_source(path, native=False)
    assert (fast.reader, slow.reader) == ("calamine", "xltool")
    assert fast.grids[0].looks == slow.grids[0].looks == {
        (0, 0): Look(after="万元", scale=10000.0), (0, 1): Look(after="万元"), (0, 3): PER_CENT, (0, 4): Look("共", "元")}


def test_two_cells_with_one_address_are_reported(read):
    source = read(package(cells('<c r="A1"><v>1</v></c>', '<c r="A1"><v>2</v></c>')))
    assert "汇总!A1 “1.0、2.0”：同一个单元格写了两次" in only_problem(source)
    assert isinstance(source.grids[0].rows[0][0], Fault)


def test_a_text_that_is_gone_is_reported(read):
    source = read(package(cells('<c r="A1" t="s"><v>0</v></c>', '<c r="B1" t="s"><v>99</v></c>'), strings="<si><t>好</t></si>"))
    assert source.grids[0].rows[0] == ["好", Fault("#LOST!")] and "汇总!B1" in only_problem(source)


def test_bad_merges_are_reported_and_the_rest_is_read(read):
    source = read(package(cells('<c r="A1"><v>1</v></c>') + '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="F4:E3"/></mergeCells>'))
    assert source.grids[0].merges == (Area(0, 0, 1, 1),) and "F4:E3" in only_problem(source)


def test_xml_that_is_broken_is_read_as_far_as_it_goes_and_reported(read):
    source = read(package(cells('<c r="A1"><v>1</v></c>', '<c r="B1" t="str"><v>a&b</v></c>')))
    assert source.grids[0].rows == [[1.0, "a&b"]] and source.problems[0].code == "file.damaged"


def test_a_value_in_the_last_cell_of_a_sheet_costs_nothing(read):
    xml = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>7</v></c></row></sheetData>'
    grid = read(package(xml)).grids[0]
    assert len(grid.rows) == 1048576 and grid.rows[0] == [1.0] and grid.rows[-1][16383] == 7.0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gb18030"])
def test_sheets_in_other_encodings_and_with_prefixes(read, encoding):
    xml = (f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1">'
           '<x:c r="A1" t="str"><x:v>南京</x:v></x:c></x:row></x:sheetData></x:worksheet>')
    assert row(read(package("<>", **{"xl/worksheets/sheet1.xml": xml.encode(encoding)}))) == ["南京"]


# Other formats


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_text_tables_in_every_encoding(read, encoding, delimiter, end):
    text = end.join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in line) for line in TABLE)
    source = read(text.encode(encoding), "县.xls")
    assert source.kind == "text" and source.problems == [] and source.grids[0].rows == FOUND


def test_text_tables_keep_long_digits_and_odd_quotes(read):
    assert read(b'a,b\n="00123",320102199001011328\n', "a.csv").grids[0].rows[1] == ["00123", "320102199001011328"]
    source = read('名称,型号\n"甲,3\n乙,5\n丙,7"管\n'.encode(), "a.csv")
    assert [len(cells_) for cells_ in source.grids[0].rows] == [2, 2, 2, 2] and "引号不成对" in only_problem(source)


def test_a_web_page_is_a_table(read):
    page = ('<html><head><meta charset="gb2312"><title>x</title><style>td{}</style></head><body><p>示例县汇总表</p><table>'
            '<tr><th rowspan=2>企业&nbsp;名称</th><th colspan="2">金额<br>万元</th></tr><tr><td>计划</td><td>完成</td></tr>'
            '<tr style="display:none"><td>甲<td x:num="1200.5">1,200.5<td>00123</table><p>注：示例</p></body></html>')
    source = read(page.encode("gb18030"), "县.xls")
    grid = source.grids[0]
    assert source.problems == [] and source.kind == "html"
    assert grid.rows == [["示例县汇总表"], ["企业\xa0名称", "金额\n万元"], ["", "计划", "完成"], ["甲", 1200.5, "00123"], ["注：示例"]]
    assert grid.merges == (Area(1, 0, 2, 0), Area(1, 1, 1, 2)) and grid.hidden_rows == {3}


def test_xml_of_2003(read):
    ns = "urn:schemas-microsoft-com:office:spreadsheet"
    xml = (f'<?xml version="1.0"?><Workbook xmlns="{ns}" xmlns:ss="{ns}"><Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style>'
           '<Style ss:ID="w"><NumberFormat ss:Format="0&quot;万元&quot;"/></Style></Styles><Worksheet ss:Name="汇总"><Table><Row '
           'ss:Index="2"><Cell ss:MergeAcross="1"><Data ss:Type="String">标题</Data></Cell>'
           '<Cell ss:StyleID="p"><Data ss:Type="Number">0.5</Data></Cell></Row><Row ss:Hidden="1"><Cell><Data ss:Type="DateTime">'
           '2025-03-01T00:00:00.000</Data></Cell><Cell ss:StyleID="w"><Data ss:Type="Number">5</Data></Cell>'
           '<Cell ss:Index="3"><Data ss:Type="Error">#N/A</Data></Cell></Row></Table></Worksheet></Workbook>')
    grid = read(xml.encode(), "县.xls").grids[0]
    assert grid.rows == [[], ["标题", "", 0.5], [dt.date(2025, 3, 1), 5.0, Fault("#N/A")]]
    assert (grid.name, grid.merges, grid.hidden_rows) == ("汇总", (Area(1, 0, 1, 1),), {2})
    assert grid.looks == {(1, 2): PER_CENT, (2, 1): Look(after="万元")}


def ods(table: str, styles: str = "", cell_styles: str = "") -> bytes:
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style", "number"))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content {names}>{cell_styles}<office:body><office:spreadsheet>\n "
                                        f'<table:table table:name="表">'
                                        f"{table}</table:table></office:spreadsheet></office:body></office:document-content>")
        archive.writestr("styles.xml", f"<office:document-styles {names}>{styles}</office:document-styles>")
    return made.getvalue()


def test_open_documents_repeat_rows_only_up_to_the_last_value(read):
    cell = '<table:table-cell office:value-type="float" office:value="3" table:number-columns-repeated="2"><text:p>3</text:p></table:table-cell>'
    share = '<table:table-cell office:value-type="percentage" office:value="0.1"/>'
    wrong = '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""><text:p>#DIV/0!</text:p></table:table-cell>'
    source = read(ods(f'<table:table-row table:number-rows-repeated="2">{cell}{share}{wrong}</table:table-row>\n<table:table-row '
                      'table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'))
    assert source.kind == "ods" and source.grids[0].rows == [[3.0, 3.0, 0.1, Fault("#DIV/0!")]] * 2
    assert source.grids[0].looks == {(0, 2): PER_CENT, (1, 2): PER_CENT}
    endless = f'<table:table-row table:number-rows-repeated="1048576">{cell.replace("2", "16384", 1)}</table:table-row>'
    assert [problem.code for problem in read(ods(endless)).problems] == ["file.limit"]


def test_an_open_document_tells_what_its_number_styles_add(read):
    styles = ('<number:number-style style:name="A"><number:number number:display-factor="1000"><number:embedded-text number:position="1">.'
              '</number:embedded-text></number:number><number:text>万元</number:text></number:number-style><number:number-style style:name="B">'
              '<number:number/><number:text>元</number:text><style:map style:condition="value()&gt;=10000" style:apply-style-name="A"/>'
              '</number:number-style><number:currency-style style:name="C"><number:currency-symbol>￥</number:currency-symbol><number:number/>'
              '</number:currency-style>')
    of_cells = "".join(f'<style:style style:name="c{name}" style:family="table-cell" style:data-style-name="{name}"/>' for name in "ABC")

    def cell(number: float, style: str = "") -> str:
        return f'<table:table-cell office:value-type="float" office:value="{number}"{style and f" table:style-name={chr(34)}c{style}{chr(34)}"}/>'
    columns = '<table:table-column table:number-columns-repeated="3"/><table:table-column table:default-cell-style-name="cA"/>'
    row_ = "".join((cell(5, "A"), cell(5, "B"), cell(50000, "B"), cell(5), cell(5, "C"), cell(5)))
    grid = read(ods(f"{columns}<table:table-row>{row_}</table:table-row>", styles, of_cells)).grids[0]
    wan = Look(after="万元", scale=10000.0)
    assert grid.rows == [[5.0, 5.0, 50000.0, 5.0, 5.0, 5.0]]
    assert grid.looks == {(0, 0): wan, (0, 1): Look(after="元"), (0, 2): wan, (0, 3): wan}


def record(code: int, *data: bytes) -> bytes:
    joined = b"".join(data)
    return struct.pack("<HH", code, len(joined)) + joined


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file with one stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0) + b"\xff" * 432

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        written = (title + "\0").encode("utf-16-le")
        return written.ljust(64, b"\0") + struct.pack("<HBBIII36xIII", len(written), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child, start, size, 0)
    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 2, len(stream))
    return header + struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff") + folder.ljust(512, b"\0") + stream


def biff8(*sheet: bytes, extra: bytes = b"") -> bytes:
    """A workbook of Excel 97 with one sheet; cell format 1 is a date, 2 a percentage."""
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0)) + extra
    start += b"".join(record(0x00E0, struct.pack("<HH", 0, number), b"\0" * 16) for number in (0, 14, 10))
    text = "示例甲有限公司"
    start += record(0x00FC, struct.pack("<IIHB", 1, 1, len(text), 1), text[:3].encode("utf-16-le"))
    start += record(0x003C, b"\x01", text[3:].encode("utf-16-le"))
    start += record(0x0085, struct.pack("<IBBBB", len(start) + 20, 0, 0, 2, 1), "汇总".encode("utf-16-le")) + record(0x000A)
    return compound(start + record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)) + b"".join(sheet) + record(0x000A))


def at(row_: int, column: int, style: int = 0) -> bytes:
    return struct.pack("<HHH", row_, column, style)


def test_an_old_workbook_is_read_with_errors_dates_and_merges(read):
    source = read(biff8(
        record(0x0208, struct.pack("<HHHHHHHH", 1, 0, 9, 0, 0, 0, 0x20, 0)), record(0x007D, struct.pack("<HHHHHH", 2, 2, 0, 0, 1, 0)),
        record(0x00FD, at(0, 0), struct.pack("<I", 0)), record(0x0203, at(1, 0, 1), struct.pack("<d", 45717.0)),
        record(0x0203, at(1, 1, 2), struct.pack("<d", 0.25)), record(0x027E, at(1, 2), struct.pack("<i", 120050 << 2 | 3)),
        record(0x0205, at(1, 3), b"\x2a\x01"), record(0x0205, at(1, 4), b"\x01\x00"),
        record(0x00BD, struct.pack("<HH", 2, 0), struct.pack("<Hi", 0, 5 << 2 | 2), struct.pack("<Hi", 0, -7 << 2 | 2), struct.pack("<H", 1)),
        record(0x0006, at(3, 0), b"\0" * 6, b"\xff\xff", b"\0" * 8), record(0x0207, struct.pack("<HB", 2, 0), b"ok"),
        record(0x00E5, struct.pack("<HHHHH", 1, 0, 0, 0, 4))), "县.et")
    grid = source.grids[0]
    assert source.problems == [] and source.kind == "xls" and grid.name == "汇总"
    assert grid.rows == [["示例甲有限公司"], [dt.date(2025, 3, 1), 0.25, 1200.5, Fault("#N/A"), True], [5.0, -7.0], ["ok"]]
    assert (grid.merges, grid.hidden_rows, grid.hidden_columns, grid.looks) == ((Area(0, 0, 0, 4),), {1}, {2}, {(1, 1): PER_CENT})


def test_a_sheet_of_excel_4_is_read(read):
    text = "示例".encode("gb18030")
    data = (record(0x0409, struct.pack("<HHH", 0, 0x10, 0)) + record(0x0042, struct.pack("<H", 936))
            + record(0x0204, at(0, 0), struct.pack("<H", len(text)), text) + record(0x0203, at(0, 1), struct.pack("<d", 2.5)) + record(0x000A))
    assert row(read(data, "县.xls")) == ["示例", 2.5]


def test_an_old_workbook_that_is_cut_says_so(read):
    data = biff8(*(record(0x0203, at(number, 0), struct.pack("<d", number)) for number in range(1000)))
    source = read(data[:len(data) // 2], "县.xls")
    assert "不完整" in str(source.problems[0]) or "损坏" in str(source.problems[0])


def test_a_password_is_asked_for(read):
    filepass = record(0x002F, struct.pack("<HHH", 0, 0x1234, 0x5678))
    source = read(biff8(extra=filepass), "县.xls")
    assert [problem.code for problem in source.problems] == ["file.password"] and "--password" in only_problem(source)
    assert "给的密码打不开" in only_problem(read(biff8(extra=filepass), "县.xls", "123456"))


# Hostile files


def test_bombs_are_refused_before_they_are_inflated(read):
    assert [problem.code for problem in read(package("<x>" + " " * (80 << 20))).problems] == ["file.limit"]
    many = package(cells(), **{f"xl/media/{number}.png": "" for number in range(11_000)})
    assert "部件" in only_problem(read(many))


@pytest.mark.parametrize("entity", ['<!ENTITY a "aaaa">', '<!ENTITY a SYSTEM "file:///etc/hostname">'])
def test_no_entity_is_resolved(read, entity):
    head = f'<?xml version="1.0"?><!DOCTYPE x [{entity}]>'
    cell = cells('<c r="A1" t="str"><v>&a;</v></c>')
    sheet = f'{head}<worksheet xmlns="{MAIN}">{cell}</worksheet>'
    ns = "urn:schemas-microsoft-com:office:spreadsheet"
    xml = f'{head}<Workbook xmlns="{ns}"><Worksheet><Table><Row><Cell><Data>&a;</Data></Cell></Row></Table></Worksheet></Workbook>'
    texts = package(cells('<c r="A1" t="s"><v>0</v></c>'), **{"xl/sharedStrings.xml": f"{head}<sst><si><t>&a;</t></si></sst>"})
    for data in (package(sheet), texts, xml.encode()):
        source = read(data, "县.xls")
        assert source.grids == [] and [problem.code for problem in source.problems] == ["file.limit"]


def usual(path: Path, rows: int = 40) -> bytes:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("项目")
        for number in range(rows):
            sheet.write_row(number, 0, [f"示例{number}公司", number * 1.5, number])
    return path.read_bytes()


FLIP = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255))


@settings(max_examples=6)
@given(flips=st.lists(FLIP, min_size=25, max_size=25), cuts=st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8))
def test_a_flipped_byte_or_a_cut_never_loses_a_value_in_silence(tmp_path_factory, flips, cuts):
    folder = tmp_path_factory.mktemp("flips")
    whole = usual(folder / "whole.xlsx")
    for number, (place, change) in enumerate(flips):
        data = bytearray(whole)
        data[int(place * len(data))] ^= change
        (folder / f"flip{number}.xlsx").write_bytes(data)
    for number, share in enumerate(cuts):
        (folder / f"cut{number}.xlsx").write_bytes(whole[:int(share * len(whole))])
    paths = sorted(folder.glob("*.xlsx"))
    expected = read_source(folder / "whole.xlsx").grids[0].rows
    for path, source in zip(paths, read_sources(paths, jobs=2), strict=True):
        assert source.name == path.name
        assert source.problems or source.grids[0].rows == expected, path.name


def test_a_torn_part_is_noticed_with_isal_as_without(tmp_path, monkeypatch):
    isal = pytest.importorskip("isal.isal_zlib")
    whole = usual(tmp_path / "whole.xlsx")
    start = whole.index(b"sheet1.xml") + 10
    for place in range(start, start + 200):
        data = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1:]
        torn = []
        for inflater in (zlib, isal):
            monkeypatch.setattr(archive, "_fast", inflater)
            opened = archive.Archive(data)
            opened.part("xl/worksheets/sheet1.xml")
            torn.append(opened.torn)
        assert torn[0] == torn[1] == ["xl/worksheets/sheet1.xml"], place


@settings(max_examples=40)
@given(flip=FLIP, cut=st.floats(0, 1))
def test_broken_old_workbooks_raise_nothing(tmp_path_factory, flip, cut):
    data = bytearray(biff8(*(record(0x0203, at(number, 0), struct.pack("<d", number)) for number in range(20)),
                           record(0x00FD, at(0, 1), struct.pack("<I", 0))))
    data[int(flip[0] * len(data))] ^= flip[1]
    path = tmp_path_factory.mktemp("old") / "县.xls"
    path.write_bytes(data[:int(cut * len(data)) or 1] if cut < 0.5 else data)
    source = read_source(path, seconds=0.5)
    assert all(problem.where.file == "县.xls" and problem.expected for problem in source.problems)
