"""Saved cases: who may save, what the list still shows, and that a withdrawal takes them along and tells who saved."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consent import lifecycle
from consent.models import Consent, Use, WithdrawnBy
from consent.withdrawal import withdraw, withdraw_picture
from consults import exceptions
from consults.browse import feed
from consults.cases.authoring import drafts
from consults.discussion import bookmarks
from consults.models import Bookmark, Case, CaseState, Group, Membership, WithdrawalNotice
from tests import factories
from tests.consent import making
from tests.consults import reading

SignIn = Callable[[object], Client]
SAVED = reverse("consults:saved")
CALM = "This case is not available"


def save(client: Client, case: Case, *, wanted: bool = True, htmx: bool = False) -> tuple[int, str]:
    """Press the button; status and page, after following."""
    headers = {"HX-Request": "true"} if htmx else {}
    data = {"saved": "1"} if wanted else {}
    response = client.post(reverse("consults:save", args=[case.pk]), data, headers=headers, follow=True)
    return response.status_code, response.content.decode()


def titles(client: Client, query: str = "") -> list[str]:
    """The titles on the list, in order."""
    page = client.get(f"{SAVED}{query}").content.decode()
    return re.findall(r'case-card-title"><a href="[^"]+">([^<]+)<', page)


def pressed(page: str) -> str:
    found = re.search(r'id="save-case-button"[^>]* aria-pressed="(\w+)"', page)
    assert found
    return found[1]


# --- Saving and letting go


@pytest.mark.parametrize("htmx", [False, True])
def test_a_case_is_saved_and_let_go_again(htmx: bool, bob: Member, sign_in: SignIn) -> None:
    case, client = reading.case(), sign_in(bob)
    assert pressed(client.get(reverse("consults:case", args=[case.pk])).content.decode()) == "false"
    for wanted in (True, True, False, False):
        status, page = save(client, case, wanted=wanted, htmx=htmx)
        assert (status, pressed(page)) == (200, str(wanted).lower())
        assert ("<html" in page) is not htmx
        assert ("Saved. It is in your saved cases." in page) is wanted
        assert Bookmark.objects.filter(case=case, member=bob).count() == wanted


@pytest.mark.parametrize(
    ("name", "status", "count"),
    [
        ("alice", 200, 1),
        ("bob", 200, 1),
        ("resident", 200, 1),
        ("mod1", 200, 1),
        ("nurse", 404, 0),
        ("student", 404, 0),
        ("officer", 403, 0),
        ("admin", 403, 0),
        ("lapsed", 403, 0),
    ],
)
def test_who_sees_a_case_may_save_it(name: str, status: int, count: int, sign_in: SignIn) -> None:
    case = reading.case()
    assert save(sign_in(factories.person(name)), case)[0] == status
    assert Bookmark.objects.count() == count


@pytest.mark.parametrize("state", [CaseState.DRAFT, CaseState.SUBMITTED])
def test_not_even_its_author_saves_what_is_not_published(state: str, alice: Member, sign_in: SignIn) -> None:
    status, page = save(sign_in(alice), reading.case(alice, state=state))
    assert (status, CALM in page) == (404, True)
    assert not Bookmark.objects.exists()


def test_a_withdrawal_that_was_quicker_leaves_nothing_saved(bob: Member) -> None:
    """The page was open before; the policy is asked again under the lock that the withdrawal takes."""
    published = making.published()
    withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    with pytest.raises(exceptions.ChangeRefused):
        bookmarks.save(case=published.case, by=bob)
    assert not Bookmark.objects.exists()


def test_the_button_says_so_when_a_withdrawal_was_quicker(
    bob: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, client = reading.case(), sign_in(bob)

    def too_late(**_about: object) -> None:
        raise exceptions.ChangeRefused("Not open any more.")

    monkeypatch.setattr(bookmarks, "save", too_late)
    _status, page = save(client, case)
    assert "Not open any more." in page
    answer = client.post(reverse("consults:save", args=[case.pk]), {"saved": "1"}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("consults:cases")


def test_the_database_keeps_a_bookmark_once(bob: Member) -> None:
    case = reading.case()
    Bookmark.objects.create(case=case, member=bob)
    with pytest.raises(IntegrityError):
        Bookmark.objects.create(case=case, member=bob)


# --- The list


def test_the_last_saved_stands_first_and_everybody_has_their_own(bob: Member, alice: Member, sign_in: SignIn) -> None:
    old, new, hers = (reading.case(title=title, hours_ago=h) for title, h in (("old", 9), ("new", 1), ("hers", 5)))
    for case, member in ((new, bob), (old, bob), (hers, alice)):
        bookmarks.save(case=case, by=member)
    assert titles(sign_in(bob)) == ["old", "new"]
    assert titles(sign_in(alice)) == ["hers"]


def _withdraws(case: Case, _bob: Member) -> None:
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)


def _narrows(case: Case, _bob: Member) -> None:
    lifecycle.narrow(
        consent_id=case.consent_id,
        part=lifecycle.Part(frozenset({(Use.NAMED_GROUP, case.group_id)})),
        by=WithdrawnBy.PATIENT,
    )


def _takes_the_only_picture(case: Case, _bob: Member) -> None:
    withdraw_picture(consent_id=case.consent_id, picture=case.pictures.get().photo_id, by=WithdrawnBy.CLINICIAN)


def _expires(case: Case, _bob: Member) -> None:
    Consent.objects.filter(pk=case.consent_id).update(expires_on=timezone.localdate() - timedelta(days=1))


def _retracts(case: Case, _bob: Member) -> None:
    drafts.retract(case=case, by=case.author)


def _author_is_suspended(case: Case, _bob: Member) -> None:
    Member.objects.filter(pk=case.author_id).update(standing="suspended")


def _leaves_the_group(case: Case, bob: Member) -> None:
    Membership.objects.filter(group=case.group_id, member=bob).delete()


# What happens -> whether who saved it is told, and whether the bookmark is gone for good.
ENDS = [
    (_withdraws, True),
    (_narrows, True),
    (_takes_the_only_picture, True),
    (_expires, False),
    (_retracts, False),
    (_author_is_suspended, False),
    (_leaves_the_group, False),
]


@pytest.mark.parametrize(("happens", "gone"), ENDS, ids=[happens.__name__ for happens, _gone in ENDS])
def test_what_may_not_be_seen_any_more_is_not_listed(
    happens: Callable[[Case, Member], None],
    gone: bool,
    bob: Member,
    sign_in: SignIn,
    run_jobs: Callable[[], int],
    mailoutbox: list[EmailMessage],
) -> None:
    ward = Group.objects.create(name="Ward")
    for name in ("alice", "bob"):
        Membership.objects.create(group=ward, member=factories.person(name))
    fields = {"uses": (Use.NAMED_GROUP, Use.ALL_MEMBERS), "group": ward.pk} if happens is _narrows else {}
    fields = fields or {"uses": (Use.NAMED_GROUP,), "group": ward.pk}
    case = making.published(title="Zebracanary plaque", group=ward, consent_fields=fields).case
    if happens is _narrows:
        Consent.objects.get(pk=case.consent_id).uses.filter(use=Use.ALL_MEMBERS).update(use=Use.LECTURES)
        other = Group.objects.create(name="Other")
        Consent.objects.get(pk=case.consent_id).uses.create(use=Use.NAMED_GROUP, scope=other.pk)
    bookmarks.save(case=case, by=bob)
    assert titles(sign_in(bob)) == ["Zebracanary plaque"]
    happens(case, bob)
    page = sign_in(bob).get(SAVED).content.decode()
    assert "Nothing saved yet" in page
    assert str(case.pk) not in page
    run_jobs()
    told = [sent for sent in mailoutbox if sent.to == [bob.email] and "account" not in sent.subject]
    assert len(told) == gone
    assert Bookmark.objects.exists() is not gone
    for sent in told:
        assert "saved" in sent.body
        assert "Zebracanary" not in f"{sent.subject} {sent.body}"
        assert str(case.pk) not in sent.body


def test_a_case_that_is_shown_again_is_on_the_list_again(bob: Member, sign_in: SignIn) -> None:
    case = making.published(title="A spot").case
    bookmarks.save(case=case, by=bob)
    _author_is_suspended(case, bob)
    assert titles(sign_in(bob)) == []
    Member.objects.filter(pk=case.author_id).update(standing="verified")
    assert titles(sign_in(bob)) == ["A spot"]


def test_who_saved_and_answered_and_wrote_is_told_once(
    bob: Member, run_jobs: Callable[[], int], mailoutbox: list[EmailMessage]
) -> None:
    published = making.published(comments=("one",))
    reading.answer(published.case, bob, "actinic-keratosis")
    for member in (bob, factories.person("resident")):
        bookmarks.save(case=published.case, by=member)
    withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    assert sorted(sent.to[0] for sent in mailoutbox) == sorted(
        factories.person(name).email for name in ("alice", "bob", "resident")
    )
    assert WithdrawalNotice.objects.count() == 3
    assert not Bookmark.objects.exists()


# --- Pages


def test_pages_cover_everything_saved_once(bob: Member) -> None:
    same = timezone.now()
    cases = [reading.case(title=f"case {n}") for n in range(7)]
    for case in cases:
        Bookmark.objects.create(case=case, member=bob, saved_at=same)
    seen, after = [], ""
    while True:
        page = feed.saved(member=bob, after=after, size=3)
        seen += [card.pk for card in page.cards]
        after = page.after
        assert page.total == 7
        if not after:
            break
    assert sorted(seen) == sorted(case.pk for case in cases)
    assert seen == [card.pk for card in feed.saved(member=bob, size=50).cards]


@pytest.mark.parametrize("after", ["x", "1-2-3", "a-b", "\0-\0"])
def test_a_foreign_cursor_is_the_beginning(after: str, bob: Member, sign_in: SignIn) -> None:
    bookmarks.save(case=reading.case(title="only"), by=bob)
    assert titles(sign_in(bob), f"?after={after}") == ["only"]


def test_the_next_page_comes_as_a_part_or_as_a_page(bob: Member, sign_in: SignIn) -> None:
    for number in range(feed.PAGE_SIZE + 1):
        bookmarks.save(case=reading.case(title=f"case {number}"), by=bob)
    client = sign_in(bob)
    href = client.get(SAVED).context["next_href"]
    assert titles(client, href) == ["case 0"]
    part = client.get(f"{SAVED}{href}", headers={"HX-Request": "true", "HX-Target": "more"}).content.decode()
    assert "case 0" in part
    assert "<html" not in part
    Bookmark.objects.filter(case__title="case 0").delete()
    assert "No more saved cases" in client.get(f"{SAVED}{href}").content.decode()


@pytest.mark.parametrize("cases", [1, 12])
def test_the_list_needs_few_queries(
    cases: int, bob: Member, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(cases):
        bookmarks.save(case=reading.case(title=f"case {number}", kinds=("close-up", "dermoscopy")), by=bob)
    with django_assert_max_num_queries(5):
        assert len(feed.saved(member=bob).cards) == cases


@pytest.mark.parametrize(
    ("name", "offered"), [("bob", True), ("student", True), ("officer", False), ("applicant", False)]
)
def test_the_account_menu_leads_there(name: str, offered: bool, sign_in: SignIn) -> None:
    page = sign_in(factories.person(name)).get(reverse("accounts:me")).content.decode()
    assert (f'href="{SAVED}"' in page) is offered
