"""Conflicts of interest: who is too close to an applicant neither reads nor decides, and is not counted as one left."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.exceptions import NotYours
from accounts.models import Application, Draft, Member, Reference
from accounts.policy import applications_in_queue, applications_to_decide, evidence_to_see
from accounts.vetting import deadlocks, decisions, joining
from accounts.vetting.checking.institutions import institution_key, is_free_mail, mail_base, shares_mail
from accounts.vetting.forms import ApplicationForm
from tests import factories
from tests.accounts.makers import claim, join
from tests.accounts.test_joining import GOOD

pytestmark = pytest.mark.django_db

Applied = Callable[..., Application]


@dataclass(frozen=True)
class Tie:
    """What ties a moderator to an applicant: fields of the moderator, words of the claim, and what was done before."""

    bars: bool
    moderator: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    before: Callable[[Member, Application], object] | None = None


def is_applicant(moderator: Member, application: Application) -> None:
    Application.objects.filter(pk=application.pk).update(member=moderator)


def supervises(moderator: Member, application: Application) -> None:
    Member.objects.filter(pk=application.member_id).update(supervisor=moderator)


def is_supervised(moderator: Member, application: Application) -> None:
    Member.objects.filter(pk=moderator.pk).update(supervisor=application.member)
    moderator.refresh_from_db()


def steps_aside(moderator: Member, application: Application) -> None:
    decisions.recuse(application=application, by=moderator)


def earlier(application: Application) -> Application:
    """An application of the same person, decided long ago."""
    made = Application.objects.get(pk=application.pk)
    made.pk = None
    made.state, made.reason, made.decided_at = "accepted", "matches", made.created_at
    made.save()
    return made


def stepped_aside_before(moderator: Member, application: Application) -> None:
    from accounts.models import Recusal

    Recusal.objects.create(application=earlier(application), moderator=moderator)


def was_named_before(moderator: Member, application: Application) -> None:
    Reference.objects.create(application=earlier(application), kind="voucher", member=moderator)


def has_named_them(moderator: Member, application: Application) -> None:
    own = earlier(application)
    Application.objects.filter(pk=own.pk).update(member=moderator)
    Reference.objects.create(application=own, kind="voucher", member=application.member)


def decided_before(moderator: Member, application: Application) -> None:
    from accounts.models import Vote

    old = earlier(application)
    Vote.objects.create(
        application=old, round=1, seat=1, moderator=moderator, accept=True, reason="matches", looked_up_on="2026-01-05"
    )


MOD = "mod@ward.example"
NAMED = (MOD, "x@elsewhere.example")
TIES = {
    "nothing": Tie(bars=False),
    "the same country and profession": Tie(bars=False, moderator={"country": "TR", "profession": "dermatologist"}),
    "own application": Tie(bars=True, before=is_applicant),
    "voucher": Tie(bars=True, said={"evidence_kind": "vouchers", "voucher_emails": NAMED}),
    "supervisor": Tie(bars=True, said={"profession": "resident", "supervisor_email": MOD}),
    "mentor": Tie(bars=True, said={"mentor_email": MOD}),
    "colleague": Tie(bars=True, said={"colleague_emails": NAMED}),
    "a colleague who is somebody else": Tie(bars=False, said={"colleague_emails": ("alice@hospital.example",)}),
    "supervises the applicant": Tie(bars=True, before=supervises),
    "supervised by the applicant": Tie(bars=True, before=is_supervised),
    "stepped aside": Tie(bars=True, before=steps_aside),
    "stepped aside before": Tie(bars=True, before=stepped_aside_before),
    "named in an earlier application": Tie(bars=True, before=was_named_before),
    "the applicant vouched for them": Tie(bars=True, before=has_named_them),
    "decided an earlier application": Tie(bars=False, before=decided_before),
    "same institution": Tie(bars=True, moderator={"institution": "Lake Hospital"}),
    "same institution, other spelling": Tie(bars=True, moderator={"institution": "Hospital of the LAKE."}),
    "another institution": Tie(bars=False, moderator={"institution": "Lake Side Hospital"}),
    "no institution on either side": Tie(bars=False, said={"institution": "–"}),
    "mail of the same house": Tie(bars=True, moderator={"email": "mod@lake.example"}),
    "mail of a department of it": Tie(bars=True, moderator={"email": "mod@skin.lake.example"}),
    "free mail on both sides": Tie(bars=False, moderator={"email": "mod@gmail.com"}, said={"email": "nova@gmail.com"}),
    "mail of a whole health service on both sides": Tie(
        bars=False, moderator={"email": "mod@nhs.net"}, said={"email": "nova@nhs.net"}
    ),
    "mail of a domain that ends alike": Tie(bars=False, moderator={"email": "mod@bluelake.example"}),
}


@pytest.mark.parametrize("name", TIES)
def test_who_is_too_close_neither_reads_nor_decides(
    applied: Applied, mods: list[Member], sign_in: Callable[[object], Client], vote: Callable[..., object], name: str
) -> None:
    tie = TIES[name]
    factories.person("alice")
    moderator = factories.member(**({"email": MOD, "is_moderator": True} | tie.moderator))
    application = applied(**tie.said)
    if tie.before:
        tie.before(moderator, application)
    moderator = Member.objects.get(pk=moderator.pk)
    open_to = [
        applications_in_queue(moderator).filter(pk=application.pk).exists(),
        applications_to_decide(moderator).filter(pk=application.pk).exists(),
        sign_in(moderator).get(reverse("accounts:decide", args=[application.pk])).status_code == 200,
    ]
    assert set(open_to) == {not tie.bars}
    found = Application.objects.select_related("member").get(pk=application.pk)
    assert deadlocks.moderators_left([found]) == {found.pk: len(mods) + (not tie.bars)}
    if tie.bars:
        with pytest.raises(NotYours):
            vote(application, moderator, True)
    else:
        vote(application, moderator, False)


@pytest.mark.parametrize("near", [True, False])
def test_the_picture_is_closed_to_who_is_too_close(applied: Applied, near: bool) -> None:
    institution = {True: "LAKE HOSPITAL", False: "Hill Hospital"}[near]
    moderator = factories.member(email=MOD, is_moderator=True, institution=institution)
    applied(evidence_kind="picture")
    assert evidence_to_see(moderator).exists() is not near


def test_who_is_too_close_is_missing_and_the_site_says_so(
    applied: Applied, mods: list[Member], admin: Member, sign_in: Callable[[object], Client]
) -> None:
    """Five of six work where the applicant does: one is left, one more is needed."""
    Member.objects.filter(pk__in=[one.pk for one in mods[:5]]).update(institution="Lake Hospital")
    application = applied()
    assert [one.pk for one in deadlocks.stuck()] == [application.pk]
    queue = sign_in(mods[5]).get(reverse("accounts:queue")).content.decode()
    assert "One more moderator is needed" in " ".join(queue.split())
    assert application.member.name not in sign_in(mods[0]).get(reverse("accounts:queue")).content.decode()
    assert "1 application cannot be decided" in sign_in(admin).get(reverse("accounts:people")).content.decode()


def test_of_colleagues_who_are_no_members_nothing_is_kept(alice: Member) -> None:
    join(
        email="nova@lake.example",
        said=claim(mentor_email="who@x.example", colleague_emails=(alice.email, "stranger@x.example")),
    )
    assert [(one.kind, one.member, one.email) for one in Reference.objects.all()] == [("colleague", alice, "")]


def test_mentors_and_colleagues_are_not_asked(
    applied: Applied, alice: Member, bob: Member, sign_in: Callable[[object], Client]
) -> None:
    applied(mentor_email=alice.email, colleague_emails=(bob.email,))
    for one in Reference.objects.all():
        assert sign_in(one.member).get(reverse("accounts:vouch", args=[one.pk])).status_code == 404


@pytest.mark.parametrize(
    ("typed", "addresses", "refused"),
    [
        ("", (), False),
        ("A@x.example", ("a@x.example",), False),
        ("a@x.example, b@x.example;c@x.example\nA@x.example", ("a@x.example", "b@x.example", "c@x.example"), False),
        ("a@x.example Dr Who", (), True),
        (" ".join(f"c{number}@x.example" for number in range(11)), (), True),
    ],
)
def test_colleagues_are_named_on_the_form(typed: str, addresses: tuple[str, ...], refused: bool) -> None:
    form = ApplicationForm(GOOD | {"colleagues": typed, "mentor_email": "M@x.example"})
    assert ("colleagues" in form.errors) is refused
    if not refused:
        assert form.claim().colleague_emails == addresses
        assert form.claim().mentor_email == "m@x.example"


def test_drafts_from_before_named_no_colleagues() -> None:
    decisions.apply(
        email="nova@lake.example", claim=claim(colleague_emails=("a@x.example",), mentor_email="m@x.example")
    )
    draft = Draft.objects.get()
    assert joining.claim_of(draft).colleague_emails == ("a@x.example",)
    for name in ("colleague_emails", "mentor_email"):
        del draft.claim[name]
    assert joining.claim_of(draft).colleague_emails == ()


def test_counting_costs_two_queries(applied: Applied, mods: list[Member], django_assert_num_queries: Any) -> None:
    for number in range(3):
        applied(email=f"n{number}@lake.example", colleague_emails=(mods[0].email,))
    rows = list(Application.objects.select_related("member"))
    with django_assert_num_queries(2):
        assert set(deadlocks.moderators_left(rows).values()) == {5}


# --- Names and domains


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Lake Hospital", "LAKE  hospital.", True),
        ("Lake Hospital", "Hospital of the Lake", True),
        ("Charité – Universitätsmedizin Berlin", "Universitaetsmedizin Berlin (Charite)", True),
        ("İstanbul Üniversitesi", "Istanbul Universitesi", True),
        ("Ankara Üniversitesi Tıp Fakültesi", "ANKARA UNIVERSITESI TIP FAKULTESI", True),
        ("St. Mary's Hospital", "St Marys Hospital", True),
        ("Hôpital Saint-Louis", "hopital saint louis", True),
        ("Lake Hospital", "Lake Clinic", False),
        ("Lake Hospital", "", False),
        ("University Hospital Basel", "University Hospital Bern", False),
    ],
)
def test_spellings_of_an_institution(one: str, other: str, same: bool) -> None:
    assert (institution_key(one) == institution_key(other)) is same


@pytest.mark.parametrize("name", ["", "–", "...", "the"])
def test_no_name_is_no_institution(name: str) -> None:
    assert institution_key(name) == ""


@pytest.mark.parametrize(
    ("email", "base"),
    [
        ("a@charite.de", "charite.de"),
        ("a@derma.charite.de", "charite.de"),
        ("a@med.ankara.edu.tr", "ankara.edu.tr"),
        ("a@skin.gosh.nhs.uk", "gosh.nhs.uk"),
        ("a@hospital.example", "hospital.example"),
        ("a@gmail.com", ""),
        ("a@nhs.net", ""),
        ("a@trust.nhs.net", ""),
        ("a@saglik.gov.tr", ""),
        ("", ""),
    ],
)
def test_the_base_of_an_address_is_the_house_not_the_service(email: str, base: str) -> None:
    assert mail_base(email) == base


@pytest.mark.parametrize(
    ("base", "email", "shares"),
    [
        ("lake.example", "a@lake.example", True),
        ("lake.example", "a@skin.lake.example", True),
        ("lake.example", "a@bluelake.example", False),
        ("", "a@lake.example", False),
    ],
)
def test_who_shares_a_base(base: str, email: str, shares: bool) -> None:
    assert shares_mail(base, email) is shares
    assert not is_free_mail(email)
