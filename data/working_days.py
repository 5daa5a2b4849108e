"""Working days of China, with public holidays and the weekends that are worked in return (调休).

The calendar is that of the yearly notices of the State Council's General Office as the package ``chinesecalendar``
keeps it (2004 to the last year announced). A year not announced yet is unknown: the answer is None, never a guess.
"""

from __future__ import annotations

from datetime import date, timedelta

from chinese_calendar import is_workday


def is_working_day(day: date) -> bool | None:
    """Whether people work on ``day``; None when its year's calendar is not known."""
    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return None


def after_working_days(start: date, count: int) -> date | None:
    """The last of ``count`` working days after ``start``; the day of the announcement itself does not count.

    None when the span runs into a year whose calendar is not known. ``count`` of 0 gives ``start``.
    """
    day = start
    while count > 0:
        if day == date.max:
            return None
        day += timedelta(days=1)
        works = is_working_day(day)
        if works is None:
            return None
        count -= works
    return day
