"""The one door: the gate's querysets against the rule in plain words, now and after later changes."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member
from consent.models import ConsentUse, Use, WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.cases.gate import holding
from consults.models import Case, Group, Membership, Release
from imaging.models import Photo, Rendition, State
from tests import factories, gate_world
from tests.consent import making
from tests.consults import reading
from tests.consults.changes import YESTERDAY, author_is, case_is, consent_is, moved_to_a_group
from tests.gate_world import HALL, PEOPLE, WARD, Row, World

# --- Who sees what


def test_gate_agrees_with_the_rule_on_every_combination(db: None) -> None:
    world = World(gate_world.all_rows())
    wrong = []
    for who in PEOPLE:
        member = world.members[who.name]
        asked: list[tuple[str, Any, dict[uuid.UUID, Row], Callable[..., bool]]] = [
            ("visible case", gate.visible_cases, world.rows, gate_world.sees_case),
            ("visible picture", gate.visible_renditions, world.pictures, gate_world.sees_picture),
            ("case to review", gate.cases_to_second_read, world.rows, gate_world.reviews),
            ("hidden case", gate.held_cases, world.rows, gate_world.looks_at_hidden),
            ("picture sent", gate.servable_renditions, world.pictures, gate_world.is_sent_picture),
        ]
        for what, door, rows, rule in asked:
            found = set(door(member).values_list("pk", flat=True))
            expected = {pk for pk, row in rows.items() if rule(who, row)}
            wrong += [(who.name, what, "too much", rows[pk]) for pk in found - expected]
            wrong += [(who.name, what, "too little", rows[pk]) for pk in expected - found]
    assert wrong[:5] == []
    seen = {who.name for who in PEOPLE if any(gate_world.sees_picture(who, row) for row in world.rows.values())}
    # The author without a verification and the nurse outside the ward see nothing anywhere.
    assert seen == {
        "bob", "bob in hall", "bob in ward", "resident", "physician in both", "nurse in ward",
        "student", "student in both", "mod1", "mod in hall", "alice", "author mod",
    }  # fmt: skip


OPEN = Row(state="released", consent="all", release="same")


@pytest.mark.parametrize(
    ("who", "row", "case", "picture"),
    [
        ("bob", OPEN, True, True),
        ("alice", OPEN, True, True),
        ("mod1", OPEN, True, True),
        ("anonymous", OPEN, False, False),
        ("applicant", OPEN, False, False),
        ("suspended", OPEN, False, False),
        ("lapsed", OPEN, False, False),
        ("officer", OPEN, False, False),
        ("officer with training", OPEN, False, False),
        ("admin", OPEN, False, False),
        ("nurse in ward", OPEN, False, False),
        ("student", OPEN, False, False),
        ("bob", replace(OPEN, hold="held"), False, False),
        ("bob", replace(OPEN, hold="confirmed"), False, False),
        ("bob", replace(OPEN, hold="lifted"), True, True),
        ("alice", replace(OPEN, hold="held"), False, False),
        ("mod1", replace(OPEN, hold="held"), False, False),
        ("bob", Row("closed", "all", "same"), True, True),
        ("bob", Row("submitted", "all", "same"), False, False),
        ("bob", Row("returned", "all", "same"), False, False),
        ("bob", Row("draft", "all", "same"), False, False),
        ("bob", Row("withdrawn", "all", "same"), False, False),
        ("bob", Row("released", "all", "none"), False, False),
        ("bob", Row("released", "all", "other words"), False, False),
        ("bob", Row("released", "all", "other bytes"), True, False),
        ("bob", Row("released", "all", "other consent"), False, False),
        ("bob", Row("released", "withdrawn", "same"), False, False),
        ("alice", Row("released", "withdrawn", "same"), False, False),
        ("mod1", Row("released", "withdrawn", "same"), False, False),
        ("bob", Row("released", "past", "same"), False, False),
        ("bob", Row("released", "superseded", "same"), False, False),
        ("bob", Row("released", "entered_in_error", "same"), False, False),
        ("bob", Row("released", "model", "same"), True, True),
        ("bob", Row("released", "model under withdrawn", "same"), False, False),
        ("bob", Row("released", "model under refused", "same"), False, False),
        ("bob", Row("released", "all", "same", author="author suspended"), False, False),
        ("author suspended", Row("released", "all", "same", author="author suspended"), False, False),
        ("bob", Row("released", "all", "same", author="author lapsed"), False, False),
        ("bob", Row("released", "all", "same", group=HALL), False, False),
        ("bob in hall", Row("released", "all", "same", group=HALL), True, True),
        ("bob in hall", Row("released", HALL, "same", group=HALL), True, True),
        ("bob in hall", Row("released", HALL, "same", group=""), False, False),
        ("bob in ward", Row("released", HALL, "same", group=WARD), False, False),
        ("mod1", Row("released", HALL, "same", group=HALL), False, False),
        ("alice", Row("released", HALL, "same", group=HALL), True, True),
        ("nurse in hall", Row("released", "all", "same", group=HALL), False, False),
        ("nurse in ward", Row("released", "all", "same", group=WARD), True, True),
        ("student", Row("closed", "all", "same", teaching=True), True, True),
        ("student", Row("released", "all", "same", teaching=True), False, False),
        ("student", Row("closed", "all", "same"), False, False),
    ],
)
def test_important_rows(db: None, who: str, row: Row, case: bool, picture: bool) -> None:
    world = World(iter([row]))
    member = world.members[who]
    assert gate.visible_cases(member).exists() is case
    assert gate.visible_renditions(member).exists() is picture
    assert gate.visible_renditions(member).filter(pk__in=gate.servable_renditions(member)).exists() is picture


@pytest.mark.parametrize(
    ("who", "row", "sent"),
    [
        ("mod1", Row("submitted", "all", "none"), True),
        ("bob", Row("submitted", "all", "none"), False),
        ("author mod", Row("submitted", "all", "none"), True),
        ("mod1", Row("submitted", HALL, "none", group=HALL), False),
        ("mod in hall", Row("submitted", HALL, "none", group=HALL), True),
        ("mod in hall", Row("submitted", WARD, "none", group=WARD), False),
        ("mod1", Row("submitted", "withdrawn", "none"), False),
        ("mod1", Row("submitted", "past", "none"), False),
        ("mod1", Row("submitted", "none", "none"), False),
        ("mod1", Row("draft", "all", "none"), False),
        ("mod1", Row("returned", "all", "none"), False),
        ("mod1", Row("submitted", "all", "none", author="author suspended"), False),
        ("alice", Row("draft", "none", "none"), True),
        ("alice", Row("returned", "past", "none"), True),
        ("alice", Row("draft", "withdrawn", "none"), False),
        ("alice", Row("withdrawn", "withdrawn", "none"), False),
        ("author suspended", Row("draft", "all", "none", author="author suspended"), False),
        ("mod1", replace(OPEN, hold="held"), True),
        ("mod1", replace(OPEN, hold="confirmed"), True),
        ("author mod", replace(OPEN, hold="held"), True),
        ("author mod", replace(OPEN, hold="held", author="author mod"), True),  # as its author
        ("mod1", replace(OPEN, hold="held", group=HALL), False),
        ("mod in hall", replace(OPEN, hold="held", group=HALL), True),
        ("mod1", Row("released", "past", "same", hold="held"), False),
        ("alice", replace(OPEN, hold="held"), True),
        ("bob", replace(OPEN, hold="held"), False),
        ("officer with training", replace(OPEN, hold="held"), False),
    ],
)
def test_pictures_before_a_release(db: None, who: str, row: Row, sent: bool) -> None:
    world = World(iter([row]))
    assert gate.servable_renditions(world.members[who]).exists() is sent
    assert not gate.visible_renditions(world.members[who]).exists()


@pytest.mark.parametrize("state", [s for s in State if s != State.SEALED])
def test_a_photo_that_is_not_sealed_is_sent_to_nobody(db: None, state: State) -> None:
    case = reading.case()
    Photo.objects.filter(placement__case=case).update(state=state)
    for name in ("alice", "bob", "mod1"):
        assert not gate.servable_renditions(factories.person(name)).exists()


def test_a_release_of_another_case_shows_nothing(db: None) -> None:
    case, other = reading.case(), reading.case()
    Release.objects.filter(case=case).update(case=other)
    assert not gate.visible_renditions(factories.person("bob")).filter(photo__placement__case=case).exists()


@pytest.mark.parametrize("basis", ["consent", "education_model", "histology"])
def test_the_release_of_a_case_with_the_same_words_is_not_this_one_s(db: None, settings: Any, basis: str) -> None:
    """Nor on one and the same consent: of two, the one that was released is shown."""
    settings.HISTOLOGY_EXEMPTION = True
    shared = {
        "consent": {"consent": reading.consent(factories.person("alice"))},
        "education_model": {"education_model": True},
        "histology": {"consent": None, "histology_exempt": True, "kinds": ("histology",)},
    }[basis]
    case, other = (reading.case(state="submitted", **shared) for _number in range(2))
    assert case.content_sha256 == other.content_sha256
    Case.objects.update(state="released", released_at=timezone.now())
    for rendition in Rendition.objects.filter(photo__placement__case=other):
        Release.objects.create(
            case=other,
            rendition=rendition,
            basis=basis,
            consent=other.consent,
            approver=factories.person("mod1"),
            sha256=rendition.sha256,
            content_sha256=other.content_sha256,
        )
    assert set(gate.visible_cases(factories.person("bob"))) == {other}


# --- Later changes take effect with the next request


@pytest.mark.parametrize(
    "change",
    [
        lambda case: withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT),
        lambda case: ConsentUse.objects.filter(consent=case.consent_id).delete(),
        consent_is(expires_on=YESTERDAY),
        author_is(standing="suspended"),
        author_is(verified_until=YESTERDAY),
        case_is(note="Other words."),
        lambda case: Release.objects.all().delete(),
        lambda case: Member.objects.filter(email__startswith="bob@").update(standing="suspended"),
        moved_to_a_group,
        lambda case: holding.hold(case=case, by=factories.person("mod1"), reason="conduct"),
    ],
)
def test_what_was_visible_is_gone_at_once(db: None, bob: Member, change: Callable[[Case], object]) -> None:
    case = reading.case()
    assert gate.visible_renditions(bob).exists()
    change(case)
    now = Member.objects.get(pk=bob.pk)
    assert not gate.visible_cases(now).exists()
    assert not gate.servable_renditions(now).exists()


def test_leaving_a_group_closes_its_cases(db: None, bob: Member) -> None:
    group = Group.objects.create(name="Hall")
    membership = Membership.objects.create(group=group, member=bob)
    reading.case(group=group)
    assert gate.visible_cases(bob).exists()
    membership.delete()
    assert not gate.visible_cases(bob).exists()


def test_an_edit_by_hand_in_the_bytes_row_hides_the_picture(db: None, bob: Member) -> None:
    case = reading.case()
    changed = Rendition.objects.filter(photo__placement__case=case, name="display")
    changed.update(sha256="1" * 64)
    assert set(gate.visible_renditions(bob).values_list("name", flat=True)) == {"full", "thumbnail"}


def test_what_a_case_without_a_consent_shows_is_not_against_one(db: None) -> None:
    made = making.published(consent_fields={"uses": (Use.ALL_MEMBERS, Use.RECOGNISABLE_FACE)})
    Photo.objects.update(shows_face=True, shows_mark=True)
    assert gate.photos_not_allowed(made.case).count() == 1  # the mark
    Photo.objects.update(shows_mark=False)
    assert not gate.photos_not_allowed(made.case).exists()
    without = made.case
    without.consent = None
    assert not gate.photos_not_allowed(without).exists()
    assert not gate.audience_not_allowed(without)
