"""The best choice of projects within limits, exactly: a small integer programme, solved by HiGHS on the few projects that are in doubt.

All numbers are integers. A Lagrangian bound, made from the duals of the linear relaxation and computed in whole numbers, proves which
projects every choice as good as the one found takes or leaves; only the rest (the core) goes to the solver. What the solver returns is
rounded and checked in whole numbers again, so its tolerances decide nothing: a choice that breaks a limit is cut off and solved anew.
It knows no rule of any guideline.
"""
from __future__ import annotations

import os
import sys
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import gcd

_CORE = 40  # so many projects in doubt are tried first
_SCALE = 1 << 32  # duals are rounded to such parts

Fixed = Mapping[int, bool]  # projects that are taken or left whatever it costs


@dataclass(frozen=True, slots=True)
class Row:
    """The sum of `weights` over the chosen projects is at most `most`."""

    weights: Mapping[int, int]
    most: int


@dataclass(frozen=True)
class Search:
    """Projects 0 … `size`-1, rows they must keep to, and objectives: the first decides, ties go on to the next."""

    size: int
    rows: tuple[Row, ...]
    objectives: tuple[Sequence[int], ...]

    def best(self, fixed: Fixed | None = None, more: Mapping[int, int] | None = None) -> frozenset[int] | None:
        """The best choice with some projects fixed and some rows' `most` raised by `more`; None where no choice keeps to the rows."""
        fixed, rows = fixed or {}, self._raised(more or {})
        goal, *others = self.objectives
        found = self._first(rows, fixed)
        if found is None or not others:
            return found
        best = sum(goal[each] for each in found)
        doubtful = set(self._doubtful(rows, fixed, best))
        settled = {each: each in found if each in fixed else self.reduced[each] > 0 for each in range(self.size) if each not in doubtful}
        kept = Row({each: -goal[each] for each in range(self.size) if goal[each]}, -best)
        return Search(self.size, (*rows, kept), tuple(others))._core(settled)

    def ceiling(self, fixed: Fixed | None = None, more: Mapping[int, int] | None = None) -> int:
        """A total of the first objective that no choice exceeds; nothing is solved but the linear relaxation, once."""
        return self._bound(self._raised(more or {}), fixed or {}) // _SCALE

    def keeps(self, chosen: Collection[int]) -> bool:
        """Whether a choice keeps to every row."""
        return all(sum(row.weights.get(each, 0) for each in chosen) <= row.most for row in self.rows)

    def _raised(self, more: Mapping[int, int]) -> tuple[Row, ...]:
        return tuple(Row(row.weights, row.most + more.get(index, 0)) for index, row in enumerate(self.rows)) if more else self.rows

    def _core(self, settled: Fixed) -> frozenset[int] | None:
        """The best choice of the projects that are not settled, as a search of its own."""
        names = [each for each in range(self.size) if each not in settled]
        places = {each: place for place, each in enumerate(names)}
        rows = []
        for row in self.rows:
            rest = row.most - sum(weight for each, weight in row.weights.items() if settled.get(each))
            rows.append(Row({places[each]: weight for each, weight in row.weights.items() if each in places}, rest))
        inner = Search(len(names), tuple(rows), tuple([goal[each] for each in names] for goal in self.objectives))
        found = inner.best()
        return None if found is None else frozenset((*(each for each, taken in settled.items() if taken), *(names[each] for each in found)))

    def _first(self, rows: Sequence[Row], fixed: Fixed) -> frozenset[int] | None:
        """The best choice by the first objective alone."""
        goal = self.objectives[0]
        free = [each for each in self.order if each not in fixed]
        core = free[:_CORE]
        while True:
            inside = set(core)
            rest = {each: fixed.get(each, self.reduced[each] > 0) for each in range(self.size) if each not in inside}
            taken = [each for each, chosen in rest.items() if chosen]
            left = []
            for row in rows:
                room = row.most - sum(row.weights.get(each, 0) for each in taken)
                left.append(Row({each: weight for each, weight in row.weights.items() if each in inside}, room))
            found = _solve(core, left, goal)
            if found is None:
                if len(core) + len(fixed) >= self.size:
                    return None
                wanted = free
            else:
                found = frozenset((*taken, *found))
                wanted = self._doubtful(rows, fixed, sum(goal[each] for each in found) + 1)
                if len(wanted) <= len(core):
                    return found
            core = wanted[:2 * len(core)]

    def _doubtful(self, rows: Sequence[Row], fixed: Fixed, reached: int) -> list[int]:
        """The projects on which choices that reach a total may differ from what the reduced values say."""
        room = self._bound(rows, fixed) - _SCALE * reached
        return [each for each in self.order[:bisect_right(self.doubts, room)] if each not in fixed]

    def _bound(self, rows: Sequence[Row], fixed: Fixed) -> int:
        """What no choice with these projects fixed exceeds, times _SCALE."""
        bound = sum(dual * row.most for dual, row in zip(self.duals, rows)) + self.relaxed
        return bound - sum(abs(self.reduced[each]) for each, taken in fixed.items() if taken != (self.reduced[each] > 0))

    # --- the bound ------------------------------------------------------------------------------------------------------

    @cached_property
    def duals(self) -> list[int]:
        """What one unit of each row is worth, times _SCALE; any values ≥ 0 give a true bound, good ones a near one."""
        if self.size <= _CORE:
            return [0] * len(self.rows)
        from scipy.optimize import linprog
        rows = [(index, row) for index, row in enumerate(self.rows) if _can_bind(row)]
        duals = [0] * len(self.rows)
        if rows:
            matrix = _matrix([row for _, row in rows], range(self.size))
            solved = linprog([-value for value in self.objectives[0]], matrix, [row.most for _, row in rows], bounds=(0, 1), method="highs")
            if solved.status == 0:
                for (index, _), dual in zip(rows, solved.ineqlin.marginals):
                    duals[index] = max(0, round(-float(dual) * _SCALE))
        return duals

    @cached_property
    def reduced(self) -> list[int]:
        """What each project adds beyond what it takes at the duals, times _SCALE."""
        values = [value * _SCALE for value in self.objectives[0]]
        for dual, row in zip(self.duals, self.rows):
            if dual:
                for each, weight in row.weights.items():
                    values[each] -= dual * weight
        return values

    @cached_property
    def relaxed(self) -> int:
        return sum(max(0, value) for value in self.reduced)

    @cached_property
    def order(self) -> list[int]:
        """The projects, the most doubtful first."""
        return sorted(range(self.size), key=lambda each: abs(self.reduced[each]))

    @cached_property
    def doubts(self) -> list[int]:
        return [abs(self.reduced[each]) for each in self.order]


def _can_bind(row: Row) -> bool:
    return sum(weight for weight in row.weights.values() if weight > 0) > row.most


def _solve(names: Sequence[int], rows: Iterable[Row], goal: Sequence[int]) -> frozenset[int] | None:
    """The best choice among a few projects, None where there is none."""
    cuts = [_tight(row) for row in rows if _can_bind(row)]
    if any(row.most < sum(min(0, weight) for weight in row.weights.values()) for row in cuts):
        return None
    if not cuts:
        return frozenset(each for each in names if goal[each] > 0)
    import numpy
    from scipy.optimize import Bounds, LinearConstraint, milp
    unit = gcd(*(goal[each] for each in names)) or 1
    values = [-(goal[each] // unit) for each in names]
    while True:
        limits = LinearConstraint(_matrix(cuts, names), ub=[row.most for row in cuts])
        with _quiet():
            solved = milp(values, constraints=limits, bounds=Bounds(0, 1), integrality=numpy.ones(len(names)), options={"mip_rel_gap": 0})
        if solved.status == 2:
            return None
        if solved.x is None:
            raise RuntimeError(f"HiGHS: {solved.message}")
        found = frozenset(each for each, value in zip(names, solved.x) if value > 0.5)
        broken = [row for row in cuts if sum(weight for each, weight in row.weights.items() if each in found) > row.most]
        if not broken:
            return found
        for row in broken:  # some project with a weight above 0 has to go, or one below 0 to come
            away = {each: 1 if each in found else -1 for each, weight in row.weights.items() if (weight > 0) == (each in found)}
            cuts.append(Row(away, sum(each in found for each in away) - 1))


@contextmanager
def _quiet() -> Iterator[None]:
    """HiGHS 1.12 prints a line of its own debugging to the process's standard output, past Python and whatever `disp` says.

    It is sent nowhere meanwhile, for the whole process; a program without a standard output needs none of that.
    """
    if sys.stdout is None:
        yield
        return
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _tight(row: Row) -> Row:
    """The same row in the largest units that leave whole numbers."""
    unit = gcd(*row.weights.values()) or 1
    return Row({each: weight // unit for each, weight in row.weights.items()}, row.most // unit)


def _matrix(rows: Sequence[Row], names: Sequence[int]) -> object:
    from scipy.sparse import csr_matrix
    places = {each: place for place, each in enumerate(names)}
    cells = [(index, places[each], weight) for index, row in enumerate(rows) for each, weight in row.weights.items() if weight]
    down, across, weights = zip(*cells)
    return csr_matrix(([float(weight) for weight in weights], (down, across)), (len(rows), len(names)))
