"""One reading of the rows, all files at once."""

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
from compliance.exports.manifest import MANIFEST_NAME, manifest
from compliance.exports.request import FORMATS, Attested, File, Order, Writer
from compliance.exports.sheets import CsvWriter, XlsxWriter
from compliance.models import ExportRecord, pack
from core.ids import new_id

WRITERS: dict[str, tuple[str, type[Writer]]] = {
    "csv": ("consent_audit.csv", CsvWriter),
    "xlsx": ("consent_audit.xlsx", XlsxWriter),
    "fhir": ("consent_audit.fhir.json", FhirWriter),
    "pdf": ("consent_audit.pdf", DossierWriter),
}


@dataclass(frozen=True)
class Export:
    """What was written: the files, the manifest last in `paths`, and what the record of it says."""

    paths: list[Path]
    files: list[File]
    rows: int
    attestation: Attestation
    record: ExportRecord


def write(*, order: Order, folder: Path) -> Export:
    """Write the files and their manifest into an existing folder (0600), leave a record and a line in the log.

    The rows are read once; memory stays flat but for the dossier's pages and 16 bytes a consent. The files take
    their places only when all are whole. Raises OSError.
    """
    about = Attested(export_id=new_id(), made_at=timezone.now(), order=order, head=heads.sign_head())
    with TemporaryDirectory(dir=folder, prefix=".export-") as draft:
        files, consents = _files(about, Path(draft))
        kept = _keep(about, files, consents)
        with _private(Path(draft) / MANIFEST_NAME) as file:
            file.write(json.dumps(manifest(about, files), indent=2, ensure_ascii=False).encode() + b"\n")
        paths = [folder / name for name in (*(file.name for file in files), MANIFEST_NAME)]
        for path in paths:
            (Path(draft) / path.name).replace(path)
    # Outside, should the database's owner ever deny that this export was made.
    transaction.on_commit(heads.publish, robust=True)
    return Export(paths=paths, files=files, rows=kept.rows, attestation=about.attestation, record=kept)


def _files(about: Attested, draft: Path) -> tuple[list[File], set[bytes]]:
    """Write the files that were asked for; also the ids of the consents in them."""
    consents: set[bytes] = set()
    rows = 0
    wanted = about.order.wanted
    with ExitStack() as stack:
        names = [name for name in FORMATS if name in about.order.formats]
        opened = [(draft / WRITERS[name][0], WRITERS[name][1]) for name in names]
        streams = [stack.enter_context(_private(path)) for path, _kind in opened]
        writers = [kind(stream, about) for (_path, kind), stream in zip(opened, streams, strict=True)]
        for row in all_rows(wanted):
            about.attestation.add(row)  # about all of them, also those that are not wanted
            if not wanted.picks(gate_today=row.gate_today, exceptions=row.exceptions):
                continue
            rows += 1
            if row.consent_id is not None:
                consents.add(row.consent_id.bytes)
            for writer in writers:
                writer.add(row)
        finished: list[File] = []
        for (path, _kind), stream, writer in zip(opened, streams, writers, strict=True):
            writer.close(finished)
            stream.close()
            finished.append(_finished(path, rows))
    return finished, consents


def _finished(path: Path, rows: int) -> File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(name=path.name, sha256=digest, bytes=path.stat().st_size, rows=rows)


@transaction.atomic
def _keep(about: Attested, files: list[File], consents: set[bytes]) -> ExportRecord:
    order, attestation = about.order, about.attestation
    kept = ExportRecord.objects.create(
        id=about.export_id,
        made_at=about.made_at,
        by=order.by,
        via=order.via,
        reason=order.reason,
        reference=order.reference,
        wanted=order.wanted.facts(),
        files=[vars(file) for file in files],
        rows=files[0].rows,
        visible=attestation.visible,
        covered=attestation.covered,
        head_seq=about.head["seq"],
        consents=pack(consents),
        replaces=order.replaces,
    )
    record(
        verb="consent_audit.exported",
        actor=order.by,
        subject=("export", about.export_id),
        reason=order.reason,
        reference_sha256=hashlib.sha256(order.reference.encode()).hexdigest(),
        files=[f"{file.name}:{file.sha256}" for file in files],
        rows=kept.rows,
        via=order.via,
        **order.wanted.facts(),
    )
    return kept


def _private(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w+b")
