"""The same rules over columns: many projects of one programme at once, in numpy (imported with this module only).

Answers are exactly those of the plain Python evaluator. Numbers and dates are float64 with NaN for a missing fact; truth values are
int8 with 0 no, 1 unknown, 2 yes, so that Kleene's AND is a minimum, OR a maximum and NOT 2 - x; a choice is the index of its text
with -1 for missing; free text is an array of objects. Work goes in blocks that stay in the processor's cache. Formulas that build
texts or overflow are rare and go row by row.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from . import serial
from .arithmetic import MONEY_DIGITS, MOST_NEAR, NEAR
from .assess import ELIGIBLE, INELIGIBLE, OPEN, Assessment, assess
from .check import BOOL, MONEY, NUMBER, TEXT, Type, infer
from .evaluate import Value, compile_scalar
from .facts import MISSING, SERIALS, choice_key
from .formula import COMPARISONS, TOO_BIG, Array, Binary, Call, Name, Node, Number, Text, Unary, children, names
from .model import SUBSIDY, Field, Formula, Programme

BLOCK = 1 << 15
NO, UNKNOWN, YES = np.int8(0), np.int8(1), np.int8(2)
VERDICTS = (INELIGIBLE, OPEN, ELIGIBLE)  # by Results.verdict

MONEY_TYPE = Type(NUMBER, MONEY)

Block = Mapping[str, np.ndarray]
ColumnEvaluator = Callable[[Block], np.ndarray]


def read_column(values: Sequence[object] | np.ndarray, field: Field) -> np.ndarray:
    """A column of typed values (numbers, dates, truth values, texts; None or NaN: missing) in the form formulas use.

    Raises ValueError for a choice that is not one of the field's, a day that is no date, or a number below zero where there can be
    none.
    """
    if field.kind in _NUMBERS:
        column = np.array(values, dtype=np.float64)
        if (field.kind in ("金额", "数量") and (column < 0).any()) or (np.abs(column) >= TOO_BIG).any():
            raise ValueError(f"“{field.name}”有负数或无穷大")
        return _round(column, MONEY_DIGITS) if field.kind in ("金额", "盈亏") else column
    if field.kind == "日期":
        days = np.floor(_dates(values))
        if (days < SERIALS[0]).any() or (days >= SERIALS[1]).any():
            raise ValueError(f"“{field.name}”有不是日期的数")
        return days
    if field.kind == "是否":
        return _truth_values(values)
    if field.kind == "选项":
        return _choices(values, field)
    values = [None if value is None or value != value else value for value in values]
    texts = [None if value is None or str(value).strip() in MISSING else str(value).strip() for value in values]
    return np.array([*texts, None], dtype=object)[:-1]


def _truth_values(values: Sequence[object] | np.ndarray) -> np.ndarray:
    array = np.ascontiguousarray(values)
    if array.dtype == bool:
        return array.astype(np.int8) * YES
    if array.dtype == object and array.ndim == 1 and array.size:
        # There is one True, one False, one None: to compare addresses takes a tenth of the time of asking each object.
        address = np.frombuffer(array, np.intp)
        yes, unknown = address == id(True), address == id(None)
        if (yes | unknown | (address == id(False))).all():
            return _code(yes, unknown)
    codes = {True: YES, False: NO, None: UNKNOWN}
    return np.fromiter((codes[None if value != value else value] for value in values), np.int8, len(values))


def _choices(values: Sequence[object] | np.ndarray, field: Field) -> np.ndarray:
    known = {choice: index for index, choice in enumerate(field.choices)}
    codes = {**known, None: -1, "": -1}
    try:  # nearly always every text is as the guideline writes it
        return np.fromiter(map(codes.__getitem__, values), np.int16, len(values))
    except KeyError:
        values = [None if value is None or value != value else value for value in values]
    for value in set(values) - set(codes):
        near = [index for choice, index in known.items() if choice_key(choice) == choice_key(value)]
        if not near:
            raise ValueError(f"“{value}”不是“{field.name}”的选项")
        codes[value] = near[0]
    return np.fromiter(map(codes.__getitem__, values), np.int16, len(values))


def _dates(values: Sequence[object] | np.ndarray) -> np.ndarray:
    array = np.asarray(values)
    if np.issubdtype(array.dtype, np.datetime64):
        days = array.astype("datetime64[D]")
        return np.where(np.isnat(days), np.nan, days.astype(np.int64) + _UNIX)
    if array.dtype == object:
        return np.array([np.nan if value is None else serial.from_date(value) if hasattr(value, "toordinal") else float(value)
                         for value in values])
    return array.astype(np.float64)


_UNIX = int(serial.serial(1970, 1, 1))
_NUMBERS = ("金额", "盈亏", "数量", "比例")


@dataclass(frozen=True)
class Results:
    """Answers for n projects: `verdict` indexes VERDICTS; amounts are 万元 with NaN for unknown, None where not stated.

    `statuses` (conditions × n, 0 no, 1 unknown, 2 yes) keeps the reasons; `assessment(i)` puts those of a project into words.
    """

    programme: Programme
    columns: Mapping[str, np.ndarray]
    verdict: np.ndarray
    ceiling: np.ndarray | None
    subsidy: np.ndarray | None
    first_payment: np.ndarray | None
    statuses: np.ndarray

    def facts(self, row: int) -> dict[str, Value]:
        """The facts of one project, as the plain evaluator takes them."""
        return _row(self.programme, self.columns, row)

    def assessment(self, row: int) -> Assessment:
        """One project's full answer, reasons included."""
        return assess(self.programme, self.facts(row))


def assess_columns(programme: Programme, columns: Mapping[str, np.ndarray]) -> Results:
    """Verdicts and amounts of many projects; `columns` as `read_column` makes them, a fact without a column is missing."""
    size = len(next(iter(columns.values()))) if columns else 0
    full = {name: columns[name] if name in columns else _missing(field, size) for name, field in programme.fields.items()}
    compiled = _Compiled(programme)
    statuses = np.empty((len(programme.conditions), size), np.int8)
    verdict = np.empty(size, np.int8)
    ceiling = np.empty(size) if programme.ceiling else None
    subsidy = np.empty(size) if programme.ceiling else None
    first = np.empty(size) if programme.ceiling and programme.first else None
    hard = [index for index, condition in enumerate(programme.conditions) if condition.hard]
    for begin in range(0, size, BLOCK):
        part = slice(begin, min(begin + BLOCK, size))
        block = {name: column[part] for name, column in full.items()}
        for index, rule in enumerate(compiled.conditions):
            statuses[index, part] = rule(block)
        verdict[part] = reduce(np.minimum, [statuses[index, part] for index in hard]) if hard else UNKNOWN
        if ceiling is not None:
            broken = verdict[part] == NO
            ceiling[part] = _round(compiled.ceiling(block), MONEY_DIGITS)
            subsidy[part] = np.where(broken, 0.0, ceiling[part])
            if first is not None:
                paid = _round(compiled.first({**block, SUBSIDY: subsidy[part]}), MONEY_DIGITS)
                first[part] = np.where(broken, 0.0, paid)
    return Results(programme, full, verdict, ceiling, subsidy, first, statuses)


class _Compiled:
    def __init__(self, programme: Programme) -> None:
        compiler = _Compiler(programme)
        self.conditions = [compiler.formula(condition.rule) for condition in programme.conditions]
        self.ceiling = compiler.formula(programme.ceiling) if programme.ceiling else None
        self.first = compiler.formula(programme.first) if programme.first else None


class _Compiler:
    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.types = {SUBSIDY: MONEY_TYPE, **{name: field.type for name, field in programme.fields.items()}}

    def formula(self, formula: Formula) -> ColumnEvaluator:
        slow = self.row_by_row(formula)
        if _builds_text(formula.node, self.types):
            return slow
        fast = self.compile(formula.node)

        def evaluate(block: Block) -> np.ndarray:
            try:
                with np.errstate(over="raise"):
                    return fast(block)
            except FloatingPointError:
                return slow(block)
        return evaluate

    def row_by_row(self, formula: Formula) -> ColumnEvaluator:
        kind, _ = infer(formula.node, self.types)

        def evaluate(block: Block) -> np.ndarray:
            values = [formula.evaluate(_row(self.programme, block, row)) for row in range(_size(block))]
            if kind and kind.kind == BOOL:
                return np.array([UNKNOWN if value is None else YES if value else NO for value in values], np.int8)
            return np.array([np.nan if value is None else value for value in values])
        return evaluate

    def compile(self, node: Node) -> ColumnEvaluator:
        if not names(node):
            return self.constant(node)
        if isinstance(node, Name):
            name = node.name
            return lambda block: block[name]
        if isinstance(node, Unary):
            operand = self.compile(node.operand)
            return (lambda block: operand(block) / 100.0) if node.op == "%" else (lambda block: -operand(block))
        if isinstance(node, Binary):
            return self.comparison(node) if node.op in COMPARISONS else self.arithmetic(node)
        return getattr(self, "call_" + node.function.lower())(node)

    def constant(self, node: Node) -> ColumnEvaluator:
        value = compile_scalar(node)({})
        kind, _ = infer(node, {})
        if isinstance(value, bool) or (value is None and kind and kind.kind == BOOL):
            code = UNKNOWN if value is None else YES if value else NO
            return lambda block: np.full(_size(block), code, np.int8)
        number = np.float64(np.nan if value is None else value)
        return lambda block: number

    def arithmetic(self, node: Binary) -> ColumnEvaluator:
        operate = _ARITHMETIC[node.op]
        left, right = self.compile(node.left), self.compile(node.right)
        return lambda block: operate(left(block), right(block))

    def comparison(self, node: Binary) -> ColumnEvaluator:
        if isinstance(node.right, Array):
            each = [self.comparison(Binary(node.op, node.left, item)) for item in node.right.items]
            join = np.maximum if node.op == "=" else np.minimum
            return lambda block: reduce(join, [test(block) for test in each])
        kind, _ = infer(node.left, self.types)
        if kind and kind.kind == TEXT:
            return self.choice(node)
        left, right = self.compile(node.left), self.compile(node.right)
        if kind and kind.kind == BOOL:
            return lambda block: _truths(left(block), right(block), node.op)
        compare = _COMPARE[node.op]
        return lambda block: _three(compare, left(block), right(block))

    def choice(self, node: Binary) -> ColumnEvaluator:
        fact, literal = (node.left, node.right) if isinstance(node.left, Name) else (node.right, node.left)
        index = self.types[fact.name].choices.index(literal.value)
        same = node.op == "="
        return lambda block: _code((block[fact.name] == index) == same, block[fact.name] < 0)

    def many(self, node: Call, join: Callable) -> ColumnEvaluator:
        parts = [self.compile(arg) for arg in node.args]
        return lambda block: reduce(join, [part(block) for part in parts])

    # Kleene's AND and OR over 0, 1, 2 are MIN and MAX; NaN spreads through numpy's minimum and maximum.
    def call_and(self, node: Call) -> ColumnEvaluator:
        return self.many(node, np.minimum)

    def call_or(self, node: Call) -> ColumnEvaluator:
        return self.many(node, np.maximum)

    call_min, call_max = call_and, call_or

    def call_sum(self, node: Call) -> ColumnEvaluator:
        return self.many(node, np.add)

    def call_not(self, node: Call) -> ColumnEvaluator:
        operand = self.compile(node.args[0])
        return lambda block: YES - operand(block)

    def call_if(self, node: Call) -> ColumnEvaluator:
        test, yes = map(self.compile, node.args[:2])
        no = self.compile(node.args[2]) if len(node.args) == 3 else lambda block: NO
        return lambda block: _choose(test(block), yes(block), no(block))

    def call_ifs(self, node: Call) -> ColumnEvaluator:
        parts = [self.compile(arg) for arg in node.args]

        def ifs(block: Block) -> np.ndarray:
            pairs = [(test(block), branch(block)) for test, branch in zip(parts[::2], parts[1::2])]
            return reduce(lambda rest, pair: _choose(pair[0], pair[1], rest), reversed(pairs), _unknown(pairs[0][1]))
        return ifs

    def call_ifna(self, node: Call) -> ColumnEvaluator:
        value, instead = map(self.compile, node.args)

        def ifna(block: Block) -> np.ndarray:
            found = value(block)
            return np.where(_is_unknown(found), instead(block), found)
        return ifna

    def call_round(self, node: Call) -> ColumnEvaluator:
        digits = compile_scalar(node.args[1])({})
        value = self.compile(node.args[0])
        return lambda block: _round(value(block), int(digits))

    def call_abs(self, node: Call) -> ColumnEvaluator:
        value = self.compile(node.args[0])
        return lambda block: np.abs(value(block))

    def call_int(self, node: Call) -> ColumnEvaluator:
        value = self.compile(node.args[0])
        return lambda block: _floor(value(block))

    def on_dates(self, node: Call, function: Callable[..., float | None], *rest: object) -> ColumnEvaluator:
        """Calendar functions go value by value through the plain evaluator's own, once per different value."""
        parts = [self.compile(arg) for arg in node.args if not isinstance(arg, Text)]

        def evaluate(block: Block) -> np.ndarray:
            stacked = np.stack([np.broadcast_to(part(block), _size(block)) for part in parts])
            unique, inverse = np.unique(stacked, axis=1, return_inverse=True)
            answers = [function(*map(float, column)) if not np.isnan(column).any() else None for column in unique.T]
            return np.array([np.nan if answer is None else answer for answer in answers])[inverse.reshape(-1)]
        return evaluate

    def call_date(self, node: Call) -> ColumnEvaluator:
        return self.on_dates(node, lambda *parts: compile_scalar(Call("DATE", tuple(map(Number, parts))))({}))

    call_edate = call_year = call_month = lambda self, node: self.on_dates(
        node, lambda *parts: compile_scalar(Call(node.function, tuple(map(Number, parts))))({}))

    def call_datedif(self, node: Call) -> ColumnEvaluator:
        return self.on_dates(node, lambda a, b: compile_scalar(Call("DATEDIF", (Number(a), Number(b), node.args[2])))({}))


def _size(block: Block) -> int:
    return len(next(iter(block.values())))


def _row(programme: Programme, columns: Block, row: int) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    for name, column in columns.items():
        value = column[row]
        field = programme.fields.get(name)
        if field is None or field.kind in (*_NUMBERS, "日期"):  # the one name that is no field is 补助
            facts[name] = None if np.isnan(value) else float(value)
        elif field.kind == "是否":
            facts[name] = None if value == UNKNOWN else bool(value == YES)
        elif field.kind == "选项":
            facts[name] = None if value < 0 else field.choices[value]
        else:
            facts[name] = value
    return {name: value for name, value in facts.items() if value is not None}


def _missing(field: Field, size: int) -> np.ndarray:
    if field.kind == "是否":
        return np.full(size, UNKNOWN, np.int8)
    if field.kind == "文字":
        return np.full(size, None)
    return np.full(size, -1, np.int16) if field.kind == "选项" else np.full(size, np.nan)


def _builds_text(node: Node, types: Mapping[str, Type]) -> bool:
    """Whether texts meet in another way than a choice compared with one of its choices."""
    if isinstance(node, Binary):
        kind, _ = infer(node.left, types)
        if node.op == "&":
            return True
        if kind and kind.kind == TEXT:
            fact, literal = (node.left, node.right) if isinstance(node.left, Name) else (node.right, node.left)
            return not (isinstance(fact, Name) and types[fact.name].choices and isinstance(literal, (Text, Array)))
    return any(_builds_text(child, types) for child in children(node))


def _code(truth: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    # "greater" of truth values is "and not".
    return np.greater(truth, unknown).view(np.int8) * YES | unknown.view(np.int8)


def _three(compare: Callable, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return _code(compare(left, right), np.isnan(left) | np.isnan(right))


def _truths(left: np.ndarray, right: np.ndarray, op: str) -> np.ndarray:
    return np.where((left == UNKNOWN) | (right == UNKNOWN), UNKNOWN, ((left == right) == (op == "=")) * YES).astype(np.int8)


def _is_unknown(value: np.ndarray) -> np.ndarray:
    return value == UNKNOWN if np.asarray(value).dtype == np.int8 else np.isnan(value)


def _unknown(like: np.ndarray) -> np.ndarray:
    return UNKNOWN if np.asarray(like).dtype == np.int8 else np.float64(np.nan)


def _choose(test: np.ndarray, yes: np.ndarray, no: np.ndarray) -> np.ndarray:
    return np.where(test == YES, yes, np.where(test == NO, no, _unknown(yes)))


def _divide(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    left, right = np.broadcast_arrays(left, right)
    return np.divide(left, right, out=np.full(left.shape, np.nan), where=right != 0)


def _power(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    # numpy's own power may differ from Python's in the last bit; powers are rare.
    left, right = np.broadcast_arrays(left, right)
    power = compile_scalar(Binary("^", Name("a"), Name("b")))
    answers = [power({"a": None if a != a else float(a), "b": None if b != b else float(b)}) for a, b in zip(left, right)]
    return np.array([np.nan if answer is None else answer for answer in answers])


def _round(value: np.ndarray, digits: int) -> np.ndarray:
    """`arithmetic.round_half_away` on a column."""
    scale = 10.0 ** abs(digits)
    with np.errstate(over="ignore"):
        size = np.abs(value) * scale if digits >= 0 else np.abs(value) / scale
    whole = np.floor(size + np.minimum(size * NEAR, MOST_NEAR) + 0.5)
    rounded = np.copysign(whole / scale if digits >= 0 else whole * scale, value)
    return np.where(size >= 2.0**52, value, rounded)


def _floor(value: np.ndarray) -> np.ndarray:
    """`arithmetic.floor` on a column."""
    return np.floor(value + np.abs(value) * NEAR)


def _difference(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """`arithmetic.difference` on columns."""
    result = left - right
    return np.where(np.abs(result) <= np.abs(right) * NEAR, 0.0, result)


_ARITHMETIC = {"+": lambda a, b: _difference(a, -b), "-": _difference, "*": np.multiply, "/": _divide, "^": _power}
_COMPARE = {
    "=": lambda a, b: np.abs(a - b) <= np.abs(b) * NEAR, "<>": lambda a, b: np.abs(a - b) > np.abs(b) * NEAR,
    ">=": lambda a, b: a >= b - np.abs(b) * NEAR, ">": lambda a, b: a > b + np.abs(b) * NEAR,
    "<=": lambda a, b: a <= b + np.abs(b) * NEAR, "<": lambda a, b: a < b - np.abs(b) * NEAR,
}
