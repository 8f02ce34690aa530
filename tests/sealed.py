"""A case's facts and a sealed picture, as every maker of cases needs them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.models import Member
from core import storage
from core.crypto import vault
from imaging.models import Photo, Rendition, State
from imaging.review.checklist import ITEMS

FACTS: dict[str, Any] = {
    "title": "Slowly growing plaque",
    "note": "Appeared over months on sun-exposed skin.",
    "question": "diagnosis",
    "age_band": "60-69",
    "sex": "female",
    "site": "cheek",
    "duration": "6m-2y",
    "morphology": "plaque",
    "differential": ["actinic-keratosis"],
}


def photo(owner: Member, *, contents: Sequence[bytes], stored: bool, **fields: Any) -> Photo:
    """A sealed photo with its three renditions of these bytes; `stored` seals them in the storage too."""
    now = timezone.now()
    made = Photo.objects.create(
        owner=owner,
        state=State.SEALED,
        width=1200,
        height=900,
        engine_version="1",
        checklist={item.code: "absent" for item in ITEMS},
        confirmed_at=now,
        confirmed_by=owner,
        sealed_at=now,
        **fields,
    )
    if stored:
        vault.create_key(made.key_id)
    for name, data in zip(Rendition.Name.values, contents, strict=True):
        rendition = Rendition.objects.create(
            photo=made,
            name=name,
            content_type="image/jpeg",
            width=1200,
            height=900,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            pipeline_version="1",
        )
        if stored:
            storage.put_sealed(
                storage.renditions(),
                name=rendition.object_name,
                key_id=made.key_id,
                context=rendition.context,
                data=data,
            )
    return made
