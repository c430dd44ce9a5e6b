"""The rule language: Excel formulas over named facts, as people type them into a cell.

`parse` reads the cell language (full-width signs, ≥ ≤ ≠ ×, thousands separators, 亿元/万元/元, written dates, 是/否) into a small
tree; `canonical` writes the tree as plain Excel text. Typing is forgiven, meaning never: whatever is not understood is a
`FormulaError`, so a malformed rule can never become one that silently does not match.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from .problems import Problem
from .serial import serial

MAX_LENGTH = 2000
MAX_DEPTH = 24  # parentheses within parentheses
MAX_HEIGHT = 100  # of the tree: a chain of operators nests too, and every walk over a tree is recursive
TOO_BIG = 1e15  # Excel keeps 15 digits

MONEY_UNITS = {"元": 1e-4, "千元": 0.1, "万元": 1.0, "百万元": 100.0, "亿元": 1e4}


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    unit: str | None = None  # None: a bare number takes the unit of what it meets


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Bool:
    value: bool


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Array:
    items: tuple[Number | Text, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    op: str  # "-" or "%"
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    args: tuple[Node, ...]


Node = Number | Text | Bool | Name | Array | Unary | Binary | Call

# name: (fewest, most) arguments
FUNCTIONS: dict[str, tuple[int, int]] = {
    "MIN": (1, 30), "MAX": (1, 30), "SUM": (1, 30), "IF": (2, 3), "IFS": (2, 30), "AND": (1, 30), "OR": (1, 30),
    "NOT": (1, 1), "IFNA": (2, 2), "ROUND": (2, 2), "ABS": (1, 1), "INT": (1, 1), "DATE": (3, 3), "EDATE": (2, 2),
    "YEAR": (1, 1), "MONTH": (1, 1), "DATEDIF": (3, 3),
}
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}  # what NOT makes of it
MIRROR = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}  # with its sides exchanged


class FormulaError(Exception):
    """A text that is not a formula; `problem` has no place yet."""

    def __init__(self, code: str, found: str, expected: str, fix: str = "") -> None:
        self.problem = Problem(code, found, expected, fix)
        super().__init__(str(self.problem))


# --- the cell language ------------------------------------------------------------------------------------------------

_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "≠": "<>", "×": "*", "÷": "/", "−": "-", "\u3000": " ",
                        "\u00a0": " ", "\n": " ", "\r": " ", "\t": " "})
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def half_width(text: str) -> str:
    """The text with full-width forms of ASCII signs, letters and digits made half-width."""
    return text.translate(_HALF)


def _plain(text: str) -> str:
    """Forgive typing outside quoted text; quoted text is kept to the letter."""
    out, position = [], 0
    while position < len(text):
        start = next((index for index in range(position, len(text)) if text[index] in _QUOTES), len(text))
        out.append(half_width(text[position:start]).translate(_SIGNS))
        position = start
        if start < len(text):
            end = _closing_quote(text, start)
            inner = text[start + 1:end].replace("＂", '"')
            out.append('"' + (inner if text[start] in _STRAIGHT else inner.replace('"', '""')) + '"')
            position = end + 1
    return "".join(out)


_STRAIGHT, _CURLY = '"＂', "“”"
_QUOTES = _STRAIGHT + _CURLY
_QUOTED = re.compile('["＂](?:[^"＂]|["＂]{2})*["＂]')


def _closing_quote(text: str, start: int) -> int:
    """Where the text that is quoted from `start` ends: straight quotes may hold curly ones, and curly ones a pair of their own."""
    if text[start] in _STRAIGHT:
        match = _QUOTED.match(text, start)
        end = match.end() - 1 if match else -1
    else:
        open_ends, end = 0, -1
        for index in range(start, len(text)):
            open_ends += {"“": 1, "”": -1}.get(text[index], 0)
            if text[index] == "”" and open_ends <= 0 and index > start:
                end = index
                break
        if end < 0:  # two quotes of one hand: the next one closes
            end = next((index for index in range(start + 1, len(text)) if text[index] in _CURLY), -1)
    if end < 0:
        raise FormulaError("rule.syntax", text, "引号不成对", "文字两边各写一个引号")
    return end


_TOKEN = re.compile(r"""
    (?P<space>\s+)
  | (?P<text>"(?:[^"]|"")*")
  | (?P<date>\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}(?!\w)|\d{4}/\d{1,2}/\d{1,2}(?!\w))
  | (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[^\W\d]\w*)
  | (?P<op><>|<=|>=|[-+*/^&=<>%(),{};])
""", re.VERBOSE)
_GROUPED = re.compile(r"(?<![\w.])[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d,.])")
_UNIT = re.compile(r"[^\W\d_]+|\s+(?:亿元|万元|元)(?!\w)")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    unit: str | None = None


def _tokens(text: str) -> Iterator[_Token]:
    position, calls, previous = 0, [], None
    while position < len(text):
        # A comma inside a call separates arguments; elsewhere it can only be a thousands separator.
        grouped = _GROUPED.match(text, position) if not any(calls) else None
        match = grouped or _TOKEN.match(text, position)
        if match is None:
            raise FormulaError("rule.syntax", text[position], f"公式里不能有这个字符（第{position + 1}个字）",
                               "请只用运算符、数字、日期、引号里的文字、字段名和函数")
        kind = "number" if grouped else match.lastgroup
        word, position = match.group(), match.end()
        if kind == "space":
            continue
        if word == "(":
            calls.append(previous is not None and previous.kind == "name")
        elif word == ")" and calls:
            calls.pop()
        elif word == "{":
            calls.append(True)
        elif word == "}" and calls:
            calls.pop()
        unit = None
        if kind == "number":
            if len(word) > 1 and word[0] == "0" and word[1].isdigit():
                raise FormulaError("rule.syntax", word, "数字不能以0开头", "括号里的逗号分隔参数，千分位请去掉逗号，如1000")
            if after := _UNIT.match(text, position):
                unit, position = after.group().strip(), after.end()
        previous = _Token(kind, word, unit)
        yield previous


# --- the parser -------------------------------------------------------------------------------------------------------

class _Parser:
    """Precedence climbing, as Excel: % binds before unary minus, before ^, * /, + -, &, comparison."""

    LEVELS = (COMPARISONS, ("&",), ("+", "-"), ("*", "/"), ("^",))

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.index = 0
        self.depth = 0

    def peek(self) -> str | None:
        if self.index < len(self.tokens):
            token = self.tokens[self.index]
            return token.text if token.kind == "op" else ""
        return None

    def take(self) -> _Token:
        if self.index >= len(self.tokens):
            raise FormulaError("rule.syntax", self.text, "公式没有写完", "请检查括号是否成对、运算符后面是否有内容")
        self.index += 1
        return self.tokens[self.index - 1]

    def expect(self, sign: str) -> None:
        found = self.peek()
        if found != sign:
            what = self.tokens[self.index].text if found is not None else self.text
            raise FormulaError("rule.syntax", what, f"此处应为“{sign}”", "请检查括号是否成对、逗号是否写全")
        self.index += 1

    def formula(self) -> Node:
        node = self.level(0)
        if self.index < len(self.tokens):
            rest = self.tokens[self.index]
            raise FormulaError("rule.syntax", rest.text, "公式后面有多余的内容", "每个单元格只写一个公式")
        return node

    def level(self, number: int) -> Node:
        if number == len(self.LEVELS):
            return self.unary()
        self.depth += number == 0
        if self.depth > MAX_DEPTH:
            raise FormulaError("rule.size", self.text[:40] + "…", f"公式嵌套超过{MAX_DEPTH}层", "请拆成几个条件")
        node = self.level(number + 1)
        while self.peek() in self.LEVELS[number]:
            op = self.take().text
            node = Binary(op, node, self.level(number + 1))
        self.depth -= number == 0
        return node

    def unary(self) -> Node:
        signs = []
        while self.peek() in ("-", "+"):
            signs.append(self.take().text)
            if len(signs) > MAX_DEPTH:
                raise FormulaError("rule.size", self.text[:40] + "…", f"公式嵌套超过{MAX_DEPTH}层", "请去掉多余的符号")
        node = self.atom()
        while self.peek() == "%":
            self.take()
            node = Unary("%", node)
        for sign in signs:
            node = Unary("-", node) if sign == "-" else node
        return node

    def atom(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "text":
            return Text(token.text[1:-1].replace('""', '"'))
        if token.kind == "date":
            return self.date(token.text)
        if token.kind == "name":
            return self.name(token.text)
        if token.text == "(":
            node = self.level(0)
            self.expect(")")
            return node
        if token.text == "{":
            return self.array()
        raise FormulaError("rule.syntax", token.text, "此处应为数字、日期、文字、字段名或函数", "请检查运算符两边是否都有内容")

    def number(self, token: _Token) -> Number:
        value = float(f"{float(token.text.replace(',', '')):.15g}")
        if value >= TOO_BIG:
            raise FormulaError("rule.syntax", token.text, "数字太大", "请检查位数和单位")
        if token.unit in MONEY_UNITS:
            return Number(_scaled(value, token.unit), "万元")
        if token.unit in ("万", "亿"):
            raise FormulaError("rule.syntax", token.text + token.unit, "看不出是金额还是数量", "请写成“2000万元”或“20000000”")
        return Number(value, token.unit)

    def date(self, text: str) -> Node:
        year, month, day = map(int, re.findall(r"\d+", text))
        if serial(year, month, day) is None:
            raise FormulaError("rule.syntax", text, "没有这一天", "请写成“2025-06-30”或 DATE(2025,6,30)")
        return Call("DATE", (Number(float(year)), Number(float(month)), Number(float(day))))

    def name(self, word: str) -> Node:
        upper = word.upper()
        if self.peek() == "(":
            if upper not in FUNCTIONS:
                raise FormulaError("rule.function", word, "没有这个函数", "可用的函数：" + " ".join(FUNCTIONS))
            return self.call(upper)
        if upper in ("TRUE", "FALSE") or word in ("是", "否"):
            return Bool(upper == "TRUE" or word == "是")
        return Name(word)

    def call(self, function: str) -> Call:
        self.expect("(")
        args = []
        if self.peek() != ")":
            args.append(self.level(0))
            while self.peek() == ",":
                self.take()
                args.append(self.level(0))
        self.expect(")")
        fewest, most = FUNCTIONS[function]
        if not fewest <= len(args) <= most or (function == "IFS" and len(args) % 2):
            count = f"{fewest}" if fewest == most else f"{fewest}到{most}"
            raise FormulaError("rule.function", f"{function}（{len(args)}个参数）",
                               f"{function} 应有{count}个参数" + ("，条件和结果成对" if function == "IFS" else ""),
                               "请检查逗号；千分位的逗号请去掉")
        return Call(function, tuple(args))

    def array(self) -> Array:
        items: list[Number | Text] = []
        while True:
            item = self.unary()
            if not isinstance(item, (Number, Text)):
                raise FormulaError("rule.syntax", canonical(item), "花括号里只能列文字或数字", '请写成 {"化工","印染"}')
            items.append(item)
            if self.peek() != ",":
                break
            self.take()
        self.expect("}")
        return Array(tuple(items))


def _scaled(value: float, unit: str) -> float:
    size = MONEY_UNITS[unit]
    # Division keeps 3000元 exactly 0.3 where a product with 1e-4 would not.
    return value * size if size >= 1 else value / round(1 / size)


def parse(text: str) -> Node:
    """The tree of a rule as typed into a cell.

    Raises FormulaError for whatever is not understood.

    >>> canonical(parse("项目总投入≥１亿元"))
    '项目总投入>=10000'
    """
    text = text.strip()
    if text.startswith(("=", "＝")):
        text = text[1:]
    if len(text) > MAX_LENGTH:
        raise FormulaError("rule.size", text[:40] + "…", f"公式超过{MAX_LENGTH}个字", "请拆成几个条件")
    plain = _plain(text).strip()
    if not plain:
        raise FormulaError("rule.syntax", text, "没有公式")
    node = _Parser(plain).formula()
    row, height = [node], 0
    while row:
        row, height = [child for part in row for child in children(part)], height + 1
        if height > MAX_HEIGHT:
            raise FormulaError("rule.size", text[:40] + "…", f"运算超过{MAX_HEIGHT}层", "请拆成几个条件，或改用 SUM、AND、OR")
    return node


# --- and back ---------------------------------------------------------------------------------------------------------

_PRECEDENCE = {op: level for level, ops in enumerate(_Parser.LEVELS) for op in ops}


def number_text(value: float) -> str:
    """A number in Excel's General form: no exponent for ordinary amounts, at most 15 digits."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    return format(Decimal(text), "f") if "e" in text else text


def canonical(node: Node, level: int = -1) -> str:
    """The tree as plain Excel text, with no more parentheses than needed."""
    if isinstance(node, Number):
        return number_text(node.value)
    if isinstance(node, Text):
        return '"' + node.value.replace('"', '""') + '"'
    if isinstance(node, Bool):
        return "TRUE" if node.value else "FALSE"
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Array):
        return "{" + ",".join(map(canonical, node.items)) + "}"
    if isinstance(node, Unary):
        inner = canonical(node.operand, len(_Parser.LEVELS))
        return f"-{inner}" if node.op == "-" else f"({inner})%" if isinstance(node.operand, Unary) else f"{inner}%"
    if isinstance(node, Call):
        return f"{node.function}({','.join(map(canonical, node.args))})"
    own = _PRECEDENCE[node.op]
    text = f"{canonical(node.left, own)}{node.op}{canonical(node.right, own + 1)}"
    return f"({text})" if own < level else text


def names(node: Node) -> tuple[str, ...]:
    """The facts a formula uses, each once, in order of appearance."""
    found: dict[str, None] = {}

    def walk(part: Node) -> None:
        if isinstance(part, Name):
            found[part.name] = None
        for child in children(part):
            walk(child)

    walk(node)
    return tuple(found)


def children(node: Node) -> tuple[Node, ...]:
    """The direct parts of a node."""
    if isinstance(node, Unary):
        return (node.operand,)
    if isinstance(node, Binary):
        return (node.left, node.right)
    return node.args if isinstance(node, Call) else ()
