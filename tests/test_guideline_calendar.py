"""The application calendar: windows by day and by month, and a calendar file other programs can read."""
from __future__ import annotations

import datetime as dt

import pytest
from icalendar import Calendar

from xltool.guideline.bundle import edition, edition_ids
from xltool.guideline.calendar import calendar_lines, ics, window, window_text
from xltool.rules.model import COMMON_CONDITIONS, Programme


def programme(opens="", closes="", **more) -> Programme:
    return Programme("2024Q4P3", "3", "x", opens=opens, closes=closes, **more)


@pytest.mark.parametrize(("opens", "closes", "first", "last", "exact", "text"), [
    ("2024-10-01", "2024-10-18", (2024, 10, 1), (2024, 10, 18), True, "2024-10-01至2024-10-18"),
    ("2024-09", "2024-10-18", (2024, 9, 1), (2024, 10, 18), True, "2024-09至2024-10-18"),
    ("2024-12", "2025-02", (2024, 12, 1), (2025, 2, 28), False, "2024-12至2025-02"),
    ("2024-11", "2024-11", (2024, 11, 1), (2024, 11, 30), False, "2024-11"),
    ("", "2024-10-18", (2024, 10, 18), (2024, 10, 18), True, "截止2024-10-18"),
])
def test_a_window_runs_from_its_first_to_its_last_day(opens, closes, first, last, exact, text):
    found = window(programme(opens, closes))
    assert (found.first, found.last, found.exact) == (dt.date(*first), dt.date(*last), exact)
    assert window_text(programme(opens, closes)) == text


def test_nobody_applies_to_a_management_measure_or_without_a_date():
    assert window(programme("2024-12-01", "2028-12-31", mode=COMMON_CONDITIONS)) is None
    assert window(programme(window="以当年通知为准")) is None
    assert window_text(programme(window="以当年通知为准")) == "以当年通知为准"


def events(data: bytes) -> dict[str, object]:
    return {str(event["uid"]): event for event in Calendar.from_ical(data).walk("VEVENT")}


def test_the_calendar_file_has_every_window_of_the_booklet_and_none_of_the_guidelines():
    booklet = edition("2024Q4")
    found = events(ics(map(edition, edition_ids())))
    assert set(found) == {f"2024Q4P{number}@xltool" for number in range(1, 21)}
    event = found["2024Q4P3@xltool"]
    assert (event["dtstart"].dt, event["dtend"].dt, str(event["status"])) == (dt.date(2024, 9, 1), dt.date(2024, 10, 19), "CONFIRMED")
    assert booklet.programmes["2024Q4P3"].title in str(event["summary"]) and "系统关闭" in str(event["description"])
    assert [alarm.TRIGGER for alarm in event.walk("VALARM")] == [dt.timedelta(days=-8)]  # a week before the last day begins
    month = found["2024Q4P1@xltool"]
    assert (month["dtstart"].dt, month["dtend"].dt, str(month["status"])) == (dt.date(2024, 11, 1), dt.date(2024, 12, 1), "TENTATIVE")
    assert month.walk("VALARM") == []


def test_the_calendar_file_can_be_of_some_programmes_and_is_the_same_every_time():
    booklet = edition("2024Q4")
    assert set(events(ics([booklet], {"2024Q4P5"}))) == {"2024Q4P5@xltool"}
    assert ics([booklet]) == ics([booklet])


def test_the_terminal_lists_the_nearest_deadline_first_or_says_that_there_is_none():
    lines = calendar_lines(edition("2024Q4"))
    days = [line.split()[0] for line in lines[1:]]
    assert len(days) == 20 and days[0] == "2024-10-18" and [day[:7] for day in days] == sorted(day[:7] for day in days)
    assert "文件没有写申报时间" in calendar_lines(edition("2026"))[1]
