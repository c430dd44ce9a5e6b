"""What a file is, by its bytes: a suffix is only what somebody called it.

County files come as HTML or tab-separated text named .xls, old .xls named .xlsx, Word documents named .xlsx, lock files, archives.
What can be read is read; what cannot is called by its name, so that a clerk knows what to ask for.
"""
from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from .encoding import decode


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its short name, what a clerk calls it, and what to do where it is no table (empty: it is read)."""

    id: str
    title: str
    fix: str = ""


_SEND_TABLE = "请对方发来Excel或WPS表格（.xlsx、.xls、.et）"
_UNPACK = "请先解压，再读里面的表格"
_KINDS = (
    Kind("xlsx", "Excel工作簿"), Kind("xlsb", "Excel二进制工作簿"), Kind("xls", "Excel 97-2003工作簿"),
    Kind("biff", "Excel 2.0-4.0工作表"), Kind("ods", "开放文档表格"), Kind("fods", "开放文档表格（单个XML）"), Kind("html", "网页"),
    Kind("mht", "单个文件的网页"), Kind("xml2003", "XML表格2003"), Kind("text", "文本表格"), Kind("encrypted", "加密的 Office 文件"),
    Kind("empty", "空文件", "文件里一个字节也没有，请对方重新发送"),
    Kind("lock", "打开表格时的临时文件", "请关闭正在编辑的表格，选名称不带“~$”的那个文件"),
    Kind("docx", "Word文档", _SEND_TABLE), Kind("doc", "Word文档", _SEND_TABLE), Kind("rtf", "RTF文档", _SEND_TABLE),
    Kind("odt", "开放文档文字文件", _SEND_TABLE), Kind("pptx", "PowerPoint演示文稿", _SEND_TABLE),
    Kind("ppt", "PowerPoint演示文稿", _SEND_TABLE), Kind("pdf", "PDF文件", _SEND_TABLE), Kind("ofd", "OFD版式文件", _SEND_TABLE),
    Kind("image", "图片", _SEND_TABLE), Kind("numbers", "Numbers表格", "请在Numbers里导出为Excel后重发"),
    Kind("gnumeric", "Gnumeric表格或gzip压缩包", "请另存为.xlsx后重发"), Kind("xml", "XML文件", _SEND_TABLE),
    Kind("zip", "ZIP压缩包", _UNPACK), Kind("rar", "RAR压缩包", _UNPACK), Kind("7z", "7z压缩包", _UNPACK),
    Kind("ole", "Office旧格式的文件，里面没有工作表（或者已损坏）", _SEND_TABLE), Kind("access", "Access数据库", _SEND_TABLE),
    Kind("program", "程序", "请不要打开，先问清来源"), Kind("prose", "一段文字", _SEND_TABLE), Kind("binary", "看不懂的文件", _SEND_TABLE),
)
KINDS = {kind.id: kind for kind in _KINDS}

_MAGIC = (
    (b"%PDF", "pdf"), (b"{\\rtf", "rtf"), (b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x8b", "gnumeric"),
    (b"\x89PNG", "image"), (b"\xff\xd8\xff", "image"), (b"GIF8", "image"), (b"II*\x00", "image"), (b"MM\x00*", "image"), (b"MZ", "program"),
    (b"\x7fELF", "program"), (b"\x00\x01\x00\x00Standard Jet DB", "access"), (b"\x00\x01\x00\x00Standard ACE DB", "access"),
    (b"\x09\x00\x04\x00", "biff"), (b"\x09\x02\x06\x00", "biff"), (b"\x09\x04\x06\x00", "biff"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCK_SIZE = (54, 55, 165, 166, 167, 171)  # Excel's, and those WPS writes
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|table|tr|td|style|div|font|center)\b", re.I)
_DELIMITER = re.compile(r"[\t,;|]")
_TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".prn")


def kind_of(data: bytes, name: str = "") -> Kind:
    """What the bytes are. The file's name decides only whether words without any separator may be a table."""
    return KINDS[_kind(data, name)]


def _kind(data: bytes, name: str) -> str:
    if not data:
        return "empty"
    if len(data) in _LOCK_SIZE and data[0] < 56 and (name.startswith("~$") or (data[1:2] != b"\x00" and b"   " in data)):
        return "lock"
    if data.startswith(_OLE):
        return _ole_kind(data)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    text = decode(data[:65536], partial=True)
    return "binary" if text is None else _text_kind(text, name)


def _ole_kind(data: bytes) -> str:
    import olefile
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            names = {entry[-1].casefold() for entry in ole.listdir()}
    except Exception:  # olefile raises many kinds; the reader will say what is broken
        names = {word for word in ("workbook", "book", "encryptedpackage", "worddocument")
                 if word.encode("utf-16-le") in data.lower()}
        return _named(names, "xls")
    return _named(names, "ole")


def _named(names: set[str], otherwise: str) -> str:
    for name, kind in (("encryptedpackage", "encrypted"), ("workbook", "xls"), ("book", "xls"), ("worddocument", "doc"),
                       ("powerpoint document", "ppt")):
        if name in names:
            return kind
    return otherwise


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.replace("\\", "/").lower().lstrip("/") for name in archive.namelist()]
            types = _head(archive, "mimetype") if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        names = [name.decode("latin-1").replace("\\", "/").lower()
                 for name in re.findall(rb"PK\x03\x04.{26}([\w\[\]./\\-]{1,80}\.\w{3,4})", data, re.S)]
        types = data[:200] if b"opendocument" in data[:200] else b""
    if b"opendocument" in types:
        return "ods" if b"spreadsheet" in types else "odt"
    found = set(names)
    for name, kind in (("ofd.xml", "ofd"), ("index/document.iwa", "numbers")):
        if name in found:
            return kind
    if "[content_types].xml" in found or "_rels/.rels" in found or any(name.startswith("xl/") for name in names):
        for folder, kind in (("word/", "docx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names) and not any(name.startswith("xl/work") for name in names):
                return kind
        return "xlsb" if any(name.endswith("workbook.bin") for name in names) else "xlsx"
    if "content.xml" in found:
        return "ods"
    return "zip"


def _head(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(200)


def _text_kind(text: str, name: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:20000]
    if start.startswith("<"):
        if _HTML.match(start) or (_HTML.search(start) and not start.startswith("<?xml")):
            return "html"
        if "urn:schemas-microsoft-com:office:spreadsheet" in start:
            return "xml2003"
        if "urn:oasis:names:tc:opendocument" in start and "office:document" in start:
            return "fods"
        if _HTML.search(start):
            return "html"
        if start.startswith(("<?xml", "<!DOCTYPE")):
            return "xml"
    if re.match(r"MIME-Version:", start, re.I):
        return "mht"
    if not _DELIMITER.search(text) and not name.lower().endswith(_TABLE_SUFFIXES):
        return "prose"
    return "text"
