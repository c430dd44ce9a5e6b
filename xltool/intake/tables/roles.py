"""What each row of a sheet is: a record, or one of the many things people put around records.

Nearly every row is a record and is known by a glance at its first cells. The others are looked at twice: on the way down by their
own words, then by what stands around them, since a lone text is a group above records and a note below them.
"""
from __future__ import annotations

from collections.abc import Collection
from itertools import islice, zip_longest

from ..headers import heading
from .cues import (
    DOTS,
    EXAMPLE,
    GROUP,
    HEADING,
    INSTRUCTION,
    NOTE,
    NUMBER_ROW,
    NUMBER_ROW_LABEL,
    NUMBERED,
    PLACE,
    PLACE_HEADING,
    SERIAL,
    SIGNATURE,
    STAMP,
    UNIT_LINE,
    bare,
    begins,
    says,
    total_of,
)
from .heading_rows import Header, heading_weight, is_instruction_line, is_label_line, sounds
from .lines import Cells, Lines, squeeze, text_of

ROLES = ("title", "header", "instruction", "number", "group", "data", "subtotal", "total", "note", "signature", "stub", "stray", "blank")

_LONE, _FIGURES = "lone", "figures"  # not settled until the rows around are known
_BODY = frozenset(("data", "subtotal", "total", "stub"))
_RECORDS = frozenset(("data", "subtotal", "stub"))
_LEAD = 6
_CUES = ("计", "总数", "总和", ":", "：", "otal", "OTAL", "注", "例")  # without these in its first cells, a row is a record
_AHEAD, _FAR = 10, 1000  # rows that are looked at together: more and more, since a table may be short
_FEW = 4  # a row with more cells is no stub, no group, no stray


def _said(value: object) -> str:
    """A cell as compared with cues."""
    return bare(value) if isinstance(value, str) else text_of(value)


def roles_above(lines: Lines, rows: Collection[int]) -> dict[int, str]:
    """The roles of the filled rows above the headings."""
    found: dict[int, str] = {}
    for row in rows:
        cells = lines.cells(row)
        texts = [bare(value) for _, value in cells if isinstance(value, str)]
        if not texts:
            found[row] = "stray"
        elif begins(INSTRUCTION, texts[0]) or is_instruction_line(cells) or (NUMBERED.match(texts[0]) and "note" in found.values()):
            found[row] = "instruction"
        elif NOTE.match(texts[0]) or (len(cells) == 1 and UNIT_LINE.match(texts[0])):
            found[row] = "note"
        elif any(STAMP.search(text) for text in texts):
            found[row] = "signature"
        elif len(cells) == 1 and len(texts[0]) > 60 and says(INSTRUCTION, texts[0]):
            found[row] = "instruction"
        else:
            found[row] = "title"
    return found


def roles_below(lines: Lines, rows: Collection[int]) -> dict[int, str]:
    """The roles of the filled rows below a form: signatures and notes."""
    return {row: "signature" if any(isinstance(value, str) and SIGNATURE.search(bare(value)) for _, value in lines.cells(row)) else "note"
            for row in rows}


class Body:
    """The rows below headings, from the columns `left` to `right` and those shared with the lists beside."""

    def __init__(self, lines: Lines, header: Header, left: int, right: int, known: frozenset[str], titles: Collection[str] = (),
                 shared: Collection[int] = ()) -> None:
        self.lines, self.header, self.left, self.right, self.known = lines, header, left, right, known
        self.titles, self.shared = frozenset(titles), frozenset(shared)
        self.width = right - left + 1
        self.heads = [head for row in header.rows if (head := [_said(value) for _, value in lines.cells(row)])]
        self.firsts = frozenset(value for row in header.rows for _, value in lines.cells(row)[:1])
        self.roles: dict[int, str] = {}

    def walk(self, start: int) -> int:
        """Give every row from a position among the filled rows its role; the position where another table begins, or the end."""
        roles, filled, whole = self.roles, self.lines.filled, self.lines.columns is None
        seen_data, before = False, self.header.rows[-1]
        plain, ahead = set(), start
        for position in range(start, len(filled)):
            if position == ahead and whole:
                ahead += min(_AHEAD + position - start, _FAR)
                plain = self._plain(filled[position:ahead])
            row = filled[position]
            if row in plain and row == before + 1 and seen_data:
                roles[row] = "data"
            else:
                if position and self._begins_table(position, row > before + 1):
                    return self._first_row_of_next(position)
                roles[row] = self._role(row, before)
                seen_data = seen_data or roles[row] == "data"
            before = row
        return len(filled)

    def _plain(self, rows: list[int]) -> set[int]:
        """Those of some rows whose first cells are a record's, beyond doubt: a column without any cue is passed over as a whole."""
        lines, few = self.lines, min(3, self.width - 1)
        plain, blank = {row for row in rows if lines.counts[row] > few}, set(rows)
        leads = [lines.rows[row][self.left:self.left + _LEAD] for row in rows]
        for values in zip_longest(*leads, fillvalue=""):
            texts = [value for value in values if value.__class__ is str]
            said = "\n".join(texts)
            for cue in _CUES:
                if cue in said:
                    plain.difference_update([row for row, value in zip(rows, values) if value.__class__ is str and cue in value
                                             and self._is_odd(cue, value, row)])
            if not self.firsts.isdisjoint(texts):
                plain.difference_update([row for row, value in zip(rows, values) if value.__class__ is str and value in self.firsts])
            if blank:
                blank.intersection_update([row for row, value in zip(rows, values) if value == ""])
        return plain - blank

    def _is_odd(self, cue: str, text: str, row: int) -> bool:
        """Whether a cue in a text is reason to look closer at its row."""
        if cue == "例":
            return len(text) < 8
        if cue in ("计", "总数", "总和"):  # 设计 is no sum, but may stand in a heading
            cells = self.own(row)
            return len(cells) <= max(_FEW, 0.6 * self.width) or sounds(cells[0][1], self.known) == "head" or self._total(cells) != ""
        return True

    # ---- on the way down -----------------------------------------------------------------------------------------------

    def own(self, row: int) -> Cells:
        """The filled cells of a row that belong to this table."""
        cells = self.lines.cells(row)
        if cells and self.left <= cells[0][0] and cells[-1][0] <= self.right:
            return cells
        return [(column, value) for column, value in cells if self.left <= column <= self.right or column in self.shared]

    def _role(self, row: int, before: int) -> str:
        cells = self.own(row)
        if not cells:
            return "stray" if self.lines.cells(row) else "blank"
        if self._repeats_headings(cells):
            return "header"
        own = [cell for cell in cells if cell[0] not in self.shared] if self.shared else cells
        texts = [value for _, value in cells if isinstance(value, str)]
        if self.roles.get(before, "header") in ("header", "instruction"):
            if self._is_number_row(row, cells):
                return "number"
            if len(own) > 1 and is_instruction_line(own):
                return "instruction"
        if role := self._total(cells):
            return role
        if texts and EXAMPLE.fullmatch(bare(texts[0])) and len(cells) > 2:
            return "instruction"
        sparse = len(cells) <= max(3, 0.6 * self.width) or (len(texts) == len(cells) and texts[0].rstrip()[-1:] in (":", "："))
        if texts and sparse and (role := self._by_cue(cells, texts[0])):
            return role
        if not own:
            return "stub"
        if len(own) > _FEW:
            return "data"
        content = self._content(row, own)
        if not content or all(self._is_numeral(value) for _, value in own):
            return "stub"
        if len(cells) == 1 or (len(own) == 2 and self._is_numeral(own[0][1]) and isinstance(own[1][1], str)):
            return _LONE if isinstance(content[0][1], str) else _FIGURES
        if not any(isinstance(value, str) for _, value in own) and len(own) <= max(1, 0.3 * self.width):
            return _FIGURES
        return "data"

    def _repeats_headings(self, cells: Cells) -> bool:
        """Whether a row says the headings again: one of their rows, or of each column any level."""
        first = _said(cells[0][1])
        if any(head[0] == first and head == [_said(value) for _, value in cells] for head in self.heads):
            return True
        paths = self.header.paths
        return len(cells) > 1 and all(column in paths and isinstance(value, str) and squeeze(value) in paths[column] for column, value in cells)

    def _total(self, cells: Cells) -> str:
        """total or subtotal where one of the first texts is a word for a sum: left of the numbers, or with hardly a text beside it."""
        texts = ((index, value) for index, (_, value) in enumerate(cells) if isinstance(value, str))
        for index, text in islice(texts, 3):
            if len(text) < 100 and (role := total_of(text)):
                words = [isinstance(value, str) for _, value in cells]
                if all(words[1:index]) or sum(words) < 3:
                    return role
        return ""

    def _is_number_row(self, row: int, cells: Cells) -> bool:
        """Whether a row numbers the columns: 1 2 3, 栏次 甲 乙 1 2. Records of small numbers go on with 2 in the next row."""
        texts = [_said(value) for _, value in cells]
        labelled = bool(NUMBER_ROW_LABEL.fullmatch(texts[0]))
        marks = texts[labelled:]
        following = self.lines.rows[row + 1] if row + 1 < len(self.lines.rows) else []
        if cells[0][0] < len(following) and _said(following[cells[0][0]]) == "2" and texts[0] == "1":
            return False
        if not marks or not all(NUMBER_ROW.fullmatch(text) for text in marks) or len(cells) < 0.5 * self.width:
            return False
        counts = [int("".join(filter(str.isdigit, text.split("=")[0].split("＝")[0])) or 0) for text in marks]
        counts = [count for count in counts if count]
        return (labelled or len(marks) > 2) and counts == list(range(counts[0], counts[0] + len(counts))) if counts else len(marks) > 2

    def _by_cue(self, cells: Cells, first: str) -> str:
        text = bare(first)
        if NOTE.match(text):
            return "note"
        if (found := SIGNATURE.search(text)) and (len(cells) < 3 or found.start() < 12) and not SERIAL.fullmatch(text):
            return "signature"
        if INSTRUCTION.match(text) and len(cells) == 1:
            return "note" if "data" in self.roles.values() else "instruction"
        if len(cells) > 1 and self._in_tail() and all(isinstance(value, str) and is_label_line([(0, value)]) for _, value in cells):
            return "signature"
        return ""

    def _in_tail(self) -> bool:
        return any(role in ("total", "note", "signature") for role in islice(reversed(self.roles.values()), 3))

    def _content(self, row: int, cells: Cells) -> Cells:
        """The cells that say something about a record: not its number, a label merged over rows, dots, a unit printed in advance."""
        found = []
        for index, (column, value) in enumerate(cells):
            text = _said(value)
            if index == 0 and SERIAL.fullmatch(text) and (column == self.left or "号" in self.header.leaf(column)):
                continue
            if DOTS.fullmatch(text) or bare(self.header.leaf(column)) in ("单位", "计量单位"):
                continue
            if self.lines.merges.height(row, column) > 1 and (len(cells) > 1 or column == self.left or PLACE.fullmatch(text)):
                continue
            found.append((column, value))
        return [] if len(found) == 1 and len(cells) > 1 and self._is_place(*found[0]) else found

    def _is_place(self, column: int, value: object) -> bool:
        return isinstance(value, str) and bool(PLACE.fullmatch(bare(value)) and PLACE_HEADING.search(self.header.leaf(column)))

    @staticmethod
    def _is_numeral(value: object) -> bool:
        return isinstance(value, str) and set(bare(value)) <= set("一二三四五六七八九十")

    # ---- another table below -------------------------------------------------------------------------------------------

    def _begins_table(self, position: int, after_blank: bool) -> bool:
        """Whether the headings of another table stand here."""
        row = self.lines.filled[position]
        cells = self.own(row)
        if len(cells) < 2 or (len(cells) != len(self.lines.cells(row)) and not after_blank):
            cells = self.lines.cells(row)
        if len(cells) < 2 or not isinstance(cells[0][1], str):
            return False
        last = self.roles.get(self.lines.filled[position - 1], "")
        if not (after_blank or last in ("total", "note", "signature", _LONE) or sounds(cells[0][1], self.known) == "head"):
            return False
        if self._by_cue(cells, cells[0][1]) or self._repeats_headings(cells) or _BODY.isdisjoint(self.roles.values()):
            return False
        heads = [text for _, value in cells if sounds(value, self.known) == "head" and (text := _said(value))]
        usual = sum(bool(HEADING.fullmatch(text)) or heading(text).key in self.known for text in heads)
        return len(heads) >= max(2, 0.6 * len(cells)) and usual > 1 and heading_weight(self.lines, position, self.known) > 0 \
            and self._differs(cells)

    def _differs(self, cells: Cells) -> bool:
        """Whether the row is no record of this table: it has a word where records have values, or its own first heading."""
        if _said(cells[0][1]) in {head for heads in self.heads for head in heads}:
            return True
        sample = [dict(self.lines.cells(row)) for row, role in islice(reversed(self.roles.items()), 20) if role == "data"]
        return not sample or any(isinstance(record.get(column), float) for column, _ in cells for record in sample)

    def _first_row_of_next(self, position: int) -> int:
        """Where the title rows above another table's headings begin; they are no longer rows of this table."""
        filled, named = self.lines.filled, False
        while position and filled[position - 1] + 1 == filled[position]:
            role = self.roles.get(filled[position - 1], "")
            if role == _LONE:
                named = True
            elif named or role not in ("signature", "note", "instruction"):
                break
            position -= 1
            del self.roles[filled[position]]
        return position

    # ---- by the rows around --------------------------------------------------------------------------------------------

    def settle(self) -> dict[int, str]:
        """Every row's role, once all are known."""
        roles = self.roles
        if {_LONE, _FIGURES, "note"}.isdisjoint(roles.values()):
            return roles
        rows = list(roles)
        self._continue_notes(rows)
        last = max((row for row in rows if roles[row] in _BODY), default=-1)
        following, after = "", {}
        for row in reversed(rows):
            after[row] = following
            if roles[row] not in (_LONE, _FIGURES, "blank"):
                following = roles[row]
        before = self.header.rows[-1]
        for row in rows:
            straight = before + 1 == row and (roles.get(before, "header") not in ("note", "signature", "stray"))
            if roles[row] == _LONE:
                roles[row] = self._settle_lone(row, after[row] if row < last else "", straight)
            elif roles[row] == _FIGURES:
                roles[row] = "data" if straight and len(self.own(row)) > 1 else "stray"
            before = row
        return roles

    def _continue_notes(self, rows: list[int]) -> None:
        """Below a note, texts are notes too, until a record comes."""
        noted = False
        for row in rows:
            role = self.roles[row]
            if role == "note":
                noted = True
            elif noted and role in ("data", _LONE):
                cells = self.own(row)
                noted = len(cells) <= 2 and isinstance(cells[-1][1], str) and (role == _LONE or len(cells[-1][1]) > 15)
                if noted:
                    self.roles[row] = "note"
            elif role in _BODY:
                noted = False

    def _settle_lone(self, row: int, following: str, straight: bool) -> str:
        """The role of a row with one text in it. `following`: the next row of a known role; `straight`: records stand right above."""
        column, value = next(cell for cell in self.own(row) if isinstance(cell[1], str) and not self._is_numeral(cell[1]))
        text, leaf = bare(value), bare(self.header.leaf(column))
        merged = self.lines.merges.span(row, column) > 1
        if text_of(value) in self.titles:
            return "title"
        if not merged and sounds(value) == "value":
            return "data"
        if not merged and PLACE.fullmatch(text) and PLACE_HEADING.search(leaf):
            next_row = self.lines.rows[row + 1] if row + 1 < len(self.lines.rows) else []
            groups = following == "data" and column < len(next_row) and next_row[column] == "" and self.lines.cells(row + 1)
            return "group" if groups and self.roles.get(row + 1) != _LONE else "stub"
        numbers = "号" in leaf or "№" in leaf
        looks = merged or GROUP.match(text) or (column == self.left and numbers) or len(text) > 40
        names = not numbers and (column == self.left or "名" in leaf or "项目" in leaf)
        if following in (*_RECORDS, "group", "number", "header") and (looks or self.width == 1 or not names):
            return "group"
        return "data" if names and not looks and (straight or following) else "note"
