"""`Template.write`: rows from a generator leave as they come, the file is whole or not there, and the same as `render`'s."""
from __future__ import annotations

import io
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.workbook.defined_name import DefinedName

from xltool.output.template import Template, TemplateError
from xltool.output.template.package import Archive, Part, deflated, pack, pack_pieces

MANY = 3_000  # several times what is deflated together


def template() -> Template:
    """A loop between a total above it and one below, with ranges that follow."""
    book = Workbook()
    sheet = book.active
    sheet.title = "表"
    sheet["A1"], sheet["B1"] = "合计", "=SUM(B3:B3)"
    sheet["A2"], sheet["A4"] = "{%tr for row in rows %}", "{%tr endfor %}"
    sheet["A3"], sheet["B3"], sheet["C3"] = "{% vm %}{{ row.name }}", "{{ row.value }}", "=B3*2"
    sheet["A5"], sheet["B5"] = "合计", "=SUM(B3:B3)"
    sheet.auto_filter.ref = "A1:C3"
    sheet.print_area = "A1:C5"
    sheet.conditional_formatting.add("B3:B5", CellIsRule(operator="lessThan", formula=["0"]))
    book.defined_names["金额"] = DefinedName("金额", attr_text="表!$B$3:$B$3")
    stream = io.BytesIO()
    book.save(stream)
    return Template.load(stream.getvalue())


def rows(count: int) -> Iterator[dict[str, object]]:
    return ({"name": f"第{number // 4}组", "value": number + 0.5} for number in range(count))


@pytest.mark.parametrize("count", [0, 1, 499, 500, MANY])
def test_a_generator_gives_the_bytes_a_list_gives(count, tmp_path):
    made = template()
    made.write({"rows": rows(count)}, tmp_path / "表.xlsx")
    assert (tmp_path / "表.xlsx").read_bytes() == made.render({"rows": list(rows(count))})


def test_what_stands_around_a_long_loop_follows_it(tmp_path):
    template().write({"rows": rows(MANY)}, tmp_path / "表.xlsx")
    book = load_workbook(tmp_path / "表.xlsx")
    sheet, last = book.active, MANY + 1
    assert sheet["B1"].value == sheet[f"B{last + 1}"].value == f"=SUM(B2:B{last})"
    assert sheet.cell(last, 2).value == MANY - 0.5 and sheet.cell(last, 3).value == f"=B{last}*2"
    assert len(sheet.merged_cells.ranges) == MANY / 4
    assert sheet.auto_filter.ref == f"A1:C{last}" and sheet.print_area == f"'表'!$A$1:$C${last + 1}"
    assert [str(area.sqref) for area in sheet.conditional_formatting] == [f"B2:B{last + 1}"]
    assert book.defined_names["金额"].attr_text == f"表!$B$2:$B${last}"
    values = load_workbook(tmp_path / "表.xlsx", data_only=True).active
    assert values["B1"].value == values[f"B{last + 1}"].value == MANY**2 / 2


def test_memory_does_not_grow_with_the_rows(tmp_path):
    book = Workbook()
    for text in ("{%tr for row in rows %}", "{{ row.name }}", "{%tr endfor %}"):
        book.active.append([text, *["=1+1", "固定文字" * 20] * (text[1] == "{")])
    stream = io.BytesIO()
    book.save(stream)
    made = Template.load(stream.getvalue())

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            made.write({"rows": rows(count)}, tmp_path / "表.xlsx")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(12_000)  # what the template keeps of texts is bounded
    more = peak(12_000) - peak(4_000)
    with zipfile.ZipFile(tmp_path / "表.xlsx") as archive:
        written = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    assert more < written / 4  # of twice as much text


def test_more_rows_than_a_sheet_has_are_a_problem_and_leave_the_older_file(tmp_path):
    book = Workbook()
    for text in ("{%tr for row in rows %}", "{{ row }}", "{%tr endfor %}"):
        book.active.append([text])
    for _ in range(2_000):
        book.active.append(["x"])
    stream = io.BytesIO()
    book.save(stream)
    path = tmp_path / "表.xlsx"
    path.write_bytes(b"older")
    with pytest.raises(TemplateError, match="1048576 行"):
        Template.load(stream.getvalue()).write({"rows": range(1_047_000)}, path)
    assert path.read_bytes() == b"older" and [file.name for file in tmp_path.iterdir()] == ["表.xlsx"]


def test_a_part_may_be_put_together_from_texts_and_deflated_pieces():
    texts = [f"<行 {number}/>" * 20 for number in range(1_700)]
    joined = "".join(texts).encode()
    pieces = [*texts[:3], deflated("".join(texts[3:900]).encode()), deflated(b""), *[""] * 1_000, *texts[900:]]
    assert pack_pieces("a.xml", pieces).unpack() == joined


def test_parts_beyond_4_gb_and_beyond_65535_are_named_in_zip64():
    tail = pack("尾.xml", b"ddd")
    large = Part("large.bin", zipfile.ZIP_STORED, zlib.crc32(b"hi"), 5 << 32, b"hi")
    with zipfile.ZipFile(io.BytesIO(Archive([large]).with_parts([tail]))) as archive:
        assert [info.file_size for info in archive.infolist()] == [5 << 32, 3] and archive.read("尾.xml") == b"ddd"
    many = [Part(f"{number}", zipfile.ZIP_STORED, 0, 0, b"") for number in range(66_000)]
    with zipfile.ZipFile(io.BytesIO(Archive(many).with_parts([tail]))) as archive:
        assert len(archive.infolist()) == 66_001 and archive.read("尾.xml") == b"ddd"
