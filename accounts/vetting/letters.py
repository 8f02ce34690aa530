"""Letters about decisions: written with the decision, in the applicant's language, and kept. They name nobody.

The mail only says that there is one (threat: a mailbox that others read).
"""

from collections.abc import Sequence

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.membership.models import Member
from accounts.vetting.models import Application, Letter, Vote


def write(*, application: Application, votes: Sequence[Vote]) -> Letter:
    """Write and keep the letter about the decision just made, with the reasons of `votes`. Call in its transaction."""
    member = Member.objects.get(pk=application.member_id)
    language = member.language if member.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        text = render_to_string(
            "accounts/vetting/letter.txt",
            {"application": application, "member": member, "votes": votes, "site_name": settings.SITE_NAME},
        )
    return Letter.objects.create(application=application, round=application.round, language=language, text=_tidy(text))


def _tidy(text: str) -> str:
    """Return the text with one empty line between paragraphs, and none at its ends."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return "\n\n".join(part for part in paragraphs if part)
