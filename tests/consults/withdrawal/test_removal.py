"""What a part that is taken back takes with it, at once and then for good; and who is told."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from audit.verify import verify
from consent import hooks, lifecycle
from consent.lifecycle import Part
from consent.models import (
    Consent,
    ConsentUse,
    Removal,
    Status,
    Use,
    Withdrawal,
    WithdrawnBy,
)
from consent.records.picture_numbers import numbered_pictures
from consent.withdrawal import NotPossible, progress, withdraw, withdraw_picture
from consults.cases import gate
from consults.models import Case, CaseState, Comment, Group, Membership, Redaction, WithdrawalNotice
from consults.withdrawal import maintenance, purge
from core import jobs, storage
from core.crypto import vault
from imaging.models import Photo, Rendition
from imaging.renditions import pipeline as imaging
from tests import factories, gate_world
from tests.consent import making
from tests.consults import reading
from tests.consults.reading import seen

pytestmark = pytest.mark.django_db
EVERYBODY = (Use.ALL_MEMBERS, None)
TODAY = timezone.now().date


def narrow(consent: Consent, *uses: tuple[Use, uuid.UUID | None], ends_on: date | None = None) -> Removal:
    return lifecycle.narrow(consent_id=consent.pk, part=Part(frozenset(uses), ends_on), by=WithdrawnBy.PATIENT)


# --- Narrowing


@pytest.mark.parametrize(
    ("ticked", "taken", "seen_after", "cases"),
    [
        ((Use.LECTURES,), (Use.LECTURES,), True, 0),
        ((Use.RESEARCH, Use.LECTURES), (Use.RESEARCH, Use.LECTURES), True, 0),
        ((Use.NAMED_GROUP,), (Use.ALL_MEMBERS,), False, 1),
        ((Use.NAMED_GROUP,), (Use.NAMED_GROUP,), True, 0),
    ],
)
def test_only_what_is_no_longer_covered_goes(
    run_jobs: Callable[[], int], ticked: tuple[Use, ...], taken: tuple[Use, ...], seen_after: bool, cases: int
) -> None:
    hall = Group.objects.create(name="Hall")
    published = making.published(consent_fields={"uses": (Use.ALL_MEMBERS, *ticked), "group": hall.pk})
    uses = [(use, hall.pk if use == Use.NAMED_GROUP else None) for use in taken]
    foreseen = lifecycle.preview_removal(consent_id=published.consent.pk, part=Part(frozenset(uses)))
    assert foreseen.cases == cases
    assert seen(published.case)
    assert (ConsentUse.objects.count(), Removal.objects.count()) == (1 + len(ticked), 0)
    made = narrow(published.consent, *uses)
    assert (made.cases, made.pictures) == (cases, cases)
    assert seen(published.case) is seen_after
    assert ConsentUse.objects.count() == 1 + len(ticked) - len(taken)
    run_jobs()
    made.refresh_from_db()
    assert made.completed_at
    assert progress.progress_of(made).done
    assert Photo.objects.count() == 1 - cases
    assert len(storage.renditions().listdir("")[1]) == 3 - 3 * cases
    assert published.again().consent.status == Status.ACTIVE
    assert verify().ok


@pytest.mark.parametrize(
    ("uses", "days", "sentence"),
    [
        ((), None, "Nothing would change"),
        (((Use.RESEARCH, None),), None, "Nothing would change"),
        ((EVERYBODY,), None, "Withdraw the whole"),
        ((), -1, "This date is over"),
        ((), 11, "ends before this date"),
    ],
)
def test_what_narrows_nothing_or_everything_is_refused(uses: tuple, days: int | None, sentence: str) -> None:
    given, _code = making.consent(factories.person("alice"), expires_on=TODAY() + timedelta(days=10))
    ends_on = None if days is None else TODAY() + timedelta(days=days)
    with pytest.raises(NotPossible) as refused:
        narrow(given, *uses, ends_on=ends_on)
    assert sentence in refused.value.sentence
    assert Removal.objects.count() == 0


def test_an_earlier_end_hides_nothing_before_it() -> None:
    published = making.published()
    end = TODAY() + timedelta(days=3)
    made = narrow(published.consent, ends_on=end)
    assert (made.ends_on, published.again().consent.expires_on, made.cases) == (end, end, 0)
    assert seen(published.case)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.ACTIVE])
def test_only_an_active_consent_is_narrowed(status: Status) -> None:
    given, _code = making.consent(factories.person("alice"), uses=(Use.ALL_MEMBERS, Use.RESEARCH))
    Consent.objects.update(status=status)
    with pytest.raises(NotPossible):
        narrow(given, (Use.RESEARCH, None))


@pytest.mark.parametrize(
    ("use", "field"), [(Use.RECOGNISABLE_FACE, "shows_face"), (Use.IDENTIFIABLE_MARK, "shows_mark")]
)
def test_a_face_that_is_no_longer_allowed_goes_alone(run_jobs: Callable[[], int], use: Use, field: str) -> None:
    published = making.published(pictures=2, consent_fields={"uses": (Use.ALL_MEMBERS, use)})
    first, second = (place.photo for place in published.case.pictures.all())
    Photo.objects.filter(pk=second.pk).update(**{field: True})
    made = narrow(published.consent, (use, None))
    assert (made.cases, made.pictures) == (0, 1)
    bob = factories.person("bob")
    assert set(gate.visible_renditions(bob).values_list("photo", flat=True)) == {first.pk}
    assert set(gate.servable_renditions(published.case.author).values_list("photo", flat=True)) == {first.pk}
    run_jobs()
    assert list(Photo.objects.all()) == [first]
    assert seen(published.case)


def test_a_waiting_case_goes_back_to_its_author() -> None:
    hall = Group.objects.create(name="Hall")
    given, _code = making.consent(factories.person("alice"), uses=(Use.ALL_MEMBERS, Use.NAMED_GROUP), group=hall.pk)
    case = making.submitted(consent=given)
    made = narrow(given, EVERYBODY)
    case.refresh_from_db()
    assert (case.state, made.cases, case.pictures.count()) == (CaseState.DRAFT, 0, 1)
    assert "consent_audience" in {blocker.code for blocker in gate.blockers(case)}


# --- One picture


def test_one_picture_goes_and_the_others_live_on(run_jobs: Callable[[], int]) -> None:
    published = making.published(pictures=3, comments=("The second one looks inflamed.",))
    first, second, third = (place.photo for place in published.case.pictures.all())
    words = [each.words for each in numbered_pictures(published.consent)]
    assert [word.partition(":")[0] for word in words] == ["Picture 1", "Picture 2", "Picture 3"]
    assert lifecycle.preview_removal(consent_id=published.consent.pk, part=second.pk) == hooks.Effects(pictures=1)
    ids = {"consent_id": published.consent.pk, "picture": second.pk, "by": WithdrawnBy.PATIENT}
    made = withdraw_picture(**ids)
    assert withdraw_picture(**ids) == made
    bob, alice, mod1 = (factories.person(name) for name in ("bob", "alice", "mod1"))
    for person in (bob, alice, mod1):
        shown = set(gate.servable_renditions(person).values_list("photo", flat=True))
        assert shown == {first.pk, third.pk}
    run_jobs()
    made.refresh_from_db()
    assert made.completed_at
    assert made.keys_destroyed_at
    assert not vault.has_key(second.key_id)
    assert [imaging.read_rendition(rendition=r)[:4] for r in first.renditions.filter(name="full")] == [b"full"]
    assert set(Photo.objects.all()) == {first, third}
    assert len(storage.renditions().listdir("")[1]) == 6
    assert Comment.objects.count() == 1
    assert [row.reason for row in Redaction.objects.all()] == [Redaction.Reason.PICTURE]
    assert Event.objects.filter(verb="consent.picture_withdrawn").count() == 1


def test_with_the_last_picture_the_case_goes(run_jobs: Callable[[], int]) -> None:
    published = making.published(note="Appeared over months on the forearm.")
    photo = published.case.pictures.get().photo
    made = withdraw_picture(consent_id=published.consent.pk, picture=photo.pk, by=WithdrawnBy.CLINICIAN)
    assert (made.cases, made.pictures) == (1, 1)
    assert not seen(published.case)
    run_jobs()
    case = published.again().case
    assert (case.state, case.title, case.note, case.removal) == (CaseState.WITHDRAWN, "", "", made)
    assert case.content_erased_at


def test_a_picture_under_another_consent_is_not_taken() -> None:
    published, other = making.published(), making.published()
    photo = other.case.pictures.get().photo
    with pytest.raises(NotPossible):
        withdraw_picture(consent_id=published.consent.pk, picture=photo.pk, by=WithdrawnBy.PATIENT)
    assert seen(other.case)


def test_no_picture_is_taken_from_a_consent_that_was_withdrawn() -> None:
    published = making.published(pictures=2)
    photo = published.case.pictures.first().photo
    withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    with pytest.raises(NotPossible) as refused:
        withdraw_picture(consent_id=published.consent.pk, picture=photo.pk, by=WithdrawnBy.PATIENT)
    assert "not active" in refused.value.sentence
    assert not Event.objects.filter(verb="consent.picture_withdrawn").exists()


def test_a_picture_that_is_just_being_sealed_is_never_shown(run_jobs: Callable[[], int]) -> None:
    published = making.published(pictures=2)
    photo = published.case.pictures.first().photo
    Photo.objects.filter(pk=photo.pk).update(state="confirmed")
    withdraw_picture(consent_id=published.consent.pk, picture=photo.pk, by=WithdrawnBy.PATIENT)
    imaging.seal(photo_id=photo.pk)
    assert not gate.servable_renditions(published.case.author).filter(photo=photo).exists()
    run_jobs()
    assert not Photo.objects.filter(pk=photo.pk).exists()


# --- A restored backup


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.sealed")}


@pytest.mark.parametrize("what", ["whole", "picture"])
def test_a_restored_backup_shows_no_picture_that_was_withdrawn(
    run_jobs: Callable[[], int], data_dir: Path, what: str
) -> None:
    """Yesterday's rows and objects come back; the keys' database is of today."""
    published = making.published(pictures=2)
    gone, kept = (place.photo for place in published.case.pictures.all())
    names = {photo.pk: list(photo.renditions.all()) for photo in (gone, kept)}
    backup = files_of(data_dir / "objects" / "renditions")
    rows = {model: list(model.objects.all()) for model in (Consent, ConsentUse, Case, Photo, Rendition)}
    places, releases = list(published.case.pictures.all()), list(published.case.releases.all())
    if what == "whole":
        withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    else:
        withdraw_picture(consent_id=published.consent.pk, picture=gone.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    Removal.objects.all().delete() if what == "picture" else Withdrawal.objects.all().delete()
    for model, yesterday in rows.items():
        for row in yesterday:
            row.save() if model.objects.filter(pk=row.pk).exists() else row.save(force_insert=True)
    for row in (*places, *releases):
        row.save()
    for name, data in backup.items():
        path = data_dir / "objects" / "renditions" / name[:2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    bob = factories.person("bob")
    assert gate.visible_renditions(bob).filter(photo=gone).count() == 3
    for rendition in names[gone.pk]:
        with pytest.raises(vault.KeyDestroyed):
            imaging.read_rendition(rendition=rendition)
    if what == "picture":
        assert imaging.read_rendition(rendition=names[kept.pk][0])
    maintenance.reapply_after_restore()
    assert not gate.servable_renditions(bob).filter(photo=gone).exists()
    assert seen(published.case) is (what == "picture")


# --- Telling, late work, the database


def test_who_took_part_is_told_once(run_jobs: Callable[[], int], mailoutbox: list[EmailMessage]) -> None:
    published = making.published(comments=("one", "two"), title="Zebracanary plaque")
    reading.answer(published.case, factories.person("mod1"), "actinic-keratosis")
    withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    mails = [f"{sent.subject} {sent.body}" for sent in mailoutbox]
    assert len(mails) == WithdrawalNotice.objects.filter(sent_at__isnull=False).count() == 3
    assert "Zebracanary" not in "".join(mails)
    assert str(published.case.pk) not in "".join(mails)


def test_late_work_is_taken_up_and_staff_are_told_once(
    run_jobs: Callable[[], int], mailoutbox: list[EmailMessage], officer: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = making.published()
    made = withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    with monkeypatch.context() as patch:
        patch.setattr("imaging.renditions.pipeline.vault.destroy", _breaks)
        for _attempt in range(jobs.MAX_ATTEMPTS):
            run_jobs()
    maintenance.resume_late_purges()
    assert not progress.progress_of(made).done
    Withdrawal.objects.update(requested_at=timezone.now() - timedelta(minutes=16))
    mailoutbox.clear()
    for _time in range(2):
        maintenance.resume_late_purges()
    made.refresh_from_db()
    assert progress.progress_of(made).delayed
    assert mailoutbox == [], "a round never waits for a mail server"
    assert Event.objects.filter(verb="consent.purge_late").count() == 1
    run_jobs()
    made.refresh_from_db()
    assert made.completed_at
    assert [sent.to for sent in mailoutbox] == [[officer.email]]


def _breaks(*_args: object) -> None:
    raise OSError


def test_nobody_waits_for_a_row_while_holding_the_log(run_jobs: Callable[[], int]) -> None:
    """The older code withdraws its successor too, and both cases are gone."""
    first = making.published()
    second = making.published(consent_fields={"patient": first.consent.patient})
    lifecycle.supersede(old=first.consent, new=second.consent, by=first.case.author)
    withdraw(consent_id=first.consent.pk, by=WithdrawnBy.PATIENT)
    assert not seen(first.case)
    assert not seen(second.case)
    run_jobs()
    assert Withdrawal.objects.filter(completed_at__isnull=False).count() == 2
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({"cause": "narrowed", "by": "patient"}, True),
        ({"cause": "narrowed", "by": ""}, False),
        ({"cause": "narrowed", "by": "patient", "picture": uuid.uuid4()}, False),
        ({"cause": "picture", "by": "patient"}, False),
        ({"cause": "picture", "by": "patient", "picture": uuid.uuid4()}, True),
        ({"cause": "expired", "by": ""}, True),
        ({"cause": "expired", "by": "patient"}, False),
    ],
)
def test_a_removal_the_database_refuses(fields: dict[str, object], accepted: bool) -> None:
    given, _code = making.consent(factories.person("alice"))
    saved = True
    try:
        with transaction.atomic():
            Removal.objects.create(consent=given, **fields)
    except IntegrityError:
        saved = False
    assert saved is accepted


def test_a_removal_that_is_not_there_is_nothing_to_do() -> None:
    purge.purge_part(removal_id=uuid.uuid4())
    purge.purge(consent_id=uuid.uuid4())
    assert not Event.objects.exists()


def test_groups_are_told_apart_when_one_of_two_is_taken_back() -> None:
    hall, ward = Group.objects.create(name="Hall"), Group.objects.create(name="Ward")
    given, code = making.consent(factories.person("alice"), uses=(Use.NAMED_GROUP,), group=hall.pk)
    gate_world.use(given, ward)
    for group in (hall, ward):
        Membership.objects.create(group=group, member=factories.person("alice"))
    in_ward = making.published(under=(given, code), group=ward)
    in_hall = making.published(under=(given, code), group=hall)
    narrow(given, (Use.NAMED_GROUP, ward.pk))
    assert (in_ward.again().case.state, in_hall.again().case.state) == (CaseState.WITHDRAWN, CaseState.RELEASED)
