"""The receipt and the certificate as PDF, in the language of the form that was signed.

A receipt holds the withdrawal code, which is kept nowhere else; it is made once, right after the consent was
recorded, and handed out. Neither paper names the patient.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    ListFlowable,
    ListItem,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from consent import progress
from consent.form import Form
from consent.models import Cause, Consent, Removal, Shown, Use, Withdrawal
from consent.publishing import languages_of
from core import pdf

# What was made of the pictures outside this platform before a withdrawal lies in other hands.
ELSEWHERE = (Use.LECTURES, Use.PUBLICATION, Use.SOCIAL_MEDIA, Use.RESEARCH, Use.AI_TRAINING)

_INK = colors.HexColor("#1b1b1b")
_QUIET = colors.HexColor("#545454")
_ACCENT = colors.HexColor("#0b5a5e")
_LINE = colors.HexColor("#bdbdbd")
_MARGIN = 20 * mm
_PADDING = 6  # points; what reportlab's frames keep free on every side
_WIDTH = A4[0] - 2 * _MARGIN - 2 * _PADDING
_QR_SIDE = 36 * mm


def withdrawal_address(code: str) -> str:
    """Where the QR code leads. The code stands in the fragment, which a browser never sends to a server."""
    return f"{settings.SITE_ADDRESS.rstrip('/')}/withdraw/#{code}"


def uses_elsewhere(consent: Consent) -> list[Use]:
    """Ticked uses whose results cannot be called back from here, in the order of the form."""
    ticked = set(consent.uses.values_list("use", flat=True))
    return [use for use in ELSEWHERE if use in ticked]


def receipt_pdf(*, consent: Consent, code: str) -> bytes:
    """The patient's receipt: the form in full, what was allowed and what was not, and how to withdraw.

    First in the language that was signed, with the code; then the same in the house's other languages.
    """
    signed = consent.form
    with translation.override(signed.language):
        title, story = _("Receipt of your consent"), _receipt(consent, code)
    for language, form in languages_of(signed).items():
        if language != signed.language:
            with translation.override(language):
                story += [PageBreak(), *_once_more(consent, form)]
    with translation.override(signed.language):
        return _build(story, title=title, language=signed.language)


def certificate_pdf(*, withdrawal: Withdrawal | Removal) -> bytes:
    """What was hidden and destroyed, when, and what cannot be recalled; as of now when the work is not done."""
    language = withdrawal.consent.form.language
    with translation.override(language):
        return _build(_certificate(withdrawal), title=_("Certificate of withdrawal"), language=language)


# --- Contents


def _receipt(consent: Consent, code: str) -> list[Flowable]:
    style = _styles()
    return [
        Paragraph(_text(_("Receipt of your consent")), style["title"]),
        Paragraph(
            _text(_("Keep this paper. It is the only place where your withdrawal code is written.")), style["body"]
        ),
        Spacer(1, 4 * mm),
        _how_to_withdraw(code),
        Spacer(1, 3 * mm),
        *_substance(consent, consent.form),
    ]


def _once_more(consent: Consent, form: Form) -> list[Flowable]:
    """The receipt in a language that was not signed, without the code, which stands on the first page."""
    style = _styles()
    words = {"language": consent.form.get_language_display()}
    return [
        Paragraph(_text(_("Receipt of your consent")), style["title"]),
        Paragraph(_text(_("A translation. What you signed is the form in %(language)s.") % words), style["body"]),
        *_substance(consent, form),
    ]


def _substance(consent: Consent, form: Form) -> list[Flowable]:
    style = _styles()
    ticked = set(consent.uses.values_list("use", flat=True))
    return [
        Paragraph(_text(_("What you allowed")), style["heading"]),
        _bullets([use.label for use in Use if use in ticked]),
        Paragraph(_text(_("What you did not allow")), style["heading"]),
        _bullets([*(use.label for use in Use if use not in ticked), _("Advertising. It is never allowed.")]),
        # The table may break over pages, so that its heading need not take all of it along.
        CondPageBreak(50 * mm),
        Paragraph(_text(_("What was recorded")), ParagraphStyle("loose", parent=style["heading"], keepWithNext=0)),
        _facts(_recorded(consent)),
        Paragraph(_text(_("The form you signed")), style["heading"]),
        Paragraph(_text(form.title), style["subheading"]),
        *(Paragraph(_text(paragraph), style["body"]) for paragraph in form.paragraphs),
        _bullets(form.statements),
    ]


def _how_to_withdraw(code: str) -> Flowable:
    style = _styles()
    words = [
        Paragraph(_text(_("Your withdrawal code")), style["label"]),
        Paragraph(_text(code), style["code"]),
        Paragraph(
            _text(
                _(
                    "You can withdraw at any time and without a reason. Scan the square code, or open %(address)s and "
                    "type the code. You need no account. Your clinician can also withdraw for you."
                )
                % {"address": f"{settings.SITE_ADDRESS.rstrip('/')}/withdraw/"}
            ),
            style["body"],
        ),
        Paragraph(_text(_("Whoever has this code can withdraw in your name. Keep it like a key.")), style["small"]),
    ]
    box = Table([[words, _qr(withdrawal_address(code))]], colWidths=[_WIDTH - _QR_SIDE - 6 * mm, _QR_SIDE + 6 * mm])
    box.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 1, _ACCENT),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (0, 0), 5 * mm),
                ("TOPPADDING", (0, 0), (-1, -1), 3 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3 * mm),
            ]
        )
    )
    return box


def _recorded(consent: Consent) -> list[tuple[str, str]]:
    form = consent.form
    shown = [row.sha256 for row in consent.shown_pictures.order_by("sha256")]
    yes_no = {True: _("yes"), False: _("no")}
    lines = [
        (_("Signed on"), day(consent.signed_on)),
        (_("Valid until"), day(consent.expires_on) if consent.expires_on else _("you withdraw it")),
        (_("Also ends when"), consent.get_until_event_display() if consent.until_event else ""),
        (_("Signed by"), consent.get_relation_display()),
        (_("How the decision was made"), consent.get_capacity_display()),
        (_("Signature"), consent.get_signature_display()),
        (_("Child asked"), consent.get_assent_display() if consent.assent else ""),
        (_("Interpreter"), yes_no[consent.interpreter]),
        (_("Form read aloud"), yes_no[consent.cannot_read]),
        (_("Witness"), yes_no[consent.witnessed]),
        (_("Pictures"), consent.get_shown_display()),
        # Kept in English; its translation stands in the catalogue like any other.
        (_("How the pictures were covered"), _(consent.masking_method) if consent.masking_method else ""),
        (_("Number of this consent"), str(consent.pk)),
        (_("Form"), f"{form.code}, {_('version')} {form.version}, {form.get_language_display()}"),
        (_("Fingerprint of the form"), form.sha256),
        (_("Fingerprint of the signed form"), consent.document_sha256),
    ]
    if consent.shown == Shown.SHOWN:
        lines.append((_("Fingerprints of the pictures you saw"), "\n".join(shown)))
    return [(label, value) for label, value in lines if value]


def _certificate(withdrawal: Withdrawal | Removal) -> list[Flowable]:
    style = _styles()
    consent = withdrawal.consent
    reached = progress.of(withdrawal)
    story: list[Flowable] = [
        Paragraph(_text(_("Certificate of withdrawal")), style["title"]),
        Paragraph(_text(_opening(withdrawal)), style["body"]),
        Paragraph(_text(_("What was done")), style["heading"]),
        _facts(
            [
                (_("Consent withdrawn and hidden from everybody"), _moment(reached.hidden_at)),
                (_("Keys destroyed"), _moment(reached.keys_destroyed_at)),
                (_("Everything destroyed"), _moment(reached.destroyed_at)),
                (_("Withdrawn by"), withdrawal.get_by_display() or _("The end of the consent")),
                (_("Number of this withdrawal"), str(withdrawal.pk)),
                (_("Number of the consent"), str(consent.pk)),
                (_("Form"), f"{consent.form.code}, {_('version')} {consent.form.version}"),
                (_("Fingerprint of the form"), consent.form.sha256),
            ]
        ),
    ]
    if isinstance(withdrawal, Removal):
        story += [Paragraph(_text(_("What was taken back")), style["heading"]), _bullets(taken(withdrawal))]
    if reached.done:
        story += [Paragraph(_text(_("What was destroyed")), style["heading"]), _bullets(destroyed(withdrawal))]
    story += [
        Paragraph(_text(_("What cannot be recalled")), style["heading"]),
        _bullets(not_recalled(consent)),
        Paragraph(_text(_("What is kept")), style["heading"]),
        _bullets(kept()),
        Spacer(1, 4 * mm),
        Paragraph(_text(_("Made on %(moment)s.") % {"moment": _moment(timezone.now())}), style["small"]),
    ]
    return story


def _opening(withdrawal: Withdrawal | Removal) -> str:
    if isinstance(withdrawal, Removal):
        return _opening_of_part(withdrawal)
    if withdrawal.completed_at is not None:
        return _("The consent was withdrawn. Everything that was shared under it has been hidden and destroyed.")
    return _(
        "The consent was withdrawn. Everything that was shared under it is hidden from everybody; it is still being "
        "destroyed. Get this certificate again later to see that it is done."
    )


def _opening_of_part(removal: Removal) -> str:
    if removal.completed_at is not None:
        return _(
            "A part of the consent was taken back. What it no longer covers has been hidden and destroyed; the rest "
            "of the consent stands."
        )
    return _(
        "A part of the consent was taken back. What it no longer covers is hidden from everybody; it is still being "
        "destroyed. Get this certificate again later to see that it is done."
    )


def taken(removal: Removal) -> list[str]:
    """What was taken back, a line each."""
    if removal.cause == Cause.EXPIRED:
        return [_("All that the consent still covered when it ended")]
    if removal.cause == Cause.PICTURE:
        return [_("One picture")]
    ticked = {use for use, _scope in removal.uses}
    lines = [str(use.label) for use in Use if use in ticked]
    if removal.ends_on is not None:
        lines.append(_("The consent ends on %(day)s") % {"day": day(removal.ends_on)})
    return lines


def destroyed(withdrawal: Withdrawal | Removal) -> list[str]:
    """What is gone, a line each. Only right once the withdrawal is complete."""
    lines = [
        ngettext("%(n)s case", "%(n)s cases", withdrawal.cases) % {"n": withdrawal.cases},
        ngettext("%(n)s picture with its copies", "%(n)s pictures with their copies", withdrawal.pictures)
        % {"n": withdrawal.pictures},
        ngettext("%(n)s comment", "%(n)s comments", withdrawal.comments) % {"n": withdrawal.comments},
    ]
    if withdrawal.quotes:
        lines.append(
            ngettext("%(n)s quotation elsewhere", "%(n)s quotations elsewhere", withdrawal.quotes)
            % {"n": withdrawal.quotes}
        )
    if isinstance(withdrawal, Withdrawal):
        lines.append(_("The signed form, if it was kept here"))
    return lines


def not_recalled(consent: Consent) -> list[str]:
    """What is out of reach, a line each."""
    lines = [_("What somebody copied or photographed from the screen, or remembers.")]
    allowed = uses_elsewhere(consent)
    if allowed:
        uses = "; ".join(str(use.label) for use in allowed)
        lines.append(
            _("What was already made outside this site, because you had allowed it: %(uses)s.") % {"uses": uses}
        )
    taken_back = {use for removal in consent.removals.all() for use, _scope in removal.uses}
    before = "; ".join(str(use.label) for use in ELSEWHERE if use in taken_back)
    if before:
        lines.append(_("What was made outside this site before you took this back: %(uses)s.") % {"uses": before})
    lines.append(
        _(
            "Backup copies of the texts, until they are replaced. Nobody is shown them, and the pictures in them "
            "cannot be opened any more."
        )
    )
    return lines


def kept() -> list[str]:
    """What stays after a withdrawal, a line each."""
    return [
        _("That a consent existed, when it was signed and when it was withdrawn. No picture, no text, no name."),
        _(
            "Lists that privacy officers took out of this site before. They hold numbers, dates, uses and "
            "fingerprints; no picture, no text, no name. Whoever took one is told that it is out of date."
        ),
        _("Your receipt stays valid as proof of what you allowed until then."),
    ]


# --- Layout


@cache
def _styles() -> dict[str, ParagraphStyle]:
    pdf.use_fonts()
    body = ParagraphStyle("body", fontName=pdf.TEXT, fontSize=9.5, leading=13.5, textColor=_INK, spaceAfter=2 * mm)
    bold = {"parent": body, "fontName": pdf.BOLD}
    return {
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=8.5, leading=12, textColor=_QUIET),
        "label": ParagraphStyle("label", **bold, textColor=_QUIET, spaceAfter=1 * mm),
        "title": ParagraphStyle("title", **bold, fontSize=18, leading=23, textColor=_ACCENT, spaceAfter=3 * mm),
        "heading": ParagraphStyle(
            "heading", **bold, fontSize=12, leading=16, spaceBefore=4 * mm, spaceAfter=2 * mm, keepWithNext=1
        ),
        "subheading": ParagraphStyle("subheading", **bold, fontSize=10.5, leading=15, spaceAfter=2 * mm),
        "code": ParagraphStyle(
            "code", parent=body, fontName="Courier-Bold", fontSize=17, leading=22, spaceAfter=2.5 * mm
        ),
        "fact": ParagraphStyle("fact", parent=body, spaceAfter=0, splitLongWords=1),
        "hash": ParagraphStyle("hash", parent=body, fontName="Courier", fontSize=7.4, leading=10, spaceAfter=0),
    }


def _text(words: object) -> str:
    return escape(str(words)).replace("\n", "<br/>")


def _bullets(lines: Iterable[object]) -> Flowable:
    body = ParagraphStyle("item", parent=_styles()["body"], spaceAfter=0.8 * mm)
    items = [ListItem(Paragraph(_text(line), body)) for line in lines]
    return ListFlowable(
        items, bulletType="bullet", start="•", bulletFontName=pdf.TEXT, bulletFontSize=9.5, leftIndent=5 * mm
    )


def _facts(lines: Sequence[tuple[object, str]]) -> Flowable:
    style = _styles()
    quiet = ParagraphStyle("fact-label", parent=style["fact"], textColor=_QUIET)
    rows = [
        [
            Paragraph(_text(label), quiet),
            Paragraph(_text(value), style["hash" if _is_fingerprint(value) else "fact"]),
        ]
        for label, value in lines
    ]
    table = Table(rows, colWidths=[56 * mm, _WIDTH - 56 * mm])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1.4 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.4 * mm),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ]
        )
    )
    return table


def _is_fingerprint(value: str) -> bool:
    return len(value) >= 64 and not set(value) - set("0123456789abcdef\n")


def _qr(address: str) -> Drawing:
    widget = QrCodeWidget(address, barLevel="M", barBorder=2)
    left, bottom, right, top = widget.getBounds()
    scale = (_QR_SIDE / (right - left), _QR_SIDE / (top - bottom))
    return Drawing(_QR_SIDE, _QR_SIDE, widget, transform=[scale[0], 0, 0, scale[1], 0, 0])


def day(on: date) -> str:
    """A day in words."""
    return formats.date_format(on, "j F Y")


def _moment(at: datetime | None) -> str:
    return formats.date_format(at, "j F Y, H:i:s") + " UTC" if at else _("not yet")


def _build(story: list[Flowable], *, title: str, language: str) -> bytes:
    out = BytesIO()
    page_word = _("Page %(number)s")

    def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(pdf.TEXT, 8)
        canvas.setFillColor(_QUIET)
        canvas.drawString(_MARGIN + _PADDING, 11 * mm, settings.SITE_NAME)
        canvas.drawRightString(A4[0] - _MARGIN - _PADDING, 11 * mm, page_word % {"number": document.page})
        canvas.restoreState()

    SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=title,
        author=settings.SITE_NAME,
        lang=language,
    ).build([KeepTogether(story[:4]), *story[4:]], onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()
