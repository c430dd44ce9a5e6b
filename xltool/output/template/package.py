"""The zip around a workbook or document: parts that nobody touches are handed on as the deflated bytes they came in.

Reading is bounded and refuses what a template must not be: encrypted or damaged files, duplicate or odd part
names, more or bigger parts than any form needs. Writing is deterministic: fixed time stamps, fixed order. Parts and files
over 4 GB are written as zip64.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, islice

from .problems import Problem, TemplateError, Where

MAX_PARTS = 20_000
MAX_PART_BYTES = 256 * 2**20
MAX_TOTAL_BYTES = 1024 * 2**20

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
# 1980-01-01 00:00, the first moment a zip can name: the same input gives the same bytes.
_TIME, _DATE = 0, 33
_UTF8_NAME = 0x800
_LARGE, _MANY = 0xFFFFFFFF, 0xFFFF  # from here on a number stands in zip64's own fields
_LARGE_LOCAL, _LARGE_CENTRAL = struct.Struct("<2H2Q"), struct.Struct("<2H3Q")
_LARGE_END = struct.Struct("<4sQ2H2L4Q4sLQL")

CHUNK = 500  # texts (mostly rows) that are deflated together
_END_OF_DEFLATE = b"\x03\x00"
_ALL_BITS, _ZEROS = 0xFFFFFFFF, bytes(2**16)


@dataclass(frozen=True, slots=True)
class Format:
    """What problems call a file of one kind, and how to get one."""

    what: str
    suffix: str
    old: str
    program: str

    @property
    def expected(self) -> str:
        return f"不是可以读的 {self.suffix} {self.what}"

    @property
    def fix(self) -> str:
        return f"请用 {self.program} 或 WPS 另存为 {self.suffix}"


WORKBOOK = Format("工作簿", ".xlsx", ".xls", "Excel")
DOCUMENT = Format("文档", ".docx", ".doc", "Word")


@dataclass(frozen=True, slots=True)
class Part:
    """One packed member of the zip."""

    name: str
    method: int
    crc: int
    size: int
    packed: bytes

    def unpack(self) -> bytes:
        """The part's bytes, never more than the directory declared."""
        if self.method == zipfile.ZIP_STORED:
            data = self.packed
        else:
            data = zlib.decompressobj(-15).decompress(self.packed, self.size + 1)
        if len(data) != self.size or zlib.crc32(data) != self.crc:
            raise zlib.error(f"部件 {self.name} 已损坏")
        return data


class _Unfit(Exception):
    """Why a zip is no package we take."""


def read_package(data: bytes, file: str = "", form: Format = WORKBOOK) -> dict[str, Part]:
    """The parts of a package in the order of its directory; raises TemplateError if it is not a plain zip."""
    try:
        # An old .xls may have a zip somewhere inside; zipfile would find that one.
        if data[:2] != b"PK":
            raise _Unfit("不是 zip 文件")
        return _read(data)
    except _Unfit as error:
        found, fix = str(error), form.fix
    except (zipfile.BadZipFile, struct.error, NotImplementedError, OverflowError, ValueError):
        found, fix = "压缩包已损坏或不完整", form.fix
    if data[:4] == b"\xd0\xcf\x11\xe0":
        found, fix = f"旧的 {form.old} 或加了密码的文件", f"请去掉密码，另存为 {form.suffix}"
    raise TemplateError([Problem("file.unreadable", found, form.expected, fix, Where(file))])


def _read(data: bytes) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    seen: set[str] = set()
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if len(infos) > MAX_PARTS:
            raise _Unfit(f"部件太多：{len(infos)} 个")
        for info in infos:
            # Some writers for Windows use backslashes.
            name = info.filename.replace("\\", "/")
            if name.endswith("/"):
                continue
            if name.casefold() in seen or name.startswith("/") or ".." in name.split("/"):
                raise _Unfit(f"部件名不合法或重复：{name}")
            seen.add(name.casefold())
            if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _Unfit(f"部件 {name} 已加密或压缩方式不支持")
            total += info.file_size
            if info.file_size > MAX_PART_BYTES or total > MAX_TOTAL_BYTES:
                raise _Unfit(f"部件 {name} 太大")
            header = _LOCAL.unpack_from(data, info.header_offset)
            if header[0] != b"PK\x03\x04":
                raise _Unfit(f"部件 {name} 的文件头损坏")
            start = info.header_offset + _LOCAL.size + header[9] + header[10]
            packed = data[start : start + info.compress_size]
            if len(packed) != info.compress_size:
                raise _Unfit(f"部件 {name} 不完整")
            parts[name] = Part(name, info.compress_type, info.CRC, info.file_size, packed)
    return parts


def _fast_deflate():
    # isal deflates several times faster than zlib.
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib
    return isal_zlib


_deflate = _fast_deflate()


def pack(name: str, data: bytes) -> Part:
    """A part with its data deflated."""
    return pack_chunks(name, (data,))


def pack_chunks(name: str, chunks: Iterable[bytes]) -> Part:
    """A part deflated piece by piece, so that a long sheet is never in memory as one text."""
    # Level 1 is 3 % bigger than zlib's level 6 and three times as fast.
    stream = _deflate.compressobj(1, zlib.DEFLATED, -15)
    size = crc = 0
    packed = []
    for chunk in chunks:
        size += len(chunk)
        crc = _deflate.crc32(chunk, crc)
        packed.append(stream.compress(chunk))
    packed.append(stream.flush())
    return Part(name, zipfile.ZIP_DEFLATED, crc, size, b"".join(packed))


@dataclass(frozen=True, slots=True)
class Deflated:
    """Some of a part's bytes, deflated so that others can stand before and behind them."""

    crc: int
    size: int
    packed: bytes


def deflated(data: bytes) -> Deflated:
    """The bytes deflated up to a whole byte, without an end."""
    stream = _deflate.compressobj(1, zlib.DEFLATED, -15)
    return Deflated(_deflate.crc32(data), len(data), stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH))


def pack_pieces(name: str, pieces: Iterable[str | Deflated]) -> Part:
    """A part put together from texts and from what is deflated already."""
    done: list[Deflated] = []
    for is_text, group in groupby(pieces, lambda piece: piece.__class__ is str):
        if is_text:
            while batch := list(islice(group, CHUNK)):
                done.append(deflated("".join(batch).encode()))
        else:
            done += group
    crc = size = 0
    for piece in done:
        crc, size = _crc_of_both(crc, piece) if size else piece.crc, size + piece.size
    return Part(name, zipfile.ZIP_DEFLATED, crc, size, b"".join([*(piece.packed for piece in done), _END_OF_DEFLATE]))


def _crc_of_both(crc: int, behind: Deflated) -> int:
    """The checksum of some bytes and those behind, from theirs: as if the first were followed by so many zeros."""
    crc ^= _ALL_BITS
    for start in range(0, behind.size, len(_ZEROS)):
        crc = _deflate.crc32(_ZEROS[: behind.size - start], crc)
    return crc ^ _ALL_BITS ^ behind.crc


class Archive:
    """The start of many zips: the parts that stay the same are laid out once, the rest is appended per file."""

    def __init__(self, parts):
        body: list[bytes] = []
        directory: list[bytes] = []
        self._offset = _append(parts, 0, body, directory)
        self._body, self._directory, self._count = b"".join(body), b"".join(directory), len(directory)

    def with_parts(self, parts) -> bytes:
        """A complete zip: the fixed parts, then these."""
        return b"".join(self.pieces(parts))

    def pieces(self, parts) -> list[bytes]:
        """The same as pieces to write one after the other."""
        body, directory = [self._body], [self._directory]
        offset = _append(parts, self._offset, body, directory)
        count = self._count + len(directory) - 1
        size = sum(map(len, directory))
        end = b""
        if offset + size >= _LARGE or count >= _MANY:
            about = (44, 45, 45, 0, 0, count, count, size, offset)
            end = _LARGE_END.pack(b"PK\x06\x06", *about, b"PK\x06\x07", 0, offset + size, 1)
        numbers = min(count, _MANY), min(count, _MANY), min(size, _LARGE), min(offset, _LARGE)
        return [*body, *directory, end + _END.pack(b"PK\x05\x06", 0, 0, *numbers, 0)]


def _append(parts, offset: int, body: list[bytes], directory: list[bytes]) -> int:
    for part in parts:
        name, size = part.name.encode(), len(part.packed)
        flags = 0 if part.name.isascii() else _UTF8_NAME
        large = max(size, part.size, offset) >= _LARGE
        sizes = (_LARGE, _LARGE) if large else (size, part.size)
        about = (45 if large else 20, flags, part.method, _TIME, _DATE, part.crc, *sizes, len(name))
        more = _LARGE_LOCAL.pack(1, 16, part.size, size) if large else b""
        local = _LOCAL.pack(b"PK\x03\x04", *about, len(more)) + name + more
        body += (local, part.packed)
        more = _LARGE_CENTRAL.pack(1, 24, part.size, size, offset) if large else b""
        place = _LARGE if large else offset
        directory.append(_CENTRAL.pack(b"PK\x01\x02", about[0], *about, len(more), 0, 0, 0, 0, place) + name + more)
        offset += len(local) + size
    return offset
