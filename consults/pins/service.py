"""Putting pins on the pictures of a case, and removing them."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases import gate
from consults.cases.models import Case
from consults.discussion.answers import lock_consent, require_still_allowed
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.pins.models import MAX_TEXT, Pin, PinSeries
from consults.pins.shapes import Place
from core import permissions
from imaging.models import Rendition
from screening import identifiers

SAME_PIN_WITHIN: Final = timedelta(minutes=1)


@transaction.atomic
def put(*, case: Case, by: Member, rendition_id: UUID, place: Place, text: str) -> Pin:
    """Put a pin on a picture that this member sees; sent again within a minute it is the same pin.

    Raises ChangeRefused when its words could identify the patient, when the picture is no longer that one, and when the
    member has as many pins on it as they may.
    """
    text = _screened(text)
    require_still_allowed(case=case, by=by, action="case.pin")
    rendition = _shown_picture(case, by, rendition_id)
    series = _lock_series(case)
    outline = [list(corner) for corner in place.outline]
    mine = Pin.objects.filter(case=case, rendition=rendition, by=by)
    said = mine.filter(x=place.x, y=place.y, text=text, placed_at__gt=timezone.now() - SAME_PIN_WITHIN)
    again = next((pin for pin in said if pin.outline == outline), None)
    if again is not None:
        return again
    _require_room(mine.count())
    series.last += 1
    series.save(update_fields=["last"])
    pin = Pin.objects.create(
        case=case,
        rendition=rendition,
        sha256=rendition.sha256,
        by=by,
        number=series.last,
        x=place.x,
        y=place.y,
        outline=outline,
        text=text,
    )
    record(verb="pin.put", actor=by, subject=("case", case.pk), pin=str(pin.pk), number=pin.number)
    return pin


def _screened(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise ChangeRefused(_("Say in a few words what is there."))
    if len(text) > MAX_TEXT:
        raise ChangeRefused(
            _("At most %(most)d characters. Write the rest as a comment, and name the pin's number.")
            % {"most": MAX_TEXT}
        )
    found = identifiers.find(text)
    if found:
        raise ChangeRefused(" ".join(sentences(found)))
    return text


def _shown_picture(case: Case, by: Member, rendition_id: UUID) -> Rendition:
    """Return the released picture of a case or its follow-up, as large as the viewer shows it. Raises ChangeRefused."""
    here = Q(release__case=case) | Q(release__case__follows=case)
    shown = gate.visible_renditions(by).filter(here, name=Rendition.Name.DISPLAY)
    found = shown.filter(pk=rendition_id).first()
    if found is None:
        raise ChangeRefused(_("This picture is not shown any more. Reload the page."))
    return found


def _lock_series(case: Case) -> PinSeries:
    """Return the numbers of this case; whoever asks at the same time waits until this transaction ends."""
    PinSeries.objects.get_or_create(case=case)
    return PinSeries.objects.select_for_update(of=("self",)).get(case=case)


def _require_room(there: int) -> None:
    most = settings.RULES["pins_a_picture"]
    if there >= most:
        raise ChangeRefused(
            _("You have %(most)d pins on this picture. Remove one of them, then put this one.") % {"most": most}
        )


@transaction.atomic
def remove(*, pin: Pin, by: Member) -> None:
    """Remove a pin with its words. Its number is not given again. Raises ChangeRefused."""
    consent_id = Case.objects.values_list("consent", flat=True).get(pk=pin.case_id)
    if consent_id is not None:
        lock_consent(consent_id)
    if not permissions.allows(by, "pin.remove", pin):
        raise ChangeRefused(_("This pin cannot be removed any more. Reload the page."))
    Pin.objects.filter(pk=pin.pk).delete()
    record(verb="pin.removed", actor=by, subject=("case", pin.case_id), pin=str(pin.pk), number=pin.number)
