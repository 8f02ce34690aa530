"""Deadlines in months and in working days."""

import calendar
from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """The same day `months` later; the month's last day where that day does not exist."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def working_days_after(day: date, days: int) -> date:
    """The date `days` working days after `day`; Saturdays and Sundays do not count. `days` >= 0."""
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return day
