"""The best choice of projects within limits, exactly: a small integer programme, solved by HiGHS on the few projects that are in doubt.

All numbers are integers. A Lagrangian bound, made from the duals of the linear relaxation and computed in whole numbers, proves which
projects every choice as good as the one found takes or leaves; only the rest (the core) goes to the solver. What the solver returns is
rounded and checked in whole numbers again, so its tolerances decide nothing: a choice that breaks a limit is cut off and solved anew.
It knows no rule of any guideline.
"""
from __future__ import annotations

import ctypes
import os
import sys
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import gcd

_CORE = 40  # so many projects in doubt are tried first
_GROWTH = 8  # then so many times as many: solving a few hundred takes hardly longer than a few dozen
_MOST = _CORE * _GROWTH ** 2  # in doubt at most where an answer need not be proven
_NODES = 200  # of the solver's tree, where an answer need not be proven
_SCALE = 1 << 32  # duals are rounded to such parts

Fixed = Mapping[int, bool]  # projects that are taken or left whatever it costs
More = Mapping[int, int]  # by how much rows are raised


@dataclass(frozen=True, slots=True)
class Row:
    """The sum of `weights` over the chosen projects is at most `most`."""

    weights: Mapping[int, int]
    most: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A choice, if any was found; whether none is better; how many projects were in doubt on the way."""

    choice: frozenset[int] | None
    proven: bool
    effort: int


@dataclass(frozen=True)
class Search:
    """Projects 0 … `size`-1, rows they must keep to, and objectives: the first decides, ties go on to the next."""

    size: int
    rows: tuple[Row, ...]
    objectives: tuple[Sequence[int], ...]

    def best(self, fixed: Fixed | None = None, more: More | None = None) -> frozenset[int] | None:
        """The best choice with some projects fixed and some rows' `most` raised by `more`; None where no choice keeps to the rows."""
        fixed, more = fixed or {}, more or {}
        goal, *others = self.objectives
        found = self._first(fixed, more, None).choice
        if found is None or not others:
            return found
        best = sum(goal[each] for each in found)
        doubtful = set(self._doubtful(fixed, more, best))
        settled = {each: fixed.get(each, self.reduced[each] > 0) for each in range(self.size) if each not in doubtful}
        rows = tuple(Row(row.weights, row.most + more.get(index, 0)) for index, row in enumerate(self.rows))
        kept = Row({each: -goal[each] for each in range(self.size) if goal[each]}, -best)
        return Search(self.size, (*rows, kept), tuple(others))._core(settled)

    def ceiling(self, fixed: Fixed | None = None, more: More | None = None) -> int:
        """A total of the first objective that no choice exceeds; nothing is solved but the linear relaxation, once."""
        return self._bound(fixed or {}, more or {}) // _SCALE // self.unit * self.unit

    def near(self, fixed: Fixed | None = None, more: More | None = None, known: frozenset[int] | None = None) -> Answer:
        """The best choice by the first objective that takes little to find, no worse than the one that is known."""
        return self._first(fixed or {}, more or {}, known, limited=True)

    def keeps(self, chosen: Collection[int]) -> bool:
        """Whether a choice keeps to every row."""
        return all(sum(row.weights.get(each, 0) for each in chosen) <= row.most for row in self.rows)

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

    def _first(self, fixed: Fixed, more: More, known: frozenset[int] | None, limited: bool = False) -> Answer:
        """The best choice by the first objective alone: ever more projects in doubt, until nothing better is possible beyond them."""
        goal = self.objectives[0]
        free = [each for each in self.order if each not in fixed]
        size, effort = _CORE, 0
        while True:
            reached = None if known is None else sum(goal[each] for each in known)
            if known is not None and reached >= self.ceiling(fixed, more):
                return Answer(known, True, effort)
            wanted = free if known is None else self._doubtful(fixed, more, reached + self.unit)
            last, core = len(wanted) <= size, wanted[:size]
            found, proven = self._solved(core, fixed, more, None if last and not limited else _NODES)
            effort += min(len(core), _CORE * _GROWTH)
            if found is not None and (known is None or sum(goal[each] for each in found) > reached):
                known = found
            if last or (limited and size >= _MOST):
                return Answer(known, last and proven, effort)
            size *= _GROWTH

    def _solved(self, core: Sequence[int], fixed: Fixed, more: More, nodes: int | None) -> tuple[frozenset[int] | None, bool]:
        """The best choice when only a few projects are in doubt and the others are as they are fixed, else as their reduced values say.

        Also whether it is the best: the search may end after so many `nodes`.
        """
        other = {each: taken for each, taken in fixed.items() if taken != (each in self.promising)}
        used = list(self.used)
        for each in self.promising.intersection(core):
            for index, weight in self.columns[each]:
                used[index] -= weight
        for each, taken in other.items():
            for index, weight in self.columns[each]:
                used[index] += weight if taken else -weight
        inside: dict[int, dict[int, int]] = {}
        for each in core:
            for index, weight in self.columns[each]:
                inside.setdefault(index, {})[each] = weight
        rows = [Row(inside.get(index, {}), row.most + more.get(index, 0) - used[index]) for index, row in enumerate(self.rows)]
        found, proven = _solve(core, rows, self.objectives[0], nodes)
        if found is None:
            return None, proven
        return self.promising.difference(core, other).union(found, (each for each, taken in other.items() if taken)), proven

    def _doubtful(self, fixed: Fixed, more: More, reached: int) -> list[int]:
        """The projects on which choices that reach a total may differ from what the reduced values say."""
        room = self._bound(fixed, more) - _SCALE * reached
        return [each for each in self.order[:bisect_right(self.doubts, room)] if each not in fixed]

    def _bound(self, fixed: Fixed, more: More) -> int:
        """What no choice with these projects fixed exceeds, times _SCALE."""
        bound = self.relaxed + sum(self.duals[index] * step for index, step in more.items())
        return bound - sum(abs(self.reduced[each]) for each, taken in fixed.items() if taken != (each in self.promising))

    @cached_property
    def unit(self) -> int:
        """What every total is a multiple of."""
        return gcd(*self.objectives[0]) or 1

    @cached_property
    def columns(self) -> list[list[tuple[int, int]]]:
        """Each project's rows, and its weight in them."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.size)]
        for index, row in enumerate(self.rows):
            for each, weight in row.weights.items():
                found[each].append((index, weight))
        return found

    @cached_property
    def promising(self) -> frozenset[int]:
        """The projects that add something at the duals."""
        return frozenset(each for each, value in enumerate(self.reduced) if value > 0)

    @cached_property
    def used(self) -> list[int]:
        """What the promising projects take of each row."""
        return [sum(weight for each, weight in row.weights.items() if each in self.promising) for row in self.rows]

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
        """The bound with nothing fixed and no row raised."""
        return sum(max(0, value) for value in self.reduced) + sum(dual * row.most for dual, row in zip(self.duals, self.rows))

    @cached_property
    def order(self) -> list[int]:
        """The projects, the most doubtful first."""
        return sorted(range(self.size), key=lambda each: abs(self.reduced[each]))

    @cached_property
    def doubts(self) -> list[int]:
        return [abs(self.reduced[each]) for each in self.order]


def _can_bind(row: Row) -> bool:
    return sum(weight for weight in row.weights.values() if weight > 0) > row.most


def _solve(names: Sequence[int], rows: Iterable[Row], goal: Sequence[int], nodes: int | None) -> tuple[frozenset[int] | None, bool]:
    """The best choice among a few projects, None where there is none, and whether that is proven within so many nodes."""
    cuts = [_tight(row) for row in rows if _can_bind(row)]
    if any(row.most < sum(min(0, weight) for weight in row.weights.values()) for row in cuts):
        return None, True
    if not cuts:
        return frozenset(each for each in names if goal[each] > 0), True
    import numpy
    from scipy.optimize import Bounds, LinearConstraint, milp
    unit = gcd(*(goal[each] for each in names)) or 1
    values = [-(goal[each] // unit) for each in names]
    options = {"mip_rel_gap": 0, **({"node_limit": nodes} if nodes else {})}
    while True:
        limits = LinearConstraint(_matrix(cuts, names), ub=[row.most for row in cuts])
        with _quiet():
            solved = milp(values, constraints=limits, bounds=Bounds(0, 1), integrality=numpy.ones(len(names)), options=options)
        if solved.status == 2 or (nodes and solved.x is None):
            return None, solved.status == 2
        if solved.x is None:
            raise RuntimeError(f"HiGHS: {solved.message}")
        found = frozenset(each for each, value in zip(names, solved.x) if value > 0.5)
        broken = [row for row in cuts if sum(weight for each, weight in row.weights.items() if each in found) > row.most]
        if not broken:
            return found, solved.status == 0
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
        ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush(None)  # what C still holds back
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
