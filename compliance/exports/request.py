"""The request for an export, and the facts that every file of it states."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

from accounts.models import Member
from audit.heads import Head
from compliance.audit.query import Filter
from compliance.audit.rows import Attestation, Row
from compliance.models import ExportRecord

# In the order in which they are finished: the dossier lists the fingerprints of the others.
FORMATS = ("csv", "xlsx", "fhir", "pdf")


@dataclass(frozen=True)
class ExportRequest:
    """The part of the audit to export, for whom, and why.

    `reason` is a code; `reference` is the number of a request, never a person's name. `replaces` is an
    earlier export that held a consent which was withdrawn since.
    """

    wanted: Filter
    reason: str
    reference: str = ""
    by: Member | None = None
    via: str = "page"
    formats: tuple[str, ...] = FORMATS
    replaces: ExportRecord | None = None


@dataclass(frozen=True)
class ExportedFile:
    """One finished file: its name, SHA-256 (hex), size in bytes, and number of audit rows."""

    name: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class ExportContext:
    """The facts that every file states. `head` was signed before the rows were read; `attestation` grows with them."""

    export_id: UUID
    made_at: datetime
    request: ExportRequest
    head: Head
    attestation: Attestation = field(default_factory=Attestation)


class Writer(Protocol):
    """A writer of one export file."""

    def __init__(self, file: BinaryIO, context: ExportContext) -> None:
        """Write the beginning of the file."""

    def add(self, row: Row) -> None:
        """Write one row."""

    def close(self, finished: list[ExportedFile]) -> None:
        """Write what follows the last row; `finished` are the files closed before. Leaves `file` open."""


def attestation_sentence(attestation: Attestation) -> str:
    """Return the attestation as one English sentence, for files that are read elsewhere."""
    listed = sum(attestation.exceptions.values())
    return (
        f"{attestation.visible} visible posts, {attestation.covered} covered by an active consent or without a "
        f"patient{_exempt(attestation)}, {listed} exceptions listed."
    )


def _exempt(attestation: Attestation) -> str:
    """Return the number of exempt cases in words; "" on sites without exemptions."""
    return f" ({attestation.exempt} of them under the exemption for histology)" if attestation.exempt else ""
