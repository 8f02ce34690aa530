"""What one member may have waiting: past it a sentence says what to do first."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from consults.discussion.comments import add_comment
from consults.exceptions import ChangeRefused
from consults.models import Case, Comment
from imaging import engine, originals, uploads
from imaging.models import Photo
from imaging.renditions import pipeline
from tests.consent import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules(settings: Any) -> dict[str, int]:
    """The rules of this test, small enough to reach."""
    settings.RULES = settings.RULES | {"drafts": 2, "unsealed_bytes": 100, "comments_an_hour": 2}
    return settings.RULES  # type: ignore[no-any-return]


def test_drafts(rules: dict[str, int], client: Client, alice: Member, bob: Member) -> None:
    client.force_login(alice)
    Case.objects.bulk_create(Case(author=alice, title=f"Case {number}") for number in range(2))
    answer = client.get("/cases/new/", follow=True)
    assert answer.redirect_chain[-1][0] == "/cases/mine/"
    assert "Post or delete one" in answer.content.decode()
    Case.objects.filter(title="Case 1").update(state="submitted")
    assert "/pictures/" in client.get("/cases/new/", follow=True).redirect_chain[-1][0]


def accept(owner: Member, size: int) -> Photo:
    return pipeline.accept(owner=owner, data=bytes(size), idempotency_key=uuid4())[0]


def test_bytes(rules: dict[str, int], alice: Member, bob: Member) -> None:
    photo = accept(alice, 60)
    uploads.start(owner=alice, meant_for=uuid4(), idempotency_key=uuid4(), size=30)
    assert originals.unsealed_bytes(alice) == 90
    for ask in (
        lambda: accept(alice, 11),
        lambda: uploads.start(owner=alice, meant_for=uuid4(), idempotency_key=uuid4(), size=11),
    ):
        with pytest.raises(engine.Refused) as refused:
            ask()
        assert "Confirm or remove some of them" in refused.value.sentence
    accept(alice, 10)
    accept(bob, 90)
    Photo.objects.filter(pk=photo.pk).update(state="refused")
    accept(alice, 60)


def test_an_upload_in_pieces_is_counted_once(rules: dict[str, int], alice: Member) -> None:
    key = uuid4()
    uploads.start(owner=alice, meant_for=uuid4(), idempotency_key=key, size=60)
    pipeline.accept(owner=alice, data=bytes(60), idempotency_key=key)


def test_comments(rules: dict[str, int], alice: Member) -> None:
    case = making.published().case
    for words in ("one", "two"):
        add_comment(case=case, by=alice, text=words)
    with pytest.raises(ChangeRefused) as refused:
        add_comment(case=case, by=alice, text="And three.")
    assert "2 comments within an hour" in refused.value.sentence
    Comment.objects.filter(text="one").update(written_at=timezone.now() - timedelta(minutes=61))
    assert add_comment(case=case, by=alice, text="And three.")
