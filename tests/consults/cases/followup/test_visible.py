"""Who sees a follow-up: whoever sees its case and has its discussion open, while patient and second reader allow it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from consent import lifecycle
from consent.models import Consent, ConsentUse, Status, Use, WithdrawnBy
from consent.withdrawal import withdraw, withdraw_picture
from consults.browse import feed
from consults.browse.filters import Filters
from consults.cases import gate, media
from consults.cases.authoring import drafts
from consults.cases.gate import holding, listing
from consults.models import Case, CaseState, Group, Listing, Membership
from core import jobs
from core.models import DataKey
from imaging.models import Photo, Rendition
from tests import factories
from tests.consults import additions, reading

DIAGNOSIS = "basal-cell-carcinoma"


def sees(member: object, case: Case) -> bool:
    """Whether this member is sent the picture of a case or follow-up; asked from lists and from the key alike."""
    pictures = Rendition.objects.filter(photo__placement__case=case, name="display")
    if not pictures.exists():
        return False
    listed = gate.visible_renditions(member).filter(pk__in=pictures).exists()
    asked = isinstance(member, Member) and media.servable(member, pictures.first().pk) is not None  # type: ignore[union-attr]
    own = case.author == member
    assert asked == listed or own
    return listed


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice)


@pytest.fixture
def added(case: Case) -> Case:
    return additions.addition(case)


# --- Whose


@pytest.mark.parametrize(
    ("who", "how", "expected"),
    [
        ("alice", "", True),
        ("bob", "", False),
        ("bob", "answered", True),
        ("bob", "only read", True),
        ("bob", "closed", True),
        ("resident", "answered", True),
        ("mod1", "", False),
        ("mod1", "answered", True),
        ("nurse", "closed", False),
        ("student", "closed", False),
        ("student", "closed teaching", True),
        ("officer", "closed", False),
        ("applicant", "closed", False),
        ("suspended", "answered", False),
    ],
)
def test_it_opens_with_the_discussion(case: Case, added: Case, who: str, how: str, expected: bool) -> None:
    member = factories.person(who)
    if how in ("answered", "only read"):
        reading.answer(case, member, *([DIAGNOSIS] if how == "answered" else []))
    if how.startswith("closed"):
        Case.objects.filter(pk=case.pk).update(state=CaseState.CLOSED)
    if how == "closed teaching":
        for each in (case, added):
            each.refresh_from_db()
            each.kind = "teaching"
            each.save()
            each.releases.update(content_sha256=each.content_sha256)
    assert sees(member, added) == expected


def test_it_is_no_case_of_its_own(case: Case, added: Case, bob: Member, mod1: Member, alice: Member) -> None:
    reading.answer(case, bob, DIAGNOSIS)
    for member in (alice, bob, mod1):
        assert set(gate.visible_cases(member)) == {case}
        assert [card.pk for card in feed.page(member=member, filters=Filters()).cards] == [case.pk]
    assert set(Listing.objects.values_list("case", flat=True)) == {case.pk}
    assert listing.compare() == 0
    assert set(gate.visible_additions(bob)) == {added}
    assert set(gate.visible_additions(gate.SOMEBODY)) == {added}
    assert not gate.visible_additions(object()).exists()


# --- What takes it away, and what does not


def _group_changed(case: Case, added: Case) -> None:
    group = Group.objects.create(name="Ward")
    Membership.objects.create(group=group, member=factories.person("bob"))
    ConsentUse.objects.create(consent=case.consent, use=Use.NAMED_GROUP, scope=group.pk)
    Case.objects.filter(pk=added.pk).update(group=Group.objects.create(name="Other"))
    Case.objects.filter(pk=case.pk).update(group=group)


def _hold(case: Case) -> object:
    return holding.hold(case=case, by=factories.person("mod1"), reason="conduct")


AWAY: dict[str, tuple[Callable[[Case, Case], object], bool, bool]] = {
    # what is done -> whether case and follow-up are seen after it
    "nothing": (lambda case, added: None, True, True),
    "case retracted": (lambda case, added: drafts.retract(case=case, by=case.author), False, False),
    "follow-up retracted": (lambda case, added: drafts.retract(case=added, by=added.author), True, False),
    "case held": (lambda case, added: _hold(case), False, False),
    "follow-up held": (lambda case, added: _hold(added), True, False),
    "its consent withdrawn": (
        lambda case, added: withdraw(consent_id=added.consent_id, by=WithdrawnBy.PATIENT),
        True,
        False,
    ),
    "the case's consent withdrawn": (
        lambda case, added: withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT),
        False,
        False,
    ),
    "its consent run out": (
        lambda case, added: Consent.objects.filter(pk=added.consent_id).update(
            expires_on=timezone.localdate() - timedelta(days=2)
        ),
        True,
        False,
    ),
    "its consent narrowed to a group": (
        lambda case, added: ConsentUse.objects.filter(consent=added.consent_id).update(
            use=Use.NAMED_GROUP, scope=Group.objects.create(name="Others").pk
        ),
        True,
        False,
    ),
    "its consent a mistake": (
        lambda case, added: lifecycle.mark_entered_in_error(consent_id=added.consent_id, by=added.author),
        True,
        False,
    ),
    "the case's consent a mistake": (
        lambda case, added: lifecycle.mark_entered_in_error(consent_id=case.consent_id, by=case.author),
        False,
        False,
    ),
    "its words changed": (
        lambda case, added: Case.objects.filter(pk=added.pk).update(content_sha256="0" * 64),
        True,
        False,
    ),
    "its bytes changed": (
        lambda case, added: Rendition.objects.filter(photo__placement__case=added).update(sha256="0" * 64),
        True,
        False,
    ),
    "another audience each": (_group_changed, True, False),
    "author suspended": (
        lambda case, added: Member.objects.filter(pk=case.author_id).update(standing="suspended"),
        False,
        False,
    ),
    "its only picture taken back": (
        lambda case, added: withdraw_picture(
            consent_id=added.consent_id, picture=added.pictures.get().photo_id, by=WithdrawnBy.PATIENT
        ),
        True,
        False,
    ),
}


@pytest.mark.parametrize("what", AWAY)
def test_what_hides_which(case: Case, added: Case, bob: Member, what: str) -> None:
    reading.answer(case, bob, DIAGNOSIS)
    change, case_stays, addition_stays = AWAY[what]
    change(case, added)
    assert (sees(bob, case), sees(bob, added)) == (case_stays, addition_stays)


def test_a_case_that_comes_back_brings_it_along(case: Case, added: Case, bob: Member, alice: Member) -> None:
    reading.answer(case, bob, DIAGNOSIS)
    drafts.retract(case=case, by=alice)
    assert not sees(bob, added)
    case.refresh_from_db()
    additions.released(case)
    assert sees(bob, added)


@pytest.mark.parametrize("state", [state for state in CaseState.values if state not in ("released", "closed")])
def test_before_it_is_released_the_case_is_as_it_was(case: Case, bob: Member, state: str) -> None:
    added = additions.addition(case, state=state)
    reading.answer(case, bob, DIAGNOSIS)
    assert sees(bob, case)
    assert not sees(bob, added)
    assert gate.additions_of(case).count() == 0


# --- Destruction


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "released"])
def test_with_the_case_everything_that_follows_is_destroyed(case: Case, state: str) -> None:
    added = additions.addition(case, state=state)
    photo = added.pictures.get().photo
    made = withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    assert (made.cases, made.pictures) == (2, 2)
    added.refresh_from_db()
    assert added.state == CaseState.WITHDRAWN
    jobs.run_waiting()
    added.refresh_from_db()
    assert (added.note, added.title, added.addition, added.after, added.sensitive) == ("", "", "", None, [])
    assert added.content_erased_at is not None
    assert not Photo.objects.filter(pk=photo.pk).exists()
    key = DataKey.objects.filter(pk=photo.key_id).first()
    assert key is None or key.destroyed_at is not None


def test_with_its_own_consent_it_alone_is_destroyed(case: Case, added: Case) -> None:
    withdraw(consent_id=added.consent_id, by=WithdrawnBy.PATIENT)
    jobs.run_waiting()
    assert set(Photo.objects.values_list("placement__case", flat=True)) == {case.pk}
    case.refresh_from_db()
    assert case.state == CaseState.RELEASED
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    jobs.run_waiting()
    assert not Photo.objects.exists()


def test_under_one_consent_both_go_once(alice: Member) -> None:
    case = reading.case(alice)
    additions.addition(case, consent=case.consent)
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    assert set(Case.objects.values_list("state", flat=True)) == {"withdrawn"}
    jobs.run_waiting()
    assert not Photo.objects.exists()


def test_the_case_narrowed_away_takes_it_along(case: Case, added: Case) -> None:
    ConsentUse.objects.create(consent=case.consent, use=Use.NAMED_GROUP, scope=Group.objects.create(name="Friends").pk)
    part = lifecycle.Part(frozenset({(Use.ALL_MEMBERS, None)}))
    lifecycle.narrow(consent_id=case.consent_id, part=part, by=WithdrawnBy.PATIENT)
    assert set(Case.objects.values_list("state", flat=True)) == {"withdrawn"}
    jobs.run_waiting()
    assert not Photo.objects.exists()
    assert not Case.objects.filter(content_erased_at=None).exists()


def test_a_case_taken_down_takes_it_along(alice: Member, settings: pytest.MonkeyPatch) -> None:
    from consults.withdrawal import hide

    settings.HISTOLOGY_EXEMPTION = True  # type: ignore[attr-defined]
    case = reading.case(alice, kinds=("histology",), consent=None, histology_exempt=True, state=CaseState.DRAFT)
    Case.objects.filter(pk=case.pk).update(state="released", released_at=timezone.now())
    case.refresh_from_db()
    added = additions.addition(case, kinds=("histology",))
    assert hide.count_effects_of_case(case).pictures == 2
    hide.take_down(case=case, by=alice)
    added.refresh_from_db()
    assert added.state == CaseState.WITHDRAWN
    jobs.run_waiting()
    assert not Photo.objects.exists()


def test_a_model_deleted_takes_it_along(alice: Member) -> None:
    case = reading.case(alice, education_model=True)
    added = additions.addition(case)
    drafts.retract(case=case, by=alice)
    case.refresh_from_db()
    drafts.discard(case=case, by=alice)
    assert not Case.objects.filter(pk__in=[case.pk, added.pk]).exists()
    assert not Photo.objects.exists()


def test_an_expired_consent_of_the_case_takes_it_along(case: Case, added: Case) -> None:
    Consent.objects.filter(pk=case.consent_id).update(
        expires_on=timezone.localdate() - timedelta(days=60), status=Status.EXPIRED
    )
    lifecycle.destroy_expired()
    assert set(Case.objects.values_list("state", flat=True)) == {"withdrawn"}
    jobs.run_waiting()
    assert not Photo.objects.exists()
