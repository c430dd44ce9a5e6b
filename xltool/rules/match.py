"""One enterprise, or one of its projects, against every programme of an edition: what it could apply for, and what goes together."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .assess import ELIGIBLE, INELIGIBLE, OPEN, Assessment, assess
from .evaluate import Facts, Value
from .model import COMMON_CONDITIONS, Edition, Limit, Programme

ENTERPRISE, PROJECT = "企业", "项目"


@dataclass(frozen=True)
class Candidate:
    """One programme's answer; `touched`: a fact was given that tells of this programme and of no other."""

    answer: Assessment
    touched: bool

    @property
    def id(self) -> str:
        return self.answer.programme.id

    @cached_property
    def missing(self) -> list[str]:
        """The facts still to find out; none where the programme is ruled out already."""
        return [] if self.answer.verdict == INELIGIBLE else self.answer.missing

    @property
    def amount(self) -> float:
        """What the programme adds to a combination, 万元: nothing where the document states no amount or a fact is missing."""
        return self.answer.subsidy or 0.0


@dataclass(frozen=True)
class Combination:
    """Programmes that can be had together, and their subsidies' sum in 万元; one without a known amount adds nothing."""

    programmes: tuple[str, ...]
    subsidy: float


@dataclass(frozen=True)
class Match:
    """The answers for one enterprise or project, the most promising first.

    `limits` are those between programmes which are not ruled out, one of them touched. `best` combines what is 符合, `potential` adds what is
    still 待核实 and has been touched by a fact.
    """

    candidates: tuple[Candidate, ...]
    limits: tuple[Limit, ...]

    @property
    def touched(self) -> list[Candidate]:
        """The candidates the given facts tell of."""
        return [each for each in self.candidates if each.touched]

    @cached_property
    def best(self) -> Combination:
        return best_combination([each for each in self.candidates if each.answer.verdict == ELIGIBLE], self.limits)

    @cached_property
    def potential(self) -> Combination:
        return best_combination([each for each in self.touched if each.answer.verdict != INELIGIBLE], self.limits)


class Matcher:
    """Matches many enterprises against one edition. A group is matched through its members, a management measure not at all."""

    def __init__(self, edition: Edition) -> None:
        self.programmes = [each for each in edition.programmes.values() if not each.members and each.mode != COMMON_CONDITIONS]
        self.telling = {each.id: each.fields.keys() - edition.shared_facts or each.fields.keys() for each in self.programmes}
        self.untouched = {each.id: Candidate(assess(each, {}), touched=False) for each in self.programmes}
        self.limits = []
        for limit in edition.limits:
            names = [member for name in limit.programmes for member in edition.programmes[name].members or (name,)]
            self.limits.append(replace(limit, programmes=tuple(name for name in dict.fromkeys(names) if name in self.untouched)))

    def match(self, facts: Facts, is_project: bool = False) -> Match:
        """The answers for typed facts by name (`Edition.whole` tells their fields), as `read_value` returns them."""
        candidates = sorted((self._candidate(each, facts) for each in self.programmes), key=_promise)
        possible = {each.id: each.touched for each in candidates if each.answer.verdict != INELIGIBLE}
        scopes = (ENTERPRISE, PROJECT) if is_project else (ENTERPRISE,)
        limits = []
        for limit in self.limits:
            own = [possible[name] for name in limit.programmes if name in possible]
            if limit.same in scopes and len(own) > limit.maximum and any(own):
                limits.append(limit)
        return Match(tuple(candidates), tuple(limits))

    def _candidate(self, programme: Programme, facts: Facts) -> Candidate:
        own: dict[str, Value] = {}
        touched = False
        for name in programme.fields:
            alone = facts.get(programme.own_name(name))
            value = facts.get(name) if alone is None else alone
            if value is not None:
                own[name] = value
                touched |= alone is not None or name in self.telling[programme.id]
        return Candidate(assess(programme, own), touched) if touched else self.untouched[programme.id]


def _promise(candidate: Candidate) -> tuple[object, ...]:
    """Sorts by verdict, those nothing is known about last, then the larger amount, then the fewer missing facts."""
    order = (ELIGIBLE, OPEN, INELIGIBLE).index(candidate.answer.verdict)
    return not candidate.touched, order, -candidate.amount, len(candidate.missing)


def best_combination(candidates: Sequence[Candidate], limits: Sequence[Limit]) -> Combination:
    """The candidates of greatest total amount, then greatest number, within the hard limits.

    Exact: what no limit touches is taken, of the rest every choice the limits allow is tried; limits name a few programmes each.
    """
    amounts = {each.id: each.amount for each in sorted(candidates, key=lambda each: -each.amount)}
    rules = [(limit.maximum, own) for limit in limits
             if limit.hard and len(own := amounts.keys() & set(limit.programmes)) > limit.maximum]
    contested = [name for name in amounts if any(name in own for _, own in rules)]

    def choices(rest: Sequence[str], taken: frozenset[str]) -> Iterator[frozenset[str]]:
        if not rest:
            yield taken
            return
        added = taken | {rest[0]}
        if all(len(added & own) <= maximum for maximum, own in rules):
            yield from choices(rest[1:], added)
        yield from choices(rest[1:], taken)

    chosen = max(choices(contested, frozenset()), key=lambda names: (sum(map(amounts.get, names)), len(names)))
    taken = tuple(name for name in amounts if name in chosen or name not in contested)
    return Combination(taken, round(sum(map(amounts.get, taken)), 6))
