"""The editions and templates that come with xltool, and how a programme name finds its edition."""
from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..rules.library import Library, UnknownName
from ..rules.model import COMMON_CONDITIONS, Edition, Programme
from .read import load

_PACKAGE = Path(__file__).resolve().parent.parent


def bundled(folder: str) -> Path:
    """The folder `workbooks` or `templates`: inside the installed package, or beside it in a checkout."""
    inside = _PACKAGE / folder
    return inside if inside.is_dir() else _PACKAGE.parent / folder


def edition_ids() -> list[str]:
    """The bundled editions, newest guideline first; the policy booklet (2024Q4) comes last."""
    found = [path.stem.removeprefix("guideline-") for path in bundled("workbooks").glob("guideline-*.xlsx")]
    return sorted(found, key=lambda name: (name.isdigit(), name), reverse=True)


@cache
def library() -> Library:
    """The bundled editions."""
    return Library(edition_ids(), edition)


@cache
def edition(name: str) -> Edition:
    """A bundled edition by its id, or a guideline workbook by its path (anything that ends in .xlsx).

    Raises UnknownName for an id that is not bundled, ProblemsError for a workbook with problems.
    """
    if name.lower().endswith(".xlsx"):
        return load(Path(name))
    if name not in edition_ids():
        raise UnknownName(name, "版本", [], "已有版本：" + "、".join(edition_ids()))
    return load(bundled("workbooks") / f"guideline-{name}.xlsx")


def editions() -> Iterator[Edition]:
    """All bundled editions, newest guideline first, loaded one by one as they are asked for."""
    return map(edition, edition_ids())


class NotInForce(LookupError):
    """No management measure is in force for an edition's year."""


def common_conditions(name: str) -> Programme:
    """The common conditions (管理办法) for the programmes of an edition: of its own, or in force when its year began.

    Raises NotInForce.
    """
    measures = [programme for known in edition_ids() for programme in edition(known).programmes.values() if programme.mode == COMMON_CONDITIONS]
    for measure in measures:
        if measure.edition == name or measure.opens <= f"{name[:4]}-01-01" <= measure.closes:
            return measure
    terms = "；".join(f"{measure.id} {measure.title}自{measure.opens}至{measure.closes}" for measure in measures)
    raise NotInForce(f"{name}版没有要合用的共同条件：{terms}")


def under_common_conditions(chosen: Edition) -> Edition:
    """An edition whose programmes all come under the common conditions in force. Raises NotInForce."""
    measure = common_conditions(chosen.id)
    return chosen.under(measure, tuple(limit for limit in edition(measure.edition).limits if measure.id in limit.programmes))


def find_programme(name: str, preferred: str | None = None) -> Programme:
    """The programme or group with an id or official title, of the bundled editions, or of the workbook `preferred` alone.

    Raises UnknownName.
    """
    if preferred and preferred.lower().endswith(".xlsx"):
        own = edition(preferred)
        return Library([own.id], lambda _: own, own.id).find(name)
    return library().find(name, preferred or "")
