"""Every mail is in the language of its member, whatever the worker or the request that caused it speaks."""

from pathlib import Path

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import translation

from accounts.models import Member
from notifications import mail
from tests import factories


@pytest.fixture
def alice(db: None) -> Member:
    """A member."""
    return factories.person("alice")


KINDS = sorted(path.stem for path in Path("templates/notifications/mail").glob("*.txt"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "tr"])
def test_every_kind_of_mail(kind: str, language: str, alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(language=language)
    for around in ("en", "tr"):
        with translation.override(around):
            mail.send(mail.Notice(kind, alice.email, "/"))
    one, other = outbox.outbox
    assert (one.subject, one.body) == (other.subject, other.body)
    Member.objects.filter(pk=alice.pk).update(language="tr" if language == "en" else "en")
    mail.send(mail.Notice(kind, alice.email, "/"))
    third = outbox.outbox[2]
    assert (third.subject, third.body) != (one.subject, one.body)


def test_a_stranger_is_written_to_in_the_language_of_the_site(db: None) -> None:
    with translation.override("tr"):
        mail.send(mail.Notice("reset", "nobody@lake.example", "/"))
    with translation.override("en"):
        mail.send(mail.Notice("reset", "nobody@lake.example", "/"))
    assert outbox.outbox[0].body == outbox.outbox[1].body


def test_an_account_begins_with_the_language_of_its_page() -> None:
    for active, stored in (("tr", "tr"), ("tr-TR", "tr"), ("en-GB", "en"), ("de", "en")):
        with translation.override(active):
            assert Member().language == stored


def test_a_choice_of_language_is_kept_for_the_mails(client: Client, alice: Member) -> None:
    client.force_login(alice)
    for chosen, stored in (("tr", "tr"), ("xx", "tr"), ("", "tr"), ("en", "en")):
        client.post("/language/", {"language": chosen, "next": "/"})
        alice.refresh_from_db()
        assert alice.language == stored
    anonymous = Client()
    assert anonymous.post("/language/", {"language": "tr"}).status_code == 302


def test_signing_in_takes_over_the_language_of_the_page(alice: Member) -> None:
    with translation.override("tr"):
        Client().force_login(alice)
    alice.refresh_from_db()
    assert alice.language == "tr"
