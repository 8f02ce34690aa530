"""Context processor of every page: site name, navigation, current section, languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from config.guide import address_for
from config.health import troubles_for
from core.navigation import navigation, section_of
from notifications.notices.bell import unread_of


@dataclass(frozen=True, slots=True)
class Language:
    """An entry of the language menu."""

    code: str
    name: str
    current: bool


def site(request: HttpRequest) -> dict[str, Any]:
    """Return `site` for templates: name, section, languages; lazily navigation, guide, troubles, unread notices."""
    language = get_language()
    return {
        "site": {
            "name": settings.SITE_NAME,
            "section": section_of(request),
            "navigation": SimpleLazyObject(lambda: navigation(request)),
            "guide_href": SimpleLazyObject(lambda: address_for(request)),
            "troubles": SimpleLazyObject(lambda: troubles_for(request)),
            "unread": SimpleLazyObject(lambda: unread_of(request)),
            "languages": [Language(code, name, code == language) for code, name in settings.LANGUAGES],
        }
    }
