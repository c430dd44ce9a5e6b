"""A marked part as one jinja2 text: docxtpl's patch, then a proof that no data can break the XML.

docxtpl moves tags out of the rows, cells, paragraphs and runs they stand for. What it leaves is text with tags in it, and whether it
comes out well-formed depends on where they ended up. So the elements open at each tag are followed: at the end of a loop or a choice,
and at every `else`, they must be the ones open at its start. Every turn and every branch then fits where it stands.
"""

import re
from dataclasses import dataclass, field

from ..markup import DECLARATION
from ..problems import Problem, Where
from .document import PROPERTIES, Text
from .marks import NUMBER, Tag
from .text import COLOUR, COLUMNS

MOST = 4 * 2**20  # some 400 pages; docxtpl's patterns take minutes beyond

_TOKEN = re.compile(r"(?P<tag>\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})|</(?P<close>[^>]*)>|<(?P<open>[\w:.-]+)|(?P<end>/?>)", re.DOTALL)
_WORD = re.compile(r"\{%[-+]?\s*(\w+)")
_COMPUTED = (
    (re.compile(r'(<w:gridSpan w:val="\{\{)(.*?)(?=\}\}")', re.DOTALL), COLUMNS),
    (re.compile(r'(<w:shd w:val="clear" w:color="auto" w:fill="\{\{)(.*?)(?=\}\}")', re.DOTALL), COLOUR),
)
# What Word calls damaged when it is empty: element -> the child it needs.
_NEEDS = {"w:tbl": "w:tr", "w:tr": "w:tc", "w:tc": "w:p", "w:hdr": "w:p", "w:ftr": "w:p", "w:txbxContent": "w:p"}
_COLUMN_WORDS = frozenset(("colspan", "hm"))


@dataclass(slots=True)
class Patched:
    """A part as jinja2 text: every tag on a line of its own; what a rendering may need afterwards."""

    text: str = ""
    lines: dict[int, Tag] = field(default_factory=dict)
    may_be_empty: set[str] = field(default_factory=set)
    columns_move: bool = False
    pictures_repeat: bool = False


@dataclass(slots=True)
class _Open:
    name: str
    depth: int
    filled: bool = False


def patch(text: Text, tags: list[Tag], file: str, problems: list[Problem]) -> Patched:
    """The part, patched by docxtpl; problems of tags that do not fit together are added to the list."""
    from docxtpl import DocxTemplate

    source = text.root.xml()
    if len(source) > MOST:
        where = Where(file, "", text.label)
        problems.append(Problem("file.limit", f"{len(source) >> 20} MB 文字", f"模板的一个部分最多 {MOST >> 20} MB", "拆成几份", where))
        return Patched()
    if text.label != PROPERTIES:
        source = DocxTemplate("").patch_xml(source)
    for pattern, check in _COMPUTED:
        source = pattern.sub(lambda found, check=check: f"{found[1]}({found[2]})|{check}", source)
    return _Follower(source, tags, file, problems).follow()


class _Follower:
    def __init__(self, source: str, tags: list[Tag], file: str, problems: list[Problem]):
        self.source, self.tags, self.file, self.problems = source, tags, file, problems
        self.patched = Patched()
        self.elements: list[_Open] = []
        self.frames: list[tuple[str, Tag, list[str]]] = []  # statement, its tag, the elements open at its start
        self.started = ""  # the start tag being read

    def follow(self) -> Patched:
        pieces, line, position, tag = [DECLARATION], DECLARATION.count("\n") + 1, 0, self.tags[0]
        for token in _TOKEN.finditer(self.source):
            piece, own = self.source[position : token.start()], token[0]
            if token["tag"]:
                number = NUMBER.search(own)
                tag = self.tags[int(number[1])] if number else tag
                own = _on_its_own_line(NUMBER.sub("", own))
                self.patched.lines[line + piece.count("\n") + 1] = tag
                if not self._statement(token[0], tag):
                    return self.patched
            elif token["open"]:
                self.started = token["open"]
                self._start(self.started)
            elif token["close"]:
                if not self._end(token["close"].strip()):
                    said = f"标签有一半在 {token['close'].strip()} 里面（修订、超链接、内容控件），一半在外面"
                    where = Where(self.file, "", tag.place)
                    self.problems.append(Problem("template.syntax", tag.source, said, "接受全部修订，把这个标签删掉重打一次", where))
                    return self.patched
            elif self.started:
                if token["end"] == "/>":
                    self._end(self.started)
                self.started = ""
            line += piece.count("\n") + own.count("\n")
            pieces += (piece, own)
            position = token.end()
        self.patched.text = "".join(pieces) + self.source[position:]
        self.patched.columns_move = any(tag.part == "tc" or tag.word in _COLUMN_WORDS for tag in self.tags)
        return self.patched

    def _start(self, name: str) -> None:
        if self.elements and _NEEDS.get(self.elements[-1].name) == name and self.elements[-1].depth == len(self.frames):
            self.elements[-1].filled = True
        self.elements.append(_Open(name, len(self.frames)))
        self.patched.pictures_repeat |= name == "wp:docPr" and any(word == "for" for word, _, _ in self.frames)

    def _end(self, name: str) -> bool:
        """Follows the end of an element; false where another one is open, or none."""
        if not self.elements or self.elements[-1].name != name:
            return False
        element = self.elements.pop()
        if name in _NEEDS and not element.filled:
            self.patched.may_be_empty.add(name)
        return True

    def _statement(self, source: str, tag: Tag) -> bool:
        """Follows a statement; false where the elements around it do not fit."""
        word = found[1] if source.startswith("{%") and (found := _WORD.match(source)) else ""
        here = [element.name for element in self.elements] + [self.started]
        if word in ("for", "if"):
            self.frames.append((word, tag, here))
        elif word in ("else", "elif", "endfor", "endif"):
            _, opener, start = self.frames[-1]
            if here != start:
                where = Where(self.file, "", tag.place)
                said = f"和{opener.place}的 {opener.source} 不在同一层（如一个在表格里、一个在表格外）"
                fix = "成对的标签放在同一级：都在表格的行里，或都在正文的段落里"
                self.problems.append(Problem("template.syntax", tag.source, said, fix, where))
                return False
            if word in ("endfor", "endif"):
                self.frames.pop()
        return True


def _on_its_own_line(tag: str) -> str:
    """The tag with a line break inside, which changes nothing but tells its nodes from all others by their line."""
    cut = 3 if tag[2] in "-+" else 2
    return tag[:cut] + "\n" + tag[cut:].replace("\n", " ").replace("&amp;", "&")
