"""Words hidden in a file in every way we know: none of them ever comes out, on a page, on disk or in a log."""

import io
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import piexif
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageCms

from audit import access_log
from audit.models import Event, PictureServed
from core import jobs
from core.logs import RedactingFilter
from imaging import engine
from imaging.models import Photo, Rendition, State
from tests import factories
from tests.consults import reading
from tests.imaging.engine import pictures
from tests.matrix import journey
from tests.matrix.everybody import EVERYBODY, with_passwords

PLACES = ("ARTIST", "GPSAREA", "MAKER", "COMMENT", "XMPNAME", "COMSEGM", "TRAILER", "FILENAM", "THUMBCO", "PNGTEXT")
CANARIES = [f"Zebrafinch{place}" for place in PLACES]
IN_PROFILE = "ZebrafinchICC"  # as long as the profile's own name, which it replaces
LINK = re.compile(r'(?:href|src|hx-get|action|data-[a-z-]+)="(/[^"#]*)"')
MOST_PAGES = 45


def spellings(word: str) -> list[bytes]:
    """The ways in which a word may stand in a file."""
    return [word.encode(), word.encode("utf-16-be"), word.encode("utf-16-le"), word.encode().hex().encode()]


EVERY_SPELLING = re.compile(
    b"|".join(re.escape(form) for word in ["Zebrafinch", *CANARIES, IN_PROFILE] for form in spellings(word)),
    re.IGNORECASE,
)


def profile() -> bytes:
    """An ICC profile whose description is a canary."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    name = "sRGB built-in"
    assert len(name) == len(IN_PROFILE)
    assert name.encode("utf-16-be") in data
    return data.replace(name.encode("utf-16-be"), IN_PROFILE.encode("utf-16-be"))


def talkative() -> bytes:
    """A portrait in the public domain with a canary in every corner of the file."""
    small = io.BytesIO()
    Image.new("RGB", (160, 120), (120, 40, 40)).save(small, "JPEG", comment=b"ZebrafinchTHUMBCO")
    exif = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Artist: b"ZebrafinchARTIST", piexif.ImageIFD.Orientation: 1},
            "Exif": {
                piexif.ExifIFD.MakerNote: b"ZebrafinchMAKER",
                piexif.ExifIFD.UserComment: b"ASCII\0\0\0ZebrafinchCOMMENT",
            },
            "GPS": {piexif.GPSIFD.GPSAreaInformation: b"ASCII\0\0\0ZebrafinchGPSAREA"},
            "1st": {piexif.ImageIFD.Compression: 6},
            "thumbnail": small.getvalue(),
        }
    )
    out = io.BytesIO()
    with Image.open(io.BytesIO(pictures.hopper())) as portrait:
        portrait.convert("RGB").resize((1024, 1200)).save(out, "JPEG", quality=92, exif=exif, icc_profile=profile())
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><dc:creator>ZebrafinchXMPNAME</dc:creator></x:xmpmeta>"
    data = pictures.spliced(out.getvalue(), 0xE1, xmp)
    data = pictures.spliced(data, 0xFE, b"ZebrafinchCOMSEGM")
    # More than fits into memory by the settings, so that the upload passes through a file.
    return data + b"ZebrafinchTRAILER" + small.getvalue() + bytes(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)


def with_text() -> bytes:
    """A PNG without people that carries words in a text chunk and behind its end."""
    png = pictures.encoded(pictures.chart(800, 600), "PNG")
    return pictures.with_chunk(png, b"tEXt", b"Author\0ZebrafinchPNGTEXT") + b"ZebrafinchTRAILER"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log handler of the settings writes."""
    (handler,) = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and any(isinstance(f, RedactingFilter) for f in handler.filters)
    ]
    out = io.StringIO()
    usual = handler.setStream(out)
    yield out
    handler.setStream(usual)


def found_on_disk(folder: Path) -> list[str]:
    """Files under the data folder in which a canary stands: databases and their journals too."""
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and EVERY_SPELLING.search(path.read_bytes())
    ]


def found_in_tables() -> list[str]:
    """Columns of any table of either database in which a canary stands."""
    found = []
    for connection in connections.all():
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                columns = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    for column, value in zip(columns, row, strict=True):
                        cell = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                        if EVERY_SPELLING.search(cell):
                            found.append(f"{connection.alias}.{table}.{column}")
    return found


class Crawl:
    """What one person can reach by following every link; `bodies` maps an address to (type, bytes)."""

    def __init__(self, client: Client, *starts: str) -> None:
        self.bodies: dict[str, tuple[str, bytes]] = {}
        self.faults: list[str] = []
        waiting = ["/", *starts, reverse("privacy"), reverse("consent:withdraw")]
        while waiting and len(self.bodies) < MOST_PAGES:
            at = waiting.pop(0)
            if at in self.bodies or at.startswith(("/static/", "/sign-out/")):
                continue
            response = client.get(at)
            self.bodies[at] = (response.get("Content-Type", ""), response.getvalue())
            if response.status_code >= 500:
                self.faults.append(at)
            if response.status_code in (301, 302):
                waiting.append(response["Location"])
            if "html" in self.bodies[at][0]:
                waiting += [link.replace("&amp;", "&") for link in LINK.findall(self.bodies[at][1].decode())]

    @property
    def pictures(self) -> dict[str, bytes]:
        """The pictures among them, proved clean."""
        return {at: body for at, (kind, body) in self.bodies.items() if kind.startswith("image/")}

    def check(self) -> None:
        """No fault, no canary, no unclean picture anywhere."""
        assert self.faults == []
        assert [at for at, (_kind, body) in self.bodies.items() if EVERY_SPELLING.search(body)] == []
        for body in self.pictures.values():
            engine.verify(body)


@pytest.mark.service  # a sweep over every page and every byte that is kept
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_nothing_of_the_file_but_its_pixels(
    data_dir: Path, written: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with_passwords()
    people = {name: factories.person(name) for name in EVERYBODY if name != "anonymous"}
    alice, mod1 = journey.client_of(people["alice"]), journey.client_of(people["mod1"])
    talks = [(talkative(), "ZebrafinchFILENAM.jpg", "image/jpeg"), (with_text(), "ZebrafinchFILENAM.png", "image/png")]
    missing = [
        word for word in CANARIES if word.encode() not in b"".join(data + name.encode() for data, name, _ in talks)
    ]
    assert missing == []
    case = journey.new_case(alice)
    for data, name, content_type in talks:
        # The form without scripts: the one way in which a file's own name reaches the server.
        answer = journey.post_whole(alice, case, SimpleUploadedFile(name, data, content_type=content_type))
        assert answer.status_code == 302
        assert not EVERY_SPELLING.search(answer.content)
    assert found_on_disk(data_dir) == []

    jobs.run_waiting()
    photos = list(Photo.objects.filter(placement__case=case).order_by("placement__position"))
    assert [photo.state for photo in photos] == [State.REVIEW, State.REVIEW]
    assert photos[0].regions.filter(kind="eye").exists()
    for photo in photos:  # a job makes it
        assert alice.get(journey.address("result", photo)).status_code == 202
    jobs.run_waiting()
    draft = Crawl(
        alice, *(journey.address(view, photo) for photo in photos for view in ("studio", "preview", "result"))
    )
    draft.check()
    assert len(draft.pictures) == 4
    for photo in photos:
        journey.describe(alice, photo)
        photo.refresh_from_db()
        assert journey.save_masks(alice, photo, journey.masks_of(photo)).status_code == 200
        assert journey.confirm(alice, photo, no_eyes="yes").status_code == 302
    jobs.run_waiting()
    assert set(Photo.objects.values_list("state", flat=True)) == {State.SEALED}
    assert journey.facts(alice, case).status_code == 302
    assert journey.consent(alice, case).status_code == 200
    assert journey.submit(alice, case)["Location"] == reverse("consults:mine")
    waiting = Crawl(mod1, reverse("consults:second_read", args=[case.pk]))
    waiting.check()
    assert waiting.pictures
    assert journey.release(mod1, case).status_code == 302

    addresses = [reverse("consults:picture", args=[pk]) for pk in Rendition.objects.values_list("pk", flat=True)]
    assert len(addresses) == 6
    pages = [reverse("consults:case", args=[case.pk]), reverse("consults:second_read", args=[case.pk])]
    pages += [journey.address(view, photo) for photo in photos for view in ("studio", "preview", "result")]
    seers = set()
    for name in EVERYBODY:
        client = journey.client_of(people[name]) if name in people else Client()
        crawl = Crawl(client, *pages, *addresses)
        crawl.check()
        if crawl.pictures:
            seers.add(name)
            assert set(crawl.pictures) == set(addresses)
    assert seers == {"alice", "bob", "resident", "mod1"}

    assert found_in_tables() == []
    assert found_on_disk(data_dir) == []
    assert not list((data_dir / "objects" / "originals").rglob("*.sealed"))
    assert not list((data_dir / "incoming").iterdir())
    assert not EVERY_SPELLING.search(written.getvalue().encode())
    assert not EVERY_SPELLING.search(caplog.text.encode())
    assert {"gps", "owner", "thumbnail", "comment", "maker_notes"} <= set(photos[0].found)


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_every_picture_sent_is_in_the_log(alice: object, bob: object) -> None:
    case = reading.case(data=pictures.encoded(pictures.chart(), "JPEG"))
    addresses = [reverse("consults:picture", args=[pk]) for pk in Rendition.objects.values_list("pk", flat=True)]
    sent = 0
    for member in (alice, bob, factories.person("officer"), factories.person("nurse")):
        client = journey.client_of(member)  # type: ignore[arg-type]
        sent += sum(client.get(at).status_code == 200 for at in addresses)
    assert sent == 6
    assert PictureServed.objects.count() == sent
    assert not Event.objects.filter(verb="picture.served", subject_id=case.pk).exists()


def test_nobody_takes_all_pictures_home(bob: object, mod1: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.RULES, "views_an_hour", 5)
    case = reading.case(data=pictures.encoded(pictures.chart(), "JPEG"))
    at = {name: reverse("consults:picture", args=[case.pictures.get().photo.renditions.get(name=name).pk]) for name in
          ("full", "display", "thumbnail")}  # fmt: skip
    client = journey.client_of(bob)  # type: ignore[arg-type]
    asked = ["thumbnail"] * 19 + ["display", "full"] * 2  # 1 + 4
    assert [client.get(at[name]).status_code for name in asked] == [200] * len(asked)
    refused = [client.get(at[name]) for name in ("display", "thumbnail", "full")]
    assert [(answer.status_code, answer["Retry-After"], answer.content) for answer in refused] == [
        (429, "600", b"")
    ] * 3
    assert Event.objects.filter(verb="pictures.too_many", subject_id=bob.pk).count() == 1  # type: ignore[attr-defined]
    assert journey.client_of(mod1).get(at["full"]).status_code == 200  # type: ignore[arg-type]
    monkeypatch.setattr(access_log, "HOUR", timedelta(0))  # it is over
    assert client.get(at["full"]).status_code == 200


NAME = "Zebrafinch Patient-Name"


@pytest.mark.parametrize("where", ["page", "job"])
def test_a_fault_tells_nobody_who(
    db: None, where: str, written: io.StringIO, monkeypatch: pytest.MonkeyPatch, alice: object
) -> None:
    from consults.cases import gate
    from imaging.renditions import pipeline

    def break_down(*args: object, **named: object) -> None:
        raise ValueError(f"{NAME} in {args} {named}")

    case = reading.case(state="draft", title=NAME, note=NAME)
    body = b""
    if where == "page":
        monkeypatch.setattr(gate, "blockers", break_down)
        answer = journey.facts(journey.client_of(alice), case, title=NAME, note=NAME, source=NAME)  # type: ignore[arg-type]
        answer = journey.client_of(alice).get(reverse("consults:facts", args=[case.pk]), {"q": NAME})  # type: ignore[arg-type]
        assert answer.status_code == 500
        body = answer.content
    else:
        monkeypatch.setattr(pipeline, "inspect", break_down)
        jobs.enqueue(kind=pipeline.INSPECT, subject=case.pk)
        jobs.run_waiting()
        job = jobs.newest_job(kind=pipeline.INSPECT, subject=case.pk)
        assert job is not None
        assert (job.state, job.error) == ("queued", "ValueError")
    assert "ValueError" in written.getvalue()
    for text in (body, written.getvalue().encode()):
        assert b"Zebrafinch" not in text
        assert b"Patient-Name" not in text
