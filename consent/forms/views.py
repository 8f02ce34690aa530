"""Pages of the site's consent forms, for privacy officers and administrators, and each published text for everybody.

A draft shows both languages side by side as the patient will see them, with how hard each is to read. Published
forms can be read and retired here, never changed.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.http import MemberRequest
from consent.forms import publishing
from consent.forms.publishing import LANGUAGES, REQUIRED, NotPublished, Text
from consent.forms.readability import assess_readability
from consent.models import Consent, Status, Use
from consent.models.forms import Form, FormState
from core.permissions import allows, get_visible_or_404
from core.post_only import post_only


class TextsForm(forms.Form):
    """Title and text in every language of the site."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in LANGUAGES:
            name = get_language_info(language)["name_local"]
            as_written = {"lang": language}
            self.fields[f"title_{language}"] = forms.CharField(
                label=_("Title, %(language)s") % {"language": name},
                max_length=120,
                required=False,
                widget=forms.TextInput(attrs=as_written),
            )
            self.fields[f"text_{language}"] = forms.CharField(
                label=_("Text, %(language)s") % {"language": name},
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs=as_written | {"rows": "22"}),
                help_text=_("An empty line begins a paragraph. A line that begins with “- ” is a statement."),
            )

    @property
    def columns(self) -> list[tuple[Any, Any]]:
        """Return (title field, text field) for each language."""
        return [(self[f"title_{language}"], self[f"text_{language}"]) for language in LANGUAGES]

    def texts(self) -> dict[str, Text]:
        """Return the entered texts by language, with line ends normalised."""
        data = self.cleaned_data
        return {
            language: Text(
                title=data[f"title_{language}"].strip(),
                text=data[f"text_{language}"].replace("\r\n", "\n").strip() + "\n",
            )
            for language in LANGUAGES
        }


class NewTextsForm(TextsForm):
    """Texts of a new form, and its code in records."""

    code = forms.SlugField(
        max_length=40,
        label=gettext_lazy("Short name"),
        help_text=gettext_lazy(
            "Small letters, digits and hyphens, for example “harbour-clinic”. It stays the same. Guardians read the "
            "form whose name ends in “-guardian”, others who speak for a patient the one that ends in "
            "“-representative”."
        ),
    )

    def clean_code(self) -> str:
        """Convert to lower case."""
        return str(self.cleaned_data["code"]).lower()


class PublishForm(forms.Form):
    """The required statements that a person found in both texts."""

    confirmed = forms.MultipleChoiceField(
        choices=list(REQUIRED.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=gettext_lazy("I read both texts side by side. Each of them says:"),
    )


def _initial_texts(form: Form) -> dict[str, str]:
    words: dict[str, str] = {}
    for language, row in publishing.translations_of(form).items():
        words |= {f"title_{language}": row.title, f"text_{language}": row.text}
    return words


def _add_errors(form: forms.Form, refused: NotPublished) -> None:
    for field, sentence in refused.sentences.items():
        form.add_error(field if field in form.fields else None, sentence)


@open_to("officer")
@require_safe
def consent_forms(request: MemberRequest) -> HttpResponse:
    """List every form and version with its state."""
    shown = [
        {
            "form": row,
            "text": publishing.in_language(row, get_language() or ""),
            "languages": [each.get_language_display() for each in publishing.translations_of(row).values()],
            "tone": {FormState.DRAFT: "warn", FormState.IN_USE: "good"}.get(row.state, ""),
        }
        for row in publishing.site_forms()
    ]
    return render(request, "consent/forms/forms.html", {"rows": shown})


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def new_form(request: MemberRequest) -> HttpResponse:
    """Write an institution's own form, from scratch or starting from the text of another (`?from=`)."""
    member = request.user
    if request.method == "POST":
        form = NewTextsForm(request.POST)
        if form.is_valid():
            try:
                made = publishing.create_draft(code=form.cleaned_data["code"], texts=form.texts(), by=member)
            except NotPublished as refused:
                _add_errors(form, refused)
            else:
                return redirect("consent:form", pk=made.pk)
        return render(request, "consent/forms/edit.html", {"form": form}, status=422)
    source = request.GET.get("from")
    initial = _initial_texts(get_visible_or_404(member, "form.view", source)) if source else {}
    return render(request, "consent/forms/edit.html", {"form": NewTextsForm(initial=initial)})


@login_not_required
@require_safe
def form_text(request: HttpRequest, code: str, version: int, language: str) -> HttpResponse:
    """Show the text of a form that is or was in use, to whoever holds a record that names it. Drafts are not shown."""
    found = Form.objects.filter(code=code, version=version, language=language, published_at__isnull=False).first()
    if found is None:
        raise Http404
    return render(request, "consent/forms/text.html", {"form": found})


@open_to("officer")
@require_safe
def consent_form(request: MemberRequest, pk: str) -> HttpResponse:
    """Show one version in both languages, side by side, as the patient sees it."""
    found: Form = get_visible_or_404(request.user, "form.view", pk)
    return _render_form_page(request, found, PublishForm())


def _render_form_page(request: MemberRequest, found: Form, publish: PublishForm, status: int = 200) -> HttpResponse:
    rows = publishing.translations_of(found)
    return render(
        request,
        "consent/forms/form.html",
        {
            "consent_form": found,
            "texts": [
                {"form": row, "reading": assess_readability(title=row.title, text=row.text, language=language)}
                for language, row in rows.items()
            ],
            "uses": list(Use),
            "form": publish,
            "is_draft": found.state == FormState.DRAFT,
            "in_use": found.state == FormState.IN_USE,
            "is_ours": not publishing.is_reserved(found.code),
            "signed": Consent.objects.filter(form__in=rows.values()).exclude(status=Status.DRAFT).count(),
            "problems": publishing.problems_of({lang: Text(row.title, row.text) for lang, row in rows.items()}).values()
            if found.state == FormState.DRAFT
            else (),
        },
        status=status,
    )


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_form(request: MemberRequest, pk: str) -> HttpResponse:
    """Change the text of a draft."""
    found: Form = get_visible_or_404(request.user, "form.edit", pk)
    if request.method == "POST":
        form = TextsForm(request.POST)
        if form.is_valid():
            try:
                publishing.edit_draft(form=found, texts=form.texts())
            except NotPublished as refused:
                _add_errors(form, refused)
            else:
                messages.success(request, _("Saved. Read it as the patient will see it."))
                return redirect("consent:form", pk=pk)
        return render(request, "consent/forms/edit.html", {"form": form, "consent_form": found}, status=422)
    form = TextsForm(initial=_initial_texts(found))
    return render(request, "consent/forms/edit.html", {"form": form, "consent_form": found})


@open_to("officer")
@post_only("consent:form")
def publish_form(request: MemberRequest, pk: str) -> HttpResponse:
    """Put a draft into use in both languages."""
    found: Form = get_visible_or_404(request.user, "form.edit", pk)
    form = PublishForm(request.POST)
    confirmed = form.cleaned_data["confirmed"] if form.is_valid() else ()
    try:
        publishing.publish(form=found, confirmed=confirmed, by=request.user)
    except NotPublished as refused:
        _add_errors(form, refused)
        return _render_form_page(request, found, form, status=422)
    messages.success(request, _("Published. Clinicians use it from now on."))
    return redirect("consent:form", pk=pk)


@open_to("officer")
@post_only("consent:form")
def retire_form(request: MemberRequest, pk: str) -> HttpResponse:
    """Take a form out of use."""
    found: Form = get_visible_or_404(request.user, "form.view", pk)
    try:
        publishing.retire(form=found, by=request.user)
    except NotPublished as refused:
        messages.error(request, refused.sentence)
    return redirect("consent:form", pk=pk)


@open_to("officer")
@post_only("consent:form")
def next_form(request: MemberRequest, pk: str) -> HttpResponse:
    """Create the next version of a form."""
    found: Form = get_visible_or_404(request.user, "form.view", pk)
    try:
        made = publishing.draft_next_version(form=found, by=request.user)
    except NotPublished as refused:
        messages.error(request, refused.sentence)
        return redirect("consent:form", pk=pk)
    return redirect("consent:form_edit", pk=made.pk)


@open_to("officer")
@post_only("consent:forms", keeps=())
def discard_form(request: MemberRequest, pk: str) -> HttpResponse:
    """Delete a draft."""
    found: Form = get_visible_or_404(request.user, "form.view", pk)
    if not allows(request.user, "form.edit", found):
        messages.error(request, _("A published form is not deleted. Retire it."))
        return redirect("consent:form", pk=pk)
    publishing.discard_draft(form=found, by=request.user)
    return redirect("consent:forms")
