"""Pages of the conduct module: start, guidelines, one case a page, certificate and its check, figures."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.conduct import certificate, figures, service, standing
from accounts.conduct.content import ConductCase, ConductModule, load
from accounts.conduct.drawings import draw
from accounts.conduct.models import ConductAnswer, ConductNotice, ConductResult, ConductRun
from accounts.conduct.renewal import NOTICE_DAYS
from accounts.http import MemberRequest, bound_data
from core.permissions import allowed, get_visible_or_404

RESULTS = 5  # on a member's page, the latest first
TOP = 32_000  # attempts at one case that the database can number


def _module() -> ConductModule:
    """Return the module in the language of the page."""
    return load((get_language() or "").partition("-")[0])


@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """Show how the module stands: not begun, under way, passed; and the certificates."""
    member, module = request.user, _module()
    run = service.open_run(member)
    return render(
        request,
        "accounts/conduct/overview.html",
        {
            "module": module,
            "passed": standing.has_passed(member),
            "ends_soon": standing.ends_soon(member),
            "may_begin": standing.may_begin(member),
            "begins_on": standing.begins_on(member),
            "progress": service.progress_of(run, module) if run else None,
            "results": allowed(member, "conduct.certificate")[:RESULTS],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def guidelines(request: MemberRequest) -> HttpResponse:
    """Show the guidelines to read; begin or continue the cases."""
    if request.method == "POST":
        try:
            service.begin(member=request.user, language=_module().language)
        except service.ConductRefused as refused:
            messages.warning(request, refused.sentence)
            return redirect("accounts:conduct")
        return redirect("accounts:conduct_case")
    under_way = service.open_run(request.user) is not None
    may_begin = under_way or standing.may_begin(request.user)
    context = {"module": _module(), "under_way": under_way, "may_begin": may_begin}
    return render(request, "accounts/conduct/guidelines.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def case(request: MemberRequest) -> HttpResponse:
    """Show the next case and take its answer."""
    if request.method == "POST":
        return _answer(request)
    module = _module()
    run = service.open_run(request.user)
    if run is None:
        return redirect("accounts:conduct")
    progress = service.progress_of(run, module)
    if not progress.next_case:
        return redirect("accounts:conduct_guidelines")  # which passes it
    asked = module.cases[progress.next_case]
    return render(request, "accounts/conduct/case.html", _case_context(module, asked, run, progress))


def _answer(request: MemberRequest) -> HttpResponse:
    """Record the answer and lead to its explanation; an answer that cannot be taken shows its case again."""
    key, module = request.POST.get("case", ""), _module()
    try:
        given = service.answer(
            member=request.user,
            case=key,
            chosen=request.POST.getlist("chosen"),
            attempt=_number(request.POST.get("attempt", "")),
            language=module.language,
        )
    except service.ConductRefused as refused:
        run = service.open_run(request.user)
        if run is None or key not in module.cases:
            messages.warning(request, refused.sentence)
            return redirect("accounts:conduct")
        progress = service.progress_of(run, module)
        context = _case_context(module, module.cases[key], run, progress) | {"refused": refused.sentence}
        return render(request, "accounts/conduct/case.html", context, status=422)
    return redirect("accounts:conduct_explained", key=given.case)


def _number(words: str) -> int:
    """Return the attempt that the page sent; 1 where it is none, which is safe: it never overwrites."""
    return int(words) if words.isascii() and words.isdigit() and int(words) < TOP else 1


def _case_context(
    module: ConductModule, asked: ConductCase, run: ConductRun, progress: service.Progress
) -> dict[str, object]:
    attempts = run.answers.filter(case=asked.key).count()
    return {
        "module": module,
        "case": asked,
        "drawing": draw(asked.drawing, labels=asked.labels, description=asked.picture),
        "attempt": attempts + 1,
        "done": len(progress.done),
        "all": len(module.cases),
    }


@require_safe
def explained(request: MemberRequest, key: str) -> HttpResponse:
    """Explain the last answer to a case of the latest run; lead to the next case."""
    module = _module()
    run = service.latest_run(request.user)
    given: ConductAnswer | None = run.answers.filter(case=key).order_by("-attempt").first() if run else None
    if run is None or given is None or key not in module.cases:
        return redirect("accounts:conduct_case")
    asked = module.cases[key]
    progress = service.progress_of(run, module)
    context = {
        "module": module,
        "case": asked,
        "given": given,
        # Of a wrong answer: what was wrongly chosen, and what was not ticked where several are right. Nothing gives
        # away the one right answer, because the case comes again.
        "chosen": [option for option in asked.options if option.key in given.chosen],
        "missed": len(asked.right - set(given.chosen)) if asked.takes_several else 0,
        "done": len(progress.done),
        "all": len(module.cases),
        "is_last": not progress.next_case,
    }
    return render(request, "accounts/conduct/explained.html", context)


@require_safe
def pdf(request: MemberRequest, pk: str) -> HttpResponse:
    """Send the certificate of an own result."""
    result: ConductResult = get_visible_or_404(request.user, "conduct.certificate", pk)
    response = HttpResponse(certificate.certificate_pdf(result), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="certificate-{certificate.written(result.number)}.pdf"'
    return response


class CheckForm(forms.Form):
    """Number and name, as both stand on a certificate."""

    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=certificate.LONGEST_WRITTEN,
        help_text=gettext_lazy("Four groups of four letters and digits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=150,
        help_text=gettext_lazy("As it stands on the certificate."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Ask anybody for number and name of a certificate; lead to what is known of it, or say that nothing is."""
    form = CheckForm(bound_data(request)[0])
    if request.method == "POST" and form.is_valid():
        result = certificate.find(number=form.cleaned_data["number"], name=form.cleaned_data["name"])
        if result is not None:
            return redirect("accounts:conduct_checked", pk=result.pk)
        form.add_error(None, _("There is no certificate with this number and this name. Compare both with the paper."))
    return render(request, "accounts/conduct/check.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_safe
def checked(request: HttpRequest, pk: str) -> HttpResponse:
    """Show of a certificate when it was earned, in which version and until when it counts; never whose it is."""
    result = ConductResult.objects.filter(pk=pk).first()
    if result is None:
        raise Http404
    return render(request, "accounts/conduct/checked.html", {"result": result})


@open_to("moderator", "officer")
@require_safe
def module_figures(request: MemberRequest) -> HttpResponse:
    """Show how many members have passed, and which cases are most often wrong at first."""
    context = {
        "passed": figures.passed(),
        "cases": figures.by_case(_module()),
        "least": figures.LEAST,
        "module": _module(),
        "notice": ConductNotice.objects.filter(major=_module().major).first(),
        "notice_days": NOTICE_DAYS,
    }
    return render(request, "accounts/conduct/figures.html", context)
