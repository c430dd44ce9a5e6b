"""Why a choice is the best: what each limit costs, what it would cost to choose otherwise, and which limits exclude each other.

An integer programme has no prices, so every number here comes from solving again. Where that would take too long, bounds that are proved
(`Span`) stand for it: a Lagrangian bound on one side, the best exchange of single projects on the other.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .limits import Bound
from .search import Row, Search

MOST_SWAPPED = 1000  # projects for which single exchanges are looked for
MOST_SOLVED = 60  # exchanges, and again limits, that are solved; a list of hundreds takes seconds

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
    """What each bound's easing by one step (1 where `steps` says nothing) adds to the best total."""
    search, best = model.first(), model.total(chosen)
    found, solved = [], 0
    for place, bound in enumerate(model.bounds):
        more = model.eased(place, steps.get(place, 1))
        high = search.ceiling(model.fixed, more) - best if bound.can_bind else 0
        if high and solved < MOST_SOLVED:
            solved += 1
            other = search.best(model.fixed, more)
            gain = model.total(other) - best
            found.append(Change(Span(gain, gain), other - chosen, chosen - other) if gain else Change(Span(0, 0)))
        else:
            found.append(Change(Span(0, high)))
    return found


def exchanges(model: Model, chosen: frozenset[int]) -> dict[int, Change]:
    """What it would cost to take each option that is left, or to leave each that is taken; what the clerk fixed stays out of it."""
    search, best = model.first(), model.total(chosen)
    found: dict[int, Change] = {}
    swaps = _Swaps(model, chosen)
    for each in range(search.size):
        if each not in model.fixed:
            low = best - search.ceiling({**model.fixed, each: each not in chosen})
            swap = swaps.best(each) if len(found) < MOST_SWAPPED else None
            high = None if swap is None else best - model.total(swap)
            found[each] = Change(Span(max(0, low), high), (swap or chosen) - chosen, chosen - swap if swap is not None else frozenset())
    # Those that could come in first, then those that could go; the nearest decisions before the far ones.
    doubtful = sorted((each for each, change in found.items() if not change.by.exact),
                      key=lambda each: (each in chosen, found[each].by.low, each))
    for each in doubtful[:MOST_SOLVED]:
        other = search.best({**model.fixed, each: each not in chosen})
        if other is None:
            found[each] = Change(Span(0, None), against=conflict(model, {**model.fixed, each: each not in chosen}))
            continue
        cost = best - model.total(other)
        if cost != found[each].by.high:
            found[each] = Change(Span(cost, cost), other - chosen, chosen - other)
        else:
            found[each] = Change(Span(cost, cost), found[each].comes, found[each].goes)
    return found


class _Swaps:
    """Choices that differ from the best one in one option and at most one other, the exchanges a clerk would think of."""

    def __init__(self, model: Model, chosen: frozenset[int]) -> None:
        self.model, self.chosen, self.values = model, chosen, model.objectives[0]
        self.rows = model.search.rows
        self.used = [sum(row.weights.get(each, 0) for each in chosen) for row in self.rows]
        self.own: list[list[int]] = [[] for _ in self.values]
        for index, row in enumerate(self.rows):
            for each in row.weights:
                self.own[each].append(index)
        free = sorted((each for each in range(len(self.values)) if each not in model.fixed), key=lambda each: self.values[each])
        self.leavers, self.comers = [each for each in free if each in chosen], [each for each in reversed(free) if each not in chosen]

    def best(self, each: int) -> frozenset[int] | None:
        """The best such choice that takes an option which is left, or leaves one which is taken; None where none keeps to the bounds."""
        leaves = each in self.chosen
        if not leaves and self.keeps([each], []):
            return self.chosen | {each}
        for other in self.comers if leaves else self.leavers:
            comes, goes = (other, each) if leaves else (each, other)
            if self.keeps([comes], [goes]):
                return self.chosen - {goes} | {comes}
        return self.chosen - {each} if leaves and self.keeps([], [each]) else None

    def keeps(self, comes: Sequence[int], goes: Sequence[int]) -> bool:
        return all(self.used[index] + sum(self.rows[index].weights.get(each, 0) for each in comes)
                   - sum(self.rows[index].weights.get(each, 0) for each in goes) <= self.rows[index].most
                   for index in dict.fromkeys(index for each in (*comes, *goes) for index in self.own[each]))


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
