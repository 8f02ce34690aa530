"""A new case is checked, sent, taken back, deleted."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consults.models import Case, CaseState, SecondRead
from tests.consults.new_case import notes, page
from tests.matrix import journey


def test_what_is_missing_keeps_it_from_being_sent(client: Client) -> None:
    case = journey.new_case(client)
    text = page(client, "check", case.pk)
    for sentence in ("Add at least one picture.", "Record the patient"):
        assert sentence in text
    assert journey.submit(client, case)["Location"] == reverse("consults:check", args=[case.pk])
    case.refresh_from_db()
    assert case.state == CaseState.DRAFT


def test_sent_taken_back_and_sent_again(client: Client, draft: Case) -> None:
    for _time in range(2):
        assert journey.submit(client, draft)["Location"] == reverse("consults:mine")
        draft.refresh_from_db()
        assert draft.state == CaseState.SUBMITTED
        assert journey.submit(client, draft).status_code == 404
        answer = client.post(reverse("consults:take_back", args=[draft.pk]))
        assert answer["Location"] == reverse("consults:check", args=[draft.pk])
        draft.refresh_from_db()
        assert draft.state == CaseState.DRAFT
    assert client.post(reverse("consults:take_back", args=[draft.pk]))["Location"] == reverse("consults:mine")


def test_what_was_sent_back_says_why(client: Client, draft: Case, mod1: Member) -> None:
    SecondRead.objects.create(
        case=draft, reader=mod1, decision="sent_back", reason="other", words="Cover the ring.", content_sha256="0" * 64
    )
    Case.objects.update(state=CaseState.RETURNED)
    assert "Cover the ring." in page(client, "check", draft.pk)
    Case.objects.update(state=CaseState.SUBMITTED)
    assert "Cover the ring." not in page(client, "check", draft.pk)


def test_a_deleted_draft_is_gone(client: Client, draft: Case) -> None:
    assert client.post(reverse("consults:discard", args=[draft.pk]))["Location"] == reverse("consults:mine")
    assert not Case.objects.exists()
    assert draft.title not in notes(client)


def test_what_was_released_once_is_kept(client: Client, draft: Case) -> None:
    Case.objects.update(released_at=timezone.now())
    client.post(reverse("consults:discard", args=[draft.pk]))
    assert Case.objects.exists()
