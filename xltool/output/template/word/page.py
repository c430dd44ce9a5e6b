"""One part of a document that is written anew: filled in by jinja2, then put in order as docxtpl does, where it needs that."""

import re
from dataclasses import dataclass

from ..tags import nodes
from ..values import Unfit
from .patch import Patched

MOST_PIECES, MOST_LETTERS = 2_000_000, 256 * 2**20
_EMPTY = {
    "w:tbl": re.compile(r"<w:tbl>(?:(?!<w:tr[ >]|</?w:tbl>).)*</w:tbl>", re.DOTALL),
    "w:tr": re.compile(r"<w:tr(?: [^>]*)?>(?:(?!<w:tc[ >]|</?w:tr[ >]).)*</w:tr>", re.DOTALL),
}
_NO_PARAGRAPH = re.compile(r"(?:(?:</w:tcPr>|<w:tc>|</w:tbl>)(?=</w:tc>)|<w:(hdr|ftr|txbxContent)(?: [^>]*)?>(?=</w:\1>))")
_PICTURE = re.compile(r'(<wp:docPr [^>]*?\bid=")[^"]*')
_FIRST_PICTURE = 1001


class TooBig(Unfit):
    """No tag alone is at fault, and to look for one would take as long again for each."""


@dataclass(slots=True)
class Page:
    """One part that is written anew: its jinja2 tree and program, and where its tags came from."""

    path: str
    label: str
    body: list[nodes.Node]
    run: object
    patched: Patched

    def fill(self, variables: dict) -> str:
        """The part's XML; raises Unfit and whatever an expression raises."""
        pieces, letters = [], 0
        for piece in self.run(variables):
            pieces.append(piece)
            letters += len(piece)
            if len(pieces) > MOST_PIECES or letters > MOST_LETTERS:
                raise TooBig("填出来的文档", "太大了，写不成一个文档")
        text = "".join(pieces)
        if self.patched.may_be_empty:
            text = _without_empty(text, self.patched.may_be_empty)
        if self.patched.columns_move:
            text = _with_columns_counted(text)
        return _with_pictures_numbered(text) if self.patched.pictures_repeat else text


# What docxtpl does after filling in, done only where a template needs it


def _without_empty(text: str, kinds: set[str]) -> str:
    """Rows without cells and tables without rows are gone, cells and headers without a paragraph get one."""
    for kind in ("w:tr", "w:tbl"):
        if kind in kinds:
            text = _EMPTY[kind].sub("", text)
    return _NO_PARAGRAPH.sub(r"\g<0><w:p/>", text)


def _with_columns_counted(text: str) -> str:
    from docxtpl import DocxTemplate
    from lxml import etree

    return etree.tostring(DocxTemplate("").fix_tables(text.encode()), encoding="unicode")


def _with_pictures_numbered(text: str) -> str:
    number = iter(range(_FIRST_PICTURE, MOST_PIECES))
    return _PICTURE.sub(lambda found: f"{found[1]}{next(number)}", text)
