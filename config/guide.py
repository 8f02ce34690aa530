"""The guides of docs/guide as pages of the site: one per role, in the reader's language if translated.

The patient's guide is public, because patients have no account. The others are for everybody who is signed in, of any
standing: applicants use them to decide whether to join, and lapsed members to return. Nothing in them is secret, but
strangers have no use for them, and the list of public pages stays short.
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
WRITTEN_IN = "en"  # language of the files without a language suffix

# HTML in a file is shown as text: only Markdown is rendered.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_OTHER_GUIDE = re.compile(r"([A-Za-z-]+)(?:\.[a-z]{2})?\.md")


@dataclass(frozen=True, slots=True)
class Guide:
    """A rendered guide: title as text, body as HTML, and the language that it is written in."""

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
    """Return the text of the first heading."""
    at = next(number for number, token in enumerate(tokens) if token.type == "heading_open")
    return tokens[at + 1].content


def _address(href: str) -> str:
    """Translate a link between files into one between pages of the site."""
    other = _OTHER_GUIDE.fullmatch(href)
    if other is None:
        return href
    return reverse("guides") if other[1] == INDEX else reverse("guide", args=[other[1]])


def address_for(request: HttpRequest) -> str:
    """Return the URL of the guide for the reader's role, or of the list of guides if nobody is signed in."""
    member = getattr(request, "user", None)
    if not isinstance(member, Member):
        return reverse("guides")
    return reverse("guide", args=[role_of(member)])


def role_of(member: Member) -> str:
    """Return the one of ROLES that fits a signed-in person best."""
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
    """Show the patient's guide to anybody."""
    return _page(request, PATIENT)


@open_to("member", "officer", "applicant")
@require_safe
def guide(request: HttpRequest, role: str) -> HttpResponse:
    """Show the guide of a role to anybody who is signed in."""
    if role not in ROLES:
        raise Http404
    return _page(request, role)


def _page(request: HttpRequest, name: str) -> HttpResponse:
    language = get_language() or WRITTEN_IN
    found = read(name, language=language)
    context = {"guide": found, "is_index": name == INDEX, "is_foreign": found.language != language}
    return render(request, "public/guide.html", context)
