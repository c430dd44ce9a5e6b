"""Excel's binary workbooks (.xlsb): zipped parts of records."""
from __future__ import annotations

import math
import posixpath
import struct
from collections.abc import Iterator

from ....rules.problems import Where
from ...grid import Area, Fault, Grid, Source
from ..refusal import Refusal, damaged
from .archive import Archive
from .biff import ERRORS, rk_number
from .cells import dense
from .formats import look, meaning, shown
from .package import Book

_ROW, _COLUMN, _MERGE, _STRING, _SHEET_END = 0, 60, 176, 19, 130
_SHEET, _PROPERTIES = 156, 153
_FORMAT, _CELL_FORMATS, _CELL_FORMATS_END, _XF = 44, 617, 618, 47
_MAX_ROWS, _MAX_COLUMNS = 1048576, 16384


def read(data: bytes, source: Source, native: bool = True) -> None:
    """Read a binary workbook."""
    archive = Archive(data)
    book = Book(archive)
    part = next((target for kind, target in book.related("").values() if kind.endswith("/officedocument")), "xl/workbook.bin")
    if part not in archive:
        raise Refusal(damaged("里面没有工作簿"))
    related = book.related(part)
    sheets, from_1904 = _sheets(archive.part(part))
    strings = _strings(_part(archive, related, "/sharedstrings"))
    meanings = _meanings(_part(archive, related, "/styles"))
    for name, identity, visible in sheets:
        kind, target = related.get(identity, ("", ""))
        if kind and not kind.endswith(("/worksheet", "/xlmacrosheet", "/xlintlmacrosheet")):
            continue
        if target not in archive:
            source.problems.append(damaged("缺这张表的内容", Where(sheet=name)))
            continue
        source.grids.append(_grid(name, archive.part(target), strings, meanings, from_1904, visible, source))
    if not source.grids:
        raise Refusal(damaged("里面没有工作表"))
    source.reader = "xltool"
    source.problems.extend(damaged(f"部件“{name}”", expected="内容和校验和不符，传送或保存时损坏了") for name in dict.fromkeys(archive.torn))


def _part(archive: Archive, related: dict[str, tuple[str, str]], kind: str) -> bytes:
    target = next((target for type_, target in related.values() if type_.endswith(kind)), "")
    return archive.part(target) if target and posixpath.basename(target) and target in archive else b""


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Record types with their data; types and sizes are written in groups of seven bits."""
    at, end = 0, len(part)
    while at < end:
        code, at = part[at], at + 1
        if code & 0x80 and at < end:
            code, at = code & 0x7F | part[at] << 7, at + 1
        size = 0
        for shift in (0, 7, 14, 21):
            if at >= end:
                return
            byte, at = part[at], at + 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield code, part[at:at + size]
        at += size


def _wide(data: bytes, at: int) -> tuple[str, int]:
    """A text behind a four-byte length, and where it ends."""
    length = int.from_bytes(data[at:at + 4], "little")
    if length == 0xFFFFFFFF:
        return "", at + 4
    return data[at + 4:at + 4 + 2 * length].decode("utf-16-le", "replace"), at + 4 + 2 * length


def _sheets(part: bytes) -> tuple[list[tuple[str, str, bool]], bool]:
    sheets, from_1904 = [], False
    for code, data in _records(part):
        if code == _SHEET:
            for start in (8, 12):  # an early version had four bytes more
                identity, at = _wide(data, start)
                name, end = _wide(data, at)
                if end == len(data):
                    break
            sheets.append((name, identity, data[:4] == b"\0\0\0\0"))
        elif code == _PROPERTIES:
            from_1904 = bool(data and data[0] & 1)
    return sheets, from_1904


def _strings(part: bytes) -> list[str]:
    return [_wide(data, 1)[0] for code, data in _records(part) if code == _STRING]


def _meanings(part: bytes) -> list[str]:
    codes, numbers, inside = {}, [], False
    for code, data in _records(part):
        if code == _FORMAT:
            codes[int.from_bytes(data[:2], "little")] = _wide(data, 2)[0]
        elif code in (_CELL_FORMATS, _CELL_FORMATS_END):
            inside = code == _CELL_FORMATS
        elif code == _XF and inside:
            numbers.append(int.from_bytes(data[2:4], "little"))
    return [meaning(number, codes) for number in numbers]


def _grid(name: str, part: bytes, strings: list[str], meanings: list[str], from_1904: bool, visible: bool, source: Source) -> Grid:
    found: dict[int, dict[int, object]] = {}
    looks, hidden_rows, hidden_columns, merges, row = {}, set(), set(), [], -1
    where, ended = Where(sheet=name), False
    try:
        for code, data in _records(part):
            if code == _ROW:
                row = int.from_bytes(data[:4], "little")
                if row >= _MAX_ROWS:
                    raise ValueError
                if data[11] & 0x10:
                    hidden_rows.add(row)
            elif 2 <= code <= 11:
                column, style = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:7], "little")
                value = _value(code, data, strings)
                if value == "":
                    continue
                if column >= _MAX_COLUMNS or row < 0:
                    raise ValueError
                if isinstance(value, float):
                    as_ = meanings[style] if style < len(meanings) else ""
                    if as_ and (seen := look(value, as_)):
                        looks[row, column] = seen
                    value = shown(value, as_, from_1904)
                cells = found.setdefault(row, {})
                if column in cells:
                    source.problems.append(damaged(f"第{row + 1}行第{column + 1}列写了两次：{cells[column]}、{value}", where))
                    value = Fault(f"{cells[column]}／{value}")
                cells[column] = value
            elif code == _SHEET_END:
                ended = True
            elif code == _MERGE:
                top, bottom, left, right = struct.unpack_from("<4I", data)
                if top <= bottom < _MAX_ROWS and left <= right < _MAX_COLUMNS:
                    merges.append(Area(top, left, bottom, right))
            elif code == _COLUMN and data[16] & 1:
                first, last = struct.unpack_from("<2I", data)
                hidden_columns.update(range(first, min(last + 1, _MAX_COLUMNS)))
    except (ValueError, IndexError, struct.error):
        ended = False
    if not ended:
        source.problems.append(damaged("这张表没有读完", where, expected="文件已损坏，后面可能还有内容"))
    rows = dense(found)
    hidden = frozenset(row for row in hidden_rows if row < len(rows))
    return Grid(name, rows, tuple(merges), hidden, frozenset(hidden_columns), looks, visible)


def _value(code: int, data: bytes, strings: list[str]) -> object:
    """What a cell record holds; its type tells how it is written."""
    if code == 2:
        return rk_number(data, 8)
    if code in (3, 11):
        return Fault(ERRORS.get(data[8], "#ERROR!"))
    if code in (4, 10):
        return bool(data[8])
    if code in (5, 9):
        number = struct.unpack_from("<d", data, 8)[0]
        return number if math.isfinite(number) else Fault(str(number))
    if code in (6, 8):
        return _wide(data, 8)[0]
    index = int.from_bytes(data[8:12], "little")
    return strings[index] if index < len(strings) else Fault("#LOST!")
