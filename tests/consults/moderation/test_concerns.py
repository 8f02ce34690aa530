"""Mistreatment: trusted persons alone read it, never the one who is named, and nobody who decides otherwise."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.appointments import service as appointments
from accounts.exceptions import NotYet
from accounts.leaving.rooms import Wishes
from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.exceptions import ChangeRefused
from consults.member_data import ROOM
from consults.models import Case, Comment, Concern
from consults.moderation import missing
from consults.moderation.concerns import policy, service
from core import permissions
from notifications.models import Notice
from tests import factories
from tests.consults import reading

pytestmark = pytest.mark.django_db


def trusted(**fields: Any) -> Member:
    return factories.member(**{"is_trusted_person": True} | fields)


@pytest.fixture
def tess() -> Member:
    """A trusted person."""
    return trusted(name="Tess", institution="Lakeside")


@pytest.fixture
def tom() -> Member:
    """Another one."""
    return trusted(name="Tom", institution="Seaside")


def raised(by: Member, **fields: Any) -> Concern:
    return service.raise_concern(by=by, **{"kind": "bullying", "words": "Shouting on rounds."} | fields)


@pytest.mark.parametrize(
    "who", ["alice", "bob", "mod1", "mod2", "officer", "admin", "suspended", "applicant", "nurse", "student"]
)
def test_nobody_else_reads_a_concern(tess: Member, bob: Member, who: str) -> None:
    found = raised(bob)
    member = factories.person(who)
    for action in ("concern.hear", "concern.take", "concern.close"):
        assert not permissions.allows(member, action, found)
    assert permissions.allows(tess, "concern.take", found)
    assert permissions.allows(member, "concern.own", found) is (who == "bob")


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"institution": "Harbour Hospital"}, False),  # the house of whoever is named
        ({"institution": "Hillside Clinic"}, True),  # of whoever reports: they may well turn to somebody near
        ({"is_trusted_person": False}, False),
        ({"standing": "suspended"}, False),
        ({"verified_until": timezone.localdate() - timedelta(days=1)}, False),
    ],
)
def test_who_hears_a_concern(fields: dict[str, Any], may: bool, alice: Member, bob: Member) -> None:
    member = trusted(**fields)
    found = raised(alice, about=bob)
    assert permissions.allows(member, "concern.hear", found) is may
    assert (member in policy.listeners(found)) is may


def test_whoever_is_named_reports_or_is_near_does_not_hear_it(tess: Member, tom: Member, bob: Member) -> None:
    about_tess = raised(bob, about=tess)
    assert policy.listeners(about_tess) == [tom]
    assert not permissions.allows(tess, "concern.hear", about_tess)
    by_tess = raised(tess, about=bob)
    assert policy.listeners(by_tess) == [tom]
    resident = factories.member(profession="resident", supervisor=tess)
    for found in (raised(resident), raised(bob, about=resident)):
        assert policy.listeners(found) == [tom]
        assert not permissions.allows(tess, "concern.hear", found)
        assert permissions.allows(tom, "concern.hear", found)
    supervised = trusted(name="Tim", profession="resident", supervisor=bob, institution="Elsewhere")
    found = raised(factories.person("alice"), about=bob)
    assert supervised not in policy.listeners(found)
    assert not permissions.allows(supervised, "concern.hear", found)


def test_what_may_be_done_in_each_state(tess: Member, bob: Member) -> None:
    def may() -> set[str]:
        actions = ("hear", "take", "close", "reopen")
        whom = {"reopen": bob}
        return {one for one in actions if permissions.allows(whom.get(one, tess), f"concern.{one}", found)}

    found = raised(bob)
    assert may() == {"hear", "take"}
    service.take(concern=found, by=tess)
    assert may() == {"hear", "close"}
    with pytest.raises(ChangeRefused):
        service.take(concern=found, by=tess)
    service.close(concern=found, by=tess, outcome="talked", answer="I have talked to them.")
    assert may() == {"hear", "reopen"}


def test_who_is_named_does_not_hear_it_from_no_house_either(bob: Member) -> None:
    named = trusted(institution="")
    found = raised(bob, about=named)
    assert policy.listeners(found) == []
    assert not permissions.allows(named, "concern.hear", found)


def test_one_takes_it_and_the_other_reads_it_no_more(tess: Member, tom: Member, bob: Member) -> None:
    found = raised(bob)
    assert {one.member for one in Notice.objects.all()} == {tess, tom}
    service.take(concern=found, by=tess)
    assert not permissions.allows(tom, "concern.hear", found)
    for act in (service.take, service.give_back):
        with pytest.raises(ChangeRefused):
            act(concern=found, by=tom)
    with pytest.raises(ChangeRefused):
        service.close(concern=found, by=tom, outcome="talked", answer="Done.")
    with pytest.raises(ChangeRefused):
        service.close(concern=found, by=tess, outcome="talked", answer=" ")
    service.close(concern=found, by=tess, outcome="talked", answer="I have talked to them.")
    assert Notice.objects.filter(member=bob, path=reverse("consults:my_reports")).exists()
    with pytest.raises(ChangeRefused):
        service.reopen(concern=found, by=factories.person("alice"))
    service.reopen(concern=found, by=bob)
    assert not permissions.allows(tess, "concern.hear", found)
    assert permissions.allows(tom, "concern.take", found)
    service.take(concern=found, by=tom)
    service.give_back(concern=found, by=tom)
    assert policy.listeners(Concern.objects.get()) == [tess]
    service.take(concern=found, by=tess)
    service.close(concern=found, by=tess, outcome="settled", answer="Settled.")
    with pytest.raises(ChangeRefused):
        service.reopen(concern=found, by=bob)
    verbs = set(Event.objects.filter(subject_type="concern").values_list("verb", flat=True))
    assert verbs == {"concern.made", "concern.taken", "concern.given_back", "concern.closed", "concern.reopened"}


def test_the_log_names_neither_who_reported_nor_who_is_named(tess: Member, bob: Member, alice: Member) -> None:
    found = raised(bob, about=alice)
    service.take(concern=found, by=tess)
    service.close(concern=found, by=tess, outcome="talked", answer="Done.")
    service.reopen(concern=found, by=bob)
    lines = repr(list(Event.objects.filter(subject_type="concern").values()))
    assert str(bob.pk) not in lines
    assert str(alice.pk) not in lines


def test_what_is_no_concern_is_refused(tess: Member, bob: Member, alice: Member, settings: Any) -> None:
    with pytest.raises(ChangeRefused):
        raised(bob, kind="other", words=" ")
    with pytest.raises(ChangeRefused):
        raised(bob, about=bob)
    with pytest.raises(ChangeRefused):
        raised(bob, words="Mrs Miller, born 3 May 1971")
    with pytest.raises(ChangeRefused):
        raised(factories.person("officer"))
    hidden = reading.case(alice, state="draft")
    with pytest.raises(ChangeRefused):
        raised(bob, case=hidden)
    with pytest.raises(ChangeRefused):
        raised(bob, case=hidden, comment=Comment.objects.create(case=hidden, author=alice, text="x"))
    settings.RULES = settings.RULES | {"concerns_a_day": 1}
    raised(bob)
    with pytest.raises(ChangeRefused):
        raised(bob)


@pytest.mark.parametrize("fields", [{"about": "same"}, {"taken_by": "same"}, {"state": "closed"}])
def test_the_database_refuses_what_is_no_concern(bob: Member, fields: dict[str, Any]) -> None:
    fields = {name: bob if value == "same" else value for name, value in fields.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Concern.objects.create(reporter=bob, kind="bullying", **fields)
    Concern.objects.create(reporter=bob, kind="bullying")


def test_what_somebody_took_who_is_trusted_no_more_waits_again(tess: Member, tom: Member, bob: Member) -> None:
    found = raised(bob)
    service.take(concern=found, by=tess)
    assert service.hand_on() == 0
    Member.objects.filter(pk=tess.pk).update(is_trusted_person=False)
    Notice.objects.all().delete()
    assert service.hand_on() == 1
    assert permissions.allows(tom, "concern.take", found)
    assert Notice.objects.filter(member=tom).exists()


def test_administrators_are_told_when_nobody_may_hear_it(tess: Member, bob: Member) -> None:
    raised(bob)
    assert missing.notes() == []
    raised(bob, about=tess)
    assert len(missing.notes()) == 1
    assert "1 report of mistreatment" in missing.notes()[0]


# --- The office


def test_a_trusted_person_holds_no_other_office(admin: Member, bob: Member, mod1: Member) -> None:
    appointments.propose(member=bob, office="trusted", takes=True, by=admin)
    bob.refresh_from_db()
    assert bob.may_hear_concerns
    assert bob.office_terms.filter(office="trusted").exists()
    for member, office in ((bob, "moderator"), (bob, "officer"), (mod1, "trusted"), (admin, "trusted")):
        with pytest.raises(NotYet):
            appointments.propose(member=member, office=office, takes=True, by=admin)
    appointments.propose(member=bob, office="trusted", takes=False, by=admin)
    bob.refresh_from_db()
    assert not bob.may_hear_concerns
    assert bob.is_verified
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=mod1.pk).update(is_trusted_person=True)


# --- Pages


def test_a_member_reports_from_their_own_page(
    tess: Member, bob: Member, alice: Member, sign_in: Callable[[object], Client]
) -> None:
    client, at = sign_in(bob), reverse("consults:report_conduct")
    assert at in client.get(reverse("accounts:me")).content.decode()
    assert "Tess" in client.get(at).content.decode()
    assert client.post(at, {}).status_code == 422
    assert client.post(at, {"kind": "bullying", "who": "Nobody Here"}).status_code == 422
    assert client.post(at, {"kind": "bullying", "who": "Bob"}).status_code == 422  # oneself
    assert client.post(at, {"kind": "bullying", "words": "Mrs Miller, born 3 May 1971"}).status_code == 422
    assert client.post(at, {"kind": "bullying", "who": " alice ", "words": "Shouting."}).status_code == 302
    found = Concern.objects.get()
    assert (found.about, found.words, found.case) == (alice, "Shouting.", None)
    namesake = factories.member(name="Alice", institution="Elsewhere")
    asked = client.post(at, {"kind": "bullying", "who": "Alice"})
    assert asked.status_code == 422
    assert "Elsewhere" in asked.content.decode()
    client.post(at, {"kind": "bullying", "who": "Alice", "which": str(namesake.pk)})
    assert Concern.objects.filter(about=namesake).exists()


def test_a_case_or_comment_says_who_is_meant(
    tess: Member, bob: Member, alice: Member, sign_in: Callable[[object], Client]
) -> None:
    case = reading.case(alice, title="A plaque")
    reading.answer(case, bob, "psoriasis")
    comment = Comment.objects.create(case=case, author=bob, text="Only a fool asks that.")
    at = reverse("consults:report_conduct")
    sign_in(alice).post(f"{at}?comment={comment.pk}", {"kind": "bullying"})
    found = Concern.objects.get()
    assert (found.about, found.case, found.comment) == (bob, case, comment)
    sign_in(bob).post(f"{at}?case={case.pk}", {"kind": "pressure"})
    assert Concern.objects.filter(about=alice, case=case, comment=None).exists()
    for query in (f"?case={reading.case(alice, state='draft').pk}", f"?comment={tess.pk}", "?case=nonsense"):
        assert sign_in(bob).get(at + query).status_code == 404
    page = reverse("consults:concern", args=[found.pk])
    client = sign_in(tess)
    text = client.get(page).content.decode()
    assert "A plaque" in text
    assert "Only a fool" not in text  # has not answered the case
    reading.answer(case, tess, "psoriasis")
    assert "Only a fool" in client.get(page).content.decode()


def test_a_trusted_person_s_pages(
    tess: Member, tom: Member, bob: Member, mod1: Member, sign_in: Callable[[object], Client]
) -> None:
    found = raised(bob)
    at, page = reverse("consults:concerns"), reverse("consults:concern", args=[found.pk])
    for refused in (bob, mod1):
        assert sign_in(refused).get(at).status_code == 403
        assert sign_in(refused).get(page).status_code == 403
    client = sign_in(tess)
    assert page in client.get(at).content.decode()
    assert at in client.get(reverse("consults:cases")).content.decode()
    assert "Shouting on rounds." in client.get(page).content.decode()
    client.post(page, {"action": "take"})
    assert sign_in(tom).get(page).status_code == 404
    assert client.post(page, {"action": "close"}).status_code == 422
    assert client.post(page, {"action": "close", "outcome": "talked", "answer": ""}).status_code == 422
    client.post(page, {"action": "give_back"})
    assert client.get(page).status_code == 404
    other = sign_in(tom)
    other.post(page, {"action": "take"})
    assert other.post(page, {"action": "take"}).status_code == 302
    other.post(page, {"action": "close", "outcome": "talked", "answer": "I have talked to them."})
    assert "I have talked to them." in other.get(page).content.decode()
    own = sign_in(bob).get(reverse("consults:my_reports")).content.decode()
    assert "I have talked to them." in own
    again = reverse("consults:reopen_concern", args=[found.pk])
    assert again in own
    assert sign_in(mod1).post(again).status_code == 404
    sign_in(bob).post(again)
    sign_in(bob).post(again)
    found.refresh_from_db()
    assert found.state == "waiting"


# --- What stays


def test_a_withdrawal_leaves_nothing_of_the_case(
    tess: Member, alice: Member, bob: Member, run_jobs: Callable[[], int]
) -> None:
    case: Case = reading.case(alice, note="A plaque on the elbow that bleeds when scratched, for months.")
    raised(bob, case=case, words="Wrote: a plaque on the elbow that bleeds when scratched, and laughed.")
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    run_jobs()
    found = Concern.objects.get()
    assert (found.case, found.comment) == (None, None)
    assert "bleeds" not in found.words
    assert "laughed" in found.words


def test_concerns_are_forgotten_after_two_years_and_with_their_reporter(tess: Member, bob: Member) -> None:
    found = raised(bob)
    service.take(concern=found, by=tess)
    service.close(concern=found, by=tess, outcome="talked", answer="Done.")
    assert service.forget() == 0
    Concern.objects.update(closed_at=timezone.now() - timedelta(days=731))
    assert service.forget() == 1
    raised(bob)
    assert ROOM.export(bob)["reports_of_mistreatment"][0]["words"] == "Shouting on rounds."
    ROOM.erase(bob, Wishes(remove_comments=False, remove_answers=False))
    assert not Concern.objects.exists()
