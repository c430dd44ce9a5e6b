"""Conversations on cells (threaded comments): Excel shows these in place of the cell's note, so what is said there is said here too."""
from __future__ import annotations

import uuid
from collections.abc import Mapping

from ..template.markup import Element, without_main_prefix
from ..template.values import escape_text
from .book import Book
from .xml import fragment

_SPACE = uuid.UUID("8f0c2f6e-5f44-4a7b-9b0e-4b1f3f1f6d21")


def _identity(*words: str) -> str:
    """The same words give the same identity, so the same input gives the same bytes."""
    return "{" + str(uuid.uuid5(_SPACE, "\n".join(words))).upper() + "}"


def reply(book: Book, path: str, notes: Mapping[str, str], author: str) -> None:
    """Add a reply to the conversation on each of these cells (A1 → text) that has one."""
    threads, people = book.linked(path, "threadedComment"), book.linked(book.path, "person")
    if not threads or not people:
        return
    root = without_main_prefix(book.read(threads))
    latest: dict[str, Element] = {}
    for comment in root.elements():
        latest[comment.get("ref")] = comment
    answered = [ref for ref in notes if ref in latest]
    for ref in answered:
        last = latest[ref]
        root.children.append(Element("threadedComment", {
            "ref": ref, "dT": last.get("dT"), "personId": _person(book, people, author),
            "id": _identity(path, ref, notes[ref]), "parentId": last.get("parentId") or last.get("id"),
        }, [fragment(f"<text>{escape_text(f'{author}：{chr(10)}{notes[ref]}')}</text>")]))
    if answered:
        book.put(threads, root)


def _person(book: Book, people: str, author: str) -> str:
    root = without_main_prefix(book.read(people))
    for person in root.elements():
        if person.get("displayName") == author:
            return person.get("id")
    identity = _identity(author)
    root.children.append(Element("person", {"displayName": author, "id": identity, "userId": author, "providerId": "None"}))
    book.put(people, root)
    return identity
