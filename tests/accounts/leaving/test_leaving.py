"""Leaving: what goes, what stays, who has to wait, and that nothing of the person is left."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import NotYet
from accounts.leaving import erasure, rooms, service
from accounts.leaving.rooms import Wishes
from accounts.models import Application, Change, Leaving, LeavingState, Member, Session, Standing
from audit.models import Event
from audit.verify import verify
from consent.models import Consent, Removal, Status, WithdrawnBy
from consent.records.lookup import find_by_code
from consent.withdrawal import withdraw
from consults import member_data
from consults.models import Answer, Case, CaseState, Comment, Report
from core.crypto import vault
from imaging.models import Photo
from tests import factories
from tests.accounts.leaving.world import CANARIES, EMAIL, NAME, World, leave, made_copy, where_found
from tests.accounts.makers import PASSWORD
from tests.consent import making

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], int]


@pytest.fixture
def world() -> World:
    return World()


# --- The person


def test_nothing_of_the_person_is_left_anywhere(world: World, run_jobs: RunJobs, sign_in: Any) -> None:
    sign_in(world.ada)
    made_copy(world.ada, run_jobs)
    assert len(set(where_found(CANARIES))) > 5
    left = leave(world.ada, run_jobs)
    assert left.state == LeavingState.ERASED
    assert set(where_found(CANARIES)) == set()
    assert verify().ok


def test_the_row_stays_and_holds_nothing(world: World, run_jobs: RunJobs) -> None:
    leave(world.ada, run_jobs)
    gone = Member.objects.get(pk=world.ada.pk)
    assert (gone.standing, gone.profession, gone.institution, gone.country.code) == ("erased", "dermatologist", "", "")
    assert gone.email == f"{gone.pk.hex}@erased.invalid"
    assert not gone.has_usable_password()
    assert (gone.name, Member.objects.values_list("name", flat=True).get(pk=gone.pk)) == ("Former member", "")
    for relation in Member._meta.get_fields(include_hidden=True):
        if relation.auto_created and getattr(relation, "on_delete", None) is models.CASCADE:
            rows = relation.related_model._base_manager.filter(**{relation.field.name: gone})
            assert not rows.exists(), relation
    assert not Application.objects.filter(registry_number="TR-4711", member=gone).exists()


# What protects a member's row stays when they leave, without a name; a table without a reason here fails.
STAYS = {
    "accounts.Appointment.decided_by": "who decided is part of what was decided",
    "accounts.Appointment.proposed_by": "the same",
    "accounts.Leaving.member": "that it was asked for, and done",
    "accounts.RecheckVote.moderator": "another's application",
    "accounts.RecoveryVote.by": "another's account",
    "accounts.Recusal.moderator": "another's application",
    "accounts.Reference.member": "another's application",
    "accounts.Sight.moderator": "another's application",
    "accounts.Suspension.answered_by": "who decided is part of what was decided",
    "accounts.Suspension.by": "the same",
    "accounts.Suspension.lifted_by": "the same",
    "accounts.Suspension.member": "the site's record of what it decided, without the words",
    "accounts.Vote.moderator": "another's application",
    "accounts.YearlyCheck.decided_by": "another's membership",
    "accounts.Member.supervisor": "taken off, and the resident is told",
    "compliance.ExportRecord.by": "the consent audit",
    "consent.Consent.recorded_by": "the patient's",
    "consults.AddedTerm.added_by": "who decided is part of what was decided",
    "consults.Admission.by": "another's place in a group",
    "consults.Admission.decided_by": "the same",
    "consults.Answer.member": "others' threads, or removed",
    "consults.Attachment.accepted_by": "another's case",
    "consults.Case.author": "emptied: a tombstone",
    "consults.CaseHold.by": "who decided is part of what was decided",
    "consults.CaseHold.decided_by": "the same",
    "consults.Comment.author": "others' threads, or emptied",
    "consults.Pin.by": "others' pictures, or removed",
    "consults.CommentHold.by": "who decided is part of what was decided",
    "consults.CommentHold.decided_by": "the same",
    "consults.Concern.taken_by": "the same",
    "consults.GroupRemoval.by": "the same",
    "consults.Post.author": "others' threads in groups' rooms, or emptied",
    "consults.PostHold.by": "who decided is part of what was decided",
    "consults.PostHold.decided_by": "the same",
    "consults.PostReport.reporter": "what was reported is still to be looked at",
    "consults.PostReport.settled_by": "who decided is part of what was decided",
    "consults.ProposedTerm.decided_by": "the same",
    "consults.Redaction.decided_by": "the same",
    "consults.Release.approver": "the same",
    "consults.Report.reporter": "what was reported is still to be looked at",
    "consults.Report.settled_by": "who decided is part of what was decided",
    "consults.SecondRead.reader": "the same",
    "imaging.Photo.confirmed_by": "destroyed with the case",
    "imaging.Photo.owner": "destroyed with the case",
}


def test_what_stays_says_why() -> None:
    protected = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in Member._meta.get_fields(include_hidden=True)
        if relation.auto_created and getattr(relation, "on_delete", None) is models.PROTECT
    }
    assert protected == set(STAYS)


def test_a_suspension_stays_without_its_words_and_factors_go(world: World, run_jobs: RunJobs) -> None:
    leave(world.ada, run_jobs)
    world.suspension.refresh_from_db()
    assert (world.suspension.state, world.suspension.note, world.suspension.statement) == ("lifted", "", "")
    assert not Authenticator.objects.filter(user=world.ada).exists()
    assert Event.objects.filter(verb="member.factor_removed", subject_id=world.ada.pk).count() == 1


def test_every_field_of_a_member_is_blanked_or_named(world: World) -> None:
    fields = {field.name for field in Member._meta.concrete_fields}
    assert fields >= erasure.KEPT
    assert {field.attname for field in Member._meta.concrete_fields} - erasure.KEPT == set(erasure._blank(world.ada.pk))


def test_the_account_is_closed_at_once(world: World, run_jobs: RunJobs) -> None:
    client = Client()
    client.force_login(world.ada)
    made = service.ask(member=world.ada, wishes=Wishes())
    assert client.get(reverse("accounts:me")).status_code == 200
    Leaving.objects.update(due_at=timezone.now())
    assert service.begin_due() == 1
    answer = client.get(reverse("accounts:me"))
    assert (answer.status_code, answer["Clear-Site-Data"]) == (302, '"cache", "storage"')
    assert not Session.objects.filter(member=world.ada).exists()
    made.refresh_from_db()
    assert made.state == LeavingState.ERASING


def test_nobody_signs_in_any_more(run_jobs: RunJobs) -> None:
    ada = factories.member(email=EMAIL, password=PASSWORD)
    leave(ada, run_jobs)
    answer = Client().post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
    assert "not right" in answer.content.decode()


def test_the_same_address_may_come_back_as_somebody_new(run_jobs: RunJobs) -> None:
    leave(factories.member(email=EMAIL), run_jobs)
    assert factories.member(email=EMAIL).pk


# --- Own cases, and the patients'


def test_own_cases_are_hidden_at_once_and_then_destroyed(world: World, run_jobs: RunJobs, sign_in: Any) -> None:
    case, colleague = world.published.case, sign_in(world.bob)
    photo = Photo.objects.get(placement__case=case)
    assert colleague.get(reverse("consults:case", args=[case.pk])).status_code == 200
    service.ask(member=world.ada, wishes=Wishes())
    Leaving.objects.update(due_at=timezone.now())
    service.begin_due()
    assert colleague.get(reverse("consults:case", args=[case.pk])).status_code == 404
    mail.outbox.clear()
    run_jobs()
    case.refresh_from_db()
    assert (case.state, case.title, case.comments.count()) == (CaseState.WITHDRAWN, "", 0)
    assert not vault.has_key(photo.key_id)
    assert {*Case.objects.filter(author=world.ada).values_list("state", flat=True)} == {CaseState.WITHDRAWN}
    assert any("gone" in message.subject or "case" in message.subject for message in mail.outbox)


def test_the_patients_code_keeps_working(world: World, run_jobs: RunJobs, client: Client) -> None:
    consent = world.published.consent
    leave(world.ada, run_jobs)
    consent.refresh_from_db()
    removal = Removal.objects.get(consent=consent)
    assert (consent.status, removal.cause, removal.cases, removal.by) == (Status.ACTIVE, "left", 1, "clinician")
    assert removal.completed_at is not None
    page = client.get(reverse("consent:removed", args=[removal.pk])).content.decode()
    assert "has left this site" in page
    assert "your code still works" in page
    assert client.get(reverse("consent:part_certificate", args=[removal.pk])).status_code == 200
    found = find_by_code(world.published.code)
    assert found is not None
    withdrawal = withdraw(consent_id=found.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    withdrawal.refresh_from_db()
    assert (withdrawal.cases, withdrawal.completed_at is not None) == (0, True)


def test_consents_and_the_log_stay(world: World, run_jobs: RunJobs) -> None:
    before = Consent.objects.filter(recorded_by=world.ada).count()
    events = Event.objects.filter(actor_id=world.ada.pk).count()
    leave(world.ada, run_jobs)
    assert Consent.objects.filter(recorded_by=world.ada).count() == before
    assert Event.objects.filter(actor_id=world.ada.pk).count() >= events
    verbs = set(Event.objects.filter(subject_id=world.ada.pk).values_list("verb", flat=True))
    assert verbs >= {"member.leaving_asked", "member.left", "member.erased"}
    assert Event.objects.filter(verb="consent.clinician_left", subject_id=world.published.consent.pk).count() == 1


NOW = timezone.now()
# What became of a case before its author left -> its fields, and the status of its consent.
ODD: dict[str, tuple[dict[str, Any], str]] = {
    "taken back by its author after the release": ({"state": "draft", "released_at": NOW}, "active"),
    "expired": ({"state": "released", "released_at": NOW}, "expired"),
    "recorded by mistake": ({"state": "draft", "released_at": NOW}, "entered_in_error"),
    "a model beside a mistake": ({"state": "closed", "released_at": NOW, "education_model": True}, "entered_in_error"),
    "never released": ({"state": "submitted"}, "active"),
    "sent back": ({"state": "returned"}, "active"),
    "refused": ({"state": "draft"}, "refused"),
    "not signed": ({"state": "draft"}, "draft"),
    "not signed, released before": ({"state": "draft", "released_at": NOW, "patient_asked": True}, "draft"),
    "exempt": ({"state": "released", "released_at": NOW, "histology_exempt": True}, ""),
    "exempt, taken back": ({"state": "draft", "released_at": NOW, "histology_exempt": True}, ""),
    "a model": ({"state": "closed", "released_at": NOW, "education_model": True}, ""),
}


@pytest.mark.parametrize("name", ODD)
def test_no_own_case_is_left_whatever_became_of_it(run_jobs: RunJobs, name: str) -> None:
    fields, status = ODD[name]
    ada = factories.member(email=EMAIL, name=NAME)
    consent = making.consent(ada)[0] if status else None
    if consent is not None:
        Consent.objects.filter(pk=consent.pk).update(status=status)
    case = making.submitted(ada, title=f"Of {NAME}")
    Case.objects.filter(pk=case.pk).update(consent=consent, **fields)
    key = Photo.objects.get(placement__case=case).key_id
    leave(ada, run_jobs)
    assert not Case.objects.filter(author=ada).exclude(state=CaseState.WITHDRAWN, title="").exists()
    assert not vault.has_key(key)
    assert set(where_found(CANARIES)) == set()
    kept = Consent.objects.filter(recorded_by=ada).values_list("status", flat=True)
    assert list(kept) == ([] if status in ("", "draft") else [status])


def test_a_case_that_cannot_be_removed_stops_the_erasure(
    world: World, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_data, "_remove_case", lambda case, member: None)
    with pytest.raises(member_data.CasesLeft):
        member_data.ROOM.erase(world.ada, Wishes())


# --- Threads of others

# What the member wants removed -> what is left of their comment and their answer under another's case.
WISHES = [
    ({}, "I would biopsy. […]", 1),
    ({"remove_comments": True}, "", 1),
    ({"remove_answers": True}, "I would biopsy. […]", 0),
    ({"remove_comments": True, "remove_answers": True}, "", 0),
]


@pytest.mark.parametrize(("wishes", "text", "answers"), WISHES)
def test_threads_of_others_stay_whole(
    world: World, run_jobs: RunJobs, sign_in: Any, wishes: dict[str, bool], text: str, answers: int
) -> None:
    leave(world.ada, run_jobs, **wishes)
    mine = Comment.objects.get(pk=world.comment.pk)
    assert mine.text == text
    assert (mine.deleted_at is not None) is bool(wishes.get("remove_comments"))
    assert not mine.versions.exists()
    reply = Comment.objects.get(pk=world.reply.pk)
    assert (reply.text, reply.reply_to_id) == ("quokka, as […] said", mine.pk)
    assert Answer.objects.filter(member=world.ada).count() == answers
    assert world.theirs.listing.answers == answers
    page = sign_in(world.bob).get(reverse("consults:case", args=[world.theirs.pk]))
    assert page.status_code == 200
    assert "Former member" in page.content.decode()


def test_a_resident_is_told_and_posts_no_more(world: World, run_jobs: RunJobs) -> None:
    leave(world.ada, run_jobs)
    world.resident.refresh_from_db()
    assert world.resident.supervisor is None
    told = [message.body for message in mail.outbox if message.to == [world.resident.email]]
    assert [str(Change.SUPERVISOR_LEFT.label) in body for body in told] == [True]


def test_what_was_reported_stays_without_a_name(world: World, run_jobs: RunJobs) -> None:
    leave(world.ada, run_jobs)
    assert Report.objects.get(reporter=world.ada).words == "Says […]"


def test_the_last_mail_goes_to_the_former_address_and_none_after_it(world: World, run_jobs: RunJobs) -> None:
    leave(world.ada, run_jobs)
    to_her = [message for message in mail.outbox if message.to == [EMAIL]]
    assert str(Change.LEFT.label) in to_her[-1].body
    assert not [message for message in mail.outbox if message.to[0].endswith("erased.invalid")]


# --- Fourteen days


def test_leaving_waits_fourteen_days_and_is_reminded_of_once(run_jobs: RunJobs) -> None:
    ada = factories.member()
    made = service.ask(member=ada, wishes=Wishes())
    assert timedelta(days=13, hours=23) < made.due_at - timezone.now() < timedelta(days=14, minutes=1)
    assert (service.begin_due(), service.remind()) == (0, 0)
    Leaving.objects.update(due_at=timezone.now() + timedelta(days=2))
    assert (service.begin_due(), service.remind(), service.remind()) == (0, 1, 0)
    run_jobs()
    assert [
        str(change.label) in message.body
        for change, message in zip((Change.LEAVING, Change.LEAVING_SOON), mail.outbox, strict=True)
    ] == [True, True]


@pytest.mark.parametrize("days_before", [14, 1])
def test_leaving_is_stopped_and_asked_for_again(run_jobs: RunJobs, days_before: int) -> None:
    ada = factories.member()
    service.ask(member=ada, wishes=Wishes())
    with pytest.raises(NotYet, match="NotYet"):
        service.ask(member=ada, wishes=Wishes())
    service.stop(member=ada)
    with pytest.raises(NotYet):
        service.stop(member=ada)
    assert Event.objects.filter(verb="member.leaving_stopped", actor_id=ada.pk).count() == 1
    Leaving.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert service.begin_due() == 0
    assert Member.objects.get(pk=ada.pk).standing == Standing.VERIFIED
    assert service.ask(member=ada, wishes=Wishes()).state == LeavingState.ASKED


# Who is there besides -> who is told that they cannot leave now.
LAST = {
    "the only administrator": ("admin", (), "last administrator"),
    "one of two administrators": ("admin", ({"profession": "", "is_staff": True},), ""),
    "a second one who has lapsed": (
        "admin",
        ({"profession": "", "is_staff": True, "verified_until": date(2020, 1, 31)},),
        "last administrator",
    ),
    "the only moderator": ("mod1", (), "last moderator"),
    "one of two moderators": ("mod1", ({"is_moderator": True},), ""),
    "the only privacy officer": ("officer", (), "last privacy officer"),
    "one of two officers": ("officer", ({"profession": "", "is_privacy_officer": True},), ""),
    "a member": ("alice", (), ""),
    "an applicant": ("applicant", (), ""),
}


@pytest.mark.parametrize("who", LAST)
def test_the_last_of_an_office_appoints_another_one_first(who: str, sign_in: Any) -> None:
    name, others, sentence = LAST[who]
    person = factories.person(name)
    for fields in others:
        factories.member(**fields)
    assert sentence in service.refusal(person)
    assert bool(service.refusal(person)) is bool(sentence)
    page = sign_in(person).get(reverse("accounts:leave")).content.decode()
    assert (sentence in page) is True
    if sentence:
        with pytest.raises(NotYet):
            service.ask(member=person, wishes=Wishes())


def test_who_has_become_the_last_one_meanwhile_waits() -> None:
    admin, other = factories.person("admin"), factories.member(profession="", is_staff=True)
    for person in (admin, other):
        service.ask(member=person, wishes=Wishes())
    Leaving.objects.update(due_at=timezone.now())
    assert service.begin_due() == 1
    assert Member.objects.verified().filter(is_staff=True).count() == 1
    assert Leaving.objects.filter(state=LeavingState.ASKED).count() == 1
    factories.member(profession="", is_staff=True)
    assert service.begin_due() == 1


# --- A restored backup


def test_a_restored_backup_brings_nobody_back(world: World, run_jobs: RunJobs) -> None:
    leave(world.ada, run_jobs)
    Leaving.objects.all().delete()
    Member.objects.filter(pk=world.ada.pk).update(
        standing="verified", verified_until=factories.next_year(), name=NAME, email=EMAIL
    )
    assert service.erase_again_after_restore() == 1
    assert service.erase_again_after_restore() == 0
    run_jobs()
    Leaving.objects.update(began_at=timezone.now() - timedelta(hours=2))
    service.begin_due()
    run_jobs()
    assert Leaving.objects.get().state == LeavingState.ERASED
    assert set(where_found(CANARIES)) == set()


def test_nobody_else_is_erased_after_a_restore(world: World) -> None:
    before = Member.objects.filter(standing="verified").count()
    assert service.erase_again_after_restore() == 0
    assert Member.objects.filter(standing="verified").count() == before


# --- Dying anywhere


@pytest.mark.parametrize("place", ["consent", "consults", "accounts"])
def test_an_erasure_that_dies_in_a_room_is_finished_by_the_next(
    world: World, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    service.ask(member=world.ada, wishes=Wishes())
    Leaving.objects.update(due_at=timezone.now())
    service.begin_due()
    room = rooms._rooms[place]
    with monkeypatch.context() as patch:
        patch.setattr(type(room), "erase", _dies)
        with pytest.raises(OSError, match="no more"):
            service.erase(Leaving.objects.get().pk)
    Leaving.objects.update(began_at=timezone.now() - timedelta(hours=2))
    service.erase(Leaving.objects.get().pk)
    run_jobs()
    assert Leaving.objects.get().state == LeavingState.ERASED
    service.erase(Leaving.objects.get().pk)
    assert set(where_found(CANARIES)) == set()


def _dies(*_args: object) -> None:
    raise OSError("no more")


def test_what_was_written_in_the_same_moment_goes_an_hour_later(world: World, run_jobs: RunJobs) -> None:
    service.ask(member=world.ada, wishes=Wishes(remove_comments=True, remove_answers=True))
    Leaving.objects.update(due_at=timezone.now())
    service.begin_due()
    run_jobs()
    late = Comment.objects.create(case=world.theirs, author=world.ada, text="in the same moment")
    assert service.begin_due() == 0
    Leaving.objects.update(began_at=timezone.now() - timedelta(hours=2))
    service.begin_due()
    run_jobs()
    late.refresh_from_db()
    assert late.text == ""
    assert Leaving.objects.get().state == LeavingState.ERASED


def test_a_room_is_registered_once_and_none_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rooms.check_rooms() == []
    with pytest.raises(rooms.RegisteredTwice):
        rooms.add("consent", object())  # type: ignore[arg-type]
    monkeypatch.delitem(rooms._rooms, "consent")
    assert [error.id for error in rooms.check_rooms()] == ["accounts.E001"]


# --- The pages


@pytest.fixture
def ada() -> Member:
    return factories.member(email=EMAIL, password=PASSWORD)


def confirmed(member: Member) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


SENT = {"comments": "keep", "answers": "remove", "sure": "on"}


@pytest.mark.parametrize(
    ("sent", "says"),
    [({"sure": ""}, "Tick this box"), ({"comments": ""}, "Choose one"), ({"answers": "burn"}, "burn")],
)
def test_the_form_asks_for_what_is_missing(ada: Member, sent: dict[str, str], says: str) -> None:
    answer = confirmed(ada).post(reverse("accounts:leave"), SENT | sent)
    assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert not Leaving.objects.exists()


def test_leaving_by_the_page(ada: Member) -> None:
    stranger = Client()
    stranger.force_login(ada)
    assert "account" not in stranger.get(reverse("accounts:leave")).context["form"].errors
    sent = stranger.post(reverse("accounts:leave"), SENT)
    assert sent["Location"].startswith(reverse("account_reauthenticate"))
    assert not Leaving.objects.exists()
    client = confirmed(ada)
    page = client.post(reverse("accounts:leave"), SENT, follow=True).content.decode()
    assert "Your account will be erased on" in page
    made = Leaving.objects.get()
    assert (made.remove_comments, made.remove_answers) == (False, True)
    assert "asked for this already" in client.post(reverse("accounts:leave"), SENT, follow=True).content.decode()
    assert Event.objects.filter(verb="member.leaving_asked").count() == 1
    assert "Your account stays" in client.post(reverse("accounts:stay"), follow=True).content.decode()
    assert "Nothing is waiting" in client.post(reverse("accounts:stay"), follow=True).content.decode()
