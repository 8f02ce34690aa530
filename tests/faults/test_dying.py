"""Killed with -9 at every single step of every stage, then taken up again: nothing lost, nothing half visible."""

import hashlib
import os
import time
import uuid
from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Member
from consults.cases import gate
from consults.cases.authoring import case_pictures, upload_pieces
from consults.models import Case, CaseState
from core import jobs, storage
from core.crypto import vault
from imaging import engine, originals
from imaging.models import Photo, Rendition, State, Upload
from imaging.renditions import pipeline as imaging
from imaging.review import confirmation
from imaging.uploads import WrongOffset
from tests import factories
from tests.consults import reading
from tests.faults.dying import every_death
from tests.imaging import making
from tests.imaging.engine import pictures

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

JPEG = pictures.encoded(pictures.chart(320, 240), "JPEG")
HOUR = 3601


@pytest.fixture
def alice() -> Member:
    """The author."""
    return factories.person("alice")


@pytest.fixture
def case(alice: Member) -> Case:
    """Her draft."""
    return Case.objects.create(author=alice, state=CaseState.DRAFT, **reading.FACTS)


@pytest.fixture(autouse=True)
def _answers_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's real answers for this one picture, asked for once: its own deaths are tested elsewhere."""
    seen, made = engine.inspect(JPEG), engine.render(JPEG, masks=[])
    monkeypatch.setattr(engine, "inspect", lambda data, options: seen)
    monkeypatch.setattr(engine, "render", lambda data, **named: made)


def an_hour_passes() -> None:
    """Every object is old enough to be swept."""
    long_ago = time.time() - HOUR
    for path in (settings.DATA_DIR / "objects").rglob("*"):
        if path.is_file():
            os.utime(path, (long_ago, long_ago))
    originals.sweep()
    imaging.sweep_renditions()


def kept(store: Callable[[], object]) -> set[str]:
    """Names of the objects of a storage."""
    return set(store().listdir("")[1])  # type: ignore[attr-defined]


def named_renditions() -> set[str]:
    """Names of the objects that rows point to."""
    return {rendition.object_name for rendition in Rendition.objects.all()}


def whole(photo: Photo) -> bool:
    """Whether all three renditions are there and are what their rows say."""
    sizes = {
        rendition.name: hashlib.sha256(imaging.read_rendition(rendition=rendition)).hexdigest() == rendition.sha256
        for rendition in photo.renditions.all()
    }
    return sizes == dict.fromkeys(Rendition.Name.values, True)


def test_an_upload_is_never_lost_nor_doubled(alice: Member, case: Case) -> None:
    def send(key: uuid.UUID) -> None:
        case_pictures.add_picture(case=case, by=alice, data=JPEG, idempotency_key=key)

    deaths = 0
    for number, key in every_death(uuid.uuid4, send):
        deaths = number
        for photo in Photo.objects.filter(idempotency_key=key):  # accepted: then wholly
            assert originals.read(photo=photo) == JPEG
            assert jobs.newest_job(kind=imaging.INSPECT, subject=photo.pk) is not None
        send(key)  # the browser tries again
        photo = Photo.objects.get(idempotency_key=key)
        assert (photo.placement.case_id, originals.read(photo=photo)) == (case.pk, JPEG)
        an_hour_passes()
        assert kept(storage.originals) == {photo.original_name}
        case_pictures.remove_picture(photo=photo)
    assert deaths > 20


def test_a_file_in_pieces_goes_on_after_any_death(alice: Member, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Upload, "PIECE_BYTES", len(JPEG) // 2 + 1)

    def send(key: uuid.UUID) -> None:
        for _attempt in range(6):
            at = upload_pieces.received_bytes(by=alice, key=key)
            piece = JPEG[at : at + Upload.PIECE_BYTES]
            try:
                taken = upload_pieces.take_piece(case=case, by=alice, key=key, size=len(JPEG), offset=at, data=piece)
            except WrongOffset:
                continue
            if not isinstance(taken, int):
                return
        raise AssertionError("never whole")

    deaths = 0
    for number, key in every_death(uuid.uuid4, send):
        deaths = number
        send(key)
        photo = Photo.objects.get()
        assert originals.read(photo=photo) == JPEG
        for upload in Upload.objects.all():  # the last death comes after the picture is there
            Upload.objects.filter(pk=upload.pk).update(expires_at=upload.expires_at.replace(year=2000))
        jobs_and_sweeps()
        assert (Upload.objects.count(), kept(storage.originals)) == (0, {photo.original_name})
        case_pictures.remove_picture(photo=photo)
    assert deaths > 60


def jobs_and_sweeps() -> None:
    """The rounds that clean up, an hour later."""
    from imaging import uploads

    uploads.expire()
    an_hour_passes()


def test_an_inspection_is_done_or_not_done() -> None:
    def inspect(photo: Photo) -> None:
        imaging.inspect(photo_id=photo.pk)

    deaths = 0
    for number, photo in every_death(lambda: making.photo(JPEG, state=State.RECEIVED), inspect):
        deaths = number
        photo.refresh_from_db()
        assert originals.read(photo=photo) == JPEG
        assert (photo.state, photo.width) in ((State.RECEIVED, 640), (State.REVIEW, 320))
        inspect(photo)
        photo.refresh_from_db()
        assert (photo.state, photo.width) == (State.REVIEW, 320)
        assert originals.read_preview(photo=photo).startswith(b"\xff\xd8")
        imaging.destroy(photo=photo)
    assert deaths > 10


def test_a_refused_original_is_always_destroyed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes, options: engine.Options) -> None:
        raise engine.Refused("unknown_format")

    monkeypatch.setattr(engine, "inspect", refuse)
    for _number, photo in every_death(
        lambda: making.photo(JPEG, state=State.RECEIVED), lambda photo: imaging.inspect(photo_id=photo.pk)
    ):
        photo.refresh_from_db()
        assert photo.state in (State.RECEIVED, State.REFUSED)
        imaging.inspect(photo_id=photo.pk)
        photo.refresh_from_db()
        assert (photo.state, vault.has_key(photo.original_key)) == (State.REFUSED, False)
        an_hour_passes()
        assert kept(storage.originals) == set()
        imaging.destroy(photo=photo)


def test_sealing_is_done_or_not_done(alice: Member) -> None:
    def seal(photo: Photo) -> None:
        imaging.seal(photo_id=photo.pk)

    deaths, half_done = 0, set()
    for number, photo in every_death(lambda: making.photo(JPEG, state=State.CONFIRMED), seal):
        deaths = number
        photo.refresh_from_db()
        half_done.add(photo.state)
        seen = gate.servable_renditions(alice).filter(photo=photo).count()
        if photo.state == State.CONFIRMED:
            assert (photo.renditions.count(), seen) == (0, 0)
            assert originals.read(photo=photo) == JPEG
        else:
            assert (photo.state, seen) == (State.SEALED, 3)
            assert whole(photo)
        seal(photo)
        photo.refresh_from_db()
        assert photo.state == State.SEALED
        assert whole(photo)
        assert not vault.has_key(photo.original_key)
        an_hour_passes()
        assert kept(storage.originals) == set()
        assert kept(storage.renditions) == named_renditions()
        imaging.destroy(photo=photo)
    assert half_done == {State.CONFIRMED, State.SEALED}
    assert deaths > 40


def test_confirming_is_done_or_not_done(alice: Member) -> None:
    def confirm(photo: Photo) -> None:
        confirmation.confirm(
            photo=photo,
            by=alice,
            revision=0,
            answers=dict.fromkeys((item.code for item in confirmation.ITEMS), confirmation.Answer.ABSENT),
            no_eyes=True,
            may_show_eyes=True,
        )

    for _number, photo in every_death(lambda: making.photo(JPEG, state=State.REVIEW), confirm):
        photo.refresh_from_db()
        job = jobs.newest_job(kind=imaging.SEAL, subject=photo.pk)
        assert (photo.state, job is None) in ((State.REVIEW, True), (State.CONFIRMED, False))
        imaging.destroy(photo=photo)


def test_a_reopened_picture_is_never_without_its_bytes(alice: Member) -> None:
    def sealed() -> Photo:
        photo = making.photo(JPEG, state=State.CONFIRMED)
        imaging.seal(photo_id=photo.pk)
        photo.refresh_from_db()
        return photo

    for _number, photo in every_death(sealed, lambda photo: imaging.reopen(photo=photo, by=alice)):
        photo = Photo.objects.get(pk=photo.pk)
        if photo.state == State.SEALED:
            assert whole(photo)
        else:
            assert photo.state == State.RECEIVED
            assert originals.read(photo=photo).startswith(b"\xff\xd8")
        an_hour_passes()
        assert kept(storage.originals) == ({photo.original_name} if photo.state == State.RECEIVED else set())
        assert kept(storage.renditions) == named_renditions()
        imaging.destroy(photo=photo)


def test_a_removed_picture_is_whole_or_gone() -> None:
    def placed() -> Photo:
        photo = making.photo(JPEG, state=State.CONFIRMED)
        imaging.seal(photo_id=photo.pk)
        photo.refresh_from_db()
        return photo

    deaths = set()
    for _number, photo in every_death(placed, lambda photo: case_pictures.remove_picture(photo=photo)):
        left = Photo.objects.filter(pk=photo.pk, placement__isnull=False).first()
        deaths.add(left is None)
        if left is not None:
            assert whole(left)
            case_pictures.remove_picture(photo=left)
        Photo.objects.update(uploaded_at=timezone.now() - 2 * case_pictures.STRAY_AFTER)
        case_pictures.sweep_unplaced()
        an_hour_passes()
        assert not Photo.objects.exists()
        assert (kept(storage.originals), kept(storage.renditions)) == (set(), set())
    assert deaths == {True, False}


@pytest.mark.parametrize("harm", ["gone", "swapped", "altered"])
@pytest.mark.parametrize("when", ["writing", "resumed"])
def test_the_original_stays_until_the_store_gives_back_what_it_got(
    harm: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = making.photo(JPEG, state=State.CONFIRMED)
    put = storage.put_sealed

    def spoil(store: object, *, name: str, key_id: uuid.UUID, context: str, data: bytes) -> None:
        if harm == "altered":
            data = data[:-1] + b"\x00"
        put(store, name=name, key_id=key_id, context=context + "x" * (harm == "swapped"), data=data)  # type: ignore[arg-type]
        if harm == "gone":
            storage.delete(store, name=name)  # type: ignore[arg-type]

    if when == "resumed":
        forget = originals.destroy
        monkeypatch.setattr(originals, "destroy", lambda photo: None)  # died before it
        imaging.seal(photo_id=photo.pk)
        monkeypatch.setattr(originals, "destroy", forget)
        full = photo.renditions.get(name="full")
        data = imaging.read_rendition(rendition=full)
        spoil(storage.renditions(), name=full.object_name, key_id=photo.key_id, context=full.context, data=data)
    else:
        monkeypatch.setattr(storage, "put_sealed", spoil)
    with pytest.raises(imaging.RenditionNotStored):
        imaging.seal(photo_id=photo.pk)
    photo.refresh_from_db()
    assert originals.read(photo=photo) == JPEG
    assert photo.state == {"writing": State.CONFIRMED, "resumed": State.SEALED}[when]
