"""The audit as a PDF dossier: the attestation, every row with its exceptions, and the other files' fingerprints.

Pages are written as the rows come. The content of the first page is known only at the end, so it is a form that is
drawn there and defined last.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

from django.conf import settings
from django.db.models import TextChoices
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream, PDFZCompress
from reportlab.pdfgen.canvas import Canvas

from compliance.audit.forms import describe_filter
from compliance.audit.rows import Row
from compliance.audit.words import EXCEPTIONS, FORMAT_WORDS, GRAVE, REASONS
from compliance.exports.request import ExportContext, ExportedFile
from consent.models import Capacity, Relation, Signature, Status, Until, Use
from core.pdf import ACCENT, BOLD, INK, LINE, QUIET, TEXT, register_fonts

WIDTH, HEIGHT = landscape(A4)
MARGIN = 36  # points
TOP, BOTTOM = HEIGHT - MARGIN, MARGIN + 18
CODE = "Courier"
BAD = colors.HexColor("#9b1c1c")
SIZE, SMALL = 7, 6.5

# Where each column begins and how wide it is, in points.
_COLUMNS = ((36, 152), (194, 152), (354, 140), (500, 70), (575, 55), (635, 55), (695, 40), (740, 66))


class DossierWriter:
    """The dossier, A4 landscape, in the language of the exporter."""

    def __init__(self, file: BinaryIO, context: ExportContext) -> None:
        """Draw the first page's frame."""
        register_fonts()
        self._context = context
        self._canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), pageCompression=1, lang=translation.get_language())
        self._canvas.setTitle(_("Consent audit"))
        self._canvas.setAuthor(settings.SITE_NAME)
        self._canvas.setSubject(str(context.export_id))
        self._canvas.doForm("cover")
        self._reset_pen()
        self._end_page()
        self._y = 0.0  # no space left: the first row begins a page

    def add(self, row: Row) -> None:
        """Write one row: a line of facts, the uses allowed, and each exception in a line of its own."""
        under = _split_words(_consent_line(row))
        needed = 13 + 9 * (len(under) + len(row.exceptions))
        if self._y - needed < BOTTOM:
            self._new_page()
        y = self._y - 9
        for (x, width), (font, cell) in zip(_COLUMNS, _cells(row), strict=True):
            self._draw_text(x, y, cell, font=font, width=width, color=INK)
        for line in under:
            y -= 9
            self._draw_text(MARGIN, y, line, font=TEXT, color=QUIET, size=SMALL)
        for code in row.exceptions:
            y -= 9
            self._draw_text(MARGIN, y, f"! {EXCEPTIONS[code]}", font=BOLD, color=BAD if code in GRAVE else INK)
        self._y = y - 4
        self._canvas.setStrokeColor(LINE)
        self._canvas.line(MARGIN, self._y, WIDTH - MARGIN, self._y)

    def close(self, finished: list[ExportedFile]) -> None:
        """Write the last page, then the content of the first one."""
        if self._y:
            self._end_page()
        self._draw_manifest(finished)
        self._canvas.beginForm("cover", 0, 0, WIDTH, HEIGHT)
        self._reset_pen()
        self._draw_cover()
        self._canvas.endForm()
        self._canvas.save()

    def _draw_cover(self) -> None:
        attestation, head = self._context.attestation, self._context.head
        y = self._draw_heading(_("Consent audit"), TOP)
        sentence = ngettext("%(n)s visible post", "%(n)s visible posts", attestation.visible) % {
            "n": attestation.visible
        }
        listed = sum(attestation.exceptions.values())
        exceptions = ngettext("%(n)s exception listed", "%(n)s exceptions listed", listed) % {"n": listed}
        covered = _("%(n)s covered") % {"n": attestation.covered}
        colour = ACCENT if attestation.all_covered else BAD
        self._draw_text(MARGIN, y - 16, f"{sentence}, {covered}, {exceptions}.", font=BOLD, size=15, color=colour)
        y = self._draw_lines(
            y - 34,
            [
                _(
                    "Covered means: an active consent allows the post's audience today, or no patient is involved. "
                    "Visible means: the gate lets at least one member see it."
                ),
                _("Of %(posts)s posts, %(withdrawn)s of them withdrawn.")
                % {"posts": attestation.cases, "withdrawn": attestation.withdrawn},
            ],
        )
        if attestation.exempt:
            words = ngettext(
                "%(n)s visible post is shown without a consent, as histology without any identifying feature.",
                "%(n)s visible posts are shown without a consent, as histology without any identifying feature.",
                attestation.exempt,
            )
            y = self._draw_lines(y, [words % {"n": attestation.exempt}])
        for code, count in sorted(attestation.exceptions.items(), key=lambda item: item[0] not in GRAVE):
            y -= 13
            self._draw_text(
                MARGIN, y, f"{count} × {EXCEPTIONS[code]}", font=BOLD, size=9, color=BAD if code in GRAVE else INK
            )
        y = self._draw_pairs(y - 10, list(_export_facts(self._context)))
        y = self._draw_heading(_("The log when the reading began"), y - 14, size=11)
        self._draw_pairs(y, [(name, str(value)) for name, value in head.items()])

    def _draw_manifest(self, finished: list[ExportedFile]) -> None:
        y = self._draw_heading(_("What came with this dossier"), TOP)
        if not finished:
            y = self._draw_lines(y, [_("No other file was asked for.")])
        for file in finished:
            size = _("%(bytes)s bytes, %(rows)s rows") % {"bytes": file.bytes, "rows": file.rows}
            y = self._draw_pairs(y, [(file.name, size), ("SHA-256", file.sha256)])
        self._draw_lines(
            y - 10,
            [
                _(
                    "manifest.json holds these fingerprints, that of this dossier, and the head of the log signed "
                    "after this export was written into it. Whoever runs the site checks it with: "
                    "manage.py check_log --against manifest.json"
                ),
                _("The dossier holds ids, codes, fingerprints and times. No pictures, no words of a case, no names."),
            ],
        )
        self._end_page()

    # --- Drawing

    def _new_page(self) -> None:
        if self._y:
            self._end_page()
        self._y = TOP
        heads = (
            _("Post"), _("Consent"), _("Form"), _("State"), _("Signed"), _("Until"), _("Pictures"), _("Gate today"),
        )  # fmt: skip
        for (x, width), head in zip(_COLUMNS, heads, strict=True):
            self._draw_text(x, self._y - 8, head, font=BOLD, width=width, color=INK)
        self._y -= 13
        self._canvas.setStrokeColor(INK)
        self._canvas.line(MARGIN, self._y, WIDTH - MARGIN, self._y)

    def _end_page(self) -> None:
        self._draw_footer()
        self._canvas.showPage()
        self._compress_page()
        self._reset_pen()

    def _compress_page(self) -> None:
        """Compress the page now: reportlab would keep each one uncompressed, tens of kilobytes, until the end."""
        page = self._canvas._doc.Pages.pages[-1]
        packed = PDFDictionary({"Filter": PDFName(PDFZCompress.pdfname)})
        page.Contents, page.stream = PDFStream(packed, PDFZCompress.encode(page.stream)), None

    def _reset_pen(self) -> None:
        """Forget colour and font: a page and a form begin with their own."""
        self._colour: colors.Color | None = None
        self._font: tuple[str, float] | None = None

    def _draw_footer(self) -> None:
        context = self._context
        words = _("%(site)s, consent audit %(export)s, made %(at)s UTC, log head %(seq)s") % {
            "site": settings.SITE_NAME,
            "export": context.export_id,
            "at": context.made_at.strftime("%Y-%m-%d %H:%M"),
            "seq": f"{context.head['seq']}:{context.head['digest'][:16]}",
        }
        self._draw_text(MARGIN, MARGIN - 6, words, font=TEXT, color=QUIET, size=SMALL)
        self._draw_text(
            WIDTH - MARGIN - 24, MARGIN - 6, str(self._canvas.getPageNumber()), font=TEXT, color=QUIET, size=SMALL
        )

    def _draw_heading(self, words: str, y: float, *, size: float = 20) -> float:
        self._draw_text(MARGIN, y - size, words, font=BOLD, size=size, color=INK)
        return y - size - 8

    def _draw_lines(self, y: float, sentences: list[str]) -> float:
        for sentence in sentences:
            for line in simpleSplit(sentence, TEXT, 9, WIDTH - 2 * MARGIN):
                y -= 13
                self._draw_text(MARGIN, y, line, font=TEXT, size=9, color=INK)
        return y

    def _draw_pairs(self, y: float, pairs: list[tuple[str, str]]) -> float:
        for label, value in pairs:
            y -= 13
            self._draw_text(MARGIN, y, label, font=TEXT, size=9, color=QUIET, width=160)
            self._draw_text(MARGIN + 170, y, value, font=TEXT, size=9, color=INK, width=WIDTH - 2 * MARGIN - 170)
        return y

    def _draw_text(
        self, x: float, y: float, words: str, *, font: str, color: colors.Color, size: float = SIZE, width: float = 0
    ) -> None:
        # Pages stay in memory until the end; repeated settings would only make them larger.
        if color != self._colour:
            self._canvas.setFillColor(color)
            self._colour = color
        if (font, size) != self._font:
            self._canvas.setFont(font, size)
            self._font = (font, size)
        self._canvas.drawString(x, y, _truncate(words, font, size, width) if width else words)


# Bounded: forms, states and dates repeat from row to row, ids do not, and an export may hold any number of rows.
@lru_cache(maxsize=4096)
def _truncate(words: str, font: str, size: float, width: float) -> str:
    """Cut text with an ellipsis where it would run into the next column."""
    if pdfmetrics.stringWidth(words, font, size) <= width:
        return words
    while words and pdfmetrics.stringWidth(f"{words}…", font, size) > width:
        words = words[:-1]
    return f"{words}…"


@lru_cache(maxsize=4096)
def _split_words(words: str) -> list[str]:
    lines: list[str] = simpleSplit(words, TEXT, SMALL, WIDTH - 2 * MARGIN)
    return lines


def _cells(row: Row) -> Iterator[tuple[str, str]]:
    """Yield font and text of each column."""
    state = _label(Status, row.consent_status) or (
        {"education_model": _("education model"), "histology": _("histology")}.get(row.basis, _("none"))
    )
    yield CODE, str(row.case_id)
    yield CODE, str(row.consent_id or "")
    yield TEXT, row.form
    yield TEXT, state
    yield TEXT, str(row.signed_on or "")
    yield TEXT, str(row.withdrawn_at.date() if row.withdrawn_at else row.expires_on or "")
    yield TEXT, str(row.pictures)
    yield (BOLD, _("visible")) if row.visible else (TEXT, _("not visible"))


def _consent_line(row: Row) -> str:
    if row.consent_id is None:
        return ""
    parts = [
        ", ".join(_label(Use, use) for use in row.uses),
        f"{_('Publication')} {row.publication_sha256[:16]}" if row.publication_sha256 else "",
        _("ends when: %(event)s") % {"event": _label(Until, row.until_event)} if row.until_event else "",
        _label(Capacity, row.capacity),
        _label(Relation, row.relation),
        _label(Signature, row.signature),
        f"{_('Form')} {row.form_sha256[:16]}",
        f"{_('Document')} {row.document_sha256[:16]}",
    ]
    return " · ".join(part for part in parts if part)


@lru_cache(maxsize=512)
def _choice_label(choices: type[TextChoices], code: str, language: str) -> str:
    return str(dict(choices.choices).get(code, code))


def _label(choices: type[TextChoices], code: str) -> str:
    return _choice_label(choices, code, translation.get_language() or "")


def _export_facts(context: ExportContext) -> Iterator[tuple[str, str]]:
    request = context.request
    yield _("Export"), str(context.export_id)
    yield _("Made at"), f"{formats.date_format(context.made_at, 'j F Y, H:i')} UTC"
    yield _("Exporter"), str(request.by.pk) if request.by else _("whoever runs the site, by command")
    yield _("Reason"), str(REASONS[request.reason])
    if request.reference:
        yield _("Reference"), request.reference
    chosen = [f"{label}: {value}" for label, value in describe_filter(request.wanted)]
    yield _("Filter"), "; ".join(chosen) or _("all posts")
    yield _("Files"), ", ".join(str(FORMAT_WORDS[name]) for name in request.formats)
