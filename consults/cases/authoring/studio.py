"""Step 2: the studio. Threat: only here an unmasked preview is shown, to its owner alone."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.http import MemberRequest
from audit.record import record
from consults.cases.authoring import case_pictures, mask_json, wizard
from consults.cases.models import CasePhoto
from consults.cases.review import annotations
from consults.exceptions import ChangeRefused
from core.http import gone_is_not_found
from core.permissions import allows, get_visible_or_404
from core.post_only import post_only
from imaging import engine, originals
from imaging.masks import covers
from imaging.masks.receipt import build_receipt
from imaging.models import Photo, State
from imaging.review import confirmation, results
from imaging.review.checklist import ITEMS, Answer
from imaging.review.confirmation import NotAllowed
from imaging.states import Moved
from imaging.wording import found_in_words, warnings_in_words
from vocabulary import terms


def get_in_review(request: MemberRequest, pk: UUID, photo_pk: UUID) -> CasePhoto:
    """Return an own picture whose masks are being reviewed. Raises Http404 for anything else."""
    photo: Photo = get_visible_or_404(request.user, "photo.review", photo_pk)
    case = get_visible_or_404(request.user, "case.edit", pk)
    picture: CasePhoto | None = case.pictures.select_related("photo", "case").filter(photo=photo).first()
    if picture is None:  # it belongs to another case of the same member
        raise Http404
    return picture


def next_in_review(picture: CasePhoto) -> CasePhoto | None:
    """Return the next picture of the case to review, starting over after the last; None when there is no other."""
    waiting = list(picture.case.pictures.select_related("photo").filter(photo__state=State.REVIEW))
    order = list(picture.case.pictures.values_list("photo_id", flat=True))
    at = order.index(picture.photo_id)
    later = [other for other in waiting if order.index(other.photo_id) > at]
    earlier = [other for other in waiting if order.index(other.photo_id) < at]
    return next(iter([*later, *earlier]), None)


@require_http_methods(["GET", "POST"])
def studio(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Show the suggested masks to edit, and confirm them with the answers to the checklist."""
    photo: Photo = get_visible_or_404(request.user, "photo.manage", photo_pk)
    if photo.state != State.REVIEW:
        return redirect("consults:pictures", pk=pk)
    if not allows(request.user, "photo.review", photo):  # the patient refused; that page says what can be done
        return redirect("consults:consent", pk=pk)
    picture = get_in_review(request, pk, photo_pk)
    problems: list[str] = []
    if request.method == "POST" and "kind" in request.POST:
        return _state_kind(request, picture)
    if request.method == "POST":
        try:
            _confirm(request, picture)
        except NotAllowed as refused:
            problems = refused.sentences
        except Moved as moved:
            problems = [moved.sentence]
        else:
            messages.success(request, _("Confirmed. The picture is being sealed; its original is then destroyed."))
            return redirect(wizard.studio_href(picture.case))
    case = picture.case
    sent_back = annotations.last_send_back(case)
    marked = sent_back.marks_on(photo.pk) if sent_back else None
    order = list(case.pictures.values_list("photo_id", flat=True))
    others = case.pictures.filter(photo__state=State.REVIEW).exclude(photo=photo).count()
    following = next_in_review(picture)
    return render(
        request,
        "consults/cases/authoring/studio.html",
        {
            **wizard.context(case, "studio"),
            "picture": picture,
            "photo": photo,
            "number": order.index(photo.pk) + 1,
            "following": order.index(following.photo_id) + 1 if following else None,
            "masks": mask_json.masks_to_json(photo),
            "painted": mask_json.painted_to_json(photo),
            "crop": covers.crop_of(photo),
            "marked": marked,
            "marks": mask_json.marks_to_json(marked) if marked else [],
            "questions": confirmation.open_questions(photo=photo, may_show_eyes=picture.may_show_eyes),
            "may_show_eyes": picture.may_show_eyes,
            "kinds": [] if picture.kind else [_kind_choice(kind, photo) for kind in terms.PictureKind],
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
            "others": others,
            "words_found": found_in_words(photo.found),
            "warnings": warnings_in_words(photo.warnings, picture_type=photo.stated_type),
            "warnings_seen": request.POST.getlist("warning"),
        },
        status=422 if problems else 200,
    )


def _kind_choice(kind: terms.PictureKind, photo: Photo) -> tuple[str, str, bool]:
    """Return a kind's value and label, and whether the picture looks like one of that kind."""
    return kind.value, str(kind.label), photo.picture_type == kind.value


def _state_kind(request: MemberRequest, picture: CasePhoto) -> HttpResponse:
    """Save what kind of picture it is, which decides what is asked; show the studio again."""
    kind = request.POST["kind"]
    if kind in terms.PictureKind.values:
        try:
            case_pictures.save_picture(picture=picture, fill=lambda stored: setattr(stored, "kind", kind))
        except ChangeRefused as refused:
            messages.error(request, _(refused.sentence))
            return redirect("consults:mine")
    return redirect("consults:studio", pk=picture.case_id, photo_pk=picture.photo_id)


def _confirm(request: MemberRequest, picture: CasePhoto) -> None:
    answers = {}
    for item in ITEMS:
        given = request.POST.get(f"check_{item.code}", "")
        if given in Answer.values:
            answers[item.code] = Answer(given)
    revision = request.POST.get("revision", "")
    if not revision.isdecimal() or len(revision) > 9:
        raise Moved
    confirmation.confirm(
        photo=picture.photo,
        by=request.user,
        revision=int(revision),
        answers=answers,
        no_eyes=request.POST.get("no_eyes") == "yes",
        may_show_eyes=picture.may_show_eyes,
        warnings_seen=request.POST.getlist("warning"),
    )


@post_only("consults:studio", keeps=("pk", "photo_pk"))
def save_masks(request: MemberRequest, pk: UUID, photo_pk: UUID) -> JsonResponse:
    """Save the masks and the crop after each edit; respond with the saved state."""
    picture = get_in_review(request, pk, photo_pk)
    try:
        edits, crop, revision = mask_json.parse(request.body)
    except (*mask_json.UNREADABLE, RawPostDataException):  # the last: a form, which has been read as one
        sentence = _("The masks could not be read. Reload the page; what was saved is still there.")
        return mask_json.refusal_response(sentence, status=400)
    if sentences := mask_json.problems_in_reasons(edits):
        return mask_json.refusal_response(" ".join(sentences), status=422)
    try:
        confirmation.save_masks(photo=picture.photo, by=request.user, edits=edits, revision=revision, crop=crop)
    except NotAllowed as wrong:
        return mask_json.refusal_response(wrong.sentence, status=422)
    except Moved:
        return mask_json.conflict_response(picture)
    return mask_json.saved_response(picture)


@post_only("consults:studio", keeps=("pk", "photo_pk"))
def copy_masks(request: MemberRequest, pk: UUID, photo_pk: UUID) -> JsonResponse:
    """Copy this picture's covers to the next picture in review; respond with their number and its URL."""
    picture = get_in_review(request, pk, photo_pk)
    following = next_in_review(picture)
    if following is None:
        return mask_json.refusal_response(_("No other picture of this case is waiting for its review."), status=409)
    try:
        copied = confirmation.copy_masks(photo=picture.photo, to=following.photo, by=request.user)
    except NotAllowed as wrong:
        return mask_json.refusal_response(wrong.sentence, status=422)
    except Moved:
        return mask_json.refusal_response(
            _("The next picture no longer waits for its review. Reload the page."), status=409
        )
    return JsonResponse({"copied": copied, "href": reverse("consults:studio", args=[pk, following.photo_id])})


@require_safe
def mask_receipt(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Show how a sealed picture was made, to its author and its second reader."""
    photo: Photo = get_visible_or_404(request.user, "photo.receipt", photo_pk)
    if photo.placement.case_id != pk:
        raise Http404
    case = photo.placement.case
    mine = case.author_id == request.user.pk
    return render(
        request,
        "consults/cases/authoring/mask_receipt.html",
        {
            "photo": photo,
            "number": list(case.pictures.values_list("photo_id", flat=True)).index(photo.pk) + 1,
            "receipt": build_receipt(photo),
            "back": reverse("consults:check" if mine else "consults:second_read", args=[pk]),
        },
    )


def _picture_response(data: bytes, content_type: str) -> HttpResponse:
    return HttpResponse(data, headers={"Content-Type": content_type, "Cache-Control": "private, no-store"})


@require_GET
def preview(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Return the unmasked preview, for its owner's review only."""
    photo = get_in_review(request, pk, photo_pk).photo
    with gone_is_not_found():
        data = originals.read_preview(photo=photo)
    record(verb="photo.previewed", actor=request.user, subject=("photo", photo.pk))
    return _picture_response(data, "image/jpeg")


@require_GET
def result(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Return the server's rendering of the masks as saved; 202 while it is being made."""
    photo = get_in_review(request, pk, photo_pk).photo
    try:
        with gone_is_not_found():
            data = results.look(photo=photo)
    except engine.Refused as refused:
        return _words(refused.sentence, status=422)
    except results.TooMany as refused:
        return _words(refused.sentence, status=429)
    if data is None:
        return _words(_("The picture is being covered. It appears in some seconds."), status=202)
    return _picture_response(data, "image/jpeg")


def _words(sentence: str, *, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
