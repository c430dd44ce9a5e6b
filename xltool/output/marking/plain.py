"""A bare workbook made of what was read of a file: values only, for a file that cannot be copied with its formatting."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from ...intake.grid import PER_CENT, Grid
from ..files import Names
from ..template.markup import DECLARATION, escape
from ..template.package import Archive, pack, pack_chunks
from ..template.reference import Area, column_letters
from ..template.values import BLANK, CellWriters, Unfit
from .book import MAX_NAME

_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_") | dict.fromkeys(range(32)))
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_GENERAL, _PERCENT, _DAY, _MOMENT, _TIME = range(5)
_XF = '<xf numFmtId="{}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
_STYLES = (
    f'{DECLARATION}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="宋体"/><charset val="134"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="5">{"".join(map(_XF.format, (0, 10, 164, 165, 46)))}</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>')
_ROWS_AT_ONCE = 500


def plain_workbook(grids: Sequence[Grid]) -> bytes:
    """The values as an .xlsx file, each in its cell; merged and hidden as read. Without grids, one empty sheet."""
    grids = grids or [Grid("Sheet1", [])]
    names = _sheet_names(grids)
    numbers = range(1, len(grids) + 1)
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}"{"" if grid.visible else _HIDDEN} r:id="rId{n}"/>'
        for n, name, grid in zip(numbers, names, grids))
    links = "".join(f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
    types = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}worksheet+xml"/>' for n in numbers)
    texts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
                               'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
                               f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}sheet.main+xml"/>'
                               f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}styles+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_LINKS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
                       'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_LINKS}">{links}<Relationship Id="rId{len(grids) + 1}" '
                                      f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    }
    parts = [pack(path, (DECLARATION + text).encode()) for path, text in texts.items()]
    parts.append(pack("xl/styles.xml", _STYLES.encode()))
    parts += [pack_chunks(f"xl/worksheets/sheet{n}.xml", _sheet(grid)) for n, grid in zip(numbers, grids)]
    return Archive(parts).with_parts(())


_HIDDEN = ' state="hidden"'


def _sheet_names(grids: Sequence[Grid]) -> list[str]:
    names = Names()
    return [names.unique(grid.name.translate(_FORBIDDEN).strip("' ")[:MAX_NAME - 4] or "Sheet") for grid in grids]


def _sheet(grid: Grid) -> Iterator[bytes]:
    hidden = "".join(f'<col min="{c + 1}" max="{c + 1}" width="10" hidden="1"/>' for c in sorted(grid.hidden_columns))
    cols = f"<cols>{hidden}</cols>" if hidden else ""
    yield f'{DECLARATION}<worksheet xmlns="{_MAIN}"><sheetFormatPr defaultRowHeight="15"/>{cols}<sheetData>'.encode()
    writers = CellWriters()
    for start in range(0, len(grid.rows), _ROWS_AT_ONCE):
        yield "".join(_row(grid, number, writers) for number in range(start, min(start + _ROWS_AT_ONCE, len(grid.rows)))).encode()
    yield b"</sheetData>"
    merges = [Area(a.top + 1, a.left + 1, a.bottom + 1, a.right + 1).text() for a in grid.merges if (a.top, a.left) != (a.bottom, a.right)]
    if merges:
        yield f'<mergeCells count="{len(merges)}">{"".join(f"<mergeCell ref={chr(34)}{ref}{chr(34)}/>" for ref in merges)}</mergeCells>'.encode()
    yield b"</worksheet>"


def _row(grid: Grid, number: int, writers: CellWriters) -> str:
    cells = []
    for column, value in enumerate(grid.rows[number]):
        look = grid.looks.get((number, column))
        if look and look != PER_CENT and (look.before or look.after) and type(value) is float:
            value = look.text(value)  # without its format the number would be another
        if value is not None and value != "" and (inside := _inside(value, writers)) != BLANK:
            style = _style(value, look == PER_CENT)
            cells.append(f'<c r="{column_letters(column + 1)}{number + 1}" s="{style}"{inside}')
    hidden = ' hidden="1"' if number in grid.hidden_rows else ""
    return f'<row r="{number + 1}"{hidden}>{"".join(cells)}</row>' if cells or hidden else ""


def _inside(value: object, writers: CellWriters) -> str:
    if isinstance(value, dt.timedelta):
        value = value.total_seconds() / 86400
    try:
        return writers[type(value)](value)
    except Unfit:  # a date before 1900, a number out of range
        return writers[str](str(value)[:1000])


def _style(value: object, percent: bool) -> int:
    if isinstance(value, dt.datetime):
        return _MOMENT if value.time() != dt.time() else _DAY
    if isinstance(value, dt.date):
        return _DAY
    if isinstance(value, (dt.time, dt.timedelta)):
        return _TIME
    return _PERCENT if percent else _GENERAL
