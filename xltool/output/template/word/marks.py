"""The tags of one part, found where the author typed them: each is checked alone, paired, and marked with its number.

A document keeps its text in runs, which cut tags anywhere, so a paragraph's text is joined first. docxtpl then rewrites the part as
one text; the number inside each tag survives that and tells afterwards where the tag came from.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..markup import Element
from ..problems import Problem, Where
from ..tags import TagError, parse, refuse_wide_braces
from ..values import has_tag
from .document import PROPERTIES, Text

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%[-+]?(?P<gap>\s*)(?:(?P<part>tr|tc|p|r)\s+)?(?P<word>\w+)\b(?P<rest>.*?)[-+]?%\}", re.DOTALL)
_RAW = re.compile(r"\{\{(tr|tc|p|r)\s")
_CLOSED = {"endfor": "for", "endif": "if"}
_WHOLE = {"tr": "表格行", "tc": "单元格", "p": "段落"}
_IN_A_CELL = frozenset(("colspan", "cellbg", "vm", "hm"))
_LOOKS = str.maketrans("“”‘’", "\"\"''")  # Word types them by itself; docxtpl reads them as meant
# The properties docxtpl fills in; the others are lists, dates or kept by Word itself.
_PROPERTIES = {
    "title": "标题", "subject": "主题", "creator": "作者", "description": "备注", "identifier": "标识", "language": "语言"
}
COMMENT = "#"
OPEN, CLOSE = "\ue000", "\ue001"
NUMBER = re.compile(f"{OPEN}(\\d+){CLOSE}")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: where it stands, as typed; of a statement also its word, and what it stands for (tr, tc, p, r) if not itself."""

    place: str
    source: str
    word: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a paragraph stands: its place in words, and the row and cell around it."""

    place: str
    row: Element | None = None
    cell: Element | None = None


def mark_tags(text: Text, file: str, problems: list[Problem]) -> list[Tag]:
    """The part's tags in their order, numbers written into them; problems are added to the list."""
    marker = _Marker(text, file, problems)
    marker.read()
    return marker.tags


class _Marker:
    def __init__(self, text: Text, file: str, problems: list[Problem]):
        self.text, self.file, self.problems = text, file, problems
        self.tags: list[Tag] = []

    def complain(self, place: str, found: str, expected: str, fix: str = "") -> None:
        problem = Problem("template.syntax", found, expected, fix, Where(self.file, "", place))
        if problem not in self.problems:  # Word keeps a text box twice, for new and for old programs
            self.problems.append(problem)

    def read(self) -> None:
        if self.text.label == PROPERTIES:
            for element in self.text.root.elements():
                if label := _PROPERTIES.get(element.name):
                    self.paragraph(_Spot(f"{PROPERTIES}“{label}”"), [element])
                else:
                    self.refuse_tags_in(element)
        else:
            for spot, paragraph in _paragraphs(self.text.root, self.text.label):
                self.paragraph(spot, [e for e in _own(paragraph) if e.tag == "w:t"])
            for element in _descendants(self.text.root):
                self.refuse_tags_in(element)
        self.pair()

    def refuse_tags_in(self, element: Element) -> None:
        """Only text of a run is filled in, not what is behind a picture, a field or a tracked deletion."""
        for text in (*element.attributes.values(), element.text if element.tag != "w:t" else ""):
            if has_tag(text):
                fix = "先接受全部修订" if element.name == "delText" else "把标签移到正文的文字里"
                where = Where(self.file, "", self.text.label)
                self.problems.append(Problem("template.part", f"{element.name}：{text[:40]}", "这里不能放标签", fix, where))

    # One paragraph

    def paragraph(self, spot: _Spot, pieces: list[Element]) -> None:
        letters = [[*piece.text] for piece in pieces]
        at = [(piece, position) for piece, text in enumerate(letters) for position in range(len(text))]
        joined = "".join(map("".join, letters))
        try:
            refuse_wide_braces(joined)
        except TagError as error:
            self.complain(spot.place, joined.strip()[:40], str(error), error.fix)
        if not has_tag(joined):
            return
        for found in _TAG.finditer(joined):
            if found[0].startswith("{#"):
                self.tags.append(Tag(spot.place, found[0], COMMENT))
                continue
            number, position = len(self.tags), found.end() - 2
            try:
                tag = self.tag(spot, found[0], joined)
            except TagError as error:
                self.complain(spot.place, found[0], str(error), error.fix)
                continue
            self.tags.append(tag)
            if tag.word in ("vm", "hm"):
                continue  # docxtpl knows these by their exact spelling
            if joined[position - 1] in "-+":
                position -= 1
            piece, offset = at[position]
            letters[piece][offset] = f"{OPEN}{number}{CLOSE}{letters[piece][offset]}"
            for gap in range(found.start() + 2, found.start() + 2 + self.gap(tag, found[0])):
                piece, offset = at[gap]
                letters[piece][offset] = ""
        if has_tag(rest := _TAG.sub("", joined)):
            start = min(rest.find(mark) for mark in ("{{", "{%", "{#") if mark in rest)
            self.complain(spot.place, rest[start : start + 40], "标签没有写完", "标签要在同一段里写完，以 }} 或 %} 结束")
        for piece, text in zip(pieces, letters):
            piece.children = ["".join(text)]

    def gap(self, tag: Tag, source: str) -> int:
        """Blanks before tr, tc, p and r, which docxtpl does not read over."""
        return len(_STATEMENT.fullmatch(source)["gap"]) if tag.part else 0

    def tag(self, spot: _Spot, source: str, paragraph: str) -> Tag:
        meant = source.translate(_LOOKS)
        if found := _RAW.match(source):
            raise TagError(f"{{{{{found[1]} …}}}} 要放整段 XML，不支持", "写成 {{ 名称 }}，大括号后面留一个空格")
        if not source.startswith("{%"):
            parse(meant)
            return Tag(spot.place, source)
        statement = _STATEMENT.fullmatch(meant)
        if not statement:
            raise TagError("看不懂的标签", "写法例如 {%tr for p in projects %}")
        word, rest, part = statement["word"], statement["rest"].strip(), statement["part"] or ""
        _check_statement(word, rest, part)
        if self.text.label == PROPERTIES and (part or word in _IN_A_CELL):
            raise TagError("文档属性里只能用 {{ … }}、if、for、set")
        if (part in ("tr", "tc") or word in _IN_A_CELL) and spot.cell is None:
            raise TagError(f"{{%{part} {word} …%}} 只能放在表格里" if part else f"{{% {word} %}} 只能放在表格里")
        if part in _WHOLE:
            whole = {"tr": spot.row, "tc": spot.cell}.get(part)
            beside = paragraph if whole is None else "".join(e.text for e in _descendants(whole) if e.tag == "w:t")
            if NUMBER.sub("", beside).strip() != source.strip():
                said = f"标签所在的{_WHOLE[part]}会整个消失，但里面还有别的内容"
                raise TagError(said, f"让标签独占一个{_WHOLE[part]}")
        return Tag(spot.place, source, word, part)

    # Pairs

    def pair(self) -> None:
        """Statements that open and close, in the order they are typed."""
        opened: list[tuple[Tag, bool]] = []
        for tag in self.tags:
            if tag.word in ("for", "if"):
                opened.append((tag, False))
            elif tag.word in ("elif", "else", *_CLOSED):
                self.close(tag, opened)
            elif tag.word in ("vm", "hm") and not any(each.word == "for" for each, _ in opened):
                self.complain(tag.place, tag.source, f"{{% {tag.word} %}} 只能用在循环里", "移到循环里或去掉")
        for tag, _ in opened:
            end = f"{{%{tag.part} end{tag.word} %}}"
            self.complain(tag.place, tag.source, f"没有对应的 {end}", "补上结束标签")

    def close(self, tag: Tag, opened: list[tuple[Tag, bool]]) -> None:
        opener, after_else = opened[-1] if opened else (None, False)
        wanted = _CLOSED.get(tag.word) or ("if" if tag.word == "elif" else None)
        if opener is None or (wanted and opener.word != wanted):
            inside = f"（现在在{opener.place}的 {opener.source} 里面）" if opener else ""
            self.complain(tag.place, tag.source, f"前面没有对应的 {wanted or 'if 或 for'}{inside}", "标签要成对，先开的后关")
            return
        if tag.part != opener.part:
            said = f"和{opener.place}的 {opener.source} 写法不同"
            self.complain(tag.place, tag.source, said, f"写成 {{%{opener.part} {tag.word} … %}}")
        if tag.word in _CLOSED:
            opened.pop()
        elif after_else or (tag.word == "elif" and opener.word == "for"):
            self.complain(tag.place, tag.source, "else 后面不能再有 else 或 elif")
        else:
            opened[-1] = (opener, tag.word == "else")


def _check_statement(word: str, rest: str, part: str) -> None:
    """Raises TagError for a statement that cannot be read."""
    if part and re.search(r"[}%]", rest):
        raise TagError(f"{{%{part} …%}} 里不能用 % 和 }}", "先用 {% set 名称 = … %} 算好")
    if word in ("for", "if", "elif"):
        word = "if" if word == "elif" else word
        (node,) = parse(f"{{% {word} {rest} %}}{{% end{word} %}}").body
        if getattr(node, "recursive", False):
            raise TagError("循环不能用 recursive")
    elif word == "set" and "=" in rest:
        parse(f"{{% set {rest} %}}")
    elif word in ("colspan", "cellbg"):
        parse(f"{{{{ {rest} }}}}")
    elif word not in ("else", "endfor", "endif", "vm", "hm") or rest:
        known = "for、if、elif、else、endfor、endif、set、vm、hm、colspan、cellbg"
        raise TagError(f"不支持 {{% {word} {rest} %}}", f"可用的有 {known}；宏、包含和导入不支持")


# Walking through a part


def _descendants(element: Element) -> Iterator[Element]:
    for child in element.elements():
        yield child
        yield from _descendants(child)


def _own(paragraph: Element) -> Iterator[Element]:
    """What is in a paragraph, without the paragraphs of a text box inside it."""
    for child in paragraph.elements():
        if child.tag != "w:p":
            yield child
            yield from _own(child)


def _paragraphs(element: Element, place: str, row=None, cell=None) -> Iterator[tuple[_Spot, Element]]:
    """Every paragraph below an element in document order; paragraphs and tables are counted from 1 in each surrounding."""
    counts = {"p": 0, "tbl": 0}

    def walk(parent: Element) -> Iterator[tuple[_Spot, Element]]:
        for child in parent.elements():
            if child.tag == "w:p":
                counts["p"] += 1
                # A paragraph of a cell is told by its cell.
                spot = _Spot(place if cell is not None else f"{place}第{counts['p']}段", row, cell)
                yield spot, child
                for box in _boxes(child):
                    yield from _paragraphs(box, f"{spot.place}的文本框")
            elif child.tag == "w:tbl":
                counts["tbl"] += 1
                for y, table_row in enumerate(_through(child, "w:tr"), 1):
                    for x, table_cell in enumerate(_through(table_row, "w:tc"), 1):
                        inside = f"{place}{'里的' * (cell is not None)}表{counts['tbl']}第{y}行第{x}列"
                        yield from _paragraphs(table_cell, inside, table_row, table_cell)
            else:
                yield from walk(child)

    yield from walk(element)


def _boxes(paragraph: Element) -> Iterator[Element]:
    for child in _own(paragraph):
        if child.tag == "w:txbxContent":
            yield child


def _through(parent: Element, tag: str) -> Iterator[Element]:
    """Children of a kind, also inside content controls and tracked insertions."""
    for child in parent.elements():
        if child.tag == tag:
            yield child
        elif child.tag not in ("w:tbl", "w:tc", "w:p"):
            yield from _through(child, tag)
