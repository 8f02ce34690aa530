"""The consent audit: published cases and their consents. For privacy officers; no pictures, no names.

Threat: a list of what patients allowed that leaves the site unnoticed. An export requires a reason and the
officer's password (or second factor) again, and leaves a record here and a log entry with the files' hashes.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Count, TextChoices
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.http import MemberRequest
from accounts.security.security_events import reauthenticated_recently
from audit.heads import BadHead, read_published, sign_head
from audit.keys import BrokenKeyring
from audit.verify import verify
from compliance import exports
from compliance.audit import charts, query, unusual
from compliance.audit.forms import ExportForm, FilterForm, describe_filter, to_query
from compliance.audit.rows import Attestation, Row, all_rows_to_count, matching_rows, rows_of
from compliance.audit.words import BLOCKERS, EXCEPTIONS, GRAVE, REASONS
from compliance.models import ExportRecord
from consent.models import Assent, Capacity, Relation, Signature, Status, Until, Use
from core.permissions import allowed
from core.post_only import post_only

PAGE_ROWS = 25
MOST_SCANNED = 500  # cases that one page examines for exceptions
MOST_ATTESTED = 5000
MOST_NUMBERED = 5


@open_to("officer")
@require_safe
def consent_audit(request: MemberRequest) -> HttpResponse:
    """Show the filter and one page of the table."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        return _refuse_filter(request, form)
    wanted = form.to_filter()
    after = query.PageKey.parse(request.GET.get("after", ""))
    rows, following = _find_page_rows(wanted, after)
    context = {
        "form": form,
        "query": _query_string(request),
        "rows": [_describe_row(row) for row in rows],
        "next_href": _next_href(request, following),
        "numbered": query.find_consents_by_number(allowed(request.user, "consent.change"), wanted.text)[:MOST_NUMBERED],
        "first_page": after is None,
        "any_filter": any(wanted.facts().values()),
        "scanned_on": following is not None and wanted.needs_each_row,
    }
    return render(request, "compliance/audit/page.html", context)


@open_to("officer")
@require_safe
def figures(request: MemberRequest) -> HttpResponse:
    """Show the charts over all consents and the head of the log; loaded after the page, because they are slow."""
    context = {
        "months": charts.consents_by_month(),
        "routes": charts.consents_by_route(),
        "expiry": charts.consents_near_expiry(),
        "latency": charts.withdrawal_latency(),
        "head": sign_head(),
        "refused": unusual.often_refused(),
        "many_pictures": unusual.many_pictures(),
    }
    template = "_figures.html" if getattr(request, "htmx", False) else "figures.html"
    return render(request, f"compliance/audit/{template}", context)


def _refuse_filter(request: MemberRequest, form: FilterForm) -> HttpResponse:
    return render(request, "compliance/audit/page.html", {"form": form}, status=422)


def _find_page_rows(wanted: query.Filter, after: query.PageKey | None) -> tuple[list[Row], query.PageKey | None]:
    """Return the rows of one page, and the position where the next one begins."""
    if not wanted.needs_each_row:
        cases = query.fetch_page(wanted, after=after, size=PAGE_ROWS + 1)
        shown = cases[:PAGE_ROWS]
        return rows_of(shown), query.page_key_of(shown[-1]) if len(cases) > PAGE_ROWS else None
    cases = query.fetch_page(wanted, after=after, size=MOST_SCANNED)
    found, last = matching_rows(cases, wanted=wanted, most=PAGE_ROWS)
    is_all = last is None or (last is cases[-1] and len(cases) < MOST_SCANNED)
    return found, None if is_all or last is None else query.page_key_of(last)


def _describe_row(row: Row) -> dict[str, Any]:
    """Return a row with its codes in plain words."""
    return {
        "row": row,
        "labels": {
            "consent_status": _label(Status, row.consent_status),
            "capacity": _label(Capacity, row.capacity),
            "relation": _label(Relation, row.relation),
            "assent": _label(Assent, row.assent),
            "signature": _label(Signature, row.signature),
            "until_event": _label(Until, row.until_event) if row.until_event else "",
            "uses": [_label(Use, use) for use in row.uses],
        },
        "exceptions": [{"words": EXCEPTIONS[code], "grave": code in GRAVE} for code in row.exceptions],
        "blockers": [BLOCKERS.get(code, _("Its pictures or facts are not complete")) for code in row.blockers],
    }


def _label(choices: type[TextChoices], code: str) -> str:
    return str(dict(choices.choices).get(code, code))


def _query_string(request: MemberRequest, **changes: str) -> str:
    """Return the current filter as a query string."""
    asked = request.GET.copy()
    for name in ("after", *(name for name, value in request.GET.items() if not value)):
        asked.pop(name, None)
    for name, value in changes.items():
        asked[name] = value
    return f"?{asked.urlencode()}" if asked else ""


def _next_href(request: MemberRequest, following: query.PageKey | None) -> str:
    return _query_string(request, after=str(following)) if following else ""


@open_to("officer")
@require_safe
def summary(request: MemberRequest) -> HttpResponse:
    """Show the attestation over all cases that the filter finds.

    Fetched after the page, because it examines every case.
    """
    form = FilterForm(request.GET)
    if not form.is_valid():
        return _refuse_filter(request, form)
    wanted = form.to_filter()
    context: dict[str, Any] = {"query": _query_string(request), "most": MOST_ATTESTED, "at": timezone.now()}
    if query.find_cases(wanted).order_by()[: MOST_ATTESTED + 1].count() > MOST_ATTESTED:
        context["too_many"] = True
    else:
        attestation = Attestation()
        for row in all_rows_to_count(wanted):
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
    return render(request, f"compliance/audit/{template}", context)


@open_to("officer")
@post_only("compliance:consent_audit", keeps=())
def check_log(request: MemberRequest) -> HttpResponse:
    """Verify the whole log and compare it with every head published so far."""
    context: dict[str, Any] = {"head": sign_head(), "at": timezone.now()}
    try:
        before = read_published()
        context |= {"report": verify(published=before), "published": len(before)}
    except (BadHead, BrokenKeyring):
        context["not_ours"] = True
    template = "_log.html" if getattr(request, "htmx", False) else "log.html"
    return render(request, f"compliance/audit/{template}", context)


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: MemberRequest) -> HttpResponseBase:
    """Export the audit as files, after a reason and reauthentication."""
    chosen = FilterForm(request.GET)
    if not chosen.is_valid():
        return _refuse_filter(request, chosen)  # an export must not hold more than was asked for
    if not reauthenticated_recently(request):
        return redirect_to_login(request.get_full_path(), resolve_url("account_reauthenticate"))
    wanted = chosen.to_filter()
    replaces = _replaced_export(request)
    form = ExportForm(request.POST or None, initial={"reason": replaces.reason} if replaces else None)
    if request.method == "POST" and form.is_valid():
        export_request = exports.ExportRequest(
            wanted=wanted,
            reason=form.cleaned_data["reason"],
            reference=form.cleaned_data["reference"],
            by=request.user,
            formats=tuple(form.cleaned_data["formats"]),
            replaces=replaces,
        )
        return _zip_response(export_request)
    context = {
        "form": form,
        "query": _query_string(request),
        "posts": query.find_cases(wanted).count(),
        "looks_at_each": wanted.needs_each_row,
        "chosen": describe_filter(wanted),
        "replaces": replaces,
    }
    status = 422 if form.errors else 200
    return render(request, "compliance/audit/export.html", context, status=status)


def _replaced_export(request: MemberRequest) -> ExportRecord | None:
    """Return the earlier export that this one is to replace, when the address names one."""
    try:
        return ExportRecord.objects.defer("consents").filter(pk=UUID(request.GET.get("replaces", ""))).first()
    except ValueError:
        return None


def _zip_response(export_request: exports.ExportRequest) -> StreamingHttpResponse:
    """Write the export to a folder of its own and stream it from the open files.

    The folder is deleted before the first byte is sent.
    """
    day = timezone.now().date().isoformat()
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="audit-") as folder:
        stream = exports.ZipStream(exports.write_export(request=export_request, folder=Path(folder)).paths)
    headers = {"Content-Disposition": f'attachment; filename="consent-audit-{day}.zip"'}
    return StreamingHttpResponse(stream, content_type="application/zip", headers=headers)


@open_to("officer")
@require_safe
def export_list(request: MemberRequest) -> HttpResponse:
    """List every export: who, when, why, what, and whether a consent in it was withdrawn since."""
    found = (
        ExportRecord.objects.defer("consents")
        .select_related("by", "replaces")
        .annotate(n_recalls=Count("recalls", distinct=True), n_replacements=Count("replaced_by", distinct=True))
        .order_by("-made_at", "-pk")
    )
    page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "exports": [_describe_export(record) for record in page]}
    return render(request, "compliance/audit/exports.html", context)


def _describe_export(record: ExportRecord) -> dict[str, Any]:
    """Return an export with its codes in plain words, and the address to repeat it."""
    wanted = query.Filter.from_facts(record.wanted)
    again = urlencode(to_query(wanted) | {"replaces": str(record.pk)})
    return {
        "record": record,
        "reason": REASONS.get(record.reason, record.reason),
        "chosen": describe_filter(wanted),
        "out_of_date": record.n_recalls > 0 and not record.n_replacements,  # type: ignore[attr-defined]
        "again_href": f"{reverse('compliance:consent_audit_export')}?{again}",
    }
