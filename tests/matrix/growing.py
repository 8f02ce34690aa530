"""A site that grows: so many more of everything that a page may list, straight through the ORM."""

import uuid
from datetime import timedelta

from django.utils import timezone

from accounts.models import (
    Application,
    ConductAnswer,
    ConductResult,
    ConductRun,
    Draw,
    EvidenceKind,
    Follow,
    Member,
    OfficeTerm,
    Position,
    Publication,
    Recheck,
    Reference,
    Supervision,
    Suspension,
    Training,
    YearlyCheck,
)
from accounts.profiles import service as profiles
from accounts.vetting.models import ReferenceKind
from audit.models import PictureServed
from audit.record import record
from compliance.models import ExportRecall, ExportRecord, pack_ids
from consent.models import Consent, Status, Withdrawal, WithdrawnBy
from consults.cases.gate import listing
from consults.groups.models import Kind, Way
from consults.models import (
    Admission,
    AlbumCase,
    Bookmark,
    Case,
    CaseHold,
    CaseState,
    Comment,
    CommentHold,
    Concern,
    Following,
    FormerPlan,
    Group,
    GroupProposal,
    GroupRemoval,
    Membership,
    Mention,
    Plan,
    Post,
    PostHold,
    PostReport,
    ProposedTerm,
    Reaction,
    Redaction,
    Report,
    Revision,
    RotaCall,
    SavedSearch,
    SecondRead,
    UrgencyMark,
    Volunteer,
)
from imaging.models import Photo, Region, State
from notifications.models import PushSubscription
from notifications.notices import Kind as Told
from notifications.notices import tell
from tests import factories
from tests.accounts.makers import claim
from tests.consults import reading
from tests.consults.pins.making import put_pin

COPIED = ("country", "institution", "registry_name", "registry_url", "registry_number")


def grow(number: int, *, talked_about: Case, bob: Member) -> None:
    """Add `number` of everything: members, applications, cases in every state, consents, exports, answers, comments."""
    for _ in range(number):
        member = factories.member(institution="Riverside Hospital")
        group = _grow_groups(member, bob)
        _grow_rooms(member)
        _grow_profiles(member, bob)
        _grow_cases(group, member, bob)
        _grow_talk(talked_about, member)
        _grow_notices(talked_about)
        _grow_applications(bob)
        _grow_rechecks()
        _grow_modules(member)
        _grow_memberships()
        _grow_exports()
    PictureServed.objects.bulk_create(
        PictureServed(at=timezone.now(), member_id=bob.pk, rendition_id=uuid.uuid4(), name="full")
        for _ in range(number)
    )


def _grow_notices(case: Case) -> None:
    """Notices to alice and bob, about cases and about nothing that the gate knows, and browsers that they push to."""
    everybody = [factories.person(name).pk for name in ("alice", "bob", "mod1", "officer")]
    tell(Told.MENTION, everybody, view="consults:case", args=[case.pk], case=reading.case().pk)
    tell(Told.POLL, everybody, view="consults:groups", about=uuid.uuid4())
    PushSubscription.objects.create(
        member=factories.person("bob"), endpoint=f"https://fcm.googleapis.com/{uuid.uuid4()}"
    )


def _grow_rooms(member: Member) -> None:
    """In the room of each group that nobody outside knows of: a message, a tip, a case in an album, reports, holds."""
    for group in Group.objects.active().filter(kind=Kind.CLOSED, memberships__isnull=False).distinct()[:3]:
        first = group.posts.filter(kind="message").first()
        Post.objects.create(group=group, author=member, kind="message", text="So it is.", reply_to=first)
        tip = Post.objects.create(group=group, author=member, kind="tip", title="Look twice")
        PostReport.objects.create(post=tip, reporter=factories.person("bob"), reason="conduct")
        held = Post.objects.create(group=group, author=member, kind="message", text="Hidden.")
        PostHold.objects.create(post=held, by=factories.person("mod2"), reason="conduct")
        for album in group.posts.filter(kind="album"):
            case = reading.closed(reading.case(member, kind="teaching"), "actinic-keratosis")
            AlbumCase.objects.create(album=album, case=case, position=1)
    Concern.objects.create(reporter=factories.person("bob"), kind="pressure")


def _grow_profiles(member: Member, bob: Member) -> None:
    """Somebody who says much and is followed, and more lines of bob's own."""
    for somebody in (member, bob):
        profiles.save(member=somebody, interests=["hair"], languages=["tr"], shows_calibration=True)
        Training.objects.create(member=somebody, degree="MD")
        Position.objects.create(member=somebody, title="Consultant")
        Publication.objects.create(member=somebody, doi="10.1001/x")
    for follower in ("alice", "bob"):
        Follow.objects.create(follower=factories.person(follower), followed=member)


def _grow_memberships() -> None:
    """Yearly checks that wait, residents of alice and those who ask her, appeals, terms of offices."""
    alice, today = factories.person("alice"), timezone.localdate()
    before = Application.objects.order_by("created_at").first()
    member = factories.member(institution="Riverside Hospital")
    YearlyCheck.objects.create(member=member, application=before, until=today, target_on=today)
    factories.member(profession="resident", supervisor=alice)
    asks = factories.member(profession="nurse")
    Supervision.objects.create(resident=asks, supervisor=alice, email=alice.email)
    gone = factories.member(standing="suspended")
    Suspension.objects.create(
        member=gone, by=factories.person("mod2"), reason="conduct", former="verified", state="appealed"
    )
    for fields, office in (({"is_moderator": True}, "moderator"), ({"is_staff": True}, "administrator")):
        OfficeTerm.objects.create(member=factories.member(**fields), office=office, since=today, until=today)


def _grow_groups(member: Member, bob: Member) -> Group:
    """One of alice's, one that invites alice and bob, a proposal, requests and invitations to every known group."""
    alice = factories.person("alice")
    for known in Group.objects.active().filter(kind=Kind.OPEN, memberships__member=alice):
        Membership.objects.create(group=known, member=member)
        for way, by in ((Way.REQUEST, None), (Way.INVITATION, alice)):
            guest = factories.member()
            Admission.objects.create(group=known, member=guest, way=way, by=by or guest)
    group = Group.objects.create(name=f"Group {uuid.uuid4()}", kind=Kind.INVITED)
    Membership.objects.create(group=group, member=alice, is_moderator=True)
    lost = Group.objects.create(name=f"Lost group {uuid.uuid4()}")
    Membership.objects.create(group=lost, member=member)
    other = Group.objects.create(name=f"Other group {uuid.uuid4()}", kind=Kind.OPEN)
    Membership.objects.create(group=other, member=member, is_moderator=True)
    for person in (alice, bob):
        Admission.objects.create(group=other, member=person, way=Way.INVITATION, by=member)
        GroupRemoval.objects.create(group=lost, member=person, by=member, reason="other")
        GroupProposal.objects.create(name=f"Proposed {uuid.uuid4()}", by=member, second=person)
    Admission.objects.create(group=group, member=bob, way=Way.REQUEST, by=bob)
    return group


def _grow_cases(group: Group, author: Member, bob: Member) -> None:
    """Of alice and of somebody new: visible, hidden, changed, in a group, closed, waiting, sent back, withdrawn."""
    seen = [reading.case(), reading.closed(reading.case(author), "actinic-keratosis"), reading.case(group=group)]
    for case in seen:
        record(verb="case.released", actor=factories.person("mod1"), subject=("case", case.pk), pictures=_hashes(case))
        Bookmark.objects.create(case=case, member=bob)
        Following.objects.create(case=case, member=bob)
        SavedSearch.objects.create(member=bob, query=f"q={uuid.uuid4().hex}&tag=hair")
        Bookmark.objects.create(case=case, member=factories.person("alice"))
    stale = []
    for owner in (None, author):
        hidden = reading.case(owner)
        stale.append(hidden.pk)
        Consent.objects.filter(pk=hidden.consent_id).update(status=Status.EXPIRED)
    changed = reading.case(author)
    record(
        verb="case.released", actor=factories.person("mod1"), subject=("case", changed.pk), pictures=_hashes(changed)
    )
    changed.releases.all().delete()
    reading.release(changed)
    changed.releases.filter(rendition__name="full").delete()
    Case.objects.filter(pk=changed.pk).update(title="Another title")
    for state in (CaseState.DRAFT, CaseState.SUBMITTED, CaseState.RETURNED):
        for owner in (None, author):
            _read(reading.case(owner, state=state, kinds=("close-up", "dermoscopy")))
    _in_review(author)
    listing.refresh(cases=[*stale, changed.pk])
    gone = reading.case()
    reading.withdraw(gone)
    Withdrawal.objects.create(consent_id=gone.consent_id, by=WithdrawnBy.PATIENT)


def _hashes(case: Case) -> list[str]:
    return sorted(case.releases.values_list("sha256", flat=True))


def _read(case: Case) -> None:
    SecondRead.objects.create(
        case=case,
        reader=factories.person("mod1"),
        decision=SecondRead.Decision.SENT_BACK,
        reason=SecondRead.Reason.values[0],
        content_sha256=case.content_sha256,
    )
    for photo in Photo.objects.filter(placement__case=case):
        _region(photo)


def _region(photo: Photo) -> Region:
    return Region.objects.create(
        photo=photo, kind="face", shape="box", style="bar", x=1, y=1, width=9, height=9, choice="drawn"
    )


def _in_review(author: Member) -> None:
    photo = reading.case(author, state=CaseState.DRAFT).pictures.get().photo
    photo.renditions.all().delete()
    Photo.objects.filter(pk=photo.pk).update(state=State.REVIEW, confirmed_at=None, confirmed_by=None, sealed_at=None)


def _grow_talk(case: Case, member: Member) -> None:
    """On one case: an answer that was revised, a comment, a reply, and a comment to be looked at."""
    answer = reading.answer(case, member, "actinic-keratosis", "psoriasis")
    revision = Revision.objects.create(answer=answer, suggestions=[[1, "psoriasis", "certain"]])
    Plan.objects.create(answer=answer, treatment="surgery", words="Soon.")
    FormerPlan.objects.create(revision=revision, observe="6w")
    ProposedTerm.objects.create(answer=answer, text="Wooden skin", language="en", rank=3, confidence="sure")
    volunteer = Volunteer.objects.create(member=member)
    RotaCall.objects.create(volunteer=volunteer, case=case)
    mine, _new = Volunteer.objects.get_or_create(member=factories.person("bob"))
    RotaCall.objects.create(volunteer=mine, case=reading.case())
    past = timezone.now() - timedelta(hours=1)
    UrgencyMark.objects.create(
        case=case, author=case.author, level="week", reason="procedure", until=timezone.now(), made_at=past,
        ended_at=timezone.now(),
    )  # fmt: skip
    comment = Comment.objects.create(case=case, author=member, text="It looks like that one.")
    Comment.objects.create(case=case, author=case.author, text="It does.", reply_to=comment)
    spoken = Comment.objects.create(case=case, author=member, text=f"@{case.author.name}, look.")
    Mention.objects.create(comment=spoken, written=case.author.name, member=case.author)
    for one in (comment, spoken):
        Reaction.objects.create(comment=one, member=case.author, kind="agree")
    put_pin(case, member)
    Redaction.objects.create(comment=comment, reason=Redaction.Reason.PICTURE)
    Report.objects.create(case=case, reporter=member, reason="conduct")
    Report.objects.create(case=case, comment=comment, reporter=case.author, reason="conduct")
    CommentHold.objects.create(comment=comment, by=factories.person("mod2"), reason="conduct")
    held = CaseHold.objects.create(case=reading.case(), by=factories.person("mod2"), reason="conduct")
    listing.refresh(cases=[held.case_id])


def _grow_applications(bob: Member) -> None:
    """One that waits, with vouchers, one of them asked of bob."""
    said = claim(evidence_kind=EvidenceKind.VOUCHERS)
    email = f"{uuid.uuid4()}@lake.example"  # of another house than the moderators'
    applicant = factories.member(email=email, standing="applicant", verified_until=None)
    application = Application.objects.create(
        member=applicant,
        profession="resident",
        evidence_kind=EvidenceKind.VOUCHERS,
        guidelines_accepted_at=timezone.now(),
        target_on=timezone.localdate() + timedelta(days=3),
        **{name: getattr(said, name) for name in COPIED},
    )
    for member, kind in ((bob, ReferenceKind.VOUCHER), (factories.member(), ReferenceKind.SUPERVISOR)):
        Reference.objects.create(application=application, member=member, kind=kind)


def _grow_rechecks() -> None:
    """One that waits, and one that was not confirmed, of members of another house than the moderators'."""
    draw, _made = Draw.objects.get_or_create(quarter="2020-01-01", defaults={"accepted": 20, "drawn": 1})
    for closed_at, state in ((None, "waiting"), (timezone.now(), "overturned")):
        application = Application.objects.create(
            member=factories.member(email=f"{uuid.uuid4()}@lake.example"),
            profession="dermatologist",
            state="accepted",
            reason="matches",
            decided_at=timezone.now(),
            guidelines_accepted_at=timezone.now(),
            target_on=timezone.localdate(),
        )
        Recheck.objects.create(application=application, draw=draw, state=state, closed_at=closed_at)


def _grow_modules(member: Member) -> None:
    """Results of somebody new and of alice, with answers in the second attempt too."""
    for owner in (member, factories.person("alice")):
        run = ConductRun.objects.create(member=owner, version="1.0", finished_at=timezone.now())
        ConductAnswer.objects.bulk_create(
            ConductAnswer(run=run, case=case, attempt=attempt, chosen=[], is_right=attempt == 2)
            for case in ("location", "child")
            for attempt in (1, 2)
        )
        ConductResult.objects.create(
            run=run,
            member=owner,
            version="1.0",
            major=1,
            language="en",
            minutes=10,
            until=timezone.localdate(),
            right_at_once=10,
            number=uuid.uuid4().hex[:16],
        )


def _grow_exports() -> None:
    """Two exports, the second in place of the first, both out of date."""
    before = None
    for _ in range(2):
        consent = uuid.uuid4()
        before = ExportRecord.objects.create(
            made_at=timezone.now(),
            by=factories.person("officer"),
            via="page",
            reason="regulator",
            wanted={},
            files=[],
            rows=1,
            visible=1,
            covered=1,
            head_seq=1,
            consents=pack_ids([consent.bytes]),
            replaces=before,
        )
        ExportRecall.objects.create(export=before, consent_id=consent)
