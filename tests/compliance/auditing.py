"""The consent audit, and its exports, as a privacy officer asks for them."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from compliance.audit import query, rows
from compliance.audit.query import Filter
from compliance.exports import FORMATS, ExportRequest, write_export
from consults.models import Case

PASSWORD = "a long enough passphrase"
NAME = "Zebracanary"
PAGE = "/consent-audit/"
SUMMARY = "/consent-audit/summary/"
LOG = "/consent-audit/log/"
EXPORT = "/consent-audit/export/"
EXPORTS = "/consent-audit/exports/"
FILES = ["consent_audit.csv", "consent_audit.xlsx", "consent_audit.fhir.json", "consent_audit.pdf", "manifest.json"]


def row_of(case: Case) -> rows.Row:
    """The row of one case now."""
    return rows.rows_of(list(query.find_cases(Filter()).filter(pk=case.pk)))[0]


def asked(**fields: Any) -> dict[str, Any]:
    """An export's form, filled in."""
    return {"reason": "regulator", "reference": "REQ 7/2026", "formats": list(FORMATS)} | fields


def opened(response: Any) -> zipfile.ZipFile:
    """The ZIP of an answer, tested for broken members."""
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return archive


def table(data: bytes) -> list[dict[str, str]]:
    """A CSV read back the way any program would."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def written(folder: Path, **fields: Any) -> Any:
    """An export by command."""
    order = ExportRequest(**({"wanted": Filter(), "reason": "internal_review", "via": "command"} | fields))
    return write_export(request=order, folder=folder)
