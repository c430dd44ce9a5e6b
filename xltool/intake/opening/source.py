"""One file read, whatever it is: recognised by its bytes, decrypted, given to its reader, and to LibreOffice where that fails.

Works in the calling process; a native reader may take that process with it, so files of others go through `isolation`.
"""
from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ...rules.problems import Problem, reason
from ..grid import Source
from .kinds import Kind, kind_of
from .refusal import Refusal, damaged, not_a_table, over_limit

SECONDS = 10.0
_LARGEST = 200 << 20
_CONVERTIBLE = {"xls": ".xls", "biff": ".xls", "xlsb": ".xlsb"}  # of a torn zip LibreOffice makes nothing either


def read_source(path: str | Path, password: str | None = None, native: bool = True, seconds: float = SECONDS) -> Source:
    """The file's sheets, and the problems that say what could not be read. `native`: with readers that are not Python."""
    path = Path(path)
    source = Source(path.name, "")
    ends = time.monotonic() + seconds
    try:
        data = _bytes(path)
        source.sha256 = hashlib.sha256(data).hexdigest()
        _read(data, source, password, native, ends)
    except Refusal as refusal:
        source.grids.clear()
        source.reader = ""
        source.problems = [*(problem for problem in source.problems if problem.code == "file.damaged"), refusal.problem]
    except (MemoryError, RecursionError):
        source.grids.clear()
        source.problems = [over_limit("内存不够", "读这个文件要的内存超过了限制", "请删去多余的行、列后另存，或分成几个文件")]
    source.problems = [located(problem, source.name) for problem in dict.fromkeys(source.problems)]
    return source


def located(problem: Problem, name: str) -> Problem:
    """The problem with the file's name."""
    return problem.at(replace(problem.where, file=name))


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise Refusal(over_limit(f"{path.stat().st_size >> 20} MB", f"文件太大，最多 {_LARGEST >> 20} MB"))
        return path.read_bytes()
    except IsADirectoryError:
        raise Refusal(Problem("file.missing", path.name, "这是文件夹", "请给出文件")) from None
    except OSError as error:
        raise Refusal(Problem("file.missing", path.name, f"打不开：{reason(error)}", "请检查文件名、位置和权限")) from None


def _read(data: bytes, source: Source, password: str | None, native: bool, ends: float) -> None:
    kind = kind_of(data, source.name)
    source.kind = kind.id
    if kind.fix:
        raise Refusal(not_a_table(kind.title, kind.fix))
    opened = _opened(data, kind, password)
    if opened is not data:
        data, kind = opened, kind_of(opened, source.name)
        source.kind = kind.id
        if kind.fix or kind.id == "encrypted":
            raise Refusal(not_a_table(f"加了密的{kind.title}", kind.fix or "请去掉密码后另存"))
    try:
        _reader(kind)(data, source, native)
    except Refusal as refusal:
        if kind.id not in _CONVERTIBLE or refusal.problem.code != "file.damaged":
            raise
        converted = _converted(data, kind, source, ends)
        if not converted:
            raise


def _opened(data: bytes, kind: Kind, password: str | None) -> bytes:
    """The bytes, decrypted where they are encrypted."""
    from .encryption import decrypt
    if kind.id == "encrypted":
        return decrypt(data, password)
    if kind.id == "xls":
        from .readers.biff import encrypted, workbook_stream
        try:
            locked_ = encrypted(workbook_stream(data, Source("", "")))
        except Refusal:
            return data  # its reader will say what is broken
        if locked_:
            return decrypt(data, password)
    return data


def _reader(kind: Kind) -> Callable[[bytes, Source, bool], None]:
    """The reader of a kind of file, imported when it is needed."""
    from .readers import biff, ooxml, opendocument, spreadsheetml, text, webpage, xlsb
    return {"xlsx": ooxml.read, "xlsb": xlsb.read, "xls": biff.read, "biff": biff.read, "ods": opendocument.read, "fods": opendocument.read,
            "html": webpage.read, "mht": webpage.read_archive, "xml2003": spreadsheetml.read, "text": text.read}[kind.id]


def _converted(data: bytes, kind: Kind, source: Source, ends: float) -> bool:
    """Whether LibreOffice could read what nobody else can; says that it did, because it leaves out what it cannot read."""
    from .readers import libreoffice, ooxml
    made = libreoffice.convert(data, _CONVERTIBLE[kind.id], max(ends - time.monotonic() - 1, 0.1))
    if not made:
        return False
    source.grids.clear()
    ooxml.read(made, source, native=False)
    if not any(row for grid in source.grids for row in grid.rows):
        source.grids.clear()
        return False
    source.reader = "libreoffice"
    source.problems.append(damaged(kind.title, expected="文件有毛病，由LibreOffice读出，可能不全", fix="请和原文件核对"))
    return True

