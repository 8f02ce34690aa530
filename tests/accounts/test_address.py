"""The change of an address: both mailboxes agree, each can stop it, and nobody learns who has an account."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import NotYet
from accounts.models import AddressChange, Change, Member, Recovery
from accounts.security import address
from accounts.security.address import Side
from audit.models import Event
from core.models import Job
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db
OLD, NEW = "ada@hospital.example", "ada@clinic.example"
RunJobs = Callable[[], int]


@pytest.fixture
def ada() -> Member:
    return factories.member(email=OLD, name="Ada", password=PASSWORD)


def confirmed(email: str = OLD) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def sent_links(run_jobs: RunJobs) -> dict[str, str]:
    """The path in the last mail to each address."""
    run_jobs()
    found = {one.to[0]: re.search(r"http://[^/]+(/\S+)", one.body) for one in mail.outbox}
    mail.outbox.clear()
    return {to: match[1] for to, match in found.items() if match}


def asked(run_jobs: RunJobs, email: str = NEW) -> tuple[Client, dict[str, str]]:
    client = confirmed()
    run_jobs()
    mail.outbox.clear()
    client.post(reverse("accounts:address"), {"email": email})
    return client, sent_links(run_jobs)


def press(path: str, answer: str = "confirm", client: Client | None = None) -> str:
    return (client or Client()).post(path, {"answer": answer}).content.decode()


# Who presses what, in turn -> the address afterwards.
STEPS = [
    ([], OLD),
    ([(OLD, "confirm")], OLD),
    ([(NEW, "confirm")], OLD),
    ([(OLD, "confirm"), (OLD, "confirm")], OLD),
    ([(OLD, "confirm"), (NEW, "confirm")], NEW),
    ([(NEW, "confirm"), (OLD, "confirm")], NEW),
    ([(NEW, "confirm"), (OLD, "stop"), (OLD, "confirm"), (NEW, "confirm")], OLD),
    ([(OLD, "confirm"), (NEW, "stop"), (NEW, "confirm")], OLD),
    ([(OLD, "stop")], OLD),
    ([(OLD, "confirm"), (NEW, "confirm"), (OLD, "stop"), (NEW, "stop")], NEW),
]


@pytest.mark.parametrize(("steps", "after"), STEPS)
def test_nothing_changes_before_both_agree(
    ada: Member, run_jobs: RunJobs, steps: list[tuple[str, str]], after: str
) -> None:
    _client, links = asked(run_jobs)
    for to, answer in steps:
        press(links[to], answer)
    ada.refresh_from_db()
    assert ada.email == after


def test_opening_a_link_is_no_answer(ada: Member, run_jobs: RunJobs) -> None:
    _client, links = asked(run_jobs)
    pages = [Client().get(links[to]).content.decode() for to in (OLD, NEW)]
    assert [NEW in page for page in pages] == [True, False]
    assert all("Yes, change it" in page for page in pages)
    assert "Ada" not in pages[1]
    assert AddressChange.objects.get().old_confirmed_at is None


def test_a_change_is_logged_told_to_both_and_ends_other_sessions(ada: Member, run_jobs: RunJobs) -> None:
    client, links = asked(run_jobs)
    elsewhere = confirmed()
    assert "Now open the link in the other mailbox" in press(links[NEW])
    assert "has agreed" in client.get(reverse("accounts:address")).content.decode()
    assert "The address is changed" in press(links[OLD], client=client)
    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox if str(Change.ADDRESS.label) in one.body) == [NEW, OLD]
    assert [one.get(reverse("accounts:me")).status_code for one in (client, elsewhere)] == [200, 302]
    verbs = list(Event.objects.filter(subject_id=ada.pk, verb__contains="address").values_list("verb", flat=True))
    assert verbs == ["member.address_asked", "member.address_changed"]
    assert confirmed(NEW).get(reverse("accounts:me")).status_code == 200
    assert "does not work any more" in press(links[OLD])


def test_confirmed_in_another_browser_all_sessions_end(ada: Member, run_jobs: RunJobs) -> None:
    client, links = asked(run_jobs)
    for to in (OLD, NEW):
        press(links[to])
    assert client.get(reverse("accounts:me")).status_code == 302


def test_stopping_is_told_and_logged_once(ada: Member, run_jobs: RunJobs) -> None:
    client, links = asked(run_jobs)
    assert "Stopped" in press(links[OLD], "stop")
    run_jobs()
    assert [str(Change.ADDRESS_STOPPED.label) in one.body for one in mail.outbox] == [True]
    for path in links.values():
        assert Client().get(path).status_code == 404
    assert "stays as it is" in client.post(reverse("accounts:stop_address"), follow=True).content.decode()
    assert Event.objects.filter(verb="member.address_stopped").count() == 1


def test_its_member_stops_it_too(ada: Member, run_jobs: RunJobs) -> None:
    client, links = asked(run_jobs)
    client.post(reverse("accounts:stop_address"))
    assert not AddressChange.objects.exists()
    assert "does not work any more" in press(links[NEW])


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_a_link_works_for_an_hour(ada: Member, run_jobs: RunJobs, minutes: int, works: bool) -> None:
    _client, links = asked(run_jobs)
    AddressChange.objects.update(asked_at=timezone.now() - timedelta(minutes=minutes))
    assert (Client().get(links[OLD]).status_code == 200) is works
    assert address.forget() == (not works)


@pytest.mark.parametrize("token", ["forged", "a:b:c", ""])
def test_a_damaged_link_says_what_to_do(token: str) -> None:
    answer = Client().get(reverse("accounts:confirm_address", args=[token or "x"]))
    assert (answer.status_code, "Ask for the change again" in answer.content.decode()) == (404, True)


def test_a_new_wish_ends_the_one_before(ada: Member, run_jobs: RunJobs) -> None:
    _client, first = asked(run_jobs)
    _client, second = asked(run_jobs, "other@clinic.example")
    assert "does not work any more" in press(first[NEW])
    for path in second.values():
        press(path)
    ada.refresh_from_db()
    assert ada.email == "other@clinic.example"


# --- Who has an account stays unknown


def test_an_address_with_an_account_gets_the_same_answer(ada: Member, run_jobs: RunJobs) -> None:
    factories.member(email="known@clinic.example", language="tr")
    pages, jobs_made = [], []
    for email in ("known@clinic.example", "unknown@clinic.example"):
        client = confirmed()
        run_jobs()
        before = Job.objects.count()
        page = client.post(reverse("accounts:address"), {"email": email}, follow=True).content.decode()
        pages.append(
            re.sub(r'(nonce|value|content)="[A-Za-z0-9_+/=-]{16,}"|"X-CSRFToken": "[^"]+"', "", page).replace(
                email, "E"
            )
        )
        jobs_made.append(Job.objects.count() - before)
    assert pages[0] == pages[1]
    assert jobs_made[0] == jobs_made[1]


def test_the_owner_of_a_known_address_is_told_and_nothing_can_be_confirmed(ada: Member, run_jobs: RunJobs) -> None:
    factories.member(email="known@clinic.example")
    _client, links = asked(run_jobs, "known@clinic.example")
    assert links["known@clinic.example"] == reverse("account_login")
    press(links[OLD])
    ada.refresh_from_db()
    assert ada.email == OLD


def test_an_address_that_was_taken_meanwhile_is_refused(ada: Member, run_jobs: RunJobs) -> None:
    _client, links = asked(run_jobs)
    press(links[NEW])
    factories.member(email=NEW)
    assert "cannot be used any more" in press(links[OLD])
    ada.refresh_from_db()
    assert ada.email == OLD


def test_one_mailbox_is_not_flooded(ada: Member, run_jobs: RunJobs) -> None:
    client = confirmed()
    for _ in range(3):
        client.post(reverse("accounts:address"), {"email": NEW})
        run_jobs()
    assert [one.to for one in mail.outbox].count([NEW]) == 1


# --- Who may ask


def test_it_asks_who_is_there(ada: Member) -> None:
    client = Client()
    client.force_login(ada)
    answer = client.post(reverse("accounts:address"), {"email": NEW})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not AddressChange.objects.exists()


@pytest.mark.parametrize(
    ("email", "says"), [("", "Write the new address"), ("nonsense", "valid"), (" ADA@hospital.example", "already")]
)
def test_what_is_no_new_address_is_refused(ada: Member, email: str, says: str) -> None:
    answer = confirmed().post(reverse("accounts:address"), {"email": email})
    assert (answer.status_code, says in answer.content.decode()) == (422, True)


def test_a_change_that_is_over_is_no_answer(ada: Member) -> None:
    change = address.ask(member=ada, email=NEW)
    AddressChange.objects.all().delete()
    with pytest.raises(address.BadLink):
        address.confirm(change=change, side=Side.OLD)
    with pytest.raises(NotYet):
        address.ask(member=ada, email=OLD)


def test_it_stops_a_recovery_whose_links_lie_in_the_former_mailbox(ada: Member, run_jobs: RunJobs) -> None:
    now = timezone.now()
    waits = Recovery.objects.create(member=ada, state="approved", confirmed_at=now, effective_at=now)
    _client, links = asked(run_jobs)
    press(links[OLD])
    waits.refresh_from_db()
    assert waits.state == "approved"
    press(links[NEW])
    waits.refresh_from_db()
    assert waits.state == "stopped"
