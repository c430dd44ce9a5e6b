"""What `PROGRAM` tells of a programme, by the names of its items."""
from __future__ import annotations

from collections.abc import Callable

from ..rules.formula import half_width
from ..rules.model import Edition, Note, Programme, QuotaPart
from ..rules.quota import places_left
from .blocks import Cell, Misuse


def item_of(edition: Edition, programme: Programme, name: str) -> list[Cell]:
    """The values of an item, several where it lists; empty where the document says nothing. Raises Misuse for an unknown item."""
    wanted = half_width(name).strip().casefold()
    item = ITEMS.get(wanted) or ITEMS.get(_ENGLISH.get(wanted, ""))
    if item is None:
        what = f"没有“{name}”这一项" if wanted else "没有写要哪一项"
        raise Misuse(f"{what}；有：{'、'.join(ITEMS)}")
    return [value for value in item(programme, edition) if value is not None and value != ""]


def _notes(notes: tuple[Note, ...]) -> list[Cell]:
    return [note.title + (f"：{note.text}" if note.text else "") for note in notes]


def _quota(programme: Programme, _: Edition) -> list[Cell]:
    total = places_left(programme, ()).total
    return [None if total is None else float(total)]


def _parts(programme: Programme, _: Edition) -> list[Cell]:
    return ["：".join(filter(None, (row.part, row.note or _bounds(row)))) for row in programme.quota if row.part]


def _bounds(row: QuotaPart) -> str:
    return "，".join(f"{word}{bound}个" for word, bound in (("不超过", row.maximum), ("不少于", row.minimum)) if bound is not None)


def _form(programme: Programme, edition: Edition) -> list[Cell]:
    form = edition.forms.get(programme.form)
    return [f"{form.id} {form.title}" if form else programme.form]


def _window(programme: Programme, _: Edition) -> list[Cell]:
    return [programme.window or "至".join(filter(None, (programme.opens, programme.closes)))]


Item = Callable[[Programme, Edition], list[Cell]]

ITEMS: dict[str, Item] = {
    "编号": lambda programme, _: [programme.id],
    "名称": lambda programme, _: [programme.title],
    "方向": lambda programme, _: [programme.direction],
    "申报方式": lambda programme, _: [programme.mode],
    "支持方式": lambda programme, _: [programme.support],
    "申报主体": lambda programme, _: [programme.applicant],
    "主管部门": lambda programme, _: [programme.department],
    "申报时间": _window,
    "补助标准": lambda programme, _: [programme.standard],
    "补助公式": lambda programme, _: [programme.ceiling.text if programme.ceiling else None],
    "首付公式": lambda programme, _: [programme.first.text if programme.first else None],
    "比例": lambda programme, _: [programme.rate_and_cap[0]],
    "上限": lambda programme, _: [programme.rate_and_cap[1]],
    "名额": _quota,
    "名额分项": _parts,
    "条件": lambda programme, _: [f"{each.number} {each.text}" for each in programme.conditions],
    "事实": lambda programme, _: list(programme.fields),
    "材料": lambda programme, _: _notes(programme.materials),
    "评审要点": lambda programme, _: _notes(programme.review),
    "绩效表": _form,
    "前身": lambda programme, _: list(programme.follows),
    "出处": lambda programme, _: [programme.cite],
}
_ENGLISH = {"id": "编号", "title": "名称", "direction": "方向", "mode": "申报方式", "support": "支持方式", "applicant": "申报主体",
            "department": "主管部门", "window": "申报时间", "standard": "补助标准", "formula": "补助公式", "first": "首付公式", "rate": "比例",
            "cap": "上限", "quota": "名额", "parts": "名额分项", "conditions": "条件", "facts": "事实", "materials": "材料",
            "review": "评审要点", "form": "绩效表", "follows": "前身", "citation": "出处"}
