"""The zip around a workbook or document: parts that nobody touches are handed on as the deflated bytes they came in.

Reading is bounded and refuses what a template must not be: encrypted or damaged files, duplicate or odd part
names, more or bigger parts than any form needs. Writing is deterministic: fixed time stamps, fixed order. Zip64
(parts over 4 GB) is not written.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

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
            raise zlib.error(f"damaged part {self.name}")
        return data


def read_package(data: bytes, file: str = "", form: Format = WORKBOOK) -> dict[str, Part]:
    """The parts of a package in the order of its directory; raises TemplateError if it is not a plain zip."""
    try:
        # An old .xls may have a zip somewhere inside; zipfile would find that one.
        if data[:2] != b"PK":
            raise zipfile.BadZipFile("不是 zip 文件")
        return _read(data)
    except (zipfile.BadZipFile, struct.error, NotImplementedError, OverflowError, ValueError) as error:
        found, fix = str(error), form.fix
        if data[:4] == b"\xd0\xcf\x11\xe0":
            found, fix = f"旧的 {form.old} 或加了密码的文件", f"请去掉密码，另存为 {form.suffix}"
        problem = Problem("file.unreadable", found, form.expected, fix, Where(file))
        raise TemplateError([problem]) from None


def _read(data: bytes) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    seen: set[str] = set()
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if len(infos) > MAX_PARTS:
            raise ValueError(f"部件太多：{len(infos)} 个")
        for info in infos:
            # Some writers for Windows use backslashes.
            name = info.filename.replace("\\", "/")
            if name.endswith("/"):
                continue
            if name.casefold() in seen or name.startswith("/") or ".." in name.split("/"):
                raise ValueError(f"部件名不合法或重复：{name}")
            seen.add(name.casefold())
            if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"部件 {name} 已加密或压缩方式不支持")
            total += info.file_size
            if info.file_size > MAX_PART_BYTES or total > MAX_TOTAL_BYTES:
                raise ValueError(f"部件 {name} 太大")
            header = _LOCAL.unpack_from(data, info.header_offset)
            if header[0] != b"PK\x03\x04":
                raise ValueError(f"部件 {name} 的文件头损坏")
            start = info.header_offset + _LOCAL.size + header[9] + header[10]
            packed = data[start : start + info.compress_size]
            if len(packed) != info.compress_size:
                raise ValueError(f"部件 {name} 不完整")
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


class Archive:
    """The start of many zips: the parts that stay the same are laid out once, the rest is appended per file."""

    def __init__(self, parts):
        body: list[bytes] = []
        directory: list[bytes] = []
        self._offset = _append(parts, 0, body, directory)
        self._body, self._directory, self._count = b"".join(body), b"".join(directory), len(directory)

    def with_parts(self, parts) -> bytes:
        """A complete zip: the fixed parts, then these."""
        body, directory = [self._body], [self._directory]
        offset = _append(parts, self._offset, body, directory)
        count = self._count + len(directory) - 1
        if offset > 0xFFFFFFFF or count > 0xFFFF:
            raise OverflowError("the file would be over 4 GB or 65,535 parts")
        tail = b"".join(directory)
        return b"".join((*body, tail, _END.pack(b"PK\x05\x06", 0, 0, count, count, len(tail), offset, 0)))


def _append(parts, offset: int, body: list[bytes], directory: list[bytes]) -> int:
    for part in parts:
        name = part.name.encode()
        flags = 0 if part.name.isascii() else _UTF8_NAME
        size = len(part.packed)
        about = (20, flags, part.method, _TIME, _DATE, part.crc, size, part.size, len(name))
        local = _LOCAL.pack(b"PK\x03\x04", *about, 0)
        body += (local, name, part.packed)
        central = _CENTRAL.pack(b"PK\x01\x02", 20, *about, 0, 0, 0, 0, 0, offset)
        directory.append(central + name)
        offset += len(local) + len(name) + size
    return offset
