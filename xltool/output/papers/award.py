"""What a project gets, for its letters: the amount approved, or a proposal that says so, and how it is paid.

An amount that cannot be spelled in capitals is none. Nothing is proposed for a project that is not known to meet every condition, or
that states no amount it applies for.
"""
from __future__ import annotations

from dataclasses import dataclass

from ...rules.arithmetic import money
from ...rules.assess import ELIGIBLE
from ...rules.model import APPROVED, SUBSIDY
from ..capital import MOST
from ..checking import Checked

REQUESTED = "项目申请补助资金"


@dataclass(frozen=True, slots=True)
class Award:
    """Amounts in 万元, None where unknown or not stated. `proposed`: nobody has approved the amount yet."""

    amount: float | None = None
    proposed: bool = False
    first: float | None = None
    rest: float | None = None


def award(item: Checked) -> Award:
    """The amount in the list, else the lesser of what is applied for and the subsidy; its first instalment, and what is left."""
    amount = item.project.column(APPROVED)
    proposed = amount is None and APPROVED not in item.project.refused
    if proposed:
        amount = _proposal(item)
    if amount is None or amount >= MOST:
        return Award()
    formula = item.answer.programme.first
    share = formula.evaluate({**item.answer.facts, SUBSIDY: amount}) if formula else None
    if share is None:
        return Award(amount, proposed)
    first = money(share)
    return Award(amount, proposed, first, money(amount - first))


def _proposal(item: Checked) -> float | None:
    requested, subsidy = item.project.column(REQUESTED), item.answer.subsidy
    known = item.answer.verdict == ELIGIBLE and requested is not None and subsidy is not None
    return min(requested, subsidy) if known else None
