"""The hint before posting: once, beside the words; never a block; and none when the list is missing."""

from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consults.cases.models import CaseState
from consults.discussion.forms import CommentForm
from consults.groups.rooms.forms import TipForm
from consults.hints import hints
from consults.models import Comment
from screening import tone
from tests.consults import reading

CLEAN, RUDE = "A fine plaque.", "What bullshit is this plaque."


def sent(**data: str) -> CommentForm:
    query = QueryDict(mutable=True)
    query.update(data)
    return CommentForm(query)


def test_the_first_sending_gets_a_hint_and_the_second_passes() -> None:
    assert sent(text=CLEAN).is_valid()
    first = sent(text=RUDE)
    assert not first.is_valid()
    assert list(first.errors) == ["text"]
    assert "send it again as it is" in str(first.errors)
    mark = first["hinted"].value()
    again = sent(text=RUDE, hinted=mark)
    assert again.is_valid()
    assert "hinted" not in again.cleaned_data
    assert not sent(text=RUDE + " Really.", hinted=mark).is_valid()
    assert not sent(text=RUDE, hinted="forged").is_valid()


def test_a_plain_mapping_works_too_and_the_hint_stands_beside_its_words() -> None:
    form = TipForm({"title": CLEAN, "text": RUDE})
    assert not form.is_valid()
    assert list(form.errors) == ["text"]
    assert TipForm({"title": CLEAN, "text": RUDE, "hinted": form["hinted"].value()}).is_valid()


def test_words_of_somebody_else_get_none() -> None:
    assert sent(text=CLEAN, quote=RUDE).is_valid()


def test_what_is_deleted_gets_no_hint() -> None:
    assert sent(text=RUDE, delete="1").is_valid()


def test_no_list_no_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(text: str) -> list[tone.Tone]:
        raise tone.WordsMissing

    monkeypatch.setattr(tone, "find", missing)
    assert hints(RUDE) == []


@pytest.mark.django_db
def test_a_comment_is_posted_after_its_hint(alice: Member, bob: Member, sign_in: Callable[[object], Client]) -> None:
    case = reading.case(alice)
    reading.answer(case, bob, "psoriasis")
    client, at = sign_in(bob), reverse("consults:comment", args=[case.pk])
    first = client.post(at, {"text": RUDE})
    assert first.status_code == 422
    assert "read as swearing" in first.content.decode()
    client.post(at, {"text": RUDE, "hinted": first.context["comment_form"]["hinted"].value()})
    comment = Comment.objects.get()
    assert comment.text == RUDE
    client.post(reverse("consults:edit_comment", args=[comment.pk]), {"text": RUDE, "delete": "1"})
    comment.refresh_from_db()
    assert comment.text == ""


@pytest.mark.django_db
def test_a_case_shows_the_hint_before_it_is_sent(alice: Member, sign_in: Callable[[object], Client]) -> None:
    case = reading.case(alice, state=CaseState.DRAFT, note=RUDE)
    page = sign_in(alice).get(reverse("consults:check", args=[case.pk])).content.decode()
    assert "read as swearing" in page
    clean = reading.case(alice, state=CaseState.DRAFT, note=CLEAN)
    assert "read as" not in sign_in(alice).get(reverse("consults:check", args=[clean.pk])).content.decode()
