"""Requests as views receive them, and the data that forms bind to."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django_htmx.middleware import HtmxDetails

from accounts.membership.models import Member


class SignedInRequest(HttpRequest):
    """A request of a signed-in person whom the view admits, applicants among them. For annotations."""

    user: Member
    htmx: HtmxDetails


class MemberRequest(SignedInRequest):
    """A request that `VerifiedMembersMiddleware` let into a view for verified members. For annotations."""


def bound_data(request: HttpRequest) -> tuple[QueryDict | None, MultiValueDict[str, "UploadedFile[Any]"] | None]:
    """Return (data, files) to bind a form to: those of a POST, even an empty one; (None, None) otherwise."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
