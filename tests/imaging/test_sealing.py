"""What lies in the sealed files: the mask where it was drawn, nothing of what it hides, nothing else than reviewed."""

import hashlib
import io
from collections.abc import Callable

import numpy as np
import piexif
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import Member
from core import storage
from core.crypto import vault
from imaging import engine, originals
from imaging.engine.masking.paint import BAR
from imaging.models import Photo, Rendition, State
from imaging.renditions import pipeline
from imaging.review import confirmation
from imaging.states import Moved
from tests.consults import reading
from tests.imaging import making
from tests.imaging.engine import pictures
from tests.matrix import journey

WIDE, HIGH = 640, 480


def seal(photo: Photo) -> Photo:
    pipeline.seal(photo_id=photo.pk)
    photo.refresh_from_db()
    assert photo.state == State.SEALED
    return photo


def is_bar(pixels: np.ndarray) -> bool:
    """Whether all pixels have the bar's colour; whoever asks stays a JPEG block away from its edge."""
    return bool(np.all(np.abs(pixels.astype(int) - BAR) <= 4))


def has_bar(pixels: np.ndarray) -> bool:
    """Whether any pixel has the bar's colour."""
    return bool(np.any(np.all(np.abs(pixels.astype(int) - BAR) <= 4, axis=-1)))


# --- Where the mask is


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_mask_lies_where_the_upright_picture_has_it(db: None, orientation: int) -> None:
    upright = pictures.chart(HIGH, WIDE) if orientation in (6, 8) else pictures.chart(WIDE, HIGH)
    # How a camera held sideways stores what it saw.
    stored = np.rot90(upright, {1: 0, 3: 2, 6: 1, 8: -1}[orientation])
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: orientation}})
    height, width = upright.shape[:2]
    photo = making.photo(
        pictures.encoded(np.ascontiguousarray(stored), "JPEG", quality=95, exif=exif),
        state=State.CONFIRMED,
        size=(width, height),
    )
    making.region(photo, x=40.0, y=60.0, width=100.0, height=50.0)
    seal(photo)
    out = making.pixels(making.full(photo))
    assert out.shape == upright.shape
    assert is_bar(out[69:101, 49:131])
    around = out.copy()
    around[50:120, 30:150] = upright[50:120, 30:150]
    assert not has_bar(around)
    assert np.abs(around.astype(int) - upright).mean() < 3
    assert piexif.load(pipeline.read_rendition(rendition=making.full(photo)))["0th"] == {}


@pytest.mark.parametrize("name", Rendition.Name.values)
def test_every_size_is_masked_and_clean(db: None, name: str) -> None:
    photo = making.photo(pictures.encoded(pictures.chart(2400, 1800), "JPEG"), state=State.CONFIRMED, size=(2400, 1800))
    making.region(photo, x=600.0, y=450.0, width=600.0, height=450.0)
    seal(photo)
    rendition = photo.renditions.get(name=name)
    data = pipeline.read_rendition(rendition=rendition)
    engine.verify(data)
    assert (rendition.sha256, rendition.size) == (hashlib.sha256(data).hexdigest(), len(data))
    out = making.pixels(rendition)
    scale = out.shape[1] / 2400
    x0, x1, y0, y1 = (round(edge * scale) for edge in (600, 1200, 450, 900))
    assert is_bar(out[y0 + 9 : y1 - 9, x0 + 9 : x1 - 9])
    assert not has_bar(out[:, : x0 - 9])


@pytest.mark.parametrize(
    ("choice", "reason", "covered"),
    [
        ("suggested", "", True),
        ("accepted", "", True),
        ("drawn", "", True),
        ("check", "", False),
        ("dismissed", "a shadow", False),
    ],
)
def test_what_was_decided_is_what_is_painted(db: None, choice: str, reason: str, covered: bool) -> None:
    photo = making.photo(pictures.encoded(pictures.chart(WIDE, HIGH), "PNG"), state=State.CONFIRMED)
    making.region(photo, choice=choice, reason=reason)
    seal(photo)
    assert is_bar(making.pixels(making.full(photo))[69:101, 49:131]) is covered


def test_a_crop_is_cut_off(db: None) -> None:
    photo = making.photo(pictures.encoded(pictures.chart(WIDE, HIGH), "PNG"), state=State.CONFIRMED)
    Photo.objects.update(crop=[320, 240, 200, 100])
    seal(photo)
    out = making.pixels(making.full(photo))
    assert out.shape == (100, 200, 3)
    assert np.all(out == (240, 240, 240))


# --- I14: what a mask hides is not in the file


@pytest.mark.parametrize("style", ["bar", "veil"])
@pytest.mark.parametrize("shape", ["box", "ellipse", "band"])
def test_the_pixels_under_a_mask_do_not_matter(db: None, style: str, shape: str) -> None:
    digests = []
    for seed in (1, 2):
        pixels = pictures.noise(WIDE, HIGH, seed=0)
        # Well inside every shape: the hidden part differs, the rest is the same.
        pixels[215:235, 250:350] = pictures.noise(100, 20, seed=seed)
        photo = making.photo(pictures.encoded(pixels, "PNG"), state=State.CONFIRMED)
        making.region(photo, style=style, shape=shape, x=200.0, y=175.0, width=200.0, height=100.0)
        seal(photo)
        digests.append(list(photo.renditions.order_by("name").values_list("name", "sha256")))
    assert digests[0] == digests[1]
    assert len(digests[0]) == 3


def test_without_a_mask_they_do(db: None) -> None:
    digests = set()
    for seed in (1, 2):
        photo = making.photo(pictures.encoded(pictures.noise(64, 48, seed=seed), "PNG"), state=State.CONFIRMED)
        digests.add(seal(photo).renditions.get(name="full").sha256)
    assert len(digests) == 2


# --- After sealing


def test_the_original_is_destroyed_and_sealing_again_changes_nothing(db: None) -> None:
    photo = making.photo(pictures.encoded(pictures.chart(), "JPEG"), state=State.CONFIRMED)
    assert len(storage.originals().listdir("")[1]) == 2
    seal(photo)
    assert storage.originals().listdir("")[1] == []
    assert not vault.has_key(photo.original_key)
    before = list(photo.renditions.order_by("name").values())
    seal(photo)
    assert list(photo.renditions.order_by("name").values()) == before
    assert len(storage.renditions().listdir("")[1]) == 3
    with pytest.raises((vault.KeyDestroyed, FileNotFoundError)):
        originals.read_preview(photo=photo)


def test_sealed_by_two_at_once_leaves_one_set(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = making.photo(pictures.encoded(pictures.chart(), "JPEG"), state=State.CONFIRMED)
    render = engine.render

    def and_meanwhile(*args: object, **named: object) -> object:
        monkeypatch.setattr(engine, "render", render)
        done = render(*args, **named)  # type: ignore[arg-type]
        pipeline.seal(photo_id=photo.pk)  # another worker is quicker
        return done

    monkeypatch.setattr(engine, "render", and_meanwhile)
    seal(photo)
    names = {rendition.object_name for rendition in photo.renditions.all()}
    assert len(names) == 3
    assert set(storage.renditions().listdir("")[1]) == names


def test_a_broken_original_is_never_sealed(db: None) -> None:
    photo = making.photo(b"not a picture", state=State.CONFIRMED)
    with pytest.raises(engine.Refused):
        pipeline.seal(photo_id=photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.renditions.count()) == (State.CONFIRMED, 0)
    assert storage.renditions().listdir("")[1] == []


# --- I8: only what was reviewed is sent


@pytest.fixture
def shown(db: None, bob: Member) -> tuple[Client, list[Rendition]]:
    """Bob, and the three renditions that he sees."""
    reading.case(data=pictures.encoded(pictures.chart(), "JPEG"))
    return journey.client_of(bob), list(Rendition.objects.order_by("name"))


def get(client: Client, rendition: Rendition) -> int:
    return client.get(reverse("consults:picture", args=[rendition.pk])).status_code


def put(rendition: Rendition, data: bytes) -> None:
    """Seal other bytes correctly under the same name, as somebody with the keys could."""
    storage.put_sealed(
        storage.renditions(),
        name=rendition.object_name,
        key_id=rendition.photo.key_id,
        context=rendition.context,
        data=data,
    )


def flip_a_byte(first: Rendition, second: Rendition) -> None:
    store = storage.renditions()
    with store.open(first.object_name) as file:
        sealed = bytearray(file.read())
    sealed[-1] ^= 1
    store.save(first.object_name, io.BytesIO(bytes(sealed)))  # type: ignore[arg-type]


def swap_objects(first: Rendition, second: Rendition) -> None:
    store = storage.renditions()
    with store.open(second.object_name) as file:
        store.save(first.object_name, io.BytesIO(file.read()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "alter",
    [
        flip_a_byte,
        swap_objects,
        lambda first, second: put(first, b"other bytes"),
        lambda first, second: Rendition.objects.filter(pk=first.pk).update(sha256="0" * 64),
        lambda first, second: storage.delete(storage.renditions(), name=first.object_name),
        lambda first, second: first.release.__class__.objects.filter(rendition=first).update(sha256="0" * 64),
        lambda first, second: first.release.delete(),
    ],
    ids=["a byte", "two objects", "sealed anew", "the row", "no object", "the release", "no release"],
)
def test_altered_after_the_review_is_not_sent(
    shown: tuple[Client, list[Rendition]], alter: Callable[[Rendition, Rendition], object]
) -> None:
    client, (first, second, third) = shown
    assert [get(client, rendition) for rendition in (first, second, third)] == [200, 200, 200]
    alter(first, second)
    assert [get(client, rendition) for rendition in (first, second, third)] == [404, 200, 200]


def test_other_bytes_with_their_own_digest_were_not_released(shown: tuple[Client, list[Rendition]]) -> None:
    client, (first, *_others) = shown
    put(first, b"other bytes")
    digest = hashlib.sha256(b"other bytes").hexdigest()
    Rendition.objects.filter(pk=first.pk).update(sha256=digest)
    assert get(client, first) == 404


def test_a_destroyed_key_closes_every_size(shown: tuple[Client, list[Rendition]]) -> None:
    client, renditions = shown
    vault.destroy(Photo.objects.get().key_id)
    assert {get(client, rendition) for rendition in renditions} == {404}


# --- Taking a sealed picture back


def test_reopened_keeps_what_was_masked(alice: Member, run_jobs: Callable[[], int]) -> None:
    photo = making.photo(pictures.encoded(pictures.noise(WIDE, HIGH), "PNG"), state=State.CONFIRMED)
    making.region(photo)
    seal(photo)
    old = {rendition.object_name for rendition in photo.renditions.all()}
    first_key = photo.original_key
    pipeline.reopen(photo=photo, by=alice)
    assert photo.state == State.RECEIVED
    assert photo.original_key != first_key
    assert not old & set(storage.renditions().listdir("")[1])
    run_jobs()
    photo.refresh_from_db()
    assert photo.state == State.REVIEW
    with Image.open(io.BytesIO(originals.read_preview(photo=photo))) as preview:
        assert is_bar(np.asarray(preview.convert("RGB"))[70:100, 50:130])
    photo.regions.all().delete()  # even if nothing is masked a second time
    confirmation.confirm(
        photo=photo,
        by=alice,
        revision=photo.mask_revision,
        answers=dict.fromkeys((item.code for item in confirmation.ITEMS), confirmation.Answer.ABSENT),
        no_eyes=True,
        may_show_eyes=True,
        warnings_seen=photo.warnings,
    )
    run_jobs()
    photo.refresh_from_db()
    assert photo.state == State.SEALED
    assert is_bar(making.pixels(making.full(photo))[69:101, 49:131])
    assert storage.originals().listdir("")[1] == []


@pytest.mark.parametrize("state", [s for s in State if s != State.SEALED])
def test_only_a_sealed_picture_is_reopened(alice: Member, state: State) -> None:
    photo = making.photo(state=state)
    before = storage.originals().listdir("")[1]
    with pytest.raises(Moved):
        pipeline.reopen(photo=photo, by=alice)
    assert Photo.objects.get().state == state
    assert storage.originals().listdir("")[1] == before
