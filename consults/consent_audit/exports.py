"""The audit as files to take away: a CSV and a manifest that tells whether it is whole and unchanged.

The CSV is UTF-8 without a byte-order mark. Every cell is ASCII (ids, codes, hashes, times), so a spreadsheet
needs no mark to read it, and with one most programs would take it for a part of the first column's name.
A cell that a spreadsheet could take for a formula gets an apostrophe in front.
"""

import csv
import hashlib
import io
import json
import os
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import Member
from audit.heads import public_key, sign_head
from audit.record import record
from consults.consent_audit.query import Filter
from consults.consent_audit.rows import COLUMNS, Attestation, Row, all_rows
from core.ids import new_id
from imaging.engine import ENGINE_VERSION

CSV_NAME = "consent_audit.csv"
MANIFEST_NAME = "manifest.json"
ZIP_NAME = "consent_audit.zip"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Order:
    """Who wants which part of the audit, and why. `reason` is a code; `reference` names a request, not a person."""

    wanted: Filter
    reason: str
    reference: str = ""
    by: Member | None = None
    via: str = "page"


@dataclass(frozen=True)
class Export:
    """What was written."""

    csv: Path
    manifest: Path
    sha256: str
    rows: int
    attestation: Attestation


def safe(cell: str) -> str:
    """The cell, with an apostrophe in front when a spreadsheet could run it as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def csv_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """The CSV a line at a time (RFC 4180, UTF-8, without a byte-order mark), header first."""
    line = io.StringIO()
    writer = csv.writer(line)
    for cells in _table(rows):
        writer.writerow(cells)
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def _table(rows: Iterable[Row]) -> Iterator[list[str]]:
    yield list(COLUMNS)
    for row in rows:
        yield [safe(_cell(getattr(row, name))) for name in COLUMNS]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return str(value)


def write(*, order: Order, folder: Path) -> Export:
    """Write the CSV and its manifest into an existing folder (files 0600) and leave a line in the log.

    Memory stays flat. Both files take their names only when they are whole. Raises OSError.
    """
    export_id = new_id()
    csv_draft = folder / f".{CSV_NAME}.{export_id}"
    manifest_draft = folder / f".{MANIFEST_NAME}.{export_id}"
    try:
        export = _write(order=order, export_id=export_id, csv_draft=csv_draft, manifest_draft=manifest_draft)
        csv_draft.replace(export.csv)
        manifest_draft.replace(export.manifest)
    finally:
        for draft in (csv_draft, manifest_draft):
            draft.unlink(missing_ok=True)
    return export


def _write(*, order: Order, export_id: UUID, csv_draft: Path, manifest_draft: Path) -> Export:
    attestation = Attestation()
    digest, size, rows = hashlib.sha256(), 0, -1  # the header is no row
    with _private(csv_draft) as file:
        for line in csv_lines(_kept(all_rows(order.wanted), attestation, order.wanted)):
            digest.update(line)
            size, rows = size + len(line), rows + 1
            file.write(line)
    sha256 = digest.hexdigest()
    record(
        verb="consent_audit.exported",
        actor=order.by,
        subject=("export", export_id),
        reason=order.reason,
        reference_sha256=hashlib.sha256(order.reference.encode()).hexdigest(),
        sha256=sha256,
        rows=rows,
        via=order.via,
        **order.wanted.facts(),
    )
    manifest = _manifest(export_id=export_id, order=order, sha256=sha256, size=size, rows=rows, attestation=attestation)
    with _private(manifest_draft) as file:
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n")
    folder = csv_draft.parent
    return Export(
        csv=folder / CSV_NAME, manifest=folder / MANIFEST_NAME, sha256=sha256, rows=rows, attestation=attestation
    )


def _private(path: Path) -> io.BufferedWriter:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return io.BufferedWriter(io.FileIO(descriptor, "wb"), buffer_size=_PIECE_BYTES)


def _kept(rows: Iterable[Row], attestation: Attestation, wanted: Filter) -> Iterator[Row]:
    """Count every row, pass on those that are wanted: the attestation is about all of them."""
    for row in rows:
        attestation.add(row)
        if row.exceptions or not wanted.exceptions_only:
            yield row


def zipped(export: Export) -> Path:
    """Both files in one ZIP beside them."""
    path = export.csv.parent / ZIP_NAME
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        archive.write(export.csv, CSV_NAME)
        archive.write(export.manifest, MANIFEST_NAME)
    return path


def _manifest(
    *, export_id: UUID, order: Order, sha256: str, size: int, rows: int, attestation: Attestation
) -> dict[str, Any]:
    """What the reader of the CSV needs to trust it. The log's head is signed after the export's own line."""
    return {
        "export": str(export_id),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "software": {"name": "Rete", "version": software_version(), "pipeline": ENGINE_VERSION},
        "exporter": {"member_id": str(order.by.pk) if order.by else None, "via": order.via},
        "reason": {"code": order.reason, "reference": order.reference},
        "filter": order.wanted.facts(),
        "attestation": {
            "sentence": attestation_sentence(attestation),
            "posts": attestation.posts,
            "visible": attestation.visible,
            "covered": attestation.covered,
            "withdrawn": attestation.withdrawn,
            "exceptions": dict(sorted(attestation.exceptions.items())),
        },
        "files": [{"name": CSV_NAME, "sha256": sha256, "bytes": size, "rows": rows}],
        "log": {"head": sign_head(), "public_key": public_key()},
        "columns": COLUMNS,
    }


def attestation_sentence(attestation: Attestation) -> str:
    """The attestation in one English sentence, for the manifest."""
    listed = sum(attestation.exceptions.values())
    return (
        f"{attestation.visible} visible posts, {attestation.covered} covered by an active consent or without a "
        f"patient, {listed} exceptions listed."
    )


def software_version() -> str:
    """The version of this software, from the installed package or from the checkout."""
    try:
        return metadata.version("rete")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
        return str(project["project"]["version"])
