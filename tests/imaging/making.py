"""Photos whose original is in the store, in the state that a test is about."""

import io
from typing import Any

import numpy as np
from django.utils import timezone
from PIL import Image

from consults.models import Case, CasePhoto, CaseState
from core import storage
from core.crypto import vault
from imaging.models import Photo, Region, Rendition, State
from imaging.renditions import pipeline
from tests import factories
from tests.consults import reading

BOX = {"kind": "other", "shape": "box", "style": "bar", "x": 40.0, "y": 60.0, "width": 100.0, "height": 50.0}


def photo(data: bytes = b"not looked at", *, state: State = State.REVIEW, size: tuple[int, int] = (640, 480)) -> Photo:
    """A photo of a draft of alice's with its original (and, as its preview, the same bytes) in the store."""
    alice = factories.person("alice")
    case = Case.objects.create(author=alice, state=CaseState.DRAFT, **reading.FACTS)
    confirmed = {"confirmed_at": timezone.now(), "confirmed_by": alice} if state in ("confirmed", "sealed") else {}
    sealed = {"sealed_at": timezone.now()} if state == "sealed" else {}
    made = Photo.objects.create(owner=alice, state=state, width=size[0], height=size[1], **confirmed, **sealed)
    CasePhoto.objects.create(case=case, photo=made, kind="close-up")
    vault.create_key(made.original_key)
    for part, name in (("original", made.original_name), ("preview", made.preview_name)):
        context = f"{part}|{made.id}|{made.original_key}"
        storage.put_sealed(storage.originals(), name=name, key_id=made.original_key, context=context, data=data)
    return made


def region(of: Photo, **fields: Any) -> Region:
    """A region of this photo: found by a detector, or drawn when `choice` says so."""
    found = {"choice": "suggested", "detector": "test", "score": 0.9}
    if fields.get("choice") == "drawn":
        found = {}
    return Region.objects.create(photo=of, **(BOX | found | fields))


def pixels(rendition: Rendition) -> np.ndarray:
    """H×W×3 uint8 of a sealed rendition."""
    with Image.open(io.BytesIO(pipeline.read_rendition(rendition=rendition))) as picture:
        return np.asarray(picture.convert("RGB"))


def full(of: Photo) -> Rendition:
    """The full-size rendition."""
    return of.renditions.get(name="full")
