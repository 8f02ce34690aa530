"""The certificate of a passed module as PDF, and its check by number and name."""

import unicodedata
from io import BytesIO
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from accounts.conduct.models import ConductResult
from core import pdf
from core.days import in_words

LENGTH: Final = 16
LONGEST_WRITTEN: Final = 60  # with any spaces and hyphens between the letters
# Digits that a certificate's number does not have, read as the letters that look like them.
_LOOKALIKES = str.maketrans("018", "OIB")
# Turkish has two letters i, and whoever types a name on another keyboard has one.
_SAME_LETTERS = str.maketrans({"İ": "i", "I": "i", "ı": "i"})
_MARGIN = 24 * mm


def written(number: str) -> str:
    """Return a number as it stands on the paper: four groups of four."""
    return "-".join(number[start : start + 4] for start in range(0, len(number), 4))


def find(*, number: str, name: str) -> ConductResult | None:
    """Return the result with this number if its member bears this name, however both are spelt; else None.

    Threat: a paper on which another name was written. The name is asked for and never shown, so that a number found
    somewhere names nobody.
    """
    letters = "".join(letter for letter in number.upper() if letter.isalnum()).translate(_LOOKALIKES)
    if len(letters) != LENGTH:
        return None
    result = ConductResult.objects.select_related("member").filter(number=letters).first()
    if result is None or not _same_name(result.member.name, name):
        return None
    return result


def _same_name(one: str, other: str) -> bool:
    return bool(_plain(other)) and _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).translate(_SAME_LETTERS).casefold().split())


def certificate_pdf(result: ConductResult) -> bytes:
    """Return the certificate in the language in which the module was passed, with the member's name of today."""
    with translation.override(result.language):
        return _drawn(result)


def _drawn(result: ConductResult) -> bytes:
    pdf.register_fonts()
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, lang=result.language)
    canvas.setTitle(_("Certificate"))
    canvas.setAuthor(settings.SITE_NAME)
    width, height = A4
    canvas.setStrokeColor(pdf.ACCENT)
    canvas.setLineWidth(1.2)
    canvas.rect(14 * mm, 14 * mm, width - 28 * mm, height - 28 * mm)
    _centred(canvas, height - 62 * mm, settings.SITE_NAME, size=13, colour=pdf.QUIET)
    _centred(canvas, height - 80 * mm, _("Certificate"), size=30, font=pdf.BOLD, colour=pdf.ACCENT)
    _centred(canvas, height - 106 * mm, result.member.name, size=22, font=pdf.BOLD)
    _centred(canvas, height - 120 * mm, _("has passed the module"), size=12)
    title = _("Conduct, confidentiality and consent")
    _centred(canvas, height - 133 * mm, title, size=15, font=pdf.BOLD)
    _facts(canvas, height - 158 * mm, result)
    address = settings.SITE_ADDRESS.rstrip("/") + reverse("accounts:conduct_check")
    _centred(canvas, 36 * mm, _("Whoever has this paper can check it with number and name:"), size=9, colour=pdf.QUIET)
    _centred(canvas, 30 * mm, address, size=9, colour=pdf.QUIET)
    canvas.save()
    return out.getvalue()


def _facts(canvas: Canvas, top: float, result: ConductResult) -> None:
    """Write the facts below `top` as two columns."""
    facts = (
        (_("Passed on"), in_words(timezone.localdate(result.passed_at))),
        (_("Counts until"), in_words(result.until)),
        (_("Version"), result.version),
        (_("Length"), _("%(minutes)d minutes, twelve cases") % {"minutes": result.minutes}),
        (_("Number"), written(result.number)),
    )
    for number, (label, value) in enumerate(facts):
        foot = top - number * 9 * mm
        canvas.setFont(pdf.TEXT, 11)
        canvas.setFillColor(pdf.QUIET)
        canvas.drawRightString(A4[0] / 2 - 4 * mm, foot, label)
        canvas.setFillColor(pdf.INK)
        canvas.drawString(A4[0] / 2 + 4 * mm, foot, value)


def _centred(
    canvas: Canvas, foot: float, words: str, *, size: float, font: str = pdf.TEXT, colour: object = pdf.INK
) -> None:
    """Write a line in the middle, smaller if it would not fit between the margins."""
    room = A4[0] - 2 * _MARGIN
    size = min(size, size * room / max(stringWidth(words, font, size), 1))
    canvas.setFont(font, size)
    canvas.setFillColor(colour)
    canvas.drawCentredString(A4[0] / 2, foot, words)
