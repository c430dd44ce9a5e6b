"""What workbooks and documents have in common: parts with relationships and content types around one main part.

Refuses what a template must not be: with macros, or signed (the signature would no longer hold).
"""

import zlib

from .markup import Element, MarkupError, parse
from .package import Format, Part
from .parts import relationships, relationships_path
from .problems import Problem, TemplateError, Where

CONTENT_TYPES = "[Content_Types].xml"
_TEMPLATE_TYPES = {  # a template's main part -> that of a plain file
    f"application/vnd.openxmlformats-officedocument.{family}.template.main+xml": (
        f"application/vnd.openxmlformats-officedocument.{family}.{plain}.main+xml"
    )
    for family, plain in (("spreadsheetml", "sheet"), ("wordprocessingml", "document"))
}


class OfficeFile:
    """The parts of a file, its content types, and the path of its main part."""

    form: Format

    def __init__(self, parts: dict[str, Part], file: str):
        self.parts, self.file = parts, file
        self.types = self.read(CONTENT_TYPES)
        package = relationships(self._read_if_there("_rels/.rels"), "")
        self.path = next((path for _, kind, path in package if kind == "officeDocument"), "")
        if self.path not in parts:
            self.refuse(f"没有{self.form.what}部件", self.form.expected, self.form.fix)
        self._refuse_unwanted()

    def refuse(self, found: str, expected: str, fix: str = "") -> None:
        raise TemplateError([Problem("file.unreadable", found, expected, fix, Where(self.file))])

    def _refuse_unwanted(self) -> None:
        macros = f"带宏的{self.form.what}（{self.form.suffix[:-1]}m）"
        for name in self.parts:
            if name.rpartition("/")[2].casefold() == "vbaproject.bin":
                self.refuse(macros, "模板不能带宏", f"请另存为 {self.form.suffix}")
            if name.startswith("_xmlsignatures/"):
                self.refuse(f"带数字签名的{self.form.what}", "填写后签名会失效", "请先去掉签名")

    def _read_if_there(self, path: str) -> Element | None:
        return self.read(path) if path in self.parts else None

    def read(self, path: str) -> Element:
        """The XML of a part; a missing, damaged or unsafe part is a problem."""
        whole = f"不是完整的 {self.form.suffix} {self.form.what}"
        if path not in self.parts:
            self.refuse(f"缺少部件 {path}", whole, "请另存一份再试")
        try:
            return parse(self.parts[path].unpack())
        except (MarkupError, UnicodeDecodeError) as error:
            self.refuse(f"部件 {path}：{error}", "不是合法的 XML", f"请用 {self.form.program} 或 WPS 另存一份")
        except zlib.error:
            self.refuse(f"部件 {path} 已损坏", whole, "请另存一份再试")

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

    def as_plain_file(self) -> bool:
        """Turns a template's (.xltx, .dotx) content type into a plain file's; true if it was one."""
        changed = False
        for element in self.types.elements():
            if plain := _TEMPLATE_TYPES.get(element.get("ContentType")):
                element.attributes["ContentType"], changed = plain, True
        return changed
