"""Maker of pins through the ORM."""

from typing import Any

from accounts.models import Member
from consults.models import Case, Pin, PinSeries
from imaging.models import Rendition


def display(case: Case) -> Rendition:
    """The first picture of a case, at the size in which the viewer shows it."""
    found = Rendition.objects.filter(photo__placement__case=case, name="display")
    return found.order_by("photo__placement__position")[0]


def put_pin(case: Case, by: Member, **fields: Any) -> Pin:
    """A pin on the first picture of the case, with the next number."""
    series, _made = PinSeries.objects.get_or_create(case=case)
    series.last += 1
    series.save()
    rendition = fields.pop("rendition", None) or display(case)
    return Pin.objects.create(
        **{
            "case": case,
            "rendition": rendition,
            "sha256": rendition.sha256,
            "by": by,
            "number": series.last,
            "x": 0.25,
            "y": 0.5,
            "text": "Pigment network",
        }
        | fields
    )
