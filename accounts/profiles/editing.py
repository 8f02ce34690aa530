"""Pages on which a member changes their own profile."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.membership.models import Member
from accounts.profiles import orcid, portraits, service
from accounts.profiles.cards import card_of, portrait_of, publication_row
from accounts.profiles.forms import PortraitForm, PositionForm, ProfileForm, PublicationForm, TrainingForm
from accounts.profiles.models import PortraitState, Position, Publication, Training, profile_of
from core.permissions import get_visible_or_404
from core.post_only import post_only
from imaging.engine import Refused
from vocabulary import interests

UNPROCESSABLE: Final = 422


@dataclass(frozen=True)
class Kind:
    """One kind of lines of the CV: `key` in addresses, its form, what adding and deleting one is called."""

    key: str
    model: type[Model]
    form: type[forms.ModelForm[Any]]
    action: str
    new: str | Promise
    change: str | Promise


KINDS: Final = {
    kind.key: kind
    for kind in (
        Kind("training", Training, TrainingForm, "training.edit", gettext_lazy("Add training"),
             gettext_lazy("Change training")),
        Kind("position", Position, PositionForm, "position.edit", gettext_lazy("Add a position"),
             gettext_lazy("Change the position")),
        Kind("publication", Publication, PublicationForm, "publication.edit", gettext_lazy("Add a publication"),
             gettext_lazy("Change the publication")),
    )
}  # fmt: skip


@open_to("member")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest) -> HttpResponse:
    """Show the member's own profile with everything that can be changed; save its fields."""
    member = _with_profile(request)
    form = ProfileForm(bound_data(request)[0], profile=profile_of(member))
    if request.method == "POST" and form.is_valid():
        service.save(member=member, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile_edit")
    return _page(request, member, form=form)


def _with_profile(request: MemberRequest) -> Member:
    member: Member = Member.objects.select_related("profile", "portrait").get(pk=request.user.pk)
    return member


def _page(
    request: MemberRequest,
    member: Member,
    *,
    form: ProfileForm | None = None,
    portrait_form: PortraitForm | None = None,
) -> HttpResponse:
    """Render the page; a refused form keeps its input and errors."""
    portrait = portrait_of(member)
    refusal = Refused(portrait.refusal).sentence if portrait and portrait.state == PortraitState.REFUSED else ""
    form = form or ProfileForm(profile=profile_of(member))
    portrait_form = portrait_form or PortraitForm()
    context = {
        "card": card_of(member),
        "chosen_fields": _labels(form["subspecialties"].value(), of=interests.Subspecialty.values),
        "chosen_diseases": _labels(form["diseases"].value(), of=interests.disease_groups()),
        "member": member,
        "profile": profile_of(member),
        "form": form,
        "portrait": portrait,
        "portrait_waits": portrait is not None and portrait.state == PortraitState.RECEIVED,
        "portrait_refusal": refusal and _(refusal),
        "portrait_form": portrait_form,
        "trainings": member.trainings.all(),
        "positions": member.positions.all(),
        "publications": [publication_row(one) for one in member.publications.all()],
        "orcid_is_on": orcid.is_on(),
    }
    refused = form.errors or portrait_form.errors
    return render(request, "accounts/profiles/edit.html", context, status=UNPROCESSABLE if refused else 200)


def _labels(codes: Collection[str], *, of: Collection[str]) -> list[str]:
    return [interests.label(code) for code in codes if code in of]


@open_to("member")
@post_only("accounts:profile_edit", keeps=())
def send_portrait(request: MemberRequest) -> HttpResponse:
    """Take the member's picture; a job makes it clean."""
    form = PortraitForm(*bound_data(request))
    if form.is_valid():
        try:
            portraits.replace(member=request.user, picture=form.cleaned_data["picture"])
        except VettingError as error:
            form.add_error("picture", error.sentence)
        else:
            messages.success(request, _("Your picture has arrived. It is made clean now, which takes a moment."))
            return redirect("accounts:profile_edit")
    return _page(request, _with_profile(request), portrait_form=form)


@open_to("member")
@post_only("accounts:profile_edit", keeps=())
def remove_portrait(request: MemberRequest) -> HttpResponse:
    """Destroy the member's picture."""
    portraits.remove(member_id=request.user.pk)
    messages.success(request, _("Your picture is destroyed. Your initials stand in its place."))
    return redirect("accounts:profile_edit")


# --- Lines of the CV


def _kind(key: str) -> Kind:
    try:
        return KINDS[key]
    except KeyError:
        raise Http404 from None


@open_to("member")
@require_http_methods(["GET", "HEAD", "POST"])
def add_line(request: MemberRequest, kind: str) -> HttpResponse:
    """Add a line in front of the others of its kind."""
    found = _kind(kind)
    form = found.form(bound_data(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            service.add_line(form.save(commit=False), member=request.user)
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            return redirect(_place(found))
    return _line_page(request, found, form, title=found.new)


@open_to("member")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_line(request: MemberRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
    """Change a line."""
    found = _kind(kind)
    line = get_visible_or_404(request.user, found.action, pk)
    form = found.form(bound_data(request)[0], instance=line)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(_place(found))
    return _line_page(request, found, form, title=found.change)


@open_to("member")
@post_only("accounts:profile_edit", keeps=())
def delete_line(request: MemberRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
    """Delete a line."""
    found = _kind(kind)
    get_visible_or_404(request.user, found.action, pk).delete()
    return redirect(_place(found))


@open_to("member")
@post_only("accounts:profile_edit", keeps=())
def move_line(request: MemberRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
    """Move a line up or down by one."""
    found = _kind(kind)
    service.move_line(get_visible_or_404(request.user, found.action, pk), up=request.POST.get("to") != "down")
    return redirect(_place(found))


def _place(kind: Kind) -> str:
    return f"{reverse('accounts:profile_edit')}#{kind.key}"


def _line_page(request: MemberRequest, kind: Kind, form: Any, *, title: str | Promise) -> HttpResponse:
    context = {"form": form, "kind": kind, "title": title}
    return render(request, "accounts/profiles/line.html", context, status=UNPROCESSABLE if form.errors else 200)
