"""What each tag of a template would get from given data: for the author, who sees at once which names are mistyped.

Nothing is filled in: a name is looked up as it is written, a loop's variable in the first item of its list. A name behind
`default(…)` or `is defined` is listed as missing too, since it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from xltool.rules.check import nearest

from .problems import Where
from .template import Template, WordTemplate
from .values import Unfit
from .wording import words

MOST_LETTERS = 30
_DEEPEST = 4
_MISSING = object()
_NOTHING = object()  # the item of an empty list: nobody knows what it would hold


@dataclass(frozen=True, slots=True)
class TagUse:
    """A name a tag reads: where, whether the data have it, else the nearest ones they have, and its value in short."""

    where: Where
    name: str
    known: bool
    near: tuple[str, ...] = ()
    value: str = ""

    def __str__(self) -> str:
        if self.known:
            return f"{self.where}：{self.name} = {self.value}"
        advice = f"，是不是“{'”“'.join(self.near)}”？" if self.near else ""
        return f"{self.where}：没有 {self.name}{advice}"


def tag_uses(template: Template | WordTemplate, context: Mapping[str, object]) -> list[TagUse]:
    """Every name every tag reads, in the template's order, with what these data hold for it."""
    return [_look_up(use.where, name, context) for use in template.names() for name in use.names]


def tag_lines(uses: Iterable[TagUse]) -> list[str]:
    """The uses as lines to print, the missing names first; the last line counts them."""
    uses = list(uses)
    missing = [use for use in uses if not use.known]
    lines = [str(use) for use in [*missing, *(use for use in uses if use.known)]]
    return [*lines, f"标签用到 {len({use.name for use in uses})} 个名称，缺 {len({use.name for use in missing})} 个"]


def _look_up(where: Where, name: str, context: Mapping[str, object]) -> TagUse:
    value, trail = context, ""
    for step in name.split("."):
        key = step.rstrip("[]")
        holder, value = value, _member(value, key)
        if value is _MISSING:
            return TagUse(where, name, False, _near(name, key, trail, holder, context))
        for _ in range(step.count("[]")):
            value = _first(value)
        trail += f"{step}."
    return TagUse(where, name, True, value=_short(value))


def _member(value: object, key: str) -> object:
    if value is _NOTHING:
        return _NOTHING
    if isinstance(value, Mapping) and key in value:
        return value[key]
    found = getattr(value, key, _MISSING) if not key.startswith("_") else _MISSING
    return _NOTHING if callable(found) else found  # a method, as in facts.items()


def _first(value: object) -> object:
    if isinstance(value, Mapping) or not isinstance(value, Iterable) or isinstance(value, (str, bytes, Iterator)):
        return _NOTHING
    return next(iter(value), _NOTHING)


def _near(name: str, key: str, trail: str, holder: object, context: Mapping[str, object]) -> tuple[str, ...]:
    rest = name[len(trail) + len(key) :]
    beside = [trail + found + rest for found in nearest(key, tuple(_keys(holder)))]
    return tuple(beside or [path for path in _paths(context) if path.rpartition(".")[2] == name.rpartition(".")[2]][:3])


def _keys(value: object) -> list[str]:
    found = value if isinstance(value, Mapping) else getattr(value, "__dict__", ())
    return [key for key in found if isinstance(key, str) and not key.startswith("_")]


def _paths(value: object, trail: str = "", depth: int = 0) -> Iterator[str]:
    """The names data hold, as a template writes them."""
    for key in _keys(value) if depth < _DEEPEST else ():
        inner, path = _member(value, key), trail + key
        yield path
        if not isinstance(inner, (Mapping, str)) and (item := _first(inner)) is not _NOTHING:
            inner, path = item, f"{path}[]"
        yield from _paths(inner, f"{path}.", depth + 1)


def _short(value: object) -> str:
    if value is _NOTHING:
        return "（没有数据，看不出来）"
    if isinstance(value, Mapping):
        text = "、".join(_keys(value))
    elif isinstance(value, (list, tuple)):
        return f"{len(value)} 项" + (f"，第一项：{_short(value[0])}" if value else "")
    else:
        try:
            text = words(value)
        except Unfit:
            text = type(value).__name__
    text = " ".join(text.split()) or "（空）"
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"
