"""Why a choice is the best: what each limit costs, what it would cost to choose otherwise, and which limits exclude each other.

An integer programme has no prices, so every number here comes from solving again. Where that would take too long, bounds that are proved
(`Span`) stand for it: a Lagrangian bound on one side, the best exchange of single projects on the other.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .limits import Bound
from .search import Row, Search

MOST_SWAPPED = 1000  # projects for which single exchanges are looked for, the nearest first
MOST_TRIED = 10  # of them where a limit is eased
MOST_EASED = 60  # limits that are looked into; of the others only the most they may add is known
MOST_EFFORT = 2000  # projects in doubt, over all exchanges that are solved, and again over all limits: a few seconds each

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """A number that is known (`low` and `high` are equal) or lies between two; `high` is None where nothing bounds it."""

    low: int
    high: int | None

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Change:
    """What another choice differs in: by how much the total, and which projects come and go.

    `against`: bounds and fixed projects that allow no such choice; there is no `by` then.
    """

    by: Span
    comes: frozenset[int] = frozenset()
    goes: frozenset[int] = frozenset()
    against: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Model:
    """Options with their objectives and bounds, as a search; `fixed` is what the clerk decided."""

    bounds: tuple[Bound, ...]  # the hard ones
    objectives: tuple[Sequence[int], ...]
    fixed: Mapping[int, bool]
    search: Search
    rows: tuple[int, ...]  # the bound of each row of the search

    @classmethod
    def of(cls, bounds: Sequence[Bound], objectives: tuple[Sequence[int], ...], fixed: Mapping[int, bool]) -> Model:
        rows, owners = [], []
        for place, bound in enumerate(bounds):
            if bound.most is not None:
                rows.append(Row(bound.uses, bound.most))
                owners.append(place)
            if bound.least:
                rows.append(Row({each: -taken for each, taken in bound.uses.items()}, -bound.least))
                owners.append(place)
        return cls(tuple(bounds), objectives, fixed, Search(len(objectives[0]), tuple(rows), objectives), tuple(owners))

    def total(self, chosen: Iterable[int]) -> int:
        return sum(self.objectives[0][each] for each in chosen)

    def best(self) -> frozenset[int] | None:
        """The best choice, ties settled."""
        return self.search.best(self.fixed)

    def first(self) -> Search:
        """The search for the first objective alone."""
        return Search(self.search.size, self.search.rows, self.objectives[:1])

    def eased(self, place: int, step: int) -> dict[int, int]:
        """The rows that change when a bound is eased by a step."""
        name = self.bounds[place].name
        return {row: step for row, owner in enumerate(self.rows) if owner == place or name in self.bounds[owner].sums}


def shadows(model: Model, chosen: frozenset[int], steps: Mapping[int, int]) -> list[Change]:
    """What each bound's easing by one step (1 where `steps` says nothing) adds to the best total; those that may add most are solved first."""
    search, best = model.first(), model.total(chosen)
    eased = [model.eased(place, steps.get(place, 1)) for place in range(len(model.bounds))]
    found = [Change(Span(0, search.ceiling(model.fixed, more) - best if bound.can_bind else 0)) for bound, more in zip(model.bounds, eased)]
    room, most, swaps = MOST_EFFORT, MOST_EASED, _Swaps(model, chosen)
    for place in sorted(range(len(found)), key=lambda place: (place not in steps, -found[place].by.high)):
        if found[place].by.exact or not most:
            continue
        most -= 1
        other, high = swaps.gain(model.bounds[place].uses, eased[place]), found[place].by.high
        if room > 0:
            answer = search.near(model.fixed, eased[place], other)
            room -= answer.effort
            other, high = answer.choice, model.total(answer.choice) - best if answer.proven else high
        low = model.total(other) - best
        found[place] = Change(Span(low, high), other - chosen, chosen - other) if low else Change(Span(low, high))
    return found


def exchanges(model: Model, chosen: frozenset[int]) -> dict[int, Change]:
    """What it would cost to take each option that is left, or to leave each that is taken; what the clerk fixed stays out of it.

    Every choice that is found on the way bounds the price of all it brings or drops.
    """
    search, best = model.first(), model.total(chosen)
    free = [each for each in range(search.size) if each not in model.fixed]
    fixed = {each: {**model.fixed, each: each not in chosen} for each in free}
    lows = {each: max(0, best - search.ceiling(fixed[each])) for each in free}
    # Those that could come in first, then those that could go; the nearest decisions before the far ones.
    nearest = sorted(free, key=lambda each: (each in chosen, lows[each], each))
    swaps = _Swaps(model, chosen)
    others = {each: swaps.best(each) for each in sorted(free, key=lambda each: (lows[each], each))[:MOST_SWAPPED]}
    costs = {each: best - model.total(other) for each, other in others.items() if other is not None}
    against: dict[int, tuple[int, ...]] = {}
    room = MOST_EFFORT
    for each in nearest:
        if lows[each] == costs.get(each) or room < 0:
            continue
        answer = search.near(fixed[each], known=others.get(each))
        room -= answer.effort
        if answer.choice is None:
            if answer.proven:
                against[each] = conflict(model, fixed[each])
            continue
        cost = best - model.total(answer.choice)
        if answer.proven:
            lows[each] = cost
        moved = answer.choice ^ chosen
        for one in moved.difference(model.fixed):
            if one not in costs or (cost, len(moved)) < (costs[one], len(others[one] ^ chosen)):
                others[one], costs[one] = answer.choice, cost
    found = {}
    for each in free:
        other = others[each] if each in costs else chosen
        found[each] = Change(Span(lows[each], costs.get(each)), other - chosen, chosen - other, against.get(each))
    return found


class _Swaps:
    """Choices that differ from the best one in one option and at most one other, the exchanges a clerk would think of."""

    def __init__(self, model: Model, chosen: frozenset[int]) -> None:
        search, values = model.search, model.objectives[0]
        self.chosen, self.weights = chosen, [dict(own) for own in search.columns]
        self.values = values
        self.left = [row.most - sum(row.weights.get(each, 0) for each in chosen) for row in search.rows]
        free = sorted((each for each in range(search.size) if each not in model.fixed), key=lambda each: values[each])
        self.leavers, self.comers = [each for each in free if each in chosen], [each for each in reversed(free) if each not in chosen]

    def best(self, each: int) -> frozenset[int] | None:
        """The best such choice that takes an option which is left, or leaves one which is taken; None where none keeps to the bounds."""
        own = self.weights[each]
        if each in self.chosen:
            short = {index: self.left[index] + weight for index, weight in own.items()}
            other = next((other for other in self.comers if self.keeps(self.weights[other], short)), None)
            if other is not None:
                return self.chosen - {each} | {other}
            return self.chosen - {each} if self.keeps({}, short) else None
        short = {index: self.left[index] - weight for index, weight in own.items()}
        if self.keeps({}, short):
            return self.chosen | {each}
        over = {index: room for index, room in short.items() if room < 0}
        for other in self.leavers:
            given = self.weights[other]
            if all(room + given.get(index, 0) >= 0 for index, room in over.items()) and all(
                    short.get(index, self.left[index]) + weight >= 0 for index, weight in given.items()):
                return self.chosen - {other} | {each}
        return None

    def gain(self, uses: Collection[int], more: Mapping[int, int]) -> frozenset[int]:
        """The best of those that take one of these options when rows are raised; the choice itself where none is better."""
        kept = self.left
        self.left = [room + more.get(index, 0) for index, room in enumerate(kept)]
        comers = [each for each in self.comers if each in uses][:MOST_TRIED]
        tried = [self.chosen, *filter(None, map(self.best, comers))]
        self.left = kept
        return max(tried, key=lambda choice: sum(self.values[each] for each in choice))

    def keeps(self, comes: Mapping[int, int], short: Mapping[int, int]) -> bool:
        """Whether the weights that come fit into what is left of the rows; `short` says what is left of those that changed."""
        return all(weight <= short.get(index, self.left[index]) for index, weight in comes.items()) and all(
            room >= 0 or comes.get(index, 0) <= room for index, room in short.items())


def conflict(model: Model, fixed: Mapping[int, bool]) -> tuple[int, ...]:
    """A smallest set of bounds, and of fixed options (as -1 - option), that cannot hold together: leave out any one and they can."""
    parts = [*dict.fromkeys(model.rows), *(-1 - each for each in fixed)]

    def impossible(kept: Sequence[int]) -> bool:
        inside = set(kept)
        rows = tuple(row for row, owner in zip(model.search.rows, model.rows) if owner in inside)
        nothing = ([0] * model.search.size,)
        return Search(model.search.size, rows, nothing).best({each: taken for each, taken in fixed.items() if -1 - each in inside}) is None
    return tuple(_smallest(parts, impossible))


def _smallest(parts: Sequence[T], impossible: Callable[[Sequence[T]], bool]) -> list[T]:
    """Parts that are impossible together, none of which can be left out: ever smaller pieces are left out while it stays so."""
    kept, size = list(parts), len(parts)
    while size:
        start = 0
        while start < len(kept):
            trial = kept[:start] + kept[start + size:]
            if impossible(trial):
                kept = trial
            else:
                start += size
        size //= 2
    return kept
