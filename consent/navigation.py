"""Navigation entries of consent."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.navigation import Place

SECTIONS = {"consent:": "withdraw", "consent:form": "consent_forms"}


def places(member: Member) -> list[Place]:
    """Return the consent forms, for privacy officers and administrators."""
    return [Place(70, "consent_forms", _("Consent forms"), "pen", "consent:forms")] if member.is_officer else []
