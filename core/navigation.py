"""The places in the navigation, which each app names in its `navigation.py`.

SECTIONS = {"consults:mine": "mine"}                 # prefix of a view's name -> key of the place it belongs to
def places(member: Member) -> list[Place]: ...       # where this member may go
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from core.discovery import app_modules

# The pages of the site as a whole.
SECTIONS = {"guide": "guide", "home": "home", "privacy": "privacy", "terms": "terms"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a member is offered: `order` among all apps, `icon` is an id in static/img/icons.svg."""

    order: int
    key: str
    label: str | Promise
    icon: str
    view: str


@dataclass(frozen=True, slots=True)
class Link:
    """A place as the page shows it."""

    key: str
    label: str
    icon: str
    href: str
    current: bool


def places(member: Any) -> list[Place]:
    """Return nothing: the pages of the site as a whole stand in its footer."""
    return []


@cache
def _sections() -> dict[str, str]:
    """Return prefixes of view names with the place each belongs to, of all apps."""
    return {prefix: key for _name, module in app_modules("navigation") for prefix, key in module.SECTIONS.items()}


def section_of(request: HttpRequest) -> str:
    """Return the key of the place that this request belongs to, or "". The longest prefix wins."""
    match = getattr(request, "resolver_match", None)
    view_name: str = match.view_name if match else ""
    prefixes = [prefix for prefix in _sections() if view_name.startswith(prefix)]
    return _sections()[max(prefixes, key=len)] if prefixes else ""


def navigation(request: HttpRequest) -> list[Link]:
    """Return the places that the signed-in member may go, in order; none for everybody else.

    At most one query: whether a resident or nurse has a supervisor.
    """
    member = getattr(request, "user", None)
    if member is None or not member.is_authenticated:
        return []
    found = [place for _name, module in app_modules("navigation") for place in module.places(member)]
    here = section_of(request)
    return [
        Link(key=p.key, label=str(p.label), icon=p.icon, href=reverse(p.view), current=p.key == here)
        for p in sorted(found, key=lambda place: place.order)
    ]
