"""Writing of an export: the rows are read once, for all files at the same time."""

import hashlib
import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from audit import heads
from audit.record import record
from compliance.audit.rows import Attestation, all_rows
from compliance.exports.dossier import DossierWriter
from compliance.exports.fhir import FhirWriter
from compliance.exports.manifest import MANIFEST_NAME, build_manifest
from compliance.exports.request import FORMATS, ExportContext, ExportedFile, ExportRequest, Writer
from compliance.exports.sheets import CsvWriter, XlsxWriter
from compliance.models import ExportRecord, pack_ids
from core.ids import new_id

WRITERS: dict[str, tuple[str, type[Writer]]] = {
    "csv": ("consent_audit.csv", CsvWriter),
    "xlsx": ("consent_audit.xlsx", XlsxWriter),
    "fhir": ("consent_audit.fhir.json", FhirWriter),
    "pdf": ("consent_audit.pdf", DossierWriter),
}


@dataclass(frozen=True)
class Export:
    """A written export: its files, the manifest last in `paths`, and its record."""

    paths: list[Path]
    files: list[ExportedFile]
    rows: int
    attestation: Attestation
    record: ExportRecord


def write_export(*, request: ExportRequest, folder: Path) -> Export:
    """Write the files and their manifest into an existing folder (0600), with a record and a log entry.

    The rows are read once; memory stays flat except for the dossier's pages and 16 bytes a consent. The files are
    moved into place only when all are complete. Raises OSError.
    """
    context = ExportContext(export_id=new_id(), made_at=timezone.now(), request=request, head=heads.sign_head())
    with TemporaryDirectory(dir=folder, prefix=".export-") as draft:
        files, consents = _files(context, Path(draft))
        kept = _keep(context, files, consents)
        with _private(Path(draft) / MANIFEST_NAME) as file:
            file.write(json.dumps(build_manifest(context, files), indent=2, ensure_ascii=False).encode() + b"\n")
        paths = [folder / name for name in (*(file.name for file in files), MANIFEST_NAME)]
        for path in paths:
            (Path(draft) / path.name).replace(path)
    # Published outside the database, so that its owner cannot deny this export.
    transaction.on_commit(heads.publish, robust=True)
    return Export(paths=paths, files=files, rows=kept.rows, attestation=context.attestation, record=kept)


def _files(context: ExportContext, draft: Path) -> tuple[list[ExportedFile], set[bytes]]:
    """Write the requested files; return them with the ids of the consents in them."""
    consents: set[bytes] = set()
    rows = 0
    wanted = context.request.wanted
    with ExitStack() as stack:
        names = [name for name in FORMATS if name in context.request.formats]
        opened = [(draft / WRITERS[name][0], WRITERS[name][1]) for name in names]
        streams = [stack.enter_context(_private(path)) for path, _kind in opened]
        writers = [kind(stream, context) for (_path, kind), stream in zip(opened, streams, strict=True)]
        for row in all_rows(wanted):
            context.attestation.add(row)  # counts all rows, including those that do not match
            if not wanted.matches(gate_today=row.gate_today, exceptions=row.exceptions):
                continue
            rows += 1
            if row.consent_id is not None:
                consents.add(row.consent_id.bytes)
            for writer in writers:
                writer.add(row)
        finished: list[ExportedFile] = []
        for (path, _kind), stream, writer in zip(opened, streams, writers, strict=True):
            writer.close(finished)
            stream.close()
            finished.append(_finished(path, rows))
    return finished, consents


def _finished(path: Path, rows: int) -> ExportedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ExportedFile(name=path.name, sha256=digest, bytes=path.stat().st_size, rows=rows)


@transaction.atomic
def _keep(context: ExportContext, files: list[ExportedFile], consents: set[bytes]) -> ExportRecord:
    request, attestation = context.request, context.attestation
    kept = ExportRecord.objects.create(
        id=context.export_id,
        made_at=context.made_at,
        by=request.by,
        via=request.via,
        reason=request.reason,
        reference=request.reference,
        wanted=request.wanted.facts(),
        files=[vars(file) for file in files],
        rows=files[0].rows,
        visible=attestation.visible,
        covered=attestation.covered,
        head_seq=context.head["seq"],
        consents=pack_ids(consents),
        replaces=request.replaces,
    )
    record(
        verb="consent_audit.exported",
        actor=request.by,
        subject=("export", context.export_id),
        reason=request.reason,
        reference_sha256=hashlib.sha256(request.reference.encode()).hexdigest(),
        files=[f"{file.name}:{file.sha256}" for file in files],
        rows=kept.rows,
        via=request.via,
        **request.wanted.facts(),
    )
    return kept


def _private(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w+b")
