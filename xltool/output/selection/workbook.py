"""The selection as a workbook (`selection.xlsx`): what is chosen, what is not and why, every limit with what it costs, and the 试算 sheet.

The 试算 sheet is live: its formulas know each project and what it takes of each limit by numbers only, so no text of a list comes near a
formula.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...guideline.bundle import bundled
from ...rules.assess import ELIGIBLE
from ..template import Template
from .candidates import MILLION, Candidate
from .explanation import Change, Span
from .limits import Bound
from .lines import gain_text, headline, span_text, step_text
from .selection import Selection

Row = dict[str, object]
_MOST_NAMED = 5  # projects in a cell; an exchange may move dozens


def render_selection(selection: Selection) -> bytes:
    """The selection as a workbook."""
    return Template.load(bundled("templates") / "selection.xlsx").render({
        "title": f"遴选方案　{selection.edition.title}", "summary": headline(selection), "rule": f"{selection.tie_rule}。",
        "notes": _notes(selection), "programmes": _programmes(selection),
        "chosen": [_chosen(selection, place) for place in sorted(selection.chosen)], "others": list(_others(selection)),
        "limits": list(_limits(selection)), "options": [_option(selection, place) for place in range(len(selection.options))],
        "live": [_live(number, bound) for number, bound in enumerate(_all(selection), 1)], "uses": _uses(selection),
        "problems": selection.problems, "skipped": selection.skipped,
        "run": [{"label": label, "value": value} for label, value in selection.run]})


def _all(selection: Selection) -> list[Bound]:
    return [*selection.bounds, *selection.soft]


def _notes(selection: Selection) -> str:
    free = sum(change.by == Span(0, 0) for change in selection.exchanges.values())
    open_ones = sum(not change.by.exact and change.against is None for change in selection.exchanges.values())
    notes = ["金额取申请额和可补助额中小的一个，只知道一个就取那一个；不符合的不选，待核实的可以选，已标出。"]
    notes += [f"有 {free} 个项目换了也不少：见“入选”“未入选”里“代价”为0的，取舍可以再议。"] * bool(free)
    notes += [f"代价逐个重新求解；太多时先解最要紧的，其余 {open_ones} 个写出证明了的范围。"] * bool(open_ones)
    return "\n".join(notes)


def _programmes(selection: Selection) -> Iterator[Row]:
    for programme in selection.edition.programmes.values():
        own = [each for each in selection.candidates if each.project.programme.id == programme.id]
        taken = [selection.options[place] for place in sorted(selection.chosen)
                 if selection.options[place].project.programme.id == programme.id]
        if own:
            yield {"id": programme.id, "title": programme.title, "count": len(own), "options": sum(not each.reason for each in own),
                   "chosen": len(taken), "amount": _sum(each.amount for each in taken),
                   "score": _sum(each.score for each in taken) if selection.score else None}


def _sum(values: Iterable[int | None]) -> float:
    return sum(value or 0 for value in values) / MILLION


def _project(each: Candidate) -> Row:
    project, answer = each.project, each.checked.answer
    return {"no": each.number, "county": each.checked.county, "unit": project.unit_name, "title": project.title, "id": project.programme.id,
            "programme": project.programme.title, "verdict": answer.verdict, "score": _value(each.score), "amount": _value(each.amount),
            "source": str(project.where)}


def _value(millionths: int | None) -> float | None:
    return None if millionths is None else millionths / MILLION


def _chosen(selection: Selection, place: int) -> Row:
    each, change = selection.options[place], selection.exchanges.get(place)
    remark = ["必选"] * (place in selection.fixed) + ["待核实"] * (each.checked.answer.verdict != ELIGIBLE)
    return {**_project(each), "remark": "；".join(remark), **_cost(selection, change)}


def _others(selection: Selection) -> Iterator[Row]:
    places = {each.number: place for place, each in enumerate(selection.options)}
    left = [None if bound.most is None else bound.most - bound.used(selection.chosen) for bound in selection.bounds]
    full: dict[int, list[str]] = {}
    for bound, room in zip(selection.bounds, left):
        for place, taken in bound.uses.items():
            if room is not None and taken > room:
                full.setdefault(place, []).append(bound.text)
    for each in selection.candidates:
        place = places.get(each.number)
        if place is None:
            yield {**_project(each), "why": each.reason, **_cost(selection, None)}
        elif place not in selection.chosen:
            why = "加进来就突破：" + "；".join(full[place]) if place in full else "加进来不增加合计"
            yield {**_project(each), "why": why, **_cost(selection, selection.exchanges[place])}


def _cost(selection: Selection, change: Change | None) -> Row:
    """What choosing otherwise costs, and the exchange."""
    if change is None:
        return {"cost": None, "swap": ""}
    if change.against is not None:
        names = [f"必选 {selection.options[-1 - part].name}" if part < 0 else selection.bounds[part].text for part in change.against]
        return {"cost": "不可能", "swap": "不能同时满足：" + "；".join(names)}
    return {"cost": change.by.low / MILLION if change.by.exact else span_text(change.by), "swap": _swap(selection, change)}


def _swap(selection: Selection, change: Change) -> str:
    """The projects that come and go, by number; of many the first, and how many there are."""
    def numbers(places: frozenset[int]) -> str:
        named = "、".join(str(selection.options[place].number) for place in sorted(places)[:_MOST_NAMED])
        return named + f" 等{len(places)}个" * (len(places) > _MOST_NAMED)
    return "；".join(f"{word} {numbers(places)}" for word, places in (("换入", change.comes), ("换出", change.goes)) if places)


def _limits(selection: Selection) -> Iterator[Row]:
    for place, (bound, change) in enumerate(zip(selection.bounds, selection.shadows)):
        gain = change.by.low / MILLION if change.by.exact else gain_text(change.by)
        yield {**_bound(selection, bound), "step": step_text(selection, place), "gain": gain, "swap": _swap(selection, change)}
    for bound in selection.soft:
        yield {**_bound(selection, bound), "step": "", "gain": "提示，不作限制", "swap": ""}


def _bound(selection: Selection, bound: Bound) -> Row:
    used = bound.used(selection.chosen)
    left = None if bound.most is None else (bound.most - used) / bound.unit
    return {"kind": bound.kind if bound.hard else f"{bound.kind}（提示）", "name": bound.name, "least": bound.least or None,
            "most": None if bound.most is None else bound.most / bound.unit, "used": used / bound.unit, "left": left,
            "state": "突破" if bound.broken(selection.chosen) else "用完" if left == 0 else "", "cite": bound.cite, "note": bound.note}


# --- the live sheet ---------------------------------------------------------------------------------------------------------


def _option(selection: Selection, place: int) -> Row:
    return {**_project(selection.options[place]), "taken": int(place in selection.chosen)}


def _live(number: int, bound: Bound) -> Row:
    return {"no": number, "kind": bound.kind if bound.hard else f"{bound.kind}（提示）", "hard": int(bound.hard), "name": bound.name,
            "least": bound.least or None, "most": None if bound.most is None else bound.most / bound.unit, "cite": bound.cite}


def _uses(selection: Selection) -> Iterator[Row]:
    """What each project takes of each limit, a row each."""
    for number, bound in enumerate(_all(selection), 1):
        for place in sorted(bound.uses):
            each = selection.options[place]
            yield {"limit": number, "name": bound.name, "no": each.number, "title": _titled(each), "takes": bound.uses[place] / bound.unit}


def _titled(each: Candidate) -> str:
    return f"{each.project.unit_name}　{each.project.title}"
