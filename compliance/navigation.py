"""Navigation entries of compliance."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.navigation import Place

SECTIONS = {"compliance:": "consent_audit"}


def places(member: Member) -> list[Place]:
    """Return the consent audit, for privacy officers and administrators."""
    if not member.is_officer:
        return []
    return [Place(60, "consent_audit", _("Consent audit"), "shield", "compliance:consent_audit")]
