"""Editions by id and programmes by name, wherever the editions come from: guideline workbooks, or data inside an add-in."""
from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from .formula import half_width
from .model import EDITION_OF, Edition, Programme

Made = TypeVar("Made")
ALL = "全部项目：命令 xltool programs，表格里用函数 MATCH_PROGRAMS"
_KEPT = 1_000


class UnknownName(LookupError):
    """A programme, edition or city that does not exist; `near` holds the nearest ones."""

    def __init__(self, name: str, what: str, near: Sequence[str], others: str = ALL) -> None:
        self.name, self.near = name, list(near)
        super().__init__(f"没有{what}“{name}”；{'最接近的：' + '、'.join(near) if near else others}")


class Library:
    """Editions, newest guideline first, each loaded when it is asked for. `preferred`: where a bare title is looked up."""

    def __init__(self, ids: Sequence[str], load: Callable[[str], Edition], preferred: str = "") -> None:
        self.ids, self._load, self.preferred = list(ids), load, preferred
        self._derived: dict[Hashable, object] = {}

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is made of the editions for a key, kept: a sheet asks the same ten thousand times. All is forgotten when there is much."""
        found = self._derived.get(key)
        if found is None:
            found = make()
            if len(self._derived) >= _KEPT:
                self._derived.clear()
            self._derived[key] = found
        return found

    def edition(self, name: str) -> Edition:
        """The edition with an id. Raises UnknownName."""
        if name not in self.ids:
            raise UnknownName(name, "版本", [], "已有版本：" + "、".join(self.ids))
        return self._load(name)

    def led_by(self, edition: Edition) -> Library:
        """These editions with one more, or one in the place of another of its id, which is the preferred one."""
        ids = [edition.id, *(name for name in self.ids if name != edition.id)]
        return Library(ids, lambda name: edition if name == edition.id else self._load(name), edition.id)

    def find(self, name: str, preferred: str = "") -> Programme:
        """The programme or group with an id or official title.

        An id names its edition. A bare title means the preferred edition, else the newest guideline that has it.
        Raises UnknownName, with the nearest names, when there is none.
        """
        preferred = preferred or self.preferred
        if match := EDITION_OF.match(half_width(name).strip().upper()):
            order = [match[1]] if match[1] in self.ids else []
        else:
            order = [preferred] if preferred else self.ids
        near: list[str] = []
        for known in order:
            current = self._load(known)
            if programme := current.find(name):
                return programme
            near += current.near(name)
        elsewhere = [self._load(known).find(name) for known in self.ids if known not in order]
        same = [f"{programme.id} {programme.title}" for programme in elsewhere if programme]
        others = "已有版本：" + "、".join(self.ids) if match else ALL
        raise UnknownName(name, "项目", [*same, *near][:4], others)
