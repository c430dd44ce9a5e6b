"""A submitted workbook as a package that can be edited: parts read, replaced, added and dropped, with their links and types.

A part nobody writes leaves as the bytes it came in. Macros stay, unrun. What an edit makes untrue is taken out: the calculation
chain, signatures, and the log of a shared workbook.
"""
from __future__ import annotations

import posixpath
from collections.abc import Iterable

from ..template.markup import Element, document, without_main_prefix
from ..template.office import CONTENT_TYPES
from ..template.package import Archive, Part, pack, pack_chunks, read_package
from ..template.parts import relationships_path
from ..template.workbook import Tab, Workbook
from .xml import fragment, insert_after

MAX_NAME = 31
_STRICT = "http://purl.oclc.org/ooxml/"
_LINKS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
_BEFORE_NAMES = frozenset(("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
                           "externalReferences", "AlternateContent", "revisionPtr"))
_SHARING = frozenset(("revisionHeaders", "usernames"))
_SUFFIXES = (("macroEnabledTemplate", ".xltm"), ("macroEnabled", ".xlsm"), ("addin", ".xlam"), ("template", ".xltx"))


class Book(Workbook):
    """The workbook, its parts open to change; raises ProblemsError when it is not one that can be kept whole."""

    def __init__(self, data: bytes, file: str) -> None:
        super().__init__(read_package(data, file), file)
        self.order = list(self.parts)
        namespace = self.root.get("xmlns")
        self.strict = namespace.startswith(_STRICT)
        self.main = _STRICT + "spreadsheetml/main" if self.strict else "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        office = _STRICT + "officeDocument/" if self.strict else "http://schemas.openxmlformats.org/officeDocument/2006/"
        self.link_kinds = office + "relationships"
        if namespace != self.main:
            self.refuse(f"工作簿部件的命名空间 {namespace or '为空'}", "不是可以改写的 .xlsx 工作簿", "请用 Excel 或 WPS 另存为 .xlsx")
        self._links: dict[str, Element] = {self.path: self.links_root}

    def _refuse_unwanted(self) -> None:
        """Nothing is unwanted here: macros stay as they are, signatures are taken off and said to be."""

    @property
    def suffix(self) -> str:
        """The file suffix that goes with what the package says it is."""
        kind = self.type_of(self.path)
        return next((suffix for word, suffix in _SUFFIXES if word in kind), ".xlsx")

    # Parts

    def put(self, path: str, data: bytes | Element | Iterable[bytes]) -> None:
        """Replace or add a part."""
        if isinstance(data, Element):
            data = document(data)
        if path not in self.parts:
            self.order.append(path)
        self.parts[path] = pack(path, data) if isinstance(data, bytes) else pack_chunks(path, data)

    def free_path(self, pattern: str) -> str:
        """A part name not in use: the pattern with the first free number for its `{}`."""
        used = {path.casefold() for path in self.parts}
        return next(path for number in range(1, len(used) + 2) if (path := pattern.format(number)).casefold() not in used)

    def drop(self, path: str) -> None:
        """Take out a part and its declared type."""
        self.parts.pop(path, None)
        wanted = path.casefold()
        self.types.children = [e for e in self.types.elements() if e.get("PartName").lstrip("/").casefold() != wanted]

    def declare(self, path: str, content_type: str) -> None:
        """Say what a new part is."""
        tag = self.types.tag[:-len(self.types.name)] + "Override"
        self.types.children.append(Element(tag, {"PartName": "/" + path, "ContentType": content_type}))

    def declare_extension(self, extension: str, content_type: str) -> None:
        """Say what new parts of an extension are, unless that is said already."""
        if not any(e.name == "Default" and e.get("Extension").casefold() == extension for e in self.types.elements()):
            tag = self.types.tag[:-len(self.types.name)] + "Default"
            self.types.children.insert(0, Element(tag, {"Extension": extension, "ContentType": content_type}))

    # Links

    def links_from(self, path: str) -> Element:
        """The relationships of a part, open to change."""
        if path not in self._links:
            where = relationships_path(path)
            self._links[path] = without_main_prefix(self.read(where)) if where in self.parts else fragment(_LINKS)
        return self._links[path]

    def link(self, path: str, kind: str, target: str) -> str:
        """Link a part to another one; returns the id. A `kind` without a slash is one of the format's own."""
        links = self.links_from(path)
        used = {element.get("Id") for element in links.elements()}
        rid = next(name for number in range(1, len(used) + 2) if (name := f"rId{number}") not in used)
        kind = kind if "/" in kind else f"{self.link_kinds}/{kind}"
        relative = posixpath.relpath(target, posixpath.dirname(path) or ".")
        tag = links.tag[:-len(links.name)] + "Relationship"
        links.children.append(Element(tag, {"Id": rid, "Type": kind, "Target": relative}))
        self.put(relationships_path(path), links)
        return rid

    def linked(self, path: str, kind: str) -> str:
        """The part of a kind that a part is linked to, empty if there is none."""
        return next((target for _, found, target in self.links_of(path) if found == kind), "")

    def _unlink(self, path: str, kinds: frozenset[str]) -> None:
        links = self.links_from(path)
        kept = [element for element in links.elements() if element.get("Type").rpartition("/")[2] not in kinds]
        if len(kept) < len(links.elements()):
            links.children = kept
            self.put(relationships_path(path), links)

    # The sheets

    def add_first_sheet(self, title: str, content: Iterable[bytes], titles: str = "") -> None:
        """Put a sheet before all others; the workbook opens on it. `titles` are the rows repeated in print."""
        path = self.free_path("xl/worksheets/sheet{}.xml")
        self.put(path, content)
        self.declare(path, "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml")
        rid = self.link(self.path, "worksheet", path)
        number = max((int(tab.element.get("sheetId") or 0) for tab in self.tabs), default=0) + 1
        sheet = Element("sheet", {"name": title, "sheetId": str(number), "xmlns:r": self.link_kinds, "r:id": rid})
        sheets = self.root.child("sheets")
        sheets.children.insert(0, sheet)
        self._move_names(title, titles)
        for views in self.root.elements():
            if views.name == "bookViews":
                for view in views.elements():
                    view.attributes.update(firstSheet="0", activeTab="0")
        self.tabs.insert(0, Tab(title, path, "worksheet", sheet))

    def _move_names(self, title: str, titles: str) -> None:
        for name in self.names():
            if name.get("localSheetId"):
                name.attributes["localSheetId"] = str(int(name.get("localSheetId")) + 1)
        if titles:
            holder = self.root.child("definedNames")
            if holder is None:
                holder = Element("definedNames")
                insert_after(self.root, holder, _BEFORE_NAMES)
            local = {"name": "_xlnm.Print_Titles", "localSheetId": "0"}
            quoted = title.replace("'", "''")
            holder.children.insert(0, Element("definedName", local, [f"'{quoted}'!{titles}"]))

    def free_title(self, title: str) -> str:
        """The title, with a number behind it if a sheet has it."""
        used = {tab.name.casefold() for tab in self.tabs}
        candidates = (title, *(f"{title}{number}" for number in range(2, len(used) + 3)))
        return next(candidate for candidate in candidates if candidate.casefold() not in used)

    # What an edit makes untrue

    def drop_signatures(self) -> bool:
        """Take off electronic signatures, which no edited file can keep; true if there were any."""
        signed = [path for path in self.parts if path.casefold().startswith("_xmlsignatures/")]
        for path in signed:
            self.drop(path)
        self._unlink("", frozenset(("origin",)))
        return bool(signed)

    def drop_sharing(self) -> bool:
        """Make a workbook shared by the old method an ordinary one (its log names every sheet); true if it was one."""
        shared = [path for _, kind, path in self.links_of(self.path) if kind in _SHARING]
        logs = [path for header in shared for _, _, path in self.links_of(header)]
        for path in [*shared, *map(relationships_path, shared), *logs]:
            self.drop(path)
        self._unlink(self.path, _SHARING)
        return bool(shared)

    def bytes(self) -> bytes:
        """The edited package."""
        if path := next((path for _, kind, path in self.links_of(self.path) if kind == "calcChain"), ""):
            self.drop(path)
        self._unlink(self.path, frozenset(("calcChain",)))
        self.put(self.path, self.root)
        self.put(CONTENT_TYPES, self.types)
        kept: list[Part] = [self.parts[path] for path in self.order if path in self.parts]
        return Archive(kept).with_parts(())
