"""The guides of docs/guide as pages of the site: a role each, in the reader's language where there is one.

The patient's guide is for anybody, because patients have no account. The others are for whoever is signed in, whatever
their standing: an applicant decides by them whether to join, and somebody whose membership lapsed reads how to come
back. Nothing in them is secret; a stranger has no use for them, and the list of public pages stays short.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from accounts.access import open_to
from accounts.models import Member

FOLDER = Path(settings.BASE_DIR) / "docs" / "guide"
INDEX = "README"
PATIENT = "patient"
ROLES = (PATIENT, "clinician", "moderator", "privacy-officer", "administrator")
WRITTEN_IN = "en"  # the language of a file without one in its name

# HTML in a file is shown as text: what stands on a page is Markdown or nothing.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_OTHER_GUIDE = re.compile(r"([A-Za-z-]+)(?:\.[a-z]{2})?\.md")


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide as a page shows it: title in words, body as HTML, and the language that it is written in."""

    title: str
    html: str
    language: str


def read(name: str, *, language: str) -> Guide:
    """Render the guide of a role, or the index, in `language` or else in English. Raises FileNotFoundError."""
    translated = FOLDER / f"{name}.{language}.md"
    file, written_in = (translated, language) if translated.exists() else (FOLDER / f"{name}.md", WRITTEN_IN)
    tokens = _MARKDOWN.parse(file.read_text(encoding="utf-8"))
    for token in tokens:
        for inner in token.children or ():
            if inner.type == "link_open":
                inner.attrSet("href", _address(str(inner.attrGet("href"))))
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Guide(title=_title(tokens), html=html, language=written_in)


def _title(tokens: list[Token]) -> str:
    """The words of the first heading."""
    at = next(number for number, token in enumerate(tokens) if token.type == "heading_open")
    return tokens[at + 1].content


def _address(href: str) -> str:
    """Where a link leads on the site: files that link to each other become pages that do."""
    other = _OTHER_GUIDE.fullmatch(href)
    if other is None:
        return href
    return reverse("guides") if other[1] == INDEX else reverse("guide", args=[other[1]])


def address_for(request: HttpRequest) -> str:
    """Return the address of the guide that is about the reader's own work; of the list for whoever is not signed in."""
    member = getattr(request, "user", None)
    if not isinstance(member, Member):
        return reverse("guides")
    return reverse("guide", args=[role_of(member)])


def role_of(member: Member) -> str:
    """The one of ROLES that fits a signed-in person best."""
    if member.is_staff:
        return "administrator"
    if member.is_privacy_officer:
        return "privacy-officer"
    return "moderator" if member.may_moderate else "clinician"


@login_not_required
@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """List the guides."""
    return _page(request, INDEX)


@login_not_required
@require_safe
def patient(request: HttpRequest) -> HttpResponse:
    """Show the patient's guide, to anybody."""
    return _page(request, PATIENT)


@open_to("member", "officer", "applicant")
@require_safe
def guide(request: HttpRequest, role: str) -> HttpResponse:
    """Show the guide of a role to whoever is signed in."""
    if role not in ROLES:
        raise Http404
    return _page(request, role)


def _page(request: HttpRequest, name: str) -> HttpResponse:
    language = get_language() or WRITTEN_IN
    found = read(name, language=language)
    context = {"guide": found, "is_index": name == INDEX, "is_foreign": found.language != language}
    return render(request, "public/guide.html", context)
