"""What is wrong with somebody's input, as data.

A problem is collected, never printed one at a time and never raised: a clerk wants the whole list in one pass. Exceptions are
for faults of the program or the file system. Every problem says where it is, what was found, what was expected and how to fix it.

Codes, as a tree::

    file            the file as a whole
      file.unreadable     not a workbook, damaged, protected
      file.missing        not there
    sheet           a sheet or its header
      sheet.missing       a needed sheet is not there
      sheet.column        a needed column is not there, is there twice or is not known
      sheet.empty         no table found
    cell            one cell that is not a rule
      cell.missing        a needed cell is empty
      cell.type           a value of the wrong type or form
      cell.choice         a value that is not among the choices
      cell.duplicate      a key that stands twice
      cell.reference      a name of a programme, form or part that does not exist
      cell.unused         a fact that no rule uses
    rule            a formula
      rule.syntax         cannot be read as a formula
      rule.name           an unknown fact
      rule.function       an unknown function or a wrong number of arguments
      rule.type           a comparison or an operation of values that do not fit
      rule.unit           units that do not fit
      rule.size           too long or too deep
      rule.unreachable    a branch that no project can take
      rule.contradiction  conditions that no project can meet together
      rule.constant       a condition that is met (or broken) by every project
    case            a test case of the guideline
      case.differs        the result is not the expected one
    value           a fact of a project
      value.type          not a value of the fact's type
      value.range         negative, not finite
      value.choice        not among the choices
      value.unknown       a programme or fact that the edition does not have
      value.conflict      two values of one project that contradict each other
    template        a template of an output
      template.syntax     a tag that cannot be read
      template.name       a name the data does not have
      template.value      a value that cannot stand in a cell
"""
from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file: file name, sheet and A1 cell, each empty when it does not apply."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet or self.cell
        return " ".join(part for part in (self.file, place) if part)


NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in somebody's input: what was found where, what was expected, and how to fix it (Chinese)."""

    code: str
    found: str
    expected: str
    fix: str = ""
    where: Where = NOWHERE

    def at(self, where: Where) -> Problem:
        """The same problem, at a place."""
        return replace(self, where=where)

    def __str__(self) -> str:
        place = f"{self.where} " if str(self.where) else ""
        fix = f"；{self.fix}" if self.fix else ""
        return f"{place}“{self.found}”：{self.expected}{fix}"


class ProblemsError(Exception):
    """Work that cannot go on because of problems in its input; carries all of them."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
