"""A real worker killed with -9 in the middle of a picture, twice: another one finishes, nothing is half visible."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.instance import WORKER, Instance, alive, children, wait_until

QUIET = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle")
UPLOAD = """
import io, json, uuid
from PIL import Image
from pathlib import Path
from consults.cases import service
from tests import factories
from tests.imaging import pictures
def large():
    out = io.BytesIO()
    Image.open(io.BytesIO(pictures.hopper())).convert("RGB").resize((1024, 1200)).save(out, "JPEG", quality=95)
    return out.getvalue()
alice = factories.person("alice")
case = service.start(author=alice)
picture = service.add_picture(case=case, by=alice, data=large(), idempotency_key=uuid.uuid4())
print(json.dumps({"photo": str(picture.photo_id), "key": str(picture.photo.original_key)}))
"""
CONFIRM = """
from imaging import review
from imaging.review.checklist import ITEMS, Answer
from imaging.models import Photo, Region
photo = Photo.objects.get()
photo.regions.filter(choice="check").update(choice=Region.Choice.ACCEPTED)
review.confirm(photo=photo, by=photo.owner, revision=photo.mask_revision, no_eyes=False, may_show_eyes=True,
                warnings_seen=photo.warnings, answers={item.code: Answer.ABSENT for item in ITEMS})
"""
AGAIN = """
from core import vault
from imaging import service
from imaging.models import Photo
photo = Photo.objects.get()
print(photo.original_key, vault.has_key(photo.original_key))
for _time in range(2):
    service.inspect(photo_id=photo.pk)
    service.seal(photo_id=photo.pk)
"""
OPENED = """
import hashlib
from imaging import engine, service
from imaging.models import Rendition
for rendition in Rendition.objects.all():
    data = service.read_rendition(rendition=rendition)
    engine.verify(data)
    print(rendition.name, hashlib.sha256(data).hexdigest() == rendition.sha256)
"""


@pytest.fixture
def house(tmp_path: Path, prepared: Path) -> Iterator[Instance]:
    instance = Instance(tmp_path)
    instance.begin_as(prepared)
    yield instance
    instance.stop()


def shell(house: Instance, code: str) -> str:
    return house.manage("shell", "-v0", "-c", code)


def job(house: Instance, kind: str) -> tuple[object, ...]:
    """State and attempts of the job of this kind."""
    return next(iter(house.rows("SELECT state, attempts FROM core_job WHERE kind = ?", kind)), ("", 0))


def photo_state(house: Instance) -> object:
    return house.rows("SELECT state FROM imaging_photo")[0][0]


def count(house: Instance, table: str) -> object:
    return house.rows(f"SELECT count(*) FROM {table}")[0][0]


def objects(house: Instance, where: str) -> set[str]:
    return {path.name for path in (house.folder / "var" / "objects" / where).rglob("*.sealed")}


def kill_in_the_middle(house: Instance, worker: "subprocess.Popen[bytes]", kind: str) -> None:
    """Kill the worker and all its processes while this job runs; its lease then runs out."""
    while (state := job(house, kind)[0]) != "running":
        assert state == "queued", "the job was over too soon to be interrupted"
        time.sleep(0.005)
    helpers = children(worker.pid)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert job(house, kind)[0] == "running"
    wait_until(lambda: not any(alive(pid) for pid in helpers), what="the sandbox dies with its worker")
    house.rows("UPDATE core_job SET lease_until = datetime('now', '-1 seconds') WHERE state = 'running'")


def test_killed_in_inspection_and_in_sealing(house: Instance) -> None:
    photo = json.loads(shell(house, UPLOAD).splitlines()[-1])
    original = f"{photo['key']}.sealed"

    kill_in_the_middle(house, house.start(*WORKER, *QUIET), "imaging.inspect")
    assert photo_state(house) == "received"
    assert (count(house, "imaging_region"), count(house, "imaging_rendition")) == (0, 0)
    assert original in objects(house, "originals")

    second = house.start(*WORKER, *QUIET)
    wait_until(lambda: job(house, "imaging.inspect")[0] == "done", what="another worker inspects it")
    assert job(house, "imaging.inspect") == ("done", 2)
    assert photo_state(house) == "review"
    found = house.rows("SELECT kind FROM imaging_region")
    assert ("eye",) in found

    os.killpg(second.pid, signal.SIGSTOP)
    shell(house, CONFIRM)
    os.killpg(second.pid, signal.SIGCONT)
    kill_in_the_middle(house, second, "imaging.seal")
    assert photo_state(house) == "confirmed"
    assert count(house, "imaging_rendition") == 0
    assert original in objects(house, "originals")

    house.start(*WORKER, *QUIET)
    wait_until(lambda: job(house, "imaging.seal")[0] == "done", what="another worker seals it")
    assert job(house, "imaging.seal") == ("done", 2)
    assert photo_state(house) == "sealed"
    assert house.rows("SELECT kind FROM imaging_region") == found
    sealed = house.rows("SELECT id, name, sha256 FROM imaging_rendition ORDER BY name")
    assert [row[1] for row in sealed] == ["display", "full", "thumbnail"]
    # The original is gone for good: its bytes and its key.
    assert objects(house, "originals") == set()
    said = shell(house, AGAIN + OPENED).splitlines()
    assert said[0] == f"{photo['key']} False"

    assert house.rows("SELECT id, name, sha256 FROM imaging_rendition ORDER BY name") == sealed
    assert sorted(said[1:]) == ["display True", "full True", "thumbnail True"]
    events = [row[0] for row in house.rows("SELECT verb FROM audit_event WHERE verb LIKE 'photo.%' ORDER BY seq")]
    assert events == ["photo.received", "photo.inspected", "photo.confirmed", "photo.sealed"]
    house.manage("check_log")
