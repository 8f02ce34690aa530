"""A member's sessions: what the list says, who ends which, and what an ended one's browser is told."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.membership import lifecycle
from accounts.models import EndedSession, Member, Session
from accounts.security import sessions
from accounts.security.session_store import SIGNED_IN_AT
from audit.models import Event
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
PAGE, END = "accounts:sessions", "accounts:end_session"
ALL, CACHE = '"cache", "storage"', '"cache"'


@pytest.fixture
def ada() -> Member:
    return factories.member(email="ada@hospital.example", name="Ada", password=PASSWORD)


def signed_in(member: Member, *, agent: str = FIREFOX, address: str = "192.0.2.77") -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    return client


def references(client: Client) -> list[str]:
    return [one.reference for one in client.get(reverse(PAGE)).context["sessions"]]


def test_the_list_names_browser_network_and_times_and_no_key(ada: Member) -> None:
    there, here = signed_in(ada, agent=SAFARI, address="2001:db8:77:88::5"), signed_in(ada)
    shown = here.get(reverse(PAGE))
    page = shown.content.decode()
    assert [one.device for one in shown.context["sessions"]] == ["Firefox · Windows", "Safari · iPhone"]
    assert [one.network for one in shown.context["sessions"]] == ["192.0.2.0/24", "2001:db8:77::/48"]
    assert [one.is_this for one in shown.context["sessions"]] == [True, False]
    assert all(abs(one.seen_at - timezone.now()) < timedelta(minutes=2) for one in shown.context["sessions"])
    keys = [client.cookies[settings.SESSION_COOKIE_NAME].value for client in (there, here)]
    assert not any(secret in page for secret in (*keys, "192.0.2.77", "2001:db8:77:88"))


@pytest.mark.parametrize(("idle", "age_hours", "listed"), [(0, 0, 2), (61, 2, 1), (0, 12.1, 1)])
def test_what_lets_nobody_in_is_not_listed(ada: Member, idle: int, age_hours: float, listed: int) -> None:
    there, here = signed_in(ada), signed_in(ada)
    stored = there.session
    stored[SIGNED_IN_AT] = int(time.time() - age_hours * 3600)
    stored.save()
    rows = Session.objects.filter(session_key=stored.session_key)
    rows.update(expire_date=timezone.now() + timedelta(minutes=60 - idle))
    assert len(references(here)) == listed


def test_last_seen_costs_no_write_with_each_request(ada: Member, django_assert_num_queries: object) -> None:
    client = signed_in(ada)
    client.get(reverse(PAGE))
    before = Session.objects.get().seen_at
    for _ in range(3):
        client.get(reverse(PAGE))
    assert Session.objects.get().seen_at == before
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=50))
    client.get(reverse(PAGE))
    assert timezone.now() - Session.objects.get().seen_at < timedelta(minutes=1)


def test_one_is_ended(ada: Member) -> None:
    there, here = signed_in(ada), signed_in(ada)
    other = references(here)[1]
    assert here.post(reverse(END), {"session": other})["Location"] == reverse(PAGE)
    refused = there.get(reverse("accounts:me"))
    assert (refused.status_code, refused["Clear-Site-Data"]) == (302, ALL)
    assert here.get(reverse(PAGE)).status_code == 200
    assert Event.objects.get(verb="member.sessions_ended").facts == {"sessions": 1}
    again = here.post(reverse(END), {"session": other}, follow=True)
    assert "no such session any more" in again.content.decode()


def test_all_others_are_ended(ada: Member) -> None:
    others, here = [signed_in(ada) for _ in range(3)], signed_in(ada)
    assert "3 sessions were ended" in here.post(reverse(END), {"all": "1"}, follow=True).content.decode()
    assert [client.get(reverse("accounts:me")).status_code for client in (*others, here)] == [302, 302, 302, 200]
    assert "There is no other session" in here.post(reverse(END), {"all": "1"}, follow=True).content.decode()


def test_coming_back_to_the_address_ends_nothing_and_says_nothing(
    alice: Member, sign_in: Callable[[object], Client]
) -> None:
    """As after a change of language on the page."""
    page = sign_in(alice).get(reverse(END), {"all": "1"}, follow=True)
    assert page.redirect_chain == [(reverse(PAGE), 302)]
    assert not list(page.context["messages"])


def test_nobody_ends_somebody_elses(ada: Member, sign_in: Callable[[object], Client], alice: Member) -> None:
    hers, mine = signed_in(ada), sign_in(alice)
    mine.post(reverse(END), {"session": references(hers)[0]})
    mine.post(reverse(END), {"all": "1"})
    assert hers.get(reverse("accounts:me")).status_code == 200


# --- What the browser is told


def suspended_elsewhere(ada: Member, client: Client) -> None:
    lifecycle.suspend(member=ada, by=factories.person("mod1"), reason="security")


def standing_changed_underneath(ada: Member, client: Client) -> None:
    Member.objects.filter(pk=ada.pk).update(standing="suspended")


def ended_elsewhere(ada: Member, client: Client) -> None:
    sessions.end_all(ada.pk)


def idle(ada: Member, client: Client) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def swept(ada: Member, client: Client) -> None:
    Session.objects.all().delete()


def twelve_hours(ada: Member, client: Client) -> None:
    stored = client.session
    stored[SIGNED_IN_AT] = int(time.time() - 12.1 * 3600)
    stored.save()


# What ended a session -> the status of the next page, and what its browser is told to forget.
ENDS = {
    suspended_elsewhere: (302, ALL),
    standing_changed_underneath: (403, ALL),
    ended_elsewhere: (302, ALL),
    # Time ends it: what was typed and not sent stays in the tab until its member is back.
    idle: (302, CACHE),
    swept: (302, CACHE),
    twelve_hours: (302, CACHE),
}


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
@pytest.mark.parametrize("place", ["accounts:me", "consults:picture"])
def test_what_the_browser_of_an_ended_session_forgets(ada: Member, end: Callable[..., None], place: str) -> None:
    client = signed_in(ada)
    end(ada, client)
    address = reverse(place, args=["7b0c5a5e-5b0e-4f0e-9d3b-0d3c5a5e7b0c"] if place == "consults:picture" else [])
    answer = client.get(address)
    assert (answer.status_code, answer["Clear-Site-Data"]) == ENDS[end]
    assert "Clear-Site-Data" not in client.get(reverse("home")).headers


def test_whoever_is_signed_in_keeps_everything(ada: Member) -> None:
    assert "Clear-Site-Data" not in signed_in(ada).get(reverse("accounts:me")).headers
    assert "Clear-Site-Data" not in Client().get(reverse("home")).headers


@pytest.mark.parametrize(("hours", "kept"), [(11.9, 1), (12.1, 0)])
def test_notes_of_ended_sessions_are_forgotten(ada: Member, hours: float, kept: int) -> None:
    signed_in(ada)
    sessions.end_all(ada.pk)
    EndedSession.objects.update(at=timezone.now() - timedelta(hours=hours))
    sessions.forget_ended()
    assert EndedSession.objects.count() == kept


# --- A browser that is new


def told(run_jobs: Callable[[], int]) -> list[str]:
    run_jobs()
    said = [message.body for message in mail.outbox]
    mail.outbox.clear()
    return said


def test_a_new_browser_is_told_of_and_a_known_one_is_not(ada: Member, run_jobs: Callable[[], int]) -> None:
    first = signed_in(ada)
    assert told(run_jobs) == []  # the first sign-in ever
    first.post(reverse("account_logout"))
    first.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    assert told(run_jobs) == []
    signed_in(ada, agent=SAFARI, address="203.0.113.9")
    (said,) = told(run_jobs)
    assert "a browser that had not been used for it before" in said
    assert "Safari · iPhone" in said
    assert "203.0.113.0/24" in said
    assert "203.0.113.9" not in said
    assert reverse("account_reset_password") in said


def test_a_wrong_password_makes_no_browser_known(ada: Member, run_jobs: Callable[[], int]) -> None:
    signed_in(ada)
    other = Client(headers={"User-Agent": SAFARI})
    other.post(reverse("account_login"), {"login": ada.email, "password": "wrong"})
    assert told(run_jobs) == []
    other.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    assert len(told(run_jobs)) == 1
