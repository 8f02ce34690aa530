"""Listings: written with what changes them, confirmed by the gate, compared once a day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db.migrations import Migration
from django.db.models import QuerySet
from django.utils import timezone

from accounts.membership import lifecycle as membership
from accounts.models import Member
from audit.models import Event
from consent import lifecycle
from consent.models import Consent, Until, Use, WithdrawnBy
from consent.records.recording import end_at_event
from consent.withdrawal import withdraw
from consults.apps import _fill_listings
from consults.browse import feed
from consults.browse.filters import Filters
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.gate import holding, listing, listing_counts
from consults.discussion import answers, closing
from consults.discussion.answers import Choice
from consults.models import Case, Group, Listing, ListingCount, ListingText, Membership, Outcome
from consults.withdrawal import maintenance
from core import jobs
from tests import factories
from tests.consults import reading
from tests.consults.changes import YESTERDAY, author_is, case_is, consent_is
from vocabulary.terms import Confidence


def total(member: Member, **chosen: set[str]) -> int:
    """The count that this member's feed shows."""
    asked = Filters(chosen={facet: frozenset(values) for facet, values in chosen.items()})
    return feed.page(member=member, filters=asked).total


def cards(member: Member, words: str = "") -> set[Any]:
    return {card.pk for card in feed.page(member=member, filters=Filters(q=words)).cards}


def released() -> Case:
    """A case released by the service itself."""
    made = reading.case(state="submitted")
    gate.release(case=made, by=factories.person("mod1"))
    return Case.objects.get(pk=made.pk)


# --- Written by those who change what is visible


def _close(case: Case) -> None:
    closing.close(case=case, by=case.author, outcome=Outcome(diagnosis="psoriasis", reference="histopathology"))


def _narrow(case: Case) -> None:
    part = lifecycle.Part(frozenset({(Use.ALL_MEMBERS, None)}))
    Consent.objects.get(pk=case.consent_id).uses.create(use=Use.NAMED_GROUP, scope=Group.objects.create(name="A").pk)
    lifecycle.narrow(consent_id=case.consent_id, part=part, by=WithdrawnBy.PATIENT)


def _expire(case: Case) -> None:
    consent_is(expires_on=YESTERDAY)(case)
    assert lifecycle.expire_due() == 1


def _end(case: Case) -> None:
    consent_is(until_event=Until.TREATMENT_ENDS, expires_on=timezone.localdate() + timedelta(days=9))(case)
    assert end_at_event(event=Until.TREATMENT_ENDS, consent=Consent.objects.get(pk=case.consent_id))


def _lapse(case: Case) -> None:
    author_is(verified_until=YESTERDAY)(case)
    assert membership.lapse_expired() == 1


HIDING: list[tuple[str, Callable[[Case], object]]] = [
    ("withdrawn", lambda case: withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)),
    ("narrowed", _narrow),
    ("expired", _expire),
    ("ended by an event", _end),
    ("entered in error", lambda case: lifecycle.mark_entered_in_error(consent_id=case.consent_id, by=case.author)),
    ("retracted", lambda case: drafts.retract(case=case, by=case.author)),
    ("lapsed", _lapse),
    ("hidden", lambda case: holding.hold(case=case, by=factories.person("mod1"), reason="conduct")),
    (
        "suspended",
        lambda case: membership.suspend(member=case.author, by=factories.person("admin"), reason="conduct"),
    ),
]


@pytest.mark.parametrize(("name", "hide"), HIDING)
def test_what_hides_a_case_takes_its_listing(name: str, hide: Callable[[Case], object], bob: Member) -> None:
    case, other = released(), reading.case(factories.person("resident"), title="other")
    assert cards(bob) == {case.pk, other.pk}

    hide(case)

    assert set(Listing.objects.values_list("case", flat=True)) == {other.pk}
    assert ListingText.objects.count() == 1
    assert total(bob) == 1
    assert listing.compare() == 0


def test_a_reinstated_author_is_listed_again(bob: Member, admin: Member) -> None:
    case = released()
    membership.suspend(member=case.author, by=admin, reason="conduct")
    assert total(bob) == 0

    membership.reinstate(member=case.author, by=factories.person("mod1"), reason="resolved")

    assert cards(bob) == {case.pk}
    assert listing.compare() == 0


def test_a_case_that_is_shown_again_is_listed_again(bob: Member, mod1: Member, mod2: Member) -> None:
    case = released()
    holding.lift(hold=holding.hold(case=case, by=mod1, reason="conduct"), by=mod2)
    assert cards(bob) == {case.pk}
    assert listing.compare() == 0


def test_answers_and_closing_change_what_is_counted(bob: Member, physician: Member, mod1: Member) -> None:
    case = released()
    choices = [Choice("psoriasis", Confidence.PROBABLE)]
    assert total(bob, only={"no_dermatologist"}) == 1
    answers.answer(case=case, by=physician, choices=choices)
    assert (total(bob, only={"no_dermatologist"}), total(physician, only={"unanswered"})) == (1, 0)
    answers.answer(case=case, by=mod1, choices=choices)
    assert (total(bob, only={"no_dermatologist"}), total(bob, only={"unanswered"})) == (0, 1)
    assert Listing.objects.get().answers == 2

    _close(case)

    assert (total(bob, status={"closed"}), total(bob, status={"open"}), total(bob, only={"unanswered"})) == (1, 0, 0)
    assert listing.compare() == 0


# --- Confirmed


BY_HAND: list[tuple[str, Callable[[Case], object]]] = [
    ("withdrawn", consent_is(status="withdrawn")),
    ("over", consent_is(expires_on=YESTERDAY)),
    ("other words", case_is(note="Something else.")),
    ("draft", case_is(state="draft")),
    ("suspended", author_is(standing="suspended")),
    ("no release", lambda case: case.releases.all().delete()),
]


@pytest.mark.parametrize(("name", "change"), BY_HAND)
def test_a_listing_alone_shows_nothing(name: str, change: Callable[[Case], object], bob: Member) -> None:
    """Whatever a listing says: the gate is asked for what goes on a page, in feed, search and saved cases."""
    case = reading.case(title="Zebra")
    case.bookmarks.create(member=bob)
    assert cards(bob) == cards(bob, "zebra") == {case.pk}

    change(case)

    assert Listing.objects.filter(case=case).exists()
    assert cards(bob) == cards(bob, "zebra") == set()
    assert feed.saved(member=bob).cards == []


def test_a_page_that_loses_rows_is_filled_again(bob: Member) -> None:
    made = [reading.case(title=f"case {number}", hours_ago=number + 1) for number in range(8)]
    for case in made[:3]:
        case_is(state="draft")(case)

    page = feed.page(member=bob, filters=Filters(), size=3)

    assert [card.pk for card in page.cards] == [case.pk for case in made[3:6]]
    after = feed.page(member=bob, filters=Filters(), size=3, after=page.after)
    assert [card.pk for card in after.cards] == [case.pk for case in made[6:]]
    assert after.after == ""


def test_a_day_that_has_come_counts_nobody_before_its_round(bob: Member) -> None:
    case = reading.case()
    consent_is(expires_on=YESTERDAY)(case)
    Listing.objects.filter(case=case).update(visible_until=timezone.now().date())

    assert (total(bob), cards(bob)) == (0, set())


@pytest.mark.parametrize("fields", [{"consent": timedelta(days=3)}, {"author": timedelta(days=3)}])
def test_a_listing_has_the_day_on_which_it_ends(fields: dict[str, timedelta], db: None) -> None:
    case, day = reading.case(), timezone.localdate() + timedelta(days=3)
    if "consent" in fields:
        consent_is(expires_on=day)(case)
    else:
        author_is(verified_until=day)(case)
    listing.refresh(cases=[case.pk])

    assert Listing.objects.get().visible_until == day + timedelta(days=1)


# --- Counted for whom


def test_nobody_is_told_of_cases_they_may_not_see(bob: Member, alice: Member, student: Member, nurse: Member) -> None:
    ward = Group.objects.create(name="Ward", open_to_nurses=True)
    Membership.objects.bulk_create(Membership(group=ward, member=member) for member in (alice, nurse))
    reading.case(alice)
    reading.case(alice, group=ward)
    reading.closed(reading.case(alice, kind="teaching"), "psoriasis")

    assert [total(member) for member in (bob, alice, student, nurse)] == [2, 3, 1, 1]
    assert [total(member, only={"unanswered"}) for member in (bob, alice, student, nurse)] == [1, 0, 0, 1]
    # Somebody who leaves a group keeps what they posted themselves, and their counts say so.
    Membership.objects.filter(member=alice).delete()
    assert (total(alice), total(alice, group={str(ward.pk)}), total(bob, group={str(ward.pk)})) == (3, 1, 0)


# --- Compared


def test_the_comparison_repairs_logs_and_tells_staff_once(bob: Member, officer: Member) -> None:
    kept, gone, missing = reading.case(title="kept"), reading.case(title="gone"), reading.case(title="missing")
    case_is(state="draft")(gone)
    Listing.objects.filter(case=missing).delete()
    Listing.objects.filter(case=kept).update(morphology="papule")
    ListingText.objects.filter(listing__case=kept).update(words="nothing")
    ListingCount.objects.all().delete()

    maintenance.compare_listings()

    assert cards(bob) == {kept.pk, missing.pk}
    assert (total(bob), total(bob, morphology={"plaque"})) == (2, 2)
    assert cards(bob, "kept") == {kept.pk}
    assert Event.objects.get(verb="listings.repaired").facts == {"count": 4}
    jobs.run_waiting()
    assert [message.to for message in mail.outbox] == [[officer.email]]
    maintenance.compare_listings()
    jobs.run_waiting()
    assert len(mail.outbox) == 1


def test_folding_keeps_every_sum(bob: Member) -> None:
    for number in range(3):
        reading.case(title=f"case {number}")
    drafts.retract(case=(case := released()), by=case.author)
    before = listing_counts.sums()

    assert listing_counts.fold() > 0

    assert listing_counts.sums() == before
    assert ListingCount.objects.count() == len(before)
    assert listing_counts.fold() == 0


@pytest.mark.parametrize("cases", [10, 100])
def test_a_page_needs_as_many_queries_whatever_there_is(
    cases: int, bob: Member, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(cases):
        reading.case(title=f"case {number}")
    queries = []
    for asked in (Filters(), Filters(q="case"), Filters(chosen={"site": frozenset({"head-neck"})})):
        with django_assert_max_num_queries(8) as counted:
            feed.page(member=bob, filters=asked)
        queries.append(len(counted))
    assert queries == [6, 5, 6]


@pytest.mark.parametrize("name", ["bob", "nurse", "student", "many groups"])
def test_the_parts_are_together_what_a_member_may_be_shown(name: str, alice: Member, nurse: Member) -> None:
    member = factories.person({"many groups": "nurse"}.get(name, name))
    reading.case(alice, title="open to all")
    reading.closed(reading.case(alice, kind="teaching", title="taught"), "psoriasis")
    reading.case(member, title="own")
    for number in range(listing.MOST_PARTS + 1 if name == "many groups" else 2):
        ward = Group.objects.create(name=f"Ward {number}", open_to_nurses=True)
        Membership.objects.create(group=ward, member=member)
        reading.case(alice, group=ward)
    reach = listing.reach_of(member)
    assert reach is not None

    parts = listing.parts(reach)

    assert {row.pk for part in parts for row in part} == {row.pk for row in listing.candidates(reach)}
    assert (len(parts) > 1) is (name in {"nurse", "student"})
    whole = list(listing.candidates(reach).order_by("-released_at", "-case"))
    for most in (1, 3, 100):
        assert list(listing.first(parts, order=("-released_at", "-case"), most=most)) == whole[:most]
    nothing = [part.none() for part in parts]
    assert list(listing.first(nothing, order=("-case",), most=3)) == []


@pytest.mark.parametrize(("migration", "back", "filled"), [
    ("0001_squashed_0025_findings_of_reports", False, True), ("0001_squashed_0025_findings_of_reports", True, False),
    ("0026_anything", False, False),
])  # fmt: skip
def test_a_site_that_had_no_listings_is_filled_and_nobody_is_alarmed(
    migration: str, back: bool, filled: bool, bob: Member
) -> None:
    case = reading.case(title="zebra")
    Listing.objects.all().delete()
    ListingCount.objects.all().delete()
    plan = [(Migration(migration, "consults"), back)]

    for using in ("keys", "default"):
        _fill_listings(sender=apps.get_app_config("consults"), using=using, plan=plan)
        if using == "keys":
            assert not Listing.objects.exists()

    assert Listing.objects.exists() is filled
    if filled:
        assert cards(bob, "zebra") == {case.pk}
        maintenance.compare_listings()
        assert not Event.objects.filter(verb="listings.repaired").exists()
        assert mail.outbox == []


# --- Corners


def test_nobody_in_particular_reaches_nothing(db: None) -> None:
    assert gate.listing.reach_of(object()) is None


def test_a_fold_that_another_one_overtook_gives_up(bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    reading.case(bob)
    reading.case(bob)
    before = list(ListingCount.objects.order_by("pk").values_list("pk", flat=True))
    delete = QuerySet.delete

    def one_row_less(rows: Any) -> tuple[int, dict[str, int]]:
        gone, by_model = delete(rows)
        return gone - 1, by_model

    monkeypatch.setattr(QuerySet, "delete", one_row_less)
    assert listing_counts.fold() == 0
    assert list(ListingCount.objects.order_by("pk").values_list("pk", flat=True)) == before


def test_rows_of_listings_say_no_more_than_ids_when_printed(bob: Member) -> None:
    case = reading.case(bob)
    row, words = Listing.objects.get(), ListingText.objects.get()
    count = ListingCount.objects.first()
    assert count is not None
    assert [str(row), str(words), str(count)] == [
        f"listing of case {case.pk}",
        f"words of listing {row.pk}",
        f"count {count.pk}",
    ]
