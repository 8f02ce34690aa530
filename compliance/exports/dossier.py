"""The audit as a PDF dossier: the attestation, every row with its exceptions, and the other files' fingerprints.

Pages are written as the rows come. What the first page says is known only at the end, so it is a form that is
drawn there and defined last.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
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

from compliance.audit.forms import in_words
from compliance.audit.rows import Row
from compliance.audit.words import EXCEPTIONS, FORMAT_WORDS, GRAVE, REASONS
from compliance.exports.request import Attested, File
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
    """A4 across, in the language of whoever asked for it."""

    def __init__(self, file: BinaryIO, about: Attested) -> None:
        """Draw the first page's frame."""
        register_fonts()
        self._about = about
        self._canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), pageCompression=1, lang=translation.get_language())
        self._canvas.setTitle(_("Consent audit"))
        self._canvas.setAuthor(settings.SITE_NAME)
        self._canvas.setSubject(str(about.export_id))
        self._canvas.doForm("cover")
        self._forget_pen()
        self._end_page()
        self._y = 0.0  # no room: the first row begins a page

    def add(self, row: Row) -> None:
        """Write one row: a line of facts, what was allowed, and each exception in a line of its own."""
        under = _split_words(_allowed(row))
        needed = 13 + 9 * (len(under) + len(row.exceptions))
        if self._y - needed < BOTTOM:
            self._new_page()
        y = self._y - 9
        for (x, width), (font, cell) in zip(_COLUMNS, _cells(row), strict=True):
            self._text(x, y, cell, font=font, width=width, color=INK)
        for line in under:
            y -= 9
            self._text(MARGIN, y, line, font=TEXT, color=QUIET, size=SMALL)
        for code in row.exceptions:
            y -= 9
            self._text(MARGIN, y, f"! {EXCEPTIONS[code]}", font=BOLD, color=BAD if code in GRAVE else INK)
        self._y = y - 4
        self._canvas.setStrokeColor(LINE)
        self._canvas.line(MARGIN, self._y, WIDTH - MARGIN, self._y)

    def close(self, finished: list[File]) -> None:
        """Write the last page, then what the first one says."""
        if self._y:
            self._end_page()
        self._manifest(finished)
        self._canvas.beginForm("cover", 0, 0, WIDTH, HEIGHT)
        self._forget_pen()
        self._cover()
        self._canvas.endForm()
        self._canvas.save()

    def _cover(self) -> None:
        attestation, head = self._about.attestation, self._about.head
        y = self._heading(_("Consent audit"), TOP)
        sentence = ngettext("%(n)s visible post", "%(n)s visible posts", attestation.visible) % {
            "n": attestation.visible
        }
        listed = sum(attestation.exceptions.values())
        exceptions = ngettext("%(n)s exception listed", "%(n)s exceptions listed", listed) % {"n": listed}
        covered = _("%(n)s covered") % {"n": attestation.covered}
        colour = ACCENT if attestation.whole else BAD
        self._text(MARGIN, y - 16, f"{sentence}, {covered}, {exceptions}.", font=BOLD, size=15, color=colour)
        y = self._lines(
            y - 34,
            [
                _(
                    "Covered means: an active consent allows the post's audience today, or no patient is involved. "
                    "Visible means: the gate lets at least one member see it."
                ),
                _("Of %(posts)s posts, %(withdrawn)s of them withdrawn.")
                % {"posts": attestation.posts, "withdrawn": attestation.withdrawn},
            ],
        )
        if attestation.exempt:
            words = ngettext(
                "%(n)s visible post is shown without a consent, as histology without any identifying feature.",
                "%(n)s visible posts are shown without a consent, as histology without any identifying feature.",
                attestation.exempt,
            )
            y = self._lines(y, [words % {"n": attestation.exempt}])
        for code, count in sorted(attestation.exceptions.items(), key=lambda item: item[0] not in GRAVE):
            y -= 13
            self._text(
                MARGIN, y, f"{count} × {EXCEPTIONS[code]}", font=BOLD, size=9, color=BAD if code in GRAVE else INK
            )
        y = self._pairs(y - 10, list(_facts(self._about)))
        y = self._heading(_("The log when the reading began"), y - 14, size=11)
        self._pairs(y, [(name, str(value)) for name, value in head.items()])

    def _manifest(self, finished: list[File]) -> None:
        y = self._heading(_("What came with this dossier"), TOP)
        if not finished:
            y = self._lines(y, [_("No other file was asked for.")])
        for file in finished:
            about = _("%(bytes)s bytes, %(rows)s rows") % {"bytes": file.bytes, "rows": file.rows}
            y = self._pairs(y, [(file.name, about), ("SHA-256", file.sha256)])
        self._lines(
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
            self._text(x, self._y - 8, head, font=BOLD, width=width, color=INK)
        self._y -= 13
        self._canvas.setStrokeColor(INK)
        self._canvas.line(MARGIN, self._y, WIDTH - MARGIN, self._y)

    def _end_page(self) -> None:
        self._foot()
        self._canvas.showPage()
        self._pack_page()
        self._forget_pen()

    def _pack_page(self) -> None:
        """Compress the page now: reportlab would keep tens of kilobytes in clear for each until the file is written."""
        page = self._canvas._doc.Pages.pages[-1]
        packed = PDFDictionary({"Filter": PDFName(PDFZCompress.pdfname)})
        page.Contents, page.stream = PDFStream(packed, PDFZCompress.encode(page.stream)), None

    def _forget_pen(self) -> None:
        """A page and a form begin with a pen of their own."""
        self._colour: colors.Color | None = None
        self._font: tuple[str, float] | None = None

    def _foot(self) -> None:
        about = self._about
        words = _("%(site)s, consent audit %(export)s, made %(at)s UTC, log head %(seq)s") % {
            "site": settings.SITE_NAME,
            "export": about.export_id,
            "at": about.made_at.strftime("%Y-%m-%d %H:%M"),
            "seq": f"{about.head['seq']}:{about.head['digest'][:16]}",
        }
        self._text(MARGIN, MARGIN - 6, words, font=TEXT, color=QUIET, size=SMALL)
        self._text(
            WIDTH - MARGIN - 24, MARGIN - 6, str(self._canvas.getPageNumber()), font=TEXT, color=QUIET, size=SMALL
        )

    def _heading(self, words: str, y: float, *, size: float = 20) -> float:
        self._text(MARGIN, y - size, words, font=BOLD, size=size, color=INK)
        return y - size - 8

    def _lines(self, y: float, sentences: list[str]) -> float:
        for sentence in sentences:
            for line in simpleSplit(sentence, TEXT, 9, WIDTH - 2 * MARGIN):
                y -= 13
                self._text(MARGIN, y, line, font=TEXT, size=9, color=INK)
        return y

    def _pairs(self, y: float, pairs: list[tuple[str, str]]) -> float:
        for label, value in pairs:
            y -= 13
            self._text(MARGIN, y, label, font=TEXT, size=9, color=QUIET, width=160)
            self._text(MARGIN + 170, y, value, font=TEXT, size=9, color=INK, width=WIDTH - 2 * MARGIN - 170)
        return y

    def _text(
        self, x: float, y: float, words: str, *, font: str, color: colors.Color, size: float = SIZE, width: float = 0
    ) -> None:
        # Pages wait in memory for the end; what is set already is not said again.
        if color != self._colour:
            self._canvas.setFillColor(color)
            self._colour = color
        if (font, size) != self._font:
            self._canvas.setFont(font, size)
            self._font = (font, size)
        self._canvas.drawString(x, y, _fitting(words, font, size, width) if width else words)


@cache
@lru_cache(maxsize=4096)
def _fitting(words: str, font: str, size: float, width: float) -> str:
    """The words, cut with an ellipsis where they would run into the next column."""
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
    """Font and words of each column."""
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


def _allowed(row: Row) -> str:
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
def _said(choices: type[TextChoices], code: str, language: str) -> str:
    return str(dict(choices.choices).get(code, code))


def _label(choices: type[TextChoices], code: str) -> str:
    return _said(choices, code, translation.get_language() or "")


def _facts(about: Attested) -> Iterator[tuple[str, str]]:
    order = about.order
    yield _("Export"), str(about.export_id)
    yield _("Made at"), f"{formats.date_format(about.made_at, 'j F Y, H:i')} UTC"
    yield _("Exporter"), str(order.by.pk) if order.by else _("whoever runs the site, by command")
    yield _("Reason"), str(REASONS[order.reason])
    if order.reference:
        yield _("Reference"), order.reference
    chosen = [f"{label}: {value}" for label, value in in_words(order.wanted)]
    yield _("Filter"), "; ".join(chosen) or _("all posts")
    yield _("Files"), ", ".join(str(FORMAT_WORDS[name]) for name in order.formats)
