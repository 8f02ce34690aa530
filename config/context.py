"""What every page needs to know about the site: its name, where the reader may go, where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.policy import rights
from config.guide import address_for

# The longest prefix wins, so that "consults:new" is not taken for a part of "consults:".
SECTIONS = {
    "consults:": "cases",
    "consults:mine": "mine",
    "consults:new": "new",
    "consults:pictures": "new",
    "consults:studio": "new",
    "consults:facts": "new",
    "consults:consent": "new",
    "consults:check": "new",
    "consults:hand_over": "new",
    "consults:second_read": "second_reads",
    "compliance:consent_audit": "consent_audit",
    "consults:consent_record": "mine",
    "consults:redactions": "second_reads",
    "accounts:queue": "applications",
    "accounts:decide": "applications",
    "accounts:me": "me",
    "accounts:appl": "apply",
    "account_": "me",
    "account_login": "login",
    "consent:form": "consent_forms",
    "consent:": "withdraw",
    "privacy": "privacy",
    "terms": "terms",
    "guide": "guide",
    "home": "home",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the navigation; `icon` is an id in static/img/icons.svg."""

    key: str
    label: str
    icon: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Language:
    """A choice in the language menu."""

    code: str
    name: str
    current: bool


def section_of(request: HttpRequest) -> str:
    """The key of the navigation item the request belongs to, or ""."""
    match = getattr(request, "resolver_match", None)
    view_name: str = match.view_name if match else ""
    prefixes = [prefix for prefix in SECTIONS if view_name.startswith(prefix)]
    return SECTIONS[max(prefixes, key=len)] if prefixes else ""


def navigation(request: HttpRequest) -> list[Link]:
    """The places the signed-in member may go, in order; empty for everybody else.

    At most one query: whether a resident or nurse has a supervisor.
    """
    member = getattr(request, "user", None)
    if member is None or not member.is_authenticated:
        return []
    places: list[tuple[str, str, str, str]] = []
    if member.may_see_cases:
        places.append(("cases", _("Cases"), "cases", "consults:cases"))
        if rights(member).post:
            places.append(("new", _("New case"), "plus", "consults:new"))
            places.append(("mine", _("My cases"), "folder", "consults:mine"))
        if member.is_moderator:
            places.append(("second_reads", _("Second reads"), "eye", "consults:second_reads"))
            places.append(("applications", _("Applications"), "people", "accounts:queue"))
    if member.is_officer:
        places.append(("consent_audit", _("Consent audit"), "shield", "compliance:consent_audit"))
        places.append(("consent_forms", _("Consent forms"), "pen", "consent:forms"))
    here = section_of(request)
    return [
        Link(key=key, label=label, icon=icon, href=reverse(name), current=key == here)
        for key, label, icon, name in places
    ]


def site(request: HttpRequest) -> dict[str, Any]:
    """`site` for the templates: name, section, navigation (lazy), the reader's guide (lazy), languages."""
    language = get_language()
    return {
        "site": {
            "name": settings.SITE_NAME,
            "section": section_of(request),
            "navigation": SimpleLazyObject(lambda: navigation(request)),
            "guide_href": SimpleLazyObject(lambda: address_for(request)),
            "languages": [Language(code, name, code == language) for code, name in settings.LANGUAGES],
        }
    }
