"""A programme as one readable page, and lists of programmes, for the terminal."""
from __future__ import annotations

import unicodedata

from ..rules.formula import number_text
from ..rules.model import EDITION_OF, Edition, Programme, title_key
from .bundle import edition as load_edition
from .bundle import edition_ids, find_programme
from .calendar import window_text


def programme_lines(edition: str | None, find: str) -> list[str]:
    """One line per programme and group: id, how it is applied for, cap, title; `find` in id, title or direction."""
    lines: list[str] = []
    wanted = title_key(find) if find else ""
    for name in [edition] if edition else edition_ids():
        current = load_edition(name)
        found = [programme for programme in current.programmes.values()
                 if wanted in title_key(programme.title) or wanted.upper() in programme.id or wanted in title_key(programme.direction)]
        if found:
            lines += ["", f"{current.id}  {current.title}"] if lines else [f"{current.id}  {current.title}"]
        for programme in found:
            kind = "组" if programme.members else programme.mode
            lines.append(f"  {_pad(programme.id, 14)}{_pad(kind, 10)}{_pad(_cap(programme), 14)}{programme.title}")
    return lines


def _cap(programme: Programme) -> str:
    _, cap = programme.rate_and_cap
    return f"≤{number_text(cap)}万元" if cap is not None else ""


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(1, width - _width(text))


def programme_page(programme: Programme, edition: Edition) -> str:
    """Everything the edition says about a programme or group."""
    lines = [f"{programme.id}  {programme.title}", f"{edition.title}　{programme.cite}"]
    lines += _facts(programme) + _predecessors(programme)
    if programme.members:
        lines += ["", "组里的项目"] + [f"  {name}  {edition.programmes[name].title}" for name in programme.members]
    if programme.conditions:
        lines += ["", "条件"]
        for condition in programme.conditions:
            mark = "" if condition.hard else "（提示）"
            lines.append(f"  {_pad(condition.number, 7)}{condition.text}{mark}  〔{condition.cite}〕")
            when = f"　当 {condition.when.text} 时" if condition.when else ""
            lines.append(f"         {condition.formula.text}{when}")
    lines += _amounts(programme) + _quota(programme) + _limits(programme, edition)
    for title, notes in (("材料", programme.materials), ("评审要点", programme.review)):
        if notes:
            lines += ["", title] + [f"  {number}. {note.title}{'：' + note.text if note.text else ''}{f'  〔{note.cite}〕' if note.cite else ''}"
                                    for number, note in enumerate(notes, 1)]
    if form := edition.forms.get(programme.form):
        lines += ["", f"绩效表 {form.id}  {form.title}"]
        lines += [f"  {row.level1}／{row.level2}　{row.printed}{'　' + row.preset if row.preset else ''}" for row in form.indicators]
    if programme.fields:
        lines += ["", "需要的事实"]
        for field in programme.fields.values():
            kind = field.kind + (f"（{field.unit}）" if field.unit else "") + (f"：{'、'.join(field.choices)}" if field.choices else "")
            lines.append(f"  {field.name}　{kind}{'　' + field.note if field.note else ''}")
    if programme.readings:
        lines += ["", "文件没写清楚、本表采用的理解"] + [f"  · {reading}" for reading in programme.readings]
    contacts = [contact for contact in edition.contacts if programme.id in contact.programmes]
    lines += [line for contact in contacts for line in (
        "", "联系方式", f"  省：{contact.province_office} {contact.province_phone}",
        f"  {edition.city or '市'}：{contact.city_office} {contact.city_phone}")]
    return "\n".join(lines)


def _facts(programme: Programme) -> list[str]:
    pairs = (("方向", programme.direction), ("申报方式", programme.mode), ("支持方式", programme.support), ("申报主体", programme.applicant),
             ("主管部门", programme.department), ("申报时间", window_text(programme)))
    return [f"{label}：{value}" for label, value in pairs if value]


def _predecessors(programme: Programme) -> list[str]:
    """What the programme was in earlier editions, with the titles of bundled ones."""
    found = [(name, find_programme(name).title if EDITION_OF.match(name)[1] in edition_ids() else "") for name in programme.follows]
    return ["前身：" + "；".join(f"{name} {title}".strip() for name, title in found)] if found else []


def _limits(programme: Programme, edition: Edition) -> list[str]:
    own = [limit for limit in edition.limits if {programme.id, programme.parent, *programme.members} & set(limit.programmes)]
    return ["", "限项"] * bool(own) + [
        f"  同一{limit.same}不超过{limit.maximum}个{'' if limit.hard else '（提示）'}：{limit.text}  〔{limit.cite}〕" for limit in own]


def _amounts(programme: Programme) -> list[str]:
    if programme.members:
        return []
    lines = ["", "补助"]
    if programme.standard:
        lines.append(f"  {programme.standard}")
    lines.append(f"  补助上限 = {programme.ceiling.text}（万元）" if programme.ceiling else "  文件没有可计算的标准")
    lines.append(f"  首付 = {programme.first.text}" if programme.first else "  不分期，或文件没有写分期")
    return lines


def _quota(programme: Programme) -> list[str]:
    if not programme.quota:
        return ["", "名额：文件没有写"]
    lines = ["", "名额"]
    for row in programme.quota:
        bounds = [f"不超过{row.maximum}个" if row.maximum is not None else "", f"不少于{row.minimum}个" if row.minimum is not None else ""]
        text = "，".join(bound for bound in bounds if bound) or row.note or "没有单列"
        text = row.note if row.each else text
        lines.append(f"  {row.part or '总数'}：{text}{f'  〔{row.cite}〕' if row.cite else ''}")
    return lines
