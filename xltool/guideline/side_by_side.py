"""The differences between two editions as text for the terminal: a summary, then programme by programme."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ..rules.model import Programme
from .change import ADDED, DROPPED, Change
from .diff import MERGED, REGROUPED, SPLIT, STATES, EditionDiff, Pair

_IN_HEADING = ("名称", "序号", "方向")  # the ids and titles above say as much; the workbook has these too
_ONE_LINE = 40  # signs of old and new text together


def summary(diff: EditionDiff) -> str:
    """How many programmes continue, came and went; groups are not counted."""
    parts = []
    for state in STATES:
        pairs = [pair for pair in diff.pairs if pair.state == state and not (pair.old.members or pair.new.members)]
        olds, news = ({programme.id for programme in side} for side in ([pair.old for pair in pairs], [pair.new for pair in pairs]))
        if pairs:
            parts.append(f"{state} {len(olds)} 个成 {len(news)} 个" if state in (SPLIT, MERGED, REGROUPED) else f"{state} {len(pairs)} 个")
    for state, programmes in ((ADDED, diff.came), (DROPPED, diff.went)):
        if count := sum(not programme.members for programme in programmes):
            parts.append(f"{state} {count} 个")
    return "，".join(parts) if parts else "没有项目"


def diff_lines(diff: EditionDiff) -> list[str]:
    """The whole comparison; every change with what was, what is, by how much, and both citations."""
    lines = [f"旧　{diff.old.id}　{diff.old.title}", f"新　{diff.new.id}　{diff.new.title}", summary(diff)]
    for pair in diff.pairs:
        lines += ["", *_pair(pair)]
    for state, programmes in ((ADDED, diff.came), (DROPPED, diff.went)):
        lines += ["", *(f"{state}　{label(programme)}　〔{programme.cite}〕" for programme in programmes)] if programmes else []
    if diff.limits:
        lines += ["", "限项", *(line for change in diff.limits for line in _change(change))]
    return lines


def label(programme: Programme) -> str:
    """The id and title of a programme or group."""
    return f"{programme.id} {programme.title}" + ("（组）" if programme.members else "")


def _pair(pair: Pair) -> Iterator[str]:
    if pair.old.title == pair.new.title:
        yield f"{pair.state}　{pair.old.id} → {label(pair.new)}"
    else:
        yield f"{pair.state}　{label(pair.old)} → {label(pair.new)}"
    shown = [change for change in pair.changes if change.kind not in _IN_HEADING]
    for kind, changes in groupby(shown, key=lambda change: change.kind):
        if kind in (f"指标{ADDED}", f"指标{DROPPED}"):
            yield from _gathered(kind, list(changes))
        else:
            yield from (line for change in changes for line in _change(change))
    if not shown:
        yield "  没有变化"


def _gathered(kind: str, changes: list[Change]) -> Iterator[str]:
    """Indicators on one line; they all have one citation."""
    texts = "；".join(change.new or change.old for change in changes)
    yield f"  {kind}　{texts}　〔{changes[0].new_cite or changes[0].old_cite}〕"


def _change(change: Change) -> Iterator[str]:
    start = "　".join(filter(None, (f"  {change.kind}", change.what)))
    if not change.old or not change.new:
        side = "" if change.kind.endswith((ADDED, DROPPED)) else "（旧版没有）" if change.new else "（新版没有）"
        yield f"{start}　{change.old or change.new}{side}{_cite(change.old_cite or change.new_cite)}"
    elif len(change.old + change.new) <= _ONE_LINE:
        cites = " → ".join(dict.fromkeys(filter(None, (change.old_cite, change.new_cite))))
        yield f"{start}　{change.old} → {change.new}{'，' + change.delta if change.delta else ''}{_cite(cites)}"
    else:
        yield start + (f"　{change.delta}" if change.delta else "")
        yield f"      旧　{change.old}{_cite(change.old_cite)}"
        yield f"      新　{change.new}{_cite(change.new_cite)}"


def _cite(text: str) -> str:
    return f"　〔{text}〕" if text else ""
