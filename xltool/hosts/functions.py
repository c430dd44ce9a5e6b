"""The seven functions: rows in, rows out, with the standard library only; hosts differ in how cells arrive and errors leave.

Every function takes ranges, so one call answers ten thousand rows. A result is rows of float, str, None or a Mark; nothing is raised
across the border: misuse is #VALUE!, a missing fact #N/A, and `WHY` says in words what to put right.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..intake.headers import FACT, Vocabulary, heading
from ..rules.assess import Assessment, assess
from ..rules.check import nearest
from ..rules.evaluate import Value
from ..rules.facts import plain_numbers, read_value
from ..rules.formula import number_text
from ..rules.library import Library, UnknownName
from ..rules.match import Matcher
from ..rules.model import Edition, Field, Programme
from ..rules.problems import ProblemsError
from ..rules.quota import UnknownPart, places_left
from .blocks import NA, VALUE, Cell, Mark, Misuse, Rows, is_blank, projects, rows_of
from .guidelines import Guidelines
from .items import item_of

_TROUBLES = (Misuse, UnknownName, UnknownPart, ProblemsError)


def call(guidelines: Guidelines, name: str, args: Sequence[object], guideline: str = "") -> Rows:
    """The rows a function gives. `args` are cells, rows or blocks as a host hands them over, None where left out; `guideline` is
    the workbook that the open book names.
    """
    try:
        return FUNCTIONS[name](guidelines.library(guideline), *args)
    except _TROUBLES as trouble:
        return [[str(trouble) if name == "WHY" else VALUE]]


# --- answers --------------------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why there is no answer for one project."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class _Told:
    """What labels say: the position of each fact, the unit it is stated in, and what nobody knows but resembles a fact."""

    facts: list[tuple[int, Field, str]]
    hints: list[str]


Told = Assessment | _Trouble


def _answers(library: Library, program: object, values: object, fields: object) -> tuple[list[Told], Callable[[Sequence[Cell]], Rows], str]:
    """An answer for each project, how answers are laid out, and what is worth saying beside them."""
    names, rows = rows_of(program), rows_of(values)
    if is_blank(fields):
        high, wide = max(len(names), len(rows)), max(len(names[0]), len(rows[0]))
        names, rows = _spread(names, high, wide), _spread(rows, high, wide)
        found = [_by_basis(library, name, raw) for name, raw in zip(_flat(names), _flat(rows))]
        return found, lambda flat: [list(flat[at:at + wide]) for at in range(0, high * wide, wide)], ""
    given = projects(rows, rows_of(fields))
    wanted = list(_flat(names))
    if len(wanted) not in (1, given.count):
        raise Misuse(f"有 {len(wanted)} 个项目编号、{given.count} 个项目，对不上：编号只写一个，或每个项目一个")
    found: list[Told | None] = [None] * given.count
    hints: dict[str, None] = {}
    for name in dict.fromkeys(wanted):
        own = [position for position, other in enumerate(wanted) if other == name] if len(wanted) > 1 else range(given.count)
        try:
            programme = _programme(library, name)
            told = _told(library, programme, given.labels)
            hints.update(dict.fromkeys(told.hints))
            answers = _by_labels(programme, told, [[given.columns[at][position] for position in own] for at, _, _ in told.facts])
        except _TROUBLES as trouble:
            answers = [_Trouble(VALUE, str(trouble))] * len(own)
        for position, answer in zip(own, answers):
            found[position] = answer
    return found, given.shape, "\n".join(hints)


def _spread(rows: Rows, high: int, wide: int) -> Rows:
    """A single cell, row or column repeated over a block."""
    if len(rows) not in (1, high) or len(rows[0]) not in (1, wide):
        raise Misuse(f"项目编号和值对不上：一边是 {len(rows)} 行 {len(rows[0])} 列，另一边是 {high} 行 {wide} 列")
    full = [row * wide if len(row) == 1 else row for row in rows]
    return full * high if len(full) == 1 else full


def _flat(rows: Rows) -> Iterator[Cell]:
    for row in rows:
        yield from row


def _programme(library: Library, name: Cell) -> Programme:
    if isinstance(name, Mark):
        raise Misuse(f"项目编号那一格是错误值 {name}")
    if name is None:
        raise Misuse("没有写项目编号")
    return library.once(name, lambda: library.find(number_text(name) if isinstance(name, float) else str(name)))


def _by_basis(library: Library, name: Cell, raw: Cell) -> Told:
    """The answer where only the amount is known that the subsidy is computed from."""
    try:
        programme = _programme(library, name)
        field = basis(programme)
    except _TROUBLES as trouble:
        return _Trouble(VALUE, str(trouble))
    return _by_labels(programme, _Told([(0, field, "")], []), [[raw]])[0]


def basis(programme: Programme) -> Field:
    """The one fact a programme's ceiling is computed from. Raises Misuse where it takes none or several."""
    _no_group(programme)
    if programme.ceiling is None:
        raise Misuse(f"{programme.id} 的文件没有可计算的补助标准")
    names = programme.ceiling.names
    if len(names) != 1:
        what = f"要用“{'”“'.join(names)}”{len(names)} 个数" if names else "不随金额变化"
        raise Misuse(f"{programme.id} 的补助{what}，请把事实的名称作为第三个参数")
    return programme.fields[names[0]]


def _no_group(programme: Programme) -> None:
    if programme.members:
        raise Misuse(f"{programme.id} 是一组项目，请写其中之一：{'、'.join(programme.members)}")


def _told(library: Library, programme: Programme, labels: Sequence[str]) -> _Told:
    return library.once((programme.id, *labels), lambda: _tell(library.edition(programme.edition), programme, labels))


def _tell(edition: Edition, programme: Programme, labels: Sequence[str]) -> _Told:
    """What the labels say of a programme. Raises Misuse where they say nothing, or a fact twice."""
    _no_group(programme)
    known = _facts(edition, programme)
    found: dict[str, tuple[int, Field, str]] = {}
    hints = []
    for position, label in enumerate(labels):
        head = heading(label)
        field = known.get(head.key)
        if field is None:
            if near := nearest(head.key, programme.fields, 1) if head.key else ():
                hints.append(f"没有用“{label}”这一项：是不是“{near[0]}”？")
        elif field.name in found:
            raise Misuse(f"“{labels[found[field.name][0]]}”和“{label}”是同一个事实，请留一个")
        else:
            found[field.name] = position, field, head.unit
    if not found:
        raise Misuse(f"第三个参数里没有 {programme.id} 的事实；它们是：{'、'.join(programme.fields)}")
    return _Told(list(found.values()), hints)


def _facts(edition: Edition, programme: Programme) -> dict[str, Field]:
    """The facts of a programme by every label that names them."""
    targets = Vocabulary(edition).targets(programme)
    return {key: target.field for key, own in targets.items() for target in own if target.role == FACT}


def _by_labels(programme: Programme, told: _Told, columns: Sequence[Sequence[Cell]]) -> list[Told]:
    """The answers for projects whose facts stand in columns."""
    count = len(columns[0])
    troubles: dict[int, _Trouble] = {}
    facts: list[dict[str, Value]] = [{} for _ in range(count)]
    for (_, field, unit), raws in zip(told.facts, columns):
        values, own = _column(raws, field, unit)
        for position, trouble in own.items():
            troubles.setdefault(position, trouble)
        for each, value in zip(facts, values):
            if value is not None:
                each[field.name] = value
    return [troubles[position] if position in troubles else assess(programme, each) for position, each in enumerate(facts)]


def _column(raws: Sequence[Cell], field: Field, unit: str) -> tuple[list[Value], dict[int, _Trouble]]:
    """The values of a column, and by position why one cannot be read."""
    values = plain_numbers(raws, field, unit)
    seen: dict[tuple[type, Cell], tuple[Value, _Trouble | None]] = {}
    troubles = {}
    for position, value in enumerate(values):
        if value is None and raws[position] is not None:
            key = type(raw := raws[position]), raw
            if key not in seen:
                seen[key] = _value(raw, field, unit)
            values[position], trouble = seen[key]
            if trouble:
                troubles[position] = trouble
    return values, troubles


def _value(raw: Cell, field: Field, unit: str) -> tuple[Value, _Trouble | None]:
    if isinstance(raw, Mark):
        return None, _Trouble(raw, f"“{field.name}”那一格是错误值 {raw}")
    if field.kind == "是否" and raw in (0.0, 1.0):  # some hosts know no truth values
        return raw == 1.0, None
    value, problem = read_value(raw, field, unit)
    return value, problem and _Trouble(VALUE, str(problem))


# --- the functions --------------------------------------------------------------------------------------------------------

def _subsidy(answer: Assessment) -> Cell:
    return NA if answer.subsidy is None else answer.subsidy


def _first_payment(answer: Assessment) -> Cell:
    return NA if answer.first_payment is None else answer.first_payment


def _eligible(answer: Assessment) -> Cell:
    return answer.verdict


def _of_projects(tell: Callable[[Assessment], Cell]) -> Callable[..., Rows]:
    def function(library: Library, program: object, values: object, fields: object = None) -> Rows:
        answers, shape, _ = _answers(library, program, values, fields)
        return shape([answer.mark if isinstance(answer, _Trouble) else tell(answer) for answer in answers])
    return function


def _why(library: Library, program: object, values: object = None, fields: object = None) -> Rows:
    """Every reason of a verdict; for a programme alone, whether it is known."""
    if values is None and is_blank(fields):
        return [[f"{programme.id} {programme.title}：请给出值" for programme in [_programme(library, name)]] for name in _flat(rows_of(program))]
    answers, shape, hints = _answers(library, program, values, fields)
    return shape(["\n".join(filter(None, ([answer.text] if isinstance(answer, _Trouble) else [*answer.reasons, hints]))) for answer in answers])


def _quota_left(library: Library, program: object, selected: object, part: object = None) -> Rows:
    """Places left in programmes (or groups), of one part where it is named."""
    taken = list(_selected(library, rows_of(selected)))
    wanted = None if is_blank(part) else str(rows_of(part)[0][0])
    return [[_left(_programme(library, name), taken, wanted) for name in row] for row in rows_of(program)]


def _selected(library: Library, rows: Rows) -> Iterator[tuple[Programme, str, int]]:
    """The chosen programmes with part and number; blank rows are none. Raises Misuse for a name nobody knows."""
    for number, row in enumerate(rows, 1):
        name, part, count = (*row, None, None)[:3] if len(row) < 3 else row[:3]
        if name is None:
            continue
        if count is not None and not (isinstance(count, float) and count >= 0 and count.is_integer()):
            raise Misuse(f"已选的第 {number} 行：个数“{count}”不是整数")
        yield _programme(library, name), str(part or ""), 1 if count is None else int(count)


def _left(programme: Programme, taken: Sequence[tuple[Programme, str, int]], part: str | None) -> Cell:
    own = [(named or (each.id if each.id != programme.id else ""), count) for each, named, count in taken
           if each.id == programme.id or each.id in programme.members]
    parts = {row.part for row in programme.quota} | {row.member for row in programme.quota}
    left = places_left(programme, [(named if named in parts or named not in programme.members else "", count) for named, count in own])
    if part is None:
        return NA if left.total is None else float(left.total)
    names = {row.member: row.part for row in programme.quota if row.member}
    part = names.get(part, part)
    if part not in left.parts:
        raise UnknownPart(f"{programme.id} 没有分项“{part}”；分项有：{'、'.join(left.parts) or '无'}")
    return NA if left.parts[part] is None else float(left.parts[part])


def _program(library: Library, program: object, item: object) -> Rows:
    """Items of programmes: one of each for a column of programmes or a row of items; a single list item as rows."""
    names, items = rows_of(program), rows_of(item)
    found = [[item_of(library, _programme(library, name), str(what or "")) for what in _flat(items)] for name in _flat(names)]
    if len(found) == len(found[0]) == 1:
        return [[each] for each in found[0][0]] or [[NA]]
    cells = [["\n".join(map(_shown, each)) if len(each) > 1 else each[0] if each else NA for each in row] for row in found]
    return [list(column) for column in zip(*cells)] if len(names[0]) > 1 or (len(items) > 1 and len(names) == 1) else cells


def _shown(value: Cell) -> str:
    return number_text(value) if isinstance(value, float) else str(value)


_MATCHED = ("项目编号", "项目", "结论", "补助（万元）", "还缺")


def _match_programs(library: Library, edition: object, values: object, fields: object) -> Rows:
    """The programmes of an edition for one enterprise, the most promising first, below headings."""
    name = rows_of(edition)[0][0]
    chosen = library.edition(number_text(name) if isinstance(name, float) else str(name or library.ids[0]))
    given = projects(rows_of(values), rows_of(fields))
    if given.count != 1:
        raise Misuse(f"MATCH_PROGRAMS 一次看一户企业，这里有 {given.count} 户")
    told = library.once((chosen.id, *given.labels), lambda: _tell(chosen, chosen.whole, given.labels))
    facts: dict[str, Value] = {}
    for position, field, unit in told.facts:
        (value,), troubles = _column(given.columns[position], field, unit)
        if troubles:
            raise Misuse(troubles[0].text)
        if value is not None:
            facts[field.name] = value
    return [list(_MATCHED), *([each.id, each.answer.programme.title, each.answer.verdict,
                               NA if each.answer.subsidy is None else each.answer.subsidy, "、".join(each.missing)]
                              for each in library.once(chosen.id, lambda: Matcher(chosen)).match(facts).candidates)]


FUNCTIONS: dict[str, Callable[..., Rows]] = {
    "SUBSIDY": _of_projects(_subsidy), "ELIGIBLE": _of_projects(_eligible), "WHY": _why, "FIRST_PAYMENT": _of_projects(_first_payment),
    "QUOTA_LEFT": _quota_left, "PROGRAM": _program, "MATCH_PROGRAMS": _match_programs}
