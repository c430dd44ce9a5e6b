"""Workbooks as Excel, WPS and LibreOffice zip them (.xlsx, .xlsm, strict): calamine reads, and every sheet's XML is asked what it lost.

calamine is fast and drops without a word: error cells and formulas that were never calculated become blank, of two cells with one
address one wins, digits beyond the fifteenth change. So the cells with contents in a sheet's XML are counted, by bytes, which costs a
fraction of reading. Where the count differs from what calamine gave, or something else is odd, the sheet is read again by `cells`, slowly
and completely; likewise where calamine gives up. What stands beside the values (merges, hidden rows, looks) is searched for.
"""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from io import BytesIO
from xml.parsers import expat

from ....rules.problems import Where
from ...grid import Area, Grid, Look, Source
from ..refusal import Refusal, damaged, unsafe
from . import cells
from .archive import Archive
from .formats import look, tells
from .package import Book, Sheet, attributes, utf8

_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s([^>]*)>")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})(?::([A-Z]{1,3})([1-9]\d{0,6}))?")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^>]*)>")
_PROLOGUE = re.compile(rb"\s*(?:<\?[^>]*\?>\s*)*<worksheet\b")
_SKELETON = ("[content_types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedstrings.xml", "xl/styles.xml")
_TRUE = ("1", "true")
_MAX_COLUMNS, _MAX_ROWS, _SPARSE, _MANY = 16384, 1048576, 50, 20

Looks = dict[tuple[int, int], Look]


def read(data: bytes, source: Source, native: bool = True) -> None:
    """Read a zipped workbook. `native`: with calamine first."""
    archive = Archive(data)
    book = Book(archive)
    if not book.sheets:
        raise Refusal(damaged("里面没有工作表"))
    xmls = {sheet.part: utf8(archive.part(sheet.part)) if sheet.part in archive else b"" for sheet in book.sheets}
    for xml in xmls.values():
        if b"<!DOCTYPE" in xml[:4000]:
            raise Refusal(unsafe("表里定义了实体（DOCTYPE）"))
    fast = _calamine(data, book, xmls) if native else {}
    book.verify()
    if native and not fast:
        _check_skeleton(archive, source)
    own = 0
    for sheet in book.sheets:
        if sheet.part not in archive:
            source.problems.append(damaged("缺这张表的内容", Where(sheet=sheet.name)))
            continue
        xml, rows = xmls[sheet.part], fast.get(sheet.name)
        body = _body(xml)
        if rows is not None and _complete(rows, xml, body, book.recalculates):
            looks = _looks(rows, xml, body, book)
        else:
            own += 1
            rows, looks = _scanned(sheet, xml, body, book, source)
        source.grids.append(_grid(sheet, rows, looks, xml, body, source))
    source.reader = "xltool" if own == len(source.grids) else "calamine+xltool" if own else "calamine"
    source.problems.extend(damaged(f"部件“{name}”", expected="内容和校验和不符，传送或保存时损坏了") for name in dict.fromkeys(archive.torn))
    source.problems.extend(damaged(found, expected=expected) for found, expected in book.faults)


def _calamine(data: bytes, book: Book, xmls: dict[str, bytes]) -> dict[str, list[list[object]]]:
    """The sheets calamine can read, by name; none of those it would spread over more memory than they need."""
    from python_calamine import CalamineWorkbook
    names = [sheet.name for sheet in book.sheets if not _sparse(xmls[sheet.part])]
    if len({sheet.name for sheet in book.sheets}) < len(book.sheets):
        return {}
    workbook = unless_it_breaks(lambda: CalamineWorkbook.from_filelike(BytesIO(data)))
    if workbook is None:
        return {}
    found = {name: unless_it_breaks(lambda name=name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names}
    return {name: rows for name, rows in found.items() if rows is not None}


def unless_it_breaks(call: Callable[[], object]):
    """What the native reader gives, None where it raises or panics (a panic is no Exception)."""
    try:
        return call()
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException:
        return None


def _sparse(xml: bytes) -> bool:
    """Whether the last rows stand far below the others: calamine would hold every cell in between."""
    at = xml.rfind(b"<row ")
    last = re.search(rb'\br="(\d+)"', xml[at:at + 300])
    return bool(last) and int(last[1]) > 10_000 and int(last[1]) > _SPARSE * xml.count(b"<row ")


def _body(xml: bytes) -> slice:
    """Where the cells are."""
    start = re.search(rb"<(?:\w+:)?sheetData\b", xml)
    if not start:
        return slice(0, 0)
    end = xml.rfind(b"sheetData>")
    return slice(start.start(), end if end > start.start() else len(xml))


def _complete(rows: list[list[object]], xml: bytes, body: slice, recalculates: bool) -> bool:
    """Whether calamine's rows hold every value that is in the XML, and nothing calls for a closer look."""
    start, end = body.start, body.stop
    if not (_PROLOGUE.match(xml) and xml[-50:].rstrip().endswith(b"</worksheet>") and xml.startswith(b"<sheetData", start)):
        return False
    filled, held = sum(len(row) - row.count("") for row in rows), xml.count(b"</c>", start, end)
    if filled != held and filled != held - xml.count(b'"></c>', start, end):
        return False
    if (recalculates and _has(b"</f>", xml, start, end)) or _has(b"<c s=", xml, start, end):
        return False
    others = [value for row in rows for value in row if type(value) is not str]
    if dt.time in map(type, others):  # also what calamine makes of a negative number
        return False
    numbers = [value for value in others if type(value) is float]
    # A sum this small has no number of sixteen digits in it, nor a NaN.
    return sum(map(abs, numbers)) < 1e14 or all(-1e15 < number < 1e15 for number in numbers)


def _has(word: bytes, xml: bytes, start: int, end: int) -> bool:
    """Whether the word is there: single bytes are found ten times faster than words, and words twice as fast from the end."""
    return all(xml.find(byte, start, end) >= 0 for byte in word) and xml.rfind(word, start, end) >= 0


def _scanned(sheet: Sheet, xml: bytes, body: slice, book: Book, source: Source) -> tuple[list[list[object]], Looks]:
    """The rows and looks as `cells` reads them, with what is wrong reported."""
    _check_form(xml, source, Where(sheet=sheet.name))
    scan = cells.scan(xml[body], book)
    source.problems.extend(damaged(problem.found, Where(sheet=sheet.name, cell=problem.cell), expected=problem.expected)
                           for problem in scan.problems[:_MANY])
    if len(scan.problems) > _MANY:
        source.problems.append(damaged(f"这样的单元格共 {len(scan.problems)} 个", Where(sheet=sheet.name), expected=f"只列出前 {_MANY} 个"))
    return scan.rows, scan.looks


def _check_form(xml: bytes, source: Source, place: Where, what: str = "表") -> None:
    """Report XML that a parser would refuse; the cells are then read one by one, as far as they go."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        source.problems.append(damaged(f"第{error.lineno}行第{error.offset + 1}个字节", place, expected=f"{what}的XML有错，可能缺内容，请核对"))


def _check_skeleton(archive: Archive, source: Source) -> None:
    """Report what is broken in the parts that hold the sheets together."""
    for name in archive:
        if name in _SKELETON:
            _check_form(utf8(archive.part(name)), source, Where(), f"部件“{name}”")


def _looks(rows: list[list[object]], xml: bytes, body: slice, book: Book) -> Looks:
    """What formats add to the numbers that are shown by one that adds something."""
    styles = [b"%d" % index for index, meaning in enumerate(book.styles) if tells(meaning)]
    if not any(xml.find(b' s="%s"' % style, body.start, body.stop) >= 0 for style in styles):
        return {}
    tags = re.compile(rb'<c (?=[^>]*\bs="(' + b"|".join(styles) + rb')")[^>]*?\br="([A-Z]+)(\d+)"')
    found = {}
    for style, letters, digits in tags.findall(xml, body.start, body.stop):
        row, column = int(digits) - 1, cells.column_index(letters)
        if row < len(rows) and column < len(rows[row]) and (seen := look(rows[row][column], book.styles[int(style)])):
            found[row, column] = seen
    return found


def _grid(sheet: Sheet, rows: list[list[object]], looks: Looks, xml: bytes, body: slice, source: Source) -> Grid:
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    if _has(b"hidden=", xml, 0, body.start) or _has(b"hidden=", xml, body.start, body.stop):
        for column in map(attributes, _COLUMN.findall(xml, 0, body.start)):
            if column.get("hidden") in _TRUE and column.get("min", "").isdigit() and column.get("max", "").isdigit():
                hidden_columns.update(range(int(column["min"]) - 1, min(int(column["max"]), _MAX_COLUMNS)))
        number = 0
        for row in map(attributes, _ROW.findall(xml, body.start, body.stop)):
            number = int(row["r"]) if row.get("r", "").isdigit() else number + 1
            if row.get("hidden") in _TRUE and number <= len(rows):
                hidden_rows.add(number - 1)
    merges = []
    for tag in _MERGE.findall(xml, body.stop):
        reference = attributes(tag).get("ref", "")
        area = _area(reference)
        if area:
            merges.append(area)
        else:
            source.problems.append(damaged(f"合并单元格“{reference}”", Where(sheet=sheet.name), expected="位置看不懂"))
    return Grid(sheet.name, rows, tuple(merges), frozenset(hidden_rows), frozenset(hidden_columns), looks, sheet.visible)


def _area(reference: str) -> Area | None:
    """The rectangle of a reference such as A1:B2, None where it is none."""
    match = _RANGE.fullmatch(reference.replace("$", ""))
    if not match:
        return None
    left, top = cells.column_index(match[1].encode()), int(match[2]) - 1
    right, bottom = (cells.column_index(match[3].encode()), int(match[4]) - 1) if match[3] else (left, top)
    if not (left <= right < _MAX_COLUMNS and top <= bottom < _MAX_ROWS):
        return None
    return Area(top, left, bottom, right)

