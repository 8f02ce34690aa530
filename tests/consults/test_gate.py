"""The one door: the gate's querysets against the rule in plain words, what blocks a release, releases and races."""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent.models import Consent, ConsentUse, ShownPicture, Status, Use, WithdrawnBy
from consent.service import withdraw
from consults import gate
from consults.cases import service
from consults.models import Case, CaseState, Group, Membership, Release
from imaging.models import Photo, Rendition, State
from tests import factories, gate_world
from tests.consults import reading
from tests.gate_world import HALL, PEOPLE, WARD, Row, World
from tests.imaging_app import making

DRAFT, SUBMITTED = CaseState.DRAFT, CaseState.SUBMITTED

# --- Who sees what


def test_gate_agrees_with_the_rule_on_every_combination(db: None) -> None:
    world = World(gate_world.all_rows())
    wrong = []
    for who in PEOPLE:
        member = world.members[who.name]
        asked: list[tuple[str, Any, dict[uuid.UUID, Row], Callable[..., bool]]] = [
            ("visible case", gate.visible_cases, world.rows, gate_world.sees_case),
            ("visible picture", gate.visible_renditions, world.pictures, gate_world.sees_picture),
            ("case to review", gate.reviewable_cases, world.rows, gate_world.reviews),
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
        "student", "student in both", "mod1", "alice", "author mod",
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


# --- What is still missing


@pytest.fixture
def complete(db: None) -> Case:
    """A draft of alice's in which nothing is missing."""
    return reading.case(state=DRAFT)


def photo_of(case: Case) -> Photo:
    return Photo.objects.get(placement__case=case)


def photo_is(**fields: Any) -> Callable[[Case], object]:
    return lambda case: Photo.objects.filter(placement__case=case).update(**fields)


def picture_is(**fields: Any) -> Callable[[Case], object]:
    return lambda case: case.pictures.update(**fields)


def case_is(**fields: Any) -> Callable[[Case], object]:
    def change(case: Case) -> None:
        for name, value in fields.items():
            setattr(case, name, value)
        case.save()

    return change


def consent_is(**fields: Any) -> Callable[[Case], object]:
    return lambda case: Consent.objects.filter(pk=case.consent_id).update(**fields)


def author_is(**fields: Any) -> Callable[[Case], object]:
    return lambda case: Member.objects.filter(pk=case.author_id).update(**fields)


def shown_other_pictures(case: Case) -> None:
    consent_is(shown="shown")(case)
    ShownPicture.objects.create(consent_id=case.consent_id, sha256="0" * 64)


def moved_to_a_group(case: Case) -> None:
    case_is(group=Group.objects.create(name="Strangers"))(case)


def allowed_for_a_group_only(case: Case) -> None:
    group = Group.objects.create(name="Friends")
    ConsentUse.objects.filter(consent=case.consent_id).update(use=Use.NAMED_GROUP, scope=group.pk)


def model_under(status: Status) -> Callable[[Case], object]:
    """Called a model although a patient was asked; this became of their consent."""

    def change(case: Case) -> None:
        case_is(education_model=True)(case)
        consent_is(status=status)(case)

    return change


def eyes(choice: str) -> Callable[[Case], object]:
    """Nobody said that there are no eyes; some were found, and this was decided about them."""

    def change(case: Case) -> None:
        photo_is(no_eyes_stated=False)(case)
        making.region(photo_of(case), kind="eye", choice=choice, reason="a button")

    return change


def on_the_shin(case: Case) -> None:
    photo_is(no_eyes_stated=False)(case)
    case_is(site="shin")(case)


YESTERDAY = timezone.localdate() - timedelta(days=1)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda case: None, []),
        (lambda case: case.pictures.all().delete(), ["no_pictures"]),
        (photo_is(state="received"), ["picture_received"]),
        (photo_is(state="refused"), ["picture_refused"]),
        (photo_is(state="expired"), ["picture_expired"]),
        (photo_is(state="review"), ["picture_review"]),
        (photo_is(state="confirmed"), ["picture_confirmed"]),
        (photo_is(no_eyes_stated=False), ["picture_eyes"]),
        (eyes("accepted"), []),
        (eyes("dismissed"), ["picture_eyes"]),
        (on_the_shin, []),
        (picture_is(kind=""), ["picture_kind"]),
        (picture_is(kind="histology"), ["picture_stain"]),
        (picture_is(kind="dermoscopy"), ["picture_mode"]),
        (picture_is(caption="Mail to jo@example.org"), ["identifier"]),
        *((case_is(**{name: ""}), ["facts"]) for name in gate.REQUIRED if name != "differential"),
        (case_is(differential=[]), ["facts"]),
        (case_is(title="Seen on 12.03.2024"), ["identifier"]),
        (case_is(note="Mail to jo@example.org"), ["identifier"]),
        (case_is(treatments="Mail to jo@example.org"), ["identifier"]),
        (case_is(source="Mail to jo@example.org"), []),
        (case_is(consent=None), ["no_consent"]),
        (case_is(consent=None, education_model=True), []),
        (model_under(Status.ACTIVE), ["model_has_patient"]),
        (model_under(Status.REFUSED), ["model_has_patient", "consent_refused"]),
        (model_under(Status.WITHDRAWN), ["model_has_patient", "consent_not_active"]),
        (model_under(Status.ENTERED_IN_ERROR), []),
        (consent_is(status="withdrawn"), ["consent_not_active"]),
        (consent_is(status="superseded"), ["consent_not_active"]),
        (consent_is(expires_on=YESTERDAY), ["consent_not_active"]),
        (consent_is(expires_on=timezone.localdate()), []),
        (allowed_for_a_group_only, ["consent_audience"]),
        (photo_is(shows_face=True), ["consent_face"]),
        (photo_is(shows_mark=True), ["consent_mark"]),
        (shown_other_pictures, ["consent_pictures"]),
        (author_is(standing="suspended"), ["author"]),
        (author_is(verified_until=YESTERDAY), ["author"]),
        (author_is(profession="resident"), ["author_rights"]),
        (author_is(profession="student"), ["author_rights"]),
        (moved_to_a_group, ["group"]),
    ],
)
def test_blockers(complete: Case, change: Callable[[Case], object], codes: list[str]) -> None:
    change(complete)
    found = gate.blockers(Case.objects.get(pk=complete.pk))
    assert [blocker.code for blocker in found] == codes
    assert all(str(blocker.sentence).endswith(".") for blocker in found)


@pytest.mark.parametrize(
    ("fields", "use"), [({"shows_face": True}, Use.RECOGNISABLE_FACE), ({"shows_mark": True}, Use.IDENTIFIABLE_MARK)]
)
def test_what_the_patient_allowed_may_be_seen(complete: Case, fields: dict[str, bool], use: Use) -> None:
    photo_is(**fields)(complete)
    ConsentUse.objects.create(consent_id=complete.consent_id, use=use)
    assert gate.blockers(complete) == []


def test_the_pictures_that_the_patient_saw(complete: Case) -> None:
    consent_is(shown="shown")(complete)
    ShownPicture.objects.bulk_create(
        ShownPicture(consent_id=complete.consent_id, sha256=sha256)
        for sha256 in Rendition.objects.values_list("sha256", flat=True)
    )
    assert gate.blockers(Case.objects.get(pk=complete.pk)) == []


def test_blockers_count_the_pictures_from_one(complete: Case) -> None:
    second = reading.picture(complete)
    Photo.objects.filter(pk=second.photo_id).update(state=State.REFUSED)
    (blocker,) = gate.blockers(complete)
    assert blocker.sentence.startswith("Picture 2 ")


# --- Release


@pytest.fixture
def waiting(db: None) -> Case:
    """A case of alice's that waits for its second read."""
    return reading.case(state=SUBMITTED)


def test_release_makes_it_visible_and_is_logged(waiting: Case, mod1: Member, bob: Member, alice: Member) -> None:
    assert not gate.visible_cases(bob).exists()
    released = gate.release(case=waiting, by=mod1)
    assert released.state == CaseState.RELEASED
    assert set(gate.visible_cases(bob)) == {waiting}
    assert gate.visible_renditions(bob).count() == 3
    assert set(waiting.releases.values_list("approver", "consent", "content_sha256")) == {
        (mod1.pk, waiting.consent_id, waiting.content_sha256)
    }
    alice.refresh_from_db()
    assert alice.posts_released == factories.PEOPLE["alice"]["posts_released"] + 1
    event = Event.objects.get(verb="case.released")
    assert (event.actor_id, event.subject_id) == (mod1.pk, waiting.pk)
    assert event.facts["pictures"] == sorted(waiting.releases.values_list("sha256", flat=True))


def test_nobody_releases_their_own_case(db: None, mod1: Member) -> None:
    own = reading.case(mod1, state=SUBMITTED)
    with pytest.raises(gate.NotYours):
        gate.release(case=own, by=mod1)
    assert not Release.objects.exists()


@pytest.mark.parametrize("state", [s for s in CaseState if s != SUBMITTED])
def test_only_what_was_submitted_is_released(waiting: Case, mod1: Member, state: CaseState) -> None:
    Case.objects.filter(pk=waiting.pk).update(state=state, released_at=timezone.now())
    with pytest.raises(gate.Blocked, match="changed"):
        gate.release(case=waiting, by=mod1)
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (consent_is(status="withdrawn"), "consent_not_active"),
        (consent_is(expires_on=YESTERDAY), "consent_not_active"),
        (allowed_for_a_group_only, "consent_audience"),
        (author_is(standing="suspended"), "author"),
        (photo_is(state="received"), "picture_received"),
        (lambda case: Case.objects.filter(pk=case.pk).update(note="Mail to jo@example.org"), "identifier"),
        (lambda case: Case.objects.filter(pk=case.pk).update(consent=reading.consent(case.author)), "changed"),
    ],
)
def test_release_looks_again_under_its_locks(
    waiting: Case, mod1: Member, bob: Member, change: Callable[[Case], object], code: str
) -> None:
    page = Case.objects.get(pk=waiting.pk)  # what the second reader has on the screen
    change(waiting)
    with pytest.raises(gate.Blocked) as blocked:
        gate.release(case=page, by=mod1)
    assert [blocker.code for blocker in blocked.value.blockers] == [code]
    assert not Release.objects.exists()
    assert Case.objects.get(pk=waiting.pk).state == SUBMITTED
    assert not gate.visible_cases(bob).exists()


def test_released_again_after_a_change_replaces_the_old_release(waiting: Case, mod1: Member, bob: Member) -> None:
    gate.release(case=waiting, by=mod1)
    changed = Case.objects.get(pk=waiting.pk)
    changed.title = "Another title"
    changed.state = SUBMITTED
    changed.save()
    gate.release(case=changed, by=mod1)
    assert set(waiting.releases.values_list("content_sha256", flat=True)) == {changed.content_sha256}
    assert gate.visible_renditions(bob).count() == 3


# --- The database's own word


def a_release(case: Case, **fields: Any) -> Release:
    rendition = Rendition.objects.filter(photo__placement__case=case).first()
    assert rendition is not None
    return Release(
        **{
            "case": case,
            "rendition": rendition,
            "basis": "consent",
            "consent": case.consent,
            "approver": factories.person("mod1"),
            "sha256": rendition.sha256,
            "content_sha256": case.content_sha256,
        }
        | fields
    )


def test_the_database_takes_a_release_under_a_consent(waiting: Case) -> None:
    a_release(waiting).save()
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"consent": None}, "consults_release_needs_consent"),
        ({"basis": "education_model"}, "consults_release_needs_consent"),
        ({"basis": "because"}, "consults_release_needs_consent"),
        ({"sha256": ""}, "consults_release_names_bytes"),
        ({"sha256": "A" * 64}, "consults_release_names_bytes"),
    ],
)
def test_the_database_refuses_a_release(waiting: Case, fields: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        a_release(waiting, **fields).save()


@pytest.mark.parametrize("state", ["released", "closed"])
@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"consent": None, "released_at": timezone.now()}, "consults_case_published_has_a_basis"),
        ({"released_at": None}, "consults_case_published_has_a_time"),
    ],
)
def test_the_database_refuses_a_published_case(
    waiting: Case, state: str, fields: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Case.objects.filter(pk=waiting.pk).update(state=state, **fields)


# --- Withdrawal against release


@pytest.fixture
def patience(transactional_db: None) -> Iterator[None]:
    """Threads close their own connections."""
    yield
    connections.close_all()


ROUNDS = int(os.environ.get("RETE_RACE_ROUNDS", "30"))  # set it to 10000 once before a release


def test_race_of_withdrawal_against_release(patience: None) -> None:
    bob, mod1, alice = (factories.person(name) for name in ("bob", "mod1", "alice"))
    released, leaks, crashed = 0, [], []

    def run(work: Callable[[], None], start: threading.Barrier) -> None:
        try:
            start.wait(timeout=60)
            work()
        except gate.Blocked:
            pass
        except (gate.NotYours, DatabaseError) as error:
            crashed.append(repr(error))
        finally:
            connections.close_all()

    for number in range(ROUNDS):
        case = reading.case(alice, state=SUBMITTED)

        def take_away(case: Case = case) -> None:
            withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
            if gate.visible_cases(bob).filter(pk=case.pk).exists():
                leaks.append(case.pk)

        def let_through(case: Case = case) -> None:
            gate.release(case=case, by=mod1)

        start = threading.Barrier(2)
        work = [take_away, let_through][:: 1 if number % 2 else -1]
        threads = [threading.Thread(target=run, args=(part, start)) for part in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        order = list(
            Event.objects.filter(
                verb__in=["case.released", "consent.withdrawn"], subject_id__in=[case.pk, case.consent_id]
            )
            .order_by("seq")
            .values_list("verb", flat=True)
        )
        released += len(order) - 1
        assert order in (["consent.withdrawn"], ["case.released", "consent.withdrawn"])
        assert not gate.servable_renditions(bob).exists()
        assert not gate.servable_renditions(alice).exists()
    assert crashed == []
    assert leaks == []
    assert released <= ROUNDS


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


def test_service_and_gate_release_the_same(waiting: Case, mod1: Member) -> None:
    service.approve(case=waiting, by=mod1)
    read = waiting.second_reads.get()
    assert (read.reader_id, read.decision, read.content_sha256) == (mod1.pk, "released", waiting.content_sha256)
