"""Workbooks of Excel 97-2003 (.xls, .et: BIFF5 and BIFF8 in a compound file) and worksheets of Excel 2-4 (BIFF2-4).

Read record by record in Python: the native readers abort or exhaust memory on broken ones and hide error cells, and a second
look at the records would cost as much as reading them.
"""
from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import olefile

from ....rules.problems import Where
from ...grid import Area, Fault, Grid, Look, Source
from ..refusal import SAVE_AGAIN, Refusal, damaged, locked
from .cells import dense
from .formats import NUMBER, look, meaning, shown

ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_VERSIONS = {0x0009: 2, 0x0209: 3, 0x0409: 4}
_BOF, _EOF, _CONTINUE = (0x0009, 0x0209, 0x0409, 0x0809), 0x000A, 0x003C
_SHEETS = (0x0010, 0x0040)  # BOF types: worksheet, macro sheet
_CODEPAGES = {936: "gb18030", 950: "cp950", 1200: "utf-16-le", 10000: "mac-roman", 10008: "gb18030", 21010: "utf-16-le", 32768: "mac-roman",
              32769: "cp1252", 367: "cp1252"}
_CELL = struct.Struct("<HHH").unpack_from
_DOUBLE = struct.Struct("<d").unpack_from
_RK = struct.Struct("<i").unpack_from


@dataclass(slots=True)
class _Globals:
    """What the sheets of a workbook share."""

    version: int = 8
    encoding: str = "gb18030"
    from_1904: bool = False
    strings: list[str] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)  # number format by cell format
    sheets: list[tuple[str, int, bool, int]] = field(default_factory=list)  # name, position, visible, type

    def meanings(self) -> list[str]:
        return [meaning(number, self.codes) for number in self.formats]


def read(data: bytes, source: Source, native: bool = True) -> None:
    """Read a workbook of records."""
    stream = workbook_stream(data, source) if data[:4] == b"\xd0\xcf\x11\xe0" else data
    shared = _globals(stream)
    if shared.version >= 5 and not shared.sheets:
        raise Refusal(damaged("工作表的目录读不出", expected="文件已损坏或不完整"))
    places = shared.sheets or [(source.name.rpartition(".")[0] or source.name, 0, True, 0)]
    torn = False
    for name, position, visible, kind in places:
        if kind in (2, 6):  # a chart or a Visual Basic module: no cells
            continue
        reading = _Sheet(shared)
        try:
            whole = reading.read(stream, position)
        except (struct.error, IndexError, ValueError, OverflowError, UnicodeError):
            whole = False
        torn = torn or not whole
        if not whole:
            source.problems.append(damaged("这张表没有读完", Where(sheet=name), SAVE_AGAIN, "文件已损坏，后面可能还有内容"))
        source.grids.append(reading.grid(name, visible))
        source.problems.extend(damaged(text, Where(sheet=name)) for text in reading.faults)
    if torn and not any(grid.rows for grid in source.grids):
        raise Refusal(damaged("工作表都读不出", expected="文件已损坏或不完整"))
    if not source.grids:
        raise Refusal(damaged("里面没有工作表"))
    source.reader = "xltool"


def workbook_stream(data: bytes, source: Source) -> bytes:
    """The stream of a compound file that holds the workbook."""
    try:
        with olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_FATAL) as ole:
            name = next((entry for wanted in ("workbook", "book") for entry in ole.listdir()
                         if len(entry) == 1 and entry[0].casefold() == wanted), None)
            if name is None:
                raise Refusal(damaged("里面没有工作簿"))
            # Chains that run into each other are no damage: PHP's libraries write all streams as one, and the sizes part them.
            size, stream = ole.get_size(name), ole.openstream(name).read()
    except Refusal:
        raise
    except Exception as error:  # olefile lets through whatever its arithmetic runs into
        raise Refusal(damaged("文件的目录读不出", expected="文件已损坏或不完整")) from error
    if len(stream) < size:
        source.problems.append(damaged(f"应有 {size} 字节，只有 {len(stream)} 字节", expected="文件不完整"))
    return stream


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Opcodes with their data; the last one may be cut."""
    end = len(stream)
    while at + 4 <= end:
        code, size = struct.unpack_from("<HH", stream, at)
        yield code, stream[at + 4:at + 4 + size]
        at += 4 + size


def _version(code: int, data: bytes) -> int:
    if code in _VERSIONS:
        return _VERSIONS[code]
    return {0x0500: 5, 0x0600: 8}.get(int.from_bytes(data[:2], "little"), 8)


def encrypted(stream: bytes) -> bool:
    """Whether a workbook stream opens with a password only."""
    for number, (code, _) in enumerate(_records(stream, 0)):
        if code == 0x002F:
            return True
        if code in (_EOF, 0x0085) or number > 200:
            return False
    return False


def _globals(stream: bytes) -> _Globals:
    shared = _Globals()
    parts: list[bytes] = []
    for number, (code, data) in enumerate(_records(stream, 0)):
        if number == 0:
            if code not in _BOF:
                raise Refusal(damaged("工作簿的开头不对"))
            shared.version = _version(code, data)
        elif code == 0x002F:
            raise Refusal(locked(tried=False))
        elif code == _CONTINUE and parts:
            parts.append(data)
        elif code == 0x00FC:
            parts = [data]
        else:
            if parts:
                shared.strings, parts = _shared_strings(parts), []
            if code == _EOF:
                break
            _shared_record(code, data, shared)
    return shared


def _shared_record(code: int, data: bytes, shared: _Globals) -> None:
    if code == 0x0042 and len(data) >= 2:
        number = int.from_bytes(data[:2], "little")
        shared.encoding = _CODEPAGES.get(number, f"cp{number}")
        try:
            b"".decode(shared.encoding)
        except LookupError:
            shared.encoding = "gb18030"
    elif code == 0x0022:
        shared.from_1904 = data[:1] == b"\x01"
    elif code == 0x001E and shared.version < 5:
        shared.codes[len(shared.codes)] = _short_text(data, 0, shared)
    elif code in (0x001E, 0x041E):
        if shared.version >= 8:
            shared.codes[int.from_bytes(data[:2], "little")] = _unicode(data, 2)
        elif shared.version == 5:
            shared.codes[int.from_bytes(data[:2], "little")] = _short_text(data, 2, shared)
        else:
            shared.codes[len(shared.codes)] = _short_text(data, 2, shared)
    elif code == 0x00E0:
        shared.formats.append(int.from_bytes(data[2:4], "little"))
    elif code in (0x0243, 0x0443):
        shared.formats.append(data[1])
    elif code == 0x0043:
        shared.formats.append(data[2] & 0x3F)
    elif code == 0x0085 and len(data) > 7:
        name = _unicode(data, 6, short=True) if shared.version >= 8 else _short_text(data, 6, shared)
        shared.sheets.append((name, int.from_bytes(data[:4], "little"), data[4] & 3 == 0, data[5]))


def _short_text(data: bytes, at: int, shared: _Globals) -> str:
    """Bytes behind a one-byte length."""
    return data[at + 1:at + 1 + data[at]].decode(shared.encoding, "replace") if at < len(data) else ""


def _unicode(data: bytes, at: int, short: bool = False) -> str:
    """BIFF8's text: a length, a flag byte, and one or two bytes for each character."""
    if len(data) < at + 2:
        return ""
    length, at = (data[at], at + 1) if short else (int.from_bytes(data[at:at + 2], "little"), at + 2)
    if at >= len(data):
        return ""
    flags, at = data[at], at + 1
    at += (2 if flags & 8 else 0) + (4 if flags & 4 else 0)
    return data[at:at + 2 * length].decode("utf-16-le", "replace") if flags & 1 else data[at:at + length].decode("latin-1")


def _shared_strings(parts: list[bytes]) -> list[str]:
    """The texts of the shared table, which runs on over records; a text may be cut anywhere and go on with another width."""
    strings: list[str] = []
    part, at = 0, 8

    def take(count: int) -> bytes:
        nonlocal part, at
        taken = b""
        while True:
            piece = parts[part][at:at + count - len(taken)]
            taken, at = taken + piece, at + len(piece)
            if len(taken) == count:
                return taken
            part, at = part + 1, 0

    try:
        total = int.from_bytes(parts[0][4:8], "little")
        while len(strings) < total or part + 1 < len(parts) or at < len(parts[part]):  # the announced number may be wrong
            if at >= len(parts[part]):
                part, at = part + 1, 0
            length, flags = struct.unpack("<HB", take(3))
            runs = int.from_bytes(take(2), "little") if flags & 8 else 0
            extra = int.from_bytes(take(4), "little") if flags & 4 else 0
            text = ""
            while len(text) < length:
                if at >= len(parts[part]):
                    part, at = part + 1, 0
                    flags, at = parts[part][0], 1
                wide = flags & 1
                piece = parts[part][at:at + (length - len(text)) * (2 if wide else 1)]
                if not piece:
                    raise IndexError
                at += len(piece)
                # A character beyond the basic plane counts as two: kept apart until the text is whole.
                text += piece.decode("utf-16-le", "surrogatepass") if wide and _whole(piece) else _units(piece) if wide else piece.decode(
                    "latin-1")
            take(4 * runs + extra)
            strings.append(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    except (IndexError, struct.error):
        pass  # a cell that refers beyond the end is reported there
    return strings


def _whole(piece: bytes) -> bool:
    """Whether each character takes two bytes."""
    return not any(0xD8 <= high <= 0xDF for high in piece[1::2])


def _units(piece: bytes) -> str:
    """One character for each two bytes, halves of a pair included."""
    return "".join(map(chr, struct.unpack(f"<{len(piece) // 2}H", piece[:len(piece) // 2 * 2])))


class _Sheet:
    """One sheet while its records are read."""

    def __init__(self, shared: _Globals) -> None:
        self.shared, self.meanings = shared, shared.meanings()
        self.cells: dict[int, dict[int, object]] = {}
        self.looks: dict[tuple[int, int], Look] = {}
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merges: list[Area] = []
        self.faults: list[str] = []
        self._awaiting: tuple[int, int] | None = None  # the formula whose text comes in the next record

    def read(self, stream: bytes, position: int) -> bool:
        """Read from a position; tells whether the sheet's end was found."""
        depth = 0
        for code, data in _records(stream, position):
            if code in _BOF:
                if depth == 0 and int.from_bytes(data[2:4], "little") not in (*_SHEETS, 0x0005):
                    return True
                depth += 1
            elif code == _EOF:
                depth -= 1
                if depth <= 0:
                    return True
            elif depth == 0:
                return False  # the position leads nowhere
            elif depth == 1:
                self._record(code, data)
        return False

    def _record(self, code: int, data: bytes) -> None:
        version = self.shared.version
        if code == 0x00FD:
            row, column, _ = _CELL(data)
            index = int.from_bytes(data[6:10], "little")
            if index < len(self.shared.strings):
                self._put(row, column, self.shared.strings[index])
            else:
                self.faults.append(f"第{row + 1}行第{column + 1}列的文字不在文件里了")
                self._put(row, column, Fault("#LOST!"))
        elif code == 0x027E:
            row, column, style = _CELL(data)
            self._put(row, column, self._number(rk_number(data, 6), row, column, style))
        elif code == 0x00BD:
            row, first = struct.unpack_from("<HH", data)
            for offset in range(4, len(data) - 7, 6):
                column = first + (offset - 4) // 6
                self._put(row, column, self._number(rk_number(data, offset + 2), row, column, int.from_bytes(data[offset:offset + 2], "little")))
        elif code == 0x0203:
            row, column, style = _CELL(data)
            self._put(row, column, self._number(_DOUBLE(data, 6)[0], row, column, style))
        elif code in (0x0006, 0x0206, 0x0406):
            self._formula(data, 7 if version == 2 else 6)
        elif code in (0x0007, 0x0207) and self._awaiting:
            text = _unicode(data, 0) if version >= 8 else self._bytes_text(data, 0)
            self._put(*self._awaiting, text)
            self._awaiting = None
        elif code in (0x0204, 0x00D6):
            row, column, _ = _CELL(data)
            self._put(row, column, _unicode(data, 6) if version >= 8 else self._long_text(data, 6))
        elif code in (0x0205, 0x0005):
            self._truth(data, 6 if code == 0x0205 else 7)
        elif code == 0x00E5:
            for at in range(2, len(data) - 7, 8):
                top, bottom, left, right = struct.unpack_from("<HHHH", data, at)
                if top <= bottom and left <= right:
                    self.merges.append(Area(top, left, bottom, right))
        elif code == 0x0208 and len(data) >= 14 and data[12] & 0x20:
            self.hidden_rows.add(int.from_bytes(data[:2], "little"))
        elif code == 0x007D and len(data) >= 10 and data[8] & 1:
            first, last = struct.unpack_from("<HH", data)
            self.hidden_columns.update(range(first, min(last, 255) + 1))
        elif code in (0x0002, 0x0003, 0x0004):
            self._old_record(code, data)

    def _old_record(self, code: int, data: bytes) -> None:
        """The cells of Excel 2, which some programs still write: three bytes of attributes instead of a format."""
        row, column = struct.unpack_from("<HH", data)
        if code == 0x0004:
            self._put(row, column, _short_text(data, 7, self.shared))
            return
        number = float(int.from_bytes(data[7:9], "little")) if code == 0x0002 else _DOUBLE(data, 7)[0]
        self._put(row, column, self._number(number, row, column, data[4] & 0x3F, data[5] & 0x3F))

    def _formula(self, data: bytes, at: int) -> None:
        row, column, style = _CELL(data)
        result = data[at:at + 8]
        if result[6:8] != b"\xff\xff":
            number = _DOUBLE(result)[0]
            uncalculated = number == 0 and at == 6 and data[14] & 2 and self.shared.version >= 5  # to be calculated when opened
            short = (style & 0x3F, data[5] & 0x3F) if at == 7 else (style,)
            self._put(row, column, Fault("=") if uncalculated else self._number(number, row, column, *short))
        elif result[0] == 0:
            self._awaiting = row, column
        elif result[0] == 1:
            self._put(row, column, bool(result[2]))
        elif result[0] == 2:
            self._put(row, column, Fault(ERRORS.get(result[2], "#ERROR!")))

    def _truth(self, data: bytes, at: int) -> None:
        row, column = struct.unpack_from("<HH", data)
        self._put(row, column, Fault(ERRORS.get(data[at], "#ERROR!")) if data[at + 1] else bool(data[at]))

    def _bytes_text(self, data: bytes, at: int) -> str:
        return _short_text(data, at, self.shared) if self.shared.version == 2 else self._long_text(data, at)

    def _long_text(self, data: bytes, at: int) -> str:
        length = int.from_bytes(data[at:at + 2], "little")
        return data[at + 2:at + 2 + length].decode(self.shared.encoding, "replace")

    def _number(self, number: float, row: int, column: int, style: int, format_: int | None = None) -> object:
        if not math.isfinite(number):
            return Fault(str(number))
        as_ = self.meanings[style] if format_ is None and style < len(self.meanings) else NUMBER
        if format_:
            as_ = meaning(format_, self.shared.codes)
        if as_ and (seen := look(number, as_)):
            self.looks[row, column] = seen
        return shown(number, as_, self.shared.from_1904) if as_ else number

    def _put(self, row: int, column: int, value: object) -> None:
        if value == "":
            return
        cells = self.cells.setdefault(row, {})
        if column in cells:
            self.faults.append(f"第{row + 1}行第{column + 1}列写了两次：{cells[column]}、{value}")
            value = Fault(f"{cells[column]}／{value}")
        cells[column] = value

    def grid(self, name: str, visible: bool) -> Grid:
        """What was read, as a grid."""
        rows = dense(self.cells)
        hidden = frozenset(row for row in self.hidden_rows if row < len(rows))
        return Grid(name, rows, tuple(self.merges), hidden, frozenset(self.hidden_columns), self.looks, visible)


def rk_number(data: bytes, at: int) -> float:
    """A number in four bytes: an integer or the upper half of a double, perhaps divided by a hundred."""
    packed = _RK(data, at)[0]
    value = float(packed >> 2) if packed & 2 else _DOUBLE(b"\0\0\0\0" + (packed & 0xFFFFFFFC).to_bytes(4, "little"))[0]
    return value / 100 if packed & 1 else value
