"""Rows of a guideline workbook as records that know their cells, with every malformed cell reported.

Reading goes through calamine, which hands over typed values, or where there is none through `Grids` that the caller brings; what
such a reader cannot see (error cells, live formulas, merges) comes from `cells`.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

from ..rules.formula import FormulaError, half_width
from ..rules.model import Formula
from ..rules.problems import Problem, ProblemsError, Where, reason
from .cells import FAULTS, hidden_cells
from .sheets import SHEETS, Column

Grids = Callable[[bytes, str], dict[str, list[list[object]]]]  # every sheet's cells, of a file's bytes and its name

_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,2})?")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_SAVE_AGAIN = "请用Excel或WPS打开后另存为xlsx"
_HIDDEN = {
    "error": ("cell.type", "单元格里是错误值", "请改正，或删掉后重新填写"),
    "formula": ("cell.type", "这是会计算的Excel公式，不是文字", "请在公式前加一个单引号，或去掉等号，让它成为文字"),
    "merge": ("cell.type", "合并了单元格，只有左上角一格有内容", "请取消合并，每一格都填上"),
}


@cache
def letters(index: int) -> str:
    """The letters of a zero-based column: 0 → A, 26 → AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


@dataclass
class Record:
    """One row: values by column title; reading one reports what is wrong with it."""

    reader: Reader
    sheet: str
    row: int
    columns: dict[str, tuple[int, Column]]
    cells: list[object]

    def where(self, title: str) -> Where:
        """The cell of a column in this row."""
        index = self.columns[title][0] if title in self.columns else 0
        return Where(self.reader.file, self.sheet, f"{letters(index)}{self.row}")

    def report(self, title: str, code: str, found: object, expected: str, fix: str = "") -> None:
        self.reader.problems.append(Problem(code, str(found), expected, fix, self.where(title)))

    def text(self, title: str) -> str:
        """The cell as text; a whole number without its decimal point."""
        if title not in self.columns:
            return ""
        index, column = self.columns[title]
        raw = self.cells[index] if index < len(self.cells) else ""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            if column.required:
                self.report(title, "cell.missing", "", f"“{title}”不能空着", column.note)
            return ""
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        if isinstance(raw, dt.date) and column.kind == "date":  # elsewhere Excel has made a date out of 1-2
            raw = raw.strftime("%Y-%m-%d")
        text = str(raw).strip()
        if not isinstance(raw, (str, int, float)) or isinstance(raw, bool):
            self.report(title, "cell.type", text, "Excel把它当成了日期、时间或逻辑值", "请把单元格格式改为文本后重新填写")
            return ""
        if found := _INVISIBLE.search(text):
            self.report(title, "cell.type", text, f"有看不见的字符（U+{ord(found[0]):04X}）", "请删掉后重新填写")
            return ""
        if column.choices and text not in column.choices:
            self.report(title, "cell.choice", text, f"“{title}”没有这个选项", "选项有：" + "、".join(column.choices))
            return ""
        return text

    def lines(self, title: str) -> tuple[str, ...]:
        """The values of a cell that lists several, one per line."""
        return tuple(line.strip() for line in self.text(title).splitlines() if line.strip())

    def pairs(self, title: str) -> dict[str, str]:
        """The `name=value` lines of a cell."""
        found: dict[str, str] = {}
        for line in self.lines(title):
            name, sign, value = half_equals(line).partition("=")
            name = name.strip()
            if not sign or not name:
                self.report(title, "cell.type", line, "应写成 名称=值", "一行一个，中间用等号")
            elif name in found:
                self.report(title, "cell.duplicate", line, f"“{name}”写了两次", "请留一个")
            else:
                found[name] = value.strip()
        return found

    def number(self, title: str) -> float | None:
        """The number of a cell, None when it is empty."""
        text = half_width(self.text(title))
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            self.report(title, "cell.type", text, f"“{title}”应为数字", "请只写数字")
            return None
        return float(text.replace(",", ""))

    def integer(self, title: str) -> int | None:
        """The whole number (zero or more) of a cell, None when it is empty."""
        value = self.number(title)
        if value is None:
            return None
        if value < 0 or value != int(value):
            self.report(title, "cell.type", self.text(title), f"“{title}”应为不小于0的整数", "请只写整数")
            return None
        return int(value)

    def formula(self, title: str) -> Formula | None:
        """The parsed formula of a cell, None when it is empty or cannot be read (then a problem says so)."""
        text = self.text(title)
        if not text:
            return None
        try:
            return Formula.parse(text)
        except FormulaError as error:
            self.reader.problems.append(error.problem.at(self.where(title)))
            return None


def half_equals(line: str) -> str:
    """The line with its first full-width equals sign made half-width."""
    return line if "=" in line else line.replace("＝", "=", 1)


def with_calamine(data: bytes, name: str) -> dict[str, list[list[object]]]:
    """Every sheet's cells as calamine reads them."""
    from python_calamine import CalamineWorkbook
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        return {sheet: workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in workbook.sheet_names}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the native reader is no Exception
        raise ProblemsError([Problem("file.unreadable", name, "不是能读的工作簿（可能损坏、加密或不是Excel文件）", _SAVE_AGAIN,
                                     Where(name))]) from error


@dataclass
class Reader:
    """A workbook's sheets as records; problems gather here."""

    file: str
    sha256: str
    grids: dict[str, list[list[object]]]
    problems: list[Problem] = field(default_factory=list)
    data: bytes = b""
    headers: dict[str, dict[str, tuple[int, Column]]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, grids: Grids = with_calamine) -> Reader:
        """Read a workbook; raises ProblemsError when it cannot be read at all."""
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise ProblemsError([Problem("file.missing", str(path), f"打不开：{reason(error)}", "请检查文件名和位置",
                                         Where(Path(path).name))]) from error
        return cls(Path(path).name, hashlib.sha256(data).hexdigest(), grids(data, Path(path).name), data=data)

    def report(self, sheet: str, cell: str, code: str, found: str, expected: str, fix: str = "") -> None:
        self.problems.append(Problem(code, found, expected, fix, Where(self.file, sheet, cell)))

    def check_sheets(self) -> None:
        """Every sheet of the layout is there and no other."""
        for name in SHEETS:
            if name not in self.grids:
                self.report(name, "", "sheet.missing", name, "缺这张工作表", "可以没有内容，但表和表头要有")
        for name in self.grids:
            if name not in SHEETS:
                self.report(name, "", "sheet.column", name, "不认识的工作表", "工作表有：" + "、".join(SHEETS))

    def check_cells(self) -> None:
        """No cell of the layout's sheets holds an error or a live formula or is merged."""
        try:
            hidden = list(hidden_cells(self.data))
        except FAULTS:
            self.report("", "", "file.unreadable", self.file, "不是能读的xlsx工作簿（可能损坏，或是别的格式改了扩展名）", _SAVE_AGAIN)
            return
        for cell in hidden:
            code, expected, fix = _HIDDEN[cell.kind]
            self.report(cell.sheet, cell.cell, code, cell.text, expected, fix)

    def records(self, sheet: str) -> Iterator[Record]:
        """The rows of a sheet below its header, empty ones left out."""
        grid = self.grids.get(sheet)
        if grid is None:
            return
        if sheet not in self.headers:
            self.headers[sheet] = self._header(sheet, grid[0] if grid else [])
        columns = self.headers[sheet]
        known = {place for place, _ in columns.values()}
        for number, cells in enumerate(grid[1:], 2):
            filled = [index for index, raw in enumerate(cells) if not (raw is None or (isinstance(raw, str) and not raw.strip()))]
            for index in filled:
                if index not in known:
                    self.report(sheet, f"{letters(index)}{number}", "cell.type", str(cells[index]), "这一列没有表头", "请删去或补上表头")
            if filled:
                yield Record(self, sheet, number, columns, cells)

    def _header(self, sheet: str, header: list[object]) -> dict[str, tuple[int, Column]]:
        known = {column.title: column for column in SHEETS[sheet]}
        found: dict[str, tuple[int, Column]] = {}
        for index, raw in enumerate(header):
            title = str(raw or "").strip()
            if not title:
                continue
            if title not in known:
                self.report(sheet, f"{letters(index)}1", "sheet.column", title, "不认识的列", "列有：" + "、".join(known))
            elif title in found:
                self.report(sheet, f"{letters(index)}1", "sheet.column", title, "这一列有两个", "请留一个")
            else:
                found[title] = index, known[title]
        for title, column in known.items():
            if title not in found:
                self.report(sheet, "A1", "sheet.column", title, "缺这一列", "第1行是表头，请补上" + (f"（{column.note}）" if column.note else ""))
        return found
