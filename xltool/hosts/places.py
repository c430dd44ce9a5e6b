"""Places left in a programme or a group, from the projects of a sheet that are chosen already."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..rules.model import Edition, Programme
from ..rules.quota import UnknownPart, places_left


@dataclass(frozen=True, slots=True)
class Chosen:
    """Chosen projects: the programme (or group), the part of its quota where one is named, how many places they take."""

    programme: Programme
    part: str
    count: int


@dataclass(frozen=True, slots=True)
class Places:
    """Places left, None where the document states no number; `words` say how they came about."""

    left: int | None
    words: str


def places(edition: Edition, programme: Programme, chosen: Sequence[Chosen], part: str = "") -> Places:
    """Places left in a programme, or in one part. A programme that shares its group's places never has more than the group has left.

    Raises UnknownPart.
    """
    own = _left(programme, chosen, part)
    group = edition.programmes.get(programme.parent)
    if own.left is not None and group is not None and group.quota:
        shared = _left(group, chosen, next((row.part for row in group.quota if row.member == programme.id), ""))
        if shared.left is not None and shared.left < own.left:
            return Places(shared.left, f"{own.words}；同组合计：{shared.words}")
    return own


def _left(programme: Programme, chosen: Sequence[Chosen], part: str) -> Places:
    left = places_left(programme, _used(programme, chosen))
    part = next((row.part for row in programme.quota if row.member and row.member == part), part)
    if part and part not in left.parts:
        raise UnknownPart(programme, part, left.parts)
    number = left.parts[part] if part else left.total
    name = f"{programme.id}“{part}”" if part else programme.id
    stated = "；".join([row.note for row in programme.quota if row.part == part] or [f"{row.part}{row.note}" for row in programme.quota])
    if number is None:
        return Places(None, f"{name} 的文件没有写{'合计' if left.parts and not part else ''}名额（{programme.cite}）")
    used = f"已选{left.used_parts[part] if part else left.used}个"
    total = next((f"（合计{row.note}，已选{left.used}个）" for row in programme.quota if part and not row.part), "")
    over = left.over_parts[part] if part else left.over
    state = f"超出{over}个" if over else f"还剩{number}个"
    lacking = [f"“{each}”还要{count}个" for each, count in left.wanted.items() if count]
    if lacking and left.total is not None and sum(left.wanted.values()) > left.total:
        state += f"；{'、'.join(lacking)}，合计只剩{left.total}个，不够了"
    return Places(number, f"{name}：{stated}，{used}{total}，{state}（{programme.cite}）")


def _used(programme: Programme, chosen: Sequence[Chosen]) -> Iterator[tuple[str, int]]:
    """The places of a programme that are taken, with their part. Where a group's total is one member's alone, the others
    (国家中心) take none of its places.
    """
    parts = {row.member: row.part for row in programme.quota if row.member and row.part}
    counted = {row.member for row in programme.quota if row.member and not row.part} or {*programme.members}
    for each in chosen:
        if each.programme.id == programme.id:
            yield each.part, each.count
        elif each.programme.id in counted:
            yield each.part or parts.get(each.programme.id, ""), each.count
        elif programme.id in each.programme.members and any(programme.id == row.member and row.part == each.part for row in each.programme.quota):
            yield "", each.count
