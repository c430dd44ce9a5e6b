"""JSON lines in, JSON lines out: `assess`, `match` and `quota` for the command line.

A line that cannot be answered becomes `{"id", "error"}` and the rest goes on.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from ..guideline.bundle import NotInForce, common_conditions, find_programme
from ..rules.assess import INELIGIBLE, Assessment, assess
from ..rules.evaluate import Value
from ..rules.facts import read_facts
from ..rules.library import UnknownName
from ..rules.match import Combination, Matcher
from ..rules.model import Edition, Programme
from ..rules.quota import UnknownPart, places_left

Answer = dict[str, object]


class _Refused(Exception):
    """Why a line has no answer."""


def assess_lines(lines: Iterable[str], edition: str | None = None, common: bool = False) -> Iterator[Answer]:
    """Verdict, amounts (万元) and reasons for each `{"id", "program", "facts"}`.

    `common`, here or as a key of a line, adds the common conditions of the management measure in force.
    """
    return _answers(lines, partial(_assess, edition=edition, common=common))


def quota_lines(lines: Iterable[str], edition: str | None = None) -> Iterator[Answer]:
    """Places left for each `{"id", "program", "selected": [{"part", "n"}]}`."""
    return _answers(lines, partial(_quota, edition=edition))


def match_lines(lines: Iterable[str], edition: Edition) -> Iterator[Answer]:
    """For each enterprise `{"id", "facts"}`, or project (with its name under `project`), what it could apply for in an edition.

    `programs` holds those at least one fact was given for, the most promising first; `no_facts` the ids of the others; `limits`
    what keeps some from being had together; `best` the best combination of what is 符合, `potential` with what is still 待核实.
    """
    return _answers(lines, partial(_match, matcher=Matcher(edition), whole=edition.whole))


def possible_programmes(answers: Iterable[Answer], found: set[str]) -> Iterator[Answer]:
    """Pass matches on, gathering the programmes somebody is not ruled out of."""
    for answer in answers:
        found.update(each["program"] for each in answer.get("programs", ()) if each["eligible"] != INELIGIBLE)
        yield answer


def _answers(lines: Iterable[str], answer: Callable[[dict], Answer]) -> Iterator[Answer]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        identity: object = number
        try:
            case = _parse(line)
            identity = case.get("id", number)
            yield {"id": identity, **answer(case)}
        except (_Refused, UnknownName, UnknownPart, NotInForce) as error:
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
    except json.JSONDecodeError as error:
        raise _Refused(f"这一行不是 JSON：第 {error.colno} 个字符起看不懂") from error
    except RecursionError as error:
        raise _Refused("这一行不是能读的 JSON：括号套得太深") from error
    if not isinstance(case, dict):
        raise _Refused('这一行应是一个对象，如 {"id":"a1","program":"2026P1-1","facts":{}}')
    return case


def _programme(case: dict, edition: str | None) -> Programme:
    name = case.get("program")
    if not isinstance(name, str) or not name.strip():
        raise _Refused("缺 program：应为项目编号或全称")
    return find_programme(name, edition)


def _facts(case: dict, programme: Programme) -> dict[str, Value]:
    raw = case.get("facts", {})
    if not isinstance(raw, dict):
        raise _Refused('facts 应是一个对象，如 {"项目总投入":1500}')
    facts, problems = read_facts(raw, programme)
    if problems:
        raise _Refused("；".join(map(str, problems)))
    return facts


def _assess(case: dict, edition: str | None, common: bool) -> Answer:
    programme = _programme(case, edition)
    if programme.members:
        raise _Refused(f"{programme.id} 是一组项目，请用其中之一：{'、'.join(programme.members)}")
    asked = case.get("common", common)
    if not isinstance(asked, bool):
        raise _Refused(f"common 应是 true 或 false，这是 {json.dumps(asked, ensure_ascii=False)}")
    if asked:
        programme = programme.under(common_conditions(programme.edition))
    answer = assess(programme, _facts(case, programme))
    return {**_amounts(answer), "failed": answer.failed, "missing": answer.missing, "reasons": answer.reasons}


def _amounts(answer: Assessment) -> Answer:
    return {"program": answer.programme.id, "eligible": answer.verdict, "ceiling": answer.ceiling, "subsidy": answer.subsidy,
            "first_payment": answer.first_payment}


def _match(case: dict, matcher: Matcher, whole: Programme) -> Answer:
    project = case.get("project", "")
    if not isinstance(project, str):
        raise _Refused("project 应是项目的名称")
    found = matcher.match(_facts(case, whole), is_project=bool(project))
    return {
        "programs": [{**_amounts(each.answer), "failed": each.answer.failed, "missing": each.missing} for each in found.touched],
        "no_facts": [each.id for each in found.candidates if not each.touched],
        "limits": [{"programs": list(limit.programmes), "same": limit.same, "maximum": limit.maximum, "hard": limit.hard,
                    "text": limit.text, "cite": limit.cite} for limit in found.limits],
        "best": _combination(found.best), "potential": _combination(found.potential)}


def _combination(combination: Combination) -> Answer:
    return {"programs": list(combination.programmes), "subsidy": combination.subsidy}


def _quota(case: dict, edition: str | None) -> Answer:
    programme = _programme(case, edition)
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
