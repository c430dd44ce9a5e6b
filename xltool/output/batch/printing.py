"""A run's files as PDFs to print: one beside each file, or, where the papers are to be bound, a booklet per kind of paper.

A file that LibreOffice cannot print is a problem of its project; the others are printed all the same.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from ...rules.problems import Problem
from ..papers.paper import Context
from ..pdf import Converter, Part, merge, numbers_pages
from ..pdf.converter import FILES, SHEETS
from .delivery import Delivery

Book = Callable[[Sequence[tuple[str, Context]]], bytes]
Tell = Callable[[int, int], None]  # how many are done, of how many


@dataclass(frozen=True, slots=True)
class Printout:
    """A file of the run to print; what its bookmark says and stands under in a booklet, and how its data are found again."""

    path: str
    title: str = ""
    group: str = ""
    context: Callable[[], Context] = dict

    @property
    def pdf(self) -> str:
        return str(Path(self.path).with_suffix(".pdf"))


def print_out(sheets: Sequence[Printout], book: Book | None, kind: str, delivery: Delivery, converter: Converter, tell: Tell,
                 ) -> Mapping[int, Problem]:
    """Print papers of one kind; returns the problem of each that could not be printed, by its place.

    `book` puts many of them into one workbook, which is printed in a fifth of the time; without it their files are printed.
    """
    problems: dict[int, Problem] = {}
    wanted = list(_unprinted(sheets, SHEETS if book else FILES, kind, delivery))
    if book:
        results = converter.sheets(((sheets[place].title, sheets[place].context()) for place in wanted), book)
    else:
        results = converter.files((Path(sheets[place].path).name, delivery.path(sheets[place].path).read_bytes()) for place in wanted)
    for done, (place, result) in enumerate(zip(wanted, results), 1):
        tell(done, len(wanted))
        if isinstance(result, Problem):
            problems[place] = result
        else:
            delivery.write(sheets[place].pdf, kind, partial(bytes, result))
    return problems


def _unprinted(sheets: Sequence[Printout], size: int, kind: str, delivery: Delivery) -> Iterator[int]:
    """The places of what is still to print, portion by portion: what is printed together shares its fonts, so that a PDF's bytes depend on
    its neighbours.
    """
    places = iter(range(len(sheets)))
    while portion := list(islice(places, size)):
        if not all(delivery.has(sheets[place].pdf, kind) for place in portion):
            yield from portion


def bind(name: str, sheets: Sequence[Printout], delivery: Delivery) -> None:
    """The printed papers of one kind as one PDF, group by group, with bookmarks and, unless they have some of their own, page numbers."""
    places = {group: place for place, group in enumerate(dict.fromkeys(sheet.group for sheet in sheets))}
    printed = sorted((sheet for sheet in sheets if sheet.pdf in delivery.kinds), key=lambda sheet: places[sheet.group])

    def booklet() -> bytes:
        parts = (Part(sheet.title, delivery.path(sheet.pdf).read_bytes(), sheet.group) for sheet in printed)
        letter = delivery.path(printed[0].path)
        return merge(parts, name, delivery.created, not (letter.suffix == ".docx" and numbers_pages(letter.read_bytes())))
    if printed:
        delivery.write(f"{name}.pdf", "booklet", booklet)
