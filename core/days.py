"""How a day is written: in the reader's language, and so that nobody takes the month for the day."""

from datetime import date

from django.utils.formats import date_format


def in_words(day: date) -> str:
    """A day such as 26 November 2026."""
    return date_format(day, "j F Y")
