"""Uploads in pieces: bytes received (GET), the next piece (PUT), cancelled (DELETE). JSON."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse, JsonResponse, UnreadablePostError
from django.http.request import RawPostDataException
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from consults import exceptions
from consults.cases.authoring import pictures, upload_pieces, wizard
from consults.cases.models import Case, CasePhoto
from core.permissions import get_visible_or_404
from imaging import engine
from imaging.models import Upload
from imaging.uploads import WrongOffset


@dataclass(frozen=True)
class Piece:
    """The headers of a request: the file's key, its size and the piece's offset, in bytes."""

    key: UUID
    size: int
    offset: int


def _parse_bytes(text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise ValueError("not a number of bytes")
    return int(text)


def _parse_headers(request: MemberRequest) -> Piece:
    """Parse the headers of a request. Raises ValueError."""
    headers = request.headers
    sending = request.method == "PUT"
    return Piece(
        key=UUID(headers.get("Idempotency-Key", "")),
        size=_parse_bytes(headers.get("Upload-Length", "")) if sending else 0,
        offset=_parse_bytes(headers.get("Upload-Offset", "")) if sending else 0,
    )


@require_http_methods(["GET", "PUT", "DELETE"])
def upload(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Handle one file of a draft; Idempotency-Key, Upload-Length and Upload-Offset name file and piece."""
    case: Case = get_visible_or_404(request.user, "case.edit", pk)
    try:
        piece = _parse_headers(request)
    except ValueError:
        return _refusal_response(_("The upload was incomplete. Reload the page and add the picture again."), 400)
    key = upload_pieces.derive_key(case=case, by=request.user, sender_key=piece.key)
    if request.method == "DELETE":
        upload_pieces.cancel(by=request.user, key=key)
        return HttpResponse(status=204)
    if request.method == "PUT":
        return _put(request, case, key, piece)
    picture = upload_pieces.find_picture(case=case, key=key)
    return (
        _picture_response(request, picture)
        if picture
        else _offset_response(upload_pieces.received_bytes(by=request.user, key=key))
    )


def _put(request: MemberRequest, case: Case, key: UUID, piece: Piece) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > Upload.PIECE_BYTES:
        return _refusal_response(_("The upload was incomplete. Reload the page and add the picture again."), 413)
    try:
        data = request.body
    except (UnreadablePostError, RawPostDataException):  # the connection is gone, or it was a form
        return HttpResponse(status=400)
    try:
        taken = upload_pieces.take_piece(
            case=case, by=request.user, key=key, size=piece.size, offset=piece.offset, data=data
        )
    except WrongOffset as out:
        return _offset_response(out.offset, status=409)
    except engine.Refused as refused:
        return _refusal_response(_(refused.sentence), 422)
    except exceptions.ChangeRefused as refused:
        return _refusal_response(_(refused.sentence), 422)
    return _picture_response(request, taken) if isinstance(taken, CasePhoto) else _offset_response(taken)


def _offset_response(offset: int, *, status: int = 200) -> JsonResponse:
    return JsonResponse({"offset": offset}, status=status)


def _picture_response(request: MemberRequest, picture: CasePhoto) -> JsonResponse:
    (card,) = (card for card in pictures.cards(picture.case) if card.photo == picture.photo)
    html = render_to_string("consults/cases/authoring/picture_card.html", {"card": card}, request=request)
    missing = render_to_string("partials/missing.html", {"blockers": wizard.missing(picture.case)}, request=request)
    return JsonResponse({"id": str(picture.photo_id), "html": html, "missing_html": missing}, status=201)


def _refusal_response(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)
