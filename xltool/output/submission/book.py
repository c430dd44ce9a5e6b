"""The submission workbook: a page that explains, a sheet for each programme, the lists behind the drop-downs."""
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO

from ... import __version__
from ...intake.stamp import Origin, origin_code
from ...rules.library import UnknownName
from ...rules.model import COMMON_CONDITIONS, Edition, Programme
from ..layout import new_book
from .columns import Regions, input_columns
from .guide import GUIDE, GuideSheet, quota_text
from .lists import Lists
from .looks import Looks
from .sheet import ProgrammeSheet

ROWS = 100  # projects a sheet has room for
_NAME = 31  # as long as a sheet's name may be


def chosen_programmes(edition: Edition, names: Iterable[str] = ()) -> list[Programme]:
    """The programmes with these ids or titles, all that one can apply to when there are none; a group means its members.

    Raises UnknownName with the nearest names.
    """
    wanted = [name.strip() for name in names if name.strip()]
    if not wanted:
        return [programme for programme in edition.programmes.values() if _fillable(programme)]
    found: dict[str, Programme] = {}
    for name in wanted:
        programme = edition.find(name)
        members = [edition.programmes[member] for member in programme.members] if programme and programme.members else [programme]
        if None in members or not all(map(_fillable, members)):
            raise UnknownName(name, "可以申报的项目", edition.near(name))
        found |= {member.id: member for member in members}
    return list(found.values())


def _fillable(programme: Programme) -> bool:
    return not programme.members and programme.mode != COMMON_CONDITIONS


def submission_workbook(edition: Edition, programmes: Sequence[Programme], rows: int = ROWS, regions: Regions | None = None) -> bytes:
    """A workbook to fill, with a sheet per programme and room for `rows` projects on each.

    `regions`, counties by city, become drop-downs; other places can still be typed.
    """
    data = BytesIO()
    book = new_book(data, f"{edition.title} 填报模板")
    looks, lists, origin = Looks(book), Lists(regions), Origin(edition.id, edition.sha256, __version__)
    names = sheet_names(programmes)
    guide = book.add_worksheet(GUIDE)
    sheets = {programme.id: book.add_worksheet(names[programme.id]) for programme in programmes}
    for programme in programmes:
        sheet = ProgrammeSheet(book, sheets[programme.id], looks, lists, programme, input_columns(edition, programme, regions), rows)
        sheet.write(replace(origin, programme=programme.id), subtitle(programme), f"internal:'{GUIDE}'!A1")
    GuideSheet(guide, looks, edition).write(origin, [(programme, names[programme.id]) for programme in programmes], rows)
    lists.write(book, origin_code(origin))
    book.close()
    return data.getvalue()


def subtitle(programme: Programme) -> str:
    """What a programme's sheet says below its title."""
    parts = (("申报主体", programme.applicant), ("补助标准", programme.standard), ("名额", quota_text(programme)),
             ("申报时间", programme.window), ("出处", programme.cite))
    return "　　".join(f"{label}：{text}" for label, text in parts if text)


def sheet_names(programmes: Sequence[Programme]) -> dict[str, str]:
    """A name for each programme's sheet: its number and title, without signs that a sheet's name may not have."""
    names: dict[str, str] = {}
    for programme in programmes:
        number = programme.id.removeprefix(programme.edition).removeprefix("P")
        text = re.sub(r"[\[\]:*?/\\'：“”]", "", f"{number} {programme.title}")
        names[programme.id] = text[:_NAME].rstrip()
    return names
