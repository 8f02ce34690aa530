"""Somebody applies with a doctor's address: nothing that they chose lets them in, whatever the doctor clicks."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Application, Draft, EvidencePicture, Member
from accounts.vetting import evidence, joining
from accounts.vetting.confirmation_link import finishing_path
from accounts.vetting.models import sent_context, sent_name
from core import storage
from core.crypto import vault
from tests import factories
from tests.accounts.makers import CLEAN, PASSWORD, claim, join, prepare_evidence

pytestmark = pytest.mark.django_db

DOCTOR = "nova@lake.example"
THEIRS = "seven impostors in a paper boat"


def draft(**changes: Any) -> Draft:
    joining.apply(email=DOCTOR, claim=claim(**changes), picture=CLEAN if changes.get("evidence_kind") else None)
    return Draft.objects.filter(email=DOCTOR).latest("created_at")


def link_in(message: Any) -> str:
    found = re.search(r"http://[^/]+(/\S+)", message.body)
    assert found
    return found[1]


def test_there_is_no_account_before_the_link_is_opened(run_jobs: Callable[[], int]) -> None:
    draft()
    run_jobs()
    assert not Member.objects.exists()
    assert not Application.objects.exists()
    [message] = mail.outbox
    assert "Nova" not in message.subject + message.body
    client = Client()
    assert client.get(link_in(message)).status_code == 200
    assert not Member.objects.exists()  # mail scanners follow links


def test_password_of_the_mailbox_counts_and_no_other(run_jobs: Callable[[], int]) -> None:
    """An impostor's form may carry a password, as the old one did; it goes nowhere."""
    impostor = Client()
    sent = {"email": DOCTOR, "password": THEIRS, **form_data()}
    assert impostor.post(reverse("accounts:apply"), sent).status_code == 302
    run_jobs()
    doctor = Client()
    assert doctor.post(link_in(mail.outbox[0]), {"password": PASSWORD}).status_code == 302
    member = Member.objects.get()
    assert member.check_password(PASSWORD)
    assert not member.check_password(THEIRS)
    assert "_auth_user_id" not in impostor.session
    assert impostor.get(reverse("accounts:application")).status_code == 302


def test_who_is_signed_in_in_that_browser_is_signed_out(sign_in: Callable[[object], Client], alice: Member) -> None:
    client = sign_in(alice)
    client.post(finishing_path(draft().pk), {"password": PASSWORD})
    assert "_auth_user_id" not in client.session


def form_data() -> dict[str, str]:
    said = claim()
    return {
        "name": said.name,
        "country": said.country,
        "profession": str(said.profession),
        "institution": said.institution,
        "registry_name": said.registry_name,
        "registry_url": said.registry_url,
        "registry_number": said.registry_number,
        "evidence_kind": str(said.evidence_kind),
        "guidelines": "on",
    }


def test_owner_sees_every_draft_and_chooses() -> None:
    false = draft(name="Dr Nova", registry_number="FALSE-1", evidence_kind="picture")
    true = draft(registry_number="TRUE-1")
    client = Client()
    page = client.get(finishing_path(false.pk)).content.decode()
    assert "FALSE-1" in page
    assert "TRUE-1" in page
    unchosen = client.post(finishing_path(false.pk), {"password": PASSWORD})
    assert unchosen.status_code == 422
    assert "Choose the application that you sent." in unchosen.content.decode()
    client.post(finishing_path(false.pk), {"password": PASSWORD, "draft": str(true.pk)})
    application = Application.objects.get()
    assert application.registry_number == "TRUE-1"
    assert application.address_confirmed_at is not None
    assert not Draft.objects.exists()


def test_picture_of_a_draft_goes_along_or_is_destroyed(run_jobs: Callable[[], int], mod1: Member) -> None:
    false, true = draft(evidence_kind="picture"), draft(evidence_kind="picture")
    prepare_evidence(joining.finish(draft=true, password=PASSWORD))
    run_jobs()
    assert evidence.read(picture=EvidencePicture.objects.get(), by=mod1) == CLEAN.data
    with pytest.raises((vault.KeyDestroyed, FileNotFoundError)):
        storage.get_sealed(
            storage.evidence(), name=sent_name(false.pk), key_id=false.pk, context=sent_context(false.pk, false.pk)
        )


def test_picture_of_an_open_draft_is_kept() -> None:
    kept = draft(evidence_kind="picture")
    evidence.destroy(kept.pk)
    evidence.destroy_orphans()
    context = sent_context(kept.pk, kept.pk)
    assert (
        storage.get_sealed(storage.evidence(), name=sent_name(kept.pk), key_id=kept.pk, context=context) == CLEAN.data
    )


def test_owner_throws_everything_away() -> None:
    first = draft(evidence_kind="picture")
    draft()
    response = Client().post(finishing_path(first.pk), {"mine": "none"})
    assert response.status_code == 200
    assert not Draft.objects.exists()
    assert not Member.objects.exists()
    assert Client().get(finishing_path(first.pk)).status_code == 404


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("", "Choose a password."), ("short", "at least 15 characters"), ("dr nova lake hospital", "easy to guess")],
)
def test_bad_password_is_refused_with_a_sentence(password: str, sentence: str) -> None:
    response = Client().post(finishing_path(draft().pk), {"password": password})
    assert response.status_code == 422
    assert sentence in re.sub(r"\s+", " ", response.content.decode())
    assert not Member.objects.exists()


def test_link_works_once() -> None:
    one = draft()
    joining.finish(draft=one, password=PASSWORD)
    response = Client().post(finishing_path(one.pk), {"password": THEIRS})
    assert response.status_code == 404
    assert Member.objects.get().check_password(PASSWORD)
    with pytest.raises(joining.AlreadyDecided):
        joining.finish(draft=one, password=THEIRS)


def test_account_made_meanwhile_is_not_taken_over() -> None:
    one = draft()
    factories.member(email=DOCTOR, password=PASSWORD)
    response = Client().post(finishing_path(one.pk), {"password": THEIRS}, follow=True)
    assert "There is an account for this address already." in response.content.decode()
    assert Member.objects.get().check_password(PASSWORD)


def test_drafts_of_an_address_are_few_and_end_with_their_link() -> None:
    for _each in range(joining.MAX_DRAFTS + 2):
        draft()
    assert Draft.objects.count() == joining.MAX_DRAFTS
    Draft.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert joining.discard_old() == joining.MAX_DRAFTS


def test_nobody_reads_a_draft(sign_in: Callable[[object], Client], mod1: Member) -> None:
    draft(name="Unread Draft")
    assert "Unread Draft" not in sign_in(mod1).get(reverse("accounts:queue")).content.decode()


def test_join_helper_makes_what_the_pages_make() -> None:
    assert join(email=DOCTOR, said=claim()).member.email == DOCTOR
