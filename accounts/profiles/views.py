"""A member's own page; profiles, directory and following as other members see them."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import open_to, without_factor
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, SignedInRequest
from accounts.membership.models import Member
from accounts.policy import applications_of, references_to_answer, rights
from accounts.profiles import directory, identifiers, portraits, service
from accounts.profiles.badges import badges
from accounts.profiles.cards import card_of, publication_row
from accounts.profiles.forms import SearchForm
from accounts.profiles.hooks import CALIBRATION_FROM, figures
from accounts.profiles.models import Follow, Portrait
from accounts.vetting import decisions
from core.http import gone_is_not_found
from core.paging import window_of
from core.permissions import allowed, get_visible_or_404, is_among
from core.post_only import post_only

FOLLOWED_ON_A_PAGE = 24


@without_factor
@open_to("applicant", "member", "officer")
@require_safe
def me(request: SignedInRequest) -> HttpResponse:
    """Show profile, standing, rights, sign-in security, applications and open questions."""
    member = request.user
    return render(
        request,
        "accounts/profiles/me.html",
        {
            "member": member,
            "rights": rights(member),
            "applications": applications_of(member).order_by("-created_at"),
            "questions": references_to_answer(member).select_related("application__member"),
            "may_apply_again": decisions.may_apply_again(member),
        },
    )


@open_to("member")
@require_safe
def profile(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the profile of a member."""
    shown = allowed(request.user, "profile.view").select_related("profile", "portrait").filter(pk=pk).first()
    if shown is None:
        raise Http404
    card = card_of(shown)
    asked = figures.get()
    cv = {
        "trainings": list(shown.trainings.all()),
        "positions": list(shown.positions.all()),
        "publications": [publication_row(one) for one in shown.publications.all()],
    }
    said = card.profile.about or card.profile.interests or card.profile.languages or card.profile.orcid
    return render(
        request,
        "accounts/profiles/profile.html",
        {
            "card": card,
            "shown": shown,
            "profile": card.profile,
            "badges": badges(shown, card.profile, answered=asked.answered(shown)),
            "orcid_address": identifiers.orcid_address(card.profile.orcid) if card.profile.orcid else "",
            **cv,
            "is_empty": not (said or any(cv.values())),
            "calibration": asked.calibration(shown) if card.profile.shows_calibration else None,
            "calibration_from": CALIBRATION_FROM,
            "is_me": shown.pk == request.user.pk,
            "is_followed": Follow.objects.filter(follower=request.user, followed=shown).exists(),
        },
    )


@open_to("member")
@require_safe
def members(request: MemberRequest) -> HttpResponse:
    """Show the directory: members by name, country, profession, interest and language."""
    form = SearchForm(request.GET)
    wanted = form.wanted()
    page = directory.search(request.user, wanted, after=request.GET.get("after", ""))
    asked = {name: value for name in form.fields if (value := getattr(wanted, name))}
    return render(
        request,
        "accounts/profiles/directory.html",
        {
            "form": form,
            "cards": [card_of(member) for member in page.members],
            "next_href": f"?{urlencode(asked | {'after': page.after})}" if page.after else "",
            "first_href": f"?{urlencode(asked)}" if request.GET.get("after") else "",
            "is_search": bool(asked),
            "is_filtered": bool(wanted.facets),
        },
    )


@open_to("member")
@require_safe
def portrait(request: MemberRequest, pk: uuid.UUID, size: int) -> HttpResponse:
    """Send the portrait of somebody whose profile the member sees."""
    if size not in portraits.SIZES:
        raise Http404
    found: Portrait = get_visible_or_404(request.user, "profile.portrait", pk)
    with gone_is_not_found():
        data = portraits.read(found, size=size)
    return HttpResponse(
        data,
        headers={
            "Content-Type": portraits.CONTENT_TYPE,
            "Content-Length": str(len(data)),
            "Cache-Control": "private, no-store",
            "Content-Disposition": "inline",
        },
    )


@open_to("member")
@require_safe
def following(request: MemberRequest) -> HttpResponse:
    """List those whom the member follows, the newest first; whoever is not a member now comes back when they do."""
    seen = is_among(allowed(request.user, "profile.view"), "followed")
    rows = allowed(request.user, "profile.unfollow").filter(seen).order_by("-since", "id")
    rows = rows.select_related("followed__profile", "followed__portrait")
    page = window_of(rows, asked=request.GET.get("page"), size=FOLLOWED_ON_A_PAGE)
    cards = [card_of(row.followed) for row in page.rows]
    return render(request, "accounts/profiles/following.html", {"page": page, "cards": cards, "query": ""})


@open_to("member")
@post_only("accounts:profile")
def follow(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Follow a member, or stop following them."""
    if request.POST.get("follow") != "1":
        service.unfollow(member=request.user, followed_id=pk)
        there = allowed(request.user, "profile.view").filter(pk=pk).exists()
        if request.POST.get("back") == "list" or not there:
            return redirect("accounts:following")
        return redirect("accounts:profile", pk)
    followed: Member = get_visible_or_404(request.user, "profile.follow", pk)
    try:
        service.follow(member=request.user, followed=followed)
    except VettingError as error:
        messages.warning(request, error.sentence)
    else:
        messages.success(request, _("You follow them. Only you see that."))
    return redirect("accounts:profile", pk)
