"""The case page and its actions. Before a member's own answer it shows nothing of the other answers."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from accounts.models import Member
from consults.browse.feed import badges, time_ago, with_badges
from consults.cases import gate
from consults.cases import presenters as case_presenters
from consults.cases.followup import timeline
from consults.cases.models import Case, CaseState
from consults.cases.pages import explain_refusals
from consults.cases.seen import seen_by
from consults.cases.sensitive import presenters as sensitive
from consults.discussion import answers as service
from consults.discussion import bookmarks, comments, presenters
from consults.discussion.forms import AnswerForm, CommentForm
from consults.discussion.models import COUNTED, Answer, Comment
from consults.discussion.outcomes import panel
from consults.discussion.plans import presenters as plan_presenters
from consults.discussion.policy import is_hidden
from consults.discussion.thread import addressing
from consults.exceptions import ChangeRefused
from consults.following.models import Following
from consults.pins import presenters as pin_presenters
from consults.pins.forms import PinForm
from consults.urgency import marking
from core.nested import Counted
from core.permissions import allowed, allowed_actions, is_among, require
from core.post_only import post_only
from core.prepared import Prepared
from vocabulary import diagnoses, terms

ACTIONS: Final = (
    "case.discuss", "case.diagnose", "case.revise", "case.comment", "case.close", "case.withdraw", "case.retract",
    "case.report", "case.hold", "case.mark_urgent", "case.solution", "case.correct", "case.summary",
    "case.pin", "case.follow_up", "case.ask_to_see", "case.mark_sensitive",
)  # fmt: skip


@require_safe
@explain_refusals
def case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show pictures, facts and the question; then the form for a diagnosis, or the discussion."""
    try:
        found = _visible(request, pk)
    except Http404:
        return _to_the_case(request, pk)
    return _page(request, found)


@post_only("consults:case", at="your-diagnosis")
@explain_refusals
def answer(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Save the member's blind diagnosis; open the discussion."""
    found = _visible(request, pk)
    if refusal := _closed_meanwhile(request, found):
        return refusal
    diagnoses.read_added()  # without scripts a name is typed that another process may have added
    form = AnswerForm(request.POST, question=found.question)
    if not form.is_valid():
        return _page(request, found, answer_form=form)
    service.answer(case=found, by=request.user, choices=form.choices, plan=form.plan, own=form.own_term)
    messages.success(
        request,
        _("Your answer is saved. You now see what the others think.")
        if form.plan_form
        else _("Your diagnosis is saved. You now see what the others think."),
    )
    return redirect("consults:case", pk=pk)


@post_only("consults:case")
@explain_refusals
def read_only(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Open the discussion without a diagnosis."""
    found = _visible(request, pk)
    if refusal := _closed_meanwhile(request, found):
        return refusal
    service.open_without_answer(case=found, by=request.user)
    return redirect("consults:case", pk=pk)


@post_only("consults:case", at="mine")
@explain_refusals
def revise(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change the member's own diagnosis after seeing the others; the first one is kept."""
    found = _visible(request, pk)
    if found.state == CaseState.CLOSED:
        messages.info(request, _("The case was closed in the meantime. Answers can no longer be changed."))
        return redirect("consults:case", pk=pk)
    require(request.user, "case.revise", found)
    given = next(answer for answer in service.given_answers(found) if answer.member_id == request.user.pk)
    form = AnswerForm(request.POST, question=found.question)
    form.waiting = getattr(given, "own_words", "") or ""
    if not form.is_valid():
        return _page(request, found, answer_form=form)
    service.revise(given=given, choices=form.choices, plan=form.plan, own=form.own_term)
    messages.success(
        request,
        _("Your answer is changed. The first one is kept beside it.")
        if form.plan_form
        else _("Your diagnosis is changed. The first one is kept beside it."),
    )
    return redirect("consults:case", pk=pk)


@post_only("consults:case", at="write")
@explain_refusals
def comment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Add a comment to the thread; a refused text stays in the field."""
    found = _visible(request, pk)
    require(request.user, "case.comment", found)
    form = CommentForm(request.POST)
    if form.is_valid():
        reply_to = _find_comment(found, str(form.cleaned_data["reply_to"] or ""))
        try:
            written = comments.add_comment(
                case=found,
                by=request.user,
                text=form.cleaned_data["text"],
                reply_to=reply_to,
                quote=form.cleaned_data["quote"],
                chosen=form.cleaned_data["chosen"],
                source=form.owner,
            )
        except ChangeRefused as refused:
            form.add_error("text", refused.sentence)
        else:
            return redirect(f"{reverse('consults:case', args=[pk])}#comment-{written.pk}")
    return _page(request, found, comment_form=form)


# --- Shared by the views


def _visible(request: MemberRequest, pk: UUID) -> Case:
    """Return the case with all that its page says of it alone, in one kept query. Raises Http404.

    Of the answers that is their number, and whether a dermatologist is among them: this is asked before one's own.
    """
    member = request.user

    def build(member_id: UUID, case_id: UUID, now: datetime) -> QuerySet[Case]:
        asker = copy(member)
        asker.pk = member_id
        rows = with_badges(allowed(asker, "case.view").filter(pk=case_id), member=asker)
        rows = panel.with_versions(timeline.with_additions(marking.with_reason(rows, now=now)))
        rows = bookmarks.with_saved(rows, by=asker).annotate(
            is_addressed=addressing.addressed_in(asker),
            is_followed=Exists(Following.objects.filter(case=OuterRef("pk"), member=member_id)),
            n_answers=Counted(Answer.objects.filter(case=OuterRef("pk"), kind__in=COUNTED).order_by().values("pk")),
        )
        return rows.select_related("author", "group", "consent", "outcome").order_by()

    found = _CASES.objects(gate.asked_by(member), build, [member.pk, pk, timezone.now()])
    if not found:
        raise Http404
    panel.keep_versions(found[0])
    return found[0]


_CASES: Final = Prepared()


def _to_the_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Lead whoever sees a follow-up, or wrote it, to the case that it follows: it has no page. Raises Http404."""
    mine = is_among(gate.visible_additions(request.user), "pk") | is_among(gate.own_cases(request.user), "pk")
    whole = Case.objects.filter(mine, pk=pk, follows__isnull=False).values_list("follows", flat=True).first()
    if whole is None:
        raise Http404
    return redirect("consults:case", pk=whole)


def _closed_meanwhile(request: MemberRequest, found: Case) -> HttpResponse | None:
    """Return a redirect when the case was closed while the form was open. Raises PermissionDenied without the right."""
    if found.state == CaseState.CLOSED and found.author_id != request.user.pk:
        messages.info(request, _("The case was closed in the meantime. Its outcome is shown here."))
        return redirect("consults:case", pk=found.pk)
    require(request.user, "case.diagnose", found)
    return None


def _find_comment(found: Case, pk: str) -> Comment | None:
    """Return a comment of this case, or None."""
    try:
        shown = found.comments.exclude(is_hidden()).filter(deleted_at=None)
        return shown.select_related("author").filter(pk=UUID(pk)).first()
    except ValueError:
        return None


def _page(
    request: MemberRequest,
    found: Case,
    *,
    answer_form: AnswerForm | None = None,
    comment_form: CommentForm | None = None,
) -> HttpResponse:
    """Render the case page; a refused form keeps its input and errors."""
    member = request.user
    may = allowed_actions(member, found, *ACTIONS, alike=gate.asked_by(member))
    is_open = "case.discuss" in may
    answers = service.given_answers(found) if is_open else []
    given = next((answer for answer in answers if answer.member_id == member.pk), None)
    pictures = case_presenters.visible_pictures(found, member=member)
    refused = bool((answer_form and answer_form.is_bound) or (comment_form and comment_form.is_bound))
    context: dict[str, Any] = {
        "case": found,
        "badges": badges(found, member=member),
        "author_badge": presenters.profession_badge(found.author),
        "posted": time_ago(found.released_at) if found.released_at else "",
        "pictures": pictures,
        "picture_pages": True,
        **timeline.context(found, pictures=pictures, is_open=is_open),
        **sensitive.context(found, pictures=pictures, may=may),
        "line": case_presenters.summary_line(found),
        "facts": case_presenters.facts(found),
        "is_author": found.author_id == member.pk,
        "seen_by": seen_by(found) if found.author_id == member.pk else [],
        "is_saved": found.is_saved,  # type: ignore[attr-defined]
        "given": given,
        "n_answers": found.n_answers,  # type: ignore[attr-defined]
        "is_open": is_open,
        "may_answer": given is None and "case.diagnose" in may,
        "may_close": "case.close" in may,
        "may_withdraw": "case.withdraw" in may,
        "may_retract": "case.retract" in may,
        "may_follow_up": "case.follow_up" in may,
        "may_report": "case.report" in may,
        "may_hide": "case.hold" in may,
        "may_mark_urgent": "case.mark_urgent" in may,
        "urgent": marking.reason_of(found),
        "answer_form": answer_form or AnswerForm(given=given, question=found.question),
        "asks_for_plan": bool(found.question) and terms.Question(found.question).asks_for_plan,
        "may_correct": "case.correct" in may,
        "may_sum_up": "case.summary" in may,
        "next_step": panel.next_step(found) if found.author_id == member.pk else None,
    }
    if is_open:
        may_comment = "case.comment" in may
        context |= pin_presenters.pins_context(found, reader=member, pictures=pictures, may_pin="case.pin" in may)
        context["pin_form"] = PinForm(pictures=pictures)
        context |= _discussion_context(
            found,
            member=member,
            given=answers,
            comment_form=comment_form,
            asked=request.GET,
            may_comment=may_comment,
            sees_solution="case.solution" in may,
            pins=context["pin_numbers"],
        )
        context["may_revise"] = "case.revise" in may
        context["may_comment"] = may_comment
    return render(request, "consults/browse/case.html", context, status=422 if refused else 200)


def _discussion_context(
    found: Case,
    *,
    member: Member,
    given: Sequence[Answer],
    comment_form: CommentForm | None,
    asked: QueryDict,
    may_comment: bool,
    sees_solution: bool,
    pins: Sequence[int],
) -> dict[str, Any]:
    """Return the context of an open discussion. Threat: before an answer, none of this is even queried."""
    thread = presenters.thread(found, reader=member, may_comment=may_comment, pins=pins)
    form = comment_form or _reply_form(thread, asked)
    answers = presenters.answers(given, reader=member)
    agreed = service.current_consensus(given)
    return {
        "answers": answers,
        "consensus": agreed,
        "rolled": presenters.rolled_lines(agreed) if agreed else [],
        **plan_presenters.tally_context(given),
        "lines": presenters.consensus_lines(agreed) if agreed else [],
        "raised_alone": presenters.lone_malignant_names(answers, agreed),
        "shown_from": settings.RULES["consensus_from"],
        "differential": [presenters.diagnosis_name(code) for code in found.differential],
        "thread": thread,
        "comment_form": form,
        "reply_to": thread.standing(str(form["reply_to"].value() or "")),
        **panel.context(found, member=member, given=given, sees_solution=sees_solution),
    }


def _reply_form(thread: presenters.Thread, asked: QueryDict) -> CommentForm:
    """Return the form for a comment, for an answer to the one that `?reply=` names, with its words on `?quote=`."""
    reply_to = thread.standing(asked.get("reply", ""))
    if reply_to is None:
        return CommentForm()
    return CommentForm(initial={"reply_to": reply_to.pk, "quote": reply_to.text if asked.get("quote") else ""})
