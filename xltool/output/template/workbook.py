"""The workbook part of a template: its sheets, its defined names, its calculation settings."""

from dataclasses import dataclass

from .layout import Formula
from .markup import Element, without_main_prefix
from .office import OfficeFile
from .package import WORKBOOK, Part
from .parts import Follower, formula_element, relationships, relationships_path, weave

# What stands before the calculation settings.
_BEFORE_CALCULATION = frozenset(
    ("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups")
) | {"externalReferences", "definedNames", "AlternateContent", "revisionPtr"}


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of the workbook: its name, its part, its element in the workbook part."""

    name: str
    path: str
    kind: str
    element: Element


class Workbook(OfficeFile):
    """The workbook part and its relationships."""

    form = WORKBOOK

    def __init__(self, parts: dict[str, Part], file: str):
        super().__init__(parts, file)
        self.root = without_main_prefix(self.read(self.path))
        self.links_path = relationships_path(self.path)
        self.links_root = self.read(self.links_path)
        self.links = relationships(self.links_root, self.path)
        by_id = {rid: (kind, path) for rid, kind, path in self.links}
        self.tabs = []
        sheets = self.root.child("sheets")
        for element in sheets.elements() if sheets is not None else ():
            rid = next((v for k, v in element.attributes.items() if k.rpartition(":")[2] == "id"), "")
            kind, path = by_id.get(rid, ("", ""))
            if path not in parts:
                self.refuse(f"工作表“{element.get('name')}”没有内容", "不是完整的 .xlsx 工作簿", "请另存一份再试")
            self.tabs.append(Tab(element.get("name"), path, kind, element))
        if not self.tabs:
            self.refuse("没有工作表", "不是可以读的 .xlsx 工作簿", "请用 Excel 或 WPS 另存为 .xlsx")
        properties = self.root.child("workbookPr")
        self.date1904 = properties is not None and properties.get("date1904") in ("1", "true")

    # Changes made once, when the template is compiled

    def drop_calculation_chain(self) -> str:
        """Takes out the list of formula cells, wrong once they move; returns its path, empty if there is none."""
        path = next((path for _, kind, path in self.links if kind == "calcChain"), "")
        if path:
            types, links = self.types, self.links_root
            types.children = [e for e in types.elements() if e.get("PartName").lstrip("/") != path]
            links.children = [e for e in links.elements() if e.get("Type").rpartition("/")[2] != "calcChain"]
        return path

    def calculate_on_load(self) -> None:
        """Makes readers calculate all formulas when they open the file."""
        settings = self.root.child("calcPr")
        if settings is None:
            settings = Element("calcPr")
            children = self.root.children
            earlier = [c for c in self.root.elements() if c.name in _BEFORE_CALCULATION]
            children.insert(children.index(earlier[-1]) + 1 if earlier else 0, settings)
        settings.attributes["fullCalcOnLoad"] = "1"

    # Defined names

    def names(self) -> list[Element]:
        holder = self.root.child("definedNames")
        return holder.elements() if holder is not None else []

    def follower(self, sheets: frozenset[str]) -> Follower | None:
        """The workbook part with its names following these sheets; None if no name leads there."""
        changed = {}
        for element in self.names():
            formula = Formula.of(element.text, "", grows=True)
            if formula.concerns(sheets):
                changed[id(element)] = formula_element(element, formula)
        return weave(self.root, changed) if changed else None
