"""The gate's lists, one difference at a time: small tables beside the every-combination tests of test_gate.py."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member
from consent.models import Consent, ConsentUse, Status, Use
from consults.cases import gate
from consults.models import AskedToSee, Case, CaseHold, CasePhoto, CaseState, Group, Membership, Release, Report
from imaging.models import Photo, Rendition, State
from tests import factories
from tests.consults import additions, reading
from tests.consults.changes import author_is, consent_is

pytestmark = pytest.mark.django_db
Change = Callable[[Case], object]


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice)


@pytest.fixture
def other(alice: Member) -> Case:
    """Of another author: what is done to the case does nothing to this one."""
    return reading.case(factories.member(country="DE"))


def row_is(**fields: Any) -> Change:
    """Change the case's row alone; unlike a save, it keeps the digest of its content."""
    return lambda case: Case.objects.filter(pk=case.pk).update(**fields)


def uses_are(**fields: Any) -> Change:
    return lambda case: ConsentUse.objects.filter(consent=case.consent_id).update(**fields)


def releases_are(**fields: Any) -> Change:
    return lambda case: Release.objects.filter(case=case).update(**fields)


def held(case: Case, *, state: str = "held") -> CaseHold:
    """Hide the case by mod2; what is confirmed or lifted was so by mod1."""
    decided = {} if state == "held" else {"decided_by": factories.person("mod1"), "decided_at": timezone.now()}
    return CaseHold.objects.create(case=case, by=factories.person("mod2"), reason="conduct", state=state, **decided)


def in_group(case: Case, *, nurses: bool = False, scope: bool = True) -> Group:
    """Move the case to a group of its own, with its author and its consent (unless the scope is another group)."""
    group = Group.objects.create(name=uuid.uuid4().hex[:8], open_to_nurses=nurses)
    Case.objects.filter(pk=case.pk).update(group=group)
    uses_are(use=Use.NAMED_GROUP, scope=group.pk if scope else Group.objects.create(name="Elsewhere").pk)(case)
    Membership.objects.create(group=group, member=case.author)
    return group


def in_a_group(*, of: str, nurses: bool = False, scope: bool = True, elsewhere: bool = False) -> Change:
    """Move it to a group whose member is this person; `elsewhere`: a member of another group, open to nurses."""

    def change(case: Case) -> None:
        group = in_group(case, nurses=nurses, scope=scope)
        if elsewhere:
            group = Group.objects.create(name="Another one", open_to_nurses=True)
        if of:
            Membership.objects.create(group=group, member=factories.person(of))

    return change


def to_another_case(case: Case) -> None:
    """The same words were released, as another case."""
    again = reading.case(case.author, state=CaseState.DRAFT)
    Release.objects.filter(case=case).update(case=again)


# --- Cases that are shown

HIDES: dict[str, Change] = {
    "submitted": row_is(state="submitted"),
    "draft": row_is(state="draft"),
    "author suspended": author_is(standing="suspended"),
    "author lapsed": author_is(verified_until=timezone.localdate() - timedelta(days=1)),
    "never released": lambda case: Release.objects.filter(case=case).delete(),
    "other words released": releases_are(content_sha256="0" * 64),
    "released as another case": to_another_case,
    "another consent released": lambda case: releases_are(consent=reading.consent(case.author))(case),
    "consent withdrawn": consent_is(status=Status.WITHDRAWN),
    "consent expired": consent_is(expires_on=timezone.localdate() - timedelta(days=1)),
    "no use": lambda case: ConsentUse.objects.filter(consent=case.consent_id).delete(),
    "another use": uses_are(use=Use.RESEARCH),
    "one group allowed, all asked": lambda case: uses_are(use=Use.NAMED_GROUP, scope=uuid.uuid4())(case),
    "held": held,
    "held by two": lambda case: held(case, state="confirmed"),
    "declared a model after a refusal": lambda case: (
        consent_is(status=Status.REFUSED)(case), row_is(education_model=True)(case),
        releases_are(basis="education_model", consent=None)(case),
    ),
    "declared exempt": lambda case: (
        row_is(consent=None, histology_exempt=True)(case), releases_are(basis="histology", consent=None)(case),
    ),
    "another's group": in_a_group(of=""),
    "a group elsewhere": in_a_group(of="bob", elsewhere=True),
    "in its group, allowed for another": in_a_group(of="bob", scope=False),
}  # fmt: skip


@pytest.mark.parametrize("what", HIDES)
def test_one_difference_hides_a_case(case: Case, other: Case, bob: Member, what: str) -> None:
    assert set(gate.visible_cases(bob)) == {case, other}
    HIDES[what](case)
    assert set(gate.visible_cases(bob)) == {other}


@pytest.mark.parametrize(
    "change",
    [
        in_a_group(of="bob"),
        lambda case: uses_are(use=Use.ALL_MEMBERS)(case),
        lambda case: held(case, state="lifted"),
        row_is(state="closed"),
    ],
)  # fmt: skip
def test_these_differences_do_not(case: Case, other: Case, bob: Member, change: Change) -> None:
    change(case)
    assert set(gate.visible_cases(bob)) == {case, other}


def _closed(case: Case, kind: str) -> None:
    case.kind, case.state = kind, CaseState.CLOSED
    case.save()
    Release.objects.filter(case=case).update(content_sha256=case.content_sha256)


AUDIENCE: list[tuple[str, Change, bool]] = [
    ("nurse", lambda case: None, False),
    ("nurse", in_a_group(of="nurse", nurses=True), True),
    ("nurse", in_a_group(of="nurse"), False),
    ("nurse", in_a_group(of="", nurses=True), False),
    ("nurse", in_a_group(of="nurse", nurses=True, elsewhere=True), False),
    ("student", lambda case: _closed(case, "teaching"), True),
    ("student", lambda case: _closed(case, "consult"), False),
    ("student", lambda case: case.releases.update(content_sha256=_teaching(case)), False),
    ("student", lambda case: (_closed(case, "teaching"), in_group(case)), False),
    ("officer", lambda case: None, False),
    ("admin", lambda case: None, False),
    ("applicant", lambda case: None, False),
    ("suspended", lambda case: None, False),
    ("lapsed", lambda case: None, False),
    ("mod1", lambda case: None, True),
    ("physician", lambda case: None, True),
    ("alice", in_a_group(of=""), True),  # their own, outside the audience too
]


def _teaching(case: Case) -> str:
    case.kind = "teaching"
    case.save()
    return case.content_sha256


@pytest.mark.parametrize(("who", "change", "seen"), AUDIENCE)
def test_who_is_in_the_audience(case: Case, who: str, change: Change, seen: bool) -> None:
    change(case)
    member = factories.person(who)
    assert gate.visible_cases(member).filter(pk=case.pk).exists() is seen
    if seen:
        assert gate.visible_cases(gate.SOMEBODY).filter(pk=case.pk).exists()


SOMEBODY: list[tuple[Change, tuple[str, ...], bool]] = [
    (lambda case: None, ("bob",), True),
    (lambda case: None, ("nurse",), False),
    (lambda case: None, ("student",), False),
    (lambda case: None, ("officer", "admin"), False),
    (lambda case: _closed(case, "teaching"), ("student",), True),
    (in_a_group(of="bob"), ("bob",), True),
    (in_a_group(of=""), ("bob",), False),
    (in_a_group(of="bob", elsewhere=True), ("bob",), False),
    (in_a_group(of="nurse", nurses=True), ("nurse",), True),
    (in_a_group(of="nurse"), ("nurse",), False),
    (in_a_group(of="officer"), ("officer",), False),
]


@pytest.mark.parametrize(("change", "people", "seen"), SOMEBODY)
def test_somebody_is_one_of_those_there(case: Case, change: Change, people: tuple[str, ...], seen: bool) -> None:
    """The author is there, or the case would be hidden; in an office, so as not to be a reader."""
    change(case)
    there = [factories.person(name).pk for name in people]
    Member.objects.exclude(pk__in=[*there, case.author_id]).update(standing="suspended")
    author_is(is_privacy_officer=True)(case)
    assert gate.visible_cases(gate.SOMEBODY).exists() is seen


def test_an_author_who_is_a_reader_is_somebody(case: Case) -> None:
    in_group(case)
    Membership.objects.all().delete()
    assert gate.visible_cases(gate.SOMEBODY).exists()
    author_is(is_staff=True)(case)
    assert not gate.visible_cases(gate.SOMEBODY).exists()


# --- Second reads, holds, own cases

WAITING: dict[str, tuple[Change, bool]] = {
    "as it is": (lambda case: None, True),
    "draft": (row_is(state="draft"), False),
    "sent back": (row_is(state="returned"), False),
    "of one's own": (lambda case: row_is(author=factories.person("mod1"))(case), False),
    "author suspended": (author_is(standing="suspended"), False),
    "consent withdrawn": (consent_is(status=Status.WITHDRAWN), False),
    "no use": (lambda case: ConsentUse.objects.filter(consent=case.consent_id).delete(), False),
    "of the reader's group": (in_a_group(of="mod1"), True),
    "of another's group": (in_a_group(of="mod2"), False),
    "of a group elsewhere": (in_a_group(of="mod1", elsewhere=True), False),
    "in the group, allowed for another": (in_a_group(of="mod1", scope=False), False),
}


@pytest.mark.parametrize("what", WAITING)
def test_what_a_moderator_second_reads(mod1: Member, other: Case, what: str) -> None:
    waiting = reading.case(state=CaseState.SUBMITTED)
    change, expected = WAITING[what]
    change(waiting)
    assert gate.cases_to_second_read(mod1).filter(pk=waiting.pk).exists() is expected
    assert not gate.cases_to_second_read(mod1).filter(pk=other.pk).exists()
    assert not gate.cases_to_second_read(factories.person("bob")).exists()
    assert not gate.cases_to_second_read(object()).exists()


HELD: dict[str, tuple[Change, bool]] = {
    "as it is": (lambda case: None, True),
    "not held": (lambda case: CaseHold.objects.filter(case=case).delete(), False),
    "of one's own": (lambda case: row_is(author=factories.person("mod1"))(case), False),
    "withdrawn": (consent_is(status=Status.WITHDRAWN), False),
    "author suspended": (author_is(standing="suspended"), False),
    "in the moderator's group": (in_a_group(of="mod1"), True),
    "in another's group": (in_a_group(of=""), False),
    "sent back": (row_is(state="returned"), False),
}


@pytest.mark.parametrize("what", HELD)
def test_what_a_moderator_decides_about(case: Case, other: Case, mod1: Member, what: str) -> None:
    held(case)
    change, expected = HELD[what]
    change(case)
    assert set(gate.held_cases(mod1)) == ({case} if expected else set())
    for nobody in (factories.person("bob"), object()):
        assert not gate.held_cases(nobody).exists()


def test_a_held_follow_up_is_none_of_the_held_cases(case: Case, mod1: Member) -> None:
    added = additions.addition(case)
    for each in (case, added):
        held(each)
    assert set(gate.held_cases(mod1)) == {case}


NAMED: dict[str, tuple[Callable[[Case, Case, Member], object], bool]] = {
    "not open, not named": (lambda case, added, by: None, False),
    "answered": (lambda case, added, by: reading.answer(case, by, "psoriasis"), True),
    "answered by another": (lambda case, added, by: reading.answer(case, factories.person("bob"), "psoriasis"), False),
    "closed": (lambda case, added, by: row_is(state="closed")(case), True),
    "named by a report": (lambda case, added, by: _reported(case, added), True),
    "a picture of the case is named": (lambda case, added, by: _reported(case, case), False),
    "case not held": (lambda case, added, by: (_reported(case, added), CaseHold.objects.all().delete()), False),
    "another case held": (
        lambda case, added, by: (_reported(case, added), CaseHold.objects.update(case=reading.case(case.author))),
        False,
    ),
    "follow-up not released": (
        lambda case, added, by: (_reported(case, added), Release.objects.filter(case=added).delete()), False,
    ),
}  # fmt: skip


def _reported(case: Case, of: Case) -> None:
    photo = Photo.objects.get(placement__case=of)
    reporter = factories.person("bob")
    Report.objects.create(case=case, photo=photo, reporter=reporter, reason="identifies", due_at=timezone.now())


@pytest.mark.parametrize("what", NAMED)
def test_which_follow_ups_a_hidden_case_opens(case: Case, mod1: Member, what: str) -> None:
    added = additions.addition(case)
    held(case)
    change, expected = NAMED[what]
    change(case, added, mod1)
    assert set(gate.held_additions(mod1)) == ({added} if expected else set())
    for nobody in (factories.person("officer"), object()):
        assert not gate.held_additions(nobody).exists()


@pytest.mark.parametrize(
    ("who", "seen"), [("alice", True), ("bob", False), ("officer", False), ("suspended", False), ("applicant", False)]
)
def test_whose_own_it_is(case: Case, who: str, seen: bool) -> None:
    assert gate.own_cases(factories.person(who)).filter(pk=case.pk).exists() is seen
    row_is(author=factories.person(who))(case)
    assert gate.own_cases(factories.person(who)).exists() is (who in ("alice", "bob"))
    assert not gate.own_cases(object()).exists()


# --- Follow-ups

ADDED: dict[str, tuple[Callable[[Case, Case], object], bool]] = {
    "as it is": (lambda case, added: None, True),
    "of another case": (lambda case, added: row_is(follows=reading.case(case.author))(added), False),
    "case held": (lambda case, added: held(case), False),
    "held itself": (lambda case, added: held(added), False),
    "withdrawn itself": (lambda case, added: consent_is(status=Status.WITHDRAWN)(added), False),
    "not released": (lambda case, added: Release.objects.filter(case=added).delete(), False),
    "in a group of its own": (lambda case, added: _grouped(added), False),
    "in the group of its case": (lambda case, added: (_grouped(case), _grouped(added, case)), True),
    "its case in a group, itself for all": (lambda case, added: _grouped(case), True),
}


def _grouped(case: Case, other: Case | None = None) -> None:
    group = Group.objects.create(name=uuid.uuid4().hex[:8]) if other is None else Case.objects.get(pk=other.pk).group
    assert group is not None
    row_is(group=group)(case)
    uses_are(use=Use.NAMED_GROUP, scope=group.pk)(case)
    for member in (case.author, factories.person("bob")):
        Membership.objects.get_or_create(group=group, member=member)


@pytest.mark.parametrize("what", ADDED)
def test_which_follow_ups_are_open(case: Case, bob: Member, what: str) -> None:
    added = additions.addition(case)
    reading.answer(case, bob, "psoriasis")
    change, expected = ADDED[what]
    change(case, added)
    assert gate.visible_additions(bob).filter(pk=added.pk).exists() is expected
    assert not gate.visible_additions(bob).filter(pk=case.pk).exists()


@pytest.mark.parametrize(
    ("who", "how", "seen"),
    [("alice", "", True), ("bob", "", False), ("bob", "answered", True), ("bob", "closed", True), ("mod1", "", False)],
)
def test_to_whom_they_are_open(case: Case, other: Case, who: str, how: str, seen: bool) -> None:
    added, member = additions.addition(case), factories.person(who)
    reading.answer(other, member, "psoriasis")  # an answer to another case opens nothing
    if how == "answered":
        reading.answer(case, member, "psoriasis")
    if how == "closed":
        row_is(state="closed")(case)
    assert gate.visible_additions(member).filter(pk=added.pk).exists() is seen
    assert gate.visible_additions(gate.SOMEBODY).filter(pk=added.pk).exists()


def test_whose_follow_ups_they_are(case: Case, other: Case) -> None:
    added = additions.addition(case)
    additions.addition(other)
    assert set(gate.additions_of(case)) == {added}
    held(added)
    assert not gate.additions_of(case).exists()


# --- Sensitive pictures

ASKED: list[tuple[str, dict[str, Any] | None, bool]] = [
    ("bob", None, False),
    ("bob", {}, True),
    ("bob", {"day": timezone.localdate() - timedelta(days=1)}, False),
    ("bob", {"member": "mod1"}, False),
    ("bob", {"case": "other"}, False),
    ("alice", None, True),
    ("student", {"member": "student"}, False),
]


@pytest.mark.parametrize(("who", "asked", "seen"), ASKED)
def test_sensitive_pictures_are_asked_for(
    case: Case, other: Case, who: str, asked: dict[str, Any] | None, seen: bool
) -> None:
    _closed(case, "teaching")
    row_is(sensitive=["child"])(case)
    member = factories.person(who)
    if asked is not None:
        by = factories.person(asked.get("member", who))
        about = other if asked.get("case") == "other" else case
        AskedToSee.objects.create(case=about, member=by, day=asked.get("day", timezone.localdate()))
    assert gate.cases_to_look_at(member).filter(pk=case.pk).exists() is seen
    assert gate.visible_cases(member).filter(pk=case.pk).exists()
    assert gate.cases_to_look_at(gate.SOMEBODY).filter(pk=case.pk).exists()


# --- Renditions

CHANGED: dict[str, tuple[Callable[[Rendition], object], bool]] = {
    "as it is": (lambda row: None, True),
    "its case hidden": (lambda row: held(Case.objects.get(pictures__photo=row.photo_id)), False),
    "other bytes": (lambda row: Rendition.objects.filter(pk=row.pk).update(sha256="1" * 64), False),
    "not released": (lambda row: Release.objects.filter(rendition=row).delete(), False),
    "opened again": (lambda row: Photo.objects.filter(pk=row.photo_id).update(state=State.REVIEW), False),
    "moved to another case": (
        lambda row: CasePhoto.objects.filter(photo=row.photo_id).update(case=reading.case(kinds=("dermoscopy",))),
        False,
    ),
    "released with other words": (
        lambda row: Release.objects.filter(rendition=row).update(content_sha256="2" * 64), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("of", ["case", "follow-up"])
@pytest.mark.parametrize("what", CHANGED)
def test_which_renditions_are_shown(case: Case, other: Case, bob: Member, what: str, of: str) -> None:
    for each in (case, other):
        reading.answer(each, bob, "psoriasis")
    added, _other = (additions.addition(each) for each in (case, other))
    row = Rendition.objects.get(photo__placement__case=case if of == "case" else added, name="display")
    change, expected = CHANGED[what]
    change(row)
    assert gate.visible_renditions(bob).filter(pk=row.pk).exists() is expected
    assert gate.servable_renditions(bob).filter(pk=row.pk).exists() is expected
    assert gate.servable_rendition(bob, row.pk).exists() is expected
    assert set(gate.servable_rendition(bob, row.pk)) <= {row}


BACKSTAGE: dict[str, tuple[str, Change, bool]] = {
    "own draft": ("alice", lambda case: None, True),
    "another's draft": ("bob", lambda case: None, False),
    "own, refused": ("alice", consent_is(status=Status.REFUSED), False),
    "own, withdrawn": ("alice", consent_is(status=Status.WITHDRAWN), False),
    "own case withdrawn": ("alice", row_is(state="withdrawn"), False),
    "to second-read": ("mod1", row_is(state="submitted"), True),
    "to second-read, by no moderator": ("bob", row_is(state="submitted"), False),
    "own, not sealed": ("alice", lambda case: Photo.objects.update(state=State.REVIEW), False),
}


@pytest.mark.parametrize("what", BACKSTAGE)
def test_what_is_sent_to_those_who_work_on_it(other: Case, what: str) -> None:
    case = reading.case(state=CaseState.DRAFT)
    who, change, expected = BACKSTAGE[what]
    change(case)
    row = Rendition.objects.get(photo__placement__case=case, name="display")
    member = factories.person(who)
    reading.case(member, state=CaseState.DRAFT)  # one's own says nothing about this one
    assert gate.servable_renditions(member).filter(pk=row.pk).exists() is expected
    assert gate.servable_rendition(member, row.pk).exists() is expected


def test_a_thumbnail_is_that_of_the_case(case: Case, other: Case, bob: Member) -> None:
    def thumbnails() -> dict[Any, str | None]:
        rows = gate.visible_cases_with_thumbnails(bob)
        return {row.pk: row.thumbnail and uuid.UUID(row.thumbnail["id"]) for row in rows}

    mine, theirs = (
        Rendition.objects.get(photo__placement__case=each, name="thumbnail").pk for each in (case, other)
    )  # fmt: skip
    assert thumbnails() == {case.pk: mine, other.pk: theirs}
    Photo.objects.filter(placement__case=other).update(state=State.REVIEW)
    assert thumbnails() == {case.pk: mine, other.pk: None}
    row_is(sensitive=["child"])(case)
    assert thumbnails() == {case.pk: None, other.pk: None}


# --- What a consent does not allow


@pytest.mark.parametrize(
    ("change", "kept_back"),
    [
        (lambda case: None, False),
        (in_a_group(of=""), False),
        (in_a_group(of="", scope=False), True),
        (lambda case: (in_a_group(of="", scope=False)(case), consent_is(status=Status.WITHDRAWN)(case)), False),
        (row_is(consent=None), False),
    ],
)
def test_an_audience_that_the_consent_does_not_allow(case: Case, other: Case, change: Change, kept_back: bool) -> None:
    draft = reading.case(state=CaseState.DRAFT)
    change(draft)
    assert gate.audience_not_allowed(Case.objects.get(pk=draft.pk)) is kept_back


@pytest.mark.parametrize(
    ("shows", "use"), [("shows_face", Use.RECOGNISABLE_FACE), ("shows_mark", Use.IDENTIFIABLE_MARK)]
)
def test_a_face_or_mark_that_the_consent_does_not_allow(case: Case, other: Case, shows: str, use: str) -> None:
    photos = Photo.objects.filter(placement__case=case)
    assert not gate.photos_not_allowed(case).exists()
    for each in (case, other):
        Photo.objects.filter(placement__case=each).update(**{shows: True})
    assert set(gate.photos_not_allowed(case)) == set(photos)
    ConsentUse.objects.create(consent=Consent.objects.get(pk=case.consent_id), use=use)
    assert not gate.photos_not_allowed(case).exists()
    ConsentUse.objects.filter(use=use).delete()
    photos.update(state=State.WITHDRAWN)
    assert not gate.photos_not_allowed(case).exists()
