"""The work of a sandbox child, done here, and the loop of the server that forks it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time

import cv2
import numpy as np
import pytest
from PIL import Image

from imaging.engine import Mask, Refused, errors, operations, preview, run, verify
from imaging.engine.decode import Picture
from imaging.engine.messages import ADVICE
from imaging.engine.quality.checks import find_warnings
from imaging.engine.sandbox import confine, server, wire
from imaging.engine.sandbox.client import Sandbox, ServerGone
from tests.imaging.engine import pictures
from tests.imaging.engine.pictures import chart, encoded, noise

JPEG = encoded(chart(400, 300), "JPEG")
QUICK = {"text": False}


def do(operation, data=JPEG, **more):
    head, blobs = operations.perform({"operation": operation, "options": QUICK, **more}, data)
    return json.loads(json.dumps(head)), blobs


def test_inspecting_gives_an_unmasked_preview_without_metadata():
    head, (shown,) = do("inspect", encoded(chart(400, 300), "JPEG", exif=pictures.exif(6)))
    verify(shown)
    inspection = wire.load_inspection(head["inspection"], shown, wire.load_cost(head["cost"]))
    assert (inspection.width, inspection.height, inspection.source_format) == (300, 400, "jpeg")
    assert "gps" in inspection.found
    assert inspection.cost.peak_bytes > 50_000_000


def test_counting_reads_headers_alone():
    pages = pictures.encoded(chart(), "TIFF", save_all=True, append_images=[Image.fromarray(noise())])
    assert do("count", pages) == ({"frames": 2}, [])
    assert do("count") == ({"frames": 1}, [])


def test_a_chosen_page_is_the_one_that_is_inspected():
    pages = pictures.encoded(chart(), "TIFF", save_all=True, append_images=[Image.fromarray(chart(400, 300))])
    head, _ = operations.perform({"operation": "inspect", "options": QUICK | {"frame": 2}}, pages)
    assert head["inspection"]["width"] == 400


def test_deidentifying_masks_and_renders_in_one_go():
    head, blobs = do("deidentify", pictures.astronaut())
    result = wire.load_result(head, blobs)
    assert [item.name for item in result.renditions] == ["full", "display", "thumbnail"]
    assert {mask.style for mask in result.masks} == {"bar", "veil"}
    assert result.full.content_type == "image/png"
    assert max(result.renditions[2].width, result.renditions[2].height) == 480


def _shown(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(int)


def test_rendering_paints_then_crops():
    masks = [wire.dump(Mask("box", 100, 100, 50, 50))]
    head, blobs = do("render", masks=masks, crop=[90, 80, 100, 120])
    assert [(row["width"], row["height"]) for row in head["renditions"]] == [(100, 120)] * 3
    assert np.abs(_shown(blobs[0])[45, 35] - (58, 60, 64)).max() <= 3


@pytest.mark.parametrize(("more", "told"), [({}, None), ({"compare": True}, True)])
def test_rendering_tells_where_asked_that_nothing_more_is_shown(more, told):
    masks = [wire.dump(Mask("ellipse", 100, 100, 50, 50, style="veil")), wire.dump(Mask("band", 10, 10, 50, 20))]
    head, _blobs = do("render", masks=masks, crop=[90, 80, 100, 120], **more)
    assert head.get("shows_no_more") is told


def test_a_preview_is_as_large_as_asked():
    head, _ = do("preview", masks=[], longest=64)
    assert head["renditions"][0]["width"] == 64


@pytest.mark.parametrize("crop", [[500, 0, 10, 10], [0, 300, 10, 10], [5, 5, 0, 5]])
def test_a_crop_beside_the_picture_is_refused(crop):
    with pytest.raises(Refused) as refused:
        do("preview", masks=[], longest=64, crop=crop)
    assert refused.value.code == "bad_mask"


def test_warming_up_touches_every_format():
    operations.warm_up()


def test_a_missing_model_is_said_at_once(monkeypatch):
    def missing():
        raise errors.DetectorMissing("retinaface")

    monkeypatch.setattr(operations, "_finder", None)
    monkeypatch.setattr(operations, "Finder", missing)
    with pytest.raises(errors.DetectorMissing):
        operations.load_finder()


FACE = pictures.hopper()
SHARP = noise(900, 700)


@pytest.mark.parametrize(
    ("pixels", "kind", "code", "there"),
    [
        (noise(300, 200), "png", "small", True),
        (SHARP, "png", "small", False),
        (cv2.GaussianBlur(SHARP, (0, 0), 9), "png", "blurred", True),
        (SHARP, "png", "blurred", False),
        (SHARP // 8, "png", "dark", True),
        (SHARP, "png", "dark", False),
        (np.clip(SHARP.astype(int) * 4, 0, 255).astype(np.uint8), "png", "bright", True),
        (SHARP, "png", "bright", False),
        ((SHARP * np.array([0.5, 1.0, 0.5])).astype(np.uint8), "png", "colour_cast", True),
        (SHARP, "png", "colour_cast", False),
        ((SHARP * np.array([1.0, 0.75, 0.65])).astype(np.uint8), "png", "colour_cast", False),
        (np.repeat(np.repeat(noise(120, 90), 8, 0), 8, 1), "jpeg", "compressed", True),
        (np.repeat(np.repeat(noise(120, 90), 8, 0), 8, 1), "png", "compressed", False),
        (SHARP, "jpeg", "compressed", False),
        (noise(20, 20), "jpeg", "compressed", False),
    ],
)
def test_quality_warnings(pixels, kind, code, there):
    codes = find_warnings(Picture(pixels, kind, False, (), ()), pixels)
    assert (code in codes) is there
    assert set(codes) <= set(ADVICE)


def test_the_longest_side_of_a_preview_has_a_floor():
    assert preview(JPEG, masks=[], longest=1).width == 16


@pytest.mark.parametrize("machine", sorted(confine.MACHINES))
def test_the_filter_allows_what_is_listed_and_jumps_where_it_should(machine):
    code = confine.build_filter(machine)
    steps = [
        tuple(int.from_bytes(code[at + a : at + b], "little") for a, b in ((0, 2), (2, 3), (3, 4), (4, 8)))
        for at in range(0, len(code), 8)
    ]

    def judge(number, flags=0, architecture=confine.MACHINES[machine][0]):
        memory, at, held = {0: number, 4: architecture, 16: flags}, 0, 0
        while True:
            kind, yes, no, value = steps[at]
            if kind == 0x06:
                return value
            if kind == 0x20:
                held = memory[value]
                at += 1
            else:
                hit = held == value if kind == 0x15 else bool(held & value)
                at += 1 + (yes if hit else no)

    allowed = {int(word) for word in confine.MACHINES[machine][1].split()[1::2]}
    clone, clone3 = confine.MACHINES[machine][2:]
    for number in range(600):
        if number not in (clone, clone3):
            assert (judge(number) == 0x7FFF0000) is (number in allowed)
    assert judge(clone, confine.CLONE_THREAD) == 0x7FFF0000
    assert judge(clone) == 0x00050001
    assert judge(clone3) == 0x00050026
    assert judge(0, architecture=1) == 0x80000000


@pytest.fixture
def served():
    """The server's loop in this process, in its main thread; a thread asks."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = signal.getsignal(signal.SIGCHLD)
    answers = []

    def ask(kill=False):
        head = {"operation": "preview", "options": {"wall_seconds": 1 if kill else 20}, "masks": [], "longest": 64}
        mine, child = socket.socketpair()
        status_in, status_out = os.pipe()
        with mine:
            socket.send_fds(ours, [b"0" if kill else b"20"], [child.fileno(), status_out])
            child.close()
            os.close(status_out)
            if not kill:
                for part in wire.pack(head, [JPEG]):
                    mine.sendall(part)
                answers.append(mine.recv(4))
            with os.fdopen(status_in, "rb") as pipe:
                answers.append(pipe.read())

    def asking():
        try:
            ask()
            ask(kill=True)
        finally:
            ours.close()

    server.preload()
    thread = threading.Thread(target=asking)
    thread.start()
    server._serve(theirs)
    thread.join()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, before)
    theirs.close()
    return answers


def test_the_server_forks_reports_and_kills_the_late(served):
    """The second child waits for a request that never comes, and its time is up at once."""
    prefix, ended, late = served
    assert len(prefix) == 4
    assert (ended, late) == (b"0", str(-signal.SIGALRM).encode())


def _request(*parts):
    inlet, outlet = os.pipe()
    for part in parts:
        os.write(outlet, part)
    os.close(outlet)
    return inlet


def test_requests_are_read_and_answers_written():
    fd = _request(*wire.pack({"operation": "preview", "options": QUICK, "masks": [], "longest": 32}, [JPEG]))
    head, data = server.read_request(fd)
    os.close(fd)
    assert data == JPEG
    size, raw, blob = server.answer(head, data)
    assert wire.head_size(size) == len(raw)
    verify(blob)


@pytest.mark.parametrize("parts", [[b"\0\0"], wire.pack({}, []), wire.pack({}, [b"", b""])])
def test_a_request_that_is_none_is_malformed(parts):
    fd = _request(*parts)
    with pytest.raises(wire.Malformed):
        server.read_request(fd)
    os.close(fd)


@pytest.mark.parametrize(("error", "code"), [(Refused("animated"), b"animated"), (MemoryError(), b"too_complex")])
def test_refusals_are_answers(monkeypatch, error, code):
    def fail(*_):
        raise error

    monkeypatch.setattr(operations, "perform", fail)
    assert code in b"".join(server.answer({}, b""))


def test_all_is_written_however_little_the_pipe_takes():
    inlet, outlet = os.pipe()
    got = []

    def read():
        while piece := os.read(inlet, 70_000):
            got.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    server.write_all(outlet, bytes(300_000))
    os.close(outlet)
    reader.join()
    os.close(inlet)
    assert sum(map(len, got)) == 300_000


class Broken(Sandbox):
    """Its server is always gone."""

    def _ask_once(self, head, data, options):
        raise ServerGone


def test_a_server_that_cannot_be_had_is_a_refusal():
    with pytest.raises(Refused) as refused:
        Broken().ask({}, b"", run.DEFAULT)
    assert refused.value.code == "decoder_died"


def test_a_queue_that_does_not_move_is_a_refusal(monkeypatch):
    box = Sandbox(width=1)
    monkeypatch.setattr("imaging.engine.sandbox.client.QUEUE_SECONDS", 0.01)
    with box._slots, pytest.raises(Refused) as refused:
        box.ask({}, b"", run.DEFAULT)
    assert "moment" in refused.value.sentence


def test_a_server_that_does_not_start_is_tried_twice(monkeypatch):
    box = Sandbox()
    monkeypatch.setattr("imaging.engine.sandbox.client.BOOT", "import time; time.sleep(60)")
    monkeypatch.setattr("imaging.engine.sandbox.client.START_SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        box.ask({}, b"", run.DEFAULT)
    assert refused.value.code == "decoder_died"
    assert time.monotonic() - began < 20
    assert box.server_pid is None


def test_a_server_without_its_models_is_not_a_refused_picture(monkeypatch):
    box = Sandbox()
    boot = "import sys, socket; socket.socket(fileno=int(sys.argv[1])).send(b'no model')"
    monkeypatch.setattr("imaging.engine.sandbox.client.BOOT", boot)
    with pytest.raises(errors.DetectorMissing):
        box.ask({}, b"", run.DEFAULT)
    with contextlib.closing(box):
        assert box.server_pid is None
