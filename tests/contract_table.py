"""The contract table of the seven functions: what each gives for which arguments, the same in every host.

`data/functions.json` holds a list of cases: `id`, `function`, `args`, `rows`, and `except`, which tells by host why that host cannot do it.
Arguments are scalars or lists of rows; null is a blank cell or an argument left out, {"error": "#N/A"} an error cell, a date its serial.
In the expected rows null is a blank cell, {"error": …} an error, {"contains": [words]} a text, and {"more": n} in the place of a row stands
for n further rows. What is expected was written from the guideline documents and from the cases in the guideline workbooks, not by running.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "functions.json"


@dataclass(frozen=True)
class Case:
    """One call and what it must give. An error among the arguments is its text, as `error` made it."""

    id: str
    function: str
    args: list[object]
    rows: list[object]
    excepted: dict[str, str]


@cache
def _raw() -> tuple[dict[str, object], ...]:
    return tuple(json.loads(_FILE.read_text(encoding="utf-8")))


def cases(host: str = "", error: Callable[[str], object] = str) -> list[Case]:
    """The cases a host can do. `error` makes what the host's function receives for an error cell."""
    return [Case(each["id"], each["function"], [_argument(own, error) for own in each["args"]], each["rows"], each.get("except", {}))
            for each in _raw() if host not in each.get("except", {})]


def _argument(data: object, error: Callable[[str], object]) -> object:
    if isinstance(data, list):
        return [_argument(own, error) for own in data]
    if isinstance(data, dict):
        return error(data["error"])
    return float(data) if isinstance(data, int) and not isinstance(data, bool) else data


def agrees(found: Sequence[Sequence[object]], case: Case) -> bool:
    """Whether the rows a host shows are the expected ones. An error cell is its text, a blank cell None or an empty text."""
    rest = [row for row in case.rows if isinstance(row, dict)]
    wanted = [row for row in case.rows if not isinstance(row, dict)]
    if len(found) != len(wanted) + sum(row["more"] for row in rest):
        return False
    return all(len(row) == len(own) and all(map(_same, row, own)) for row, own in zip(found, wanted))


def _same(found: object, wanted: object) -> bool:
    if isinstance(wanted, dict):
        if "error" in wanted:
            return found == wanted["error"]
        return isinstance(found, str) and not found.startswith("#") and all(word in found for word in wanted["contains"])
    if wanted is None or wanted == "":
        return found is None or found == ""
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found - wanted) <= 1e-9 * max(1.0, abs(wanted))
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted
