"""A workbook as Excel on the web hands it to xlwings, a button of the ribbon pressed over it, and what the actions make of the workbook.

Run as a program of its own, with XLWINGS_LICENSE_KEY set before xlwings is imported: reads presses as JSON lines from the standard
input, `{"key", "sheets", "selection", "names", "file"}`, and prints the sheets afterwards with the messages. With `file` the book is one of
Excel on Windows: a stand-in hands out copies of that file where COM would, and takes note of what is opened.
"""
from __future__ import annotations

import json
import shutil
import sys
import traceback
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path


@dataclass
class Page:
    """A sheet after the actions: its cells by (row, column) from 1, and how areas look."""

    cells: dict[tuple[int, int], object] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    lists: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)

    def row(self, number: int) -> list[object]:
        """The cells of a row up to the last that holds anything."""
        width = max((column for row, column in self.cells if row == number), default=0)
        return [self.cells.get((number, column), "") for column in range(1, width + 1)]

    @property
    def rows(self) -> list[list[object]]:
        return [self.row(number) for number in range(1, max((row for row, _ in self.cells), default=0) + 1)]


def remote_book(sheets: Mapping[str, Sequence[Sequence[object]]], name: str = "清单.xlsx", selection: str = "A1", names: Sequence[str] = ()):
    """An `xlwings.Book` of the remote engine, as the server makes it from a request."""
    import xlwings
    lists = {key: [] for key in ("pictures", "tables", "names", "shapes", "charts", "pivot_tables", "notes")}
    return xlwings.Book(json={
        "client": "Office.js", "version": xlwings.__version__, "book": {"name": name, "active_sheet_index": 0, "selection": selection},
        "names": [{"name": each, "sheet_index": 0, "address": "A1", "scope_sheet_name": None, "scope_sheet_index": None, "book_scope": True}
                  for each in names],
        "sheets": [{"name": title, "values": [list(row) for row in rows] or [[]], **lists} for title, rows in sheets.items()]})


def play(book, sheets: Mapping[str, Sequence[Sequence[object]]]) -> tuple[dict[str, Page], list[str]]:
    """The workbook after the actions of a book, and the messages shown. An action nobody knows is a failure, not a silence."""
    order = list(sheets)
    pages = {title: Page({(r, c): value for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value != ""})
             for title, rows in sheets.items()}
    told = []
    for action in book.json()["actions"]:
        function, args = action["func"], action.get("args")
        if function == "alert":
            told.append(args[0])
        elif function == "addSheet":
            assert len(args[1]) <= 31 and not set("[]:*?/\\") & set(args[1]) and args[1] not in order, args
            order.insert(args[0], args[1])
            pages[args[1]] = Page()
        else:
            title = order[action["sheet_position"]]
            if function == "sheetClear":
                pages[title] = Page()
            else:
                _on_cells(pages[title], function, action, args)
    return {title: pages[title] for title in order}, told


_LOOKS = frozenset(("setFontProperty", "setRangeColor", "setWrapText", "setHorizontalAlignment", "setBorderProperty", "setRowHeight",
                    "activateSheet"))


def _on_cells(page: Page, function: str, action: dict, args: object) -> None:
    top, left = (action.get("start_row") or 0) + 1, (action.get("start_column") or 0) + 1
    height, width = action.get("row_count") or 1, action.get("column_count") or 1
    area = [(row, column) for row in range(top, top + height) for column in range(left, left + width)]
    if function in ("setValues", "setFormula"):
        values = action["values"]
        assert len(values) == height and all(len(row) == width for row in values)
        for place, value in zip(area, chain.from_iterable(values)):
            if isinstance(value, str) and value.startswith("="):
                page.formulas[place] = value
            elif value not in (None, ""):
                page.cells[place] = value.removeprefix("'") if isinstance(value, str) else value
                assert not isinstance(value, str) or value.startswith("'"), f"a host may read {value!r} as something else"
    elif function == "setNumberFormat":
        page.formats.update(dict.fromkeys(area, args[0] if isinstance(args, list) else args))
    elif function == "rangeMerge":
        page.merged.append((top, left, top + height - 1, left + width - 1))
    elif function == "setColumnWidth":
        page.widths[left] = args
    elif function == "setRowHidden":
        page.hidden.update(range(top, top + height))
    elif function == "setDataValidationList":
        page.lists.update(dict.fromkeys(area, args[0]["values"]))
    else:
        assert function in _LOOKS, f"{function} {action}"


class DesktopBook:
    """A book of Excel on Windows: as the one of the remote engine, and it has a file."""

    def __init__(self, book, file: str, saved: bool) -> None:
        self._book, self.opened = book, []
        self.api = types.SimpleNamespace(Path=str(Path(file).parent) if saved else "", SaveCopyAs=lambda path: shutil.copy(file, path))
        self.app = types.SimpleNamespace(engine=types.SimpleNamespace(name="excel"), alert=book.app.alert,
                                         books=types.SimpleNamespace(open=self.opened.append))
        self.names = []

    def __getattr__(self, name: str):
        return getattr(self._book, name)


def pressed(press: dict[str, object]) -> dict[str, object]:
    """The workbook after a press, as JSON."""
    from xltool.hosts.ribbon import perform
    book = remote_book(press["sheets"], press.get("name", "清单.xlsx"), press.get("selection", "A1"), press.get("names", ()))
    desktop = DesktopBook(book, press["file"], press.get("saved", True)) if "file" in press else None
    if desktop:
        desktop.names = [types.SimpleNamespace(name=name, refers_to=refers) for name, refers in press.get("refers", {}).items()]
    perform(press["key"], desktop or book)
    pages, told = play(book, press["sheets"])
    return {"pages": {title: _listed(page) for title, page in pages.items()}, "told": told, "opened": desktop.opened if desktop else []}


def _listed(page: Page) -> dict[str, object]:
    """A page without keys that JSON does not know."""
    by_place = {key: [[*place, each] for place, each in getattr(page, key).items()] for key in ("cells", "formulas", "formats", "lists")}
    return {**by_place, "merged": page.merged, "widths": page.widths, "hidden": sorted(page.hidden)}


def main() -> None:
    for line in sys.stdin:
        try:
            answer = pressed(json.loads(line))
        except Exception:
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdin.reconfigure(encoding="utf-8")
    main()
