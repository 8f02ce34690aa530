"""Dates in the reader's language, in which the month cannot be mistaken for the day."""

from datetime import date

from django.utils.formats import date_format


def in_words(day: date) -> str:
    """Format a date like 26 November 2026."""
    return date_format(day, "j F Y")
