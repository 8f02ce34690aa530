"""Choice among the pictures of one file: pages of a TIFF, frames of a DICOM file.

Threat: the previews are unmasked; they are shown to the owner alone, and only until the choice is made.
"""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from audit.record import record
from consults import exceptions
from consults.cases.authoring import case_pictures, wizard
from consults.cases.authoring.pictures import get_picture
from core.http import gone_is_not_found
from imaging import engine, originals
from imaging.states import Moved


@require_http_methods(["GET", "POST"])
def choose_frames(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Show the pictures of a file (GET), and make pictures of the draft of those that are chosen (POST)."""
    picture = get_picture(request, pk, photo_pk)
    photo = picture.photo
    if not photo.awaits_choice:  # chosen already, in another window
        return redirect("consults:pictures", pk=pk)
    problem = ""
    chosen = [int(text) for text in request.POST.getlist("frame") if text.isdecimal() and len(text) < 5]
    if request.method == "POST":
        try:
            case_pictures.choose_frames(picture=picture, by=request.user, numbers=chosen)
        except (engine.Refused, exceptions.ChangeRefused) as refused:
            problem = _(refused.sentence)
        except Moved as moved:
            messages.error(request, moved.sentence)
            return redirect("consults:pictures", pk=pk)
        else:
            return redirect("consults:pictures", pk=pk)
    return render(
        request,
        "consults/cases/authoring/frames.html",
        {
            **wizard.context(picture.case, "pictures"),
            "picture": picture,
            "photo": photo,
            "frames": [
                {"number": number, "shown": number <= originals.PREVIEWED_FRAMES, "chosen": number in chosen}
                for number in range(1, photo.frames + 1)
            ],
            "room": case_pictures.MAX_PICTURES - picture.case.pictures.count() + 1,
            "problem": problem,
        },
        status=422 if problem else 200,
    )


@require_GET
def frame_preview(request: MemberRequest, pk: UUID, photo_pk: UUID, number: int) -> HttpResponse:
    """Return the unmasked preview of one of a file's pictures, for its owner's choice only."""
    photo = get_picture(request, pk, photo_pk).photo
    if not photo.awaits_choice:
        raise Http404
    with gone_is_not_found():
        data = originals.read_frame(photo=photo, number=number)
    record(verb="photo.previewed", actor=request.user, subject=("photo", photo.pk))
    return HttpResponse(data, headers={"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"})
