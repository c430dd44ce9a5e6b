"""What the labels of a range say of a programme: which fact stands where, and in which unit."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..intake.headers import FACT, Vocabulary, heading
from ..rules.check import nearest
from ..rules.model import Edition, Field, Programme
from .blocks import Misuse


@dataclass(frozen=True, slots=True)
class Told:
    """A fact that a label names: the label's position, the fact, the unit the label states."""

    position: int
    field: Field
    unit: str


@dataclass(frozen=True, slots=True)
class Labels:
    """The facts of a programme that labels name; `hints` tell of labels nobody knows that resemble a fact."""

    told: tuple[Told, ...]
    hints: tuple[str, ...] = ()


def read_labels(edition: Edition, programme: Programme, labels: Sequence[str]) -> Labels:
    """The facts that labels name; what they name is matched as in project lists. A fact stated for this programme alone
    (2026P3-3：入选年度) beats the same one stated for all.

    Raises Misuse where no label names a fact, or two name the same one.
    """
    known = {key: target.field for key, targets in Vocabulary(edition).targets(programme).items() for target in targets if target.role == FACT}
    alone = {heading(programme.own_name(name)).key: field for name, field in programme.fields.items()}
    found: dict[tuple[str, bool], Told] = {}
    unknown: dict[str, str] = {}
    for position, label in enumerate(labels):
        head = heading(label)
        field = alone.get(head.key) or known.get(head.key)
        if field is None:
            unknown[label] = head.key
        elif (before := found.get((field.name, head.key in alone))) is not None:
            raise Misuse(f"“{labels[before.position]}”和“{label}”是同一个事实，请留一个")
        else:
            found[field.name, head.key in alone] = Told(position, field, head.unit)
    if not found and programme.fields:
        given = "、".join(filter(None, labels)) or "空的"
        raise Misuse(f"标签（{given}）里没有 {programme.id} 的事实；它们是：{'、'.join(programme.fields)}")
    open_names = tuple(name for name in programme.fields if (name, False) not in found and (name, True) not in found)
    near = {label: nearest(key, open_names, 1) for label, key in unknown.items() if key}
    hints = tuple(f"没有用“{label}”这一项：是不是“{names[0]}”？" for label, names in near.items() if names)
    return Labels(tuple(told for (name, own), told in found.items() if own or (name, True) not in found), hints)


def basis(programme: Programme) -> Labels:
    """The one fact a programme's ceiling is computed from, as the label of a value that has none; none where the document states no amount.

    Raises Misuse where the ceiling takes no fact or several.
    """
    if programme.ceiling is None:
        return Labels(())
    names = programme.ceiling.names
    if len(names) != 1:
        what = f"的补助要用{len(names)}个数" if names else "的补助不随金额变化"
        raise Misuse(f"{programme.id} {what}，请把事实的名称写在第三个参数；它的事实：{'、'.join(programme.fields)}")
    return Labels((Told(0, programme.fields[names[0]], ""),))
