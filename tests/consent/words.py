"""Withdrawal as a person meets it: the code sent, and the words of a page and of a printed sheet."""

import re
from html import unescape

from django.test import Client

WITHDRAW = "/withdraw/"
EFFECTS = "/withdraw/what-happens/"


def text_of(response: object) -> str:
    """What a person reads: without tags, white space folded."""
    html = response.content.decode()  # type: ignore[attr-defined]
    main = html[html.index("<main") : html.index("</main>")] if "<main" in html else html
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def note_of(response: object) -> str:
    """The signed note on the page that explains the effects."""
    found = re.search(r'name="note" value="([^"]+)"', response.content.decode())  # type: ignore[attr-defined]
    assert found
    return found[1]


def sent(client: Client, code: str) -> object:
    """The page that a code leads to; that of a certificate is not opened."""
    answer = client.post(WITHDRAW, {"code": code})
    return client.get(answer["Location"]) if answer.get("Location") == EFFECTS else answer


def words_of(pdf: bytes) -> str:
    """The ASCII words of an uncompressed PDF: strings that the page operators show."""
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    shown = re.findall(rb"\(((?:\\.|[^()\\])*)\) Tj", pdf)
    text = b" ".join(shown).decode("latin-1")
    return " ".join(re.sub(r"\\([()\\])", r"\1", text).split())
