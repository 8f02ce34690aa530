"""The rendering that an owner looks at: made by a job, waited for a second at most, never older than the masks."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from core.crypto import vault
from core.models import Job
from imaging import engine, originals
from imaging.models import Photo
from imaging.review import confirmation, results
from tests.imaging import making

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff a picture with its masks"


@pytest.fixture
def photo(db: None, monkeypatch: pytest.MonkeyPatch) -> Photo:
    monkeypatch.setattr(results, "WAIT_SECONDS", 0.0)
    made = engine.Rendition("preview", JPEG, "image/jpeg", 1, 1, "")
    monkeypatch.setattr(confirmation, "masked_preview", lambda *, photo: made)
    return making.photo()


def fresh(photo: Photo) -> Photo:
    return Photo.objects.get(pk=photo.pk)


def test_a_request_asks_and_a_job_renders(photo: Photo, run_jobs: Callable[[], int]) -> None:
    assert results.look(photo=photo) is None
    assert results.look(photo=photo) is None
    assert run_jobs() == 1
    assert results.look(photo=fresh(photo)) == JPEG
    assert run_jobs() == 0, "what is there is not made again"


def test_other_masks_are_rendered_anew(photo: Photo, run_jobs: Callable[[], int]) -> None:
    results.look(photo=photo)
    run_jobs()
    Photo.objects.filter(pk=photo.pk).update(mask_revision=F("mask_revision") + 1)
    assert results.look(photo=fresh(photo)) is None
    run_jobs()
    assert results.look(photo=fresh(photo)) == JPEG


def test_a_request_waits_for_a_second_and_takes_what_came(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "WAIT_SECONDS", 1.0)
    began = time.monotonic()
    assert results.look(photo=photo) is None
    assert 0.9 < time.monotonic() - began < 3
    monkeypatch.setattr(results.time, "sleep", lambda _seconds: results.render(photo_id=photo.pk))
    assert results.look(photo=photo) == JPEG


def test_a_refusal_is_told_until_the_masks_change(
    photo: Photo, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "masked_preview", _refuses("bad_window"))
    results.look(photo=photo)
    run_jobs()
    with pytest.raises(engine.Refused) as refused:
        results.look(photo=fresh(photo))
    assert refused.value.code == "bad_window"


def test_a_machine_in_trouble_tries_again(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirmation, "masked_preview", _refuses("detector_failed"))
    with pytest.raises(engine.Refused):
        results.render(photo_id=photo.pk)
    assert fresh(photo).result_revision is None


def _refuses(code: str) -> Callable[..., engine.Rendition]:
    def refuse(**_words: object) -> engine.Rendition:
        raise engine.Refused(code)

    return refuse


def test_nothing_is_rendered_of_what_is_gone(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.destroy(photo.original_key)
    results.render(photo_id=photo.pk)
    assert fresh(photo).result_revision is None


def test_it_goes_with_its_original(photo: Photo, run_jobs: Callable[[], int]) -> None:
    results.look(photo=photo)
    run_jobs()
    originals.destroy(photo=photo)
    with pytest.raises((vault.KeyDestroyed, FileNotFoundError)):
        originals.read_result(photo=photo, revision=fresh(photo).mask_revision)


@pytest.mark.parametrize(("seconds", "too_many"), [(10, True), (70, False)])
def test_so_many_a_minute(photo: Photo, settings: object, seconds: float, too_many: bool) -> None:
    settings.RULES = settings.RULES | {"previews_a_minute": 2}  # type: ignore[attr-defined]
    for _number in range(2):
        Job.objects.create(kind=results.RENDER, subject=photo.pk, state="done")
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=seconds))
    if too_many:
        with pytest.raises(results.TooMany) as refused:
            results.look(photo=photo)
        assert "Wait a minute" in refused.value.sentence
    else:
        assert results.look(photo=photo) is None
