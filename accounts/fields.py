"""Form fields and helpers that pages of accounts share."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict


def sent(request: HttpRequest) -> tuple[QueryDict | None, MultiValueDict[str, "UploadedFile[Any]"] | None]:
    """What a form is bound to: a POST however empty, nothing for a GET."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
