"""The file around the sheets: what no tag touches is handed on byte for byte, and what is unsafe is refused."""

import io
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

import xltool
from xltool.output.template import Template, TemplateError

FOR, ENDFOR = "{%tr for x in xs %}", "{%tr endfor %}"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def full_template(loop: bool = False) -> bytes:
    """A workbook with a picture, a chart, a comment, a text box, a validation, a format and rich text."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet, other = workbook.add_worksheet("表"), workbook.add_worksheet("说明")
    sheet.write_column("A1", ["题", FOR, "{{ x }}", ENDFOR] if loop else ["{{ a }}", "{{ b }}", "固定"])
    sheet.write_rich_string("B1", "粗 ", workbook.add_format({"bold": True}), "体")
    sheet.insert_image("D1", "点.png", {"image_data": io.BytesIO(PIXEL)})
    sheet.insert_textbox("D5", "文本框")
    sheet.write_comment("A1", "批注")
    sheet.data_validation("C1", {"validate": "list", "source": ["甲", "乙"]})
    sheet.conditional_format("C1", {"type": "cell", "criteria": ">", "value": 0, "format": workbook.add_format()})
    chart = workbook.add_chart({"type": "column"})
    chart.add_series({"values": "=说明!$A$1:$A$3"})
    other.insert_chart("C1", chart)
    other.write_column("A1", [1, 2, 3])
    other.write_formula("A4", "=SUM(A1:A3)", None, 6)
    workbook.close()
    return stream.getvalue()


def packed(data: bytes) -> dict[str, bytes]:
    """Each part as the deflated bytes in the file."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            names = struct.unpack_from("<2H", data, info.header_offset + 26)
            start = info.header_offset + 30 + sum(names)
            found[info.filename] = data[start : start + info.compress_size]
    return found


def rezipped(data: bytes, **changes: bytes | None) -> bytes:
    """The workbook with parts set, or taken out where they are None."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in changes:
                target.writestr(name, source.read(name))
        for name, content in changes.items():
            if content is not None:
                target.writestr(name, content)
    return stream.getvalue()


def simple(text: str = "{{ x }}") -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = text
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_only_the_tagged_sheet_is_written_anew():
    source = full_template()
    before, after = packed(source), packed(Template.load(source).render({"a": 1, "b": "文"}))
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {"xl/worksheets/sheet1.xml"}


def test_on_a_sheet_with_a_loop_only_what_points_at_its_rows_changes():
    source = full_template(loop=True)
    before, after = packed(source), packed(Template.load(source).render({"xs": [1, 2]}))
    changed = {name for name in before if before[name] != after[name]}
    beside = {"xl/drawings/drawing1.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}
    assert changed == {"xl/worksheets/sheet1.xml", *beside}


def test_the_zip_is_whole_and_opens():
    data = Template.load(full_template()).render({"a": 1, "b": "文"})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
    assert openpyxl.load_workbook(io.BytesIO(data))["表"]["A1"].value == 1


def test_the_same_input_gives_the_same_bytes():
    source = full_template(loop=True)
    first = Template.load(source).render({"xs": [1, "二"]})
    time.sleep(0.01)
    template = Template.load(source)
    template.render({"xs": ["别的"]})
    assert template.render({"xs": [1, "二"]}) == first


def with_calculation_chain() -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    sheet.write_column("A1", [FOR, "{{ x }}", ENDFOR])
    sheet.write_formula("A4", "=SUM(A2:A2)")
    workbook.close()
    data = stream.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types, links = archive.read("[Content_Types].xml").decode(), archive.read("xl/_rels/workbook.xml.rels").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    override = f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    link = f'<Relationship Id="rId99" Type="{relation}" Target="calcChain.xml"/></Relationships>'
    chain = '<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="A4" i="1"/></calcChain>'
    changes = {
        "[Content_Types].xml": types.replace("</Types>", override).encode(),
        "xl/calcChain.xml": chain.encode(),
        "xl/_rels/workbook.xml.rels": links.replace("</Relationships>", link).encode(),
    }
    return rezipped(data, **changes)


def test_the_list_of_formula_cells_is_dropped_everywhere_when_they_move():
    data = Template.load(with_calculation_chain()).render({"xs": [1, 2]})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "xl/calcChain.xml" not in archive.namelist()
        assert b"calcChain" not in archive.read("[Content_Types].xml")
        assert b"calcChain" not in archive.read("xl/_rels/workbook.xml.rels")


def test_names_with_backslashes_are_read_as_windows_meant_them():
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(simple())) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            target.writestr(name.replace("/", "\\"), source.read(name))
    data = Template.load(stream.getvalue()).render({"x": 5})
    assert openpyxl.load_workbook(io.BytesIO(data)).active["A1"].value == 5


def test_a_sheet_formatted_down_to_its_last_row_can_still_grow():
    text = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + "".join(
            f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{t}</t></is></c></row>'
            for n, t in enumerate([FOR, "{{ x }}", ENDFOR, "尾"], 1)
        )
        + '<row r="1048576"><c r="A1048576" s="0"/></row></sheetData></worksheet>'
    )
    t = Template.load(rezipped(simple(), **{"xl/worksheets/sheet1.xml": text.encode()}))
    sheet = openpyxl.load_workbook(io.BytesIO(t.render({"xs": [1, 2, 3, 4]}))).active
    assert [c.value for c in sheet["A"]] == [1, 2, 3, 4, "尾"]


def test_an_xltx_template_gives_an_xlsx_workbook():
    workbook = openpyxl.Workbook()
    workbook.template = True
    workbook.active["A1"] = "{{ x }}"
    stream = io.BytesIO()
    workbook.save(stream)
    with zipfile.ZipFile(io.BytesIO(Template.load(stream.getvalue()).render({"x": 1}))) as archive:
        assert b"spreadsheetml.sheet.main+xml" in archive.read("[Content_Types].xml")


# What is refused


def broken(kind: str) -> bytes:
    data = simple()
    if kind == "no zip":
        return b"not a workbook"
    if kind == "encrypted":
        return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    if kind == "a zip inside":
        return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + data
    if kind == "damaged relationships":
        return rezipped(data, **{"_rels/.rels": b"\x00"})
    if kind == "odd range":
        text = (
            b'<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{{ x }}</t></is></c></row></sheetData>'
            b'<mergeCells><mergeCell ref="A0:B1"/></mergeCells></worksheet>'
        )
        return rezipped(data, **{"xl/worksheets/sheet1.xml": text})
    if kind == "cut off":
        return data[: len(data) // 2]
    if kind == "macros":
        return rezipped(data, **{"xl/vbaProject.bin": b"x"})
    if kind == "signature":
        return rezipped(data, **{"_xmlsignatures/origin.sigs": b""})
    if kind == "no workbook":
        return rezipped(data, **{"xl/workbook.xml": None})
    if kind == "no sheet":
        return rezipped(data, **{"xl/worksheets/sheet1.xml": None})
    if kind == "malformed":
        return rezipped(data, **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"})
    if kind == "entities":
        text = b'<!DOCTYPE w [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><worksheet><sheetData/></worksheet>'
        return rezipped(data, **{"xl/worksheets/sheet1.xml": text})
    if kind == "odd name":
        return rezipped(data, **{"xl/../../evil.xml": b"x"})
    if kind == "wrong address":
        text = b'<worksheet><sheetData><row r="1"><c r="B7"/></row></sheetData></worksheet>'
        return rezipped(data, **{"xl/worksheets/sheet1.xml": text})
    raise AssertionError(kind)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("no zip", "不是可以读的 .xlsx 工作簿"),
        ("a zip inside", "请去掉密码"),
        ("damaged relationships", "不是合法的 XML"),
        ("odd range", "not a range: A0"),
        ("encrypted", "请去掉密码"),
        ("cut off", "不是可以读的 .xlsx 工作簿"),
        ("macros", "模板不能带宏"),
        ("signature", "请先去掉签名"),
        ("no workbook", "没有工作簿部件"),
        ("no sheet", "没有内容"),
        ("malformed", "不是合法的 XML"),
        ("entities", "不能有 DTD"),
        ("odd name", "部件名不合法"),
        ("wrong address", "单元格地址不对：B7"),
    ],
)
def test_a_file_that_is_no_plain_workbook_is_refused_in_words(kind, words):
    with pytest.raises(TemplateError) as caught:
        Template.load(broken(kind), "坏.xlsx")
    (problem,) = caught.value.problems
    assert problem.code == "file.unreadable"
    assert words in str(problem) and str(problem).startswith("坏.xlsx ")


def test_a_damaged_part_is_refused():
    data = bytearray(simple())
    position = data.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml") + 20
    data[position] ^= 0xFF
    with pytest.raises(TemplateError, match="已损坏"):
        Template.load(bytes(data))


def test_a_part_that_unpacks_to_more_than_it_declares_is_refused():
    data = bytearray(simple())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    directory = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    struct.pack_into("<L", data, directory + 24, info.file_size // 2)
    with pytest.raises(TemplateError, match="已损坏"):
        Template.load(bytes(data))


def test_a_zip_bomb_is_refused_by_its_declared_size(monkeypatch):
    monkeypatch.setattr("xltool.output.template.package.MAX_PART_BYTES", 1000)
    with pytest.raises(TemplateError, match="太大"):
        Template.load(simple())


def test_the_package_imports_in_an_instant_and_without_other_libraries():
    program = (
        f"import sys; sys.path.insert(0, {str(Path(xltool.__file__).parent.parent)!r}); import xltool.output.template; "
        "print(sorted(sys.modules.keys() & {'jinja2', 'openpyxl', 'pandas', 'numpy', 'lxml'}))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
