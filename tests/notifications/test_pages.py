"""The bell, the page behind it, and the page of choices."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consults.models import Case, CaseState
from notifications.models import Notice, Preference
from notifications.notices import Kind, bell
from notifications.notices.forms import PreferenceForm, kinds_for
from tests import factories
from tests.consults import reading
from tests.notifications.making import told

LIST, SETTINGS = reverse("notifications:notices"), reverse("notifications:settings")
SignIn = Callable[[object], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: Member) -> Case:
    """A case that every member sees."""
    return reading.case(alice, title="Zebra plaque")


def several(member: Member, number: int) -> None:
    for _ in range(number):
        told(member, Kind.MENTION, about=uuid.uuid4())


@pytest.mark.parametrize(("number", "shown"), [(0, ""), (1, "1"), (9, "9"), (10, "9+"), (30, "9+")])
def test_the_bell_counts_to_nine(bob: Member, number: int, shown: str, sign_in: SignIn) -> None:
    several(bob, number)
    assert bell.in_words(bell.count_unread(bob)) == shown
    page = sign_in(bob).get(reverse("accounts:me")).content.decode()
    assert ("unread" in page) == bool(shown)
    assert f'<span class="bell-count" aria-hidden="true">{shown}</span>' in page or not shown


def test_a_stranger_has_no_bell(client: Client) -> None:
    assert LIST not in client.get(reverse("account_login")).content.decode()


@pytest.mark.parametrize("number", [1, 60])
def test_no_page_pays_a_query_for_the_bell(bob: Member, number: int, sign_in: SignIn) -> None:
    several(bob, number)
    client = sign_in(bob)
    client.get(reverse("accounts:me"))
    with CaptureQueriesContext(connections["default"]) as queries:
        page = client.get(reverse("accounts:me"))
    about = [query["sql"] for query in queries if "notifications_notice" in (query["sql"] or "")]
    assert all('FROM "accounts_session"' in one for one in about)  # Postgres says nothing of kept queries
    assert len(about) <= 1
    assert f"Notices, {bell.in_words(number)} unread" in page.content.decode()


def test_a_member_who_did_not_come_with_the_session_is_counted_apart(bob: Member) -> None:
    several(bob, 2)
    assert bell.unread_of(SimpleNamespace(user=bob)) == "2"
    assert bell.unread_of(SimpleNamespace()) == ""


def test_the_page_shows_the_newest_first_and_asks_no_more_for_more(bob: Member, case: Case, sign_in: SignIn) -> None:
    client, asked = sign_in(bob), []
    client.get(LIST)
    for number in (3, 60):
        several(bob, number)
        told(bob, Kind.OUTCOME, case=case.pk)
        with CaptureQueriesContext(connections["default"]) as queries:
            page = client.get(LIST)
        asked.append(len(queries))
        assert page.context["page"].rows[0].sentence == "A case that you took part in or saved has its outcome" or (
            number == 60
        )
    assert asked[1] <= asked[0]


def test_the_title_is_shown_while_the_gate_shows_the_case_and_kept_nowhere(
    bob: Member, case: Case, sign_in: SignIn
) -> None:
    notice = told(bob, Kind.OUTCOME, case=case.pk)
    client = sign_in(bob)
    assert "Zebra plaque" in client.get(LIST).content.decode()
    assert "Zebra" not in str(Notice.objects.filter(pk=notice.pk).values().get())
    reading.withdraw(case)
    assert "Zebra" not in client.get(LIST).content.decode()


def test_pages_follow_one_another_without_gap_or_repetition(bob: Member) -> None:
    several(bob, 75)
    Notice.objects.update(at=Notice.objects.latest("at").at)  # all at one moment: the id decides
    seen, before = [], ""
    for size in (30, 30, 15):
        page = bell.page(bob, before=before)
        assert len(page.rows) == size
        seen += [row.pk for row in page.rows]
        before = page.older
    assert before == ""
    assert len(set(seen)) == 75


@pytest.mark.parametrize("before", ["", "nonsense", "2026-06-03T12:00_x", "2026-06-03T12:00_" + "0" * 32, "_"])
def test_a_place_that_is_none_is_the_beginning(bob: Member, before: str) -> None:
    several(bob, 2)
    assert len(bell.page(bob, before=before).rows) == 2


@pytest.mark.parametrize(("kind", "shown"), [("", 2), ("mention", 1), ("poll", 1), ("answer", 0), ("nonsense", 2)])
def test_one_kind_alone(bob: Member, sign_in: SignIn, kind: str, shown: int) -> None:
    told(bob, Kind.MENTION)
    told(bob, Kind.POLL)
    assert len(sign_in(bob).get(LIST, {"kind": kind}).context["page"].rows) == shown


def _withdrawn(case: Case) -> None:
    reading.withdraw(case)


def _held(case: Case) -> None:
    from consults.cases.gate import holding

    holding.hold(case=case, by=factories.person("mod1"), reason="identifies")


def _author_lapsed(case: Case) -> None:
    Member.objects.filter(pk=case.author_id).update(verified_until=timezone.localdate() - timezone.timedelta(days=1))


@pytest.mark.parametrize("lose", [_withdrawn, _held, _author_lapsed])
def test_what_is_not_open_any_more_is_neither_shown_nor_counted(
    bob: Member, case: Case, lose: Callable[[Case], None], sign_in: SignIn
) -> None:
    told(bob, Kind.OUTCOME, case=case.pk)
    notice = told(bob, Kind.MENTION, case=case.pk, view="consults:case", args=[case.pk])
    told(bob, Kind.POLL)
    client = sign_in(bob)
    assert [row.is_unread for row in client.get(LIST).context["page"].rows] == [True] * 3
    lose(case)
    answer = client.get(reverse("notifications:open", args=[notice.pk]))
    assert answer.status_code in (302, 404)  # withdrawn: the notice is gone with the case
    assert str(case.pk) not in answer.headers.get("Location", "")
    page = client.get(LIST)
    assert [row.sentence for row in page.context["page"].rows] == ["News of a poll in a group of yours"]
    assert bell.count_unread(bob) == 1


@pytest.mark.parametrize(
    ("who", "state", "opens"),
    [
        ("alice", CaseState.DRAFT, True),
        ("alice", CaseState.RETURNED, True),
        ("alice", CaseState.SUBMITTED, True),
        ("alice", CaseState.WITHDRAWN, False),
        ("mod1", CaseState.SUBMITTED, True),
        ("mod1", CaseState.DRAFT, False),
        ("bob", CaseState.SUBMITTED, False),
        ("bob", CaseState.DRAFT, False),
        ("officer", CaseState.SUBMITTED, False),
    ],
)
def test_whose_unpublished_case_may_be_opened(alice: Member, who: str, state: CaseState, opens: bool) -> None:
    from consults.cases.opening import may_open

    case = reading.case(alice, state=CaseState.SUBMITTED)
    Case.objects.filter(pk=case.pk).update(state=state)
    assert may_open(factories.person(who), [case.pk]) == ({case.pk: case.title} if opens else {})
    assert may_open(factories.person(who), []) == {}


def test_opening_marks_as_read_and_leads_there(bob: Member, case: Case, sign_in: SignIn) -> None:
    notice = told(bob, Kind.MENTION, case=case.pk, view="consults:case", args=[case.pk])
    answer = sign_in(bob).get(reverse("notifications:open", args=[notice.pk]))
    assert answer.url == reverse("consults:case", args=[case.pk])
    assert bell.count_unread(bob) == 0


def test_marking_one_and_all_as_read(bob: Member, alice: Member, sign_in: SignIn) -> None:
    several(bob, 3)
    several(alice, 1)
    client = sign_in(bob)
    first = Notice.objects.filter(member=bob).first()
    assert client.post(reverse("notifications:read", args=[first.pk])).url == LIST
    assert bell.count_unread(bob) == 2
    assert client.post(reverse("notifications:read_all")).url == LIST
    assert (bell.count_unread(bob), bell.count_unread(alice)) == (0, 1)


@pytest.mark.parametrize("route", ["notifications:open", "notifications:read"])
def test_another_member_s_notice_does_not_exist(alice: Member, bob: Member, route: str, sign_in: SignIn) -> None:
    notice = told(alice)
    address, client = reverse(route, args=[notice.pk]), sign_in(bob)
    answer = client.get(address) if route.endswith("open") else client.post(address)
    assert answer.status_code == 404
    assert bell.count_unread(alice) == 1


@pytest.mark.parametrize(
    ("who", "has", "lacks"),
    [
        ("bob", {"mention", "answer", "urgent", "withdrawal"}, {"second_read", "application"}),
        ("mod1", {"second_read", "application", "mention"}, set()),
        ("student", {"outcome", "followed", "membership"}, {"answer", "mention", "urgent", "second_read"}),
        ("officer", {"membership", "report"}, {"mention", "answer"}),
        ("lapsed", {"membership"}, {"mention", "report"}),
    ],
)
def test_who_chooses_among_what(who: str, has: set[str], lacks: set[str]) -> None:
    member = factories.person(who)
    kinds = {kind.value for kind in kinds_for(member)}
    assert has <= kinds
    assert not lacks & kinds
    shown = {field.name for section in PreferenceForm(member=member).sections for field in section.fields}
    assert shown == kinds


def filled(member: Member, **changes: object) -> dict[str, object]:
    form = PreferenceForm(member=member)
    return {name: form[name].value() for name in form.fields} | changes


def test_choosing(bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    page = client.get(SETTINGS)
    assert page.context["form"]["time_zone"].value() == "Europe/Istanbul"
    sent = filled(bob, mention="digest", answer="off", rhythm="weekly", weekday="4", digest_hour="18", time_zone="UTC")
    assert client.post(SETTINGS, sent).url == SETTINGS
    row = Preference.objects.get()
    assert row.choices == {"mention": "digest", "answer": "off"}
    assert (row.rhythm, row.weekday, row.digest_hour, row.time_zone) == ("weekly", 4, 18, "UTC")
    assert (row.digest_due_at.weekday(), row.digest_due_at.hour) == (4, 18)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mention": "pigeon"},
        {"withdrawal": "at_once"},
        {"digest_hour": "24"},
        {"weekday": "7"},
        {"time_zone": "Mars/Olympus"},
        {"rhythm": ""},
    ],
)
def test_what_the_form_refuses(bob: Member, wrong: dict[str, object], sign_in: SignIn) -> None:
    answer = sign_in(bob).post(SETTINGS, filled(bob, **wrong))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert not Preference.objects.filter(choices__mention="pigeon").exists()
