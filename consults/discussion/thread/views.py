"""Pages and parts of the thread: whom one may address, what is new, reactions, and the wish to be called by role."""

from copy import copy
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import MemberRequest
from accounts.models import Member
from consults.cases import gate
from consults.cases.models import Case
from consults.discussion import presenters
from consults.discussion.models import Comment, ReactionKind, Role
from consults.discussion.policy import discussions
from consults.discussion.thread import addressing
from consults.discussion.thread import reactions as service
from consults.exceptions import ChangeRefused
from consults.pins.reading import pins_of
from core.permissions import allowed_actions, get_visible_or_404, require
from core.post_only import post_only
from core.prepared import Prepared

LONGEST_TYPED: Final = 60
A_MINUTE: Final = 60  # seconds
_NEWS: Final = Prepared()


@require_safe
def people(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return whom one may address in this case by `?q=`, as [{code, label, note}]; 429 for who asks too often."""
    case: Case = get_visible_or_404(request.user, "case.view", pk)
    require(request.user, "case.comment", case)
    if _asks_too_often(request.user):
        return JsonResponse([], safe=False, status=429)
    typed = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST_TYPED]
    found = addressing.suggest(case=case, by=request.user, typed=typed)
    return JsonResponse([{"code": one.code, "label": one.words, "note": one.note} for one in found], safe=False)


def _asks_too_often(member: Member) -> bool:
    """Count one look-up of this member in this minute; whether it is one too many."""
    key = f"people-looked-up|{member.pk}|{timezone.now():%H:%M}"
    asked = int(cache.get(key, 0)) + 1
    cache.set(key, asked, A_MINUTE)
    return asked > int(settings.RULES["people_looked_up_a_minute"])


@require_safe
def news(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the thread if somebody has written since `?after=`, 204 if nobody has. One query.

    A thread that is not open tells the page to load itself again: what it shows may have been withdrawn meanwhile.
    """
    after = _moment(request.GET.get("after", ""))
    if after is None:
        return HttpResponse(status=204)
    has_news = _has_news(request.user, pk, after)
    if has_news is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if not has_news:
        return HttpResponse(status=204)
    case: Case = get_visible_or_404(request.user, "case.discuss", pk)
    return _comments(request, case)


def _moment(written: str) -> datetime | None:
    try:
        moment = parse_datetime(written)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _has_news(member: Member, case: UUID, after: datetime) -> bool | None:
    """Return whether somebody has written since, None when the discussion is not open to this member."""

    def build(member_id: UUID, case_id: UUID, since: datetime) -> QuerySet[Case, tuple[bool]]:
        asker = copy(member)
        asker.pk = member_id
        newer = Exists(Comment.objects.filter(case=OuterRef("pk"), written_at__gt=since))
        return discussions(asker).filter(pk=case_id).values_list(newer)

    found = _NEWS.first(gate.asked_by(member), build, [member.pk, case, after])
    return None if found is None else bool(found[0])


def _comments(request: MemberRequest, case: Case) -> HttpResponse:
    """Render the comments of an open discussion, as the case page has them."""
    may = allowed_actions(request.user, case, "case.comment", alike=gate.asked_by(request.user))
    found = presenters.thread(case, reader=request.user, may_comment=bool(may), pins=pins_of(case.pk))
    context = {"case": case, "thread": found, "may_comment": bool(may), "is_news": True}
    return render(request, "consults/browse/_comments.html", context)


@post_only("consults:cases", keeps=())
def react(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Keep, change or drop a reaction to a comment; `kind` is what it is to be, so that repeating changes nothing."""
    comment: Comment = get_visible_or_404(request.user, "comment.react", pk)
    try:
        service.react(comment=comment, by=request.user, kind=request.POST.get("kind", ""))
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    if request.htmx:
        return _reactions_of(request, comment)
    return redirect(f"{reverse('consults:case', args=[comment.case_id])}#comment-{comment.pk}")


def _reactions_of(request: MemberRequest, comment: Comment) -> HttpResponse:
    given = service.named(comment)
    context = {
        "one": {
            "comment": comment,
            "agree": sum(one.kind == ReactionKind.AGREE for one in given),
            "helpful": sum(one.kind == ReactionKind.HELPFUL for one in given),
            "mine": next((one.kind for one in given if one.member_id == request.user.pk), ""),
            "may_react": True,
        }
    }
    return render(request, "consults/browse/_reactions.html", context)


@require_safe
def reactions(request: MemberRequest, pk: UUID) -> HttpResponse:
    """List who agrees with a comment and who found it helpful."""
    comment: Comment = get_visible_or_404(request.user, "comment.read", pk)
    given = service.named(comment)
    groups = [(kind.label, [one for one in given if one.kind == kind]) for kind in ReactionKind]
    context = {"comment": comment, "case": comment.case, "groups": [row for row in groups if row[1]]}
    return render(request, "consults/discussion/reactions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def role(request: MemberRequest) -> HttpResponse:
    """Show and take the wish to be told when one's profession is called with “@”."""
    if request.method == "POST":
        wanted = bool(request.POST.get("listen"))
        try:
            addressing.listen(member=request.user, wanted=wanted)
        except ChangeRefused as refused:
            messages.warning(request, refused.sentence)
        else:
            messages.success(
                request,
                _("You are told when your profession is called.") if wanted else _("You are not told any more."),
            )
        return redirect("consults:my_role")
    mine = request.user.profession
    context = {
        "word": next((word for word, role in addressing.ROLE_WORDS.items() if role == mine), ""),
        "may_listen": mine in Role.values,
        "listens": addressing.listens(request.user),
    }
    return render(request, "consults/discussion/role.html", context)
