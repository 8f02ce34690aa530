"""Pages of a group's room: its thread, its board, one post, a meeting's calendar file."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import MemberRequest
from consults.exceptions import ChangeRefused
from consults.groups.models import Group
from consults.groups.rooms import calendar, policy, presenters, voting, writing
from consults.groups.rooms.forms import FORMS, MessageForm, TitledForm
from consults.groups.rooms.models import ANNOUNCEMENTS, Post, PostKind
from core.permissions import allowed, allowed_actions, get_visible_or_404, require
from core.post_only import post_only

GROUP_ACTIONS: Final = ("room.write", "room.moderate")
POST_ACTIONS: Final = ("post.change", "post.vote", "post.report", "post.hold")


@require_http_methods(["GET", "HEAD", "POST"])
def room(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the thread of a group; take a message."""
    group: Group = get_visible_or_404(request.user, "room.enter", pk)
    may = allowed_actions(request.user, group, *GROUP_ACTIONS)
    form = MessageForm(
        request.POST if request.method == "POST" else None, initial={"reply_to": _uuid(request, "reply")}
    )
    if request.method == "POST":
        require(request.user, "room.write", group)
        if form.is_valid():
            answered = _message(group, form.cleaned_data["reply_to"])
            try:
                made = writing.write(group=group, by=request.user, text=form.cleaned_data["text"], reply_to=answered)
            except ChangeRefused as refused:
                form.add_error("text", refused.sentence)
            else:
                return redirect(reverse("consults:room", args=[pk]) + f"#post-{made.pk}")
    page = presenters.thread(
        group,
        reader=request.user,
        may_write="room.write" in may,
        moderates="room.moderate" in may,
        before=_uuid(request, "before"),
    )
    context = {
        "group": group,
        "page": page,
        "form": form if "room.write" in may else None,
        "reply_to": _message(group, form["reply_to"].value()),
        "moderates": "room.moderate" in may,
    }
    return render(request, "consults/groups/rooms/room.html", context, status=422 if form.errors else 200)


def _uuid(request: MemberRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def _message(group: Group, pk: object) -> Post | None:
    """Return a message of this thread that is neither deleted nor hidden, or None."""
    try:
        wanted = UUID(str(pk))
    except ValueError:
        return None
    shown = Post.objects.filter(~policy.is_hidden(), group=group, kind=PostKind.MESSAGE, deleted_at=None)
    return shown.select_related("author").filter(pk=wanted).first()


@require_safe
def board(request: MemberRequest, pk: UUID) -> HttpResponse:
    """List announcements, polls and albums of a group, the newest first."""
    group: Group = get_visible_or_404(request.user, "room.enter", pk)
    may = allowed_actions(request.user, group, *GROUP_ACTIONS)
    rows = presenters.board(group, reader=request.user)
    kind = request.GET.get("kind", "")
    if kind in FORMS:
        rows = rows.filter(kind=kind)
    context = {
        "group": group,
        "page": Paginator(rows, presenters.BOARD_ROWS).get_page(request.GET.get("page")),
        "kinds": [(value, PostKind(value).label) for value in FORMS],
        "kind": kind if kind in FORMS else "",
        "query": f"kind={kind}" if kind in FORMS else "",
        "may_write": "room.write" in may,
        "moderates": "room.moderate" in may,
    }
    return render(request, "consults/groups/rooms/board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def post_new(request: MemberRequest, pk: UUID, kind: str) -> HttpResponse:
    """Put something on the board of a group."""
    group: Group = get_visible_or_404(request.user, "room.enter", pk)
    if kind not in FORMS:
        raise Http404
    require(request.user, "room.write", group)
    form = FORMS[kind](request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _make(kind)(group=group, by=request.user, **form.cleaned_data)
        except ChangeRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("It is on the board. Members of the group are told."))
            return redirect("consults:post", pk=made.pk)
    context = {"group": group, "form": form, "kind": PostKind(kind)}
    return render(request, "consults/groups/rooms/new.html", context, status=422 if form.errors else 200)


def _make(kind: str) -> Callable[..., Post]:
    def announce(**facts: Any) -> Post:
        return writing.announce(kind=kind, **facts)

    if kind in ANNOUNCEMENTS:
        return announce
    return writing.ask if kind == PostKind.POLL else writing.open_album


@require_safe
def post(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show an announcement or a poll; lead to the page of an album, or to a message in its thread."""
    found: Post = get_visible_or_404(request.user, "post.view", pk)
    if found.kind == PostKind.MESSAGE:
        return redirect(reverse("consults:room", args=[found.group_id]) + f"#post-{found.pk}")
    if found.kind == PostKind.ALBUM:
        return redirect("consults:album", pk=pk)
    return post_page(request, found)


def post_page(request: MemberRequest, found: Post, *, status: int = 200, **more: Any) -> HttpResponse:
    """Render the page of a post; `more` is for an album's cases."""
    may = allowed_actions(request.user, found, *POST_ACTIONS)
    context: dict[str, Any] = {
        "post": found,
        "group": found.group,
        "hold": presenters.holds_of([found.pk]).get(found.pk),
        "address": presenters.article_address(found),
        "may_change": "post.change" in may,
        "may_report": "post.report" in may,
        "may_hide": "post.hold" in may,
        "is_mine": found.author_id == request.user.pk,
    }
    if found.kind == PostKind.POLL:
        context["result"] = voting.result(poll=found, reader=request.user)
        context["options"] = list(found.options.all()) if "post.vote" in may else []
    return render(request, "consults/groups/rooms/post.html", context | more, status=status)


@post_only("consults:post")
def post_vote(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Vote in a poll."""
    found: Post = get_visible_or_404(request.user, "post.view", pk)
    if found.kind != PostKind.POLL:
        raise Http404
    try:
        voting.vote(poll=found, by=request.user, option=_option(request.POST.get("option", "")))
    except ChangeRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Your vote is counted. Nobody learns which it was."))
    return redirect("consults:post", pk=pk)


def _option(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ChangeRefused(_("Choose one of the options.")) from error


@require_http_methods(["GET", "HEAD", "POST"])
def post_edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change or delete an own post."""
    found: Post = get_visible_or_404(request.user, "post.change", pk)
    form_class = MessageForm if found.kind == PostKind.MESSAGE else TitledForm
    initial = {"title": found.title, "text": found.text}
    deletes = bool(request.POST.get("delete"))
    form = form_class(request.POST if request.method == "POST" and not deletes else None, initial=initial)
    back = reverse("consults:room" if found.kind == PostKind.MESSAGE else "consults:board", args=[found.group_id])
    try:
        if deletes:
            writing.delete(post=found, by=request.user)
            messages.success(request, _("Deleted."))
            return redirect(back)
        if request.method == "POST" and form.is_valid():
            texts = {name: form.cleaned_data[name] for name in ("title", "text") if name in form.cleaned_data}
            writing.edit(post=found, by=request.user, **texts)
            messages.success(request, _("Changed. Colleagues see that you changed it."))
            return redirect("consults:post", pk=pk)
    except ChangeRefused as refused:
        if not form.is_bound:
            messages.error(request, refused.sentence)
            return redirect(back)
        form.add_error("text", refused.sentence)
    context = {"post": found, "group": found.group, "form": form, "back": back}
    return render(request, "consults/groups/rooms/edit.html", context, status=422 if form.errors else 200)


@require_safe
def post_calendar(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send a meeting as a calendar file."""
    found: Post | None = allowed(request.user, "post.view").filter(pk=pk, kind=PostKind.MEETING).first()
    if found is None:
        raise Http404
    answer = HttpResponse(calendar.event(found), content_type=calendar.TYPE)
    answer["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer
