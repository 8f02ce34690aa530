"""Release and send-back: the two outcomes of a second read."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.membership.probation import probation_of
from accounts.models import Member
from audit.record import record
from consent.models import Consent
from consults.cases.gate import holding, listing
from consults.cases.gate.blockers import Blocker, blockers
from consults.cases.models import Case, CaseState, Release
from consults.cases.review.models import DrawnMark, Mark, SecondRead
from consults.cases.states import CASE
from consults.exceptions import ChangeRefused
from consults.following import news
from consults.groups.models import Membership
from imaging.models import Rendition
from notifications.notices import Kind, forget, tell
from vocabulary.terms import Sensitive


class Blocked(Exception):
    """The case cannot be released, because of `blockers`."""

    def __init__(self, blockers: list["Blocker"]) -> None:
        super().__init__(", ".join(b.code for b in blockers))
        self.blockers = blockers


class NotYours(Exception):
    """A member cannot second-read their own case, nor one for a group that is not theirs."""


ATTACHED: Final = "attached"
ASKED_BEFORE: Final = "asked_before"
# What the reader of an author's first cases states besides, each on its own: there is no quick way through them.
PROBATION: Final = ("first_pictures", "first_words", "first_consent")
OF_QUEUE: Final = (Kind.SECOND_READ,)  # notices that are out of date when a case leaves the queue
TO_ACCEPT: Final = (ATTACHED, ASKED_BEFORE, *PROBATION)


def to_accept(case: Case) -> tuple[str, ...]:
    """Return by code what the second reader is told in words and has to accept before this case is released.

    That its consent was recorded for another case; that a patient was asked about a case that passes for a model or for
    exempt; of an author on probation, each of the further checks. Threats: a refusal, or a consent that stood in the
    way, is marked as recorded by mistake, and the case is sent again as a model; a newcomer's first case is waved
    through like the hundredth of somebody known.
    """
    told = []
    if case.attachment is not None:
        told.append(ATTACHED)
    if case.patient_asked and basis_of(case) != Release.Basis.CONSENT:
        told.append(ASKED_BEFORE)
    if probation_of(case.author) is not None:
        told.extend(PROBATION)
    return tuple(told)


def lock_consents(case: Case) -> None:
    """Lock the consents that a release of this case depends on, as a withdrawal does before it locks any case.

    Of a follow-up also the consent of the case that it follows, and that case, before the follow-up itself.
    """
    needed = Consent.objects.filter(Q(pk=case.consent_id) | Q(cases__additions=case.pk)).values("pk")
    list(Consent.objects.select_for_update().filter(pk__in=needed).order_by("pk").values_list("pk"))
    if case.follows_id is not None:
        Case.objects.select_for_update(of=("self",)).get(pk=case.follows_id)


@transaction.atomic
def release(*, case: Case, by: Member, accepted: Collection[str] = (), sensitive: Collection[str] = ()) -> Case:
    """Make a submitted case visible to its audience, and record the second read; return the case as saved.

    `accepted` are the codes of `to_accept` that the reader has accepted, `sensitive` the classes that the reader adds
    to the author's. Locks the consent row first, as a withdrawal does, then the case, and checks everything again under
    the locks. Raises Blocked, NotYours.
    """
    lock_consents(case)
    locked = Case.objects.select_for_update(of=("self",)).select_related("author", "follows").get(pk=case.pk)
    if locked.author_id == by.pk:
        raise NotYours
    if locked.consent_id != case.consent_id or locked.state != CaseState.SUBMITTED:
        raise Blocked([Blocker("changed", _("The case has changed in the meantime. Reload the page."), "check")])
    if locked.group_id and not Membership.objects.filter(group=locked.group_id, member=by).exists():
        raise NotYours
    missing = blockers(locked)
    told = to_accept(locked)
    if set(told) - set(accepted):
        sentence = _("The second reader has to accept everything that stands beside “Release”, or send the case back.")
        missing.append(Blocker("not_accepted", sentence, "check"))
    if missing:
        raise Blocked(missing)
    if _releases_today(by, author_id=locked.author_id) >= int(settings.RULES["releases_a_day"]):
        sentence = _("You have released as many cases as one moderator may in a day. Go on tomorrow.")
        raise Blocked([Blocker("too_many", sentence, "check")])
    if holding.hidden_by(case=locked, member=by):
        sentence = _("You hid this case yourself. Another moderator decides whether it may be shown again.")
        raise Blocked([Blocker("held", sentence, "check")])
    CASE.move(locked, to=CaseState.RELEASED, released_at=timezone.now())
    holding.lift_all(case=locked, by=by)
    Release.objects.filter(case=locked).delete()
    renditions = list(Rendition.objects.filter(photo__placement__case=locked))
    basis = basis_of(locked)
    Release.objects.bulk_create(
        Release(
            case=locked,
            rendition=rendition,
            basis=basis,
            consent_id=locked.consent_id if basis == Release.Basis.CONSENT else None,
            approver=by,
            sha256=rendition.sha256,
            content_sha256=locked.content_sha256,
        )
        for rendition in renditions
    )
    locked.attachments.filter(ended_at=None, accepted_at=None).update(accepted_by=by, accepted_at=timezone.now())
    _mark_sensitive(locked, sensitive)
    # A case that is hidden and sent again is no second one, nor is a follow-up: probation counts cases.
    is_first = (
        locked.follows_id is None and not locked.second_reads.filter(decision=SecondRead.Decision.RELEASED).exists()
    )
    if is_first:
        Member.objects.filter(pk=locked.author_id).update(posts_released=F("posts_released") + 1)
    SecondRead.objects.create(
        case=locked,
        reader=by,
        decision=SecondRead.Decision.RELEASED,
        content_sha256=locked.content_sha256,
        accepted=list(told),
    )
    whole = locked.whole_id
    listing.refresh(cases=[whole])
    forget(case=locked.pk, kinds=OF_QUEUE)
    tell(Kind.RELEASED, [locked.author_id], view="consults:case", args=[whole], case=whole, by=by.pk)
    if is_first:
        news.note_release(whole)
    if locked.follows is None:
        news.note_words(whole)
    else:
        _tell_those_who_answered(locked.follows, by=by)
    record(
        verb="case.released",
        actor=by,
        subject=("case", locked.id),
        basis=str(basis),
        consent=None if locked.consent_id is None else str(locked.consent_id),
        pictures=sorted(rendition.sha256 for rendition in renditions),
        words=locked.content_sha256,
        accepted=list(told),
        **({} if locked.follows_id is None else {"follows": str(locked.follows_id)}),
    )
    return locked


def _tell_those_who_answered(case: Case, *, by: Member) -> None:
    """Tell whoever opened the discussion of a case that something was added to it: it is open to them alone."""
    opened = case.answers.values_list("member_id", flat=True)
    tell(Kind.FOLLOW_UP, opened, view="consults:case", args=[case.pk], case=case.pk, by=by.pk)


def _mark_sensitive(case: Case, more: Collection[str]) -> None:
    """Add to the classes of a case; a follow-up makes the case that it follows as sensitive as it is itself."""
    case.sensitive = [code for code in Sensitive.values if code in {*case.sensitive, *more}]
    Case.objects.filter(pk=case.pk).update(sensitive=case.sensitive)
    if case.follows is not None and set(case.sensitive) - set(case.follows.sensitive):
        both = [code for code in Sensitive.values if code in {*case.sensitive, *case.follows.sensitive}]
        Case.objects.filter(pk=case.whole_id).update(sensitive=both)


def _releases_today(by: Member, *, author_id: UUID) -> int:
    """Return how many cases this member released within a day.

    Locks their row, so that two at once are both counted, and the author's, which the release changes: in the order of
    the ids, because two moderators may release one another's cases.
    """
    list(
        Member.objects.select_for_update(no_key=True).filter(pk__in=(by.pk, author_id)).order_by("pk").values_list("pk")
    )
    lately = timezone.now() - timedelta(days=1)
    released = SecondRead.objects.filter(reader=by, decision=SecondRead.Decision.RELEASED, decided_at__gt=lately)
    return released.count()


def basis_of(case: Case) -> Release.Basis:
    """Return the basis on which this case would be released."""
    if case.education_model:
        return Release.Basis.EDUCATION_MODEL
    exempt = case.histology_exempt and case.consent_id is None
    return Release.Basis.HISTOLOGY if exempt else Release.Basis.CONSENT


@transaction.atomic
def send_back(
    *, case: Case, by: Member, reason: SecondRead.Reason, words: str, marks: Sequence[DrawnMark] = ()
) -> None:
    """Return a submitted case to its author with a reason and marks. Raises NotYours, ChangeRefused."""
    if case.author_id == by.pk:
        raise NotYours
    if reason == SecondRead.Reason.OTHER and not words.strip():
        raise ChangeRefused(_("Say what the author should change."))
    CASE.move(case, to=CaseState.RETURNED)
    read = SecondRead.objects.create(
        case=case,
        reader=by,
        decision=SecondRead.Decision.SENT_BACK,
        reason=reason,
        words=words.strip(),
        content_sha256=case.content_sha256,
    )
    if {mark.photo_id for mark in marks} - set(case.pictures.values_list("photo_id", flat=True)):
        raise ChangeRefused(_("A mark lies on a picture that is not in this case any more. Reload the page."))
    for mark in marks:  # one by one: their ids keep the order in which they were drawn
        Mark.objects.create(read=read, photo_id=mark.photo_id, x=mark.x, y=mark.y, width=mark.width, height=mark.height)
    forget(case=case.pk, kinds=OF_QUEUE)
    tell(Kind.SENT_BACK, [case.author_id], view="consults:check", args=[case.pk], case=case.pk, by=by.pk)
    record(verb="case.sent_back", actor=by, subject=("case", case.id), reason=str(reason), marks=len(marks))
