"""The workbook part of a template: its sheets, its defined names, its calculation settings."""

import zlib
from dataclasses import dataclass

from .layout import Formula
from .markup import Element, MarkupError, parse, without_main_prefix
from .package import Part
from .parts import Follower, formula_element, relationships, relationships_path, weave
from .problems import Problem, TemplateError, Where

# What stands before the calculation settings.
_BEFORE_CALCULATION = frozenset(
    ("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups")
) | {"externalReferences", "definedNames", "AlternateContent", "revisionPtr"}
CONTENT_TYPES = "[Content_Types].xml"
_TEMPLATE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml"
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of the workbook: its name, its part, its element in the workbook part."""

    name: str
    path: str
    kind: str
    element: Element


class Workbook:
    """The workbook part and its relationships; refuses macros and signatures."""

    def __init__(self, parts: dict[str, Part], file: str):
        self.parts, self.file = parts, file
        self.types = self.read(CONTENT_TYPES)
        package = relationships(self._read_if_there("_rels/.rels"), "")
        self.path = next((path for _, kind, path in package if kind == "officeDocument"), "")
        if self.path not in parts:
            self.refuse("没有工作簿部件", "不是可以读的 .xlsx 工作簿", "请用 Excel 或 WPS 另存为 .xlsx")
        self._refuse_unwanted()
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

    def refuse(self, found: str, expected: str, fix: str = "") -> None:
        raise TemplateError([Problem("file.unreadable", found, expected, fix, Where(self.file))])

    def _refuse_unwanted(self) -> None:
        for name in self.parts:
            if name.rpartition("/")[2].casefold() == "vbaproject.bin":
                self.refuse("带宏的工作簿（.xlsm）", "模板不能带宏", "请另存为 .xlsx")
            if name.startswith("_xmlsignatures/"):
                self.refuse("带数字签名的工作簿", "填写后签名会失效", "请先去掉签名")

    def _read_if_there(self, path: str) -> Element | None:
        return self.read(path) if path in self.parts else None

    def read(self, path: str) -> Element:
        """The XML of a part; a missing, damaged or unsafe part is a problem."""
        if path not in self.parts:
            self.refuse(f"缺少部件 {path}", "不是完整的 .xlsx 工作簿", "请另存一份再试")
        try:
            return parse(self.parts[path].unpack())
        except (MarkupError, UnicodeDecodeError) as error:
            self.refuse(f"部件 {path}：{error}", "不是合法的 XML", "请用 Excel 或 WPS 另存一份")
        except zlib.error:
            self.refuse(f"部件 {path} 已损坏", "不是完整的 .xlsx 工作簿", "请另存一份再试")

    def links_of(self, path: str) -> list[tuple[str, str, str]]:
        """(id, kind, target) of a part's relationships whose target is in the package."""
        found = relationships(self._read_if_there(relationships_path(path)), path)
        return [link for link in found if link[2] in self.parts]

    def type_of(self, path: str) -> str:
        """A part's declared content type, empty if only its extension says."""
        for element in self.types.elements():
            if element.name == "Override" and element.get("PartName").lstrip("/").casefold() == path.casefold():
                return element.get("ContentType")
        return ""

    # Changes made once, when the template is compiled

    def drop_calculation_chain(self) -> str:
        """Takes out the list of formula cells, wrong once they move; returns its path, empty if there is none."""
        path = next((path for _, kind, path in self.links if kind == "calcChain"), "")
        if path:
            types, links = self.types, self.links_root
            types.children = [e for e in types.elements() if e.get("PartName").lstrip("/") != path]
            links.children = [e for e in links.elements() if e.get("Type").rpartition("/")[2] != "calcChain"]
        return path

    def as_plain_workbook(self) -> bool:
        """Turns a template's (.xltx) content type into a workbook's; true if it was one."""
        changed = False
        for element in self.types.elements():
            if element.get("ContentType") == _TEMPLATE_TYPE:
                element.attributes["ContentType"], changed = _WORKBOOK_TYPE, True
        return changed

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
