"""Rendering of what members write: a small part of Markdown, citations, and whom “@” addresses.

Bold, italics, lists, quotations and code; no HTML, no pictures, no headings, no links with words of their own. Nothing
is fetched. A DOI, a PubMed id, a trial's number and an address of the literature become a link that says that it leaves
the site; every other address is text (the screening refuses it before). “see 2” and “#2” lead to a pin of that number.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from accounts.profiles.identifiers import doi_address, pubmed_address
from screening.identifiers import LITERATURE_HOST

_MORE_THAN: Final = "\ue000"  # stands for ">" before a number: "> 5 mm" is no quotation
_BEFORE_NUMBER: Final = re.compile(r"^([ \t]*)>(?=[ \t]*[=\d])", re.MULTILINE)
_END: Final = ".,;:!?)]}'\"’”"  # signs at the end of an address that belong to the sentence
_CITED: Final = re.compile(
    r"(?P<doi>(?:\bdoi:?[ ]?|\bhttps?://(?:dx\.)?doi\.org/)?\b10\.[0-9]{4,9}/[!-~]+)"
    r"|\b(?:PMID:?[ ]?|https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/)(?P<pmid>[1-9][0-9]{0,7})\b/?"
    r"|\b(?:https?://(?:www\.)?clinicaltrials\.gov/(?:study|ct2/show)/)?(?P<trial>NCT[0-9]{8})\b/?"
    rf"|(?<![\w.@/-])https?://(?P<page>{LITERATURE_HOST}(?:/[!-~]*)?)",
    re.IGNORECASE,
)
_PIN: Final = re.compile(
    r"(?<![\w#&])(?:#|(?:see|bkz\.?)[ ]#?)(?P<number>[1-9][0-9]{0,2})\b(?![.,][0-9]|[ ]?(?:mm|cm|µm|mg|%))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a mention is about: as it is written, the name today, and a page, "" where the reader has none to go to."""

    written: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Links:
    """What the words of one text may lead to."""

    people: Sequence[Person] = field(default=())
    pins: Collection[int] = field(default=())


_NOTHING: Final = Links()


def _text(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Mapping[str, Any]) -> str:
    return _linked(tokens[at].content, env["links"])


_MARKDOWN: Final = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["emphasis", "list", "blockquote", "backticks", "newline"]
)
_MARKDOWN.add_render_rule("text", _text)


def render(text: str, *, links: Links = _NOTHING) -> SafeString:
    """Return a text as HTML."""
    prepared = _BEFORE_NUMBER.sub(rf"\1{_MORE_THAN}", text)
    # The renderer escapes what it does not know, and `_linked` everything that it does not make itself.
    return mark_safe(str(_MARKDOWN.render(prepared, {"links": links})).strip())  # noqa: S308


def plain(text: str) -> str:
    """Return a text without the marks of Markdown, for a line of it elsewhere."""
    return re.sub(r"[*_`]+|^[ \t]*(?:[-+>]|\d{1,3}[.)])[ \t]+", "", text, flags=re.MULTILINE).strip()


# --- Words that lead somewhere


def _linked(text: str, links: Links) -> str:
    found: list[str] = []
    reached = 0
    for start, end, html in sorted(_links(text, links), key=lambda one: (one[0], -one[1])):
        if start >= reached:
            found += [_escaped(text[reached:start]), html]
            reached = end
    return "".join([*found, _escaped(text[reached:])])


def _escaped(text: str) -> str:
    return str(escape(text)).replace(_MORE_THAN, "&gt;")


def _links(text: str, links: Links) -> list[tuple[int, int, str]]:
    found = [cited for match in _CITED.finditer(text) if (cited := _citation(match))]
    for person in sorted(links.people, key=lambda one: -len(one.written)):
        for match in re.finditer(rf"(?<![\w.@/])@{re.escape(person.written)}(?!\w)", text):
            found.append((match.start(), match.end(), _mention(person)))
    for match in _PIN.finditer(text) if links.pins else ():
        number = int(match["number"])
        if number in links.pins:
            html = format_html('<a class="pin-link" href="#pin-{}" data-pin="{}">{}</a>', number, number, match.group())
            found.append((match.start(), match.end(), str(html)))
    return found


def _mention(person: Person) -> str:
    if not person.href:
        return str(format_html('<span class="mention">@{}</span>', person.name))
    return str(format_html('<a class="mention" href="{}">@{}</a>', person.href, person.name))


def _citation(match: re.Match[str]) -> tuple[int, int, str] | None:
    written = match.group().rstrip(_END) if match["doi"] or match["page"] else match.group()
    if "(" in written and match.group()[len(written) :].startswith(")"):
        written += ")"  # it opened within the identifier: 10.1016/S0140-6736(20)30183-5
    if match["doi"]:
        doi = written[written.lower().index("10.") :]
        words, href = f"doi:{doi}", doi_address(doi.lower())
    elif match["pmid"]:
        words, href = f"PMID {match['pmid']}", pubmed_address(match["pmid"])
    elif match["trial"]:
        number = match["trial"].upper()
        words, href = number, f"https://clinicaltrials.gov/study/{number}"
    else:
        words = re.sub(r"\Ahttps?://", "", written, flags=re.IGNORECASE)
        href = f"https://{words}"
    return match.start(), match.start() + len(written), _chip(words, href)


def _chip(words: str, href: str) -> str:
    leaves = _("leaves this site")
    return str(
        format_html(
            '<a class="citation" href="{}" target="_blank" rel="noopener noreferrer" title="{}">{}'
            '<span class="visually-hidden"> ({})</span></a>',
            href, leaves, words, leaves,
        )
    )  # fmt: skip
