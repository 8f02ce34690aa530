"""Step 2: the studio. The only place where an unmasked preview is shown, to its owner alone."""

import json
import math
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.record import record
from consults.cases import steps
from consults.models import CasePhoto
from consults.views.http import MemberRequest
from core.policy import get_visible_or_404
from core.vault import KeyDestroyed
from imaging import engine, originals, review
from imaging.checklist import ITEMS, Answer
from imaging.models import Photo, Region, State
from imaging.review import MaskEdit, NotAllowed
from imaging.states import Moved
from imaging.words import advice, in_words

# What reading a stranger's JSON may raise: wrong types, numbers out of range, nesting without end.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


def masks_of(photo: Photo) -> list[dict[str, object]]:
    """The photo's regions as the studio's script reads them."""
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
            "score": region.score,
            "detector": region.detector,
            "state": region.choice,
            "reason": region.reason,
        }
        for region in photo.regions.all()
    ]


def _review(request: MemberRequest, pk: UUID, photo_pk: UUID) -> CasePhoto:
    photo: Photo = get_visible_or_404(request.user, "photo.review", photo_pk)
    case = get_visible_or_404(request.user, "case.edit", pk)
    picture: CasePhoto | None = case.pictures.select_related("photo", "case").filter(photo=photo).first()
    if picture is None:  # it lies in another case of the same member
        raise Http404
    return picture


@require_http_methods(["GET", "POST"])
def studio(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """See the suggested masks, change them, answer the checklist, confirm."""
    photo: Photo = get_visible_or_404(request.user, "photo.manage", photo_pk)
    if photo.state != State.REVIEW:
        return redirect("consults:pictures", pk=pk)
    picture = _review(request, pk, photo_pk)
    problems: list[str] = []
    if request.method == "POST":
        try:
            _confirm(request, picture)
        except NotAllowed as refused:
            problems = refused.sentences
        except Moved as moved:
            problems = [moved.sentence]
        else:
            messages.success(request, _("Confirmed. The picture is being sealed; its original is then destroyed."))
            return redirect(steps.studio_href(picture.case))
    case = picture.case
    waiting = list(
        case.pictures.filter(photo__state=State.REVIEW).exclude(photo=photo).values_list("photo_id", flat=True)
    )
    return render(
        request,
        "consults/new/studio.html",
        {
            **steps.context(case, "studio"),
            "picture": picture,
            "photo": photo,
            "number": list(case.pictures.values_list("photo_id", flat=True)).index(photo.pk) + 1,
            "masks": masks_of(photo),
            "questions": review.open_questions(photo=photo, may_show_eyes=picture.may_show_eyes),
            "may_show_eyes": picture.may_show_eyes,
            "checklist": [
                {
                    "code": item.code,
                    "label": item.label,
                    "answers": [(str(a), a.label) for a in item.answers],
                    "chosen": request.POST.get(f"check_{item.code}", ""),
                }
                for item in ITEMS
            ],
            "no_eyes": request.POST.get("no_eyes", ""),
            "problems": problems,
            "others": len(waiting),
            "hours": settings.RULES["original_hours"],
            "words_found": in_words(photo.found),
            "advice": advice(photo.warnings),
        },
        status=422 if problems else 200,
    )


def _confirm(request: MemberRequest, picture: CasePhoto) -> None:
    answers = {}
    for item in ITEMS:
        given = request.POST.get(f"check_{item.code}", "")
        if given in Answer.values:
            answers[item.code] = Answer(given)
    revision = request.POST.get("revision", "")
    if not revision.isdecimal() or len(revision) > 9:
        raise Moved
    review.confirm(
        photo=picture.photo,
        by=request.user,
        revision=int(revision),
        answers=answers,
        no_eyes=request.POST.get("no_eyes") == "yes",
        may_show_eyes=picture.may_show_eyes,
    )


@require_POST
def save_masks(request: MemberRequest, pk: UUID, photo_pk: UUID) -> JsonResponse:
    """Save the masks as one draws; answers with what the server keeps."""
    picture = _review(request, pk, photo_pk)
    try:
        body = json.loads(request.body)
        edits = [_edit(mask) for mask in body["masks"]]
        revision = int(body["revision"])
    except UNREADABLE as error:
        sentence = _("The masks could not be read. Reload the page; what was saved is still there.")
        return JsonResponse({"error": sentence, "reason": type(error).__name__}, status=400)
    try:
        saved = review.save_masks(photo=picture.photo, by=request.user, edits=edits, revision=revision)
    except NotAllowed as refused:
        return JsonResponse({"error": " ".join(refused.sentences)}, status=422)
    except Moved:
        return JsonResponse(
            {"error": _("This picture was changed in another window. Reload the page and go on from there.")},
            status=409,
        )
    photo = Photo.objects.get(pk=photo_pk)
    return JsonResponse(
        {
            "revision": saved,
            "masks": masks_of(photo),
            "rules": review.open_questions(photo=photo, may_show_eyes=picture.may_show_eyes),
        }
    )


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _edit(mask: dict[str, Any]) -> MaskEdit:
    """One mask from JSON. Raises one of UNREADABLE."""
    try:
        known = UUID(str(mask.get("id")))
    except ValueError:
        known = None
    return MaskEdit(
        id=known,
        kind=Region.Kind(mask["kind"]),
        shape=Region.Shape(mask["shape"]),
        style=Region.Style(mask["style"]),
        x=_number(mask["x"]),
        y=_number(mask["y"]),
        width=_number(mask["width"]),
        height=_number(mask["height"]),
        angle=_number(mask.get("angle", 0)),
        choice=Region.Choice(mask["state"]),
        reason=str(mask.get("reason") or ""),
    )


def _picture_response(data: bytes, content_type: str) -> HttpResponse:
    return HttpResponse(data, headers={"Content-Type": content_type, "Cache-Control": "private, no-store"})


@require_GET
def preview(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """The unmasked preview, for its owner's review only."""
    photo = _review(request, pk, photo_pk).photo
    try:
        data = originals.read_preview(photo=photo)
    except (KeyDestroyed, FileNotFoundError):
        return HttpResponse(status=404)
    record(verb="photo.previewed", actor=request.user, subject=("photo", photo.pk))
    return _picture_response(data, "image/jpeg")


@require_GET
def result(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """The server's own rendering of the masks as saved."""
    photo = _review(request, pk, photo_pk).photo
    try:
        rendered = review.masked_preview(photo=photo)
    except engine.Refused as refused:
        return HttpResponse(refused.sentence, status=422, content_type="text/plain; charset=utf-8")
    except (KeyDestroyed, FileNotFoundError):
        return HttpResponse(status=404)
    return _picture_response(rendered.data, rendered.content_type)


def studio_urls(case_pk: UUID, photo_pk: UUID) -> dict[str, str]:
    """Addresses the studio's script talks to."""
    return {
        name: reverse(f"consults:{view}", args=[case_pk, photo_pk])
        for name, view in (("picture", "preview"), ("save", "save_masks"), ("result", "result"))
    }
