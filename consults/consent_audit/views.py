"""The consent audit: what is published under which consent. For privacy officers; no pictures, no names.

Threat: a list of what patients allowed that walks out of the house unseen. An export takes the officer's
password again and a reason, and leaves a line in the log with the file's hash.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from django.conf import settings
from django.db.models import TextChoices
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audiences import open_to
from accounts.models import Member
from audit.heads import sign_head
from audit.verify import verify
from consent import limits
from consent.models import Assent, Capacity, Relation, Signature, Status, Use
from consults.consent_audit import charts, exports, query
from consults.consent_audit.forms import ExportForm, FilterForm
from consults.consent_audit.rows import Attestation, Row, all_rows, rows_of
from consults.consent_audit.words import BLOCKERS, EXCEPTIONS, GRAVE

PAGE_ROWS = 25
MOST_SCANNED = 1000  # posts that one page looks at in search of exceptions
MOST_ATTESTED = 5000


@open_to("officer")
@require_safe
def consent_audit(request: HttpRequest) -> HttpResponse:
    """The filter, the charts and one page of the table."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        return _filter_again(request, form)
    wanted = form.wanted()
    after = query.Place.read(request.GET.get("after", ""))
    rows, following = _page(wanted, after)
    context = {
        "form": form,
        "query": _query(request),
        "rows": [_described(row) for row in rows],
        "next_href": _next_href(request, following),
        "first_page": after is None,
        "any_filter": any(wanted.facts().values()),
        "scanned_on": following is not None and wanted.exceptions_only,
        "months": charts.over_time(),
        "routes": charts.by_route(),
        "expiry": charts.near_expiry(),
        "latency": charts.latency(),
        "head": sign_head(),
    }
    return render(request, "consults/consent_audit/page.html", context)


def _filter_again(request: HttpRequest, form: FilterForm) -> HttpResponse:
    return render(request, "consults/consent_audit/page.html", {"form": form}, status=422)


def _page(wanted: query.Filter, after: query.Place | None) -> tuple[list[Row], query.Place | None]:
    """The rows of one page, and where the next one begins."""
    if not wanted.exceptions_only:
        cases = query.page(wanted, after=after, size=PAGE_ROWS + 1)
        shown = cases[:PAGE_ROWS]
        return rows_of(shown), query.place_of(shown[-1]) if len(cases) > PAGE_ROWS else None
    found: list[Row] = []
    scanned = 0
    for cases in query.chunks(wanted, size=100, after=after):
        for case, row in zip(cases, rows_of(cases), strict=True):
            if row.exceptions:
                found.append(row)
            if len(found) == PAGE_ROWS:
                return found, query.place_of(case)
        scanned += len(cases)
        if scanned >= MOST_SCANNED:
            return found, query.place_of(cases[-1])
    return found, None


def _described(row: Row) -> dict[str, Any]:
    """A row with its codes in plain words."""
    return {
        "row": row,
        "said": {
            "consent_status": _label(Status, row.consent_status),
            "capacity": _label(Capacity, row.capacity),
            "relation": _label(Relation, row.relation),
            "assent": _label(Assent, row.assent),
            "signature": _label(Signature, row.signature),
            "uses": [_label(Use, use) for use in row.uses],
        },
        "exceptions": [{"words": EXCEPTIONS[code], "grave": code in GRAVE} for code in row.exceptions],
        "blockers": [BLOCKERS.get(code, _("Its pictures or facts are not complete")) for code in row.blockers],
    }


def _label(choices: type[TextChoices], code: str) -> str:
    return str(dict(choices.choices).get(code, code))


def _query(request: HttpRequest, **changes: str) -> str:
    """The present filter as the end of an address."""
    asked = request.GET.copy()
    for name in ("after", *(name for name, value in request.GET.items() if not value)):
        asked.pop(name, None)
    for name, value in changes.items():
        asked[name] = value
    return f"?{asked.urlencode()}" if asked else ""


def _next_href(request: HttpRequest, following: query.Place | None) -> str:
    return _query(request, after=str(following)) if following else ""


@open_to("officer")
@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """The attestation over everything that the filter asks for; fetched after the page, because it looks at all."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        return _filter_again(request, form)
    wanted = form.wanted()
    context: dict[str, Any] = {"query": _query(request), "most": MOST_ATTESTED, "at": timezone.now()}
    if query.posts(wanted).count() > MOST_ATTESTED:
        context["too_many"] = True
    else:
        attestation = Attestation()
        for row in all_rows(wanted):
            attestation.add(row)
        context |= {
            "attestation": attestation,
            "exceptions": [
                {"words": words, "count": attestation.exceptions[code], "grave": code in GRAVE}
                for code, words in EXCEPTIONS.items()
                if attestation.exceptions[code]
            ],
        }
    template = "_summary.html" if getattr(request, "htmx", False) else "summary.html"
    return render(request, f"consults/consent_audit/{template}", context)


@open_to("officer")
@require_POST
def check_log(request: HttpRequest) -> HttpResponse:
    """Read the whole log and say whether it is whole."""
    context = {"report": verify(), "head": sign_head(), "at": timezone.now()}
    template = "_log.html" if getattr(request, "htmx", False) else "log.html"
    return render(request, f"consults/consent_audit/{template}", context)


@open_to("officer")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """The audit as a file, after a reason and the password."""
    chosen = FilterForm(request.GET)
    if not chosen.is_valid():
        return _filter_again(request, chosen)  # an export of more than was asked for must not leave
    wanted = chosen.wanted()
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_me(request, form):
        order = exports.Order(
            wanted=wanted,
            reason=form.cleaned_data["reason"],
            reference=form.cleaned_data["reference"],
            by=cast(Member, request.user),
        )
        return _file(order, as_zip=request.POST.get("as") == "zip")
    context = {
        "form": form,
        "query": _query(request),
        "posts": query.posts(wanted).count(),
        "wanted": wanted,
        "chosen": _chosen(chosen),
    }
    status = 422 if form.errors else 200
    return render(request, "consults/consent_audit/export.html", context, status=status)


def _chosen(form: FilterForm) -> list[tuple[str, str]]:
    """The filter in words: only what was asked for."""
    found = []
    for field in form:
        value = form.cleaned_data[field.name]
        if not value:
            continue
        if field.name == "state":
            value = dict(form.fields["state"].choices)[value]  # type: ignore[attr-defined]
        elif field.name == "form":
            value = form.fields["form"].label_from_instance(value)  # type: ignore[attr-defined]
        found.append((str(field.label), _("yes") if value is True else str(value)))
    return found


def _is_me(request: HttpRequest, form: ExportForm) -> bool:
    """Whether the password is the officer's; a wrong one is counted and complained about in the form."""
    member = cast(Member, request.user)
    if limits.seconds_to_wait(limit=limits.WRONG_PASSWORDS, who=str(member.pk)):
        form.add_error("password", _("Too many wrong passwords. Wait 15 minutes and try again."))
        return False
    if member.check_password(form.cleaned_data["password"]):
        return True
    limits.failed(limit=limits.WRONG_PASSWORDS, who=str(member.pk))
    form.add_error("password", _("This password is not right. Try again."))
    return False


def _file(order: exports.Order, *, as_zip: bool) -> FileResponse:
    """Written to a folder of its own, sent from the open file; the folder is gone before the first byte leaves."""
    day = timezone.now().date().isoformat()
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="audit-") as folder:
        export = exports.write(order=order, folder=Path(folder))
        path = exports.zipped(export) if as_zip else export.csv
        file = path.open("rb")
    ending, kind = ("zip", "application/zip") if as_zip else ("csv", "text/csv; charset=utf-8")
    return FileResponse(file, as_attachment=True, filename=f"consent-audit-{day}.{ending}", content_type=kind)
