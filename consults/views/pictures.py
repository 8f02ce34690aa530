"""Step 1: pictures in, each with its own request, progress and refusal."""

import contextlib
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from consults.cases import service, steps
from consults.forms.facts import AboutPictureForm
from consults.models import Case, CasePhoto
from consults.views.http import MemberRequest
from core import jobs
from core.policy import get_visible_or_404
from imaging import engine
from imaging import service as imaging
from imaging.models import Photo, State
from imaging.states import Moved

WAITING = (State.RECEIVED, State.CONFIRMED)


def card(request: MemberRequest, picture: CasePhoto) -> dict[str, object]:
    """Template context of one picture's row."""
    photo = picture.photo
    job = None
    if photo.state in WAITING:
        kind = imaging.INSPECT if photo.state == State.RECEIVED else imaging.SEAL
        job = jobs.state_of(kind=kind, subject=photo.pk)
    return {
        "picture": picture,
        "photo": photo,
        "waiting": photo.state in WAITING,
        "parked": job is not None and job.state == "parked",
        "about": AboutPictureForm(instance=picture, prefix=str(photo.pk)),
        "thumbnail": photo.thumbnail,
    }


@require_http_methods(["GET", "POST"])
def pictures(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The list of pictures (GET) or one more picture (POST, JSON)."""
    case = get_visible_or_404(request.user, "case.edit", pk)
    if request.method == "POST":
        return _upload(request, case)
    placed = case.pictures.select_related("photo").prefetch_related("photo__renditions")
    return render(
        request,
        "consults/new/pictures.html",
        {
            **steps.context(case, "pictures"),
            "cards": [card(request, picture) for picture in placed],
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "studio_href": steps.studio_href(case),
        },
    )


def _refusal(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def _upload(request: MemberRequest, case: Case) -> HttpResponse:
    try:
        key = UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        return _refusal(_("The upload was incomplete. Reload the page and add the picture again."), 400)
    upload = request.FILES.get("picture")
    if upload is None:
        return _refusal(_("No picture arrived. Choose it again."), 400)
    if upload.size is not None and upload.size > settings.UPLOAD_MAX_BYTES:
        return _refusal(_(engine.Refused("too_large_file").sentence), 413)
    try:
        picture = service.add_picture(case=case, by=request.user, data=upload.read(), idempotency_key=key)
    except engine.Refused as refused:
        return _refusal(_(refused.sentence), 422)
    except service.NotPossible as refused:
        return _refusal(refused.sentence, 409)
    html = render_to_string("consults/new/picture_card.html", {"card": card(request, picture)}, request=request)
    return JsonResponse({"href": "", "html": html}, status=201)


def _picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> CasePhoto:
    photo: Photo = get_visible_or_404(request.user, "photo.manage", photo_pk)
    case: Case = get_visible_or_404(request.user, "case.edit", pk)
    picture: CasePhoto | None = case.pictures.select_related("photo").filter(photo=photo).first()
    if picture is None:  # it lies in another case of the same member
        raise Http404
    return picture


@require_GET
def picture_card(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """One row, polled while the pipeline works."""
    picture = _picture(request, pk, photo_pk)
    return render(request, "consults/new/picture_card.html", {"card": card(request, picture)})


@require_POST
def about_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Save what the picture is; answers with the row."""
    picture = _picture(request, pk, photo_pk)
    form = AboutPictureForm(request.POST, instance=picture, prefix=str(photo_pk))
    if form.is_valid():
        try:
            service.keep_picture(picture=form.save(commit=False))
        except service.NotPossible as refused:
            messages.error(request, refused.sentence)
            return redirect("consults:mine")
    context = {"card": {**card(request, picture), "about": form, "saved": form.is_valid()}}
    if request.headers.get("HX-Request"):
        return render(request, "consults/new/picture_card.html", context)
    return redirect("consults:pictures", pk=pk)


@require_POST
def remove_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Destroy one picture of the draft."""
    service.remove_picture(photo=_picture(request, pk, photo_pk).photo)
    if request.headers.get("HX-Request"):
        return HttpResponse("")
    return redirect("consults:pictures", pk=pk)


@require_POST
def move_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Move one picture up or down."""
    picture = _picture(request, pk, photo_pk)
    order = list(picture.case.pictures.values_list("photo_id", flat=True))
    at = order.index(picture.photo_id)
    to = max(0, min(len(order) - 1, at + (-1 if request.POST.get("to") == "up" else 1)))
    order.insert(to, order.pop(at))
    service.arrange(case=picture.case, order=order)
    return redirect("consults:pictures", pk=pk)


@require_POST
def reopen_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Take a sealed picture back into review, to cover more."""
    picture = _picture(request, pk, photo_pk)
    # Two clicks are one wish: the second finds it reopened.
    with contextlib.suppress(Moved):
        imaging.reopen(photo=picture.photo, by=request.user)
    return redirect("consults:pictures", pk=pk)
