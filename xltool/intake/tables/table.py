"""The tables of a sheet: where each begins and ends, its headings over one to several rows, and the role of every row.

A sheet is read from the top: the first row that looks like headings begins a table, the rows below it get their roles until the
headings of another table come. Lists beside each other are separate tables with the same heading rows. Nothing is dropped: a row
that is no record has a role that says what it is, a cell outside every column is a stray.
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice

from ...guideline.records import letters
from ..grid import PER_CENT, Grid, Source
from .columns import Column, describe, stated_unit
from .cues import COPY_SHEET, DOTS, EXAMPLE_SHEET, SOMEBODY, bare
from .heading_rows import Header, find_header, is_label_line
from .lines import Lines, squeeze
from .roles import ROLES, Body, roles_above
from .side_by_side import bands_of, lists_of
from .totals import find_totals
from .turned import Form, find_forms

__all__ = ["EXAMPLE", "OLD_COPY", "ROLES", "Column", "Table", "find_tables", "tables_of", "with_tables"]

EXAMPLE, OLD_COPY = "示例", "旧稿"
_SAMPLE = 20
_LONGEST_GAP = 10_000
_MOST_WORDS = 60  # texts that may state a unit
_SHARED_ROLES = frozenset(("title", "note", "signature", "instruction"))


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the columns `left` to `right` of a sheet. Rows are zero-based.

    `roles` has every row that belongs to the table, also the blank ones; a header row that is not in `header_rows` repeats them.
    `columns` may begin with columns left of `left`, which lists beside each other share. In a `turned` table values stand beside
    their labels; `records` has the sheet's columns with the values of each record. `unit` is what the sheet states for its money;
    `aside` says why the table may not be meant (示例, 旧稿), `strays` are filled cells that no column holds.
    """

    left: int
    right: int
    header_rows: tuple[int, ...]
    columns: tuple[Column, ...]
    roles: dict[int, str]
    turned: bool = False
    records: tuple[tuple[int, ...], ...] = ()
    unit: str = ""
    aside: str = ""
    strays: tuple[tuple[int, int], ...] = ()

    @property
    def data_rows(self) -> list[int]:
        return [row for row, role in self.roles.items() if role == "data"]

    @property
    def numbers(self) -> Sequence[int]:
        """The records by number: their rows, or of a turned table 0, 1 …"""
        return range(len(self.records)) if self.turned else self.data_rows

    def place(self, record: int, index: int) -> tuple[int, int]:
        """The row and column of a record's value, by the Column's index."""
        if not self.turned:
            return record, index
        column = self.columns[index]
        return column.label[0], column.values[record]

    def record_name(self, record: int) -> str:
        """Where a record stands, for people: 第3行, B列, B列、D列."""
        return "、".join(f"{letters(column)}列" for column in self.records[record]) if self.turned else f"第{record + 1}行"

    def label(self, index: int) -> tuple[int, int]:
        """The row and column of a Column's heading."""
        return self.columns[index].label if self.turned else (self.header_rows[-1] if self.header_rows else next(iter(self.roles), 0), index)


@dataclass(slots=True)
class Tabled(Source):
    """A file as read, with the tables of each grid."""

    tables: Sequence[Sequence[Table]] = ()


def with_tables(source: Source, known: frozenset[str]) -> Tabled:
    """The file with its tables; `known` as `find_tables` takes it."""
    values = {each.name: getattr(source, each.name) for each in fields(source)}
    return Tabled(**values, tables=tables_of(source, known))


def tables_of(source: Source, known: frozenset[str] = frozenset()) -> Sequence[Sequence[Table]]:
    """The tables of each grid of a file; those that have been found are not looked for again."""
    return source.tables if isinstance(source, Tabled) else [find_tables(grid, known) for grid in source.grids]


def find_tables(grid: Grid, known: frozenset[str] = frozenset()) -> list[Table]:
    """The tables of a sheet, top down and from the left; empty for a blank sheet.

    `known` are keys of headings somebody expects (`headers.Vocabulary.all_keys`); tables with other headings are found as well. A
    sheet without headings gives one table without: its rows have roles all the same.
    """
    lines = Lines(grid)
    if not lines.filled:
        return []
    forms = find_forms(lines, known)
    tables = _turned_tables(lines, forms, known) if forms else _stack(lines, known)
    if aside := _aside(grid, tables):
        tables = [replace(table, aside=aside) for table in tables]
    return tables


def _stack(lines: Lines, known: frozenset[str]) -> list[Table]:
    tables: list[Table] = []
    position = 0
    while position < len(lines.filled):
        header = find_header(lines, position, known)
        if header is None:
            return [*tables, _without_headings(lines, position)]
        end, found = _read_tables(lines, position, header, known)
        tables += found
        position = end
    return tables


def _read_tables(lines: Lines, position: int, header: Header, known: frozenset[str]) -> tuple[int, list[Table]]:
    """The table under headings, or the tables beside each other, and the position where the next one below begins."""
    above = lines.filled[position:bisect_left(lines.filled, header.rows[0], position)]
    below = position + len(above) + sum(bool(lines.cells(row)) for row in header.rows)
    sample = lines.filled[below:below + _SAMPLE]
    roles = roles_above(lines, above)
    titles = [squeeze(text) for text in _words(lines, roles, ("title",))]
    first = lines.filled[position - 1] + 1 if position else lines.first
    bands = bands_of(lines, header, sample)
    shared, lists = lists_of(lines, header, sample) if len(bands) == 1 else ((), bands)
    if len(lists) == 1:
        left, right = _extent(lines, header, sample)
        body = Body(lines, header, left, right, known, titles)
        end = body.walk(below)
        return end, [_table(lines, header, body, roles, first)]
    end = Body(lines, header, header.left, header.right, known, titles).walk(below)
    rows = lines.filled[position:end]
    if len(bands) > 1:
        parts = [part for band in bands for part in _stack(lines.only(band, rows, first), known)]
    else:
        parts = []
        for columns in lists:
            part = lines.only((*shared, *columns), rows, first)
            own = header.only((*shared, *columns))
            body = Body(part, own, columns[0], columns[-1], known, titles, shared)
            body.walk(sum(row <= header.rows[-1] for row in part.filled))
            parts.append(_table(part, own, body, roles_above(part, [row for row in part.filled if row < header.rows[0]]), first, shared))
    unit = _unit(lines, roles)
    return end, _agree(parts, rows, roles, unit, first)


def _words(lines: Lines, roles: dict[int, str], wanted: Collection[str]) -> Iterator[str]:
    """The texts in the rows with some of the roles."""
    for row, role in roles.items():
        if role in wanted:
            yield from (value for _, value in lines.cells(row) if isinstance(value, str))


def _unit(lines: Lines, roles: dict[int, str]) -> str:
    """The unit that titles and notes state."""
    return stated_unit(islice(_words(lines, roles, _SHARED_ROLES), _MOST_WORDS))


def _extent(lines: Lines, header: Header, sample: Sequence[int]) -> tuple[int, int]:
    """The columns of a table: those with headings and those beside them that are filled in most rows."""
    left, right = header.left, header.right
    records = [columns for row in sample if len(columns := {column for column, _ in lines.cells(row)}) > 1]
    if not records:
        return left, right

    def goes_on(column: int) -> bool:
        return 2 * sum(column in record for record in records) > len(records)

    while left > 0 and goes_on(left - 1):
        left -= 1
    while goes_on(right + 1):
        right += 1
    return left, right


def _table(lines: Lines, header: Header, body: Body, above: dict[int, str], first: int,
           shared: tuple[int, ...] = ()) -> Table:
    below = body.settle()
    places = (*shared, *range(body.left, body.right + 1))
    find_totals(lines, header, below, places)
    roles = _with_blanks({**above, **dict.fromkeys(header.rows, "header"), **below}, first)
    data = [row for row, role in below.items() if role == "data"]
    unit = _unit(lines, {**above, **below})
    columns = _columns(lines, header, places, data, unit)
    return Table(body.left, body.right, header.rows, columns, roles, unit=unit, strays=_strays(lines, body, data))


def _with_blanks(roles: dict[int, str], first: int) -> dict[int, str]:
    """The roles from a row on in order, with the blank rows; a longer gap is a stray cell's doing and is left out."""
    found: dict[int, str] = {}
    before = first - 1
    for row in sorted(roles):
        if 1 < row - before <= _LONGEST_GAP:
            found.update(dict.fromkeys(range(before + 1, row), "blank"))
        found[row] = roles[row]
        before = row
    return found


def _columns(lines: Lines, header: Header, places: Sequence[int], data: list[int], unit: str) -> tuple[Column, ...]:
    looks = lines.grid.looks
    sample = data if len(data) <= _SAMPLE else data[::len(data) // _SAMPLE + 1]
    found = []
    for column in places:
        values = lines.values(column, sample)
        path = header.paths.get(column)
        if path is not None or any(value != "" for value in values):
            shown = bool(looks) and any(looks.get((row, column)) == PER_CENT for row in sample)
            found.append(describe(column, path or (), values, unit, shown))
    return tuple(found)


def _strays(lines: Lines, body: Body, data: Iterable[int]) -> tuple[tuple[int, int], ...]:
    if lines.columns is not None:
        return ()
    end = body.right + 1
    return tuple((row, column) for row in data if len(line := lines.rows[row]) > end and line[end:].count("") < len(line) - end
                 for column, _ in lines.cells(row) if column >= end)


def _agree(tables: list[Table], rows: list[int], above: dict[int, str], unit: str, first: int) -> list[Table]:
    """Tables beside each other, each with a role for every row: a title or a note over all of them belongs to each."""
    top = min((table.header_rows[0] for table in tables if table.header_rows), default=0)
    shared = {row: role for row, role in above.items() if row < top}
    others: dict[int, str] = {}  # below: what a row is where it belongs to some of the tables only
    for table in tables:
        for row, role in table.roles.items():
            if row >= top and role != "blank":
                others[row] = role if others.get(row, role) in _SHARED_ROLES and role in _SHARED_ROLES else "blank"
    shared.update(others)
    found = []
    for table in tables:
        roles = {**dict.fromkeys(rows, "blank"), **table.roles}
        roles = {row: shared.get(row, "blank") if role == "blank" else role for row, role in roles.items()}
        own = table.unit or unit
        columns = tuple(replace(column, unit=own) if column.kind == "money" and not column.unit else column for column in table.columns)
        found.append(replace(table, columns=columns, unit=own, roles=_with_blanks(roles, first)))
    return found


def _without_headings(lines: Lines, position: int) -> Table:
    """What is left of a sheet where no headings are found: records where several things stand in a row, notes otherwise."""
    rows = lines.filled[position:]
    roles = roles_above(lines, rows)
    for row in rows:
        cells = lines.cells(row)
        if roles[row] == "title" and len(cells) > 1 and not is_label_line(cells):
            roles[row] = "data"
    roles.update({row: "note" for row in rows[1:] if roles[row] == "title"})
    data = [row for row in rows if roles[row] == "data"]
    places = sorted({column for row in data[:_SAMPLE] for column, _ in lines.cells(row)})
    columns = tuple(describe(column, (), [dict(lines.cells(row)).get(column, "") for row in data[:_SAMPLE]]) for column in places)
    left, right = (places[0], places[-1]) if places else (0, 0)
    first = lines.filled[position - 1] + 1 if position else lines.first
    return Table(left, right, (), columns, _with_blanks(roles, first))


def _turned_tables(lines: Lines, forms: list[Form], known: frozenset[str]) -> list[Table]:
    rows = {row for row, role in forms[0].roles.items() if role != "data"}
    unit = stated_unit(value for row in sorted(rows) for _, value in lines.cells(row) if isinstance(value, str))
    found = [_turned_table(lines, form, unit) for form in forms]
    for rows in forms[0].lists:
        found += _stack(lines.only(range(max(map(len, map(lines.rows.__getitem__, rows)))), rows, rows[0]), known)
    return found


def _turned_table(lines: Lines, form: Form, unit: str) -> Table:
    columns = tuple(
        replace(describe(number, pair.path, [value for column, value in lines.cells(pair.row) if column in pair.values], unit, beside=pair.unit),
                label=(pair.row, pair.column), values=pair.values)
        for number, pair in enumerate(form.pairs))
    held = {column for pair in form.pairs for column in (pair.column, *pair.values)}
    roles = _with_blanks({**form.roles, **{pair.row: "data" for pair in form.pairs}}, 0)
    inner = {row for rows in form.lists for row in rows}
    return Table(min(held), max(held), (), columns, {row: role for row, role in roles.items() if row not in inner},
                 True, form.records, unit, strays=form.strays)


def _aside(grid: Grid, tables: list[Table]) -> str:
    """Why a sheet may not be meant to be read: an example, an old copy."""
    titles = [value for table in tables for value in _texts(grid, table, "title")]
    if any(EXAMPLE_SHEET.search(bare(text)) for text in (grid.name, *titles)):
        return EXAMPLE
    stubs = [bare(value) for table in tables for value in _texts(grid, table, "stub")]
    if any(DOTS.fullmatch(text) for text in stubs) and any(
            SOMEBODY.search(text) for text in [*stubs, *(value for table in tables for value in _texts(grid, table, "data"))]):
        return EXAMPLE  # X公司, and so on
    return OLD_COPY if COPY_SHEET.search(grid.name) else ""


def _texts(grid: Grid, table: Table, role: str) -> list[str]:
    return [value for row, each in table.roles.items() if each == role for value in grid.rows[row] if isinstance(value, str) and value]
