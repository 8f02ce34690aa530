"""The receipt and the certificate as PDF, in the language of the signed form.

A receipt holds the withdrawal code, which is stored nowhere else; it is made once, right after the consent was
recorded, and given to the patient. Neither document names the patient.
"""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    PageBreak,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from consent import hooks
from consent.forms.publishing import translations_of
from consent.models import Consent, Removal, Shown, Use, Withdrawal
from consent.models.forms import Form
from consent.pdf.layout import (
    QR_SIDE,
    WIDTH,
    build_pdf,
    bullet_list,
    fact_table,
    format_moment,
    markup,
    qr_code,
    styles,
)
from consent.records.picture_numbers import numbered_pictures, numbers_of_shown
from consent.records.wording import allowed_use_in_words
from consent.withdrawal import certificate_text
from core import days
from core.pdf import ACCENT


def withdrawal_address(code: str) -> str:
    """Return the address in the QR code.

    The code stands in the fragment, which a browser never sends to a server.
    """
    return f"{settings.SITE_ADDRESS.rstrip('/')}/withdraw/#{code}"


def receipt_pdf(*, consent: Consent, code: str) -> bytes:
    """Return the patient's receipt: the full form, the uses allowed and not allowed, and how to withdraw.

    First in the signed language, with the code; then in the site's other languages, without it.
    """
    signed = consent.form
    with translation.override(signed.language):
        title, story = _("Receipt of your consent"), _receipt(consent, code)
    for language, form in translations_of(signed).items():
        if language != signed.language:
            with translation.override(language):
                story += [PageBreak(), *_translated_receipt(consent, form)]
    with translation.override(signed.language):
        return build_pdf(story, title=title, language=signed.language)


def certificate_pdf(*, withdrawal: Withdrawal | Removal) -> bytes:
    """Return the certificate: what was hidden and destroyed so far, when, and what cannot be recalled."""
    language = withdrawal.consent.form.language
    with translation.override(language):
        return build_pdf(_certificate(withdrawal), title=_("Certificate of withdrawal"), language=language)


def _receipt(consent: Consent, code: str) -> list[Flowable]:
    style = styles()
    return [
        Paragraph(markup(_("Receipt of your consent")), style["title"]),
        Paragraph(
            markup(_("Keep this paper. It is the only place where your withdrawal code is written.")), style["body"]
        ),
        Spacer(1, 4 * mm),
        _withdrawal_box(code),
        Spacer(1, 3 * mm),
        *_receipt_body(consent, consent.form),
    ]


def _translated_receipt(consent: Consent, form: Form) -> list[Flowable]:
    """Return the receipt in another language than the signed one, without the code of the first page."""
    style = styles()
    words = {"language": consent.form.get_language_display()}
    return [
        Paragraph(markup(_("Receipt of your consent")), style["title"]),
        Paragraph(markup(_("A translation. What you signed is the form in %(language)s.") % words), style["body"]),
        *_receipt_body(consent, form),
    ]


def _receipt_body(consent: Consent, form: Form) -> list[Flowable]:
    style = styles()
    allowed = consent.allowed
    ticked = {row.use for row in allowed}
    return [
        Paragraph(markup(_("What you allowed")), style["heading"]),
        bullet_list(allowed_use_in_words(row) for row in allowed),
        Paragraph(markup(_("What you did not allow")), style["heading"]),
        bullet_list([*(use.label for use in Use if use not in ticked), _("Advertising. It is never allowed.")]),
        *_pictures(consent),
        # The table may break over pages, so its heading is not kept together with all of it.
        CondPageBreak(50 * mm),
        Paragraph(markup(_("What was recorded")), ParagraphStyle("loose", parent=style["heading"], keepWithNext=0)),
        fact_table(_recorded_facts(consent)),
        Paragraph(markup(_("The form you signed")), style["heading"]),
        Paragraph(markup(form.title), style["subheading"]),
        *(Paragraph(markup(paragraph), style["body"]) for paragraph in form.paragraphs),
        bullet_list(form.statements),
    ]


def _pictures(consent: Consent) -> list[Flowable]:
    """Return the list of pictures with the numbers that the page of withdrawal shows too."""
    numbered = numbered_pictures(consent)
    if not numbered:
        return []
    heading = Paragraph(markup(_("The pictures under this consent")), styles()["heading"])
    return [heading, bullet_list(each.words for each in numbered)]


def _numbered_hashes(shown: list[tuple[int, str]]) -> str:
    return "\n".join(f"{number}: {sha256}" if number else sha256 for number, sha256 in sorted(shown))


def _withdrawal_box(code: str) -> Flowable:
    style = styles()
    words = [
        Paragraph(markup(_("Your withdrawal code")), style["label"]),
        Paragraph(markup(code), style["code"]),
        Paragraph(
            markup(
                _(
                    "You can withdraw at any time and without a reason. Scan the square code, or open %(address)s and "
                    "type the code. You need no account. Your clinician can also withdraw for you."
                )
                % {"address": f"{settings.SITE_ADDRESS.rstrip('/')}/withdraw/"}
            ),
            style["body"],
        ),
        Paragraph(markup(_("Whoever has this code can withdraw in your name. Keep it like a key.")), style["small"]),
    ]
    box = Table([[words, qr_code(withdrawal_address(code))]], colWidths=[WIDTH - QR_SIDE - 6 * mm, QR_SIDE + 6 * mm])
    box.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 1, ACCENT),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (0, 0), 5 * mm),
                ("TOPPADDING", (0, 0), (-1, -1), 3 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3 * mm),
            ]
        )
    )
    return box


def _recorded_facts(consent: Consent) -> list[tuple[str, str]]:
    form = consent.form
    numbers = numbers_of_shown(consent)
    hashes = consent.shown_pictures.order_by("sha256").values_list("sha256", flat=True)
    shown = [(numbers.get(sha256, 0), sha256) for sha256 in hashes]
    yes_no = {True: _("yes"), False: _("no")}
    lines = [
        (_("Signed on"), days.in_words(consent.signed_on)),
        (_("Valid until"), days.in_words(consent.expires_on) if consent.expires_on else _("you withdraw it")),
        (_("Also ends when"), consent.get_until_event_display() if consent.until_event else ""),
        (_("Signed by"), consent.get_relation_display()),
        (_("How the decision was made"), consent.get_capacity_display()),
        (_("Signature"), consent.get_signature_display()),
        (_("Child asked"), consent.get_assent_display() if consent.assent else ""),
        (_("Interpreter"), yes_no[consent.interpreter]),
        (_("Form read aloud"), yes_no[consent.cannot_read]),
        (_("Witness"), yes_no[consent.witnessed]),
        (_("Pictures"), consent.get_shown_display()),
        # Stored in English; its translation stands in the catalogue like any other.
        (_("How the pictures were covered"), _(consent.masking_method) if consent.masking_method else ""),
        (_("Number of this consent"), str(consent.pk)),
        (_("Form"), f"{form.code}, {_('version')} {form.version}, {form.get_language_display()}"),
        (_("Fingerprint of the form"), form.sha256),
        (_("Fingerprint of the signed form"), consent.document_sha256),
    ]
    if consent.shown == Shown.SHOWN:
        lines.append((_("Fingerprints of the pictures you saw"), _numbered_hashes(shown)))
        covered = [f"{one.before}\n→ {one.after}" for one in hooks.covered_more(consent)]
        lines.append((_("Of these, more is covered now, and nothing else is shown"), "\n".join(covered)))
    return [(label, value) for label, value in lines if value]


def _certificate(made: Withdrawal | Removal) -> list[Flowable]:
    style = styles()
    consent = made.consent
    story: list[Flowable] = [
        Paragraph(markup(_("Certificate of withdrawal")), style["title"]),
        Paragraph(markup(certificate_text.opening_sentences(made)), style["body"]),
    ]
    if made.completed_at is None:
        again = _("Get this certificate again later to see that it is done.")
        story.append(Paragraph(markup(again), style["body"]))
    story += [
        Paragraph(markup(_("What was done")), style["heading"]),
        fact_table(
            [
                *((step.sentence, format_moment(step.at)) for step in certificate_text.list_steps(made)),
                (_("Asked for by"), made.get_by_display() or _("Nobody: its last day was over")),
                (_("Number of this certificate"), str(made.pk)),
                (_("Number of the consent"), str(consent.pk)),
                (_("Form"), f"{consent.form.code}, {_('version')} {consent.form.version}"),
                (_("Fingerprint of the form"), consent.form.sha256),
            ]
        ),
    ]
    sections = [
        (_("What was taken back"), certificate_text.list_taken_back(made) if isinstance(made, Removal) else []),
        (_("What was destroyed"), certificate_text.list_destroyed(made)),
        (_("What cannot be recalled"), certificate_text.list_not_recalled_by(made)),
        (_("What is kept"), certificate_text.list_kept(made)),
    ]
    for heading, lines in sections:
        if lines:
            story += [Paragraph(markup(heading), style["heading"]), bullet_list(lines)]
    made_on = _("Made on %(moment)s.") % {"moment": format_moment(timezone.now())}
    return [*story, Spacer(1, 4 * mm), Paragraph(markup(made_on), style["small"])]
