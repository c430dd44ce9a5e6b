"""What the formulas of a programme show for given facts, computed by the engine.

Every formula in the workbook carries its value, for previewers, telephones and programs that do not compute on opening. The tests
let LibreOffice compute the same workbook anew and compare the two cell by cell.
"""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ...output.submission.checks import BROKEN, LACKING, MET, reached
from ...output.submission.columns import conditions_in_order
from ...rules.assess import INELIGIBLE, Assessment, assess
from ...rules.evaluate import Facts, compile_scalar
from ...rules.formula import Node
from ...rules.model import Condition, Programme
from .desk import DOUBTFUL
from .shortfall import Gap, gaps

SHOWN = {MET: "满足", BROKEN: "不满足", LACKING: "缺"}
NOT_APPLICABLE = "不适用"
_MARKS = {True: MET, False: BROKEN, None: LACKING}


def wording(condition: Condition) -> str:
    """A condition in a heading or a list of broken ones."""
    return f"{condition.number} {condition.text}" + ("" if condition.hard else "（提示）")


@dataclass(frozen=True)
class Rules:
    """What is the same for all projects of a programme, taken apart once."""

    programme: Programme

    @cached_property
    def conditions(self) -> list[Condition]:
        """As they stand in the workbook: those that decide first."""
        return conditions_in_order(self.programme)

    @cached_property
    def gaps(self) -> dict[str, list[Gap]]:
        """By the condition's number: what can be wrong with it."""
        return {condition.number: gaps(condition, self.programme.fields) for condition in self.conditions}

    @cached_property
    def needs(self) -> dict[str, list[tuple[str, Node | None]]]:
        """By fact: the hard conditions (by number) and amounts that use it, and the test under which they do."""
        sources = [(condition.number, condition.rule) for condition in self.programme.hard]
        sources += [(name, formula) for name, formula in (("ceiling", self.programme.ceiling), ("first", self.programme.first)) if formula]
        return {name: [(key, reached(formula.node, name)) for key, formula in sources if name in formula.names] for name in self.programme.fields}

    @property
    def unchecked(self) -> str:
        """Why there is nothing to fill in that would decide; "" where there is."""
        return "" if self.programme.hard else "文件没有列出可核对的条件"

    def answers(self, facts: Facts) -> Answers:
        return Answers(self, facts, assess(self.programme, facts))


@dataclass(frozen=True)
class Answers:
    """The texts and numbers for one project; "" where a cell stays empty."""

    rules: Rules
    facts: Facts
    answer: Assessment

    @property
    def verdict(self) -> str:
        return self.answer.verdict

    @property
    def ceiling(self) -> float | str:
        return _shown(self.answer.ceiling)

    @property
    def subsidy(self) -> float | str:
        return _shown(self.answer.subsidy)

    @property
    def first(self) -> float | str:
        return _shown(self.answer.first_payment)

    @cached_property
    def marks(self) -> dict[str, str]:
        """√, × or 缺 by the condition's number."""
        return {condition.number: _MARKS[met] for condition, met in zip(self.answer.programme.conditions, self.answer.statuses)}

    def status(self, condition: Condition) -> str:
        """满足, 不满足, 缺 or 不适用."""
        mark = self.marks[condition.number]
        if mark == MET and condition.when is not None and condition.when.evaluate(self.facts) is False:
            return NOT_APPLICABLE
        return SHOWN[mark]

    def shortfall(self, condition: Condition) -> str:
        if self.marks[condition.number] != BROKEN:
            return ""
        return "".join(gap.text(self.facts) for gap in self.rules.gaps[condition.number])

    @property
    def broken(self) -> str:
        return "".join(f"{wording(condition)}；" for condition in self.rules.conditions if self.marks[condition.number] == BROKEN)

    @property
    def missing(self) -> str:
        return "".join(f"{name}；" for name in self.rules.needs if self.lacks(name)) + self.rules.unchecked

    @property
    def doubts(self) -> str:
        """What is filled in right but hardly meant."""
        fields = self.rules.programme.fields
        return "".join(f"{name}（{DOUBTFUL}）；" for name, field in fields.items() if field.doubt(self.facts.get(name)))

    @property
    def unsettled(self) -> str:
        """What is missing, and what should be looked at again."""
        return self.missing + self.doubts

    def lacks(self, name: str) -> bool:
        """Whether a fact that is still needed is not stated."""
        return name not in self.facts and self.needed(name)

    def needed(self, name: str) -> bool:
        """Whether a condition or an amount that uses the fact is still open."""
        return any(self.is_open(key) and (test is None or compile_scalar(test)(self.facts) is True)
                   for key, test in self.rules.needs[name])

    def is_open(self, key: str) -> bool:
        if key == "ceiling":
            return self.answer.ceiling is None
        if key == "first":
            return self.answer.first_payment is None and self.verdict != INELIGIBLE
        return self.marks[key] == LACKING


def _shown(amount: float | None) -> float | str:
    return "" if amount is None else amount
