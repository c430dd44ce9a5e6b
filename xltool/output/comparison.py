"""Two editions side by side as a workbook (`edition-diff.xlsx`), and what the command line says about a list under both."""
from __future__ import annotations

from collections.abc import Iterator

from ..guideline.bundle import bundled
from ..guideline.change import ADDED, DROPPED, Change, gap
from ..guideline.diff import EditionDiff
from ..guideline.side_by_side import label, summary
from ..rules.assess import Assessment, Outcome
from ..rules.formula import number_text
from ..rules.model import Programme
from .impact import Effect, Impact
from .template import Template

Row = dict[str, object]


def render_comparison(diff: EditionDiff, impact: Impact | None = None) -> bytes:
    """The comparison as a workbook; the last sheet shows the projects of a list where there is one."""
    return Template.load(bundled("templates") / "edition-diff.xlsx").render({
        "title": f"两版指南对照　{diff.old.id} → {diff.new.id}", "old": diff.old.title, "new": diff.new.title, "summary": summary(diff),
        "programmes": _programmes(diff), "changes": _changes(diff),
        "impact": "\n".join(impact_summary(impact)) if impact else "没有附清单。命令里加 --list 清单.xlsx，这里就列出每个项目在两版下的结论和金额。",
        "effects": map(_effect, impact.effects) if impact else ()})


def _programmes(diff: EditionDiff) -> Iterator[Row]:
    for pair in diff.pairs:
        yield _programme(pair.state, pair.old, pair.new, len(pair.changes))
    for programme in diff.came:
        yield _programme(ADDED, None, programme, None)
    for programme in diff.went:
        yield _programme(DROPPED, programme, None, None)


def _programme(state: str, old: Programme | None, new: Programme | None, changes: int | None) -> Row:
    return {"state": state, "changes": changes, "old": _side(old), "new": _side(new)}


def _side(programme: Programme | None) -> Row:
    if programme is None:
        return dict.fromkeys(("id", "title", "rate", "cap", "quota"))
    rate, cap = programme.rate_and_cap
    quota = next((row.maximum for row in programme.quota if not row.part), None)
    return {"id": programme.id, "title": programme.title + ("（组）" if programme.members else ""), "rate": rate, "cap": cap, "quota": quota}


def _changes(diff: EditionDiff) -> Iterator[Row]:
    for pair in diff.pairs:
        for change in pair.changes:
            yield {"old": pair.old.id, "new": pair.new.id, "title": pair.new.title, "change": change}
    for programme in diff.came:
        change = Change(f"项目{ADDED}", "", "", label(programme), new_cite=programme.cite)
        yield {"old": "", "new": programme.id, "title": programme.title, "change": change}
    for programme in diff.went:
        change = Change(f"项目{DROPPED}", "", label(programme), "", old_cite=programme.cite)
        yield {"old": programme.id, "new": "", "title": programme.title, "change": change}
    for change in diff.limits:
        yield {"old": "", "new": "", "title": "（几个项目共同的）", "change": change}


def _effect(effect: Effect) -> Row:
    return {
        "unit": effect.project.unit_name, "title": effect.project.title, "source": f"{effect.project.where.sheet}!{effect.project.where.cell}",
        "old": _answer(effect.old), "new": _answer(effect.new), "difference": effect.difference, "changed": _verdict(effect),
        "broken": _conditions(effect.newly_broken), "met": _conditions(effect.newly_met), "needed": "、".join(effect.needed), "note": _note(effect)}


def _verdict(effect: Effect) -> str:
    return "没有对应" if effect.alone else "变" if effect.changed else "不变"


def _answer(answer: Assessment | None) -> Row:
    if answer is None:
        return dict.fromkeys(("id", "verdict", "ceiling", "subsidy"))
    return {"id": answer.programme.id, "verdict": answer.verdict, "ceiling": answer.ceiling, "subsidy": answer.subsidy}


def _conditions(outcomes: list[Outcome]) -> str:
    return "\n".join(f"{outcome.condition.number} {outcome.shortfall or outcome.condition.text}" for outcome in outcomes)


def _note(effect: Effect) -> str:
    notes = ["旧版没有对应项目" if effect.old is None else "新版没有对应项目" if effect.new is None else ""]
    if effect.alternatives > 1:
        notes.append(f"另一版有{effect.alternatives}个对应项目，逐个列出")
    if effect.unread:
        notes.append("另一版读不出：" + "、".join(effect.unread))
    return "；".join(filter(None, notes))


# --- the command line -------------------------------------------------------------------------------------------------


def impact_summary(impact: Impact) -> list[str]:
    """Which edition the list belongs to, how many projects change, and the sums where they are known."""
    projects = {effect.project.where for effect in impact.effects}
    changed = {effect.project.where for effect in impact.effects if effect.changed}
    both = "（两版都认得清单里的项目类别，按旧版读）" if impact.both_know else ""
    totals = impact.totals
    lines = [f"清单 {impact.source} 是{impact.made_for.id}版的{both}：{len(projects)} 个项目，结论或金额有变的 {len(changed)} 个。"]
    sums = f"旧版可补助 {number_text(totals.old)}万元，新版 {number_text(totals.new)}万元{_moved(totals.new - totals.old)}"
    lines.append(f"合计（两版都算得出的 {totals.counted} 个）：{sums}。" if totals.counted else "没有两版都算得出金额的项目，不合计。")
    if totals.left_out:
        lines.append("没有算进合计：" + "，".join(f"{reason} {count} 个" for reason, count in totals.left_out) + "。")
    if impact.problem_count:
        lines.append(f"清单里有 {impact.problem_count} 个问题，逐个看：xltool assess {impact.source} --edition {impact.made_for.id}")
    return lines


def impact_lines(impact: Impact) -> list[str]:
    """The projects whose verdict or amount changes, with the conditions and facts that make the difference; then those left alone."""
    lines = impact_summary(impact)
    for effect in impact.effects:
        if effect.changed:
            project, moved = effect.project, _moved(effect.difference or 0.0)
            lines += ["", f"{project.unit_name}　{project.title}　（{project.where.sheet}!{project.where.cell}）",
                      f"  {_side_text(effect.old)} → {_side_text(effect.new)}{moved}",
                      *(f"  {name}：{text}" for name, text in _reasons(effect) if text)]
    alone: dict[str, list[str]] = {}
    for effect in impact.effects:
        if effect.alone:
            alone.setdefault(label(effect.project.programme), []).append(effect.project.unit_name)
    lines += ["", "另一版没有对应项目"] * bool(alone)
    return [*lines, *(f"  {programme}　{len(units)} 个：{'、'.join(units)}" for programme, units in alone.items())]


def _side_text(answer: Assessment) -> str:
    unknown = "金额算不出" if answer.programme.ceiling else "没有可计算的标准"
    amount = f"{number_text(answer.subsidy)}万元" if answer.subsidy is not None else unknown
    return f"{answer.programme.id} {answer.verdict}，{amount}"


def _moved(difference: float) -> str:
    return f"，{gap(0.0, difference, '万元', '少多')}" if difference else ""


def _reasons(effect: Effect) -> Iterator[tuple[str, str]]:
    for name, outcomes in (("新版不满足", effect.newly_broken), ("旧版不满足、新版不再是问题", effect.newly_met)):
        yield name, "；".join(_conditions(outcomes).split("\n"))
    yield "另一版还要", "、".join(effect.needed)
    yield "注意", _note(effect)
