"""A template read and prepared once: which parts change, how each is written, and the rest packed ready to copy.

Every problem of the template is found here, before any data are seen.
"""

import re
import zlib
from collections.abc import Hashable
from dataclasses import dataclass, field

from .fittings import Fittings
from .height import DEFAULT_SIZE
from .layout import Formula, Moves
from .markup import DECLARATION, Element, MarkupError, document, without_main_prefix
from .office import CONTENT_TYPES
from .package import Archive, Part, pack, pack_pieces, read_package
from .parts import (
    Follower,
    follow_chart,
    follow_comments,
    follow_drawing,
    follow_pivot_source,
    follow_table,
    follow_vml,
    without_shown_tags,
)
from .pattern import Surroundings
from .problems import Problem, TemplateError, Where
from .program import Program, build
from .reference import Area
from .render import Rendering, fill
from .sheet import Runs, Sheet, read_runs, read_sheet
from .structure import Structure, read_structure
from .values import CellWriters, has_tag
from .workbook import Tab, Workbook

# Folders of parts a reader sees text in, where a tag would be left standing.
_SHOWN = ("drawings", "charts", "diagrams", "tables", "threadedComments")
_OF_ONE_SHEET = re.compile(r' (?:tabSelected|codeName|xr:uid)="[^"]*"')
_WORD = re.compile(r"[^\W\d][\w.]*")

Frame = tuple[str, str]  # what stands before a sheet's rows, and after them


@dataclass(frozen=True, slots=True)
class Page:
    """A worksheet that is written anew: its tab, its program, what stands around its rows."""

    tab: Tab
    program: Program
    fittings: Fittings

    def frame(self, rendering: Rendering, moves: Moves, is_copy: bool = False) -> Frame:
        """The text around the rows; a copy of a sheet is not the selected one and has no identity of its own."""
        before, after = self.fittings.before(rendering, moves), self.fittings.after(rendering, moves)
        if is_copy:
            before = _OF_ONE_SHEET.sub("", before)
        return f"{DECLARATION}{before}<sheetData>", f"</sheetData>{after}"

    def part(self, path: str, rendering: Rendering, moves: Moves, frame: Frame) -> Part:
        """The page as a packed part."""
        before, after = frame
        return pack_pieces(path, [before, *rendering.rows(moves), after])


@dataclass(slots=True)
class Compiled:
    """A template ready to render: pages in tab order, parts that follow them, and the zip of all that stays."""

    file: str
    workbook: Workbook
    pages: list[Page]
    followers: dict[str, Follower]
    archive: Archive
    writers: CellWriters
    structures: list[Structure] = field(default_factory=list)
    moving: frozenset[str] = frozenset()
    fixed: dict[str, Part] = field(default_factory=dict)
    # What was written around rows: files filled from one template mostly have the same ones.
    framed: dict[Hashable, tuple[list[Frame], list[Part]]] = field(default_factory=dict)


def compile_template(data: bytes, file: str) -> Compiled:
    """The template, compiled; raises TemplateError with every problem found."""
    workbook = Workbook(read_package(data, file), file)
    try:
        return _compile(workbook, file)
    except (MarkupError, zlib.error, ValueError, KeyError) as error:
        # Some part beside the sheets is not what the format says it is.
        workbook.refuse(f"里面的内容对不上（{error}）", "不是完整合法的 .xlsx 工作簿", "请用 Excel 或 WPS 另存一份")


def _compile(workbook: Workbook, file: str) -> Compiled:
    problems: list[Problem] = []
    tabs = [tab for tab in workbook.tabs if tab.kind == "worksheet"]
    strings = _shared_strings(workbook)
    sheets = [_sheet(workbook, tab, strings) for tab in tabs]
    structures = [read_structure(sheet, file, problems) for sheet in sheets]
    _refuse_tags_elsewhere(workbook, sheets, problems)
    if problems:
        raise TemplateError(problems)

    moving = frozenset(s.sheet.name.casefold() for s in structures if s.moves)
    stale = _stale(workbook, structures)
    order = tuple(tab.name.casefold() for tab in workbook.tabs)
    around = Surroundings(file, moving, order, {s.sheet.name.casefold(): s for s in structures}, _font_sizes(workbook))
    pages = []
    for tab, structure in zip(tabs, structures):
        if tab.name.casefold() in stale or leads_to(structure.sheet, moving):
            try:
                program = build(structure, around, problems)
                pages.append(Page(tab, program, Fittings(program, around, problems)))
            except ValueError as error:
                workbook.refuse(f"工作表“{tab.name}”（{error}）", "不是合法的工作表", "请用 Excel 或 WPS 另存一份")
    followers = _followers(workbook, tabs, structures, moving, problems)
    if problems:
        raise TemplateError(problems)

    changed = _settle_workbook(workbook, pages, moving)
    if follower := workbook.follower(moving):
        followers[workbook.path] = follower
    writers = CellWriters(workbook.date1904)
    dynamic = [p for p in pages if p.program.structure.tagged or leads_to(p.program.structure.sheet, moving)]
    for path, part in workbook.parts.items():
        if "/charts/" in path and path.endswith(".xml") and path not in followers and has_tag(str(part.unpack())):
            changed[path] = document(without_shown_tags(part.unpack()))
    settled: dict[str, Part] = {}
    for page in pages:
        if page not in dynamic:
            rendering, moves = fill(page.program, {}, writers), Moves({}, {})
            settled[page.tab.path] = page.part(page.tab.path, rendering, moves, page.frame(rendering, moves))
    written = {page.tab.path for page in dynamic} | set(followers)
    fixed = {
        path: pack(path, changed[path]) if path in changed else part
        for path, part in workbook.parts.items()
        if changed.get(path, b"") is not None
    }
    fixed.update(settled)
    archive = Archive([part for path, part in fixed.items() if path not in written])
    return Compiled(file, workbook, dynamic, followers, archive, writers, structures, moving, fixed)


def _linked(workbook: Workbook, wanted: str) -> Element | None:
    """The workbook's part of a kind (sharedStrings, styles), if it has one."""
    path = next((path for _, kind, path in workbook.links if kind == wanted and path in workbook.parts), "")
    return without_main_prefix(workbook.read(path)) if path else None


def _shared_strings(workbook: Workbook) -> list[Runs]:
    root = _linked(workbook, "sharedStrings")
    return [read_runs(item) for item in root.elements() if item.name == "si"] if root is not None else []


def _font_sizes(workbook: Workbook) -> tuple[float, ...]:
    """The font size of each cell style, in points."""
    styles = _linked(workbook, "styles")
    fonts = styles.child("fonts") if styles is not None else None
    formats = styles.child("cellXfs") if styles is not None else None
    if fonts is None or formats is None:
        return ()
    sizes = [float(size.get("val")) if (size := font.child("sz")) is not None else DEFAULT_SIZE for font in fonts.elements()]
    return tuple(sizes[int(each.get("fontId") or 0)] for each in formats.elements())


def _sheet(workbook: Workbook, tab: Tab, strings: list[Runs]) -> Sheet:
    root = without_main_prefix(workbook.read(tab.path))
    try:
        return read_sheet(tab.name, tab.path, root, strings)
    except (ValueError, IndexError) as error:
        workbook.refuse(f"工作表“{tab.name}”（{error}）", "不是合法的工作表", "请用 Excel 或 WPS 另存一份")


def _refuse_tags_elsewhere(workbook: Workbook, sheets: list[Sheet], problems: list[Problem]) -> None:
    def refuse(sheet: str, found: str, fix: str = "请把标签移到单元格里") -> None:
        problems.append(Problem("template.part", found, "这里不能放标签", fix, Where(workbook.file, sheet)))

    for tab in workbook.tabs:
        if has_tag(tab.name):
            refuse(tab.name, tab.name, "工作表名由程序按项目给出，模板里写普通名字")
    for sheet in sheets:
        for element in [*sheet.before, *sheet.after]:
            if element.name not in ("headerFooter", "extLst") and has_tag(text := element.xml()):
                refuse(sheet.name, f"{element.name}：{text[text.index('{') :][:40]}")
    for name in workbook.names():
        if has_tag(name.text):
            refuse("", f"名称 {name.get('name')}：{name.text}")
    for path, part in workbook.parts.items():
        folder, stem = path.split("/")[-2:-1], path.rpartition("/")[2]
        if path.endswith((".xml", ".vml")) and ((folder and folder[0] in _SHOWN) or stem.startswith("comment")):
            text = part.unpack().decode(errors="ignore")
            if has_tag(text) and "/charts/" in path:
                text = without_shown_tags(part.unpack()).xml()
            if has_tag(text):
                refuse("", f"{path}：{text[text.index('{') :][:40]}")


def leads_to(sheet: Sheet, sheets: frozenset[str]) -> bool:
    """Whether something on the sheet refers to one of these sheets."""
    if not sheets:
        return False
    if sheet.name.casefold() in sheets:
        return True
    texts = [cell.formula for cell in sheet.cells() if cell.formula]
    for element in sheet.after:
        texts += [e.text for name in ("formula", "formula1", "formula2", "f") for e in element.every(name)]
        texts += [e.get("location") for e in element.every("hyperlink")]
    return any(Formula.of(text, sheet.name).concerns(sheets) for text in texts if text and "!" in text)


def _stale(workbook: Workbook, structures: list[Structure]) -> frozenset[str]:
    """The sheets whose formulas may show values of the unfilled template: tagged ones and all that depend on them."""
    stale = {s.sheet.name.casefold() for s in structures if s.tagged}
    pending = [s.sheet for s in structures if not s.tagged and any(c.formula for c in s.sheet.cells())]
    while True:
        words = {
            name.get("name").casefold() for name in workbook.names() if Formula.of(name.text, "").concerns(stale)
        } | {table.casefold() for s in structures if s.sheet.name.casefold() in stale for table in _tables(workbook, s)}
        found = [sheet for sheet in pending if any(_reads(c.formula, stale, words) for c in sheet.cells() if c.formula)]
        if not found:
            return frozenset(stale)
        stale.update(sheet.name.casefold() for sheet in found)
        pending = [sheet for sheet in pending if sheet not in found]


def _tables(workbook: Workbook, structure: Structure) -> list[str]:
    links = workbook.links_of(structure.sheet.path)
    return [workbook.read(path).get("displayName") for _, kind, path in links if kind == "table"]


def _reads(formula: str, sheets: set[str], words: set[str]) -> bool:
    if "!" in formula and Formula.of(formula, "").concerns(sheets):
        return True
    return bool(words) and any(word.casefold() in words for word in _WORD.findall(formula))


def _followers(workbook, tabs, structures, moving, problems) -> dict[str, Follower]:
    """The parts that must follow the rows of the sheets that move."""
    followers: dict[str, Follower] = {}
    if not moving:
        return followers
    for tab, structure in zip(tabs, structures):
        if not structure.moves:
            continue
        for _, kind, path in workbook.links_of(tab.path):
            follow = _BESIDE_A_SHEET.get(kind)
            try:
                if kind == "table":
                    _check_table(workbook, path, structure, problems)
                if follow:
                    followers[path] = follow(workbook.parts[path].unpack(), tab.name)
            except (MarkupError, ValueError) as error:
                where = Where(workbook.file, tab.name)
                problems.append(Problem("template.part", f"{path}（{error}）", "读不懂这个部件", "请另存一份再试", where))
            if kind == "pivotTable":
                where = Where(workbook.file, tab.name)
                expected, fix = "数据透视表不能放在有循环的工作表上", "移到别的工作表，数据源可以引用本表"
                problems.append(Problem("template.part", path, expected, fix, where))
    for path in workbook.parts:
        follow = follow_chart if "/charts/" in path else follow_pivot_source if "pivotCacheDefinition" in path else None
        if follow and path.endswith(".xml") and (follower := follow(workbook.parts[path].unpack(), moving)):
            followers[path] = follower
    return followers


_BESIDE_A_SHEET = {
    "drawing": follow_drawing,
    "comments": follow_comments,
    "threadedComment": follow_comments,
    "vmlDrawing": follow_vml,
    "table": follow_table,
}


def _check_table(workbook: Workbook, path: str, structure: Structure, problems: list[Problem]) -> None:
    """A table's header cells are part of its definition: no tags, no loop."""
    root = workbook.read(path)
    if root.get("headerRowCount", "1") == "0":
        return
    row = Area.parse(root.get("ref")).top
    block = structure.block_at(row)
    tagged = [cell.place for cell, _ in block.slots if cell.row == row] if block else []
    if block is None or block.loops or tagged:
        where = Where(workbook.file, structure.sheet.name, root.get("ref"))
        expected = "“表格”的标题行不能有标签，也不能在循环里"
        problems.append(Problem("template.part", root.get("displayName"), expected, "标题用固定文字", where))


def _settle_workbook(workbook: Workbook, pages: list[Page], moving: frozenset[str]) -> dict[str, bytes | None]:
    """What changes once and for all: path -> bytes, None for a part that is dropped."""
    changed: dict[str, bytes | None] = {}
    formulas = [page for page in pages if any(cell.formula for cell in page.program.structure.sheet.cells())]
    if formulas:
        workbook.calculate_on_load()
        changed[workbook.path] = document(workbook.root)
    if workbook.as_plain_file():
        changed[CONTENT_TYPES] = b""
    if any(page.tab.name.casefold() in moving for page in formulas):
        chain = workbook.drop_calculation_chain()
        if chain:
            changed[chain] = None
            changed[workbook.links_path] = document(workbook.links_root)
            changed[CONTENT_TYPES] = b""
    if CONTENT_TYPES in changed:
        changed[CONTENT_TYPES] = document(workbook.types)
    return changed
