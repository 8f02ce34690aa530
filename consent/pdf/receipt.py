"""The receipt and the certificate as PDF, in the language of the signed form.

A receipt holds the withdrawal code, which is stored nowhere else; it is made once, right after the consent was
recorded, and given to the patient. Neither document names the patient.
"""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
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
from consent.models import Cause, Consent, ConsentUse, Removal, Shown, Use, Withdrawal
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
from consent.records.wording import allowed_use_in_words
from consent.withdrawal import progress
from core import days
from core.pdf import ACCENT

# Uses whose results are outside this platform, out of reach of a withdrawal.
ELSEWHERE = (Use.LECTURES, Use.PUBLICATION, Use.SOCIAL_MEDIA, Use.RESEARCH, Use.AI_TRAINING)


def withdrawal_address(code: str) -> str:
    """Return the address in the QR code.

    The code stands in the fragment, which a browser never sends to a server.
    """
    return f"{settings.SITE_ADDRESS.rstrip('/')}/withdraw/#{code}"


def list_uses_elsewhere(consent: Consent) -> list[ConsentUse]:
    """Return ticked uses whose results cannot be recalled from here, in the order of the form."""
    return [row for row in consent.allowed if row.use in ELSEWHERE]


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
        # The table may break over pages, so its heading is not kept together with all of it.
        CondPageBreak(50 * mm),
        Paragraph(markup(_("What was recorded")), ParagraphStyle("loose", parent=style["heading"], keepWithNext=0)),
        fact_table(_recorded_facts(consent)),
        Paragraph(markup(_("The form you signed")), style["heading"]),
        Paragraph(markup(form.title), style["subheading"]),
        *(Paragraph(markup(paragraph), style["body"]) for paragraph in form.paragraphs),
        bullet_list(form.statements),
    ]


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
    shown = [row.sha256 for row in consent.shown_pictures.order_by("sha256")]
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
        lines.append((_("Fingerprints of the pictures you saw"), "\n".join(shown)))
        covered = [f"{one.before}\n→ {one.after}" for one in hooks.covered_more(consent)]
        lines.append((_("Of these, more is covered now, and nothing else is shown"), "\n".join(covered)))
    return [(label, value) for label, value in lines if value]


def _certificate(withdrawal: Withdrawal | Removal) -> list[Flowable]:
    style = styles()
    consent = withdrawal.consent
    reached = progress.progress_of(withdrawal)
    story: list[Flowable] = [
        Paragraph(markup(_("Certificate of withdrawal")), style["title"]),
        Paragraph(markup(_opening_sentence(withdrawal)), style["body"]),
        Paragraph(markup(_("What was done")), style["heading"]),
        fact_table(
            [
                (_("Consent withdrawn and hidden from everybody"), format_moment(reached.hidden_at)),
                (_("Keys destroyed"), format_moment(reached.keys_destroyed_at)),
                (_("Everything destroyed"), format_moment(reached.destroyed_at)),
                (_("Withdrawn by"), withdrawal.get_by_display() or _("The end of the consent")),
                (_("Number of this withdrawal"), str(withdrawal.pk)),
                (_("Number of the consent"), str(consent.pk)),
                (_("Form"), f"{consent.form.code}, {_('version')} {consent.form.version}"),
                (_("Fingerprint of the form"), consent.form.sha256),
            ]
        ),
    ]
    if isinstance(withdrawal, Removal):
        story += [
            Paragraph(markup(_("What was taken back")), style["heading"]),
            bullet_list(list_taken_back(withdrawal)),
        ]
    if reached.done:
        story += [Paragraph(markup(_("What was destroyed")), style["heading"]), bullet_list(list_destroyed(withdrawal))]
    story += [
        Paragraph(markup(_("What cannot be recalled")), style["heading"]),
        bullet_list(list_not_recalled(consent)),
        Paragraph(markup(_("What is kept")), style["heading"]),
        bullet_list(list_kept()),
        Spacer(1, 4 * mm),
        Paragraph(markup(_("Made on %(moment)s.") % {"moment": format_moment(timezone.now())}), style["small"]),
    ]
    return story


def _opening_sentence(withdrawal: Withdrawal | Removal) -> str:
    if isinstance(withdrawal, Removal):
        return _opening_sentence_of_part(withdrawal)
    if withdrawal.completed_at is not None:
        return _("The consent was withdrawn. Everything that was shared under it has been hidden and destroyed.")
    return _(
        "The consent was withdrawn. Everything that was shared under it is hidden from everybody; it is still being "
        "destroyed. Get this certificate again later to see that it is done."
    )


def _opening_sentence_of_part(removal: Removal) -> str:
    if removal.completed_at is not None:
        return _(
            "A part of the consent was taken back. What it no longer covers has been hidden and destroyed; the rest "
            "of the consent stands."
        )
    return _(
        "A part of the consent was taken back. What it no longer covers is hidden from everybody; it is still being "
        "destroyed. Get this certificate again later to see that it is done."
    )


def list_taken_back(removal: Removal) -> list[str]:
    """Return what was taken back, one line for each part."""
    if removal.cause == Cause.EXPIRED:
        return [_("All that the consent still covered when it ended")]
    if removal.cause == Cause.PICTURE:
        return [_("One picture")]
    ticked = {use for use, _scope in removal.uses}
    lines = [str(use.label) for use in Use if use in ticked]
    if removal.ends_on is not None:
        lines.append(_("The consent ends on %(day)s") % {"day": days.in_words(removal.ends_on)})
    return lines


def list_destroyed(withdrawal: Withdrawal | Removal) -> list[str]:
    """Return what was destroyed, one line for each kind. Only correct once the withdrawal is complete."""
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


def list_not_recalled(consent: Consent) -> list[str]:
    """Return what cannot be recalled, one line for each kind."""
    lines = [_("What somebody copied or photographed from the screen, or remembers.")]
    allowed = list_uses_elsewhere(consent)
    if allowed:
        uses = "; ".join(allowed_use_in_words(row) for row in allowed)
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


def list_kept() -> list[str]:
    """Return what is kept after a withdrawal, one line for each kind."""
    return [
        _("That a consent existed, when it was signed and when it was withdrawn. No picture, no text, no name."),
        _(
            "Lists that privacy officers took out of this site before. They hold numbers, dates, uses and "
            "fingerprints; no picture, no text, no name. Whoever took one is told that it is out of date."
        ),
        _("Your receipt stays valid as proof of what you allowed until then."),
    ]
