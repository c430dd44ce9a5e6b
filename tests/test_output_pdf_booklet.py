"""PDFs bound into one: bookmarks, page numbers that stand clear, each font once, the same bytes each time. No LibreOffice is needed."""
from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from xltool.output.pdf import Part, merge
from xltool.output.pdf.document import printed
from xltool.output.pdf.type1 import _decrypted, _encrypted

CREATED = dt.datetime(2026, 3, 1, 9, 30)


def pdf(*texts: str, wide: bool = False, glyphs: bytes = b"glyphs" * 1000) -> bytes:
    """A page per text, made as LibreOffice does: one dictionary of fonts for all pages, contents that do not put back what they set."""
    writer = PdfWriter()
    file = DecodedStreamObject()
    file.set_data(glyphs)
    described = DictionaryObject({NameObject("/FontFile2"): writer._add_object(file)})
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/TrueType"),
                             NameObject("/BaseFont"): NameObject("/Helvetica"), NameObject("/FontDescriptor"): writer._add_object(described)})
    fonts = DictionaryObject({NameObject(name): writer._add_object(font) for name in ("/F1", "/F2")})
    for text in texts:
        page = writer.add_blank_page(*((842, 595) if wide else (595, 842)))
        contents = DecodedStreamObject()
        contents.set_data(f"0.5 0 0 0.5 100 100 cm BT /F1 12 Tf ({text}) Tj ET".encode())
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(contents)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def bound(*parts: Part, **options: bool) -> PdfReader:
    return PdfReader(io.BytesIO(merge(parts, "南通市", CREATED, **options)))


def bookmarks(reader: PdfReader, outline: list) -> list:
    return [bookmarks(reader, each) if isinstance(each, list) else (each.title, reader.get_destination_page_number(each)) for each in outline]


def test_projects_stand_under_their_county_in_order():
    reader = bound(Part("甲", pdf("a", "b"), "如东县"), Part("乙", pdf("c"), "如东县"), Part("丙", pdf("d")), Part("丁", pdf("e"), "海安市"))
    assert bookmarks(reader, reader.outline) == [("如东县", 0), [("甲", 0), ("乙", 2)], ("丙", 3), ("海安市", 4), [("丁", 4)]]
    assert [page.extract_text().split()[0] for page in reader.pages] == list("abcde")


def test_page_numbers_run_on_and_agree_with_the_labels():
    reader = bound(*(Part(str(number), pdf("x")) for number in range(12)))
    assert [page.extract_text().split()[1:] for page in reader.pages] == [["—", str(number), "—"] for number in range(1, 13)]
    assert reader.page_labels == [str(number) for number in range(1, 13)]


@pytest.mark.parametrize("wide", [False, True])
def test_a_number_stands_at_the_middle_of_the_foot_whatever_the_page_has_set(wide):
    reader, places = bound(Part("甲", pdf("x", wide=wide))), {}
    reader.pages[0].extract_text(visitor_text=lambda text, user, matrix, font, size: places.update({text.strip(): (user, matrix)}))
    user, matrix = places["— 1 —"]
    assert [round(each) for each in user] == [1, 0, 0, 1, 0, 0]
    assert matrix[5] == 14 and abs(matrix[4] + 15.75 - (421 if wide else 297.5)) < 0.1


def test_equal_fonts_are_there_once_and_unused_ones_not_at_all():
    parts = [Part(str(number), pdf("x", "y", glyphs=bytes([number % 2]) * 5000)) for number in range(6)]
    reader = bound(*parts)
    used = [{name: page["/Resources"]["/Font"].raw_get(name).idnum for name in page["/Resources"]["/Font"]} for page in reader.pages]
    assert all(fonts.keys() == {"/F1", "/XltoolNumber"} for fonts in used)
    assert len({fonts["/F1"] for fonts in used}) == 2 and len({fonts["/XltoolNumber"] for fonts in used}) == 1


def test_without_numbers_the_pages_are_as_they_were():
    reader = bound(Part("函", pdf("a", "b")), numbered=False)
    assert [page.extract_text().split() for page in reader.pages] == [["a"], ["b"]]


def test_the_title_and_the_only_moment_are_those_given():
    data = merge([Part("甲", pdf("a"))], "南通市", CREATED)
    reader = PdfReader(io.BytesIO(data))
    assert (reader.metadata.title, reader.metadata.creation_date, reader.metadata.modification_date) == ("南通市", CREATED, CREATED)
    assert data == merge([Part("甲", pdf("a"))], "南通市", CREATED) != merge([Part("甲", pdf("a"))], "南通市", CREATED.replace(day=2))


@given(st.binary(max_size=300))
def test_what_is_encrypted_as_a_type_1_font_is_read_back(plain):
    assert _decrypted(_encrypted(plain)) == plain


def type1(number: int, glyphs: bytes) -> bytes:
    """A PDF with a Type 1 font of this number."""
    clear, secret = b"%%!FontType1\n/UniqueID %d def\n" % number, _encrypted(b"\0\0\0\0/UniqueID %d def\n" % number + glyphs)
    writer = PdfWriter(io.BytesIO(pdf("x")))
    file = DecodedStreamObject()
    file.set_data(clear + secret + b"cleartomark")
    file.update({NameObject(name): NumberObject(size) for name, size in (("/Length1", len(clear)), ("/Length2", len(secret)), ("/Length3", 11))})
    for font in writer.pages[0]["/Resources"]["/Font"].values():
        font.get_object()[NameObject("/FontDescriptor")] = DictionaryObject({NameObject("/FontFile"): writer._add_object(file)})
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def numbered(data: bytes) -> tuple[bytes, bytes]:
    """The clear and the secret part of the font once its number was made."""
    file = printed(data).pages[0]["/Resources"]["/Font"]["/F1"]["/FontDescriptor"]["/FontFile"]
    ends = file["/Length1"]
    return file.get_data()[:ends], _decrypted(file.get_data()[ends:ends + file["/Length2"]])


def test_a_font_goes_by_a_number_of_its_own_whichever_it_was_given():
    first, second, other = (numbered(type1(*each)) for each in ((4100001, b"abc"), (4100007, b"abc"), (4100001, b"abd")))
    assert first == second != other and first[1].endswith(b"\nabc")
    assert first[0].split()[2] == first[1].split()[1] and 4_000_000 <= int(first[0].split()[2]) < 5_000_000


def test_contents_in_several_pieces_are_kept_in_order():
    writer = PdfWriter(io.BytesIO(pdf("a")))
    page, more = writer.pages[0], DecodedStreamObject()
    more.set_data(b"BT /F2 12 Tf (b) Tj ET")
    page[NameObject("/Contents")] = ArrayObject([page.raw_get("/Contents"), writer._add_object(more)])
    stream = io.BytesIO()
    writer.write(stream)
    (page,) = bound(Part("甲", stream.getvalue())).pages
    assert "".join(page.extract_text().split()) == "ab—1—"
