"""Files and sheets turned into PDFs by several LibreOffices at once, results in order as they come.

What goes into one run does not depend on the number of jobs, and what a PDF holds does not depend on the run: a run may be repeated.
"""
from __future__ import annotations

import datetime as dt
import io
import threading
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from pypdf import PageObject

from ...intake.office import SECONDS, Office, require
from ...rules.problems import Problem, Where
from ..template.book import sheet_names
from .document import Document, printed
from .sheets import pages_of_sheets, tells_place

FILES = 50  # in one run
SHEETS, BOOKS = 10, 10  # in one workbook, whose sheets share the fonts they carry; workbooks in one run

T = TypeVar("T")
Item = tuple[str, T]
Result = bytes | Problem


@dataclass(frozen=True, slots=True)
class _Book:
    """A workbook with a sheet for each item, and what these sheets are called in it."""

    items: Sequence[Item]
    names: Sequence[str]
    data: bytes

    @classmethod
    def of(cls, items: Sequence[Item], make: Callable[[Sequence[Item]], bytes]) -> _Book:
        names = sheet_names([name for name, _ in items], [])
        return cls(items, names, make([(name, data) for name, (_, data) in zip(names, items)]))


class Converter:
    """`jobs` LibreOffices, each with a profile of its own: a context manager; leaving it ends whatever still runs.

    Raises ProblemsError where LibreOffice, or the part of it that a file needs, is not installed. `seconds` is the longest wait for a file.
    """

    def __init__(self, created: dt.datetime, jobs: int = 1, seconds: float = SECONDS) -> None:
        self._created, self._jobs, self._seconds = created, jobs, seconds
        self._soffice = require()

    def __enter__(self) -> Converter:
        self._offices: list[Office] = []
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(self._jobs, "soffice")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for office in self._offices:
            office.stop()
        self._pool.shutdown(cancel_futures=True)
        for office in self._offices:
            office.__exit__(kind, error, trace)

    def files(self, files: Iterable[tuple[str, bytes]]) -> Iterator[Result]:
        """The PDF of each .xlsx or .docx (name, bytes), or the problem with it, in order, a run of them at a time."""
        for results in self._each(self._printed, map(self._checked, _portions(files, FILES))):
            yield from results

    def sheets(self, items: Iterable[Item[T]], make: Callable[[Sequence[Item[T]]], bytes]) -> Iterator[Result]:
        """The PDF of each item's sheet, or the problem with it, in order; `make` puts a sheet for each (name, data) into one .xlsx.

        Sheets are printed as workbooks of many, in less than half the time; singly where a workbook fails, where its pages cannot be told
        apart, and where a header or footer counts pages. Other sheets of the template are left out.
        """
        require(".xlsx")
        items = iter(items)
        first = list(islice(items, 1))
        size = 1 if first and tells_place(_Book.of(first, make).data) else SHEETS
        books = (_Book.of(some, make) for some in _portions(chain(first, items), size))
        for results in self._each(self._parted, _portions(books, BOOKS * SHEETS // size)):
            for book, result in results:
                if isinstance(result, Problem) and len(book.items) > 1:
                    (singles,) = self._each(self._parted, [[_Book.of([item], make) for item in book.items]])
                else:
                    singles = [(book, result)]
                for _, single in singles:
                    yield from [single] if isinstance(single, Problem) else single

    # What is given to a run

    @staticmethod
    def _checked(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        require(*sorted({Path(name).suffix.lower() for name, _ in files}))
        return files

    # What a run does

    def _printed(self, office: Office, files: Sequence[tuple[str, bytes]]) -> list[Result]:
        whole = [number for number, (_, data) in enumerate(files) if _is_package(data)]
        made = dict(zip(whole, office.convert([files[number] for number in whole], "pdf", self._seconds)))
        return [self._file(name, made.get(number)) for number, (name, _) in enumerate(files)]

    def _file(self, name: str, made: Result | None) -> Result:
        if made is None:
            return Problem("office.failed", Path(name).name, f"不是完整的{Path(name).suffix}文件", "请重新生成这个文件", Where(name))
        return self._written(printed(made).pages, Path(name).stem) if isinstance(made, bytes) else made

    def _parted(self, office: Office, books: Sequence[_Book]) -> list[tuple[_Book, list[bytes] | Problem]]:
        made = office.convert([(f"{book.names[0]}.xlsx", book.data) for book in books], "pdf", self._seconds)
        return [(book, self._by_sheet(pdf, book) if isinstance(pdf, bytes) else pdf) for book, pdf in zip(books, made)]

    def _by_sheet(self, pdf: bytes, book: _Book) -> list[bytes] | Problem:
        reader, names = printed(pdf), book.names
        pages = pages_of_sheets(reader, book.data)
        if pages is None or not pages.keys() >= set(names):
            found = "没有印出任何一页" if pages is not None else "书签和工作表不一致"
            return Problem("office.pages", found, "每张表都要有自己的页", "请看看模板的打印区域，表是不是隐藏的", Where(f"{names[0]}.xlsx"))
        return [self._written(reader.pages[pages[name].start:pages[name].stop], name) for name in names]

    def _written(self, pages: Iterable[PageObject], title: str) -> bytes:
        document = Document(title, self._created)
        for page in pages:
            document.add(page)
        return document.bytes()

    # Runs beside each other

    def _each(self, work: Callable[[Office, T], list], runs: Iterable[T]) -> Iterator[list]:
        """The results of the runs in order; the next ones are made while these are waited for, and no more than that."""
        waiting: deque[Future[list]] = deque()
        for run in runs:
            waiting.append(self._pool.submit(partial(self._in_own_office, work), run))
            if len(waiting) > self._jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _in_own_office(self, work: Callable[[Office, T], list], run: T) -> list:
        if not hasattr(self._own, "office"):
            self._own.office = Office(self._soffice)
            self._offices.append(self._own.office)
        return work(self._own.office, run)


def _is_package(data: bytes) -> bool:
    """Whether a file is what its name says; another kind LibreOffice would print as plain text."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    items = iter(items)
    while portion := list(islice(items, size)):
        yield portion
