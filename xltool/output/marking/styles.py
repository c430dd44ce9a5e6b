"""The formats of the workbook: a marked cell gets a copy of its own format in which nothing but the fill is another."""
from __future__ import annotations

from ..template.markup import Element, without_main_prefix
from .book import Book
from .xml import fragment, insert_after

MAX_FORMATS = 64_000  # more than this Excel does not open
RED, YELLOW = "FFFFC7CE", "FFFFEB9C"
_HEADER = "FFD9E1F2"
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles")
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_LEAST = {
    "fonts": '<font><sz val="11"/><name val="宋体"/><charset val="134"/></font>',
    "fills": '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>',
    "borders": "<border><left/><right/><top/><bottom/><diagonal/></border>",
    "cellStyleXfs": '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',
    "cellXfs": '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
    "cellStyles": '<cellStyle name="Normal" xfId="0" builtinId="0"/>',
}
_LINE = '<{0} style="thin"><color rgb="FFBFBFBF"/></{0}>'
_FRAME = "<border>" + "".join(map(_LINE.format, ("left", "right", "top", "bottom"))) + "<diagonal/></border>"


class Styles:
    """The styles part open to change."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._path = book.linked(book.path, "styles")
        root = book.read(self._path) if self._path else Element("styleSheet", {"xmlns": book.main})
        self._root = without_main_prefix(root)
        self._holders = {name: self._holder(name) for name in _LEAST}
        self._counts = {name: len(holder.elements()) for name, holder in self._holders.items()}
        self._formats = self._holders["cellXfs"].elements()
        self._added: dict[str, int] = {}
        self._marked: dict[tuple[int, str], int] = {}
        self.full = False

    def _holder(self, name: str) -> Element:
        holder = self._root.child(name)
        if holder is None:
            holder = Element(name)
            insert_after(self._root, holder, frozenset(_ORDER[:_ORDER.index(name)]))
        if not holder.elements():
            holder.children = fragment(f"<a>{_LEAST[name]}</a>").children
        return holder

    def _add(self, name: str, element: Element) -> int:
        self._holders[name].children.append(element)
        self._counts[name] += 1
        return self._counts[name] - 1

    def _own(self, name: str, text: str) -> int:
        """A font, fill, border or format of ours, added once."""
        if text not in self._added:
            self._added[text] = self._add(name, fragment(text))
        return self._added[text]

    def _fill(self, colour: str) -> int:
        return self._own("fills", f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill></fill>')

    def marked(self, style: int, colour: str) -> int:
        """The format like this one with a fill of that colour; the same one when no format can be added."""
        key = style, colour
        if key not in self._marked:
            if self._counts["cellXfs"] >= MAX_FORMATS:
                self.full = True
                return style
            own = self._formats[style] if style < len(self._formats) else self._formats[0]
            copy = own.copy()
            copy.attributes.update(fillId=str(self._fill(colour)), applyFill="1")
            self._marked[key] = self._add("cellXfs", copy)
        return self._marked[key]

    def plain(self, size: float = 10, bold: bool = False, underlined: bool = False, ink: str = "FF000000", colour: str = "",
              framed: bool = True, centred: bool = False) -> int:
        """A format for text of our own, wrapped."""
        weight = "<b/>" * bold + "<u/>" * underlined
        font = f'<font>{weight}<sz val="{size:g}"/><color rgb="{ink}"/><name val="宋体"/><charset val="134"/></font>'
        fill = self._fill(colour) if colour else 0
        border = self._own("borders", _FRAME) if framed else 0
        across = ' horizontal="center"' if centred else ""
        return self._own("cellXfs", (
            f'<xf numFmtId="0" fontId="{self._own("fonts", font)}" fillId="{fill}" borderId="{border}" xfId="0" applyFont="1" '
            f'applyFill="1" applyBorder="1" applyAlignment="1"><alignment{across} vertical="center" wrapText="1"/></xf>'))

    def header(self) -> int:
        """A format for the heads of columns."""
        return self.plain(bold=True, colour=_HEADER, centred=True)

    def save(self) -> None:
        for name, holder in self._holders.items():
            holder.attributes["count"] = str(self._counts[name])
        if not self._path:
            usual = "xl/styles.xml"  # some readers look nowhere else
            self._path = usual if usual not in self._book.parts else self._book.free_path("xl/styles{}.xml")
            self._book.declare(self._path, _KIND)
            self._book.put(self._path, self._root)
            self._book.link(self._book.path, "styles", self._path)
        self._book.put(self._path, self._root)
