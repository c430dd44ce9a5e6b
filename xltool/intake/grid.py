"""What a file holds, whatever read it: sheets of cells that start at A1, with what a spreadsheet knows beside the values."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from ..rules.formula import number_text
from ..rules.problems import Problem


class Fault(str):
    """A cell without a usable value: an error (#N/A), or a formula that was never calculated. The text is what a person sees."""

    __slots__ = ()


class Look(NamedTuple):
    """What people see of a number beside its digits: a unit its format writes, or a size it divides the number by."""

    before: str = ""
    after: str = ""
    scale: float = 1.0

    def text(self, number: float) -> str:
        """The number as people see it, with all its digits.

        >>> Look(after="万元", scale=10000.0).text(15000000.0), Look(after="%", scale=0.01).text(0.07)
        ('1500万元', '7%')
        """
        return f"{self.before}{number_text(float(Decimal(repr(number)) / Decimal(repr(self.scale))))}{self.after}"


PER_CENT = Look(after="%", scale=0.01)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, zero-based, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Grid:
    """One sheet. `rows` start at A1 and may differ in length; a cell is str, float, bool, date, datetime, time, timedelta or Fault,
    and "" where blank. Of a merged area the first cell holds the value; what a file keeps in covered cells stands there too.
    """

    name: str
    rows: list[list[object]]
    merges: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    looks: Mapping[tuple[int, int], Look] = field(default_factory=dict)  # by (row, column), of the numbers whose format adds something
    visible: bool = True


@dataclass(slots=True)
class Source:
    """One file as read. `kind` is what its bytes are (xlsx, xls, ods, html, csv …), `reader` who read it; `problems` say what could
    not be read, and nothing else may be missing.
    """

    name: str
    sha256: str
    kind: str = ""
    reader: str = ""
    grids: list[Grid] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
