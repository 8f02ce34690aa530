"""Turning push on and off in a browser, and the script that shows it."""

import json
import uuid
from functools import cache
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import open_to
from accounts.http import SignedInRequest
from accounts.security.devices import device_of
from core.post_only import post_only
from notifications.push import sending


@open_to("member", "officer")
@post_only("notifications:settings", keeps=())
def subscribe(request: SignedInRequest) -> HttpResponse:
    """Take the address at which this browser is pushed to; what it is not is refused with a sentence."""
    try:
        sending.subscribe(
            member=request.user, endpoint=request.POST.get("endpoint", ""), device=device_of(request).name
        )
    except sending.NotAVendor:
        sentence = _("This browser's vendor is not known here. Mails still reach you.")
        return JsonResponse({"error": sentence}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return JsonResponse({})


@open_to("member", "officer")
@post_only("notifications:settings", keeps=())
def unsubscribe(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Push to this browser no more. One that is gone already is no error."""
    request.user.push_subscriptions.filter(pk=pk).delete()
    return redirect("notifications:settings")


@login_not_required  # a browser asks for it without anybody there; it holds two sentences
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker with its sentences in the language of the browser's page."""
    words = {
        "title": settings.SITE_NAME,
        "body": _("There is news. Open it to see what."),
        "page": reverse("notifications:notices"),
        "icon": static("img/mark.svg"),
    }
    return HttpResponse(f"self.words = {json.dumps(words)};\n{_script()}", content_type="text/javascript")


@cache
def _script() -> str:
    found = finders.find("notifications/worker.js")
    return Path(str(found)).read_text(encoding="utf-8")
