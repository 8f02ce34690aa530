"""A device handed over: one page, the exact pictures, a tick a use, a signature, and no way out but PIN or sign-out."""

import re
import threading
import uuid
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent import attempt_limits
from consent.forms import publishing
from consent.forms.publishing import current_forms
from consent.models import Assent, Consent, Shown, Signature, Status, Use
from consent.models.forms import Form
from consent.records.lookup import find_by_code
from consults.cases import gate
from consults.cases.consenting.handover import state
from consults.models import Case, CaseState, Group, Membership
from core import counts
from core.crypto import vault
from imaging import originals
from imaging.models import Photo, Rendition
from imaging.models import State as PhotoState
from tests import factories
from tests.consults import reading
from tests.consults.new_case import CODE
from tests.imaging.engine import pictures
from tests.matrix import journey

PIN = "2468"
JPEG = pictures.encoded(pictures.chart(), "JPEG")
PAGE = "/hand-over/"
BACK = "/hand-over/back/"


@pytest.fixture
def draft(alice: Member) -> Case:
    """A draft of hers without a consent."""
    case = reading.case(alice, state=CaseState.DRAFT, data=JPEG)
    Case.objects.filter(pk=case.pk).update(consent=None)
    Consent.objects.all().delete()
    case.refresh_from_db()
    return case


def form(language: str = "en") -> Form:
    found = current_forms(language=language).first()
    assert found is not None
    return found


def start(client: Client, case: Case, **changes: Any) -> HttpResponse:
    fields = {
        "form": str(form().pk),
        "capacity": "capable",
        "relation": "self",
        "shown": "shown",
        "pin": PIN,
        "pin_again": PIN,
    }
    return client.post(reverse("consults:hand_over_start", args=[case.pk]), fields | changes)


CHILD = {"capacity": "child", "relation": "guardian", "authority": "mother", "assent": "ask"}
CHILD["majority_year"] = str(timezone.localdate().year + 3)


def answer(client: Client, action: str = "agree", **changes: Any) -> HttpResponse:
    fields = {"action": action, "uses": ["all_members"], "signature": journey.SIGNATURE}
    return client.post(PAGE, fields | changes)


def take_back(client: Client, pin: str = PIN) -> HttpResponse:
    return client.post(BACK, {"pin": pin})


def display(case: Case) -> Rendition:
    return Rendition.objects.get(photo__placement__case=case, name="display")


# --- From hand to hand


def test_a_patient_consents_and_the_code_comes_with_the_device(client: Client, draft: Case, alice: Member) -> None:
    answered = start(client, draft)
    assert (answered["Location"], answered["Clear-Site-Data"]) == (PAGE, '"cache"')
    shown = client.get(PAGE).content.decode()
    assert form().title in shown
    assert reverse("consults:picture", args=[display(draft).pk]) in shown
    assert " checked>" not in shown  # every use is No until ticked

    assert answer(client, uses=["all_members", "research"])["Location"] == PAGE
    draft.refresh_from_db()
    given = draft.consent
    assert given is not None
    assert (given.status, given.signature, given.shown) == (Status.ACTIVE, Signature.DRAWN, Shown.SHOWN)
    assert set(given.uses.values_list("use", flat=True)) == {"all_members", "research"}
    assert [row.sha256 for row in given.shown_pictures.all()] == [display(draft).sha256]
    assert given.code_sha256 is None
    thanks = client.get(PAGE).content.decode()
    assert "Thank you" in thanks
    assert "/m/" not in thanks
    assert gate.blockers(draft) == []

    receipt = journey.code_page(client, take_back(client))
    (code,) = set(CODE.findall(receipt.content.decode()))
    assert find_by_code(code) == given
    pdf = client.post(reverse("consults:receipt", args=[given.pk]), follow=True)
    assert pdf.content.startswith(b"%PDF")
    given.refresh_from_db()
    assert given.copy_given
    assert client.get("/cases/").status_code == 200
    assert client.get(PAGE)["Location"] == reverse("consults:mine")
    verbs = list(Event.objects.filter(actor_id=alice.pk).values_list("verb", flat=True))
    assert [verb for verb in verbs if verb.startswith("handover")] == ["handover.begun", "handover.ended"]


def test_the_patient_chooses_the_language_and_signs_that_text(client: Client, draft: Case) -> None:
    start(client, draft)
    client.post(PAGE, {"action": "language", "language": "tr"})
    shown = client.get(PAGE).content.decode()
    assert form("tr").title in shown
    assert '<html lang="tr"' in shown
    assert form("en").title not in shown
    answer(client)
    assert Consent.objects.get().form == form("tr")


def test_another_language_keeps_ticks_and_signature_and_records_nothing(client: Client, draft: Case) -> None:
    start(client, draft)
    signature = "data:image/png;base64,iVBORw0KGgo="
    shown = client.post(PAGE, {"language": "tr", "uses": ["all_members", "nonsense"], "signature": signature})
    text = shown.content.decode()
    assert (shown.status_code, '<html lang="tr"' in text) == (200, True)
    assert re.search(r'name="uses"\s+value="all_members"[^>]* checked', text)
    assert len(re.findall(r'name="uses"[^>]* checked', text)) == 1
    assert f'value="{signature}"' in text
    assert not Consent.objects.exists()
    assert signature not in client.get(PAGE).content.decode()  # it was only ever on that page


@pytest.mark.parametrize(
    ("action", "changes", "status", "assent"),
    [
        ("agree", {"child_agrees": "on"}, Status.ACTIVE, Assent.AGREED),
        ("agree", {}, None, None),
        ("child_refuses", {}, Status.REFUSED, Assent.OBJECTED),
        ("refuse", {}, Status.REFUSED, Assent.NOT_ASKED),
    ],
)
def test_a_child_has_the_last_word(
    client: Client, draft: Case, action: str, changes: dict[str, str], status: Status | None, assent: Assent | None
) -> None:
    Case.objects.filter(pk=draft.pk).update(age_band="13-17")
    assert start(client, draft, **CHILD)["Location"] == PAGE
    answer(client, action, **changes)
    draft.refresh_from_db()
    found = draft.consent
    assert (found and found.status, found and found.assent) == (status, assent)


@pytest.mark.parametrize("action", ["refuse", "child_refuses"])
def test_a_refusal_is_recorded_and_hides_the_pictures(client: Client, draft: Case, action: str) -> None:
    picture = reverse("consults:picture", args=[display(draft).pk])
    assert client.get(picture).status_code == 200
    start(client, draft)
    answer(client, action)
    assert client.get(picture).status_code == 404  # on the patient's page already
    assert take_back(client)["Location"] == reverse("consults:consent", args=[draft.pk])
    draft.refresh_from_db()
    assert draft.consent is not None
    assert (draft.consent.status, draft.consent.uses.count()) == (Status.REFUSED, 0)
    assert [blocker.code for blocker in gate.blockers(draft)] == ["consent_refused"]
    assert client.get(picture).status_code == 404
    assert "The patient said no" in client.get(reverse("consults:consent", args=[draft.pk])).content.decode()
    client.post(reverse("consults:discard", args=[draft.pk]))
    assert not Case.objects.filter(pk=draft.pk).exists()


def test_a_refused_picture_is_not_taken_back_to_be_looked_at(client: Client, draft: Case) -> None:
    photo = Photo.objects.get()
    vault.create_key(photo.original_key)
    originals.save_preview(photo=photo, data=b"unmasked")
    Photo.objects.update(state=PhotoState.REVIEW)
    at = [draft.pk, photo.pk]
    assert client.get(reverse("consults:preview", args=at)).content == b"unmasked"
    Case.objects.update(consent=reading.consent(draft.author, status=Status.REFUSED, signature="not_signed"))
    for name in ("preview", "result"):
        assert client.get(reverse(f"consults:{name}", args=at)).status_code == 404
    assert client.get(reverse("consults:studio", args=at))["Location"] == reverse("consults:consent", args=[draft.pk])


def test_a_refusal_does_not_undo_a_consent_given_before(client: Client, alice: Member) -> None:
    case = reading.case(alice, state=CaseState.DRAFT, data=JPEG)
    start(client, case)
    answer(client, "refuse")
    before, case = case.consent, Case.objects.get(pk=case.pk)
    assert case.consent == before
    assert Consent.objects.filter(status=Status.REFUSED).count() == 1


def test_a_publication_is_named_before_and_read_by_the_patient(client: Client, draft: Case) -> None:
    start(client, draft, publication=" Atlas  of itch ")
    assert "One named publication: “Atlas of itch”" in client.get(PAGE).content.decode()
    answer(client, uses=["all_members", "publication"], publication="Another one")
    draft.refresh_from_db()
    assert draft.consent is not None
    assert set(draft.consent.uses.values_list("use", "publication")) == {
        ("all_members", ""),
        ("publication", "Atlas of itch"),
    }


# --- What is not recorded


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": ""},
        {"signature": "data:text/html;base64,PGI+"},
        {"uses": []},
        {"uses": ["research"]},
        {"uses": ["named_group"]},
        {"uses": ["advertising"]},
        {"uses": ["all_members", "publication"]},
        {"uses": ["all_members", "publication"], "publication": "A journal"},
    ],
)
def test_what_is_no_consent(client: Client, draft: Case, wrong: dict[str, Any]) -> None:
    before = Consent.objects.count()
    start(client, draft)
    assert answer(client, **wrong).status_code == 422
    assert Consent.objects.count() == before
    assert client.get("/cases/")["Location"] == PAGE


def test_a_group_is_named_and_offered_only_where_it_is_meant(client: Client, draft: Case, alice: Member) -> None:
    group = Group.objects.create(name="Bullous diseases")
    Membership.objects.create(group=group, member=alice)
    Case.objects.filter(pk=draft.pk).update(group=group)
    start(client, draft)
    assert "Bullous diseases" in client.get(PAGE).content.decode()
    answer(client, uses=["named_group"])
    draft.refresh_from_db()
    assert draft.consent is not None
    assert list(draft.consent.uses.values_list("use", "scope")) == [(Use.NAMED_GROUP, group.pk)]


def test_pictures_that_changed_meanwhile_are_not_signed_for(client: Client, draft: Case) -> None:
    start(client, draft)
    Rendition.objects.filter(pk=display(draft).pk).update(sha256="0" * 64)
    assert answer(client).status_code == 409
    assert not Consent.objects.exists()


def test_a_case_sent_meanwhile_takes_nothing(client: Client, draft: Case) -> None:
    start(client, draft)
    Case.objects.filter(pk=draft.pk).update(state=CaseState.SUBMITTED)
    assert answer(client).status_code == 409


def test_not_shown_is_said(client: Client, draft: Case) -> None:
    start(client, draft, shown="not_shown")
    shown = client.get(PAGE).content.decode()
    assert "No picture is shown to you here" in shown
    assert client.get(reverse("consults:picture", args=[display(draft).pk])).status_code == 404
    answer(client)
    draft.refresh_from_db()
    assert draft.consent is not None
    assert (draft.consent.shown, draft.consent.shown_pictures.count()) == (Shown.NOT_SHOWN, 0)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 302),
        (CHILD, 302),
        (CHILD | {"assent": "too_young"}, 422),  # the case says 60-69
        ({"interpreter": "on"}, 422),
        ({"interpreter": "on", "witnessed": "on"}, 302),
        ({"cannot_read": "on"}, 422),
        ({"capacity": "sedated"}, 422),
        ({"capacity": "fluctuating"}, 422),
        ({"capacity": "child", "relation": "guardian", "assent": "ask"}, 422),
        ({"capacity": "lacks", "relation": "self"}, 422),
        ({"pin": "12"}, 422),
        ({"pin": "abcd", "pin_again": "abcd"}, 422),
        ({"pin_again": "1357"}, 422),
        ({"publication": "x" * 161}, 422),
        ({"publication": "Letter, 0532 123 45 67"}, 422),
        ({"authority": "Jane Canary, 0532 123 45 67", "capacity": "lacks", "relation": "guardian"}, 422),
    ],
)
def test_what_is_settled_before(client: Client, draft: Case, changes: dict[str, str], status: int) -> None:
    Case.objects.filter(pk=draft.pk).update(age_band="13-17" if changes.get("assent") == "too_young" else "60-69")
    assert start(client, draft, **changes).status_code == status
    assert (state.SESSION_KEY in client.session) is (status == 302)


def test_without_masked_pictures_none_were_shown(client: Client, alice: Member) -> None:
    case = Case.objects.create(author=alice)
    assert start(client, case).status_code == 422
    assert start(client, case, shown="not_shown").status_code == 302


# --- No way out


def every_address() -> list[str]:
    """Each pattern of the site with made-up ids."""

    def walk(resolver: URLResolver, prefix: str = "") -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            route = prefix + str(entry.pattern)
            found += walk(entry, route) if isinstance(entry, URLResolver) else [route] * isinstance(entry, URLPattern)
        return found

    made = []
    for route in walk(get_resolver()):
        path = route.replace("<uuid:pk>", str(uuid.uuid4())).replace("<uuid:photo_pk>", str(uuid.uuid4()))
        made.append("/" + path.replace("<", "").replace(">", "").replace("^", "").replace("$", ""))
    return made


@pytest.mark.parametrize("method", ["get", "post", "head", "put"])
def test_every_address_leads_back_to_the_patients_page(client: Client, draft: Case, method: str) -> None:
    start(client, draft)
    escaped = []
    for address in [*every_address(), "/nothing/", "/../", "//cases/", f"/cases/{draft.pk}/consent/?next=/cases/"]:
        if address in (PAGE, BACK) or (address == reverse("account_logout") and method == "post"):
            continue
        got = getattr(client, method)(address)
        held = got.status_code == 302 and got["Location"] == PAGE
        if not held and not (got.status_code == 404 and address.startswith("/m/") and not got.content):
            escaped.append((address, got.status_code))
    assert escaped == []
    assert state.SESSION_KEY in client.session


def test_only_the_very_pictures_are_sent(client: Client, draft: Case, alice: Member) -> None:
    other = reading.case(alice, data=JPEG)
    start(client, draft)
    sizes = {name: Rendition.objects.get(photo__placement__case=draft, name=name).pk for name in ("full", "display")}
    got = {
        "shown": client.get(reverse("consults:picture", args=[sizes["display"]])).status_code,
        "larger": client.get(reverse("consults:picture", args=[sizes["full"]])).status_code,
        "of another case": client.get(reverse("consults:picture", args=[display(other).pk])).status_code,
    }
    assert got == {"shown": 200, "larger": 404, "of another case": 404}


def test_an_older_tab_is_sent_away_too(client: Client, draft: Case) -> None:
    start(client, draft)
    got = client.get("/cases/", headers={"HX-Request": "true"})
    assert (got.status_code, got["HX-Redirect"], got.content) == (200, PAGE, b"")


def test_another_browser_of_the_clinician_is_free(client: Client, draft: Case, alice: Member) -> None:
    start(client, draft)
    assert journey.client_of(alice).get("/cases/").status_code == 200


def test_signing_out_ends_it_and_records_nothing(client: Client, draft: Case, alice: Member) -> None:
    before = Consent.objects.count()
    start(client, draft)
    client.post(reverse("account_logout"))
    assert client.get(PAGE).status_code == 302
    client.force_login(alice)
    assert client.get("/cases/").status_code == 200
    assert Consent.objects.count() == before


def test_a_suspended_clinician_is_out_at_once(client: Client, draft: Case, alice: Member) -> None:
    start(client, draft)
    Member.objects.filter(pk=alice.pk).update(standing="suspended")
    assert client.get(PAGE).status_code == 403
    assert state.SESSION_KEY not in client.session


# --- The PIN


def test_the_pin_is_kept_as_a_hash(client: Client, draft: Case) -> None:
    start(client, draft)
    assert PIN not in str({key: value for key, value in client.session[state.SESSION_KEY].items() if key != "id"})


def test_wrong_pins_are_counted(client: Client, draft: Case) -> None:
    start(client, draft)
    for _try in range(attempt_limits.WRONG_PINS.most):
        assert take_back(client, "1111").status_code == 422
    assert take_back(client, "1111").status_code == 429
    assert take_back(client).status_code == 429  # the right one too
    assert client.get("/cases/")["Location"] == PAGE


def test_a_pin_is_counted_before_it_is_looked_at(client: Client, draft: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    start(client, draft)
    counted = []

    def slow(handover: state.Handover, pin: str) -> bool:
        first = replace(attempt_limits.WRONG_PINS, most=1)
        counted.append(counts.seconds_to_wait(limit=first, who=handover.id) > 0)
        return False

    monkeypatch.setattr(state.Handover, "matches", slow)
    take_back(client, "1111")
    assert counted == [True]


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_of_sixty_pins_at_once_no_more_are_judged_than_one_after_another(
    client: Client, draft: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(client, draft)
    judged = []
    monkeypatch.setattr(state.Handover, "matches", lambda handover, pin: bool(judged.append(pin)))
    statuses = []
    begin = threading.Barrier(60)

    def one(number: int) -> None:
        begin.wait()
        try:
            device = Client()
            device.cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
            statuses.append(take_back(device, f"{number:04}").status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert (len(judged), statuses.count(422), statuses.count(429)) == (5, 5, 55)


@pytest.mark.usefixtures("no_counts")
def test_no_pin_is_judged_while_tries_cannot_be_counted(client: Client, draft: Case) -> None:
    start(client, draft)
    answered = take_back(client)
    assert (answered.status_code, "Closed for a moment" in answered.content.decode()) == (503, True)
    assert client.get("/cases/")["Location"] == PAGE


def test_coming_back_without_an_answer(client: Client, draft: Case) -> None:
    start(client, draft)
    assert take_back(client)["Location"] == reverse("consults:consent", args=[draft.pk])
    draft.refresh_from_db()
    assert draft.consent is None
    assert take_back(client)["Location"] == reverse("consults:mine")


def test_a_code_that_was_never_issued_is_issued_later(client: Client, draft: Case) -> None:
    start(client, draft)
    answer(client)
    client.post(reverse("account_logout"))
    client.force_login(draft.author)
    address = reverse("consults:consent", args=[draft.pk])
    assert "no receipt" in client.get(address).content.decode()
    assert CODE.search(client.post(address, {"action": "code"}, follow=True).content.decode())
    assert client.post(address, {"action": "code"})["Location"] == address


def test_no_code_without_a_consent(client: Client, draft: Case) -> None:
    address = reverse("consults:consent", args=[draft.pk])
    assert client.post(address, {"action": "code"})["Location"] == address


def test_an_answer_given_twice_is_one(client: Client, draft: Case) -> None:
    start(client, draft)
    answer(client)
    answer(client)
    answer(client, "refuse")
    draft.refresh_from_db()
    assert draft.consent == Consent.objects.get()
    assert Consent.objects.get().status == Status.ACTIVE


def test_who_may_not_prepare_one(db: None, draft: Case) -> None:
    for name in ("bob", "mod1", "student"):
        answered = start(journey.client_of(factories.person(name)), draft)
        assert answered.status_code == 404


# --- What the patient sees


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({}, "pictures of you with"),
        (CHILD, "pictures of your child with"),
        (
            {"capacity": "lacks", "relation": "representative", "authority": "court-appointed"},
            "pictures of the person you speak for with",
        ),
        (
            {"capacity": "deceased", "relation": "next_of_kin", "authority": "daughter"},
            "pictures of the person you speak for with",
        ),
    ],
)
def test_each_reader_reads_a_text_of_their_own(client: Client, draft: Case, fields: dict[str, str], title: str) -> None:
    Case.objects.filter(pk=draft.pk).update(age_band="13-17")
    assert start(client, draft, **fields)["Location"] == PAGE
    english = client.get(PAGE).content.decode()
    assert title in english
    assert "This form is written to the patient" not in english
    client.post(PAGE, {"action": "language", "language": "tr"})
    turkish = client.get(PAGE).content.decode()
    assert "onam belgenizdeki" in turkish
    assert ("Çocuğunuzun adı" in turkish) is (fields is CHILD)
    client.post(PAGE, {"action": "language", "language": "en"})
    answer(client, child_agrees="on")
    given = Consent.objects.get()
    assert title in given.form.title
    assert given.form.language == "en"


def test_a_form_without_a_text_for_guardians_says_what_you_means(client: Client, draft: Case, officer: Member) -> None:
    Case.objects.filter(pk=draft.pk).update(age_band="13-17")
    words = "Pictures of you.\n\n" + "- A statement of yours.\n" * 6
    texts = {language: publishing.Text(f"Own {language}", words) for language in publishing.LANGUAGES}
    own = publishing.create_draft(code="harbour", texts=texts, by=officer)
    publishing.publish(form=own, confirmed=publishing.REQUIRED, by=officer)
    start(client, draft, **CHILD, form=str(own.pk))
    assert "it means your child" in client.get(PAGE).content.decode()


def test_the_patient_sees_the_words_and_who_asks(client: Client, draft: Case, alice: Member) -> None:
    Case.objects.filter(pk=draft.pk).update(title="Rings on the <forearm>", note="Since three weeks.\nItches.")
    Member.objects.filter(pk=alice.pk).update(name="Alice Example", institution="Harbour Clinic")
    start(client, draft)
    shown = client.get(PAGE).content.decode()
    for words in (
        "Rings on the &lt;forearm&gt;",
        "Since three weeks.",
        "Alice Example",
        "Harbour Clinic",
        "Research: doctors or scientists study the pictures",
        "Access from other countries: members who live in another country",
    ):
        assert words in shown
    Case.objects.filter(pk=draft.pk).update(title="", note="")
    Member.objects.filter(pk=alice.pk).update(institution="")
    bare = client.get(PAGE).content.decode()
    assert "There is no title yet." in bare
    assert "There is no description yet." in bare
    assert "<dt>Clinic</dt>" not in bare
