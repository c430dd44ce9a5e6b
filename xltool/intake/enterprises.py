"""Enterprises and what they state, read from a workbook: a row each below the headings, or labels in a column beside the values.

An enterprise comes back as a `Project` of the edition's stand-in programme (`Edition.whole`), which knows every fact; a category
column is not needed. A heading means the fact of that name, or the one it is an alias of.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from ..rules.model import Edition
from ..rules.problems import Problem, Where
from .headers import UNIT_WORDS, Heading, heading
from .projects import ProjectList, Sheet, read_sheets

_LABEL_COLUMNS = 4  # labels stand in one of the first columns
_CAPTIONS = ("项目", "名称", "指标", "内容", "事实", "字段")


def read_enterprises(path: Path, edition: Edition) -> ProjectList:
    """The enterprises of a workbook. Raises ProblemsError when the file cannot be read at all."""
    found = read_sheets(path, edition, EnterpriseSheet, needed=())
    if not found.projects and not found.problems:
        file = Path(path).name
        found.problems.append(Problem("sheet.empty", file, "没有找到企业的数据", "表头或左边一列要有事实的名称，见 xltool show 项目编号",
                                      Where(file)))
    return found


class EnterpriseSheet(Sheet):
    """A sheet of enterprises in rows, or of one enterprise with labels at the left."""

    turned = False

    def read(self) -> None:
        if self.labels_at_the_left():
            self.turned = True
            width = max(map(len, self.grid))
            self.grid = [list(column) for column in zip(*(row + [""] * (width - len(row)) for row in self.grid))]
            self.take_units()
        super().read()

    def take_units(self) -> None:
        """A column of units belongs to the labels. Captions over labels and values are no fact, nor is a label without a value."""
        top = max(self.grid, key=self.known)
        for place, label in enumerate(top):
            if str(label).strip() in _CAPTIONS or not any(str(row[place]).strip() for row in self.grid if row is not top):
                for row in self.grid:
                    row[place] = ""
        for row in self.grid:
            filled = {place: unit for place, raw in enumerate(row) if (unit := str(raw).strip())}
            if row is not top and filled and UNIT_WORDS.issuperset(filled.values()):
                for place, unit in filled.items():
                    top[place], row[place] = f"{top[place]}（{unit}）", ""

    def labels_at_the_left(self) -> bool:
        """Whether a column knows more headings than any row."""
        width = min(_LABEL_COLUMNS, max(map(len, self.grid), default=0))
        columns = [[row[index] for row in self.grid if index < len(row)] for index in range(width)]
        return max(map(self.known, columns), default=0) > max(map(self.known, self.grid), default=0)

    def known(self, cells: Collection[object]) -> int:
        return sum(heading(raw).key in self.vocabulary.all_keys for raw in cells if isinstance(raw, str))

    def where(self, row: int, column: int | None = None) -> Where:
        if not self.turned:
            return super().where(row, column)
        return super().where(column, row) if column is not None else super().where(0, row)

    def is_heading(self, names: Collection[str]) -> bool:
        return True

    def row(self, row: int, cells: list[object], headings: Mapping[int, Heading], by_column: Mapping[str, int], top: int) -> None:
        filled = [raw for index, raw in enumerate(cells) if index in headings and str(raw or "").strip()]
        if reason := self.not_a_project(cells, top):
            self.skip(row, cells, reason)
        elif filled:
            self.project(row, cells, headings, by_column, self.vocabulary.edition.whole)
        else:
            self.skip(row, cells, "表头下没有数据")
