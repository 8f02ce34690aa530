"""The navigation, to which each app contributes places in its `navigation.py`.

SECTIONS = {"consults:mine": "mine"}                 # prefix of a view's name -> key of its place
def places(member: Member) -> list[Place]: ...       # places that this member may visit
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
    """An entry of the navigation: `order` is among all apps, `icon` an id in static/img/icons.svg.

    A minor one is left out of the bar at the bottom of a phone, which holds five; a page that is in it leads there.
    """

    order: int
    key: str
    label: str | Promise
    icon: str
    view: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A place as the page shows it."""

    key: str
    label: str
    icon: str
    href: str
    current: bool
    minor: bool


def places(member: Any) -> list[Place]:
    """Return no places: the pages of the site as a whole are in its footer."""
    return []


@cache
def _sections() -> dict[str, str]:
    """Return {prefix of view names: key of the place} of all apps."""
    return {prefix: key for _name, module in app_modules("navigation") for prefix, key in module.SECTIONS.items()}


def section_of(request: HttpRequest) -> str:
    """Return the key of the place that this request belongs to, or "". The longest prefix wins."""
    match = getattr(request, "resolver_match", None)
    view_name: str = match.view_name if match else ""
    prefixes = [prefix for prefix in _sections() if view_name.startswith(prefix)]
    return _sections()[max(prefixes, key=len)] if prefixes else ""


def navigation(request: HttpRequest) -> list[Link]:
    """Return links to the places that the signed-in member may visit, in order; none if nobody is signed in.

    At most one query, for the supervisor of a resident or nurse.
    """
    member = getattr(request, "user", None)
    if member is None or not member.is_authenticated:
        return []
    found = [place for _name, module in app_modules("navigation") for place in module.places(member)]
    here = section_of(request)
    return [
        Link(key=p.key, label=str(p.label), icon=p.icon, href=reverse(p.view), current=p.key == here, minor=p.minor)
        for p in sorted(found, key=lambda place: place.order)
    ]
