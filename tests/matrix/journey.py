"""A case from the first upload to its release, all of it through the pages, as test clients send it."""

import json
import uuid
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consent.forms.publishing import current_forms
from consults.cases.authoring.upload_pieces import derive_key
from consults.cases.review.second_read import digest
from consults.models import Case
from imaging.models import Photo, Region, Upload
from imaging.review.checklist import ITEMS
from tests.consent import drawing
from tests.consults import reading

SIGNATURE = drawing.data_url(drawing.signature())


def client_of(member: Member) -> Client:
    """A client with this member's session that answers faults with a page, as the server does."""
    client = Client(raise_request_exception=False)
    client.force_login(member)
    return client


def new_case(client: Client) -> Case:
    """The draft that “New case” leads to."""
    response = client.get(reverse("consults:new"))
    assert response.status_code == 302
    return Case.objects.get(pk=response["Location"].split("/")[2])


def upload(client: Client, case: Case, data: bytes, *, key: object = None) -> HttpResponse:
    """Send one file piece by piece, as the upload script does; the answer to the last piece."""
    key, at, out_of_step = key or uuid.uuid4(), 0, 0
    while True:
        answer = put(client, case, data[at : at + Upload.PIECE_BYTES], key=key, offset=at, size=len(data))
        out_of_step += answer.status_code == 409
        if answer.status_code not in (200, 409) or out_of_step > 5:
            return answer
        at = answer.json()["offset"]


def post_whole(client: Client, case: Case, *files: object, key: object = "") -> HttpResponse:
    """Send files as the page's form does where there are no scripts."""
    return client.post(
        reverse("consults:pictures", args=[case.pk]), {"key": str(key or uuid.uuid4()), "picture": list(files)}
    )


def put(client: Client, case: Case, piece: bytes, *, key: object, offset: int, size: int) -> HttpResponse:
    """Send one piece of a file of `size` bytes."""
    return client.put(
        reverse("consults:upload", args=[case.pk]),
        piece,
        content_type="application/octet-stream",
        headers={"Idempotency-Key": str(key), "Upload-Offset": str(offset), "Upload-Length": str(size)},
    )


def kept_key(case: Case, by: Member, sent: object) -> uuid.UUID:
    """What the database knows a file by that was sent under this key."""
    return derive_key(case=case, by=by, sender_key=uuid.UUID(str(sent)))


def masks_of(photo: Photo, **changes: Any) -> list[dict[str, Any]]:
    """The photo's regions as the studio sends them; what has to be checked is accepted."""
    return [
        {
            "id": str(region.pk),
            "kind": region.kind,
            "shape": region.shape,
            "style": region.style,
            "x": region.x,
            "y": region.y,
            "width": region.width,
            "height": region.height,
            "angle": region.angle,
            "points": region.points,
            "thickness": region.thickness,
            "state": "accepted" if region.choice == Region.Choice.CHECK else region.choice,
            "reason": region.reason,
        }
        | changes
        for region in photo.regions.all()
    ]


def save_masks(
    client: Client, photo: Photo, masks: list[dict[str, Any]], *, revision: int | None = None
) -> HttpResponse:
    """Save the masks of a photo in review."""
    body = {"revision": photo.mask_revision if revision is None else revision, "masks": masks}
    return client.post(address("save_masks", photo), json.dumps(body), content_type="application/json")


def address(view: str, photo: Photo) -> str:
    """Where this photo's page is."""
    return reverse(f"consults:{view}", args=[photo.placement.case_id, photo.pk])


def answers(**changes: str) -> dict[str, str]:
    """The checklist with nothing in the picture that gives anybody away."""
    return {f"check_{item.code}": "absent" for item in ITEMS} | changes


def confirm(client: Client, photo: Photo, **changes: str) -> HttpResponse:
    """Confirm the masks of a photo in review as they are now, whatever the warnings."""
    photo.refresh_from_db()
    fields = {"revision": str(photo.mask_revision), "warning": photo.warnings, **answers(), **changes}
    return client.post(address("studio", photo), fields)


def describe(client: Client, photo: Photo, kind: str = "close-up", **more: str) -> HttpResponse:
    """Say what kind of picture it is."""
    fields = {f"{photo.pk}-{name}": value for name, value in {"kind": kind, **more}.items()}
    return client.post(address("about_picture", photo), fields)


def facts(client: Client, case: Case, **changes: Any) -> HttpResponse:
    """Fill in the case in words."""
    fields = {name: value for name, value in reading.FACTS.items() if name != "differential"}
    fields |= {"kind": "difficult", "differential_1": reading.FACTS["differential"][0]}
    return client.post(reverse("consults:facts", args=[case.pk]), fields | changes)


def consent_fields(**changes: Any) -> dict[str, Any]:
    """A consent for all vetted members, signed on the screen."""
    form = current_forms(language="en").first()
    assert form is not None
    fields = {
        "action": "record",
        "form": str(form.pk),
        "capacity": "capable",
        "relation": "self",
        "uses": ["all_members"],
        "shown": "not_shown",
        "signed_on": "2024-05-06",
        "signature_kind": "drawn",
        "signature": SIGNATURE,
        "copy_given": "on",
    }
    return fields | changes


def consent(client: Client, case: Case, **changes: Any) -> HttpResponse:
    """Record the patient's consent; the page with the code, if one was issued."""
    answer = client.post(reverse("consults:consent", args=[case.pk]), consent_fields(**changes))
    return code_page(client, answer)


def code_page(client: Client, answer: HttpResponse) -> HttpResponse:
    """The page with the code that this answer leads to, or the answer itself."""
    address = answer.get("Location", "")
    return client.get(address) if address.endswith("/code/") else answer


def submit(client: Client, case: Case) -> HttpResponse:
    """Send the draft to the second reader."""
    return client.post(reverse("consults:check", args=[case.pk]))


def release(client: Client, case: Case) -> HttpResponse:
    """The second reader finds nothing."""
    seen = digest(Case.objects.get(pk=case.pk))
    fields = {"decision": "release", "looked": "on", "seen": seen}
    return client.post(reverse("consults:second_read", args=[case.pk]), fields)
