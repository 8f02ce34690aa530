"""Policy of pins: action -> rows."""

from django.db.models import Q, QuerySet

from accounts.models import Member
from consults.cases.models import Case
from consults.discussion.policy import discussions, to_comment
from consults.pins.models import Pin
from core.permissions import Policy, is_among
from imaging.models import State


def to_pin(member: object) -> QuerySet[Case]:
    """Return the cases on whose pictures this member may put pins: those on which they may comment."""
    return to_comment(member)


def visible_pins(member: object) -> QuerySet[Pin]:
    """Return the pins on released pixels in discussions open to this member.

    Threat: a pin of somebody else points at what they diagnosed, before one's own answer.
    """
    if not isinstance(member, Member):
        return Pin.objects.none()
    shown = Pin.objects.filter(Pin.on_released_pixels(), rendition__photo__state=State.SEALED)
    return shown.filter(is_among(discussions(member), "case"))


def to_remove(member: object) -> QuerySet[Pin]:
    """Return the visible pins that this member may remove: their own, and as a moderator those of others."""
    if not isinstance(member, Member):
        return Pin.objects.none()
    mine = Q() if member.may_moderate else Q(by=member)
    return visible_pins(member).filter(mine, is_among(to_comment(member), "case"))


POLICY: Policy = {
    "case.pin": to_pin,
    "pin.view": visible_pins,
    "pin.remove": to_remove,
}
