"""The parts of a zipped document, within limits that are checked before anything is inflated.

Unlike zipfile it looks parts up as office programs do (any case, either slash), reads a part whose checksum is wrong and says so,
and never inflates more than was announced.
"""
from __future__ import annotations

import io
import struct
import zipfile
import zlib

from ..refusal import SEND_AGAIN, Refusal, damaged, locked, over_limit, unsafe

_ENTRIES, _TOTAL, _RATIO, _RATIO_FROM = 10_000, 400 << 20, 250, 50 << 20
_ENCRYPTED = 1


def _fast_inflate():
    # isal inflates and sums several times faster than zlib.
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib
    return isal_zlib


_fast = _fast_inflate()


class Archive:
    """A zip file read from memory. `torn` lists the parts whose contents are not what was written."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.torn: list[str] = []
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error) as error:
            raise Refusal(damaged("文件不完整，压缩包没有目录", fix=f"多半没有传完，{SEND_AGAIN}")) from error
        self._check(entries)
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            key = _key(entry.filename)
            if key in self._entries and not key.endswith("/"):
                raise Refusal(unsafe(f"两个部件都叫“{entry.filename}”"))
            self._entries[key] = entry

    def _check(self, entries: list[zipfile.ZipInfo]) -> None:
        total = sum(entry.file_size for entry in entries)
        if len(entries) > _ENTRIES:
            raise Refusal(over_limit(f"压缩包里有 {len(entries)} 个部件", f"最多 {_ENTRIES} 个"))
        if total > _TOTAL:
            raise Refusal(over_limit(f"展开后有 {total >> 20} MB", f"最多 {_TOTAL >> 20} MB", "请删去多余的行、列和图片后另存，或分成几个文件"))
        if total > _RATIO_FROM and total > _RATIO * len(self._data):
            raise Refusal(unsafe(f"文件只有 {len(self._data) >> 10} KB，展开后有 {total >> 20} MB"))

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._entries

    def __iter__(self):
        return iter(self._entries)

    def part(self, name: str) -> bytes:
        """The contents of a part; as far as they can be read when it is torn. Raises KeyError where there is none."""
        entry = self._entries[_key(name)]
        if entry.flag_bits & _ENCRYPTED:
            raise Refusal(locked(tried=False))
        contents = self._inflate(entry)
        if len(contents) != entry.file_size or _fast.crc32(contents) != entry.CRC:
            self.torn.append(entry.filename)
        return contents

    def _inflate(self, entry: zipfile.ZipInfo) -> bytes:
        at = entry.header_offset
        header = self._data[at:at + 30]
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            return b""
        start = at + 30 + sum(struct.unpack_from("<HH", header, 26))
        packed = memoryview(self._data)[start:start + entry.compress_size]
        if entry.compress_type == zipfile.ZIP_STORED:
            return bytes(packed[:entry.file_size])
        if entry.compress_type != zipfile.ZIP_DEFLATED:
            raise Refusal(damaged(f"部件“{entry.filename}”的压缩方法（{entry.compress_type}）不认识"))
        try:
            return _fast.decompressobj(-15).decompress(packed, entry.file_size + 1)
        except (zlib.error, _fast.error):
            return _inflate_head(packed, entry.file_size)


def _inflate_head(packed: memoryview, size: int) -> bytes:
    """What comes before the place where the stream is broken."""
    inflater, head = zlib.decompressobj(-15), bytearray()
    try:
        for at in range(0, len(packed), 64):
            head += inflater.decompress(packed[at:at + 64], size + 1 - len(head))
            if len(head) > size:
                break
    except zlib.error:
        pass
    return bytes(head)


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
