"""A large upload never lies on disk as plaintext, and nothing of it stays when its worker is killed."""

import io
import os
import re
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core.files.uploadhandler import StopFutureHandlers

from core import incoming
from core.jobs import queue
from core.serving import prepare
from tests.core.instance import Instance, children, wait_until
from tests.services import free_port

MARK = b"a patient's picture "


def test_what_is_written_is_read_from_anywhere(tmp_path: Path) -> None:
    chance = Random(7)  # noqa: S311 - of a test
    plain = chance.randbytes(100_003)
    with incoming.EncryptedFile(tmp_path) as file:
        assert (file.readable(), file.writable(), file.seekable()) == (True, True, True)
        at = 0
        while at < len(plain):
            at += file.write(plain[at : at + chance.randrange(1, 5000)])
        assert file.tell() == len(plain)
        for _time in range(50):
            first, size = chance.randrange(len(plain)), chance.randrange(4000)
            file.seek(first)
            assert file.read(size) == plain[first : first + size]
        assert file.seek(-5, io.SEEK_END) == len(plain) - 5
        assert (file.read(), file.read()) == (plain[-5:], b"")
        assert (file.seek(0), file.seek(3, io.SEEK_CUR), file.read(2)) == (0, 3, plain[3:5])
        assert list(tmp_path.iterdir()) == []


def test_the_disk_holds_noise(tmp_path: Path) -> None:
    with incoming.EncryptedFile(tmp_path) as file:
        file.write(MARK * 1000)
        file.seek(0)
        assert file.read() == MARK * 1000
        (kept,) = list(open_files(os.getpid(), tmp_path))
        file._file.flush()
        assert (len(kept.read_bytes()), MARK in kept.read_bytes()) == (1000 * len(MARK), False)
    assert list(open_files(os.getpid(), tmp_path)) == []


def test_an_upload_comes_back_whole_and_one_that_stops_is_forgotten(settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    handler = incoming.EncryptedUploadHandler()
    handler.upload_interrupted()  # before any file began
    with pytest.raises(StopFutureHandlers):
        handler.new_file("picture", "mole.jpg", "image/jpeg", 40, "utf-8", {})
    handler.receive_data_chunk(MARK, 0)
    handler.receive_data_chunk(MARK, len(MARK))
    upload = handler.file_complete(2 * len(MARK))
    assert (upload.read(), upload.name, upload.size, upload.content_type) == (2 * MARK, "mole.jpg", 40, "image/jpeg")
    assert b"".join(upload.chunks()) == 2 * MARK
    assert not hasattr(upload, "temporary_file_path")
    handler.upload_interrupted()
    assert list(open_files(os.getpid(), tmp_path)) == []


def test_no_other_handler_keeps_a_file() -> None:
    assert settings.FILE_UPLOAD_HANDLERS == [
        "django.core.files.uploadhandler.MemoryFileUploadHandler",
        "core.incoming.EncryptedUploadHandler",
    ]


def test_what_was_left_behind_is_swept(settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    old, fresh = tmp_path / "audit-old" / "dossier.pdf", tmp_path / "fresh.upload"
    old.parent.mkdir()
    for path in (old, fresh):
        path.write_bytes(MARK)
    hour_ago = time.time() - incoming.LEFT_SECONDS - 1
    for path in (old, old.parent):
        os.utime(path, (hour_ago, hour_ago))
    assert incoming.sweep() == 1
    assert not old.exists()
    assert fresh.exists()
    assert incoming.sweep(older_than_seconds=0) == 1
    assert list(tmp_path.iterdir()) == []
    assert "core.incoming.sweep" in queue._rounds


@pytest.mark.parametrize(("embedded", "left"), [(True, []), (False, ["half.upload"])])
def test_it_is_swept_at_the_start(settings, monkeypatch, data_dir: Path, embedded: bool, left: list[str]) -> None:
    settings.EMBEDDED = embedded
    monkeypatch.setattr(prepare, "refuse_between_steps", lambda _alias: None)
    monkeypatch.setattr(prepare, "call_command", lambda *_args, **_named: None)
    monkeypatch.setattr(prepare, "collect_if_changed", lambda: None)
    (data_dir / "incoming").mkdir(exist_ok=True)
    (data_dir / "incoming" / "half.upload").write_bytes(MARK)
    prepare.prepare()
    assert sorted(path.name for path in (data_dir / "incoming").iterdir()) == left
    incoming.sweep(older_than_seconds=0)


# --- A worker that is killed in the middle


@pytest.fixture
def house(tmp_path: Path, prepared: Path) -> Iterator[Instance]:
    instance = Instance(tmp_path)
    instance.begin_as(prepared)
    yield instance
    instance.stop()


def test_nothing_stays_of_an_upload_whose_worker_is_killed(house: Instance) -> None:
    port = free_port()
    server = house.start("-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket")
    wait_until(lambda: answers(port), what="the site answers")
    folder = house.folder / "var" / "incoming"
    upload = half_an_upload(port)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(upload)
        workers = children(server.pid)
        wait_until(
            lambda: any(path.stat().st_size > 2_500_000 for pid in workers for path in open_files(pid, folder)),
            what="the upload arrives",
        )
        kept = [path.read_bytes() for pid in workers for path in open_files(pid, folder)]
        assert kept
        assert not [data for data in kept if MARK in data]
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    assert list(folder.iterdir()) == []


def half_an_upload(port: int) -> bytes:
    """The first three megabytes of a form with a picture of five."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/join/") as page:
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())[1]
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n',
        '--edge\r\nContent-Disposition: form-data; name="picture"; filename="mole.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n",
    ]
    head = (
        f"POST /join/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nReferer: http://127.0.0.1:{port}/join/\r\n"
        "Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 5000000\r\n\r\n"
    )
    return (head + "".join(parts)).encode() + MARK * 150_000


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
            return page.status == 200
    except OSError:
        return False


def open_files(pid: int, folder: Path) -> Iterator[Path]:
    """What a process has open below a folder, names or none."""
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(path.readlink())
        except FileNotFoundError:
            continue
        if target.startswith(str(folder)):
            yield path
