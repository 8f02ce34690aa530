"""Through the module: one case a page, wrong ones come again, and what was done is kept."""

import dataclasses
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.conduct import service, views
from accounts.conduct.content import load
from accounts.models import ConductAnswer, ConductResult, ConductRun, Member
from audit.models import Event
from core.deadlines import add_months
from tests.accounts.conduct.walking import CASES, answer, pass_module, wrong

pytestmark = pytest.mark.django_db
KEYS = list(CASES)
SignIn = Callable[[object], Client]


@pytest.fixture
def nova(bob: Member) -> Member:
    """A verified dermatologist who has never passed the module."""
    Member.objects.filter(pk=bob.pk).update(conduct_until=None)
    return Member.objects.get(pk=bob.pk)


def begin(client: Client) -> None:
    assert client.post(reverse("accounts:conduct_guidelines")).url == reverse("accounts:conduct_case")


def shown(client: Client) -> str:
    """The key of the case on the page."""
    page = client.get(reverse("accounts:conduct_case")).content.decode()
    found = re.search(r'name="case" value="(\w+)"', page)
    assert found
    return found[1]


def post(client: Client, key: str, chosen: list[str], attempt: int = 1) -> object:
    return client.post(reverse("accounts:conduct_case"), {"case": key, "chosen": chosen, "attempt": attempt})


def test_the_whole_way_over_the_pages(nova: Member, sign_in: SignIn) -> None:
    client = sign_in(nova)
    assert "Not passed yet" in client.get(reverse("accounts:conduct")).content.decode()
    assert "I have read them" in client.get(reverse("accounts:conduct_guidelines")).content.decode()
    begin(client)
    for key in KEYS:
        assert shown(client) == key
        chosen = wrong(CASES[key]) if key == "advice" else sorted(CASES[key].right)
        led = post(client, key, chosen)
        assert led.url == reverse("accounts:conduct_explained", args=[key])
        page = client.get(led.url).content.decode()
        assert ("Not quite." in page) is (key == "advice")
        assert ("Right." in page) is (key != "advice")
    assert shown(client) == "advice"
    assert "This case once more." in client.get(reverse("accounts:conduct_case")).content.decode()
    last = client.get(post(client, "advice", sorted(CASES["advice"].right), 2).url).content.decode()
    assert "See your result" in last
    member = Member.objects.get(pk=nova.pk)
    assert member.conduct_until == add_months(timezone.localdate(), 12)
    result = ConductResult.objects.get()
    assert (result.right_at_once, result.version, result.language, result.minutes) == (11, "1.0", "en", 10)
    assert result.until == member.conduct_until
    event = Event.objects.get(verb="conduct.passed")
    assert (event.actor_id, event.subject_id) == (nova.pk, nova.pk)
    assert event.facts == {
        "result": str(result.pk),
        "version": "1.0",
        "language": "en",
        "until": result.until.isoformat(),
    }
    done = client.get(reverse("accounts:conduct")).content.decode()
    assert "11 cases right at once" in done
    assert reverse("accounts:conduct_certificate", args=[result.pk]) in done
    assert client.get(reverse("accounts:conduct_case")).url == reverse("accounts:conduct")


def test_wrong_answers_are_explained_and_the_right_one_is_not_given_away(nova: Member, sign_in: SignIn) -> None:
    client, case = sign_in(nova), CASES["location"]
    begin(client)
    for attempt, option in enumerate((o for o in case.options if not o.is_right), start=1):
        page = unescape(client.get(post(client, case.key, [option.key], attempt).url).content.decode())
        assert option.why in page
        assert [o.text for o in case.options if o.is_right and o.text in page] == []


def test_of_several_what_was_forgotten_is_counted_and_not_named(nova: Member, sign_in: SignIn) -> None:
    client, case = sign_in(nova), CASES["consent"]
    begin(client)
    page = unescape(client.get(post(client, case.key, ["audience", "identity_number"]).url).content.decode())
    texts = {option.key: option for option in case.options}
    assert texts["identity_number"].why in page
    assert texts["copies"].text not in page
    assert "2 more answers are right that you did not tick" in " ".join(page.split())


def test_wrong_cases_come_at_the_end_in_turn(nova: Member) -> None:
    run = service.begin(member=nova)
    for key in KEYS:
        answer(nova, key, right=key not in ("consent", "child"))
    assert service.progress_of(run, load()).next_case == "consent"
    answer(nova, "consent", right=False, attempt=2)
    assert service.progress_of(run, load()).next_case == "child"
    answer(nova, "child", attempt=2)
    assert service.progress_of(run, load()).next_case == "consent"
    answer(nova, "consent", attempt=3)
    assert ConductResult.objects.get().right_at_once == 10


def test_leaving_and_coming_back_on_another_device(nova: Member, sign_in: SignIn) -> None:
    first = sign_in(nova)
    begin(first)
    for key in KEYS[:3]:
        post(first, key, sorted(CASES[key].right))
    first.post(reverse("account_logout"))
    second = sign_in(nova)
    assert "3 of 12 done" in second.get(reverse("accounts:conduct")).content.decode()
    begin(second)  # reading the guidelines again loses nothing
    assert shown(second) == KEYS[3]
    assert ConductRun.objects.count() == 1


def test_another_language_midway_keeps_everything(nova: Member, sign_in: SignIn) -> None:
    client = sign_in(nova)
    begin(client)
    for key in KEYS[:5]:
        post(client, key, sorted(CASES[key].right))
    client.post(reverse("language"), {"language": "tr"})
    page = client.get(reverse("accounts:conduct_case")).content.decode()
    assert load("tr").cases[KEYS[5]].story in page
    assert load("tr").cases[KEYS[5]].options[0].text in page
    for key in KEYS[5:]:
        post(client, key, sorted(CASES[key].right))
    assert (ConductResult.objects.get().language, ConductResult.objects.get().right_at_once) == ("tr", 12)
    explained = client.get(reverse("accounts:conduct_explained", args=[KEYS[0]])).content.decode()
    assert load("tr").cases[KEYS[0]].topic in explained


def test_a_second_window_changes_nothing(nova: Member, sign_in: SignIn) -> None:
    client, case = sign_in(nova), CASES[KEYS[0]]
    begin(client)
    post(client, case.key, wrong(case))
    late = post(client, case.key, sorted(case.right), attempt=1)  # the other window still shows the first attempt
    assert "Not quite." in client.get(late.url).content.decode()
    assert ConductAnswer.objects.count() == 1
    post(client, case.key, sorted(case.right), attempt=2)
    post(client, case.key, wrong(case), attempt=3)  # right already
    assert list(ConductAnswer.objects.values_list("attempt", "is_right")) == [(1, False), (2, True)]


def test_after_the_last_case_a_late_window_is_led_back(nova: Member, sign_in: SignIn) -> None:
    pass_module(nova)
    client = sign_in(nova)
    assert post(client, KEYS[0], wrong(CASES[KEYS[0]]), 2).url == reverse("accounts:conduct")
    assert ConductResult.objects.count() == 1


@pytest.mark.parametrize(
    ("case", "chosen", "says"),
    [
        ("location", [], "Choose an answer first."),
        ("location", ["forged"], "Choose one of these answers."),
        ("location", ["file_tells", "no_face"], "Choose one of these answers."),
        ("consent", ["audience", "forged"], "Choose one of these answers."),
    ],
)
def test_an_answer_that_is_none_is_refused(
    nova: Member, sign_in: SignIn, case: str, chosen: list[str], says: str
) -> None:
    client = sign_in(nova)
    begin(client)
    page = post(client, case, chosen)
    assert page.status_code == 422
    assert says in page.content.decode()
    assert CASES[case].story in page.content.decode()
    assert not ConductAnswer.objects.exists()


@pytest.mark.parametrize("case", ["", "nothing", "zzz"])
def test_an_unknown_case_leads_back(nova: Member, sign_in: SignIn, case: str) -> None:
    client = sign_in(nova)
    begin(client)
    assert post(client, case, ["a"]).url == reverse("accounts:conduct")


@pytest.mark.parametrize(("sent", "number"), [("2", 2), ("", 1), ("x", 1), ("-1", 1), ("²", 1), ("9" * 30, 1)])
def test_a_forged_attempt_is_the_first(sent: str, number: int) -> None:
    assert views._number(sent) == number


def test_an_explanation_that_is_not_due_leads_to_the_case(nova: Member, sign_in: SignIn) -> None:
    client = sign_in(nova)
    address = reverse("accounts:conduct_explained", args=["location"])
    assert client.get(address).url == reverse("accounts:conduct_case")
    begin(client)
    assert client.get(address).url == reverse("accounts:conduct_case")


def test_who_has_passed_waits_for_the_last_sixty_days(nova: Member, sign_in: SignIn) -> None:
    pass_module(nova)
    client = sign_in(nova)
    assert "You can repeat it from" in client.get(reverse("accounts:conduct")).content.decode()
    assert "to the cases" not in client.get(reverse("accounts:conduct_guidelines")).content.decode()
    led = client.post(reverse("accounts:conduct_guidelines"), follow=True)
    assert "Your module still counts. You can do it again from" in led.content.decode()
    assert ConductRun.objects.filter(finished_at=None).count() == 0


def test_an_open_run_of_an_older_module_is_given_up(nova: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    old = service.begin(member=nova)
    answer(nova, KEYS[0])
    ConductRun.objects.filter(pk=old.pk).update(version="0.9")
    assert service.open_run(nova) is None
    with pytest.raises(service.ConductRefused):
        answer(nova, KEYS[1])
    new = service.begin(member=nova)
    assert new.pk != old.pk
    assert not ConductRun.objects.filter(pk=old.pk).exists()


def test_a_small_change_of_the_module_keeps_the_run(nova: Member) -> None:
    run = service.begin(member=nova)
    ConductRun.objects.filter(pk=run.pk).update(version="1.99")
    assert service.begin(member=nova).pk == run.pk


def test_a_run_whose_last_case_was_taken_out_of_the_module_is_passed(
    nova: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(nova)
    begin(client)
    for key in KEYS[:-1]:
        answer(nova, key, right=key != "child")
    answer(nova, "child", attempt=2)
    whole = load()
    cases = {key: case for key, case in whole.cases.items() if key != KEYS[-1]}
    shorter = dataclasses.replace(whole, cases=cases)
    for module in (service, views):
        monkeypatch.setattr(module, "load", lambda _language="en": shorter)
    assert client.get(reverse("accounts:conduct_case")).url == reverse("accounts:conduct_guidelines")
    begin(client)
    assert ConductResult.objects.get().right_at_once == 10
    assert client.get(reverse("accounts:conduct_case")).url == reverse("accounts:conduct")


# --- The database keeps it too


def test_one_open_run_and_one_right_answer_a_case(nova: Member) -> None:
    run = service.begin(member=nova)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConductRun.objects.create(member=nova, version="1.0")
    ConductRun.objects.create(member=nova, version="1.0", finished_at=timezone.now())
    made = answer(nova, KEYS[0])
    fields = {"run": run, "case": KEYS[0], "chosen": []}
    for attempt, is_right in ((1, False), (2, True), (0, False)):
        with pytest.raises(IntegrityError), transaction.atomic():
            ConductAnswer.objects.create(**fields, attempt=attempt, is_right=is_right)
    ConductAnswer.objects.create(**fields, attempt=2, is_right=False)
    assert made.attempt == 1


def test_a_result_does_not_change_and_goes_with_its_member(nova: Member) -> None:
    result = pass_module(nova)
    for change in ({"until": timezone.localdate()}, {"version": "9.0"}, {"member": nova}):
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            ConductResult.objects.filter(pk=result.pk).update(**change)
    assert ConductResult.objects.get().version == "1.0"
    Member.objects.filter(pk=nova.pk).delete()
    assert not ConductResult.objects.exists()
