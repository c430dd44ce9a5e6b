"""The seven functions: rows in, rows out, with the standard library only; hosts differ in how cells arrive and errors leave.

Every function takes ranges, so one call answers ten thousand rows. A result is rows of float, str, None or a Mark; nothing is raised
across the border. What the document does not state is blank, a missing fact #N/A, misuse #VALUE!, and `WHY` says in words what to put right.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..rules.evaluate import Facts, as_text
from ..rules.library import Library, UnknownName
from ..rules.match import Matcher
from ..rules.model import Edition, Programme
from ..rules.problems import ProblemsError
from ..rules.quota import UnknownPart
from .answers import Answerer, Answers
from .blocks import (
    NA,
    Cell,
    Mark,
    Misuse,
    Rows,
    blanks,
    cell,
    flat,
    is_blank,
    laid_out,
    misuse,
    pairs,
    projects,
    rows_of,
)
from .definition import NAMESPACE
from .guidelines import Guidelines
from .items import item_of
from .labels import basis, read_labels
from .places import Chosen, places

_TROUBLES = (Misuse, UnknownName, UnknownPart, ProblemsError)


def call(guidelines: Guidelines, name: str, args: Sequence[object], guideline: str = "") -> Rows:
    """The rows a function gives. `args` are cells, rows or blocks as a host hands them over, None where left out; `guideline` is
    the workbook that the open book names.
    """
    try:
        return FUNCTIONS[name](guidelines.library(guideline), *args)
    except _TROUBLES as trouble:
        return [[str(trouble) if name == "WHY" else misuse(str(trouble))]]


def _programme(library: Library, name: Cell, edition: str = "") -> Programme:
    """The programme of a cell; a bare title is looked for in `edition` first. Raises Misuse and UnknownName."""
    found = library.once((name, edition), lambda: _find(library, name, edition))
    if isinstance(found, Mark):
        raise Misuse(found.why)
    return found


def _find(library: Library, name: Cell, edition: str) -> Programme | Mark:
    """A programme, or why there is none: a name nobody knows is asked for as often as any other, and finding the nearest takes long."""
    name = cell(name)
    if isinstance(name, Mark):
        return misuse(f"项目编号那一格是错误值 {name}，请先改好它")
    if name is None:
        return misuse("没有写项目编号；请写编号或文件里的全称，如 2026P1-1")
    if isinstance(name, float):
        return misuse(f"项目编号的位置写着数 {as_text(name)}；请先写项目编号或文件里的全称（如 2026P1-1），再写值")
    try:
        return (edition and library.edition(edition).find(as_text(name))) or library.find(as_text(name))
    except UnknownName as unknown:
        return misuse(str(unknown))


# --- one answer for each project ----------------------------------------------------------------------------------------------

Tell = Callable[[Answers], list[Cell]]


def _tell_projects(library: Library, tell: Tell, program: object, values: object, labels: object) -> Rows:
    """What `tell` says of each project. A project without a programme is blank where nothing else is written either."""
    names, rows = rows_of(program), rows_of(values)
    told: tuple[str, ...] | None = None
    if is_blank(labels):
        wanted, column, wide = pairs(names, rows, ("项目编号", "值"))
        columns, count = [column], len(column)
    else:
        given = projects(rows, rows_of(labels))
        wanted, told, columns, count, wide = flat(names), given.labels, given.columns, given.count, given.wide
        if count == 1 < len(wanted):  # one enterprise, many programmes
            columns, count, wide = [[*column] * len(wanted) for column in columns], len(wanted), len(names[0])
        elif len(wanted) == 1 < count:
            wanted *= count
        elif len(wanted) != count:
            raise Misuse(f"{len(wanted)} 个项目编号、{count} 个项目，对不上：编号只写一个，或每个项目一个")
    own: dict[Cell, list[int]] = {}
    if wanted.count(wanted[0]) == count:
        return laid_out(_tell(library, tell, wanted[0], told, columns, count), wide)
    for position, name in enumerate(wanted):
        own.setdefault(name, []).append(position)
    cells: list[Cell] = [None] * count
    for name, positions in own.items():
        part = [[column[position] for position in positions] for column in columns]
        for position, each in zip(positions, _tell(library, tell, name, told, part, len(positions))):
            cells[position] = each
    return laid_out(cells, wide)


def _tell(library: Library, tell: Tell, name: Cell, labels: tuple[str, ...] | None, columns: Sequence[Sequence[Cell]], count: int) -> list[Cell]:
    """What is said of the projects of one programme."""
    by = library.once((name, labels), lambda: _answerer(library, name, labels))
    if isinstance(by, Mark):
        return [None if blank else by for blank in blanks(columns)] if name is None or name == "" else [by] * count
    answers = by.answers([columns[told.position] for told in by.labels.told], count)
    cells = tell(answers)
    for position, trouble in answers.troubles.items():
        cells[position] = trouble
    return cells


def _answerer(library: Library, name: Cell, labels: tuple[str, ...] | None) -> Answerer | Mark:
    """What answers for a programme where these labels are told (None: its one amount), or why nothing does."""
    try:
        programme = _programme(library, name)
        if programme.members:
            raise Misuse(f"{programme.id} 是一组项目，请写其中之一：{'、'.join(programme.members)}")
        return Answerer(programme, basis(programme) if labels is None else read_labels(library.edition(programme.edition), programme, labels))
    except _TROUBLES as trouble:
        return misuse(str(trouble))


def _subsidies(answers: Answers) -> list[Cell]:
    if answers.by.ceiling is None:
        return [None] * answers.count
    return [NA if amount is None else amount for amount in answers.subsidies]


def _first_payments(answers: Answers) -> list[Cell]:
    if answers.by.ceiling is None or answers.by.first is None:
        return [None] * answers.count
    return [NA if amount is None else amount for amount in answers.first_payments]


def _verdicts(answers: Answers) -> list[Cell]:
    return list(answers.verdicts)


def _reasons(answers: Answers) -> list[Cell]:
    return list(answers.words)


def _first_reasons(answers: Answers) -> list[Cell]:
    return [words + ("" if answers.by.first else "\n首付空着：文件没有写分期拨付") for words in answers.words]


def _of_projects(tell: Tell) -> Callable[..., Rows]:
    return lambda library, program, values=None, labels=None: _tell_projects(library, tell, program, values, labels)


# --- the others ---------------------------------------------------------------------------------------------------------------

def _each(left: object, right: object, names: tuple[str, str], make: Callable[[Cell, Cell], Cell]) -> Rows:
    """What is made of two arguments cell by cell; a cell that makes no sense is misuse, the others are answered."""
    lefts, rights, wide = pairs(rows_of(left), rows_of(right), names)
    cells: list[Cell] = []
    for one, other in zip(map(cell, lefts), map(cell, rights)):
        try:
            cells.append(None if one is None else make(one, other))
        except _TROUBLES as trouble:
            cells.append(misuse(str(trouble)))
    return laid_out(cells, wide)


def _quota_left(library: Library, program: object, selected: object = None, part: object = None) -> Rows:
    """Places left in programmes or groups, of their parts where these are named."""
    return _places(library, program, selected, part, lambda found: None if found.left is None else float(found.left))


def _places(library: Library, program: object, selected: object, part: object, tell: Callable[..., Cell]) -> Rows:
    rows = rows_of(selected)

    def make(name: Cell, wanted: Cell) -> Cell:
        programme = _programme(library, name)
        edition = library.edition(programme.edition)
        if edition.id not in chosen:
            chosen[edition.id] = _chosen(library, rows, edition)
        return tell(places(edition, programme, chosen[edition.id], "" if wanted is None else as_text(wanted).strip()))

    chosen: dict[str, list[Chosen]] = {}
    return _each(program, part, ("项目编号", "分项"), make)


def _chosen(library: Library, rows: Rows, edition: Edition) -> list[Chosen]:
    """The projects chosen already; blank rows are none. Raises Misuse with the row."""
    chosen = []
    for number, row in enumerate(rows, 1):
        name, part, count = map(cell, (*row, None, None)[:3])
        if name is None:
            continue
        if isinstance(part, Mark) or not (count is None or (isinstance(count, float) and count >= 0 and count.is_integer())):
            raise Misuse(f"已选的第 {number} 行：" + (
                f"分项那一格是错误值 {part}" if isinstance(part, Mark) else f"个数“{as_text(count)}”不是不小于0的整数"))
        try:
            programme = _programme(library, name, edition.id)
        except _TROUBLES as trouble:
            raise Misuse(f"已选的第 {number} 行：{trouble}") from trouble
        chosen.append(Chosen(programme, "" if part is None else as_text(part).strip(), 1 if count is None else int(count)))
    return chosen


def _program(library: Library, program: object, item: object = None) -> Rows:
    """Items of programmes; a single item that lists is a column, among others one text."""
    rows = _items(library, program, item)
    if len(rows) == len(rows[0]) == 1 and isinstance(rows[0][0], list):
        return laid_out(rows[0][0] or [None], 1)
    return [[_joined(each) if isinstance(each, list) else each for each in row] for row in rows]


def _items(library: Library, program: object, item: object) -> Rows:
    def make(name: Cell, what: Cell) -> list[Cell]:
        programme = _programme(library, name)
        return item_of(library.edition(programme.edition), programme, "" if what is None else as_text(what))
    return _each(program, item, ("项目编号", "内容"), make)


def _joined(found: list[Cell]) -> Cell:
    return "\n".join(map(as_text, found)) if len(found) > 1 else found[0] if found else None


_MATCHED = ("项目编号", "项目", "结论", "补助（万元）", "还缺")


def _match_programs(library: Library, edition: object, values: object = None, labels: object = None) -> Rows:
    """The programmes of an edition for one enterprise, the most promising first, below headings; all of them where nothing is told."""
    told = _told(library, edition, values, labels)
    match = library.once(told.edition.id, lambda: Matcher(told.edition)).match(told.facts)
    return [list(_MATCHED), *([each.id, each.answer.programme.title, each.answer.verdict, _amount(each.answer.programme, each.answer.subsidy),
                               "、".join(each.missing)] for each in match.candidates)]


@dataclass(frozen=True)
class _Enterprise:
    """What is told of one enterprise; `hints` tell of labels nobody knows that resemble a fact."""

    edition: Edition
    facts: Facts
    hints: Sequence[str] = ()


def _told(library: Library, edition: object, values: object, labels: object) -> _Enterprise:
    """The arguments of MATCH_PROGRAMS. Raises Misuse and UnknownName."""
    names = {cell(each) for each in flat(rows_of(edition))}
    if len(names) > 1:
        raise Misuse(f"MATCH_PROGRAMS 一次看一版指南，这里写了 {len(names)} 个")
    name = names.pop()
    chosen = library.edition(library.ids[0] if name is None else as_text(name).strip())
    if is_blank(labels) and is_blank(values):
        return _Enterprise(chosen, {})
    if is_blank(labels):
        raise Misuse("MATCH_PROGRAMS 的第三个参数要写事实的名称（标签），在值上面一行或左边一列")
    given = projects(rows_of(values), rows_of(labels))
    if given.count != 1:
        raise Misuse(f"MATCH_PROGRAMS 一次看一户企业，这里有 {given.count} 户；请只选一行（或一列）值")
    by = library.once(("MATCH_PROGRAMS", chosen.id, given.labels), lambda: Answerer(chosen.whole, read_labels(chosen, chosen.whole, given.labels)))
    answers = by.answers([given.columns[told.position] for told in by.labels.told], 1)
    if answers.troubles:
        raise Misuse(answers.troubles[0].why)
    return _Enterprise(chosen, by.assessment(answers.values[0]).facts, by.labels.hints)


def _amount(programme: Programme, amount: float | None) -> Cell:
    return None if programme.ceiling is None else NA if amount is None else amount


# --- in words -----------------------------------------------------------------------------------------------------------------

_FINE, _UNSTATED = "没有问题", "空着：文件没有写"


def _why(library: Library, program: object, values: object = None, labels: object = None, about: object = None) -> Rows:
    """Every reason of a verdict; for a programme alone, whether it is known; for another function's arguments and its name, what
    is wrong with them.
    """
    named = None if is_blank(about) else cell(rows_of(about)[0][0])
    name = "" if named is None else as_text(named).strip().upper().removeprefix(f"{NAMESPACE}.")
    if name and name not in FUNCTIONS:
        raise Misuse(f"没有函数“{name}”；第四个参数可以写：{'、'.join(each for each in FUNCTIONS if each != 'WHY')}")
    if name == "QUOTA_LEFT":
        rows = _places(library, program, values, labels, lambda found: found.words)
    elif name == "PROGRAM":
        rows = [[each if each is None or isinstance(each, Mark) else _FINE if each else _UNSTATED for each in row]
                for row in _items(library, program, values)]
    elif name == "MATCH_PROGRAMS":
        rows = [["\n".join(_told(library, program, values, labels).hints) or _FINE]]
    elif values is None and is_blank(labels):
        rows = _each(program, None, ("项目编号", ""), lambda name, _: _presented(_programme(library, name)))
    else:
        rows = _tell_projects(library, _first_reasons if name == "FIRST_PAYMENT" else _reasons, program, values, labels)
    return [[each.why if isinstance(each, Mark) else each for each in row] for row in rows]


def _presented(programme: Programme) -> str:
    return f"{programme.id} {programme.title}：请给出值"


FUNCTIONS: dict[str, Callable[..., Rows]] = {
    "SUBSIDY": _of_projects(_subsidies), "ELIGIBLE": _of_projects(_verdicts), "FIRST_PAYMENT": _of_projects(_first_payments), "WHY": _why,
    "QUOTA_LEFT": _quota_left, "PROGRAM": _program, "MATCH_PROGRAMS": _match_programs}
