"""The titles of sheets that a file's properties repeat, which Explorer shows: the new sheet goes first there too."""
from __future__ import annotations

from ..template.markup import Element
from .book import Book


def add_title(book: Book, title: str) -> None:
    """Name the sheet first, or take the titles out where they do not agree with the sheets; programs write them anew."""
    path = book.linked("", "extended-properties")
    if not path:
        return
    root = book.read(path)
    pairs, titles = root.child("HeadingPairs"), root.child("TitlesOfParts")
    if pairs is None and titles is None:
        return
    if pairs is None or titles is None or not _insert(pairs, titles, title, {tab.name for tab in book.tabs}):
        root.children = [child for child in root.children if child is not pairs and child is not titles]
    book.put(path, root)


def _insert(pairs: Element, titles: Element, title: str, sheets: set[str]) -> bool:
    """True if the first of the counted kinds is the worksheets and could be counted up."""
    count = next(iter(pairs.every("i4")), None)
    vector = titles.child("vector")
    names = vector.elements() if vector is not None else []
    if count is None or not count.text.strip().isdigit() or not names or names[0].text not in sheets:
        return False
    count.children = [str(int(count.text) + 1)]
    vector.children = [Element(names[0].tag, {}, [title]), *names]
    vector.attributes["size"] = str(len(names) + 1)
    return True
