"""Verdicts and amounts of many projects at once, without numpy: a cell, a condition or an amount is worked out once for each different
value, since a column repeats itself and a sheet asks for the same again. The answers are those of `rules.assess`; a test holds them together.
"""
from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property

from ..rules.arithmetic import money
from ..rules.assess import ELIGIBLE, INELIGIBLE, OPEN, Assessment, assess
from ..rules.evaluate import Evaluator, Value, as_text
from ..rules.facts import plain_numbers, read_value
from ..rules.model import SUBSIDY, Field, Programme
from .blocks import NA, Cell, Mark, cell, misuse
from .labels import Labels

_KEPT, _KEPT_TEXTS = 20_000, 10_000  # different values


class Memo(dict):
    """What is made of a key, kept; all is forgotten when there is much."""

    __slots__ = ("kept", "make")

    def __init__(self, make: Callable[[Hashable], object], kept: int = _KEPT) -> None:
        super().__init__()
        self.make, self.kept = make, kept

    def __missing__(self, key: Hashable) -> object:
        if len(self) >= self.kept:
            self.clear()
        made = self[key] = self.make(key)
        return made


class _Reader:
    """Reads the cells of one fact; a cell that cannot be read becomes a mark that says why."""

    def __init__(self, field: Field, unit: str) -> None:
        self.field, self.unit, self.troubled = field, unit, False
        self.is_truth, self.is_plain = field.kind == "是否", field.kind in ("金额", "盈亏", "数量")
        self.memo = Memo(self._read)

    def column(self, raws: Sequence[Cell]) -> list[Value | Mark]:
        if not self.is_truth and bool in set(map(type, raws)):  # TRUE is the same key as 1
            raws = [as_text(raw) if type(raw) is bool else raw for raw in raws]
        if not self.is_plain:
            return list(map(self.memo.__getitem__, raws))
        values = plain_numbers(raws, self.field, self.unit)
        if None in values:
            memo = self.memo
            values = [memo[raw] if value is None else value for value, raw in zip(values, raws)]
        return values

    def _read(self, raw: Cell) -> Value | Mark:
        raw = cell(raw)
        problem = None
        if isinstance(raw, Mark):
            value = None
            if raw != NA:
                problem = f"“{self.field.name}”那一格是错误值 {raw}，请先改好它"
        elif self.is_truth and raw in (0.0, 1.0):  # some hosts know no truth values
            value = raw == 1.0
        else:
            value, problem = read_value(raw, self.field, self.unit)
        if problem is None:
            return value
        self.troubled = True
        return misuse(str(problem))


class _Rule:
    """A formula over some of the facts' columns; facts nobody told of are missing."""

    def __init__(self, names: Sequence[str], evaluate: Evaluator) -> None:
        self.names = names
        if len(names) == 1:
            only = names[0]
            self.memo = Memo(lambda value: evaluate({only: value}))
        else:
            self.memo = Memo(lambda values: evaluate(dict(zip(names, values))))

    def column(self, facts: dict[str, Sequence[Value]], count: int) -> list[Value]:
        if not self.names:
            return [self.memo[()]] * count
        columns = [facts[name] for name in self.names]
        return list(map(self.memo.__getitem__, columns[0] if len(columns) == 1 else zip(*columns)))


class Answerer:
    """Answers for projects of one programme of which always the same facts are told."""

    def __init__(self, programme: Programme, labels: Labels) -> None:
        self.programme, self.labels = programme, labels
        self.readers = [_Reader(told.field, told.unit) for told in labels.told]
        self.names = [told.field.name for told in labels.told]
        rules = [self._rule(condition.rule.names, condition.rule.evaluate) for condition in programme.hard]
        constant = [rule.memo[()] for rule in rules if not rule.names]
        self.tests = [rule for rule in rules if rule.names]
        self.verdict = Memo(lambda met: _verdict([*constant, *met]))
        ceiling, first = programme.ceiling, programme.first
        self.ceiling = ceiling and self._rule(ceiling.names, lambda facts: _money(ceiling.evaluate(facts)))
        self.first = first and self._rule(first.names, lambda facts: _money(first.evaluate(facts)))
        self.words = Memo(self._words, _KEPT_TEXTS)

    def _rule(self, names: Sequence[str], evaluate: Evaluator) -> _Rule:
        return _Rule([name for name in names if name in self.names or name == SUBSIDY], evaluate)

    def assessment(self, values: Sequence[Value]) -> Assessment:
        """The whole answer for one project, by the values of the facts told."""
        return assess(self.programme, {name: value for name, value in zip(self.names, values) if value is not None})

    def _words(self, values: Sequence[Value]) -> str:
        """The reasons, what is broken first: a cell shows its first lines."""
        reasons = sorted(self.assessment(values).reasons, key=lambda reason: not reason.startswith(INELIGIBLE))
        return "\n".join((*reasons, *self.labels.hints))

    def answers(self, columns: Sequence[Sequence[Cell]], count: int) -> Answers:
        """The answers for `count` projects; `columns` are the cells of the facts told, project by project."""
        return Answers(self, columns, count)


def _verdict(met: Sequence[Value]) -> str:
    if False in met:
        return INELIGIBLE
    return OPEN if None in met or not met else ELIGIBLE


def _money(value: Value) -> float | None:
    return None if value is None else money(value)


class Answers:
    """Projects' verdicts and amounts, None where unknown; `troubles` say by position why a project cannot be read."""

    def __init__(self, by: Answerer, columns: Sequence[Sequence[Cell]], count: int) -> None:
        self.by, self.count = by, count
        self.facts: dict[str, Sequence[Value]] = {}
        self.troubles: dict[int, Mark] = {}
        for reader, raws in zip(by.readers, columns):
            values = reader.column(raws)
            if reader.troubled and Mark in map(type, values):
                self._set_aside(values)
            self.facts[reader.field.name] = values

    def _set_aside(self, values: list[Value | Mark]) -> None:
        for position, value in enumerate(values):
            if type(value) is Mark:
                before = self.troubles.get(position)
                self.troubles[position] = misuse(f"{before.why}\n{value.why}") if before else value
                values[position] = None

    @cached_property
    def verdicts(self) -> list[str]:
        tests = [rule.column(self.facts, self.count) for rule in self.by.tests]
        return list(map(self.by.verdict.__getitem__, zip(*tests))) if tests else [self.by.verdict[()]] * self.count

    @property
    def subsidies(self) -> list[float | None]:
        if self.by.ceiling is None:
            return [None] * self.count
        ceilings = self.by.ceiling.column(self.facts, self.count)
        return [0.0 if verdict is INELIGIBLE else ceiling for verdict, ceiling in zip(self.verdicts, ceilings)]

    @property
    def first_payments(self) -> list[float | None]:
        if self.by.ceiling is None or self.by.first is None:
            return [None] * self.count
        firsts = self.by.first.column({**self.facts, SUBSIDY: self.subsidies}, self.count)
        return [0.0 if verdict is INELIGIBLE else first for verdict, first in zip(self.verdicts, firsts)]

    @property
    def values(self) -> Sequence[tuple[Value, ...]]:
        """The values of the facts told, project by project."""
        return list(zip(*self.facts.values())) if self.facts else [()] * self.count

    @property
    def words(self) -> list[str]:
        """The reasons."""
        return list(map(self.by.words.__getitem__, self.values))
