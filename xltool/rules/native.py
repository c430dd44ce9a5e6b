"""A rule as a native Excel formula, for workbooks that work with no add-in.

Only functions of Excel 2010 are used (no IFS, no IFNA), so WPS and LibreOffice compute it too. Excel's own AND and OR let #N/A
win over a known answer and know no Kleene logic; a CHOOSE over 0 (no), 1 (unknown), 2 (yes) does, without writing any part twice.
"""
from __future__ import annotations

from collections.abc import Mapping

from .arithmetic import MONEY_DIGITS
from .formula import Array, Binary, Bool, Call, Name, Node, Number, Text, Unary, canonical


def native(node: Node, references: Mapping[str, str]) -> str:
    """Excel text (without `=`) of a formula, each fact replaced by the text that refers to it.

    A reference must give #N/A where the fact is missing, e.g. a cell that holds =NA(), or `IF(B2="",NA(),B2)`.

    >>> from .formula import parse
    >>> native(parse("IFNA(项目总投入,0)>=5000"), {"项目总投入": "B2"})
    'IF(ISNA(B2),0,B2)>=5000'
    """
    return _Writer(references).text(node)


def native_amount(node: Node, references: Mapping[str, str]) -> str:
    """Excel text of an amount, rounded to the fen as the engine's answers are."""
    return f"ROUND({native(node, references)},{MONEY_DIGITS})"


class _Writer:
    def __init__(self, references: Mapping[str, str]) -> None:
        self.references = references

    def text(self, node: Node) -> str:
        if isinstance(node, Name):
            return self.references[node.name]
        if isinstance(node, (Number, Text, Bool, Array)):
            return "TRUE()" if node == Bool(True) else "FALSE()" if node == Bool(False) else canonical(node)
        if isinstance(node, Unary):
            return f"-{self.part(node.operand)}" if node.op == "-" else f"{self.part(node.operand)}%"
        if isinstance(node, Binary):
            return self.binary(node)
        return self.call(node)

    def part(self, node: Node) -> str:
        """An operand; everything compound in parentheses, so that precedence never matters."""
        text = self.text(node)
        return f"({text})" if isinstance(node, (Binary, Unary)) else text

    def binary(self, node: Binary) -> str:
        text = f"{self.part(node.left)}{node.op}{self.part(node.right)}"
        # Where Excel has other errors the engine has #N/A: nothing divided by zero is an amount.
        return f"IFERROR({text},NA())" if node.op in ("/", "^") else text

    def call(self, node: Call) -> str:
        name, args = node.function, node.args
        if name in ("AND", "OR"):
            return self.settle(node)
        texts = [self.text(arg) for arg in args]
        if name == "IF":
            return f"IF({','.join(texts)})"
        if name == "IFS":
            return "".join(f"IF({test},{branch}," for test, branch in zip(texts[::2], texts[1::2])) + "NA()" + ")" * (
                len(texts) // 2)
        if name == "IFNA":
            return f"IF(ISNA({texts[0]}),{texts[1]},{texts[0]})"
        plain = f"{name}({','.join(texts)})"
        if name in ("DATE", "EDATE", "YEAR", "MONTH", "DATEDIF"):
            return f"IFERROR({plain},NA())"
        return plain

    def settle(self, node: Call) -> str:
        members = [member for arg in node.args for member in _members(arg, node.function)]
        if len(members) == 1:
            return self.text(members[0])
        if _one_fact(members):
            return f"{node.function}({','.join(self.text(member) for member in members)})"
        marks = ",".join(f"IFERROR(IF({self.text(member)},2,0),1)" for member in members)
        return f"CHOOSE(1+{'MIN' if node.function == 'AND' else 'MAX'}({marks}),FALSE(),NA(),TRUE())"


def _members(arg: Node, function: str) -> list[Node]:
    """x={"a","b"} as the comparisons it stands for."""
    if isinstance(arg, Binary) and isinstance(arg.right, Array):
        return [Binary(arg.op, arg.left, item) for item in arg.right.items]
    return [arg]


def _one_fact(members: list[Node]) -> bool:
    """Whether all members compare one fact with constants: then all are #N/A or none, and Excel's own AND and OR will do."""
    return all(isinstance(member, Binary) and isinstance(member.left, Name) and isinstance(member.right, (Number, Text))
               and member.left == members[0].left for member in members)
