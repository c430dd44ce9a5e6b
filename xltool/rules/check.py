"""What can be told about a formula before any project is seen: names, types and units.

`infer` gives the type of a formula or lists every reason why it has none; `check_condition` and `check_amount` add what a rule
in its place must give. Reachability of branches is `domain`'s business.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import serial
from .formula import COMPARISONS, Array, Binary, Bool, Call, Name, Node, Number, Text, Unary, canonical, names
from .problems import Problem

# Kinds of values. Money, counts and shares are all numbers; the unit tells them apart.
NUMBER, DATE, BOOL, TEXT = "number", "date", "bool", "text"
KIND_NAMES = {NUMBER: "数值", DATE: "日期", BOOL: "是否", TEXT: "文字"}
RATIO = ""  # the unit of a share; None is a bare number, which takes the unit of what it meets
MONEY = "万元"
MOST_DIGITS = 9  # of ROUND
_UNITS = frozenset((MONEY, "年", "月", "天"))  # those that date functions give and money has; the rest comes from the facts


@dataclass(frozen=True, slots=True)
class Type:
    """A kind with the unit of a number and the texts a text can only be, where known."""

    kind: str
    unit: str | None = None
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind != NUMBER or self.unit is None:
            return KIND_NAMES[self.kind]
        return "金额（万元）" if self.unit == MONEY else "比例" if self.unit == RATIO else f"数值（{self.unit}）"


class _Checker:
    def __init__(self, types: Mapping[str, Type]) -> None:
        self.types = types
        self.problems: list[Problem] = []

    def report(self, code: str, node: Node, expected: str, fix: str = "") -> None:
        self.problems.append(Problem(code, canonical(node), expected, fix))

    def infer(self, node: Node) -> Type | None:
        if isinstance(node, Number):
            return self.number(node)
        if isinstance(node, Text):
            return Type(TEXT, None, (node.value,))
        if isinstance(node, Bool):
            return Type(BOOL)
        if isinstance(node, Name):
            return self.name(node)
        if isinstance(node, Unary):
            found = self.need(node.operand, NUMBER)
            return found and Type(NUMBER, RATIO if node.op == "%" else found.unit)
        if isinstance(node, Binary):
            return self.binary(node)
        if isinstance(node, Call):
            return self.call(node)
        self.report("rule.type", node, "花括号只能跟在 = 或 <> 后面", 'OR(行业={"化工","印染"})')
        return None

    def number(self, node: Number) -> Type | None:
        if node.unit is None or node.unit in _UNITS or any(known.unit == node.unit for known in self.types.values()):
            return Type(NUMBER, node.unit)
        found = canonical(node) + node.unit
        self.problems.append(Problem("rule.syntax", found, "不能作为条件里的数", f"请只写数和单位，如“项目总投入>={canonical(node)}”"))
        return None

    def name(self, node: Name) -> Type | None:
        if node.name in self.types:
            return self.types[node.name]
        near = nearest(node.name, self.types)
        self.report("rule.name", node, "没有这个字段", f"是不是“{'”“'.join(near)}”？" if near else "请先在字段表里登记")
        return None

    def need(self, node: Node, kind: str) -> Type | None:
        """The type of a part that must be of one kind."""
        found = self.infer(node)
        if found and found.kind != kind:
            self.report("rule.type", node, f"是{found}，此处应为{KIND_NAMES[kind]}")
            return None
        return found

    def same(self, node: Node, types: list[Type | None], what: str) -> Type | None:
        """The common type of parts that are compared, added or chosen between."""
        known = [found for found in types if found]
        if len(known) < len(types):
            return None
        first = known[0]
        for other in known[1:]:
            if other.kind != first.kind:
                self.report("rule.type", node, f"{first}不能和{other}{what}", "请检查字段的类型")
                return None
            if first.kind == TEXT:
                both = tuple(dict.fromkeys(first.choices + other.choices))
                first = Type(TEXT, None, both if first.choices and other.choices else ())
            elif first.unit is None:
                first = other
            elif other.unit is not None and other.unit != first.unit:
                self.report("rule.unit", node, f"{first}不能和{other}{what}", "请检查字段的单位")
                return None
        return first

    def binary(self, node: Binary) -> Type | None:
        if isinstance(node.right, Array):
            self.report("rule.type", node, "花括号只能用在 OR(…={…}) 或 AND(…<>{…}) 里", f"OR({canonical(node)})")
            return None
        if node.op in COMPARISONS:
            return self.comparison(node)
        if node.op == "&":
            left, right = self.infer(node.left), self.infer(node.right)
            return Type(TEXT) if left and right else None
        left, right = self.infer(node.left), self.infer(node.right)
        if left and right and DATE in (left.kind, right.kind):
            return self.date_arithmetic(node, left, right)
        for side, found in ((node.left, left), (node.right, right)):
            if found and found.kind != NUMBER:
                self.report("rule.type", side, f"是{found}，不能用来计算（{node.op}）")
                return None
        if not left or not right:
            return None
        if node.op in ("+", "-"):
            return self.same(node, [left, right], "相加减")
        return self.product(node, left, right) if node.op == "*" else self.quotient(node, left, right)

    def product(self, node: Binary, left: Type, right: Type) -> Type | None:
        units = {left.unit, right.unit} - {RATIO}
        if units == {MONEY} and RATIO not in (left.unit, right.unit):
            self.report("rule.unit", node, "金额不能乘以金额")
            return None
        if MONEY in units and units <= {MONEY, None}:
            return Type(NUMBER, MONEY)
        # So many units at so much each: the literal may carry any unit.
        return Type(NUMBER, units.pop() if len(units) == 1 and RATIO in (left.unit, right.unit) else None
                    if units else RATIO)

    def quotient(self, node: Binary, left: Type, right: Type) -> Type | None:
        if node.op == "^":
            if right.unit is not None or left.unit not in (None, RATIO):
                self.report("rule.unit", node, "只有没有单位的数可以乘方")
                return None
            return left
        if left.unit == right.unit:
            return Type(NUMBER, RATIO if left.unit is not None else None)
        return Type(NUMBER, left.unit if right.unit in (None, RATIO) else None)

    def date_arithmetic(self, node: Binary, left: Type, right: Type) -> Type | None:
        if left.kind == right.kind == DATE and node.op == "-":
            return Type(NUMBER, "天")
        if left.kind == DATE and right.kind == NUMBER and node.op in ("+", "-") and right.unit in (None, "天"):
            return Type(DATE)
        self.report("rule.type", node, f"{left}不能和{right}做“{node.op}”运算", "日期加减请用天数，或用 EDATE")
        return None

    def comparison(self, node: Binary) -> Type | None:
        for side in (node.left, node.right):
            if isinstance(side, Binary) and side.op in COMPARISONS:
                self.report("rule.type", node, "不能连着比较", "请写成 AND(…,…)")
                return None
        left, right = self.infer(node.left), self.infer(node.right)
        found = self.same(node, [left, right], "比较")
        if not found:
            return None
        if found.kind in (TEXT, BOOL) and node.op not in ("=", "<>"):
            self.report("rule.type", node, f"{found}不能比大小", "只能用 = 或 <>")
            return None
        self.share(node.left, left, node.right)
        self.share(node.right, right, node.left)
        if isinstance(node.left, Text):
            self.choice(node.right, right, node.left, left)
        else:
            self.choice(node.left, left, node.right, right)
        return Type(BOOL)

    def share(self, side: Node, known: Type, other: Node) -> None:
        """A share above 1 must be written with %: 占比>=60 is far from what was meant."""
        if isinstance(side, Name) and known.unit == RATIO and isinstance(other, Number) and not other.unit and other.value > 1:
            text = canonical(other)
            self.report("rule.unit", other, f"“{side.name}”是比例，{text} 就是 {canonical(Number(other.value * 100))}%", f"请写成 {text}%")

    def choice(self, side: Node, known: Type, other: Node, against: Type) -> None:
        """A choice may only be compared with what can be one of its choices."""
        if known.choices and against.choices and not set(known.choices) & set(against.choices):
            self.report("rule.type", other, f"不是“{canonical(side)}”的选项", "选项有：" + "、".join(known.choices))

    def membership(self, node: Binary) -> None:
        kind = self.infer(node.left)
        items = list(node.right.items)
        for item in items if kind else ():
            found = self.infer(item)
            if found and found.kind != kind.kind:
                self.report("rule.type", item, f"是{found}，{canonical(node.left)}是{kind}")
            elif found:
                self.choice(node.left, kind, item, found)

    def call(self, node: Call) -> Type | None:
        name, args = node.function, node.args
        if name in ("AND", "OR", "NOT"):
            for arg in args:
                if isinstance(arg, Binary) and isinstance(arg.right, Array) and arg.op == ("=" if name == "OR" else "<>"):
                    self.membership(arg)
                else:
                    self.need(arg, BOOL)
            return Type(BOOL)
        if name == "IF":
            self.need(args[0], BOOL)
            found = self.same(node, [self.infer(arg) for arg in args[1:]], "作为同一个 IF 的结果")
            if found and len(args) == 2 and found.kind != BOOL:
                self.report("rule.function", node, "IF 缺少条件不成立时的结果", "请补上第三个参数，如 0")
                return None
            return found
        if name == "IFS":
            for test in args[::2]:
                self.need(test, BOOL)
            return self.same(node, [self.infer(arg) for arg in args[1::2]], "作为同一个 IFS 的结果")
        if name in ("MIN", "MAX", "SUM", "IFNA"):
            found = self.same(node, [self.infer(arg) for arg in args], "放在同一个 " + name + " 里")
            if found and (found.kind in (TEXT, BOOL) or (name == "SUM" and found.kind == DATE)) and name != "IFNA":
                self.report("rule.type", node, f"{found}不能求 {name}")
                return None
            if name != "IFNA" and len(args) > 1 and sum(not names(arg) for arg in args) > 1:
                self.report("rule.function", node, f"{name} 里有两个常数", "请合并；千分位的逗号请去掉，如1500")
            return found
        if name in ("YEAR", "MONTH"):
            self.need(args[0], DATE)
            return Type(NUMBER, "年" if name == "YEAR" else "月")
        if name == "EDATE":
            self.need(args[0], DATE)
            months = self.need(args[1], NUMBER)
            if months and months.unit not in (None, "月", "个月"):
                self.report("rule.unit", args[1], f"是{months}，EDATE 的第二个参数应为月数", "年数请乘以12")
            return Type(DATE)
        if name == "DATEDIF":
            self.need(args[0], DATE)
            self.need(args[1], DATE)
            unit = args[2].value if isinstance(args[2], Text) else None
            if unit not in ("Y", "M", "D"):
                self.report("rule.function", args[2], 'DATEDIF 的第三个参数应为 "Y"、"M" 或 "D"')
                return None
            return Type(NUMBER, {"Y": "年", "M": "月", "D": "天"}[unit])
        types = [self.need(arg, NUMBER) for arg in args]
        if name == "DATE":
            if all(isinstance(arg, Number) for arg in args) and serial.serial(*(int(arg.value) for arg in args)) is None:
                self.report("rule.syntax", node, "没有这一天", "请写成 DATE(2025,6,30)")
            return Type(DATE)
        if name == "ROUND":
            digits = args[1].operand if isinstance(args[1], Unary) and args[1].op == "-" else args[1]
            if not isinstance(digits, Number) or digits.value not in range(MOST_DIGITS + 1):
                self.report("rule.function", args[1], f"ROUND 的小数位数应为-{MOST_DIGITS}到{MOST_DIGITS}的整数", "金额精确到分写6")
        return types[0]


def infer(node: Node, types: Mapping[str, Type]) -> tuple[Type | None, list[Problem]]:
    """The type of a formula over facts of the given types, and every problem found on the way."""
    checker = _Checker(types)
    found = checker.infer(node)
    return found, checker.problems


def check_condition(node: Node, types: Mapping[str, Type]) -> list[Problem]:
    """Problems of a formula that must give TRUE or FALSE."""
    found, problems = infer(node, types)
    if found and found.kind != BOOL:
        problems.append(Problem("rule.type", canonical(node), f"不能作为条件：结果是{found}，应为是或否",
                                "请写成“项目总投入>=1000”这样的比较"))
    return problems


def check_amount(node: Node, types: Mapping[str, Type]) -> list[Problem]:
    """Problems of a formula that must give 万元."""
    found, problems = infer(node, types)
    if found and (found.kind != NUMBER or found.unit not in (None, MONEY)):
        problems.append(Problem("rule.type" if found.kind != NUMBER else "rule.unit", canonical(node),
                                f"不能作为金额：结果是{found}，应为金额（万元）"))
    return problems


def check_text(node: Node, types: Mapping[str, Type]) -> list[Problem]:
    """Problems of a formula that must give a text."""
    found, problems = infer(node, types)
    if found and found.kind != TEXT:
        problems.append(Problem("rule.type", canonical(node), f"不能作为文字：结果是{found}", '请写成 IF(批复专项资金>=1000,"甲方","") 这样'))
    return problems


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...], most: int = 3) -> list[str]:
    """The known names most like a mistyped one (a suggestion, never a decision)."""
    import difflib
    return difflib.get_close_matches(name, list(known), most, 0.5)
