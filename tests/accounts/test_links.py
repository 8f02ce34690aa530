"""Flags about accounts that share something, and about who vouches for whom."""

import io
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.membership import lifecycle
from accounts.models import Application, Draft, Mark, Member
from accounts.vetting import decisions, evidence
from accounts.vetting.checking import links, marks
from accounts.vetting.checking.flags import flags, flags_of
from accounts.vetting.checking.marks import Origin
from accounts.vetting.evidence import SentPicture
from tests import factories
from tests.accounts.makers import PASSWORD, claim, prepare_evidence

pytestmark = pytest.mark.django_db

HERE = Origin(address="203.0.113.7", browser="Browser 1")


def codes(application: Application) -> set[str]:
    return {flag.code for flag in flags(application)}


def join(email: str, *, origin: Origin | None = None, picture: bytes = b"", **said: Any) -> Application:
    """An application of somebody new, with a number and a name of their own unless `said` says otherwise."""
    said = {"name": f"Dr {email}", "registry_number": f"N-{email}"} | said
    sent = SentPicture(picture) if picture else None
    if picture:
        said["evidence_kind"] = "picture"
    decisions.apply(email=email, claim=claim(**said), picture=sent)
    draft = Draft.objects.get(email=email)
    application = decisions.finish(draft=draft, password=PASSWORD, origin=origin)
    return Application.objects.get(pk=application.pk)


@pytest.mark.parametrize(
    ("one", "other", "flagged"),
    [
        ("nova@lake.example", "nova+2@lake.example", True),
        ("n.ova@lake.example", "nova7@skin.lake.example", True),
        ("nova@lake.example", "nora@lake.example", False),
        ("nova@lake.example", "nova@hill.example", False),
        ("nova@gmail.com", "nova+2@gmail.com", False),
    ],
)
def test_addresses_that_are_one(one: str, other: str, flagged: bool) -> None:
    join(one)
    assert ("same_address" in codes(join(other))) is flagged


@pytest.mark.parametrize(
    ("name", "country", "flagged"), [("DR NOVA", "TR", True), ("Dr Nova", "DE", False), ("Dr Nora", "TR", False)]
)
def test_the_same_name_in_the_same_country(name: str, country: str, flagged: bool) -> None:
    join("nova@lake.example", name="Dr Nova")
    assert ("same_name" in codes(join("other@hill.example", name=name, country=country))) is flagged


@pytest.mark.parametrize(
    ("other", "days", "found"),
    [
        (Origin("203.0.113.200", "Browser 1"), 0, {"same_device"}),
        (Origin("203.0.113.200", "Browser 2"), 0, {"same_network"}),
        (Origin("203.0.113.200", ""), 6, {"same_network"}),
        (Origin("203.0.113.200", "Browser 1"), 8, set()),
        (Origin("198.51.100.7", "Browser 1"), 0, set()),
        (Origin("127.0.0.1", "Browser 1"), 0, set()),
        (Origin("nonsense", "Browser 1"), 0, set()),
        (None, 0, set()),
    ],
)
def test_the_same_browser_or_network_within_a_week(other: Origin | None, days: int, found: set[str]) -> None:
    join("nova@lake.example", origin=HERE)
    Mark.objects.update(at=timezone.now() - timedelta(days=days))
    assert codes(join("other@hill.example", origin=other)) & {"same_device", "same_network"} == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.99", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("2001:db8:1:2::1", "2001:db8:1:9::1", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
    ],
)
def test_networks(one: str, other: str, same: bool) -> None:
    assert (marks.network_of(one) == marks.network_of(other)) is same


def test_the_page_notes_the_browser_and_forgets_it_after_a_month() -> None:
    decisions.apply(email="nova@lake.example", claim=claim())
    from accounts.vetting.confirmation_link import finishing_path

    path = finishing_path(Draft.objects.get().pk)
    Client(REMOTE_ADDR="203.0.113.7", headers={"User-Agent": "Browser 1"}).post(path, {"password": PASSWORD})
    assert set(Mark.objects.values_list("kind", flat=True)) == {"address", "network", "device"}
    assert not [value for value in Mark.objects.values_list("value", flat=True) if "203" in value[:6]]
    assert marks.forget_browsers() == 0
    Mark.objects.update(at=timezone.now() - timedelta(days=31))
    assert marks.forget_browsers() == 2
    assert set(Mark.objects.values_list("kind", flat=True)) == {"address"}


# --- Pictures


def licence(seed: int) -> Image.Image:
    """A drawn document that looks like no other."""
    chance = random.Random(seed)  # noqa: S311 - the same drawing every time
    picture = Image.new("RGB", (600, 400), "white")
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = chance.randrange(600), chance.randrange(400)
        shade = chance.randrange(200)
        draw.rectangle((x, y, x + chance.randrange(20, 120), y + chance.randrange(10, 80)), fill=(shade,) * 3)
    return picture


def jpeg(picture: Image.Image, *, quality: int = 90) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return data.getvalue()


@pytest.mark.parametrize(
    ("copy", "flagged"),
    [
        (lambda: jpeg(licence(1)), True),
        (lambda: jpeg(licence(1), quality=40), True),
        (lambda: jpeg(licence(1).resize((450, 300)), quality=60), True),
        (lambda: jpeg(licence(2)), False),
        (lambda: jpeg(Image.new("RGB", (600, 400), "white")), False),
    ],
    ids=["same bytes", "saved again", "made smaller", "another one", "a plain one"],
)
def test_a_picture_that_another_account_has_sent(copy: Callable[[], bytes], flagged: bool) -> None:
    """It is found after the first one is destroyed."""
    for email, data in (("nova@lake.example", jpeg(licence(1))), ("other@hill.example", copy())):
        application = join(email, picture=data)
        prepare_evidence(application)
        found = codes(application)
    assert ("same_picture" in found) is flagged


def test_what_cannot_be_read_has_the_mark_of_its_bytes() -> None:
    for email in ("nova@lake.example", "other@hill.example"):
        application = join(email, picture=b"\xff\xd8\xff no picture")
        for picture in application.pictures.all():
            evidence.prepare(picture.pk)
    assert application.pictures.get().state == "refused"
    assert "same_picture" in codes(application)


def test_marks_outlive_the_picture(
    mods: list[Member], vote: Callable[..., object], run_jobs: Callable[[], int]
) -> None:
    first = join("nova@lake.example", picture=jpeg(licence(1)))
    prepare_evidence(first)
    for moderator in mods[:2]:
        vote(first, moderator, False)
    run_jobs()
    assert first.pictures.get().destroyed_at
    second = join("other@hill.example", picture=jpeg(licence(1)))
    prepare_evidence(second)
    assert {"same_picture", "linked_trouble"} <= codes(second)


# --- What became of the person, and of those alike


def test_declined_and_suspended_before(mods: list[Member], vote: Callable[..., object], mod1: Member) -> None:
    application = join("nova@lake.example")
    for moderator in mods[:2]:
        vote(application, moderator, True)
    member = Member.objects.get(pk=application.member_id)
    lifecycle.suspend(member=member, by=mod1, reason="conduct")
    lifecycle.reinstate(member=member, by=mods[-1], reason="resolved")
    Member.objects.filter(pk=member.pk).update(verified_until=timezone.localdate())
    again = decisions.apply_again(member=Member.objects.get(pk=member.pk), claim=claim(name=member.name))
    assert "suspended_before" in codes(again)
    assert "declined_before" not in codes(again)
    for moderator in mods[:2]:
        vote(again, moderator, False)
    third = decisions.apply_again(member=Member.objects.get(pk=member.pk), claim=claim(name=member.name))
    assert {"declined_before", "suspended_before"} <= codes(third)
    assert "declined_before" in codes(Application.objects.get(pk=third.pk))


@pytest.mark.parametrize(("standing", "flagged"), [("suspended", True), ("declined", True), ("verified", False)])
def test_a_linked_account_in_trouble(standing: str, flagged: bool) -> None:
    factories.member(name="Dr Twin", standing=standing)
    found = codes(join("nova@lake.example", name="Dr Twin"))
    assert "same_name" in found
    assert ("linked_trouble" in found) is flagged


# --- Who vouches for whom


def vouched(applicant: Member, *vouchers: Member, kind: str = "voucher", email: str = "") -> Application:
    """An accepted application of a member, with these vouchers."""
    made = Application.objects.create(
        member=applicant,
        profession="dermatologist",
        state="accepted",
        reason="matches",
        decided_at=timezone.now(),
        guidelines_accepted_at=timezone.now(),
        target_on=timezone.localdate(),
    )
    for voucher in vouchers:
        made.references.create(kind=kind, member=voucher)
    if email:
        made.references.create(kind=kind, email=email)
    return made


def people(number: int) -> list[Member]:
    return [factories.member(email=f"p{n}@p{n}.example") for n in range(number)]


RINGS: dict[str, tuple[list[tuple[int, int]], bool]] = {
    # (who, vouched for by whom); 0 and 1 are the vouchers, 9 is the applicant
    "nobody": ([], False),
    "by others": ([(0, 2), (1, 3)], False),
    "by others, who share a voucher": ([(0, 2), (1, 2)], False),
    "one by the other": ([(0, 1)], True),
    "each by the other": ([(0, 1), (1, 0)], True),
    "one by the applicant": ([(0, 9)], True),
    "through one more": ([(0, 2), (2, 1)], True),
    "through one more, back to oneself": ([(0, 2), (2, 0)], True),
    "through one more, to the applicant": ([(1, 2), (2, 9)], True),
}


@pytest.mark.parametrize("name", RINGS)
def test_rings_of_vouchers(name: str) -> None:
    edges, flagged = RINGS[name]
    known = people(4)
    application = join("nova@lake.example", evidence_kind="vouchers", voucher_emails=(known[0].email, known[1].email))
    by_number = {**dict(enumerate(known)), 9: application.member}
    for who, by in edges:
        vouched(by_number[who], by_number[by])
    assert ("voucher_ring" in codes(application)) is flagged


@pytest.mark.parametrize(("others", "days", "flagged"), [(4, 0, True), (3, 0, False), (9, 100, False)])
def test_a_voucher_who_is_named_by_many(others: int, days: int, flagged: bool) -> None:
    voucher, second, *rest = people(others + 2)
    for one in rest:
        vouched(one, voucher)
    Application.objects.update(created_at=timezone.now() - timedelta(days=days))
    application = join("nova@lake.example", evidence_kind="vouchers", voucher_emails=(voucher.email, second.email))
    assert ("busy_voucher" in codes(application)) is flagged


@pytest.mark.parametrize(
    ("others", "is_member", "days", "flagged"),
    [(2, True, 0, True), (2, False, 0, True), (1, True, 0, False), (5, True, 100, False)],
)
def test_a_supervisor_whom_many_name(others: int, is_member: bool, days: int, flagged: bool) -> None:
    supervisor, *rest = people(others + 1)
    email = {True: supervisor.email, False: "boss@elsewhere.example"}[is_member]
    for one in rest:
        named = (supervisor,) if is_member else ()
        vouched(one, *named, kind="supervisor", email="" if is_member else email)
    Application.objects.update(created_at=timezone.now() - timedelta(days=days))
    application = join("nova@lake.example", profession="resident", supervisor_email=email)
    assert ("shared_supervisor" in codes(application)) is flagged


@pytest.mark.parametrize(("moderators", "others", "flagged"), [(3, 0, True), (2, 5, False), (0, 0, False)])
def test_who_names_many_moderators_as_colleagues(
    mods: list[Member], moderators: int, others: int, flagged: bool
) -> None:
    """So an applicant could choose who decides."""
    named = [*mods[:moderators], *people(others)]
    application = join("nova@lake.example", colleague_emails=tuple(one.email for one in named))
    assert ("moderators_left_out" in codes(application)) is flagged


# --- Together


def test_flags_cost_as_much_for_many_as_for_one() -> None:
    counts = []
    voucher, second, *_rest = people(3)
    for number in range(4):
        join(f"n{number}@lake.example", evidence_kind="vouchers", voucher_emails=(voucher.email, second.email))
        rows = list(Application.objects.select_related("member"))
        with CaptureQueriesContext(connection) as captured:
            flags_of(rows)
        counts.append(len(captured))
    assert set(counts) == {5}


def test_what_an_account_shares_with_itself_is_no_flag() -> None:
    application = join("nova@lake.example", origin=HERE)
    member = application.member
    Member.objects.filter(pk=member.pk).update(standing="lapsed")
    Application.objects.update(state="accepted", reason="matches", decided_at=timezone.now())
    again = decisions.apply_again(
        member=Member.objects.get(pk=member.pk),
        claim=claim(name=member.name, registry_number=application.registry_number),
        origin=HERE,
    )
    assert codes(again) & {"same_address", "same_device", "same_network", "duplicate_number", "same_name"} == set()


def test_nothing_is_shared_by_nobody() -> None:
    assert links.Links([]).in_trouble([]) is False
    assert flags_of([]) == {}


def test_flags_stand_in_the_queue_and_beside_the_form(sign_in: Callable[[object], Client], mods: list[Member]) -> None:
    join("nova@lake.example", origin=HERE)
    application = join("other@hill.example", origin=HERE)
    client = sign_in(mods[0])
    assert "same browser" in client.get(reverse("accounts:queue")).content.decode()
    page = client.get(reverse("accounts:decide", args=[application.pk])).content.decode()
    assert "with the same kind of browser in the same network" in page
