"""The rows of a sheet as blocks, loops and choices: what `{%tr …%}` says, before anything is filled in.

Refuses row tags that do not pair up or share their row with something else (it would vanish with the row), and
`{% vm %}` outside a loop. All of a sheet's problems are found in one pass.
"""

from dataclasses import dataclass, field

from .names import Scope, names_in
from .problems import Problem, Where
from .reference import MAX_ROW, Reference
from .sheet import Cell, Row, Sheet
from .tags import (
    ELIF,
    ELSE,
    ENDFOR,
    ENDIF,
    FOR,
    IF,
    RowTag,
    Slot,
    TagError,
    nodes,
    read_row_tag,
    read_slot,
    refuse_wide_braces,
)
from .values import has_tag


@dataclass(slots=True, eq=False)
class Loop:
    """`{%tr for %}` … `{%tr endfor %}`; template rows `first` to `last` are its body."""

    number: int
    cell: Cell
    tag: RowTag
    around: tuple["Loop", ...]
    body: list = field(default_factory=list)
    otherwise: list = field(default_factory=list)
    last: int = 0

    @property
    def first(self) -> int:
        return self.cell.row + 1

    def holds(self, top: int, bottom: int) -> bool:
        return self.first <= top and bottom <= self.last


@dataclass(slots=True, eq=False)
class Choice:
    """`{%tr if %}`; an elif is a choice of its own in `otherwise`."""

    cell: Cell
    tag: RowTag
    then: list = field(default_factory=list)
    otherwise: list = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Rows:
    """Template rows `first` to `last` that are written together; `loops` are the loops around them, outermost first."""

    number: int
    first: int
    last: int
    loops: tuple[Loop, ...]
    rows: list[Row] = field(default_factory=list)
    slots: list[tuple[Cell, Slot]] = field(default_factory=list)


@dataclass(slots=True)
class Structure:
    """One sheet's rows in order; `moves` if it has row tags at all, so that rows may end up elsewhere."""

    sheet: Sheet
    items: list
    blocks: list[Rows]
    loops: list[Loop]
    header: list[tuple[object, Slot]]
    first_tag_row: int

    @property
    def moves(self) -> bool:
        return self.first_tag_row <= MAX_ROW

    @property
    def tagged(self) -> bool:
        return self.moves or bool(self.header) or any(block.slots for block in self.blocks)

    @property
    def bounds(self) -> tuple[tuple[int, int], ...]:
        return tuple((block.first, block.last) for block in self.blocks)

    def depth(self, around: tuple[Loop, ...], top: int, bottom: int) -> int:
        """How many of these loops, from the outermost, hold all of these rows."""
        depth = 0
        for loop in around:
            if not loop.holds(top, bottom):
                break
            depth += 1
        return depth

    def interrupted(self, reference: Reference, depth: int) -> bool:
        """Whether between the copies of these rows other rows may hold something in the same columns.

        `depth` counts the loops that whoever refers to the rows shares with them.
        """
        top, bottom = reference.rows
        around = [loop for loop in self.loops if loop.holds(top, bottom)]
        if len(around) <= depth:
            return False
        outer = around[depth]
        left, right = reference.columns
        between = (row for row in self.sheet.rows if outer.first <= row.number <= outer.last)
        return any(
            left <= cell.column <= right and not _blank(cell) and not (cell.runs and "{%tr" in cell.text)
            for row in between
            if not top <= row.number <= bottom
            for cell in row.cells
        )

    def block_at(self, row: int) -> Rows | None:
        return next((block for block in self.blocks if block.first <= row <= block.last), None)


@dataclass(slots=True)
class _Open:
    opener: Cell
    keyword: str
    item: Loop | Choice
    target: list
    after_else: bool = False


def read_structure(sheet: Sheet, file: str, problems: list[Problem]) -> Structure:
    """The sheet's blocks and loops; problems found are added to the list."""
    return _Reader(sheet, file, problems).read()


class _Reader:
    def __init__(self, sheet: Sheet, file: str, problems: list[Problem]):
        self.sheet, self.file, self.problems = sheet, file, problems
        self.items: list = []
        self.blocks: list[Rows] = []
        self.loops: list[Loop] = []
        self.open: list[_Open] = []
        self.next_row = 1

    def complain(self, cell: Cell | str, found: str, expected: str, fix: str = "") -> None:
        place = cell if isinstance(cell, str) else cell.place
        where = Where(self.file, self.sheet.name, place)
        self.problems.append(Problem("template.syntax", found, expected, fix, where))

    def read(self) -> Structure:
        slots: dict[int, list[tuple[Cell, Slot]]] = {}
        tags: list[tuple[Cell, RowTag]] = []
        for row in self.sheet.rows:
            for cell in row.cells:
                if cell.formula is not None:
                    self._refuse_tag_in_formula(cell)
                elif cell.runs:
                    self._read_cell(row, cell, tags, slots)
        seen = MAX_ROW + 1
        for cell, tag in tags:
            if cell.row >= self.next_row:
                self._rows_until(cell.row - 1)
                self.next_row = cell.row + 1
            seen = min(seen, cell.row)
            self._take(cell, tag)
        for frame in self.open:
            self.complain(frame.opener, frame.opener.text, f"没有对应的 {{%tr end{frame.keyword} %}}", "补上结束标签")
        self.open.clear()
        self._rows_until(MAX_ROW)
        self._place(slots)
        return Structure(self.sheet, self.items, self.blocks, self.loops, self._header(), seen)

    def _refuse_tag_in_formula(self, cell: Cell) -> None:
        if "{{" in cell.formula or "{%" in cell.formula:
            self.complain(cell, "=" + cell.formula, "公式里不能放标签", "把标签放到单独的单元格，公式引用它")

    def _read_cell(self, row: Row, cell: Cell, tags: list, slots: dict) -> None:
        try:
            refuse_wide_braces(cell.text)
            if not has_tag(cell.text):
                return
            if tag := read_row_tag(cell.text):
                if any(earlier.row == cell.row for earlier, _ in tags):
                    raise TagError("一行只放一个 {%tr …%} 标签", "两个标签各占一行")
                tags.append((cell, tag))
                others = [other.place for other in row.cells if not _blank(other) and "{%tr" not in other.text]
                if others:
                    raise TagError(f"标签所在的行会整行消失，但 {'、'.join(others[:3])} 还有内容", "让标签独占一行")
            else:
                slots.setdefault(cell.row, []).append((cell, read_slot(cell.runs)))
        except TagError as error:
            self.complain(cell, cell.text, str(error), error.fix)

    def _rows_until(self, last: int) -> None:
        if self.next_row > last:
            return
        loops = tuple(f.item for f in self.open if isinstance(f.item, Loop) and not f.after_else)
        block = Rows(len(self.blocks), self.next_row, last, loops)
        self.blocks.append(block)
        self.target.append(block)

    @property
    def target(self) -> list:
        return self.open[-1].target if self.open else self.items

    def _take(self, cell: Cell, tag: RowTag) -> None:
        if tag.keyword == FOR:
            around = tuple(f.item for f in self.open if isinstance(f.item, Loop) and not f.after_else)
            loop = Loop(len(self.loops), cell, tag, around)
            self.loops.append(loop)
            self.target.append(loop)
            self.open.append(_Open(cell, FOR, loop, loop.body))
        elif tag.keyword == IF:
            choice = Choice(cell, tag)
            self.target.append(choice)
            self.open.append(_Open(cell, IF, choice, choice.then))
        else:
            self._continue_or_close(cell, tag)

    def _continue_or_close(self, cell: Cell, tag: RowTag) -> None:
        wanted = {ENDFOR: (FOR,), ENDIF: (IF,), ELIF: (IF,), ELSE: (IF, FOR)}[tag.keyword]
        frame = self.open[-1] if self.open else None
        if frame is None or frame.keyword not in wanted:
            openers = " 或 ".join(f"{{%tr {word} … %}}" for word in wanted)
            inside = f"（现在在 {frame.opener.place} 的 {frame.opener.text} 里面）" if frame else ""
            self.complain(cell, cell.text, f"前面没有对应的 {openers}{inside}", "标签要成对，先开的后关")
            return
        if tag.keyword in (ELSE, ELIF) and frame.after_else:
            self.complain(cell, cell.text, "else 后面不能再有 else 或 elif")
        elif tag.keyword == ELSE:
            frame.target, frame.after_else = frame.item.otherwise, True
        elif tag.keyword == ELIF:
            choice = Choice(cell, tag)
            frame.item.otherwise.append(choice)
            frame.item, frame.target = choice, choice.then
        else:
            self.open.pop()
        if isinstance(frame.item, Loop) and not frame.item.last:
            frame.item.last = cell.row - 1

    def _place(self, slots: dict[int, list[tuple[Cell, Slot]]]) -> None:
        rows = {row.number: row for row in self.sheet.rows}
        for block in self.blocks:
            block.rows = [rows[n] for n in rows if block.first <= n <= block.last]
            block.slots = [pair for row in block.rows for pair in slots.get(row.number, ())]
            for cell, slot in block.slots:
                if slot.merge and not block.loops:
                    self.complain(cell, cell.text, "{% vm %} 只能用在 {%tr for %} 循环的行里", "移到循环里或去掉")

    def _header(self) -> list[tuple[object, Slot]]:
        found = []
        for element in self.sheet.after:
            if element.name != "headerFooter":
                continue
            for part in element.elements():
                if has_tag(part.text):
                    try:
                        found.append((part, read_slot([("", part.text)], header=True)))
                    except TagError as error:
                        self.complain("页眉页脚", part.text, str(error), error.fix)
        return found


def _blank(cell: Cell) -> bool:
    return cell.empty or (cell.runs is not None and not cell.text.strip())


def slot_names(structure: Structure) -> list[tuple[str, tuple[str, ...]]]:
    """(cell, names it reads), a loop's variable written as the list it runs over: `projects[].name`."""
    found: list[tuple[str, tuple[str, ...]]] = []

    def walk(items, scope: Scope) -> None:
        for item in items:
            if isinstance(item, Rows):
                found.extend((cell.place, scope.resolved(_slot_reads(slot))) for cell, slot in item.slots)
                continue
            node = item.tag.node
            if isinstance(item, Choice):
                found.append((item.cell.place, scope.resolved(names_in(node.test))))
                walk(item.then, scope)
            else:
                found.append((item.cell.place, scope.resolved(names_in(node.iter))))
                walk(item.body, scope.inside(node))
            walk(item.otherwise, scope)

    walk(structure.items, Scope())
    found.extend(("页眉页脚", _slot_reads(slot)) for _, slot in structure.header)
    return found


def _slot_reads(slot: Slot) -> tuple[str, ...]:
    return names_in(nodes.Template(slot.body))
