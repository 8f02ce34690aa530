"""What an applicant reads in every state, the letters, and how many decisions come in time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Application, EvidencePicture, Letter, Member, Recheck
from accounts.vetting import decisions, targets
from accounts.vetting.rechecks import drawing
from tests import factories

pytestmark = pytest.mark.django_db

Applied = Callable[..., Application]
Cast = Callable[..., object]

# State -> sentences that stand on the page, sentences that do not.
NOT_FIRST = "None has decided yet."
STATES: dict[str, tuple[list[str], list[str]]] = {
    "received": (
        ["Being read", "We have your application.", "before you open the link", "Confirm your e-mail address"],
        ["nothing is missing from you"],
    ),
    "first": (["Being read", "Two moderators decide, each on their own.", NOT_FIRST, "expect an answer by"], ["sorry"]),
    "second": (["One moderator has decided. A second one decides"], [NOT_FIRST, "do not agree"]),
    "third": (["Two moderators have decided and do not agree. A third one decides."], [NOT_FIRST]),
    "preparing": (["Your picture is being prepared"], ["could not be read"]),
    "unreadable": (["Your picture could not be read.", "Send your picture again"], ["being prepared"]),
    "ready": ([NOT_FIRST], ["being prepared", "could not be read"]),
    "late": (["A decision was due on", "We are sorry that it takes longer; nothing is missing"], ["expect an answer"]),
    "late and unreadable": (["A decision was due on", "It waits for what is missing"], ["nothing is missing from you"]),
    "few": (["few moderators"], ["no moderator is left"]),
    "stuck": (["few moderators", "no moderator is left who may take the next step"], []),
    "appeal, first": (["Your appeal is being read", "who did not decide before read it"], []),
    "appeal, second": (["Your appeal is being read", "One moderator has decided."], [NOT_FIRST]),
    "appeal, third": (["Your appeal is being read", "do not agree"], [NOT_FIRST]),
    "declined": (["Declined", "you can appeal once", "Letter about your application"], ["It is final."]),
    "too late": (["The 30 days for an appeal are over."], ["you can appeal once"]),
    "final": (["It is final.", "Letter about your appeal", "Letter about your application"], ["you can appeal once"]),
    "accepted": (["Accepted", "Letter about your application", "Go to the cases"], ["Being read"]),
    "rechecked": (["Accepted"], ["check", "drawn"]),
    "punctual": (["In the last 90 days, 1 of 2 decisions came in time."], []),
    "nothing decided": ([NOT_FIRST], ["came in time"]),
}


@pytest.fixture
def put(applied: Applied, mods: list[Member], vote: Cast) -> Callable[[str], Application]:
    """An application in one of STATES."""

    def votes(application: Application, *accepts: bool, by: list[Member]) -> None:
        for moderator, accept in zip(by, accepts, strict=False):
            vote(application, moderator, accept)

    def appeal(application: Application) -> None:
        votes(application, False, False, by=mods)
        application.refresh_from_db()
        decisions.appeal(application=application, by=application.member, statement="Look again.")

    def make(state: str) -> Application:
        said = {"evidence_kind": "picture"} if state in WITH_PICTURE else {}
        application = applied(confirmed=state != "received", **said)
        if state in ("preparing", "unreadable", "late and unreadable"):
            EvidencePicture.objects.update(
                state="received" if state == "preparing" else "refused", refusal="unknown_format"
            )
        if state in ("late", "late and unreadable"):
            Application.objects.update(target_on=timezone.localdate() - timedelta(days=1))
        if state in ("few", "stuck"):
            left = 2 if state == "few" else 1
            Member.objects.filter(pk__in=[one.pk for one in mods[left:]]).update(is_moderator=False)
        if state.startswith("appeal") or state == "final":
            appeal(application)
        later = {"second": [True], "third": [True, False]}.get(state.removeprefix("appeal, "), [])
        votes(application, *later, by=mods[2:])
        if state == "final":
            votes(application, False, False, by=mods[2:])
        if state in ("declined", "too late"):
            votes(application, False, False, by=mods)
        if state == "too late":
            Application.objects.update(decided_at=timezone.now() - timedelta(days=40))
        if state in ("accepted", "rechecked"):
            votes(application, True, True, by=mods)
        if state == "rechecked":
            a_quarter_ago = timezone.now() - timedelta(days=92)
            Application.objects.update(decided_at=a_quarter_ago)
            assert drawing.draw_due() == 1
        if state == "punctual":
            for number, days in enumerate((0, -1)):
                other = applied(email=f"other{number}@lake.example")
                votes(other, True, True, by=mods)
                Application.objects.filter(pk=other.pk).update(target_on=timezone.localdate() + timedelta(days=days))
        return Application.objects.get(pk=application.pk)

    return make


WITH_PICTURE = ("preparing", "unreadable", "ready", "late and unreadable")


def page_of(client: Client) -> str:
    text = client.get(reverse("accounts:application")).content.decode()
    return " ".join(text.partition("<main")[2].partition("</main>")[0].split())


@pytest.mark.parametrize("state", STATES)
def test_the_page_tells_the_truth(
    put: Callable[[str], Application], sign_in: Callable[[object], Client], state: str
) -> None:
    application = put(state)
    page = page_of(sign_in(Member.objects.get(pk=application.member_id)))
    there, not_there = STATES[state]
    for sentence in there:
        assert sentence in page
    for sentence in not_there:
        assert sentence not in page
    assert Recheck.objects.exists() is (state == "rechecked")


def test_the_page_costs_few_queries(
    put: Callable[[str], Application], sign_in: Callable[[object], Client], django_assert_max_num_queries: Any
) -> None:
    client = sign_in(Member.objects.get(pk=put("unreadable").member_id))
    with django_assert_max_num_queries(12):
        page_of(client)


# --- Letters


def decide(application: Application, mods: list[Member], *opinions: tuple[bool, str, str]) -> None:
    for moderator, (accept, reason, words) in zip(mods, opinions, strict=False):
        decisions.vote(
            application=application,
            by=moderator,
            accept=accept,
            reason=reason,
            words=words,
            looked_up_on=timezone.localdate(),
        )
    application.refresh_from_db()


YES = (True, "matches", "")
NO = (False, "different", "The register has another first name.")
NOT_THERE = (False, "not_found", "I found nobody under this number.")


def test_the_letter_holds_every_moderator_s_reasons_and_nobody_s_name(applied: Applied, mods: list[Member]) -> None:
    application = applied()
    decide(application, mods, NO, YES, NOT_THERE)
    text = Letter.objects.get().text
    for said in (
        "For declining: The register entry differs from the application. The register has another first name.",
        "For accepting: The register entry and the evidence agree.",
        "For declining: The number was not found in the register. I found nobody under this number.",
    ):
        assert said in text
    assert not [person.name for person in (*mods, application.member) if person.name in text]


@pytest.mark.parametrize(
    ("opinions", "sentences", "without"),
    [
        ((YES, YES), ["was accepted", "You are verified until"], ["appeal"]),
        (
            (NOT_THERE, NO),
            ["was declined", "appeal on your page, once, until"],
            ["verified until", "no further appeal"],
        ),
    ],
)
def test_the_letter_names_the_next_step(
    applied: Applied, mods: list[Member], opinions: list[Any], sentences: list[str], without: list[str]
) -> None:
    application = applied()
    decide(application, mods, *opinions)
    text = Letter.objects.get().text
    assert all(sentence in text for sentence in sentences)
    assert not [sentence for sentence in without if sentence in text]


def test_the_letter_about_an_appeal_lies_beside_the_first(applied: Applied, mods: list[Member]) -> None:
    application = applied()
    decide(application, mods, NO, NO)
    first = Letter.objects.get()
    decisions.appeal(application=application, by=application.member, statement="It was a typing error.")
    decide(application, mods[2:], NOT_THERE, NOT_THERE)
    second, kept = Letter.objects.all()
    assert (kept.text, kept.round, second.round) == (first.text, 1, 2)
    assert "There is no further appeal." in second.text
    assert NO[2] not in second.text


def test_who_is_still_verified_reads_until_when(applied: Applied, mods: list[Member], vote: Cast) -> None:
    application = applied()
    decide(application, mods, YES, YES)
    Member.objects.update(verified_until=timezone.localdate() + timedelta(days=20))
    member = Member.objects.get(pk=application.member_id)
    from tests.accounts.makers import claim

    again = decisions.apply_again(member=member, claim=claim())
    decide(again, mods, NO, NO)
    assert "Your present verification goes on until" in Letter.objects.get(application=again).text


def test_the_letter_is_in_the_applicant_s_language(
    applied: Applied, mods: list[Member], monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    """Whatever the language of the moderator who decides last; reasons are translated, words are not."""
    from django.utils import translation

    application = applied()
    Member.objects.filter(pk=application.member_id).update(language="tr")
    with translation.override("en"):
        decide(application, mods, NO, NO)
    letter = Letter.objects.get()
    with translation.override("tr"):
        reason = application.get_reason_display()
    assert letter.language == "tr"
    assert reason in letter.text
    assert reason != application.get_reason_display()
    assert NO[2] in letter.text
    mail.outbox.clear()
    run_jobs()
    [notice] = mail.outbox
    assert NO[2] not in notice.body


def test_the_letter_shows_words_as_text(
    applied: Applied, mods: list[Member], sign_in: Callable[[object], Client]
) -> None:
    application = applied()
    decide(application, mods, (False, "different", "<b>bold</b>"), NO)
    assert "&lt;b&gt;bold" in page_of(sign_in(Member.objects.get(pk=application.member_id)))


# --- In time


@pytest.mark.parametrize(
    ("rows", "met", "due", "percent"),
    [
        ([], 0, 0, 0),
        ([("decided", 0)], 1, 1, 100),
        ([("decided", -1)], 0, 1, 0),
        ([("decided", 0), ("decided", 0), ("decided", -1)], 2, 3, 66),
        ([("open", 1)], 0, 0, 0),
        ([("open", -1)], 0, 1, 0),
        ([("unconfirmed", -1)], 0, 0, 0),
        ([("long ago", 0)], 0, 0, 0),
    ],
)
def test_decisions_in_time(rows: list[tuple[str, int]], met: int, due: int, percent: int) -> None:
    """(what became of it, days from today to its target)."""
    for what, days in rows:
        now = timezone.now()
        done = {"decided": now, "long ago": now - timedelta(days=91)}.get(what)
        Application.objects.create(
            member=factories.member(),
            profession="dermatologist",
            state="accepted" if done else "waiting",
            reason="matches" if done else "",
            decided_at=done,
            guidelines_accepted_at=now,
            target_on=timezone.localdate() + timedelta(days=days),
            address_confirmed_at=None if what == "unconfirmed" else now,
        )
    found = targets.punctuality()
    assert (found.met, found.due, found.percent) == (met, due, percent)


def test_the_queue_shows_how_many_come_in_time(
    put: Callable[[str], Application], sign_in: Callable[[object], Client], mods: list[Member]
) -> None:
    put("punctual")
    text = " ".join(sign_in(mods[5]).get(reverse("accounts:queue")).content.decode().split())
    assert "1 of 2 decisions came in time (50 %)" in text
