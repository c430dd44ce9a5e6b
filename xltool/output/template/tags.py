"""The tags of a template: docxtpl's language for rows and cells, read into jinja2 syntax trees.

Expressions run in a bounded sandbox (`sandbox`) with strict names. Only if, for and set are allowed inside a cell; macros,
imports and includes are refused, and so are docxtpl's tags for columns and paragraphs.
"""

import re
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.runtime import Undefined

from .sandbox import BOUNDED, Sandbox
from .values import RUN_MARK, Unfit, plain_text
from .wording import FILTERS

_ROW_TAG = re.compile(r"\{%[-+]?\s*tr\s+(?P<keyword>\w+)(?P<rest>.*?)[-+]?%\}", re.DOTALL)
_ROW_TAG_START = re.compile(r"\{%[-+]?\s*tr\b")
_CELL_TAG = re.compile(r"\s*\{%[-+]?\s*(vm|fit)\s*[-+]?%\}")
_WIDE_BRACES = re.compile(r"｛[{｛%％#＃]|\{[｛％＃]")
_WIDE_SIGNS = (
    ("“”‘’", "标签里的引号要用英文引号"),
    ("｛｝％", "标签的大括号和百分号要用英文符号"),
    ("，（）：｜", "标签里的逗号、括号、冒号、竖线要用英文符号"),
)
_ODD_NAME = re.compile(r"\{\{\s*((?:[^\W_a-zA-Z]|[（）、，：；—\s/])+)\}\}")  # a heading as it stands in a list
_ANY_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_IN_A_CELL = (nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.AssignBlock, nodes.Expr)

FOR, IF, ELIF, ELSE, ENDFOR, ENDIF = "for", "if", "elif", "else", "endfor", "endif"


class TagError(ValueError):
    """A tag that cannot be read; the message and `fix` are for the template's author."""

    def __init__(self, message: str, fix: str = ""):
        super().__init__(message)
        self.fix = fix


def refuse_wide_braces(text: str) -> None:
    """Raises TagError for ｛｛ … ｝｝, which would be printed as it stands."""
    if found := _WIDE_BRACES.search(text):
        raise TagError(f"“{found[0]}”是全角符号，不会当作标签", "标签用英文的大括号和百分号：{{ 名称 }}、{%tr for … %}")


def _cell_text(values) -> str:
    """The text of a cell made of several pieces."""
    return "".join([_known(value) for value in values])


def _known(value) -> str:
    if isinstance(value, Undefined):
        str(value)  # raises, naming what is missing
    return plain_text(value)


def _run_text(value) -> str:
    text = _known(value)
    if RUN_MARK in text:
        raise Unfit(repr(text[:20]), "文字里有 XML 不允许的字符 U+FFFF")
    return text


def _header_text(value) -> str:
    return _known(value).replace("&", "&&")


def _environment() -> Sandbox:
    # Not optimized: constants must stay expressions, since they are yielded as values in their order.
    sandbox = Sandbox(undefined=StrictUndefined, optimized=False, keep_trailing_newline=True, autoescape=False)
    sandbox.globals.pop("lipsum", None)
    sandbox.filters.update(_cell_text=_cell_text, _known=_known, _run_text=_run_text, _header_text=_header_text)
    # docxtpl's users write {{ x|e }}; here every value is text and is escaped on its way out.
    sandbox.filters.update(dict.fromkeys(("e", "escape", "forceescape", "safe"), _itself))
    sandbox.filters.update(FILTERS)
    sandbox.filters.update(BOUNDED)
    return sandbox


def _itself(value):
    return value


SANDBOX = _environment()


@dataclass(frozen=True, slots=True)
class RowTag:
    """`{%tr …%}`: what it does, and its syntax tree where it has one."""

    keyword: str
    source: str
    node: nodes.Node | None = None


def read_row_tag(text: str) -> RowTag | None:
    """The row tag that fills a cell, None if there is none; raises TagError if it is not alone or not readable."""
    if not _ROW_TAG_START.search(text):
        return None
    match = _ROW_TAG.fullmatch(text.strip())
    if not match or "%}" in match["rest"]:
        raise TagError("{%tr …%} 要独占一个单元格，一行只放一个", "把标签移到单独的一行，每行一个")
    keyword, rest = match["keyword"], match["rest"].strip()
    if keyword in (FOR, IF, ELIF):
        closing = ENDFOR if keyword == FOR else ENDIF
        word = IF if keyword == ELIF else keyword
        (node,) = parse(f"{{% {word} {rest} %}}{{% {closing} %}}").body
        if getattr(node, "recursive", False):
            raise TagError("循环不能用 recursive")
        return RowTag(keyword, match[0], node)
    if keyword not in (ELSE, ENDFOR, ENDIF) or rest:
        raise TagError("{%tr 后面只能是 for、if、elif、else、endif、endfor", "例如 {%tr for p in projects %}")
    return RowTag(keyword, match[0])


def parse(text: str) -> nodes.Template:
    """The syntax tree of a text with tags; raises TagError."""
    try:
        tree = SANDBOX.parse(text)
    except TemplateSyntaxError as error:
        raise TagError(f"模板语法不对（{error.message}）", _hint(text, error.message or "")) from None
    except (RecursionError, SyntaxError, OverflowError, ValueError) as error:
        raise TagError(f"模板语法不对（{error}）") from None
    for kind, known, label in ((nodes.Filter, SANDBOX.filters, "过滤器"), (nodes.Test, SANDBOX.tests, "判断")):
        for node in tree.find_all(kind):
            if node.name not in known:
                raise TagError(f"没有名为 {node.name} 的{label}", f"可用的有 {nearest(node.name, known)} …")
    return tree


def nearest(name: str, known) -> str:
    """Some of the known names, the most similar ones first."""
    public = sorted(str(each) for each in known if not str(each).startswith("_"))
    close = get_close_matches(name, public, 3, 0.5)
    return "、".join((close + [each for each in public if each not in close])[:8])


def _hint(text: str, message: str) -> str:
    if _ODD_NAME.fullmatch(text):
        return "名称里的标点和空格去掉，以数字开头的前面加“列”，如 {{ 县市区 }}、{{ 列2025年收入 }}"
    for marks, advice in _WIDE_SIGNS:
        if any(mark in text for mark in marks):
            return advice
    if re.search(r"\{%[-+]?\s*(tc|p|r|hm|colspan|cellbg)\b", text):
        return "表格模板只有 {{ … }}、{%tr …%}、{% vm %} 和 {% fit %} 几种标签"
    if "end of" in message or "never closed" in message or "endfor" in message:
        return "跨行的循环请写成 {%tr for … %}，标签要成对"
    return "写法例如 {{ p.name }}"


@dataclass(frozen=True)
class Slot:
    """A cell (or header text) with tags: its syntax tree and how its value becomes a cell.

    `formats` holds the rich text properties (XML) the value's runs take; empty for a cell without runs of its own.
    """

    source: str
    body: list[nodes.Node] = field(repr=False)
    merge: bool = False
    fit: bool = False
    formats: tuple[str, ...] = ()
    text_filter: str = "_known"

    @cached_property
    def typed(self) -> bool:
        """Whether the cell is exactly one expression, so that the value keeps its type."""
        return self.text_filter == "_known" and len(self._written) == 1 and not self._is_text(self._written[0])

    @cached_property
    def _written(self) -> list[nodes.Node]:
        """The pieces of a cell without statements, spaces around a lone expression left out; else nothing."""
        if any(not isinstance(node, nodes.Output) for node in self.body):
            return []
        written = [child for node in self.body for child in node.nodes]
        meant = [child for child in written if not (self._is_text(child) and not child.data.strip())]
        return meant if len(meant) == 1 and not self._is_text(meant[0]) else written

    @staticmethod
    def _is_text(node: nodes.Node) -> bool:
        return isinstance(node, nodes.TemplateData)

    def program(self, name: str) -> tuple[list[nodes.Node], nodes.Expr]:
        """Statements to run first (they may set `name`), and the expression of the value."""
        if self.typed:
            return [], self._written[0]
        if self._written:
            pieces = [nodes.Const(n.data) if self._is_text(n) else _filtered(n, self.text_filter) for n in self._written]
            return [], nodes.Filter(nodes.List(pieces), "_cell_text", [], [], None, None)
        block = nodes.AssignBlock(nodes.Name(name, "store"), None, [as_text(node, self.text_filter) for node in self.body])
        return [block], nodes.Name(name, "load")


def as_text(node: nodes.Node, name: str) -> nodes.Node:
    """The statement with every value it writes put through the filter of this name."""
    if isinstance(node, nodes.Output):
        return nodes.Output([n if isinstance(n, nodes.TemplateData) else _filtered(n, name) for n in node.nodes])
    if isinstance(node, nodes.For):
        parts = [[as_text(n, name) for n in part] for part in (node.body, node.else_)]
        return nodes.For(node.target, node.iter, parts[0], parts[1], node.test, node.recursive)
    if isinstance(node, nodes.If):
        body, orelse = ([as_text(n, name) for n in part] for part in (node.body, node.else_))
        return nodes.If(node.test, body, [as_text(n, name) for n in node.elif_], orelse)
    return node


def _filtered(node: nodes.Expr, name: str) -> nodes.Expr:
    return nodes.Filter(node, name, [], [], None, None)


def read_slot(runs: list[tuple[str, str]], header: bool = False) -> Slot:
    """The tags of a cell given as runs (properties XML, text); raises TagError."""
    source = text = "".join(text for _, text in runs)
    leading: set[str] = set()
    while found := _CELL_TAG.match(text):
        runs = _without(runs, found.end())
        text = text[found.end() :]
        if header or found[1] in leading:
            raise TagError(f"{{% {found[1]} %}} 一格只放一个，不能用在页眉页脚")
        leading.add(found[1])
    if found := _CELL_TAG.search(text):
        raise TagError(f"{{% {found[1]} %}} 只能放在单元格开头，一格一个")
    formats: tuple[str, ...] = ()
    text_filter = "_header_text" if header else "_known"
    if any(properties for properties, _ in runs):
        slot = _slot(source, text, leading, (), text_filter)
        if slot.typed:
            return replace(slot, formats=(_run_of_first_tag(runs),))
        formats, text = tuple(properties for properties, _ in runs), _with_run_marks(runs)
        text_filter = "_run_text"
    return _slot(source, text, leading, formats, text_filter)


def _slot(source: str, text: str, leading: set[str], formats: tuple[str, ...], text_filter: str) -> Slot:
    body = parse(text).body
    for node in body:
        for child in [node, *node.find_all(nodes.Node)]:
            if isinstance(child, nodes.Stmt) and not isinstance(child, _IN_A_CELL):
                raise TagError("单元格里只能用 {{ … }}、if、for、set", "宏、包含和导入不支持")
    return Slot(source, body, "vm" in leading, "fit" in leading, formats, text_filter)


def _without(runs: list[tuple[str, str]], length: int) -> list[tuple[str, str]]:
    left = []
    for properties, text in runs:
        cut = min(length, len(text))
        length -= cut
        left.append((properties, text[cut:]))
    return [run for run in left if run[1]]


def _run_of_first_tag(runs: list[tuple[str, str]]) -> str:
    position = _ANY_TAG.search("".join(text for _, text in runs)).start()
    letters = [properties for properties, text in runs for _ in text]
    return letters[position]


def _with_run_marks(runs: list[tuple[str, str]]) -> str:
    """The joined text with a mark where a run starts; a tag belongs to the run it starts in, and is repeated after
    every tag since an if may have skipped a mark."""
    text = "".join(text for _, text in runs)
    if RUN_MARK in text:
        raise TagError("文字里有 XML 不允许的字符 U+FFFF")
    starts, position = {}, 0
    for number, (_, piece) in enumerate(runs):
        starts[position] = number
        position += len(piece)
    marked, run = [], 0
    inside = {p for m in _ANY_TAG.finditer(text) for p in range(m.start() + 1, m.end())}
    ends = {m.end() for m in _ANY_TAG.finditer(text)}
    pending = True
    for position, letter in enumerate(text):
        if position in starts:
            run, pending = starts[position], True
        if (pending or position in ends) and position not in inside:
            marked.append(f"{RUN_MARK}{run}{RUN_MARK}")
            pending = False
        marked.append(letter)
    return "".join(marked)
