"""The boxes that notes are shown in, as the old vector drawings (VML), which are often not well-formed XML and so kept as text."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ..template.height import FitCell
from ..template.reference import MAX_COLUMN, MAX_ROW
from .page import Cell, Page

NEAR = 40  # rows below a cell that its box may reach
_NAMES = {"v": "urn:schemas-microsoft-com:vml", "o": "urn:schemas-microsoft-com:office:office", "x": "urn:schemas-microsoft-com:office:excel"}
_ROOT = "<xml" + "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMES.items()) + ">"
_SHAPE_TYPE = ('<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke '
               'joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>')
_SHAPE = re.compile(r"<v:shape[\s>].*?</v:shape>", re.DOTALL)
_NOTE = re.compile(r"""ObjectType\s*=\s*["']Note["']""")
_ROW, _COLUMN = re.compile(r"<(?:\w+:)?Row>\s*(\d+)"), re.compile(r"<(?:\w+:)?Column>\s*(\d+)")
_ANCHOR = re.compile(r"(<(?:\w+:)?Anchor>)([^<]*)")
_MAP = re.compile(r"""(<(?:\w+:)?idmap\b[^>]*?\bdata\s*=\s*["'])([\d,\s]*)""")
_PER_BLOCK = 1024
_WIDTH, _WIDER, _TALLEST = 260, 400, 560  # pixels
_SIZE, _EDGE = 9.0, 16


class Blocks:
    """Numbers for shapes, which come in blocks that no two drawings of a workbook share."""

    def __init__(self, drawings: Iterable[bytes]) -> None:
        taken = [int(number) for data in drawings for found in _MAP.findall(_decode(data)) for number in re.findall(r"\d{1,6}", found[1])]
        self.last = max(taken, default=0)

    def next(self) -> int:
        self.last += 1
        return self.last


def _decode(data: bytes) -> str:
    return data.decode("utf-8-sig", "surrogateescape")


class Boxes:
    """The drawing of one sheet's notes, new or the sheet's own."""

    def __init__(self, data: bytes, page: Page) -> None:
        self._text = _decode(data)
        if data and "</xml>" not in self._text:
            raise ValueError("批注的图形部件写法不认识")
        self._page = page
        self.cells = frozenset(filter(None, map(self._cell_of, _SHAPE.findall(self._text))))
        self._new: list[str] = []
        self._blocks: list[int] = []
        self._longer: dict[Cell, str] = {}

    @staticmethod
    def _cell_of(shape: str) -> Cell | None:
        row, column = _ROW.search(shape), _COLUMN.search(shape)
        return (int(row[1]) + 1, int(column[1]) + 1) if row and column and _NOTE.search(shape) else None

    def add(self, cell: Cell, text: str, blocks: Blocks) -> None:
        """A hidden box beside the cell, as large as the text."""
        row, column = cell
        number = len(self._new) % (_PER_BLOCK - 1) + 1
        if number == 1:
            self._blocks.append(blocks.next())
        width, height = _size(text)
        corner = min(column, MAX_COLUMN - 10), 12.0, min(max(row - 2, 0), MAX_ROW - NEAR - 2), 8.0
        self._new.append(
            f'<v:shape id="_x0000_s{self._blocks[-1] * _PER_BLOCK + number}"{self._undeclared()} type="#_x0000_t202" style=\'position:absolute;'
            f"margin-left:60pt;margin-top:2pt;width:{width * 0.75:g}pt;height:{height * 0.75:g}pt;z-index:{number};visibility:hidden' "
            'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
            '<v:path o:connecttype="none"/><v:textbox style=\'mso-direction-alt:auto\'><div style=\'text-align:left\'></div></v:textbox>'
            '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
            f"<x:Anchor>{self._anchor(*corner, width, height)}</x:Anchor><x:AutoFill>False</x:AutoFill>"
            f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>")

    def enlarge(self, cell: Cell, text: str) -> None:
        """Let the cell's own box hold the longer text."""
        self._longer[cell] = text

    def _undeclared(self) -> str:
        root = self._text or _ROOT
        return "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMES.items() if f"xmlns:{prefix}=" not in root)

    def _anchor(self, column: int, across: float, row: int, down: float, width: float, height: float) -> str:
        """The corners as column, pixels, row, pixels; counted from zero."""
        across, down = min(across, self._page.width(column + 1)), min(down, self._page.height(row + 1))
        right = _walk(column, across + width, self._page.width, MAX_COLUMN)
        bottom = _walk(row, down + height, self._page.height, MAX_ROW)
        return ", ".join(f"{number:.0f}" for number in (column, across, row, down, *right, *bottom))

    def _enlarged(self, match: re.Match) -> str:
        shape = match[0]
        text = self._longer.get(self._cell_of(shape) or (0, 0), "")
        anchor = _ANCHOR.search(shape) if text else None
        if not anchor:
            return shape
        old = [int(float(number)) for number in anchor[2].split(",")]
        new = [int(number) for number in self._anchor(*old[:4], *_size(text)).split(",")]
        for end in (4, 6):
            new[end:end + 2] = max(old[end:end + 2], new[end:end + 2])
        return _ANCHOR.sub(lambda found: found[1] + ", ".join(map(str, [*old[:4], *new[4:]])), shape)

    def data(self) -> bytes:
        """The whole part."""
        blocks = ",".join(map(str, self._blocks))
        if not self._text:
            layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/></o:shapelayout>'
            return f"{_ROOT}{layout}{_SHAPE_TYPE}{''.join(self._new)}</xml>".encode()
        text = _SHAPE.sub(self._enlarged, self._text) if self._longer else self._text
        if blocks:
            text = _MAP.sub(lambda found: found[1] + ",".join(filter(None, (found[2].strip(", "), blocks))), text, count=1)
        kind = _SHAPE_TYPE if self._new and "_x0000_t202" not in text else ""
        before, _, after = text.rpartition("</xml>")
        return f"{before}{kind}{''.join(self._new)}</xml>{after}".encode("utf-8", "surrogateescape")


def _size(text: str) -> tuple[int, int]:
    """Width and height in pixels of a box that holds the text."""
    for width in (_WIDTH, _WIDER):
        height = FitCell(0, (width - _EDGE) * 0.75, _SIZE).needs(text) / 0.75 + _EDGE
        if height <= _WIDTH:
            break
    return width, int(min(height, _TALLEST))


def _walk(start: int, length: float, size: Callable[[int], float], last: int) -> tuple[int, float]:
    """The column or row (from zero) that many pixels on, and the rest."""
    while start < last - 1 and length > (step := size(start + 1)):
        length -= step
        start += 1
    return start, min(length, size(start + 1))
