"""Two performance forms side by side: what is printed above and below the table, and its indicators."""
from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import fuzz

from ..rules.formula import half_width
from ..rules.model import Form, Indicator, title_key
from .change import ADDED, DROPPED, REWORDED, Change, align

_RENAMED = 75  # of 100: so alike are two names of one indicator


def form_changes(old: Form | None, new: Form | None) -> list[Change]:
    """What differs; a form cites itself by its number. The year line is left out: it differs by nature."""
    if old is None or new is None:
        return [] if old is new else [Change("绩效表", "", old.title if old else "", new.title if new else "").cited(*_ids(old, new))]
    return [change.cited(old.id, new.id) for change in (*_form(old, new), *_indicators(old, new))]


def _ids(old: Form | None, new: Form | None) -> tuple[str, str]:
    return old.id if old else "", new.id if new else ""


def _form(old: Form, new: Form) -> Iterator[Change]:
    for what, before, after in zip(_PRINTED, _printed(old), _printed(new)):
        if before != after:
            moved = [[text for text in texts if text not in others] for texts, others in ((before, after), (after, before))]
            yield Change("绩效表", what, *("、".join(texts) for texts in (moved if any(moved) else (before, after))))


_PRINTED = ("标题", "表头", "值列", "共性栏", "个性栏", "个性指标", "分组指标", "备注")


def _printed(form: Form) -> tuple[tuple[str, ...], ...]:
    """The texts and rules of a form beside its indicators, in the order of _PRINTED."""
    notes = {name: (form.presets.get(name), form.header_notes.get(name)) for name in form.header}
    custom = f"{form.custom_rows}行" + (f"，预印“{form.custom_preset}”" if form.custom_preset else "")
    groups = (f"每组至少填{form.group_minimum}项" if form.group_minimum else "", "只填一组" if form.one_group else "")
    return ((form.title,), tuple(name + "".join(f"（{note}）" for note in notes[name] if note) for name in form.header), form.value_columns,
            (form.common_section,), (form.custom_section,), (custom,), tuple(filter(None, groups)), form.notes)


def _indicators(old: Form, new: Form) -> Iterator[Change]:
    rows = [[row for row in form.indicators if not row.is_open] for form in (old, new)]
    for before, after in align(*rows, _likeness):
        if before is None or after is None:
            yield Change(f"指标{ADDED if before is None else DROPPED}", _place(before or after), _shown(before), _shown(after))
        elif half_width(_shown(before)) != half_width(_shown(after)):
            yield Change(f"指标{REWORDED}", _place(after), _shown(before), _shown(after))
        elif _place(before) != _place(after):
            yield Change(f"指标{REWORDED}", _shown(after), _place(before), _place(after))


def _likeness(old: Indicator, new: Indicator) -> float:
    place = (_place(old) == _place(new)) + (old.parent == new.parent)
    if title_key(old.name) == title_key(new.name):
        return 5.0 + place
    alike = fuzz.ratio(old.name, new.name)
    return 1.0 + place + alike / 100 if alike >= _RENAMED and old.level2 == new.level2 else 0.0


def _place(row: Indicator) -> str:
    return "／".join(filter(None, (row.level1, row.level2, row.group)))


def _shown(row: Indicator | None) -> str:
    """An indicator as the form prints it, with what is printed for its value."""
    if row is None:
        return ""
    answers = row.preset or "／".join(row.options)
    return row.printed + (f"：{answers}" if answers else "")
