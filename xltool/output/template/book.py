"""One workbook with a sheet per item, each made from the template's first tagged sheet.

What belongs to that sheet (drawings, charts, comments, print settings, its defined names) is copied with it; pictures
are shared. Refused: sheets that hold Excel tables or pivot tables, whose names cannot exist twice, and templates whose
other sheets refer to the copied one, since it would not be clear which copy they mean.
"""

from collections.abc import Mapping
from dataclasses import replace

from .compile import Compiled, Page, leads_to
from .deliver import render_page, unfit_problem
from .layout import Formula, Moves
from .markup import Element, document
from .office import CONTENT_TYPES
from .package import Archive, Part, pack
from .parts import Follower, follow_chart, follow_comments, follow_drawing, follow_vml, relationships_path
from .problems import Problem, TemplateError, Where
from .values import Unfit

MAX_NAME = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_") | dict.fromkeys(range(32)) | {0x7F: None})
_SHARED = frozenset(("image", "hyperlink"))
_FOLLOW = {
    "drawing": follow_drawing,
    "comments": follow_comments,
    "threadedComment": follow_comments,
    "vmlDrawing": follow_vml,
    "chart": lambda data, sheet: follow_chart(data, [sheet.casefold()]),
}


class Book:
    """A compiled template prepared for many sheets; raises TemplateError if its sheet cannot be copied."""

    def __init__(self, compiled: Compiled):
        self._compiled, self._workbook = compiled, compiled.workbook
        self._page = self._tagged_page()
        self._tab = self._page.tab
        # The parts copied with the sheet, each with the way it follows the sheet's rows and name.
        self._beside: dict[str, Follower | None] = {}
        self._collect(self._tab.path)
        self._refuse_what_cannot_be_copied()
        anew = {self._tab.path, self._workbook.path, self._workbook.links_path, CONTENT_TYPES}
        anew |= {path for path, follower in self._beside.items() if follower}
        self._archive = Archive([part for path, part in compiled.fixed.items() if path not in anew])

    def deliver(self, items: list[tuple[str, Mapping[str, object]]]) -> bytes:
        """The workbook with one sheet per item."""
        if not items:
            raise self._refusal("没有要填写的项目", "工作簿至少要有一张表", "请检查数据")
        tabs = self._workbook.tabs
        names = sheet_names([name for name, _ in items], [tab.name for tab in tabs if tab is not self._tab])
        parts, moved, problems = [], [], []
        for number, (name, (_, context)) in enumerate(zip(names, items), 1):
            try:
                rendering = render_page(self._compiled, self._page, dict(context), name)
                layouts = {self._key: rendering.layout} if self._page.program.structure.moves else {}
                moves = Moves(layouts, {self._key: name})
                moved.append(moves)
                frame = self._page.frame(rendering, moves, is_copy=True)
                parts.append(self._page.part(self._copied(self._tab.path, number), rendering, moves, frame))
                parts += self._parts_beside(number, moves)
            except TemplateError as error:
                problems += error.problems
            except Unfit as unfit:
                problems.append(unfit_problem(self._compiled, unfit))
        if problems:
            raise TemplateError(problems)
        parts += [
            pack(self._workbook.path, self._workbook_xml(names, moved)),
            pack(self._workbook.links_path, self._links_xml(len(items))),
            pack(CONTENT_TYPES, self._types_xml(len(items))),
        ]
        return self._archive.with_parts(parts)

    @property
    def _key(self) -> str:
        return self._tab.name.casefold()

    # What can be copied

    def _refusal(self, found: str, expected: str, fix: str, sheet: str = "") -> TemplateError:
        return TemplateError([Problem("template.part", found, expected, fix, Where(self._compiled.file, sheet))])

    def _tagged_page(self) -> Page:
        tagged = [page for page in self._compiled.pages if page.program.structure.tagged]
        if not tagged:
            raise self._refusal("没有带标签的工作表", "一项一张表要有一张带标签的表", "在表里写上 {{ … }}")
        if len(tagged) > 1:
            others = "、".join(page.tab.name for page in tagged[1:])
            raise self._refusal(others, "一项一张表时只能有一张带标签的表", "把其他表的标签去掉，或改用 render")
        return tagged[0]

    def _collect(self, path: str) -> None:
        for _, kind, target in self._workbook.links_of(path):
            if kind in _SHARED or target in self._beside:
                continue
            follow = _FOLLOW.get(kind)
            self._beside[target] = follow(self._workbook.parts[target].unpack(), self._tab.name) if follow else None
            self._collect(target)

    def _refuse_what_cannot_be_copied(self) -> None:
        own = self._tab.name
        for _, kind, path in self._workbook.links_of(self._tab.path):
            if kind in ("table", "pivotTable", "queryTable"):
                label = "表格" if kind == "table" else "数据透视表"
                raise self._refusal(path, f"带“{label}”的工作表不能复制成多张", "把它转换为普通区域", own)
        for structure in self._compiled.structures:
            name = structure.sheet.name
            if name != own and leads_to(structure.sheet, frozenset((self._key,))):
                raise self._refusal(f"引用了“{own}”", "一项一张表时，不知道该引用哪一张", "去掉这些引用", name)

    # The parts of a copy

    def _copied(self, path: str, number: int) -> str:
        if number == 1:
            return path
        stem, dot, ending = path.rpartition(".")
        return f"{stem}_{number}{dot}{ending}"

    def _parts_beside(self, number: int, moves: Moves) -> list[Part]:
        parts = []
        for path, follower in self._beside.items():
            if follower:
                parts.append(pack(self._copied(path, number), follower(moves).encode()))
            elif number > 1:
                parts.append(replace(self._compiled.fixed[path], name=self._copied(path, number)))
        if number > 1:
            parts += [part for path in (self._tab.path, *self._beside) if (part := self._links_of_copy(path, number))]
        return parts

    def _links_of_copy(self, path: str, number: int) -> Part | None:
        links_path = relationships_path(path)
        if links_path not in self._workbook.parts:
            return None
        targets = {rid: target for rid, _, target in self._workbook.links_of(path)}
        root = self._workbook.read(links_path)
        for element in root.elements():
            target = targets.get(element.get("Id"))
            if target:
                new = self._copied(target, number) if target in self._beside else target
                element.attributes["Target"] = "/" + new
        return pack(relationships_path(self._copied(path, number)), document(root))

    # The workbook around the copies

    def _relationship_id(self, number: int) -> str:
        return next(v for k, v in self._tab.element.attributes.items() if _is_id(k)) + f"_{number}" * (number > 1)

    def _workbook_xml(self, names: list[str], moved: list[Moves]) -> bytes:
        root = self._workbook.root.copy()
        place = [tab.name for tab in self._workbook.tabs].index(self._tab.name)
        holder = root.child("sheets")
        elements = holder.elements()
        next_id = max(int(element.get("sheetId") or 0) for element in elements)
        copies = []
        for number, name in enumerate(names, 1):
            attributes = {**elements[place].attributes, "name": name}
            if number > 1:
                attributes["sheetId"] = str(next_id + number - 1)
            attributes = {k: self._relationship_id(number) if _is_id(k) else v for k, v in attributes.items()}
            copies.append(Element(elements[place].tag, attributes))
        holder.children = [*elements[:place], *copies, *elements[place + 1 :]]
        for view in root.every("workbookView"):
            view.attributes.pop("firstSheet", None)
            view.attributes["activeTab"] = str(_new_place(int(view.get("activeTab") or 0), place, len(names)))
        names_holder = root.child("definedNames")
        if names_holder is not None:
            names_holder.children = self._defined_names(names_holder.elements(), place, moved)
        return document(root)

    def _defined_names(self, elements: list[Element], place: int, moved: list[Moves]) -> list[Element]:
        """A name of the copied sheet exists once per copy, as when Excel copies a sheet; other names as they were."""
        found = []
        for element in elements:
            formula = Formula.of(element.text, "", grows=True)
            local = element.get("localSheetId")
            own = int(local) == place if local else formula.concerns({self._key})
            if not own:
                attributes = dict(element.attributes)
                if local:
                    attributes["localSheetId"] = str(_new_place(int(local), place, len(moved)))
                found.append(Element(element.tag, attributes, [formula.text(moved[0])]))
                continue
            for number, moves in enumerate(moved):
                attributes = dict(element.attributes)
                if local or number:
                    attributes["localSheetId"] = str(place + number)
                found.append(Element(element.tag, attributes, [formula.text(moves)]))
        return found

    def _links_xml(self, count: int) -> bytes:
        root = self._workbook.links_root.copy()
        own = next(e for e in root.elements() if e.get("Id") == self._relationship_id(1))
        for number in range(2, count + 1):
            target = "/" + self._copied(self._tab.path, number)
            attributes = {**own.attributes, "Id": self._relationship_id(number), "Target": target}
            root.children.append(Element(own.tag, attributes))
        return document(root)

    def _types_xml(self, count: int) -> bytes:
        root = self._workbook.types.copy()
        for path in (self._tab.path, *self._beside):
            kind = self._workbook.type_of(path)
            for number in range(2, count + 1) if kind else ():
                name = "/" + self._copied(path, number)
                root.children.append(Element("Override", {"PartName": name, "ContentType": kind}))
        return document(root)


def _is_id(attribute: str) -> bool:
    return attribute.rpartition(":")[2] == "id"


def _new_place(old: int, place: int, count: int) -> int:
    """A sheet's place in the tab order once the sheet at `place` has become `count` sheets."""
    return old if old <= place else old + count - 1


def sheet_names(wanted: list[str], taken: list[str]) -> list[str]:
    """Names Excel accepts: no more than 31 characters, no []:*?/\\, none twice whatever the case; order kept."""
    used = {name.casefold() for name in taken}
    counts: dict[str, int] = {}
    names = []
    for text in wanted:
        base = _cut(str(text).translate(_FORBIDDEN).strip().strip("'").strip() or "表", MAX_NAME)
        if base.casefold() == "history":  # a name Excel keeps for itself
            base += "_"
        name, number = base, counts.get(base.casefold(), 1)
        while name.casefold() in used:
            number += 1
            suffix = f"({number})"
            name = _cut(base, MAX_NAME - len(suffix)) + suffix
        counts[base.casefold()] = number
        used.add(name.casefold())
        names.append(name)
    return names


def _cut(name: str, length: int) -> str:
    """The start of a name, counted in UTF-16 units as Excel does."""
    while len(name.encode("utf-16-le", "ignore")) // 2 > length:
        name = name[:-1]
    return name.encode("utf-8", "ignore").decode().rstrip("' ")
