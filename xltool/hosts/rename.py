"""A workbook's calls of the seven functions written as another host does, so that the file can move there.

Only the names change, in cells, arrays, shared formulas, tables, defined names, conditional formats and validations. Every other
part leaves as the bytes it came in: the values calculated last, the calculation chain, macros, objects embedded as files. A link to
our Excel add-in is taken out when nothing uses it any more; one with other links behind it stays, because formulas know links by
their place. Not touched: a bare name that the workbook itself defines, and a call into somebody else's book.

Refuses what cannot be kept whole: signed or encrypted files, templates, workbooks with Excel 4.0 macro sheets, and any other kind
of file. An .xls is refused because it loses the names of add-in functions.
"""
from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote

from ..intake.opening.kinds import Kind, kind_of
from ..intake.opening.readers.archive import Archive as Limits
from ..intake.opening.refusal import Refusal
from ..output.marking.book import Book
from ..output.marking.rows import ATTRIBUTES
from ..output.marking.xml import plain_xml
from ..output.template.markup import Element, MarkupError
from ..output.template.office import CONTENT_TYPES
from ..output.template.package import Archive, Part, pack_chunks, read_package
from ..output.template.parts import relationships_path
from ..rules.problems import Problem, ProblemsError, Where, reason
from .spelling import MENTION, calls, is_addin, spelled

_LARGEST = 200 << 20
_LONGEST = 1 << 18  # bytes of a formula; Excel's have 8,192 characters at most
_KINDS = "只能改 .xlsx、.xlsm 和 .ods"
_REPAIR = "请用 Excel、WPS 或 LibreOffice 打开检查，另存一份"
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_SIGN = re.compile(r"&[^;]*;|.", re.DOTALL)
_PIECE = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)" + ATTRIBUTES + b"([^<]*)")  # a start tag and the text behind it
_ATTRIBUTE = re.compile(rb"""\s(?:([\w.-]+):)?([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_HOLDERS = frozenset((b"f", b"formula", b"formula1", b"formula2", b"definedName", b"calculatedColumnFormula", b"totalsRowFormula"))
_NAMED = re.compile(rb"<(?:[\w.-]+:)?named-(?:expression|range)" + ATTRIBUTES)
_WITHOUT_LINKS = re.compile(r"xl/(?:sharedStrings|styles|theme/|externalLinks/)")  # parts that hold no formula

Span = tuple[int, int]


def rename(path: Path, host: str) -> tuple[bytes, int]:
    """The workbook for the host (libreoffice, excel, officejs), of the same kind as it was, and how many formulas changed.

    A group of cells that share a formula counts as one. Raises ProblemsError.
    """
    file = path.name
    try:
        if path.stat().st_size > _LARGEST:
            _refuse(file, "file.limit", f"{path.stat().st_size >> 20} MB", f"文件太大，最多 {_LARGEST >> 20} MB", "请分成几个文件")
        data = path.read_bytes()
    except OSError as error:
        raise ProblemsError([Problem("file.missing", file, f"打不开：{reason(error)}", "请检查文件名、位置和权限")]) from error
    kind = kind_of(data, file)
    if kind.id not in ("xlsx", "ods"):
        _refuse_kind(file, kind)
    try:
        Limits(data)
    except Refusal as refusal:
        raise ProblemsError([refusal.problem.at(Where(file))]) from None
    return (_rename_excel if kind.id == "xlsx" else _rename_opendocument)(data, file, host)


def _refuse(file: str, code: str, found: str, expected: str, fix: str) -> NoReturn:
    raise ProblemsError([Problem(code, found, expected, fix, Where(file))])


def _refuse_kind(file: str, kind: Kind) -> NoReturn:
    if kind.id == "encrypted":
        _refuse(file, "file.password", "有密码", "打开要密码的文件不能改", "请去掉密码后另存，改好再加上")
    fix = "请在 LibreOffice 里另存为 .ods" if kind.id == "fods" else kind.fix or "请用 Excel 或 WPS 另存为 .xlsx"
    _refuse(file, "file.kind", kind.title, _KINDS, fix)


def _unpacked(file: str, part: Part) -> bytes:
    try:
        return part.unpack()
    except zlib.error:
        _refuse(file, "file.damaged", part.name, "文件已损坏", _REPAIR)


class _Rewriter:
    """Writes parts with the names of a host. `own` are names that the workbook defines; `links` the numbers of links to our add-in,
    None where the file has no list of links and a number can only be left over from Excel.
    """

    def __init__(self, file: str, host: str, own: frozenset[str], links: frozenset[str] | None) -> None:
        self._file, self._host, self._own, self._links = file, host, own, links
        self.count = 0

    def part(self, part: Part, formulas: Callable[[re.Match[bytes]], Iterator[Span]]) -> Part:
        """The part itself if nothing in it changes. `formulas` says where they stand in an element."""
        before = self.count
        data = _unpacked(self._file, part)
        if not MENTION.search(data.replace(b"\0", b"") if b"\0" in data[:4] else data):  # UTF-16 has a zero in every letter
            return part
        try:
            made = pack_chunks(part.name, self._chunks(plain_xml(data), formulas))
        except MarkupError as error:
            _refuse(self._file, "file.damaged", f"{part.name}：{error}", "文件已损坏", _REPAIR)
        return made if self.count > before else part

    def _chunks(self, data: bytes, formulas: Callable[[re.Match[bytes]], Iterator[Span]]) -> Iterator[bytes]:
        # From one "<" to the next: in well-formed XML it stands in no text and no attribute.
        done = at = 0
        while hit := MENTION.search(data, at):
            start, at = data.rfind(b"<", at, hit.start()), data.find(b"<", hit.end())
            if piece := _PIECE.fullmatch(data, start, at):
                for first, last in formulas(piece):
                    raw = data[first:last]
                    if (new := self._formula(raw)) != raw:
                        self.count += 1
                        yield data[done:first]
                        yield new
                        done = last
            if at < 0:
                break
        yield data[done:]

    def _formula(self, raw: bytes) -> bytes:
        if len(raw) > _LONGEST:
            _refuse(self._file, "file.limit", f"{len(raw) >> 10} KB 的公式", "Excel 的公式最多 8192 个字", "请把公式拆开")
        written = raw.decode()
        signs = _SIGN.findall(written) if "&" in written else written
        text = "".join(map(_character, signs))
        made, done = [], 0
        for call in calls(text, opendocument=self._links is None):
            if self._is_ours(call.book, call.is_bare and call.function in self._own):
                if self._host == "excel" and call.function in self._own:
                    _refuse(self._file, "cell.duplicate", call.function, f"工作簿里已有名称 {call.function}，改成 Excel 的写法就分不清了",
                            "请先在名称管理器里给这个名称换个名字")
                made += ("".join(signs[done:call.start]), spelled(call.function, self._host))
                done = call.end
        return "".join((*made, *signs[done:])).encode() if made else raw

    def _is_ours(self, book: str, is_own: bool) -> bool:
        if book in ("", "#REF"):
            return not is_own
        number = re.fullmatch(r"\[(\d+)\]", book)
        return (self._links is None or number[1] in self._links) if number else is_addin(book)


def _character(sign: str) -> str:
    if len(sign) == 1:
        return sign
    name = sign[1:-1]
    if name[0] != "#":
        return _ENTITIES[name]
    return chr(int(name[2:], 16) if name[1] == "x" else int(name[1:]))


def _attributes(piece: re.Match[bytes], group: int) -> Iterator[tuple[bytes, bytes, Span]]:
    """The attributes of a tag: prefix, name and where the value stands."""
    for attribute in _ATTRIBUTE.finditer(piece.string, *piece.span(group)):
        yield attribute[1] or b"", attribute[2], attribute.span(3 if attribute[3] is not None else 4)


# Excel


def _rename_excel(data: bytes, file: str, host: str) -> tuple[bytes, int]:
    book = Book(data, file)
    for word, title in (("addin", "Excel 加载项（.xlam）"), ("template", "Excel 模板（.xltx、.xltm）")):
        if word in book.type_of(book.path).casefold():
            _refuse(file, "file.kind", title, _KINDS, "请用 Excel 打开，另存为 .xlsx 或 .xlsm")
    for tab in book.tabs:
        if tab.kind.casefold().endswith("macrosheet"):
            _refuse(file, "file.kind", f"宏表“{tab.name}”", "Excel 4.0 宏表里的公式是程序，不能改", "请删去宏表，或把别的工作表另存为 .xlsx")
    links = frozenset(str(number) for number, path in enumerate(_linked(book, book.root), 1) if _leads_to_addin(book, path))
    own = frozenset(element.get("name").upper() for element in book.names() if element.text.strip() != "#NAME?")
    rewriter = _Rewriter(file, host, own, links)
    tables = [path for tab in book.tabs for _, kind, path in book.links_of(tab.path) if kind == "table"]
    for path in dict.fromkeys((book.path, *(tab.path for tab in book.tabs), *tables)):
        book.parts[path] = rewriter.part(book.parts[path], _excel_formulas)
    if not rewriter.count:
        return data, 0
    _refuse_signed(file, any(path.casefold().startswith("_xmlsignatures/") for path in book.parts))
    _drop_links(book, links)
    return Archive([book.parts[path] for path in book.order if path in book.parts]).with_parts(()), rewriter.count


def _refuse_signed(file: str, signed: bool) -> None:
    if signed:
        _refuse(file, "file.kind", "带数字签名的工作簿", "改了以后签名会失效", "请先去掉签名，改好后重新签")


def _excel_formulas(piece: re.Match[bytes]) -> Iterator[Span]:
    if piece[1] in _HOLDERS:
        yield piece.span(3)
    elif piece[1] == b"cfvo":  # the limit of a colour scale or data bar
        said = {name: span for _, name, span in _attributes(piece, 2)}
        if b"val" in said and piece.string[slice(*said.get(b"type", (0, 0)))] == b"formula":
            yield said[b"val"]


def _linked(book: Book, root: Element) -> list[str]:
    """The parts of external links in the order of their numbers, empty for one that is not there."""
    paths = {rid: path for rid, _, path in book.links}
    holder = root.child("externalReferences")
    return [paths.get(_rid(element), "") for element in holder.elements()] if holder is not None else []


def _rid(element: Element) -> str:
    return next((value for name, value in element.attributes.items() if name.endswith(":id")), "")


def _leads_to_addin(book: Book, path: str) -> bool:
    return bool(path) and any(is_addin(unquote(link.get("Target"))) for link in book.links_from(path).elements())


def _drop_links(book: Book, ours: frozenset[str]) -> None:
    """Take out the last links, as long as they lead to our add-in and no formula names them."""
    root = book.read(book.path)
    linked, holder = _linked(book, root), root.child("externalReferences")
    unused = ours - set(_numbers_named(book)) if ours else ours
    gone = []
    while linked and str(len(linked)) in unused:
        gone.append(_rid(holder.elements()[-1]))
        holder.children.remove(holder.elements()[-1])
        path = linked.pop()
        book.drop(path)
        book.drop(relationships_path(path))
    if gone:
        if not holder.elements():
            root.children.remove(holder)
        links = book.links_from(book.path)
        links.children = [element for element in links.elements() if element.get("Id") not in gone]
        for path, content in ((book.path, root), (relationships_path(book.path), links), (CONTENT_TYPES, book.types)):
            book.put(path, content)


def _numbers_named(book: Book) -> Iterator[str]:
    """The numbers of links that some part mentions, [1]."""
    for path, part in book.parts.items():
        if path.casefold().endswith(".xml") and not _WITHOUT_LINKS.match(path):
            text = _unpacked(book.file, part).replace(b"\0", b"")  # UTF-16 has a zero in every letter
            yield from (number.decode() for number in re.findall(rb"\[(\d+)\]", text))


# OpenDocument


def _rename_opendocument(data: bytes, file: str, host: str) -> tuple[bytes, int]:
    parts = _opendocument_parts(data, file)
    holders = [name for name in parts if posixpath.basename(name) in ("content.xml", "styles.xml")]
    own = frozenset(name for holder in holders for name in _defined(_unpacked(file, parts[holder])))
    rewriter = _Rewriter(file, host, own, None)
    made = parts | {name: rewriter.part(parts[name], _opendocument_formulas) for name in holders}
    if not rewriter.count:
        return data, 0
    _refuse_signed(file, "META-INF/documentsignatures.xml" in parts)
    return Archive(sorted(made.values(), key=lambda part: part.name != "mimetype")).with_parts(()), rewriter.count


def _opendocument_parts(data: bytes, file: str) -> dict[str, Part]:
    try:
        parts = read_package(data, file)
    except ProblemsError as error:
        raise ProblemsError([replace(problem, expected="不是可以读的 .ods 表格", fix=_REPAIR) for problem in error.problems]) from None
    mimetype, manifest = (_unpacked(file, parts[name]) if name in parts else b"" for name in ("mimetype", "META-INF/manifest.xml"))
    if mimetype.strip().endswith(b"template"):
        _refuse(file, "file.kind", "开放文档表格模板（.ots）", _KINDS, "请用 LibreOffice 打开，另存为 .ods")
    if b"encryption-data" in manifest:
        _refuse(file, "file.password", "有密码", "打开要密码的文件不能改", "请去掉密码后另存，改好再加上")
    return parts


def _defined(content: bytes) -> Iterator[str]:
    """The names that the document defines, upper case."""
    for piece in _NAMED.finditer(content):
        for _, name, span in _attributes(piece, 1):
            if name == b"name":
                yield piece.string[slice(*span)].decode().upper()


def _opendocument_formulas(piece: re.Match[bytes]) -> Iterator[Span]:
    for prefix, name, span in _attributes(piece, 2):
        if name in (b"formula", b"expression", b"condition") or (prefix, name) == (b"calcext", b"value"):
            yield span
