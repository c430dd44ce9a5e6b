"""What a cell hides from a reader of values: an error, a live formula, a merge.

calamine hands over values only. An error cell is empty there, a live formula is whatever was computed last, and a merged cell
leaves its neighbours empty; in a column that may be empty each of them would quietly change a rule. So the XML of the sheets is
searched for them: by bytes first, which costs next to nothing, and parsed only where something turns up. It changes nothing.
"""
from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

_SUSPECTS = (b't="e"', b"t='e'", b"<f>", b"<f ", b":f>", b":f ", b"mergeCell ")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
FAULTS = (BadZipFile, KeyError, zlib.error, EOFError, ElementTree.ParseError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A cell (or merged range) whose value is not what stands in it: `kind` is error, formula or merge."""

    sheet: str
    cell: str
    kind: str
    text: str


def hidden_cells(data: bytes) -> Iterator[Hidden]:
    """The error cells, live formulas and merges of an xlsx file. Raises one of FAULTS when the file is damaged or no xlsx."""
    with ZipFile(BytesIO(data)) as archive:
        for sheet, part in _parts(archive):
            xml = archive.read(part)
            if any(suspect in xml for suspect in _SUSPECTS):
                yield from _hidden(sheet, ElementTree.fromstring(xml))


def _parts(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """Sheet names with their parts in the file."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        target = targets.get(element.get(_RELATION)) if _tag(element) == "sheet" else None
        if target:
            yield element.get("name", ""), target.lstrip("/") if target.startswith("/") else "xl/" + target


def _hidden(sheet: str, root: ElementTree.Element) -> Iterator[Hidden]:
    for element in root.iter():
        tag = _tag(element)
        if tag == "mergeCell":
            yield Hidden(sheet, element.get("ref", ""), "merge", element.get("ref", ""))
        elif tag == "c":
            inside = {_tag(child): child.text or "" for child in element}
            if element.get("t") == "e":  # typed, or what a live formula came to
                yield Hidden(sheet, element.get("r", ""), "error", inside.get("v", ""))
            elif "f" in inside:
                yield Hidden(sheet, element.get("r", ""), "formula", "=" + inside["f"])


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
