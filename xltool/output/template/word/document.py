"""A document's package: which parts people read, and what a template from a stranger must not bring along.

Refused: macros and ActiveX controls, files that are taken in when it is opened, links to files elsewhere (pictures, data sources:
Word would fetch them, and they would be missing at the reader's), fields that fetch or start something (DDE, INCLUDETEXT …). The
link to the template the author wrote the document from is taken out instead: it is no content, and often names a folder of the
author's computer.
"""

import re
from dataclasses import dataclass

from ..markup import Element
from ..office import CONTENT_TYPES, OfficeFile
from ..package import DOCUMENT, Part
from ..problems import Problem, Where
from ..values import has_tag

_MAIN = re.compile(r"wordprocessingml\.(?:document|template)\.main\+xml$")
_LABELS = {"header": "页眉", "footer": "页脚", "footnotes": "脚注", "endnotes": "尾注"}
PROPERTIES = "文档属性"
_FETCHING = re.compile(r"\s*(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|DATABASE|MACROBUTTON)\b", re.I)
MOST_XML = 16 * 2**20  # bytes of a part that is read; some 1,600 pages
_NAMED = re.compile(r"\s*(\w+\s|=)")  # so much of an instruction before a field inside it: its name is typed, not computed
_RESULT = "="  # what is shown, and may hold fields, too
_SHOWN = ("charts", "diagrams")


@dataclass(frozen=True, slots=True)
class Text:
    """A part people read: its path, what they call it (the body has no name), its XML."""

    path: str
    label: str
    root: Element


class Document(OfficeFile):
    """The parts of a .docx; raises TemplateError for what is no document, adds what it refuses to the problems."""

    form = DOCUMENT

    def __init__(self, parts: dict[str, Part], file: str, problems: list[Problem]):
        super().__init__(parts, file)
        kind = self.type_of(self.path)
        if "macroEnabled" in kind:
            self.refuse("带宏的文档（.docm）", "模板不能带宏", "请另存为 .docx")
        if not _MAIN.search(kind):
            self.refuse(self.path, self.form.expected, self.form.fix)
        self._problems = problems
        self.texts = self._texts()
        self.changed: dict[str, Element] = {}
        if self.as_plain_file():
            self.changed[CONTENT_TYPES] = self.types
        self._look_at_links()
        self._refuse_controls()
        self._refuse_tags_elsewhere()
        for text in self.texts:
            self._refuse_fields(text)

    def read(self, path: str) -> Element:
        if path in self.parts and self.parts[path].size > MOST_XML:
            self.refuse(f"{path}（{self.parts[path].size >> 20} MB）", f"模板的一个部分最多 {MOST_XML >> 20} MB", "拆成几份")
        return super().read(path)

    def complain(self, found: str, expected: str, fix: str, place: str = "") -> None:
        self._problems.append(Problem("template.part", found, expected, fix, Where(self.file, "", place)))

    def _texts(self) -> list[Text]:
        found = [Text(self.path, "", self.read(self.path))]
        linked = self.links_of(self.path)
        for wanted, label in _LABELS.items():
            paths = list(dict.fromkeys(path for _, kind, path in linked if kind == wanted))
            for number, path in enumerate(paths, 1):
                found.append(Text(path, f"{label}{number}" if len(paths) > 1 else label, self.read(path)))
        found += [Text(path, PROPERTIES, self.read(path)) for _, kind, path in self.links_of("") if kind == "core-properties"]
        return found

    def _look_at_links(self) -> None:
        for path in self.parts:
            if not path.endswith(".rels"):
                continue
            root = self.read(path)
            for link in root.elements():
                kind = link.get("Type").rpartition("/")[2]
                if kind == "aFChunk":
                    self.complain(link.get("Target")[:60], "模板不能有打开时才并入的别的文件（altChunk）", "在 Word 里打开再另存一份，就并进来了")
                if link.get("TargetMode") != "External" or kind == "hyperlink":
                    continue
                if kind == "attachedTemplate":
                    self._drop_attached_template(path, root, link)
                else:
                    said = "模板不能链接外部文件（图片、对象、数据）"
                    self.complain(f"{kind}：{link.get('Target')[:60]}", said, "把它嵌入文档，或断开链接再保存")

    def _drop_attached_template(self, path: str, root: Element, link: Element) -> None:
        owner = path.replace("_rels/", "").removesuffix(".rels")
        settings = self.changed.setdefault(owner, self.read(owner))
        settings.children = [c for c in settings.children if isinstance(c, str) or c.name != "attachedTemplate"]
        root.children = [child for child in root.children if child is not link]
        self.changed[path] = root

    def _refuse_controls(self) -> None:
        for path in self.parts:
            if "/activex/" in path.casefold():
                self.complain(path, "模板不能带会运行程序的控件（ActiveX）", "删掉控件再保存")

    def _refuse_tags_elsewhere(self) -> None:
        read = {text.path for text in self.texts}
        for path, part in self.parts.items():
            shown = any(f"/{folder}/" in path for folder in _SHOWN) or path.rpartition("/")[2].startswith("comments")
            if shown and path.endswith(".xml") and path not in read:
                text = part.unpack().decode(errors="ignore")
                if has_tag(text):
                    tag = text[min(text.find(mark) for mark in ("{{", "{%", "{#") if mark in text) :][:40]
                    self.complain(f"{path}：{tag}", "这里不能放标签", "把标签移到正文、页眉页脚、脚注或文本框里")

    def _refuse_fields(self, text: Text) -> None:
        """Word joins a field's instruction over runs and paragraphs, so it is read through the whole part."""
        codes: list[str] = []
        for element in [text.root, *_all(text.root)]:
            if element.name == "fldSimple":
                self._refuse_field(text, element.get("w:instr"))
            elif element.name == "fldChar":
                if element.get("w:fldCharType") == "begin":
                    if codes and not _NAMED.match(codes[-1]):
                        self.complain("域里套着的域", "域的名称不能由别的域拼出来", "按 Ctrl+Shift+F9 把域变成文字", text.label)
                    codes.append("")
                elif codes:
                    self._refuse_field(text, codes.pop())
                    codes += [_RESULT] * (element.get("w:fldCharType") == "separate")
            elif element.name == "instrText" and codes:
                codes[-1] += element.text
        for code in codes:
            self._refuse_field(text, code)

    def _refuse_field(self, text: Text, code: str) -> None:
        if _FETCHING.match(code):
            self.complain(code.strip()[:60], "模板不能有取外部内容或运行程序的域", "按 Ctrl+Shift+F9 把域变成文字", text.label)


def _all(element: Element):
    for child in element.elements():
        yield child
        yield from _all(child)
