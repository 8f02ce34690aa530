"""The application form: what it refuses, that nothing is lost, and that it tells nobody who has an account."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import Application, Draft, Member, Reference
from accounts.vetting import decisions
from accounts.vetting.checking.flags import flags
from accounts.vetting.checking.institutions import is_free_mail
from audit.models import Event
from core.models import Job
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db

GOOD: dict[str, Any] = {
    "name": "Dr Nova",
    "email": "nova@lake.example",
    "profession": "dermatologist",
    "institution": "Lake Hospital",
    "country": "TR",
    "registry_name": "Medical Chamber",
    "registry_url": "https://register.example.org/",
    "registry_number": "TR-4711",
    "evidence_kind": "email",
    "guidelines": "on",
}


def send(client: Client | None = None, **changes: Any) -> Any:
    data = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return (client or Client()).post(reverse("accounts:apply"), data)


def page_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def jpeg() -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (320, 240), (200, 190, 180)).save(data, "JPEG")
    return SimpleUploadedFile("licence of dr nova.jpg", data.getvalue(), content_type="image/jpeg")


@pytest.mark.parametrize("token", ["zzz", "ImFiYyI:1x:y"])
def test_bad_link_says_what_to_do(token: str) -> None:
    response = Client().get(reverse("accounts:confirm", args=[token]))
    assert response.status_code == 404
    assert "have a new one sent" in page_of(response)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Write your name as it stands in the register."),
        ({"email": "nova"}, "Write a whole e-mail address"),
        ({"email": ""}, "Write a whole e-mail address"),
        ({"profession": ""}, "Choose your profession."),
        ({"profession": "astrologer"}, "not one of the available choices"),
        ({"profession": "resident"}, "Residents name a supervisor who is a member."),
        ({"profession": "resident", "supervisor_email": "NOVA@lake.example"}, "This is your own address."),
        ({"profession": "resident", "supervisor_email": "no"}, "Write a whole e-mail address"),
        ({"institution": " "}, "Write the hospital, practice or university"),
        ({"institution": "x" * 201}, "at most 200 characters"),
        ({"country": "XX"}, "not one of the available choices"),
        ({"registry_name": ""}, "Write which register"),
        ({"registry_url": "javascript:alert(1)"}, "Write a web address such as"),
        ({"registry_url": "ftp://register.example.org/"}, "Write a web address such as"),
        ({"registry_number": "-"}, "too short for a number"),
        ({"registry_number": "a\x00b"}, "Null characters are not allowed."),
        (
            {"registry_number": "1234567894", "registry_url": "https://npiregistry.cms.hhs.gov/search"},
            "Numbers of this register look different.",
        ),
        ({"evidence_kind": None}, "Choose how you show that the entry is yours."),
        ({"evidence_kind": "picture"}, "Choose the picture of your licence or certificate."),
        ({"evidence_kind": "vouchers", "voucher_1": "a@x.example"}, "addresses of two members who know you"),
        (
            {"evidence_kind": "vouchers", "voucher_1": "a@x.example", "voucher_2": "A@x.example"},
            "Both addresses are the same.",
        ),
        (
            {"evidence_kind": "vouchers", "voucher_1": "nova@lake.example", "voucher_2": "b@x.example"},
            "This is your own address.",
        ),
        ({"guidelines": None}, "Read the guidelines and accept them"),
    ],
)
def test_bad_input_is_refused_with_a_sentence_and_kept(changes: dict[str, Any], sentence: str) -> None:
    response = send(**changes)
    assert response.status_code == 422
    page = page_of(response)
    assert sentence in page
    assert not Draft.objects.exists()
    for field in {"name", "email", "registry_name"} - changes.keys():
        assert f'value="{GOOD[field]}"' in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG"),
    ],
)
def test_bad_picture_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    response = send(evidence_kind="picture", picture=SimpleUploadedFile("x.jpg", data))
    assert response.status_code == 422
    assert sentence in page_of(response)
    assert not Draft.objects.exists()


def test_oversized_picture_is_refused(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    response = send(evidence_kind="picture", picture=jpeg())
    assert "larger than 40 MB" in page_of(response)


def test_picture_is_kept_for_the_moderators() -> None:
    assert send(evidence_kind="picture", picture=jpeg()).status_code == 302
    assert Draft.objects.get().has_picture


def test_picture_of_another_kind_of_evidence_is_not_kept() -> None:
    assert send(evidence_kind="email", picture=jpeg()).status_code == 302
    assert not Draft.objects.get().has_picture


def test_known_address_gets_the_same_answer(run_jobs: Callable[[], int]) -> None:
    known = factories.member(email="nova@lake.example", password="the former password stays")
    first, second = send(), send(email="other@lake.example")
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    known.refresh_from_db()
    assert known.check_password("the former password stays")
    assert not known.applications.exists()
    run_jobs()
    assert sorted(message.to[0] for message in mail.outbox) == ["nova@lake.example", "other@lake.example"]


def test_named_colleagues_get_the_same_answer(alice: Member) -> None:
    for number, voucher in enumerate([alice.email, "stranger@lake.example"]):
        email = f"n{number}@lake.example"
        response = send(
            email=email,
            evidence_kind="vouchers",
            voucher_1=voucher,
            voucher_2="third@lake.example",
        )
        assert response["Location"] == reverse("accounts:applied")
        decisions.finish(draft=Draft.objects.get(email=email), password=PASSWORD)
    assert Reference.objects.get(member=alice).email == ""


def test_signed_in_people_see_their_application_instead(sign_in: Callable[[object], Client], applicant: Member) -> None:
    assert sign_in(applicant).get(reverse("accounts:apply"))["Location"] == reverse("accounts:application")


def test_too_many_applications_from_one_place(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/m/ip"}
    statuses = [send(name="").status_code for _attempt in range(3)]
    assert statuses == [422, 422, 429]


def test_no_person_in_log_jobs_and_log_lines(
    applied: Callable[..., Application],
    vote: Callable[..., object],
    mods: list[Member],
    caplog: pytest.LogCaptureFixture,
) -> None:
    application = applied(name="Canarina Vögel", institution="Canary Clinic", registry_number="CANARY-1")
    for moderator in mods[:2]:
        vote(application, moderator, False)
    rows = [*Event.objects.values_list("facts", "verb"), *Job.objects.values_list("kind", "error")]
    for text in (str(rows), caplog.text, str(application), str(application.member)):
        assert not re.search("canar|nova@", text, re.IGNORECASE)


# --- Flags


def codes(application: Application) -> set[str]:
    return {flag.code for flag in flags(application)}


@pytest.mark.parametrize("spelling", ["TR-4711", "tr 4711", "TR.47-11"])
def test_duplicate_number_is_flagged_however_it_is_spelled(applied: Callable[..., Application], spelling: str) -> None:
    applied(email="first@lake.example", name="First")
    assert "duplicate_number" in codes(applied(name="Second", registry_number=spelling))
    assert "duplicate_number" not in codes(applied(email="c@x.example", name="Third", registry_number="TR-4712"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "nova@gmail.com"}, "free_mail"),
        ({"confirmed": False}, "unconfirmed"),
        ({"profession": "resident", "supervisor_email": "stranger@x.example"}, "no_supervisor"),
        ({"evidence_kind": "vouchers", "voucher_emails": ("a@x.example", "b@x.example")}, "unknown_voucher"),
        (
            {
                "evidence_kind": "vouchers",
                "voucher_emails": ("alice@hospital.example",),
                "institution": "hillside clinic",
            },
            "voucher_same_institution",
        ),
        ({"name": "ALICE"}, "same_name"),
        ({"country": "US", "registry_number": "1234567894"}, "number_form"),
    ],
)
def test_flags(applied: Callable[..., Application], alice: Member, changes: dict[str, Any], code: str) -> None:
    assert code in codes(applied(**changes))
    assert code not in codes(applied(email="plain@lake.example", name="Plain", registry_number="P-1"))


@pytest.mark.parametrize(
    ("address", "free"),
    [
        ("a@GMAIL.com", True),
        ("a@yahoo.com.tr", True),
        ("a@mynet.com", True),
        ("a@web.de", True),
        ("a@tuta.com", True),
        ("a@hospital.example", False),
        ("a@charite.de", False),
        ("a@nus.edu.sg", False),
        ("a@mygmail.com", False),
        ("", False),
    ],
)
def test_free_mail(address: str, free: bool) -> None:
    assert is_free_mail(address) is free


# --- Pages


@pytest.mark.parametrize(
    ("state", "sentences"),
    [
        ("open", ["Two moderators decide, each on their own"]),
        ("unconfirmed", ["Confirm your e-mail address", "Send the link again"]),
        ("late", ["sorry that it takes longer"]),
        ("declined", ["The number was not found in the register.", "you can appeal once"]),
        ("too late", ["The 30 days for an appeal are over."]),
        ("appealed", ["Your appeal is being read"]),
        ("final", ["It is final."]),
    ],
)
def test_applicant_reads_where_the_application_stands(
    applied: Callable[..., Application],
    vote: Callable[..., object],
    mods: list[Member],
    sign_in: Callable[[object], Client],
    state: str,
    sentences: list[str],
) -> None:
    application = applied(confirmed=state != "unconfirmed")
    if state == "late":
        Application.objects.update(target_on=timezone.localdate() - timedelta(days=1))
    if state in ("declined", "too late", "appealed", "final"):
        for moderator in mods[:2]:
            vote(application, moderator, False)
    if state == "too late":
        Application.objects.update(decided_at=timezone.now() - timedelta(days=40))
    if state in ("appealed", "final"):
        decisions.appeal(application=application, by=application.member, statement="Look again.")
    if state == "final":
        for moderator in mods[2:4]:
            vote(application, moderator, False)
    page = page_of(sign_in(Member.objects.get(pk=application.member_id)).get(reverse("accounts:application")))
    for sentence in sentences:
        assert sentence in page


def test_appeal_page(
    applied: Callable[..., Application],
    vote: Callable[..., object],
    mods: list[Member],
    sign_in: Callable[[object], Client],
    alice: Member,
) -> None:
    application = applied()
    for moderator in mods[:2]:
        vote(application, moderator, False)
    client = sign_in(Member.objects.get(pk=application.member_id))
    address = reverse("accounts:appeal", args=[application.pk])
    assert client.get(address).status_code == 200
    empty = client.post(address, {"statement": ""})
    assert "Say in a sentence or two" in page_of(empty)
    assert client.post(address, {"statement": "It was a typing error."}).status_code == 302
    assert client.get(address).status_code == 404


def test_moderator_decides_on_the_page_without_seeing_the_other_vote(
    applied: Callable[..., Application],
    vote: Callable[..., object],
    mods: list[Member],
    sign_in_again: Callable[[object], Client],
    run_jobs: Callable[[], int],
) -> None:
    application = applied()
    vote(application, mods[0], False, "different")
    client = sign_in_again(mods[1])
    address = reverse("accounts:decide", args=[application.pk])
    assert application.member.name in page_of(client.get(reverse("accounts:queue")))
    page = page_of(client.get(address))
    assert mods[0].name not in page
    assert "have decided" not in page
    unticked = client.post(address, {"reason": "not_found", "looked_up_on": timezone.localdate().isoformat()})
    assert "Look the number up at the register first" in page_of(unticked)
    sent = {"reason": "not_found", "looked_up": "on", "looked_up_on": timezone.localdate().isoformat()}
    assert "the applicant has to understand it" in page_of(client.post(address, sent))
    sent["words"] = "The number belongs to somebody else. Send the right one."
    assert client.post(address, sent)["Location"] == reverse("accounts:queue")
    application.refresh_from_db()
    assert (application.state, application.reason) == ("declined", "different")
    run_jobs()
    [notice] = [message for message in mail.outbox if "decision" in message.subject]
    assert notice.to == ["nova@lake.example"]
    assert not re.search("declin|accept|different|Nova", notice.subject + notice.body, re.IGNORECASE)


def test_stepping_aside(applied: Callable[..., Application], sign_in: Callable[[object], Client], mod1: Member) -> None:
    application = applied()
    client = sign_in(mod1)
    assert client.post(reverse("accounts:recuse", args=[application.pk])).status_code == 302
    assert client.get(reverse("accounts:decide", args=[application.pk])).status_code == 404


def test_colleague_answers(
    applied: Callable[..., Application], sign_in: Callable[[object], Client], alice: Member, bob: Member
) -> None:
    applied(profession="resident", supervisor_email=alice.email)
    reference = Reference.objects.get()
    address = reverse("accounts:vouch", args=[reference.pk])
    assert sign_in(bob).get(address).status_code == 404
    client = sign_in(alice)
    assert address in page_of(client.get(reverse("accounts:me")))
    assert "Choose yes or no." in page_of(client.post(address, {}))
    client.post(address, {"answer": "yes"})
    reference.refresh_from_db()
    assert reference.answer is True
    assert client.get(address).status_code == 404


def test_lapsed_member_applies_again(
    sign_in: Callable[[object], Client], lapsed: Member, vote: Callable[..., object], mods: list[Member]
) -> None:
    client = sign_in(lapsed)
    data = {key: value for key, value in GOOD.items() if key not in ("name", "email")}
    assert client.post(reverse("accounts:apply_again"), data)["Location"] == reverse("accounts:application")
    application = Application.objects.get(member=lapsed)
    decisions.confirm_address(application=application)
    for moderator in mods[:2]:
        vote(application, moderator, True)
    assert Member.objects.get(pk=lapsed.pk).is_verified
