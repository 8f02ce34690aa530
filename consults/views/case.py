"""The case page and what is done on it. Before one's own answer it says nothing of what others think."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Member
from consent.withdrawal import foresee
from consults import gate, withdrawal
from consults.cases import reading
from consults.cases.facets import badged
from consults.cases.feed import ago, badges
from consults.cases.service import NotPossible, close, withdraw
from consults.discussion import bookmarks, opened, service
from consults.forms.discussion import AnswerForm, CloseForm, CommentForm
from consults.models import Answer, AnswerKind, Case, CaseState, Comment, Outcome
from consults.views.http import MemberRequest
from core.policy import allowed, allows, get_visible_or_404, require

CaseView = Callable[[MemberRequest, UUID], HttpResponse]


def calmly(view: CaseView) -> CaseView:
    """Where there is no such case for this member, say so in peace: it may have been withdrawn a moment ago.

    What a rule forbids is said on the page of the case.

    Threat: a page that tells "withdrawn" from "never was" tells that there was something.
    """

    @wraps(view)
    def page(request: MemberRequest, pk: UUID) -> HttpResponse:
        try:
            return view(request, pk)
        except Http404:
            return render(request, "consults/case/gone.html", status=404)
        except NotPossible as refused:
            messages.warning(request, refused.sentence)
            return redirect("consults:case", pk=pk)

    return page


@require_safe
@calmly
def case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Pictures, facts and the question; then one's own diagnosis or the discussion."""
    found = _visible(request, pk)
    reply_to = _comment(found, request.GET.get("reply", "")) if _is_open(request, found) else None
    form = CommentForm(initial={"reply_to": reply_to.pk}) if reply_to else None
    return _page(request, found, comment_form=form)


@require_POST
@calmly
def answer(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Lock one's own diagnosis; the others' answers open."""
    found = _visible(request, pk)
    if refusal := _too_late(request, found):
        return refusal
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, answer_form=form)
    service.answer(case=found, by=request.user, choices=form.choices)
    messages.success(request, _("Your diagnosis is saved. You now see what the others think."))
    return redirect("consults:case", pk=pk)


@require_POST
@calmly
def read_only(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Open the discussion without a diagnosis."""
    found = _visible(request, pk)
    if refusal := _too_late(request, found):
        return refusal
    service.read_only(case=found, by=request.user)
    return redirect("consults:case", pk=pk)


@require_POST
@calmly
def revise(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change one's own diagnosis after seeing the others; the first one is kept."""
    found = _visible(request, pk)
    if found.state == CaseState.CLOSED:
        messages.info(request, _("The case was closed in the meantime. Answers can no longer be changed."))
        return redirect("consults:case", pk=pk)
    require(request.user, "case.revise", found)
    given = Answer.objects.get(case=found, member=request.user)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, answer_form=form)
    service.revise(given=given, choices=form.choices)
    messages.success(request, _("Your diagnosis is changed. The first one is kept beside it."))
    return redirect("consults:case", pk=pk)


@require_POST
@calmly
def comment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Write in the thread; what is refused stays in the field."""
    found = _visible(request, pk)
    require(request.user, "case.comment", found)
    form = CommentForm(request.POST)
    if form.is_valid():
        reply_to = _comment(found, str(form.cleaned_data["reply_to"] or ""))
        try:
            written = service.comment(case=found, by=request.user, text=form.cleaned_data["text"], reply_to=reply_to)
        except NotPossible as refused:
            form.add_error("text", refused.sentence)
        else:
            return redirect(f"{reverse('consults:case', args=[pk])}#comment-{written.pk}")
    return _page(request, found, comment_form=form)


@require_http_methods(["GET", "POST"])
@calmly
def close_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The author closes an open case with its outcome."""
    found = _visible(request, pk)
    if found.author_id == request.user.pk and found.state == CaseState.CLOSED:
        messages.info(request, _("The case is closed already."))
        return redirect("consults:case", pk=pk)
    require(request.user, "case.close", found)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        close(case=found, by=request.user, outcome=form.save(commit=False))
        if not allowed(request.user, "case.view").filter(pk=pk).exists():
            messages.warning(request, _("The case is closed. Its consent ended with it: nobody sees it now."))
            return redirect("consults:mine")
        messages.success(request, _("The case is closed. Everybody who sees it sees the outcome."))
        return redirect("consults:case", pk=pk)
    context = {"case": found, "form": form, "text": form["diagnosis_text"].value() or ""}
    return render(request, "consults/case/close.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@calmly
def withdraw_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The author withdraws the consent on the patient's word, whatever state the case is in."""
    if not allowed(request.user, "case.withdraw").filter(pk=pk).exists():
        require(request.user, "case.withdraw", _visible(request, pk))
    found: Case = get_visible_or_404(request.user, "case.withdraw", pk)
    unsure = request.method == "POST" and not request.POST.get("asked")
    if request.method == "POST" and not unsure:
        if found.consent_id is None:
            withdrawal.take_down(case=found, by=request.user)
            messages.success(request, _("Taken down. Nobody sees it any more, and it is being destroyed."))
            return redirect("consults:mine")
        made = withdraw(case=found, by=request.user)
        messages.success(request, _("Withdrawn. Nobody sees it any more. Print the certificate for the patient."))
        return redirect("consent:withdrawn", pk=made.pk)
    held = foresee(consent=found.consent) if found.consent else withdrawal.count_alone(found)
    context = {"case": found, "unsure": unsure, "effects": held}
    return render(request, "consults/case/withdraw.html", context, status=422 if unsure else 200)


# --- What the views share


def _visible(request: MemberRequest, pk: UUID) -> Case:
    """The case with what badges need. Raises Http404."""
    rows = badged(allowed(request.user, "case.view"), member=request.user)
    found: Case | None = rows.select_related("author", "group", "outcome").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _is_open(request: MemberRequest, found: Case) -> bool:
    return allows(request.user, "case.discuss", found)


def _too_late(request: MemberRequest, found: Case) -> HttpResponse | None:
    """A redirect when the case was closed while the form was open; raises PermissionDenied for who may not answer."""
    if found.state == CaseState.CLOSED and found.author_id != request.user.pk:
        messages.info(request, _("The case was closed in the meantime. Its outcome is shown here."))
        return redirect("consults:case", pk=found.pk)
    require(request.user, "case.diagnose", found)
    return None


def _comment(found: Case, pk: str) -> Comment | None:
    """A comment of this very case, or None."""
    try:
        return found.comments.select_related("author").filter(pk=UUID(pk)).first()
    except ValueError:
        return None


def _page(
    request: MemberRequest,
    found: Case,
    *,
    answer_form: AnswerForm | None = None,
    comment_form: CommentForm | None = None,
) -> HttpResponse:
    """The case page, with a form that was refused put back where it was."""
    member = request.user
    given = Answer.objects.filter(case=found, member=member).prefetch_related("suggestions").first()
    is_open = _is_open(request, found)
    refused = bool((answer_form and answer_form.is_bound) or (comment_form and comment_form.is_bound))
    context: dict[str, Any] = {
        "case": found,
        "badges": badges(found, member=member),
        "author_badge": opened.badge(found.author),
        "posted": ago(found.released_at) if found.released_at else "",
        "pictures": reading.pictures(found, renditions=gate.visible_renditions(member)),
        "line": reading.line(found),
        "facts": reading.facts(found),
        "is_author": found.author_id == member.pk,
        "is_saved": bookmarks.is_saved(case=found, by=member),
        "given": given,
        "n_answers": found.answers.filter(kind=AnswerKind.DIAGNOSIS).count(),
        "is_open": is_open,
        "may_answer": given is None and allows(member, "case.diagnose", found),
        "may_close": allows(member, "case.close", found),
        "may_withdraw": allows(member, "case.withdraw", found),
        "may_retract": allows(member, "case.retract", found),
        "answer_form": answer_form or AnswerForm(given=given),
    }
    if is_open:
        context |= _opened(found, member=member, comment_form=comment_form)
        context["may_revise"] = allows(member, "case.revise", found)
        context["may_comment"] = allows(member, "case.comment", found)
    return render(request, "consults/case/case.html", context, status=422 if refused else 200)


def _opened(found: Case, *, member: Member, comment_form: CommentForm | None) -> dict[str, Any]:
    """What is rendered only in an open discussion: it is not even looked up before."""
    form = comment_form or CommentForm()
    answers = opened.answers(found, reader=member)
    agreed = service.current_consensus(found)
    outcome: Outcome | None = getattr(found, "outcome", None)
    return {
        "answers": answers,
        "consensus": agreed,
        "lines": opened.lines(agreed) if agreed else [],
        "raised_alone": opened.raised_alone(answers, agreed),
        "shown_from": settings.RULES["consensus_from"],
        "differential": [opened.name_of(code) for code in found.differential],
        "thread": opened.thread(found),
        "comment_form": form,
        "reply_to": _comment(found, str(form["reply_to"].value() or "")),
        "outcome": outcome,
        "outcome_name": opened.name_of(outcome.diagnosis) if outcome else "",
        "crowd": opened.how_the_crowd_did(found, outcome) if outcome else [],
    }
