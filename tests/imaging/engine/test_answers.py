"""What the caller makes of every kind of answer, and what travels between the two."""

from __future__ import annotations

import json
import pickle

import pytest

from imaging.engine import Mask, Refused, deidentify, errors, inspect, messages, render, run
from imaging.engine.limits import MAX_POINTS
from imaging.engine.sandbox import wire
from tests.imaging.engine.pictures import chart, encoded

JPEG = encoded(chart(400, 300), "JPEG")


class Answering:
    """Stands where the sandbox stands and says what it is told to."""

    def __init__(self, head, blobs):
        self.answer = head, blobs

    def ask(self, *_):
        return self.answer


REGION = {
    "kind": "eye",
    "x": 1,
    "y": 1,
    "width": 5,
    "height": 5,
    "score": 0.5,
    "detector": "d",
    "angle": 0,
    "turned": [1, 1, 5, 5],
    "note": "",
}
INSPECTION = {
    "width": 400,
    "height": 300,
    "source_format": "jpeg",
    "lossless": False,
    "found": [],
    "regions": [REGION],
    "warnings": [],
    "engine_version": "1",
}
COST = {"cpu_seconds": 1.0, "wall_seconds": 1.0, "peak_bytes": 1}
RENDITION = {"name": "full", "content_type": "image/jpeg", "width": 400, "height": 300, "sha256": "made up"}
GOOD = encoded(chart(), "JPEG", subsampling=0)


def without(row, key):
    return {name: value for name, value in row.items() if name != key}


@pytest.mark.parametrize(
    ("head", "blobs", "code"),
    [
        ({"inspection": INSPECTION, "cost": COST}, [GOOD + b"secret"], "not_clean"),
        ({"inspection": INSPECTION, "cost": COST}, [], "decoder_died"),
        ({"inspection": INSPECTION, "cost": COST}, [GOOD, GOOD], "decoder_died"),
        ({"inspection": INSPECTION, "cost": None}, [GOOD], "decoder_died"),
        ({"inspection": None, "cost": COST}, [GOOD], "decoder_died"),
        ({"inspection": INSPECTION | {"lossless": "yes"}, "cost": COST}, [GOOD], "decoder_died"),
        ({"inspection": INSPECTION | {"width": -1}, "cost": COST}, [GOOD], "decoder_died"),
        ({"inspection": INSPECTION | {"width": True}, "cost": COST}, [GOOD], "decoder_died"),
        ({"inspection": INSPECTION | {"found": "gps"}, "cost": COST}, [GOOD], "decoder_died"),
        ({"inspection": INSPECTION | {"found": ["x" * 999]}, "cost": COST}, [GOOD], "decoder_died"),
        ({"inspection": INSPECTION | {"regions": [REGION | {"kind": "nose"}]}, "cost": COST}, [GOOD], "decoder_died"),
        (
            {"inspection": INSPECTION | {"regions": [REGION | {"x": float("nan")}]}, "cost": COST},
            [GOOD],
            "decoder_died",
        ),
        ({"inspection": INSPECTION | {"regions": [REGION | {"x": True}]}, "cost": COST}, [GOOD], "decoder_died"),
        ({"inspection": INSPECTION | {"regions": [REGION | {"turned": [1, 2]}]}, "cost": COST}, [GOOD], "decoder_died"),
    ],
)
def test_a_strange_inspection_is_not_believed(monkeypatch, head, blobs, code):
    monkeypatch.setattr(run, "sandbox", Answering(head, blobs))
    with pytest.raises(Refused) as refused:
        inspect(JPEG)
    assert refused.value.code == code


def test_an_ordinary_inspection_is_believed(monkeypatch):
    """The row that the table above varies."""
    monkeypatch.setattr(run, "sandbox", Answering({"inspection": INSPECTION, "cost": COST}, [GOOD]))
    assert inspect(JPEG).regions[0].turned == (1, 1, 5, 5)


@pytest.mark.parametrize(
    ("rows", "blobs", "code"),
    [
        ([RENDITION], [GOOD + b"x"], "not_clean"),
        ([RENDITION], [GOOD, GOOD], "decoder_died"),
        ([], [], "decoder_died"),
        ([None], [GOOD], "decoder_died"),
        ([RENDITION | {"content_type": "text/html"}], [GOOD], "decoder_died"),
        ([RENDITION | {"name": "original"}], [GOOD], "decoder_died"),
        ("rows", [GOOD], "decoder_died"),
    ],
)
def test_strange_renditions_are_not_believed(monkeypatch, rows, blobs, code):
    monkeypatch.setattr(run, "sandbox", Answering({"renditions": rows}, blobs))
    with pytest.raises(Refused) as refused:
        render(JPEG, masks=[])
    assert refused.value.code == code


def test_the_digest_is_taken_by_the_caller(monkeypatch):
    monkeypatch.setattr(run, "sandbox", Answering({"renditions": [RENDITION]}, [GOOD]))
    assert len(render(JPEG, masks=[])[0].sha256) == 64


@pytest.mark.parametrize(
    ("blobs", "code"), [([], "decoder_died"), ([GOOD], "decoder_died"), ([GOOD + b"x", GOOD], "not_clean")]
)
def test_a_strange_result_is_not_believed(monkeypatch, blobs, code):
    head = {"inspection": INSPECTION, "cost": COST, "masks": [], "renditions": [RENDITION]}
    monkeypatch.setattr(run, "sandbox", Answering(head, blobs))
    with pytest.raises(Refused) as refused:
        deidentify(JPEG)
    assert refused.value.code == code


STROKE = wire.dump(Mask.stroke([(1.0, 2.0), (3.5, 4.0)], 6.0, "veil"))


@pytest.mark.parametrize("mask", [Mask("band", 1, 2, 3, 4, 5.5), Mask.stroke([(1.0, 2.0), (3.5, 4.0)], 6.0, "veil")])
def test_masks_travel(mask):
    assert wire.load_mask(json.loads(json.dumps(wire.dump(mask)))) == mask


@pytest.mark.parametrize(
    "raw",
    [
        {},
        STROKE | {"shape": "star"},
        STROKE | {"style": "glass"},
        STROKE | {"x": "1"},
        STROKE | {"thickness": None},
        STROKE | {"thickness": float("inf")},
        STROKE | {"points": None},
        STROKE | {"points": "ab"},
        STROKE | {"points": [[1.0]]},
        STROKE | {"points": [[1.0, 2.0, 3.0]]},
        STROKE | {"points": [[1.0, True]]},
        STROKE | {"points": [[1.0, float("nan")]]},
        STROKE | {"points": [{"x": 1.0, "y": 2.0}]},
        STROKE | {"points": [[1.0, 2.0]] * (MAX_POINTS + 1)},
    ],
)
def test_a_mask_that_is_none_is_malformed(raw):
    with pytest.raises(wire.Malformed):
        wire.load_mask(json.loads(json.dumps(raw)))


def test_a_head_of_gigabytes_is_malformed():
    with pytest.raises(wire.Malformed):
        wire.head_size(b"\xff\xff\xff\xff")


def test_refusals_travel():
    """Between processes and through queues: code and sentence survive."""
    refusal = pickle.loads(pickle.dumps(Refused("animated")))  # noqa: S301
    assert (refusal.code, refusal.sentence) == ("animated", messages.SENTENCES["animated"])
    assert errors.Dirty("jpeg:end").code == "jpeg:end"


@pytest.mark.parametrize(("frames", "count"), [(3, 3), (1, 1)])
def test_a_count_is_a_number(monkeypatch, frames, count):
    monkeypatch.setattr(run, "sandbox", Answering({"frames": frames}, []))
    assert run.count_frames(JPEG) == count


@pytest.mark.parametrize("frames", [None, "3", -1, 2.0, True])
def test_a_count_that_is_none_is_a_dead_decoder(monkeypatch, frames):
    monkeypatch.setattr(run, "sandbox", Answering({"frames": frames}, []))
    with pytest.raises(Refused) as refused:
        run.count_frames(JPEG)
    assert refused.value.code == "decoder_died"
