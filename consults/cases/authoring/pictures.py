"""Step 1: adding pictures, with progress or refusal for each, their details and their order."""

import contextlib
from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from consults import exceptions
from consults.cases.authoring import case_pictures, progress, wizard
from consults.cases.authoring.forms import AboutPictureForm
from consults.cases.authoring.progress import PictureProgress
from consults.cases.models import Case, CasePhoto
from core.permissions import get_visible_or_404
from core.post_only import post_only
from imaging import engine
from imaging.models import Photo, Rendition, Upload
from imaging.originals import Pieces
from imaging.renditions import pipeline as imaging
from imaging.states import Moved


@dataclass(frozen=True)
class PictureCard:
    """One picture in the list of a draft."""

    number: int
    picture: CasePhoto
    photo: Photo
    progress: PictureProgress
    about: AboutPictureForm
    thumbnail: Rendition | None


def cards(case: Case) -> list[PictureCard]:
    """Return the cards of a draft's pictures in their order."""
    placed = list(case.pictures.select_related("photo").prefetch_related("photo__renditions"))
    seen = progress.progress_of(placed)
    return [
        PictureCard(
            number=number,
            picture=picture,
            photo=picture.photo,
            progress=seen[picture.photo_id],
            about=AboutPictureForm(instance=picture, prefix=str(picture.photo_id)),
            thumbnail=picture.photo.thumbnail,
        )
        for number, picture in enumerate(placed, start=1)
    ]


@require_http_methods(["GET", "POST"])
def pictures(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the list of pictures (GET), or add whole files sent by a page without scripts (POST)."""
    case = get_visible_or_404(request.user, "case.edit", pk)
    if request.method == "POST":
        return _add_pictures(request, case)
    rows = cards(case)
    return render(
        request,
        "consults/cases/authoring/pictures.html",
        {
            **wizard.context(case, "pictures"),
            "cards": rows,
            "waiting": any(row.progress.waiting for row in rows),
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "piece_bytes": Upload.PIECE_BYTES,
            "key": uuid4(),
            "studio_href": wizard.studio_href(case),
        },
    )


def _add_pictures(request: MemberRequest, case: Case) -> HttpResponse:
    """Add each file under a key derived from the form's, so that a form sent twice adds nothing."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise BadRequest("no idempotency key") from error
    files = request.FILES.getlist("picture")
    if not files:
        messages.error(request, _("No picture arrived. Choose it again."))
    for number, file in enumerate(files):
        refusal = ""
        size = file.size or 0
        try:
            if size > settings.UPLOAD_MAX_BYTES:
                raise engine.Refused("too_large_file")
            case_pictures.add_picture(
                case=case,
                by=request.user,
                data=Pieces(size, file.chunks()),
                idempotency_key=uuid5(key, str(number)),
            )
        except (engine.Refused, exceptions.ChangeRefused) as refused:
            refusal = _(refused.sentence)
        if refusal:
            sentence = _("File %(number)s: %(reason)s") % {"number": number + 1, "reason": refusal}
            messages.error(request, sentence)
    return redirect("consults:pictures", pk=case.pk)


@require_GET
def picture_progress(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the cards that have changed since the page last asked (`known`), and whether to ask again."""
    case = get_visible_or_404(request.user, "case.edit", pk)
    known = set(request.GET.getlist("known"))
    rows = cards(case)
    changed = [row for row in rows if row.progress.known not in known]
    waiting = [row for row in rows if row.progress.waiting]
    return render(
        request,
        "consults/cases/authoring/picture_progress.html",
        {
            "case": case,
            "changed": changed,
            "still": [row for row in waiting if row not in changed],
            "waiting": bool(waiting),
            "blockers": wizard.missing(case) if changed else None,
        },
    )


def get_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> CasePhoto:
    """Return an own picture at its own draft. Raises Http404 for anything else."""
    photo: Photo = get_visible_or_404(request.user, "photo.manage", photo_pk)
    case: Case = get_visible_or_404(request.user, "case.edit", pk)
    picture: CasePhoto | None = case.pictures.select_related("photo").filter(photo=photo).first()
    if picture is None:  # it belongs to another case of the same member
        raise Http404
    return picture


@post_only("consults:pictures")
def about_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Save the details of a picture, by autosave (JSON) or by the button."""
    picture = get_picture(request, pk, photo_pk)
    form = AboutPictureForm(request.POST, instance=picture, prefix=str(photo_pk))
    refusal = ""
    if form.is_valid():
        try:
            case_pictures.save_picture(picture=picture, fill=form.merge_into)
        except exceptions.ChangeRefused as refused:
            refusal = _(refused.sentence)
    if request.headers.get("X-Autosave"):
        if refusal:
            return JsonResponse({"error": refusal}, status=409)
        missing = {"blockers": wizard.missing(picture.case)}
        return JsonResponse(
            {
                "saved_at": date_format(timezone.localtime(), "H:i"),
                "errors": {form.add_prefix(name): [str(e) for e in errors] for name, errors in form.errors.items()},
                "missing_html": render_to_string("partials/missing.html", missing, request=request),
                **form.answer(),
            }
        )
    if refusal:
        messages.error(request, refusal)
        return redirect("consults:mine")
    form.show_conflicts()
    for errors in form.errors.values():
        messages.error(request, " ".join(str(error) for error in errors))
    return redirect("consults:pictures", pk=pk)


@post_only("consults:pictures")
def remove_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Destroy one picture of the draft."""
    case_pictures.remove_picture(photo=get_picture(request, pk, photo_pk).photo)
    if request.headers.get("HX-Request"):
        return HttpResponse("")
    return redirect("consults:pictures", pk=pk)


@post_only("consults:pictures")
def move_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Move one picture up or down."""
    picture = get_picture(request, pk, photo_pk)
    order = list(picture.case.pictures.values_list("photo_id", flat=True))
    at = order.index(picture.photo_id)
    to = max(0, min(len(order) - 1, at + (-1 if request.POST.get("to") == "up" else 1)))
    order.insert(to, order.pop(at))
    try:
        case_pictures.arrange(case=picture.case, order=order)
    except exceptions.ChangeRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("consults:mine")
    return redirect("consults:pictures", pk=pk)


@post_only("consults:pictures")
def arrange_pictures(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Put the pictures into the order of the ids sent."""
    case = get_visible_or_404(request.user, "case.edit", pk)
    try:
        order = [UUID(photo_pk) for photo_pk in request.POST.getlist("picture")]
    except ValueError as error:
        raise BadRequest("not ids") from error
    try:
        case_pictures.arrange(case=case, order=order)
    except exceptions.ChangeRefused as refused:
        return JsonResponse({"error": refused.sentence}, status=409)
    return JsonResponse({"order": [str(photo_pk) for photo_pk in case.pictures.values_list("photo_id", flat=True)]})


@post_only("consults:pictures")
def retry_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Retry the parked job of a picture."""
    case_pictures.retry(photo=get_picture(request, pk, photo_pk).photo, by=request.user)
    return redirect("consults:pictures", pk=pk)


@post_only("consults:pictures")
def reopen_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Take a sealed picture back into review, to cover more."""
    picture = get_picture(request, pk, photo_pk)
    # A second click finds it reopened already.
    with contextlib.suppress(Moved):
        imaging.reopen(photo=picture.photo, by=request.user)
    return redirect("consults:pictures", pk=pk)
