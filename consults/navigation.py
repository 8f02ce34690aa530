"""Navigation entries of consults."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.policy import rights
from consults.urgency.policy import may_volunteer
from core.navigation import Place

SECTIONS = {
    "consults:": "cases",
    "consults:mine": "mine",
    "consults:new": "new",
    "consults:pictures": "new",
    "consults:studio": "new",
    "consults:facts": "new",
    "consults:consent": "new",
    "consults:check": "new",
    "consults:hand_over": "new",
    "consults:second_read": "second_reads",
    "consults:consent_record": "mine",
    "consults:redactions": "second_reads",
    "consults:moderation": "moderation",
    "consults:proposed_term": "proposals",
    "consults:group": "groups",
    "consults:room": "groups",
    "consults:board": "groups",
    "consults:post": "groups",
    "consults:album": "groups",
    "consults:my_reports": "me",
    "consults:report_conduct": "me",
    "consults:transparency": "me",
    "consults:concern": "concerns",
    "consults:case_hold": "moderation",
    "consults:my_role": "me",
}


def places(member: Member) -> list[Place]:
    """Return the entries for reading, posting and second-reading that this member may use."""
    if not member.may_see_cases:
        return []
    found = [Place(10, "cases", _("Cases"), "cases", "consults:cases")]
    if rights(member).post:
        found.append(Place(20, "new", _("New case"), "plus", "consults:new"))
        found.append(Place(30, "mine", _("My cases"), "folder", "consults:mine"))
    found.append(Place(35, "groups", _("Groups"), "people", "consults:groups", minor=True))
    if member.is_moderator:
        found.append(Place(40, "second_reads", _("Second reads"), "eye", "consults:second_reads"))
        found.append(Place(45, "moderation", _("Reported"), "alert", "consults:moderation", minor=True))
        found.append(Place(46, "proposals", _("Proposed diagnoses"), "plus", "consults:proposed_terms", minor=True))
    if may_volunteer(member):
        found.append(Place(60, "rota", _("Rota"), "clock", "consults:rota", minor=True))
    if member.may_hear_concerns:
        found.append(Place(46, "concerns", _("Concerns"), "shield", "consults:concerns", minor=True))
    return found
