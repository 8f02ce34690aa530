"""Layout of receipt and certificate: an A4 page with its fonts, tables, lists and QR code."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    ListFlowable,
    ListItem,
    Paragraph,
    SimpleDocTemplate,
    Table,
    TableStyle,
)

from core import pdf
from core.pdf import ACCENT, INK, LINE, QUIET

MARGIN = 20 * mm
PADDING = 6  # points; reportlab's frames keep them free on every side
WIDTH = A4[0] - 2 * MARGIN - 2 * PADDING
QR_SIDE = 36 * mm


@cache
def styles() -> dict[str, ParagraphStyle]:
    """Return the paragraph styles by name; the first call loads the fonts."""
    pdf.register_fonts()
    body = ParagraphStyle("body", fontName=pdf.TEXT, fontSize=9.5, leading=13.5, textColor=INK, spaceAfter=2 * mm)
    bold = {"parent": body, "fontName": pdf.BOLD}
    return {
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=8.5, leading=12, textColor=QUIET),
        "label": ParagraphStyle("label", **bold, textColor=QUIET, spaceAfter=1 * mm),
        "title": ParagraphStyle("title", **bold, fontSize=18, leading=23, textColor=ACCENT, spaceAfter=3 * mm),
        "heading": ParagraphStyle(
            "heading", **bold, fontSize=12, leading=16, spaceBefore=4 * mm, spaceAfter=2 * mm, keepWithNext=1
        ),
        "subheading": ParagraphStyle("subheading", **bold, fontSize=10.5, leading=15, spaceAfter=2 * mm),
        "code": ParagraphStyle(
            "code", parent=body, fontName="Courier-Bold", fontSize=15, leading=20, spaceAfter=2.5 * mm
        ),
        "fact": ParagraphStyle("fact", parent=body, spaceAfter=0, splitLongWords=1),
        "hash": ParagraphStyle("hash", parent=body, fontName="Courier", fontSize=7.4, leading=10, spaceAfter=0),
    }


def markup(words: object) -> str:
    """Escape text for reportlab's markup and keep its line breaks."""
    return escape(str(words)).replace("\n", "<br/>")


def bullet_list(lines: Iterable[object]) -> Flowable:
    """Return a bullet list of these lines."""
    body = ParagraphStyle("item", parent=styles()["body"], spaceAfter=0.8 * mm)
    items = [ListItem(Paragraph(markup(line), body)) for line in lines]
    return ListFlowable(
        items, bulletType="bullet", start="•", bulletFontName=pdf.TEXT, bulletFontSize=9.5, leftIndent=5 * mm
    )


def fact_table(lines: Sequence[tuple[object, str]]) -> Flowable:
    """Return a table of labels and values, with fingerprints in small type."""
    style = styles()
    quiet = ParagraphStyle("fact-label", parent=style["fact"], textColor=QUIET)
    rows = [
        [
            Paragraph(markup(label), quiet),
            Paragraph(markup(value), style["hash" if _is_fingerprint(value) else "fact"]),
        ]
        for label, value in lines
    ]
    table = Table(rows, colWidths=[56 * mm, WIDTH - 56 * mm])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1.4 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.4 * mm),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ]
        )
    )
    return table


def _is_fingerprint(value: str) -> bool:
    return len(value) >= 64 and not set(value) - set("0123456789abcdef: \n")  # some with a number before them


def qr_code(address: str) -> Drawing:
    """Return the QR code of an address, QR_SIDE wide."""
    widget = QrCodeWidget(address, barLevel="M", barBorder=2)
    left, bottom, right, top = widget.getBounds()
    scale = (QR_SIDE / (right - left), QR_SIDE / (top - bottom))
    return Drawing(QR_SIDE, QR_SIDE, widget, transform=[scale[0], 0, 0, scale[1], 0, 0])


def format_moment(at: datetime | None) -> str:
    """Format a moment to the second; "not yet" for None."""
    return formats.date_format(at, "j F Y, H:i:s") + " UTC" if at else _("not yet")


def build_pdf(story: list[Flowable], *, title: str, language: str) -> bytes:
    """Build the PDF of a story in the current language, with the site's name and a number on each page."""
    out = BytesIO()
    page_word = _("Page %(number)s")

    def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(pdf.TEXT, 8)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN + PADDING, 11 * mm, settings.SITE_NAME)
        canvas.drawRightString(A4[0] - MARGIN - PADDING, 11 * mm, page_word % {"number": document.page})
        canvas.restoreState()

    SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=title,
        author=settings.SITE_NAME,
        lang=language,
    ).build([KeepTogether(story[:4]), *story[4:]], onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()
