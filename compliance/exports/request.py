"""What is asked for, and what every file of an export says of itself."""

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
class Order:
    """Who wants which part of the audit, and why. `reason` is a code; `reference` names a request, not a person.

    `replaces` is an earlier export that held a consent which was withdrawn since.
    """

    wanted: Filter
    reason: str
    reference: str = ""
    by: Member | None = None
    via: str = "page"
    formats: tuple[str, ...] = FORMATS
    replaces: ExportRecord | None = None


@dataclass(frozen=True)
class File:
    """One finished file: its name, SHA-256 (hex), size in bytes, and rows of the audit in it."""

    name: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Attested:
    """What every file says of itself. `head` was signed when the reading began; `attestation` grows with it."""

    export_id: UUID
    made_at: datetime
    order: Order
    head: Head
    attestation: Attestation = field(default_factory=Attestation)


class Writer(Protocol):
    """One file in the making."""

    def __init__(self, file: BinaryIO, about: Attested) -> None:
        """Begin."""

    def add(self, row: Row) -> None:
        """Write one row."""

    def close(self, finished: list[File]) -> None:
        """Write what comes after the last row; `finished` are the files closed before. Leaves `file` open."""


def attestation_sentence(attestation: Attestation) -> str:
    """The attestation in one English sentence, for files that are read far away."""
    listed = sum(attestation.exceptions.values())
    return (
        f"{attestation.visible} visible posts, {attestation.covered} covered by an active consent or without a "
        f"patient{_exempt(attestation)}, {listed} exceptions listed."
    )


def _exempt(attestation: Attestation) -> str:
    """A site that makes the exception says how often; the others do not speak of it."""
    return f" ({attestation.exempt} of them under the exemption for histology)" if attestation.exempt else ""
