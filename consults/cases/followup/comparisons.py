"""Comparing the pictures of a follow-up with the earlier ones of its case: the job, and what it found in words."""

import dataclasses
import logging
from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from consults.cases.followup.models import PicturePair
from consults.cases.models import Case, CasePhoto, CaseState
from core.crypto.vault import KeyDestroyed, Tampered
from imaging import engine
from imaging.models import State
from imaging.renditions import pipeline
from vocabulary.terms import PictureKind

logger = logging.getLogger(__name__)

COMPARE: Final = "case.compare_pictures"  # subject: the follow-up
MOST_EARLIER: Final = 4  # pictures that one of a follow-up is compared with, the latest of them
LIKE: Final = 1.15  # from this ratio on it was taken from closer or from further away
TURNED, TILTED, WHOLE = 15.0, 25.0, 0.75  # degrees, degrees, part shown
LIGHTER, REDDER, YELLOWER = 8.0, 8.0, 7.0  # CIELAB units


def compare(*, addition_id: UUID) -> None:
    """Compare each sealed picture of a follow-up with the earlier ones of its kind. Safe to repeat.

    Raises engine.Refused where the machine may be the cause, so that the job is tried again.
    """
    addition = Case.objects.filter(pk=addition_id, follows__isnull=False).exclude(state=CaseState.WITHDRAWN).first()
    if addition is None:
        return
    for later in _sealed(CasePhoto.objects.filter(case=addition)):
        for earlier in _earlier(addition, later):
            _compare(earlier, later)


def _sealed(placed: QuerySet[CasePhoto]) -> list[CasePhoto]:
    found = placed.select_related("photo", "case").filter(photo__state=State.SEALED)
    return list(found.prefetch_related("photo__renditions").order_by("position", "pk"))


def _earlier(addition: Case, later: CasePhoto) -> list[CasePhoto]:
    """Return the earlier pictures of the same kind, at most a few of the latest; histology is never one place twice."""
    if later.kind in ("", PictureKind.HISTOLOGY):
        return []
    before = _sealed(CasePhoto.objects.filter(case=addition.follows_id, kind=later.kind))
    others = _sealed(CasePhoto.objects.filter(case__follows=addition.follows_id, kind=later.kind))
    moments = [placed for placed in others if placed.case.days_after < addition.days_after]
    before += sorted(moments, key=lambda placed: (placed.case.days_after, placed.position))
    return before[-MOST_EARLIER:]


def _compare(earlier: CasePhoto, later: CasePhoto) -> None:
    one, other = earlier.photo.display, later.photo.display
    if one is None or other is None:
        return
    known = PicturePair.objects.filter(earlier=earlier.photo, later=later.photo)
    if known.filter(earlier_sha256=one.sha256, later_sha256=other.sha256).exists():
        return
    try:
        found = engine.compare(*(pipeline.read_rendition(rendition=rendition) for rendition in (one, other)))
    except (KeyDestroyed, Tampered, FileNotFoundError):  # taken back meanwhile
        return
    except engine.Refused as refused:
        if refused.code in pipeline.RETRIED_CODES:
            raise
        logger.error("photos %s and %s cannot be compared: %s", earlier.photo_id, later.photo_id, refused.code)
        return
    measured = dataclasses.asdict(found)
    measured.pop("incomparable")
    PicturePair.objects.update_or_create(
        earlier=earlier.photo,
        later=later.photo,
        defaults={
            "earlier_sha256": one.sha256,
            "later_sha256": other.sha256,
            "incomparable": str(found.incomparable or ""),
            "measured": {name: round(value, 4) for name, value in measured.items()},
            "engine_version": engine.ENGINE_VERSION,
        },
    )


def in_words(pair: PicturePair) -> list[str]:
    """Return what a reader has to know before comparing two pictures by eye; never empty."""
    if pair.incomparable:
        return [_why_not(pair.incomparable)]
    found = engine.Comparison(None, **pair.measured)
    return list(_differences(found)) or [_("Taken alike: distance, angle, part and light agree.")]


def _why_not(reason: str) -> str:
    if reason == engine.Incomparable.NO_FIT:
        return _("Cannot be compared: the two do not show the same place in a way that fits.")
    return _("Cannot be compared: too little can be made out in both.")


def _differences(found: engine.Comparison) -> Iterator[str]:
    if found.scale >= LIKE:
        yield _("Taken from closer (about %(times)s ×).") % {"times": _times(found.scale)}
    elif found.scale <= 1 / LIKE:
        yield _("Taken from further away (about %(times)s ×).") % {"times": _times(1 / found.scale)}
    if abs(found.turn) >= TURNED:
        yield _("Turned by about %(degrees)s°.") % {"degrees": 5 * round(abs(found.turn) / 5)}
    if found.tilt >= TILTED:
        yield _("Taken from another angle.")
    if found.overlap < WHOLE:
        yield _("Shows about %(percent)s %% of the earlier part.") % {"percent": max(5, 5 * round(20 * found.overlap))}
    if abs(found.lightness) >= LIGHTER:
        yield _("Lighter.") if found.lightness > 0 else _("Darker.")
    if abs(found.red) >= REDDER:
        yield _("Redder all over.") if found.red > 0 else _("Greener all over.")
    if abs(found.yellow) >= YELLOWER:
        yield _("In warmer light.") if found.yellow > 0 else _("In cooler light.")


def _times(ratio: float) -> str:
    return f"{ratio:.1f}"


def current(pairs: Iterable[PicturePair], *, displays: dict[UUID, str]) -> list[PicturePair]:
    """Return the pairs that hold for these display renditions, SHA-256 by photo id."""
    return [
        pair
        for pair in pairs
        if (displays.get(pair.earlier_id), displays.get(pair.later_id)) == (pair.earlier_sha256, pair.later_sha256)
    ]
