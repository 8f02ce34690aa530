"""The words of a certificate, read from the rows of one destruction: what was done so far, and never more.

Page and PDF print the same words. Threat: a certificate that promises a destruction that did not happen, because there
was nothing to destroy, because it is still going on, or because only a part was taken back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consent.models import Cause, Consent, Removal, Signature, Status, Use, Withdrawal
from consent.records.wording import allowed_use_in_words
from core import days

Made = Withdrawal | Removal

# Uses whose results are outside this platform, out of reach of a withdrawal.
ELSEWHERE = (Use.LECTURES, Use.PUBLICATION, Use.SOCIAL_MEDIA, Use.RESEARCH, Use.AI_TRAINING)

_REST = {
    Status.ACTIVE: gettext_lazy("The rest of the consent stands."),
    Status.WITHDRAWN: gettext_lazy("The whole consent was withdrawn after that; it has its own certificate."),
    Status.SUPERSEDED: gettext_lazy("A newer consent has replaced the rest."),
    Status.EXPIRED: gettext_lazy("The rest of the consent has ended since."),
    Status.ENTERED_IN_ERROR: gettext_lazy("The rest was marked as recorded by mistake and allows nothing."),
}


@dataclass(frozen=True)
class Step:
    """One step of a destruction and its time (UTC); None for a step that is not done yet."""

    sentence: str
    at: datetime | None


def held_anything(made: Made) -> bool:
    """Whether anything was hidden by it, and so had to be destroyed."""
    return bool(made.cases or made.pictures or made.comments)


def form_was_kept(consent: Consent) -> bool:
    """Whether the signed form itself was kept here, not only its fingerprint."""
    return bool(consent.document_sha256) and consent.signature != Signature.CLINIC_HELD


def list_steps(made: Made) -> list[Step]:
    """Return the steps that this destruction has, in their order: none for what it did not have to do."""
    steps = [Step(_first_step(made), made.requested_at)]
    if held_anything(made):
        steps.append(Step(_("Hidden from everybody"), made.requested_at))
    if made.pictures:
        steps.append(Step(_("Keys destroyed: nobody can open the pictures any more"), made.keys_destroyed_at))
    if made.cases:
        steps.append(Step(_("Cases destroyed, with all that belonged to them"), made.completed_at))
    elif made.pictures:
        steps.append(Step(_("Pictures destroyed, with their copies"), made.completed_at))
    if isinstance(made, Withdrawal) and form_was_kept(made.consent):
        gone = made.completed_at if not made.consent.document_name else None
        steps.append(Step(_("Signed form destroyed"), gone))
    return steps


def _first_step(made: Made) -> str:
    if isinstance(made, Withdrawal):
        return _("Consent withdrawn")
    if made.cause == Cause.LEFT:
        return _("The clinician left this site")
    return _("Found to have ended") if made.cause == Cause.EXPIRED else _("Part taken back")


def opening_sentences(made: Made) -> str:
    """Return what happened, what became of the material, and what became of the rest of the consent."""
    sentences = [_what_happened(made), _what_became_of_it(made)]
    if isinstance(made, Removal) and made.cause == Cause.LEFT and rest_of(made.consent) == Status.ACTIVE:
        sentences.append(_("The consent itself was not taken back, and your code still works."))
    elif isinstance(made, Removal) and made.cause != Cause.EXPIRED:
        sentences.append(str(_REST[rest_of(made.consent)]))
    return " ".join(sentences)


def _what_happened(made: Made) -> str:
    if isinstance(made, Withdrawal):
        return _("The consent was withdrawn.")
    if made.cause == Cause.EXPIRED:
        return _("The consent has ended.")
    if made.cause == Cause.LEFT:
        return _("The clinician who posted under this consent has left this site.")
    return _("A part of the consent was taken back.")


def _what_became_of_it(made: Made) -> str:
    whole = isinstance(made, Withdrawal) or made.cause == Cause.LEFT
    if not held_anything(made):
        return (
            _("Nothing was shared under it any more, so nothing had to be hidden.")
            if whole
            else _("Nothing that was shared fell under it, so nothing was hidden or destroyed.")
        )
    if made.completed_at is not None:
        return (
            _("What was shared under it has been hidden and destroyed.")
            if whole
            else _("What it no longer covers has been hidden and destroyed.")
        )
    return (
        _("What was shared under it is hidden from everybody. It is still being destroyed.")
        if whole
        else _("What it no longer covers is hidden from everybody. It is still being destroyed.")
    )


def rest_of(consent: Consent) -> Status:
    """Return the status of a consent as of today: past its last day it has ended, whatever the row says yet."""
    status = Status(consent.status)
    over = consent.expires_on is not None and consent.expires_on < timezone.now().date()
    return Status.EXPIRED if status == Status.ACTIVE and over else status


def list_taken_back(removal: Removal) -> list[str]:
    """Return what was taken back, one line for each part."""
    if removal.cause == Cause.EXPIRED:
        return [_("All that the consent still covered when it ended")]
    if removal.cause == Cause.LEFT:
        return [_("All that the clinician had shared under it")]
    if removal.cause == Cause.PICTURE:
        return [_("One picture")]
    ticked = {use for use, _scope in removal.uses}
    lines = [str(use.label) for use in Use if use in ticked]
    if removal.ends_on is not None:
        lines.append(_("The consent ends on %(day)s") % {"day": days.in_words(removal.ends_on)})
    return lines


def list_destroyed(made: Made) -> list[str]:
    """Return what was destroyed, one line for each kind of which there was any; nothing before it is done."""
    if made.completed_at is None:
        return []
    counted = [
        (made.cases, ngettext("%(n)s case", "%(n)s cases", made.cases)),
        (made.pictures, ngettext("%(n)s picture with its copies", "%(n)s pictures with their copies", made.pictures)),
        (made.comments, ngettext("%(n)s comment", "%(n)s comments", made.comments)),
        (made.quotes, ngettext("%(n)s quotation elsewhere", "%(n)s quotations elsewhere", made.quotes)),
    ]
    lines = [words % {"n": count} for count, words in counted if count]
    if isinstance(made, Withdrawal) and form_was_kept(made.consent) and not made.consent.document_name:
        lines.append(_("The signed form that was kept here"))
    return lines


def list_not_recalled(consent: Consent) -> list[str]:
    """Return what a withdrawal of this consent would not recall, one line for each kind."""
    backups = _(
        "Backup copies of the texts, until they are replaced. Nobody is shown them, and the pictures in them "
        "cannot be opened any more."
    )
    return [*_copied_and_elsewhere(consent), backups]


def list_not_recalled_by(made: Made) -> list[str]:
    """Return what this destruction did not recall, one line for each kind."""
    lines = _copied_and_elsewhere(made.consent)
    if made.cases:
        lines.append(_("Backup copies of the texts, until they are replaced. Nobody is shown them."))
    if made.pictures and made.keys_destroyed_at:
        lines.append(_("Backup copies of the pictures, until they are replaced. Nobody can open them any more."))
    return lines


def _copied_and_elsewhere(consent: Consent) -> list[str]:
    lines = [_("What somebody copied or photographed from the screen, or remembers.")]
    uses = "; ".join(allowed_use_in_words(row) for row in consent.allowed if row.use in ELSEWHERE)
    if uses:
        lines.append(
            _("What was already made outside this site, because you had allowed it: %(uses)s.") % {"uses": uses}
        )
    taken_back = {use for removal in consent.removals.all() for use, _scope in removal.uses}
    before = _joined_labels(use for use in ELSEWHERE if use in taken_back)
    if before:
        lines.append(_("What was made outside this site before you took this back: %(uses)s.") % {"uses": before})
    return lines


def _joined_labels(uses: Iterable[Use]) -> str:
    return "; ".join(str(use.label) for use in uses)


def list_kept(made: Made) -> list[str]:
    """Return what is kept, one line for each kind; of a part, first the rest that was not taken back."""
    consent = made.consent
    status = rest_of(consent)
    lines = []
    if isinstance(made, Removal) and made.cause not in (Cause.EXPIRED, Cause.LEFT) and status == Status.ACTIVE:
        lines.append(_("The rest of the consent, and what is still shared under it."))
    elif isinstance(made, Withdrawal) and made.completed_at is not None:
        lines.append(
            _("That a consent existed, when it was signed and when it was withdrawn. No picture, no text, no name.")
        )
    elif isinstance(made, Removal) and made.cause == Cause.LEFT and status == Status.ACTIVE:
        lines.append(_("The consent: what you allowed and when it was signed. Nothing is shared under it any more."))
    else:
        lines.append(_("That a consent existed, when it was signed and when it ended."))
    if form_was_kept(consent) and consent.document_name and status != Status.WITHDRAWN:
        lines.append(_("The signed form, sealed. No member can open it."))
    lines.append(
        _(
            "Lists that privacy officers took out of this site before. They hold numbers, dates, uses and "
            "fingerprints; no picture, no text, no name."
        )
    )
    if not (isinstance(made, Removal) and made.cause == Cause.EXPIRED):  # those lists name this end already
        lines.append(_("Whoever took such a list is told that it is out of date."))
    lines.append(_("Your receipt stays valid as proof of what you allowed until then."))
    return lines
