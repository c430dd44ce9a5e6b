"""JSON lines in, JSON lines out: `assess` and `quota` for the command line.

A line that cannot be answered becomes `{"id", "error"}` and the rest goes on.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from ..guideline.bundle import UnknownName, find_programme
from ..rules.assess import assess
from ..rules.facts import read_facts
from ..rules.model import Programme
from ..rules.quota import UnknownPart, places_left

Answer = dict[str, object]


class _Refused(Exception):
    """Why a line has no answer."""


def assess_lines(lines: Iterable[str], edition: str | None = None) -> Iterator[Answer]:
    """Verdict, amounts (万元) and reasons for each `{"id", "program", "facts"}`."""
    return _answers(lines, edition, _assess)


def quota_lines(lines: Iterable[str], edition: str | None = None) -> Iterator[Answer]:
    """Places left for each `{"id", "program", "selected": [{"part", "n"}]}`."""
    return _answers(lines, edition, _quota)


def _answers(lines: Iterable[str], edition: str | None, answer: Callable[[Programme, dict], Answer]) -> Iterator[Answer]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        identity: object = number
        try:
            case = _parse(line)
            identity = case.get("id", number)
            name = case.get("program")
            if not isinstance(name, str) or not name.strip():
                raise _Refused("缺 program：应为项目编号或全称")
            yield {"id": identity, **answer(find_programme(name, edition), case)}
        except (_Refused, UnknownName, UnknownPart) as error:
            yield {"id": identity, "error": str(error)}


def _parse(line: str) -> dict:
    def constant(word: str) -> float:
        raise _Refused(f"不是 JSON 的数：{word}")

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            raise _Refused("写了两次：" + "、".join(sorted({name for name in names if names.count(name) > 1})))
        return found
    try:
        case = json.loads(line, parse_constant=constant, object_pairs_hook=once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _Refused(f"这一行不是 JSON：{error}") from error
    if not isinstance(case, dict):
        raise _Refused('这一行应是一个对象，如 {"id":"a1","program":"2026P1-1","facts":{}}')
    return case


def _assess(programme: Programme, case: dict) -> Answer:
    if programme.members:
        raise _Refused(f"{programme.id} 是一组项目，请用其中之一：{'、'.join(programme.members)}")
    raw = case.get("facts", {})
    if not isinstance(raw, dict):
        raise _Refused('facts 应是一个对象，如 {"项目总投入":1500}')
    facts, problems = read_facts(raw, programme)
    if problems:
        raise _Refused("；".join(map(str, problems)))
    answer = assess(programme, facts)
    return {
        "program": programme.id, "eligible": answer.verdict, "ceiling": answer.ceiling, "subsidy": answer.subsidy,
        "first_payment": answer.first_payment, "failed": answer.failed, "missing": answer.missing, "reasons": answer.reasons}


def _quota(programme: Programme, case: dict) -> Answer:
    selected = case.get("selected", [])
    if not isinstance(selected, list):
        raise _Refused('selected 应是一个列表，如 [{"part":"二级节点","n":9}]')
    left = places_left(programme, [_selection(item) for item in selected])
    return {"left": left.total, "left_parts": left.parts}


def _selection(item: object) -> tuple[str, int]:
    if not isinstance(item, dict):
        raise _Refused(f'selected 里应是 {{"part","n"}}，这是 {json.dumps(item, ensure_ascii=False)}')
    part, number = item.get("part") or "", item.get("n", 1)
    if unknown := set(item) - {"part", "n"}:
        raise _Refused("selected 里不认识：" + "、".join(sorted(unknown)))
    if not isinstance(part, str):
        raise _Refused("part 应是分项的名称")
    if isinstance(number, bool) or not isinstance(number, (int, float)) or number < 0 or number != int(number):
        raise _Refused(f"n 应是不小于0的整数，这是 {json.dumps(number)}")
    return part, int(number)
