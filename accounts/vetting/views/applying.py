"""Pages for applicants: apply, confirm the address, follow the application, appeal."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from accounts.access import open_to, without_factor
from accounts.exceptions import VettingError
from accounts.http import SignedInRequest, bound_data
from accounts.membership.models import Member
from accounts.policy import applications_of
from accounts.vetting import deadlocks, decisions, evidence, joining, targets
from accounts.vetting.checking.marks import Origin
from accounts.vetting.confirmation_link import BadLink, application_id_from, draft_id_from
from accounts.vetting.forms import AppealForm, ApplicationForm, ClaimForm, FinishForm, PictureForm
from accounts.vetting.models import Application, Draft, EvidenceKind, EvidenceState
from accounts.vetting.status import status_of
from core.permissions import get_visible_or_404
from core.post_only import post_only
from imaging.engine import Refused


@login_not_required
@rate_limit(action="signup")
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Show and take the application form; the answer is the same for known and unknown addresses."""
    if request.user.is_authenticated:
        return redirect("accounts:application")
    form = ApplicationForm(*bound_data(request))
    if request.method == "POST" and form.is_valid():
        decisions.apply(
            email=form.cleaned_data["email"],
            claim=form.claim(),
            picture=form.cleaned_data.get("picture"),
        )
        return redirect("accounts:applied")
    return _form_page(request, form)


@open_to("applicant", "member")
@require_http_methods(["GET", "HEAD", "POST"])
def apply_again(request: SignedInRequest) -> HttpResponse:
    """Show and take the form of a member who has lapsed or soon will, which is the claim only."""
    member = request.user
    if not decisions.may_apply_again(member):
        return redirect("accounts:application")
    initial = {
        "profession": member.profession,
        "institution": member.institution,
        "country": member.country,
    }
    form = ClaimForm(*bound_data(request), member=member, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            decisions.apply_again(
                member=member,
                claim=form.claim(),
                picture=form.cleaned_data.get("picture"),
                origin=_origin_of(request),
            )
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Your application is in. Two moderators will read it."))
            return redirect("accounts:application")
    return _form_page(request, form)


def _origin_of(request: HttpRequest) -> Origin:
    """Return the browser that sends this request."""
    browser = f"{request.headers.get('User-Agent', '')} {request.headers.get('Accept-Language', '')}".strip()
    return Origin(address=get_adapter(request).get_client_ip(request), browser=browser)


def _form_page(request: HttpRequest, form: ClaimForm) -> HttpResponse:
    return render(
        request,
        "accounts/vetting/apply.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@login_not_required
@require_safe
def applied(request: HttpRequest) -> HttpResponse:
    """Explain what happens next, in the same way to everybody."""
    return render(request, "accounts/vetting/applied.html")


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, token: str) -> HttpResponse:
    """Show the owner of an address what was sent in its name; take a password, or throw it all away.

    Whoever is signed in in this browser is signed out first: the account belongs to the reader of the mailbox.
    """
    try:
        draft = Draft.objects.filter(pk=draft_id_from(token)).first()
    except BadLink:
        draft = None
    if draft is None:
        return render(request, "accounts/vetting/bad_link.html", {"draft": True}, status=404)
    drafts = joining.drafts_beside(draft)
    if request.method == "POST" and request.POST.get("mine") == "none":
        joining.discard(draft.email)
        return render(request, "accounts/vetting/discarded.html")
    form = FinishForm(request.POST if request.method == "POST" else None, drafts=drafts)
    if request.method == "POST" and form.is_valid():
        try:
            joining.finish(
                draft=form.cleaned_data["draft"],
                password=form.cleaned_data["password"],
                origin=_origin_of(request),
            )
        except VettingError as error:
            messages.warning(request, error.sentence)
        else:
            logout(request)
            messages.success(request, _("Thank you, your application is in. Sign in to follow it."))
        return redirect("accounts:application")
    context = {
        "form": form,
        "email": draft.email,
        "sent": [{"draft": one, "claim": joining.claim_of(one)} for one in drafts],
        "chosen": str(form["draft"].value() or (drafts[0].pk if len(drafts) == 1 else "")),
    }
    return render(request, "accounts/vetting/finish.html", context, status=422 if form.errors else 200)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the mailbox by a button, because mail scanners follow links."""
    try:
        application = Application.objects.filter(pk=application_id_from(token)).first()
    except BadLink:
        application = None
    if application is None:
        return render(request, "accounts/vetting/bad_link.html", status=404)
    if request.method == "POST":
        decisions.confirm_address(application=application)
        messages.success(
            request,
            _("Thank you, your address is confirmed. Sign in to follow your application."),
        )
        return redirect("accounts:application")
    return render(
        request,
        "accounts/vetting/confirm.html",
        {"confirmed": application.address_confirmed_at is not None},
    )


@without_factor
@open_to("applicant", "member", "officer")
@require_safe
def application(request: SignedInRequest) -> HttpResponse:
    """Show the state of the latest application and the next step."""
    member = request.user
    latest = applications_of(member).order_by("-created_at").first()
    return _application_page(request, latest)


def _application_page(
    request: SignedInRequest, latest: Application | None, *, form: PictureForm | None = None
) -> HttpResponse:
    context = {
        "application": latest,
        "may_apply_again": decisions.may_apply_again(request.user),
        "picture_form": form or PictureForm(),
        **(_standing_of(latest, request.user) if latest else {}),
    }
    return render(request, "accounts/vetting/application.html", context, status=422 if form and form.errors else 200)


def _standing_of(latest: Application, member: Member) -> dict[str, Any]:
    """Return status and letters of an application, and the sentence about a picture that could not be read."""
    latest.member = member
    picture = latest.pictures.filter(round=latest.round).first()
    waits = latest.is_open and picture is not None and picture.state == EvidenceState.REFUSED
    return {
        "status": status_of(
            latest, outlook=deadlocks.outlook(latest), picture=picture, punctuality=targets.punctuality()
        ),
        "letters": latest.letters.all(),
        "refused": gettext(Refused(picture.refusal).sentence) if picture and waits else "",
    }


@open_to("applicant", "member")
@require_http_methods(["GET", "HEAD", "POST"])
def send_picture(request: SignedInRequest) -> HttpResponse:
    """Take another picture of the licence in place of one that could not be read."""
    latest = applications_of(request.user).order_by("-created_at").first()
    if request.method != "POST" or latest is None:
        return redirect("accounts:application")
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _application_page(request, latest, form=form)
    if evidence.replace_refused(application=latest, picture=form.cleaned_data["picture"]):
        messages.success(request, _("Your picture is in. We write to you if it cannot be read either."))
    return redirect("accounts:application")


@open_to("applicant", "member")
@post_only("accounts:application", keeps=())
def send_link(request: SignedInRequest) -> HttpResponse:
    """Mail the confirmation link again."""
    latest = applications_of(request.user).order_by("-created_at").first()
    if latest is None:
        raise Http404
    decisions.resend_link(application=latest)
    messages.success(request, _("The mail is on its way. Look into the spam folder too."))
    return redirect("accounts:application")


@open_to("applicant", "member")
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: SignedInRequest, pk: str) -> HttpResponse:
    """Show and take an appeal, which other moderators decide."""
    found: Application = get_visible_or_404(request.user, "application.appeal", pk)
    wants_picture = found.evidence_kind == EvidenceKind.PICTURE
    form = AppealForm(*bound_data(request), wants_picture=wants_picture)
    if request.method == "POST" and form.is_valid():
        try:
            decisions.appeal(
                application=found,
                by=request.user,
                statement=form.cleaned_data["statement"],
                picture=form.cleaned_data.get("picture"),
            )
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(
                request,
                _("Your appeal is in. Moderators who did not decide before will read it."),
            )
            return redirect("accounts:application")
    return render(
        request,
        "accounts/vetting/appeal.html",
        {"form": form, "application": found, "letters": found.letters.all()},
        status=422 if form.errors else 200,
    )
