"""The life of a form: drafted in every language, reviewed side by side, published and retired as one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from audit.record import record
from consent.forms.readers import Reader, code_for
from consent.models.forms import Form
from core.exceptions import FieldRefusal

LANGUAGES: tuple[str, ...] = tuple(code for code, _name in settings.LANGUAGES)
RESERVED = "rete-"

# Statements that every form must make in every language. Software cannot check it; a person reads and ticks each.
REQUIRED: Mapping[str, Promise] = {
    "anonymity": gettext_lazy("Anonymity cannot be guaranteed."),
    "permanence": gettext_lazy("Pictures shown online can be copied, last, and are hard to call back."),
    "closed_groups": gettext_lazy("A closed group may not stay closed."),
    "care": gettext_lazy("Saying no does not affect care."),
    "withdrawal": gettext_lazy("How to withdraw, at any time and without a reason."),
    "advertising": gettext_lazy("Pictures are never used for advertising."),
}


class NotPublished(FieldRefusal):
    """The form cannot be changed, published or retired."""


@dataclass(frozen=True)
class Text:
    """A form in one language."""

    title: str
    text: str


Texts = Mapping[str, Text]


def current_forms(*, language: str | None = None) -> QuerySet[Form]:
    """Return the forms in use as the patient reads them: by code, the newest version and the first language first."""
    others = Q()
    for reader in (Reader.GUARDIAN, Reader.REPRESENTATIVE):
        others |= Q(code__endswith=f"-{reader}")
    forms = _in_use().exclude(others)
    return forms.filter(language=language) if language else forms


def for_reader(form: Form, reader: Reader) -> Form:
    """Return the newest text in use of this form, in its language, for this reader; the form itself without one."""
    code = code_for(form.code, reader)
    return form if form.code == code else _in_use().filter(code=code, language=form.language).first() or form


def for_all_readers(forms: Iterable[Form]) -> list[tuple[Form, dict[Reader, Form]]]:
    """Return each form with the texts that its readers read. One query, however many forms."""
    texts: dict[tuple[str, str], Form] = {}
    for row in _in_use():
        texts.setdefault((row.code, row.language), row)
    return [
        (form, {reader: texts.get((code_for(form.code, reader), form.language), form) for reader in Reader})
        for form in forms
    ]


def _in_use() -> QuerySet[Form]:
    forms = Form.objects.filter(published_at__isnull=False, retired_at__isnull=True)
    return forms.order_by("code", "-version", "language")


def site_forms() -> QuerySet[Form]:
    """Return every version of every form, including drafts and retired ones, as rows of the site's first language."""
    return Form.objects.filter(language=LANGUAGES[0]).order_by("code", "-version")


def translations_of(form: Form) -> dict[str, Form]:
    """Return the same version in every available language, the site's first language first."""
    rows = {row.language: row for row in Form.objects.filter(code=form.code, version=form.version)}
    return {language: rows[language] for language in LANGUAGES if language in rows}


def in_language(form: Form, language: str) -> Form:
    """Return the same version in `language`, or the form itself when there is none."""
    return translations_of(form).get(language, form)


def is_reserved(code: str) -> bool:
    """Whether the code belongs to a form that ships with Rete, which will bring its next version too."""
    return code.startswith(RESERVED)


@transaction.atomic
def create_draft(*, code: str, texts: Texts, by: Member) -> Form:
    """Create an institution's own form, or the next version of one; return the first language's row.

    Raises NotPublished when a draft of this form is open already.
    """
    if is_reserved(code):
        raise NotPublished({"code": _("Names that begin with “rete-” belong to the forms that come with Rete.")})
    versions = Form.objects.filter(code=code)
    if versions.filter(published_at__isnull=True).exists():
        raise NotPublished({"code": _("A draft of this form is open already. Change that one.")})
    version = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
    for language in LANGUAGES:
        Form.objects.create(
            code=code,
            version=version,
            language=language,
            title=texts[language].title,
            text=texts[language].text,
            published_at=None,
        )
    made = Form.objects.get(code=code, version=version, language=LANGUAGES[0])
    record(verb="form.drafted", actor=by, subject=("form", made.pk), code=code, version=version)
    return made


@transaction.atomic
def draft_next_version(*, form: Form, by: Member) -> Form:
    """Create a draft of the next version from the text of `form`. Raises NotPublished."""
    rows = translations_of(form)
    texts = {
        language: Text(rows[language].title, rows[language].text) if language in rows else Text("", "")
        for language in LANGUAGES
    }
    return create_draft(code=form.code, texts=texts, by=by)


@transaction.atomic
def edit_draft(*, form: Form, texts: Texts) -> None:
    """Change the text of a draft. Raises NotPublished."""
    for language, row in _locked_draft(form).items():
        row.title, row.text = texts[language].title, texts[language].text
        row.save()


@transaction.atomic
def discard_draft(*, form: Form, by: Member) -> None:
    """Delete a draft in every language. Raises NotPublished."""
    _locked_draft(form)
    Form.objects.filter(code=form.code, version=form.version, published_at__isnull=True).delete()
    record(verb="form.discarded", actor=by, subject=("form", form.pk), code=form.code, version=form.version)


@transaction.atomic
def publish(*, form: Form, confirmed: Iterable[str], by: Member) -> None:
    """Put a draft into use in every language, and retire the versions before it.

    `confirmed` names the required statements that a person found in every language. Raises NotPublished.
    """
    rows = _locked_draft(form)
    problems = problems_of({language: Text(row.title, row.text) for language, row in rows.items()})
    missing = set(REQUIRED) - set(confirmed)
    if missing:
        problems["confirmed"] = _("Read both texts and tick each statement that stands in both of them.")
    if _has_been_published(rows.values()):
        problems["text"] = _("This very text was published before. Change it, or keep using that version.")
    if problems:
        raise NotPublished(problems)
    now = timezone.now()
    _earlier_versions_in_use(form).update(retired_at=now)
    for row in rows.values():
        row.published_at = now
        row.save()
    record(
        verb="form.published",
        actor=by,
        subject=("form", form.pk),
        code=form.code,
        version=form.version,
        hashes=[f"{language}:{row.sha256}" for language, row in rows.items()],
    )


@transaction.atomic
def retire(*, form: Form, by: Member) -> None:
    """Take a form out of use in every language; consents signed with it stay valid. Raises NotPublished."""
    others = current_forms().exclude(code=form.code, version=form.version)
    if not others.exists():
        raise NotPublished({"form": _("This is the only form in use. Publish another one first.")})
    mine = _in_use().filter(code=form.code, version=form.version)
    if mine.order_by().update(retired_at=timezone.now()):
        record(verb="form.retired", actor=by, subject=("form", form.pk), code=form.code, version=form.version)


def problems_of(texts: Texts) -> dict[str, str]:
    """Return the reasons why these texts cannot be published, by field."""
    problems: dict[str, str] = {}
    for language in LANGUAGES:
        said = texts.get(language)
        if said is None or not said.title.strip() or not said.text.strip():
            problems[f"text_{language}"] = _("Write the title and the text in this language too.")
    if problems:
        return problems
    shapes = {_count_parts(said.text) for said in texts.values()}
    if len(shapes) > 1:
        problems["text"] = _(
            "The languages differ in the number of paragraphs or statements. They must say the same, in the same order."
        )
    elif any(statements < len(REQUIRED) - 1 for _paragraphs, statements in shapes):
        problems["text"] = _("Write what the patient must know as statements: lines that begin with “- ”.")
    return problems


def _count_parts(text: str) -> tuple[int, int]:
    form = Form(text=text)
    return len(form.paragraphs), len(form.statements)


def _locked_draft(form: Form) -> dict[str, Form]:
    rows = Form.objects.select_for_update().filter(code=form.code, version=form.version, published_at__isnull=True)
    found = {row.language: row for row in rows}
    if not found:
        raise NotPublished({"form": _("This form is published and does not change. Begin a new version.")})
    return {language: found[language] for language in LANGUAGES if language in found}


def _earlier_versions_in_use(form: Form) -> QuerySet[Form]:
    return _in_use().filter(code=form.code, version__lt=form.version).order_by()


def _has_been_published(rows: Iterable[Form]) -> bool:
    hashes = [row.sha256 for row in rows]
    return Form.objects.filter(published_at__isnull=False, sha256__in=hashes).exists()
