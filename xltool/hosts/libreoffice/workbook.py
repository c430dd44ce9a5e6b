"""The cells of a guideline workbook without calamine, which LibreOffice's Python does not have: slower, the standard library only.

A rule must not be lost on the way: a file with anything broken in it is refused, where the readers of project lists would go on.
"""
from __future__ import annotations

from xml.parsers import expat

from ...intake.grid import Fault
from ...intake.opening.readers.archive import Archive
from ...intake.opening.readers.cells import scan
from ...intake.opening.readers.package import Book, Sheet, utf8
from ...intake.opening.refusal import Refusal, damaged, unsafe
from ...rules.problems import Problem, ProblemsError, Where


def grids(data: bytes, name: str) -> dict[str, list[list[object]]]:
    """Every sheet's cells, rows from A1, blank cells and errors "". Raises ProblemsError for a file that is not sound."""
    problems: list[Problem] = []
    try:
        archive = Archive(data)
        book = Book(archive)
        found = {sheet.name: _rows(archive, book, sheet, Where(name, sheet.name), problems) for sheet in book.sheets}
        book.verify()
    except Refusal as refusal:
        raise ProblemsError([refusal.problem.at(Where(name))]) from refusal
    problems += [damaged(f"部件“{part}”", Where(name)) for part in dict.fromkeys(archive.torn)]
    problems += [damaged(what, Where(name), expected=expected) for what, expected in book.faults]
    if problems or not found:
        raise ProblemsError(problems or [damaged("里面没有工作表", Where(name))])
    return found


def _rows(archive: Archive, book: Book, sheet: Sheet, place: Where, problems: list[Problem]) -> list[list[object]]:
    xml = utf8(archive.part(sheet.part)) if sheet.part in archive else b""
    if b"<!DOCTYPE" in xml[:4000]:
        raise Refusal(unsafe("表里定义了实体（DOCTYPE）"))
    try:
        expat.ParserCreate().Parse(xml, True)
    except expat.ExpatError as error:
        problems.append(damaged(f"第{error.lineno}行第{error.offset + 1}个字节", place, expected="这张表的内容坏了"))
    scanned = scan(xml[max(xml.find(b"<sheetData"), 0):], book)
    problems += [damaged(each.found, Where(place.file, place.sheet, each.cell), expected=each.expected) for each in scanned.problems]
    return [["" if isinstance(value, Fault) else value for value in row] for row in scanned.rows]
