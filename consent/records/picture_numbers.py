"""Numbers of the pictures under a consent: the same on the receipt and on every page, for good.

A number is given once and never again, also when its picture is gone. Pictures that come later get the next ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from consent import hooks
from consent.models import Consent, PictureNumber


@dataclass(frozen=True)
class NumberedPicture:
    """A picture under a consent with its number."""

    number: int
    picture: hooks.HeldPicture

    @property
    def words(self) -> str:
        """The picture as text, for receipts and pages."""
        return _("Picture %(number)s: %(words)s") % {"number": self.number, "words": self.picture.words}


def numbered_pictures(consent: Consent) -> list[NumberedPicture]:
    """Return the pictures under this consent now, by number; those without one get the next."""
    held = hooks.pictures_of(consent)
    numbers = _numbers(consent)
    if any(picture.id not in numbers for picture in held):
        numbers = _number(consent, held)
    return sorted((NumberedPicture(numbers[one.id].number, one) for one in held), key=lambda each: each.number)


def numbers_of_shown(consent: Consent) -> Mapping[str, int]:
    """Return number by fingerprint, for the pictures as they were when they got their numbers."""
    return {row.sha256: row.number for row in _numbers(consent).values() if row.sha256}


@transaction.atomic
def _number(consent: Consent, held: list[hooks.HeldPicture]) -> dict[object, PictureNumber]:
    Consent.objects.select_for_update().get(pk=consent.pk)  # two that number at once
    known = _numbers(consent)
    last = consent.picture_numbers.aggregate(last=Max("number"))["last"] or 0
    fresh = [picture for picture in held if picture.id not in known]
    PictureNumber.objects.bulk_create(
        PictureNumber(consent=consent, picture=picture.id, number=number, sha256=picture.sha256)
        for number, picture in enumerate(fresh, start=last + 1)
    )
    return _numbers(consent)


def _numbers(consent: Consent) -> dict[object, PictureNumber]:
    return {row.picture: row for row in PictureNumber.objects.filter(consent=consent)}
