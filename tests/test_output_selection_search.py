"""The solver's answers against enumeration, with a core so small that the bound has to do the work."""
from __future__ import annotations

import random
from itertools import combinations

import pytest

from xltool.output.selection import search
from xltool.output.selection.search import Row, Search


def made_up(rng: random.Random) -> Search:
    size = rng.randint(1, 10)
    fine = rng.random() < .4  # amounts to the fen, so that tolerances could decide
    def number(low: int, high: int) -> int:
        return rng.randint(low * 1_000_000, high * 1_000_000) if fine else rng.randint(low, high)
    rows = []
    for _ in range(rng.randint(1, 5)):
        inside = rng.sample(range(size), rng.randint(1, size))
        match rng.randrange(3):
            case 0:
                rows.append(Row({each: number(1, 200) for each in inside}, number(0, 400)))
            case 1:
                rows.append(Row({each: rng.randint(1, 3) for each in inside}, rng.randint(0, 6)))
            case 2:
                rows.append(Row(dict.fromkeys(inside, -1), -rng.randint(0, 2)))
    values = [number(0, 9) for _ in range(size)]
    return Search(size, tuple(rows), (values, [-number(0, 3) for _ in range(size)], [-each for each in range(size)]))


def enumerated(problem: Search, fixed, more) -> tuple[int, ...] | None:
    """The greatest totals any choice has that keeps to the rows."""
    totals = []
    for length in range(problem.size + 1):
        for choice in combinations(range(problem.size), length):
            if all((each in choice) is taken for each, taken in fixed.items()) and all(
                    sum(row.weights.get(each, 0) for each in choice) <= row.most + more.get(index, 0) for index, row in enumerate(problem.rows)):
                totals.append(tuple(sum(goal[each] for each in choice) for goal in problem.objectives))
    return max(totals, default=None)


@pytest.mark.parametrize("block", range(10))
def test_the_best_choice_is_found_whatever_is_fixed_or_eased(block, monkeypatch):
    monkeypatch.setattr(search, "_CORE", 3)
    possible = 0
    for seed in range(block * 300, block * 300 + 300):
        rng = random.Random(seed)
        problem = made_up(rng)
        fixed = {each: rng.random() < .5 for each in range(problem.size) if rng.random() < .15}
        more = {0: rng.randint(1, 3)} if rng.random() < .3 else {}
        expected, found = enumerated(problem, fixed, more), problem.best(fixed, more)
        if expected is None:
            assert found is None, f"seed {seed}"
        else:
            possible += 1
            assert tuple(sum(goal[each] for each in found) for goal in problem.objectives) == expected, f"seed {seed}"
            assert expected[0] <= problem.ceiling(fixed, more)
    assert possible > 150


def test_a_choice_found_with_little_effort_keeps_to_the_rows_and_is_the_best_where_it_says_so(monkeypatch):
    monkeypatch.setattr(search, "_CORE", 2)
    monkeypatch.setattr(search, "_GROWTH", 2)
    monkeypatch.setattr(search, "_MOST", 4)
    proven = unproven = 0
    for seed in range(10000, 10600):
        problem = made_up(random.Random(seed))
        expected, start = enumerated(problem, {}, {}), problem.best()
        for known in (None, start):
            answer = problem.near(known=known)
            proven, unproven = proven + answer.proven, unproven + (not answer.proven)
            if answer.choice is None:
                assert expected is None or not answer.proven, f"seed {seed}"
                continue
            total = sum(problem.objectives[0][each] for each in answer.choice)
            assert problem.keeps(answer.choice) and total <= expected[0] and (total == expected[0] or not answer.proven), f"seed {seed}"
    assert proven > 300 and unproven > 20


def test_a_program_without_a_standard_output_can_select(monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    assert Search(3, (Row({0: 1, 1: 1, 2: 1}, 2),), ([3, 1, 2],)).best() == {0, 2}
