"""What a case takes: pictures of at least 800 × 600, with every finding and warning said in words."""

import uuid

import pytest
from django.utils import translation

from accounts.models import Member
from audit.models import Event
from imaging import engine
from imaging.engine.container.base import KINDS
from imaging.engine.messages import ADVICE, SENTENCES
from imaging.models import Photo, State
from imaging.renditions import pipeline
from imaging.wording import FOUND, found_in_words, warnings_in_words
from tests.imaging.engine import pictures

LEAST = [(800, 600), (600, 800), (2000, 600)]
TOO_SMALL = [(799, 600), (800, 599), (599, 800), (4000, 599), (64, 48)]


def arrived(alice: Member, size: tuple[int, int]) -> Photo:
    data = pictures.encoded(pictures.chart(*size), "PNG")
    photo, _new = pipeline.accept(owner=alice, data=data, idempotency_key=uuid.uuid4())
    return photo


@pytest.mark.parametrize(
    ("size", "state", "refusal", "logged"),
    [(size, State.REVIEW, "", []) for size in LEAST]
    + [(size, State.REFUSED, SENTENCES["too_small"], ["too_small"]) for size in TOO_SMALL],
)
def test_a_case_takes_no_small_picture(
    alice: Member, size: tuple[int, int], state: State, refusal: str, logged: list[str]
) -> None:
    photo = arrived(alice, size)
    pipeline.inspect(photo_id=photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.refusal) == (state, refusal)
    assert [event.facts["code"] for event in Event.objects.filter(verb="photo.refused")] == logged


def test_what_its_owner_cropped_may_be_small(alice: Member) -> None:
    photo = arrived(alice, (64, 48))
    Photo.objects.filter(pk=photo.pk).update(width=800, height=600)  # as it was before the crop
    pipeline.inspect(photo_id=photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.width, photo.height) == (State.REVIEW, 64, 48)


def test_the_engine_itself_only_warns(alice: Member) -> None:
    seen = engine.inspect(pictures.encoded(pictures.chart(), "PNG"), options=engine.Options(text=False))
    assert "small" in seen.warnings


def test_every_kind_has_a_word_and_every_word_a_kind() -> None:
    assert set(FOUND) == KINDS


def test_a_kind_without_a_word_is_other_data() -> None:
    assert found_in_words(["gps", "news"]) == ["where it was taken", "other data"]


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_advice_is_the_engines_own_sentence(code: str) -> None:
    with translation.override("en"):
        assert warnings_in_words([code, "unknown", code]) == [(code, ADVICE[code])]
