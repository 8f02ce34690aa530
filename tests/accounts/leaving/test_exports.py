"""The copy of one's data: all that is the member's, nothing of anybody else, and for seven days."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import NotYet
from accounts.leaving import exports, service
from accounts.leaving.rooms import Wishes
from accounts.models import Change, DataExport, ExportState, Leaving, Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw, withdraw_picture
from consults.models import CasePhoto
from core.crypto import vault
from tests import factories
from tests.accounts.leaving.world import CANARIES, EMAIL, NAME, OTHERS_WORDS, World, made_copy, unpacked
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], int]
KINDS = [
    *("profile", "cv", "sessions", "security", "applications", "membership", "conduct", "follows", "log"),
    *("cases", "answers", "comments", "consents", "second_reads", "reports", "groups"),
    *("reactions", "urgent_cases", "rota", "saved_cases", "following", "saved_searches"),
    "pins",
    *("group_posts", "reports_of_posts", "voted_in", "reports_of_mistreatment"),
    *("notices", "notice_choices", "push_browsers"),
]
PAGE, FILE, DELETE = "accounts:my_data", "accounts:data_file", "accounts:delete_data"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ada() -> Member:
    return factories.member(email=EMAIL, name=NAME, password=PASSWORD)


def confirmed(member: Member) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def stored() -> list[str]:
    return [file.name for file in (settings.DATA_DIR / "objects" / "documents").rglob("*.zip")]


# --- What is in it


def test_it_holds_what_is_the_members(world: World, run_jobs: RunJobs) -> None:
    files = unpacked(made_copy(world.ada, run_jobs))
    assert set(files) == {"README.txt", "manifest.json", *(f"{name}.json" for name in KINDS)}
    assert (files["profile.json"]["name"], files["profile.json"]["email"]) == (NAME, EMAIL)
    assert "password" not in files["profile.json"]
    assert [one["registry_number"] for one in files["applications.json"]] == ["TR-4711"]
    assert {one["state"] for one in files["cases.json"]} == {"released", "draft", "submitted"}
    assert [one["suggestions"] for one in files["answers.json"]] == [[[1, "psoriasis-vulgaris", "probable"]]]
    (answer,) = files["answers.json"]
    assert (answer["plan"]["words"], answer["own_terms"][0]["text"]) == (f"As {NAME} does.", "Wooden skin")
    assert [one["words"] for one in files["urgent_cases.json"]] == [f"{NAME} operates."]
    assert [one["told"] for one in files["rota.json"]] == [1]
    (comment,) = files["comments.json"]
    assert comment["text"].startswith("I would biopsy.")
    assert [one["text"] for one in comment["before"]] == [f"I would not. {NAME}"]
    assert str(world.published.consent.pk) in [one["id"] for one in files["consents.json"]]
    assert [one["group__name"] for one in files["groups.json"]["memberships"]] == ["Ward"]
    assert [one["case_id"] for one in files["saved_cases.json"]] == [str(world.theirs.pk)]
    assert [one["case_id"] for one in files["following.json"]] == [str(world.theirs.pk)]
    assert [one["query"] for one in files["saved_searches.json"]] == ["tag=hair"]
    assert (files["cv.json"]["languages"], files["cv.json"]["trainings"][0]["degree"]) == (["tr"], "MD")
    assert [one["type"] for one in files["security.json"]["factors"]] == ["totp"]
    assert "JBSWY3DPEHPK3PXP" not in str(files)
    (application,) = files["applications.json"]
    assert (application["letters"][0]["text"], application["votes"][0]["words"]) == (f"Dear {NAME}", f"Found {NAME}.")
    (suspension,) = files["membership.json"]["suspensions"]
    assert (suspension["note"], suspension["statement"]) == (f"{NAME} was rude.", f"I am {NAME}.")
    assert [one["case"] for one in files["conduct.json"]["answers"]] == ["case"]
    assert [one["followed_id"] for one in files["follows.json"]] == [str(world.bob.pk)]
    assert "member.export_asked" in [one["verb"] for one in files["log.json"]["my_actions"]]
    assert files["manifest.json"]["schema"] == exports.SCHEMA
    assert set(files["manifest.json"]["files"]) == set(files) - {"README.txt", "manifest.json"}


def test_it_holds_nothing_of_anybody_else(world: World, run_jobs: RunJobs) -> None:
    text = str(unpacked(made_copy(world.ada, run_jobs))).casefold()
    others = [*OTHERS_WORDS, *(one for person in (world.bob, world.mod) for one in (person.name, person.email))]
    secrets = [world.published.code, world.published.code.replace("-", "")]
    assert [word for word in (*others, *secrets) if word.casefold() in text] == []
    assert all(word in text for word in CANARIES)


@pytest.mark.parametrize(("language", "says"), [("en", "Your data on"), ("tr", settings.SITE_NAME)])
def test_the_readme_is_in_the_members_language(
    ada: Member, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, language: str, says: str
) -> None:
    seen: list[str] = []
    from django.utils import translation

    rendered = exports.render_to_string
    monkeypatch.setattr(
        exports, "render_to_string", lambda *args: (seen.append(translation.get_language()), rendered(*args))[1]
    )
    Member.objects.filter(pk=ada.pk).update(language=language)
    assert says in unpacked(made_copy(ada, run_jobs))["README.txt"]
    assert seen == [language]


def test_every_file_is_told_of_in_the_readme(world: World, run_jobs: RunJobs) -> None:
    files = unpacked(made_copy(world.ada, run_jobs))
    assert [name for name in files if name.endswith(".json") and name not in files["README.txt"]] == []


# What hangs on a member's row -> the file that holds it, or why none does; a table without a line here fails.
HANGS = {
    "account.EmailAddress.user": "allauth's; the address is in the profile",
    "accounts.AddressChange.member": "an hour old at most, and on the page",
    "accounts.Application.member": "applications",
    "accounts.Appointment.member": "in the log of those who appointed",
    "accounts.ConductReminder.member": "mails",
    "accounts.ConductResult.member": "conduct",
    "accounts.ConductRun.member": "conduct",
    "accounts.DataExport.member": "the copy itself; in the log",
    "accounts.DirectoryRow.member": "made from the profile",
    "accounts.Follow.followed": "theirs who follow, and nobody is told",
    "accounts.Follow.follower": "follows",
    "accounts.HalfDecision.moderator": "half-filled, about somebody else, and gone with the vote",
    "accounts.OfficeTerm.member": "membership",
    "accounts.Portrait.member": "cv, without the picture itself",
    "accounts.Position.member": "cv",
    "accounts.Profile.member": "cv",
    "accounts.Publication.member": "cv",
    "accounts.Recovery.member": "security",
    "accounts.RenewalReminder.member": "mails",
    "accounts.SecurityNotice.member": "mails",
    "accounts.Session.member": "sessions",
    "accounts.Supervision.resident": "membership",
    "accounts.Supervision.supervisor": "membership",
    "accounts.Training.member": "cv",
    "accounts.Verification.member": "membership",
    "accounts.YearlyCheck.member": "membership",
    "consults.Admission.member": "groups",
    "consults.AskedToSee.member": "in their own lines of the log; gone at midnight",
    "consults.Ballot.member": "voted_in",
    "consults.Bookmark.member": "saved_cases",
    "consults.Concern.reporter": "reports_of_mistreatment",
    "consults.Following.member": "following",
    "consults.GroupProposal.by": "groups",
    "consults.GroupProposal.second": "groups",
    "consults.GroupRemoval.member": "groups",
    "consults.Listing.author": "of own cases",
    "consults.Membership.member": "groups",
    "consults.Mention.member": "in the words of others",
    "consults.Reaction.member": "reactions",
    "consults.RoleListener.member": "reactions",
    "consults.SavedSearch.member": "saved_searches",
    "consults.UrgencyMark.author": "urgent_cases",
    "consults.Volunteer.member": "rota",
    "consults.WithdrawalNotice.member": "mails",
    "imaging.Upload.owner": "pieces of a picture, hours old at most",
    "notifications.Notice.member": "notices",
    "notifications.Preference.member": "notice_choices",
    "notifications.PushSubscription.member": "push_browsers, without the addresses",
    "mfa.Authenticator.user": "security, without secrets",
}


def test_every_table_of_a_member_is_in_the_copy_or_says_why_not() -> None:
    hangs = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in Member._meta.get_fields(include_hidden=True)
        if relation.auto_created and getattr(relation, "on_delete", None) is models.CASCADE
    }
    assert hangs == set(HANGS)


# --- How long, and for whom


def test_it_is_sealed_told_of_and_fetched(ada: Member, run_jobs: RunJobs) -> None:
    client = confirmed(ada)
    assert "Make a copy" in client.get(reverse(PAGE)).content.decode()
    assert "is being made" in client.post(reverse(PAGE), follow=True).content.decode()
    assert client.get(reverse(FILE)).status_code == 404
    assert "There is a copy already" in client.post(reverse(PAGE), follow=True).content.decode()
    run_jobs()
    sentences = [str(change.label) for change in (Change.EXPORT_ASKED, Change.EXPORT_READY)]
    assert [any(sentence in message.body for message in mail.outbox) for sentence in sentences] == [True, True]
    page = client.get(reverse(PAGE)).content.decode()
    export = DataExport.objects.get()
    assert export.sha256 in page
    assert timedelta(days=6, hours=23) < export.expires_at - timezone.now() < timedelta(days=7, minutes=1)
    sealed = (settings.DATA_DIR / "objects" / "documents").rglob(export.object_name)
    assert not any(b"PK\x03\x04" in file.read_bytes() for file in sealed)
    answer = client.get(reverse(FILE))
    assert (answer.status_code, answer["Content-Type"], len(answer.content)) == (200, "application/zip", export.size)
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert "no-store" in answer["Cache-Control"]
    assert unpacked(answer.content)["profile.json"]["email"] == EMAIL
    assert Event.objects.filter(verb="member.export_taken", actor_id=ada.pk).count() == 1


@pytest.mark.parametrize("address", [PAGE, FILE])
def test_it_asks_who_is_there(ada: Member, run_jobs: RunJobs, address: str) -> None:
    made_copy(ada, run_jobs)
    client = Client()
    client.force_login(ada)
    answer = client.post(reverse(address)) if address == PAGE else client.get(reverse(address))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_nobody_fetches_somebody_elses(ada: Member, run_jobs: RunJobs) -> None:
    made_copy(ada, run_jobs)
    other = confirmed(factories.member(password=PASSWORD))
    assert other.get(reverse(FILE)).status_code == 404
    other.post(reverse(DELETE))
    assert DataExport.objects.get().state == ExportState.READY


@pytest.mark.parametrize(("hours", "state"), [(167, "ready"), (169, "gone")])
def test_it_is_destroyed_after_seven_days(ada: Member, run_jobs: RunJobs, hours: int, state: str) -> None:
    made_copy(ada, run_jobs)
    over = timezone.now() + timedelta(days=7) - timedelta(hours=hours)
    DataExport.objects.update(expires_at=over)
    exports.expire()
    run_jobs()
    export = DataExport.objects.get()
    assert (export.state, vault.has_key(export.pk), len(stored())) == (state, state == "ready", state == "ready")


def test_past_its_day_it_is_not_sent_even_before_it_is_destroyed(ada: Member, run_jobs: RunJobs) -> None:
    made_copy(ada, run_jobs)
    DataExport.objects.update(expires_at=timezone.now())
    assert confirmed(ada).get(reverse(FILE)).status_code == 404


def test_it_is_deleted_at_its_members_wish(ada: Member, run_jobs: RunJobs) -> None:
    made_copy(ada, run_jobs)
    client = confirmed(ada)
    assert "was deleted" in client.post(reverse(DELETE), follow=True).content.decode()
    run_jobs()
    assert (DataExport.objects.get().state, stored()) == (ExportState.GONE, [])
    client.post(reverse(DELETE))
    assert Event.objects.filter(verb="member.export_deleted").count() == 1
    made_copy(ada, run_jobs)


# --- When something in it is taken back


def taken_back_whole(world: World) -> None:
    withdraw(consent_id=world.published.consent.pk, by=WithdrawnBy.PATIENT)


def taken_back_in_part(world: World) -> None:
    photo = CasePhoto.objects.get(case=world.published.case).photo_id
    withdraw_picture(consent_id=world.published.consent.pk, picture=photo, by=WithdrawnBy.PATIENT)


def taken_back_elsewhere(world: World) -> None:
    withdraw(consent_id=world.theirs.consent_id, by=WithdrawnBy.PATIENT)


@pytest.mark.parametrize(
    ("take_back", "left"), [(taken_back_whole, 0), (taken_back_in_part, 0), (taken_back_elsewhere, 1)]
)
def test_a_withdrawal_destroys_the_authors_copy(
    world: World, run_jobs: RunJobs, take_back: Callable[[World], None], left: int
) -> None:
    made_copy(world.ada, run_jobs)
    take_back(world)
    assert DataExport.objects.filter(state=ExportState.READY).count() == left
    run_jobs()
    assert len(stored()) == left


# --- Dying anywhere, and other things at once


def test_a_copy_deleted_while_it_is_made_leaves_nothing(
    ada: Member, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exports.ask(member=ada)
    packed = exports.pack

    def pack_slowly(member: Member) -> bytes:
        data = packed(member)
        exports.delete(member=member)
        return data

    monkeypatch.setattr(exports, "pack", pack_slowly)
    exports.build(made.pk)
    run_jobs()
    assert (DataExport.objects.get().state, stored(), vault.has_key(made.pk)) == (ExportState.GONE, [], False)
    exports.build(made.pk)
    assert stored() == []


def test_a_key_destroyed_in_between_leaves_nothing(ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    made = exports.ask(member=ada)
    vault.destroy(made.pk)
    exports.build(made.pk)
    assert stored() == []


def test_a_copy_that_is_made_while_its_member_is_erased_leaves_nothing(
    ada: Member, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exports.ask(member=ada)
    packed = exports.pack

    def pack_slowly(member: Member) -> bytes:
        data = packed(member)
        service.ask(member=member, wishes=Wishes())
        Leaving.objects.update(due_at=timezone.now())
        service.begin_due()
        return data

    monkeypatch.setattr(exports, "pack", pack_slowly)
    exports.build(made.pk)
    run_jobs()
    assert (stored(), vault.has_key(made.pk)) == ([], False)
    assert not DataExport.objects.exists()
    exports.build(made.pk)


def test_of_an_erased_member_none_is_made(ada: Member) -> None:
    made = exports.ask(member=ada)
    Member.objects.filter(pk=ada.pk).update(standing="erased")
    exports.build(made.pk)
    assert stored() == []


def test_a_second_one_is_refused(ada: Member) -> None:
    exports.ask(member=ada)
    with pytest.raises(NotYet):
        exports.ask(member=ada)


def test_making_it_takes_no_more_queries_for_more_rows(world: World, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(60):
        exports.pack(world.ada)
