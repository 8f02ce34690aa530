"""What still keeps a case from being released, in plain words."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from consent.models import ConsentUse, ShownPicture, Status, Use
from consults.cases import gate
from consults.cases.models import Attachment
from consults.models import Case, CaseState, Group, Membership
from imaging.models import Photo, Rendition, State
from tests import factories
from tests.consults import reading
from tests.consults.changes import (
    YESTERDAY,
    allowed_for_a_group_only,
    author_is,
    case_is,
    consent_is,
    eyes,
    model_under,
    moved_among_strangers,
    moved_to_a_group,
    moved_to_an_own_group,
    on_the_shin,
    photo_is,
    picture_is,
    shown_other_pictures,
)

DRAFT = CaseState.DRAFT


@pytest.fixture
def complete(db: None) -> Case:
    """A draft of alice's in which nothing is missing, beside one to which more is allowed: that does not count."""
    made = reading.case(state=DRAFT)
    hall = Group.objects.create(name="Hall")
    for name in ("alice", "bob", "mod1"):
        Membership.objects.create(group=hall, member=factories.person(name))
    other = reading.case(factories.person("bob"), state=DRAFT, group=hall)
    for use in (Use.ALL_MEMBERS, Use.RECOGNISABLE_FACE, Use.IDENTIFIABLE_MARK):
        ConsentUse.objects.create(consent_id=other.consent_id, use=use)
    return made


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
        *((case_is(**{name: ""}), ["facts"]) for name in gate.REQUIRED_FACTS if name != "differential"),
        (case_is(differential=[]), ["facts"]),
        (case_is(title="Seen on 12.03.2024"), ["identifier"]),
        (case_is(note="Mail to jo@example.org"), ["identifier"]),
        (case_is(treatments="Mail to jo@example.org"), ["identifier"]),
        (case_is(source="Mail to jo@example.org"), []),
        (case_is(source="Seen on 12.03.2024"), ["identifier"]),
        (case_is(consent=None), ["no_consent"]),
        (case_is(consent=None, education_model=True), []),
        (model_under(Status.ACTIVE), ["model_has_patient"]),
        (model_under(Status.REFUSED), ["model_has_patient", "consent_refused"]),
        (model_under(Status.WITHDRAWN), ["model_has_patient", "consent_not_active"]),
        (model_under(Status.ENTERED_IN_ERROR), []),
        (consent_is(status="withdrawn"), ["consent_not_active"]),
        (consent_is(status="superseded"), ["consent_not_active"]),
        (consent_is(expires_on=YESTERDAY), ["consent_not_active"]),
        (consent_is(expires_on=timezone.localdate), []),
        (allowed_for_a_group_only, ["consent_audience"]),
        (case_is(age_band="6-12"), ["consent_child"]),
        (consent_is(capacity="child", relation="guardian", authority="mother", assent="agreed"), ["consent_adult"]),
        (photo_is(shows_face=True), ["consent_face"]),
        (photo_is(shows_mark=True), ["consent_mark"]),
        (shown_other_pictures, ["consent_pictures"]),
        (author_is(standing="suspended"), ["author"]),
        (author_is(verified_until=YESTERDAY), ["author"]),
        (author_is(profession="resident"), ["author_rights"]),
        (author_is(profession="student"), ["author_rights"]),
        (author_is(conduct_until=YESTERDAY), ["author_conduct"]),
        (author_is(conduct_until=None), ["author_conduct"]),
        (author_is(conduct_until=timezone.localdate), []),
        (moved_to_a_group, ["group", "group_reader"]),
        (moved_to_an_own_group, ["group_reader"]),
        (moved_among_strangers, ["group"]),
    ],
)
def test_blockers(complete: Case, change: Callable[[Case], object], codes: list[str]) -> None:
    change(complete)
    found = gate.blockers(Case.objects.get(pk=complete.pk))
    assert [blocker.code for blocker in found] == codes
    assert all(str(blocker.sentence).endswith(".") for blocker in found)


@pytest.mark.parametrize(
    ("who", "readable"), [("mod1", True), ("bob", False), ("officer", False), ("the author", False)]
)
def test_a_group_s_case_needs_a_moderator_of_the_group(complete: Case, who: str, readable: bool) -> None:
    moved_to_an_own_group(complete)
    if who == "the author":
        author_is(is_moderator=True)(complete)
    else:
        Membership.objects.create(group=complete.group, member=factories.person(who))
    found = gate.blockers(Case.objects.get(pk=complete.pk))
    assert [blocker.code for blocker in found] == ([] if readable else ["group_reader"])


@pytest.mark.parametrize(
    ("fields", "use"), [({"shows_face": True}, Use.RECOGNISABLE_FACE), ({"shows_mark": True}, Use.IDENTIFIABLE_MARK)]
)
def test_what_the_patient_allowed_may_be_seen(complete: Case, fields: dict[str, bool], use: Use) -> None:
    photo_is(**fields)(complete)
    ConsentUse.objects.create(consent_id=complete.consent_id, use=use)
    assert gate.blockers(complete) == []


def test_the_pictures_that_the_patient_saw(complete: Case) -> None:
    consent_is(shown="shown")(complete)
    display = Rendition.objects.get(photo__placement__case=complete, name=Rendition.Name.DISPLAY)
    ShownPicture.objects.create(consent_id=complete.consent_id, sha256=display.sha256)
    assert gate.blockers(Case.objects.get(pk=complete.pk)) == []


@pytest.mark.parametrize(
    ("attached", "codes"),
    [
        ({}, ["consent_other_patient"]),
        ({"ended_at": timezone.now()}, []),
        ({"case": "the other"}, []),
        ({"consent": "another"}, []),
        (None, []),
    ],
)
def test_an_attached_consent_of_another_patient(
    complete: Case, attached: dict[str, object] | None, codes: list[str]
) -> None:
    """Only of what stands attached to this case; the case for which a consent was recorded is not compared."""
    other = reading.case(state=DRAFT, consent=complete.consent, sex="male" if complete.sex == "female" else "female")
    objects = {"case": other, "consent": reading.consent(complete.author)}
    if attached is not None:
        fields: dict[str, object] = {"case": complete, "consent": complete.consent}
        Attachment.objects.create(**fields | {name: objects.get(name, value) for name, value in attached.items()})
    found = gate.blockers(Case.objects.get(pk=complete.pk))
    assert [blocker.code for blocker in found] == codes


@pytest.mark.parametrize("state", [State.REFUSED, State.EXPIRED])
def test_of_a_lost_picture_nothing_more_is_asked(complete: Case, state: State) -> None:
    photo_is(state=state)(complete)
    picture_is(kind="")(complete)
    assert [blocker.code for blocker in gate.blockers(complete)] == [f"picture_{state}"]


def test_blockers_count_the_pictures_from_one(complete: Case) -> None:
    second = reading.picture(complete)
    Photo.objects.filter(pk=second.photo_id).update(state=State.REFUSED)
    (blocker,) = gate.blockers(complete)
    assert blocker.sentence.startswith("Picture 2 ")
