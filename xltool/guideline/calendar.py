"""The application calendar: when each programme is open, for the terminal and as an iCalendar file (RFC 5545)."""
from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..rules.model import COMMON_CONDITIONS, Edition, Programme

_REMINDER = dt.timedelta(days=7)  # before the last day


@dataclass(frozen=True, slots=True)
class Window:
    """A programme's application window. `exact`: the document names the last day, not only a month."""

    programme: Programme
    first: dt.date
    last: dt.date
    exact: bool


def window(programme: Programme) -> Window | None:
    """The window, None where the document gives no month; an unknown beginning is the end itself and the other way round."""
    opens, closes = programme.opens or programme.closes, programme.closes or programme.opens
    if not opens or programme.mode == COMMON_CONDITIONS:
        return None
    return Window(programme, _first_day(opens), _last_day(closes), exact=not _is_month(programme.closes))


def _is_month(text: str) -> bool:
    return len(text) == len("2024-11")


def _first_day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text}-01" if _is_month(text) else text)


def _last_day(text: str) -> dt.date:
    first = _first_day(text)
    return first.replace(day=monthrange(first.year, first.month)[1]) if _is_month(text) else first


def windows(programmes: Iterable[Programme]) -> list[Window]:
    """The known windows, by their last day."""
    return sorted(filter(None, map(window, programmes)), key=lambda each: (each.last, each.first, each.programme.id))


def window_text(programme: Programme) -> str:
    """The window as people read it: the days or months, then what the document says of them."""
    if programme.opens == programme.closes:
        days = programme.opens
    else:
        days = f"{programme.opens}至{programme.closes}" if programme.opens else f"截止{programme.closes}"
    return "　".join(text for text in (days, programme.window) if text)


def calendar_lines(edition: Edition) -> list[str]:
    """The edition's calendar for the terminal, the nearest deadline first."""
    found = windows(edition.programmes.values())
    lines = [f"{edition.id}  {edition.title}"]
    lines += [f"  {each.last.isoformat() if each.exact else each.last.strftime('%Y-%m') + '   '}  {each.programme.id:<10}  "
              f"{each.programme.title}　{window_text(each.programme)}" for each in found]
    return lines if found else [*lines, "  文件没有写申报时间，以当年通知为准"]


def ics(editions: Iterable[Edition], only: Collection[str] | None = None) -> bytes:
    """The windows of the editions' programmes (of those in `only`) as an iCalendar file.

    All-day events, tentative where only a month is known, with a reminder a week before a known last day. The same editions give
    the same bytes.
    """
    from icalendar import Alarm, Calendar, Event
    calendar = Calendar()
    calendar.add("prodid", "-//xltool//zh")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "专项资金申报时间")
    for edition in editions:
        stamp = dt.datetime.combine(_first_day(edition.checked), dt.time(), dt.timezone.utc)
        for each in windows(edition.programmes.values()):
            if only is not None and each.programme.id not in only:
                continue
            event = Event()
            event.add("uid", f"{each.programme.id}@xltool")
            event.add("dtstamp", stamp)
            event.add("dtstart", each.first)
            event.add("dtend", each.last + dt.timedelta(days=1))  # the day after, by RFC 5545 3.6.1
            event.add("summary", f"申报：{each.programme.title}（{each.programme.id}）")
            event.add("description", f"{window_text(each.programme)}\n{each.programme.department}\n{edition.title}　{each.programme.cite}")
            event.add("status", "CONFIRMED" if each.exact else "TENTATIVE")
            event.add("transp", "TRANSPARENT")
            if each.exact:
                alarm = Alarm()
                alarm.add("action", "DISPLAY")
                alarm.add("description", f"一周后截止：{each.programme.title}")
                alarm.add("trigger", -_REMINDER - dt.timedelta(days=1), {"related": "END"})
                event.add_component(alarm)
            calendar.add_component(event)
    return calendar.to_ical()
