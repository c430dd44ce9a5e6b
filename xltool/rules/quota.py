"""How many places are left in a programme, whole and part by part.

A part's minimum reserves places for it: what the other parts and the unassigned projects can take is the rest.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Programme


@dataclass(frozen=True, slots=True)
class Left:
    """Places left: `total` is None where the guideline states no number; `parts` likewise per part."""

    total: int | None
    parts: dict[str, int | None]
    used: int
    used_parts: dict[str, int]
    over: int  # chosen beyond the total
    over_parts: dict[str, int]
    wanted: dict[str, int]  # what parts still lack to their minimum


class UnknownPart(ValueError):
    """A part the programme's quota does not have; `parts` are those it has."""

    def __init__(self, programme: Programme, part: str, parts: Iterable[str]) -> None:
        known = "、".join(parts)
        super().__init__(f"{programme.id} 没有分项“{part}”；" + (f"分项有：{known}" if known else "它的名额不分项"))


def places_left(programme: Programme, selected: Iterable[tuple[str, int]]) -> Left:
    """Places left after some projects were selected, as pairs of part (empty: none) and number.

    left for a part = min(its own maximum − used, total left − places still reserved for the other parts), never below 0.
    Raises UnknownPart for a part the programme does not have.
    """
    limits = {row.part: row for row in programme.quota if row.part}
    names = {row.member: part for part, row in limits.items() if row.member}
    used_parts = dict.fromkeys(limits, 0)
    used = 0
    for part, number in selected:
        part = names.get(part, part)
        used += number
        if part:
            if part not in used_parts:
                raise UnknownPart(programme, part, limits)
            used_parts[part] += number
    total = _total(programme)
    left = None if total is None else max(0, total - used)
    parts: dict[str, int | None] = {}
    wanted = {part: max(0, (row.minimum or 0) - used_parts[part]) for part, row in limits.items()}
    for part, row in limits.items():
        reserved = sum(wanted.values()) - wanted[part]
        bounds = [] if total is None else [total - used - reserved]
        if row.maximum is not None:
            bounds.append(row.maximum - used_parts[part])
        parts[part] = max(0, min(bounds)) if bounds else None
    over_parts = {part: max(0, used_parts[part] - row.maximum) if row.maximum is not None else 0 for part, row in limits.items()}
    return Left(left, parts, used, used_parts, 0 if total is None else max(0, used - total), over_parts, wanted)


def _total(programme: Programme) -> int | None:
    """The programme's own maximum, or the sum of its parts' where only those are stated and each holds once."""
    for row in programme.quota:
        if not row.part:
            return row.maximum
    maxima = [None if row.each else row.maximum for row in programme.quota]
    return sum(maxima) if maxima and None not in maxima else None
