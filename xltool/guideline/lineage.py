"""What a programme became in another edition: the links that the column 前身 keeps as data, followed through the editions between.

A link names the nearest earlier edition that had the programme, so 2022 and 2026 meet by way of 2024 and 2023. Nothing is guessed
from titles; a name that leads nowhere is a problem.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..rules.model import EDITION_OF, Edition, Programme
from ..rules.problems import Problem, ProblemsError
from .bundle import edition, edition_ids
from .records import Reader


@dataclass(frozen=True)
class Lineage:
    """The links between two editions as (old id, new id), whichever of the two is the later one."""

    old: Edition
    new: Edition
    links: tuple[tuple[str, str], ...]

    @cached_property
    def successors(self) -> dict[str, tuple[Programme, ...]]:
        """By old id: the programmes of the new edition that continue it."""
        return {name: tuple(self.new.programmes[new] for old, new in self.links if old == name) for name in self.old.programmes}

    @cached_property
    def predecessors(self) -> dict[str, tuple[Programme, ...]]:
        """By new id: the programmes of the old edition it continues."""
        return {name: tuple(self.old.programmes[old] for old, new in self.links if new == name) for name in self.new.programmes}


def lineage(old: Edition, new: Edition) -> Lineage:
    """How two editions hang together. Two states of one edition are linked by their ids."""
    if old.id == new.id:
        found = {(name, name) for name in old.programmes if name in new.programmes}
    else:
        found = {(ancestor, programme.id) for programme in new.programmes.values() for ancestor in _ancestors(programme, old)}
        found |= {(programme.id, ancestor) for programme in old.programmes.values() for ancestor in _ancestors(programme, new)}
        found |= set(_through_groups(found, old, new))
    olds, news = list(old.programmes), list(new.programmes)
    return Lineage(old, new, tuple(sorted(found, key=lambda link: (news.index(link[1]), olds.index(link[0])))))


def _ancestors(programme: Programme, among: Edition) -> Iterator[str]:
    """The ids in an edition that a programme goes back to."""
    for name in programme.follows:
        year = EDITION_OF.match(name)[1]
        if year == among.id:
            if name in among.programmes:
                yield name
        elif year in edition_ids() and name in (between := edition(year).programmes):
            yield from _ancestors(between[name], among)


def _through_groups(links: set[tuple[str, str]], old: Edition, new: Edition) -> Iterator[tuple[str, str]]:
    """Where a group as a whole became one programme (or came from one), its members did so too, unless they have links of their own."""
    linked = {name for link in links for name in link}
    for before, after in links:
        group, other = old.programmes[before], new.programmes[after]
        if group.members and not other.members and linked.isdisjoint(group.members):
            yield from ((member, after) for member in group.members)
        elif other.members and not group.members and linked.isdisjoint(other.members):
            yield from ((before, member) for member in other.members)


def unknown_predecessors(path: Path) -> list[Problem]:
    """The names in the column 前身 of a sound guideline workbook that no bundled edition has, each with its cell."""
    reader = Reader.open(path)
    for record in reader.records("项目"):
        for name in record.lines("前身"):
            year = EDITION_OF.match(name)
            if not year or year[1] not in edition_ids():
                record.report("前身", "cell.reference", name, "没有这一版指南", "已有版本：" + "、".join(edition_ids()))
            elif name not in edition(year[1]).programmes:
                record.report("前身", "cell.reference", name, f"{year[1]}版没有这个编号", "请检查编号，一行一个")
    return reader.problems


def linked_edition(name: str) -> Edition:
    """A bundled edition by its id, or a guideline workbook by its path, whose links lead somewhere.

    Raises UnknownName, and ProblemsError with the cells of links that do not.
    """
    chosen = edition(name)
    if name not in edition_ids() and (problems := unknown_predecessors(Path(name))):
        raise ProblemsError(problems)
    return chosen
