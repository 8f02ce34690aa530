"""Management command that writes the consent audit to a folder: CSV, XLSX, FHIR, PDF and manifest.json."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from compliance.audit.forms import ID_OR_HASH, NEAR_DAYS, REFERENCE, ROUTES
from compliance.audit.query import EDUCATION, NOT_VISIBLE, STATES, VISIBLE, Filter
from compliance.audit.words import REASONS
from compliance.exports import FORMATS, ExportRequest, attestation_sentence, write_export


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is not a date. Write it as 2026-01-31.") from error


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise CommandError(f"{text} is not an id.") from error


class Command(BaseCommand):
    """`manage.py consent_audit --out DIR [--format csv] [--from DAY] …`; no pictures, no words of cases, no names."""

    help = "Write the consent audit (CSV, XLSX, FHIR, PDF and manifest.json) to a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="Folder for the files.")
        parser.add_argument(
            "--format", dest="formats", action="append", choices=FORMATS, help="Repeat for several; all by default."
        )
        parser.add_argument("--from", dest="since", type=_day, metavar="DAY", help="First day of publication (UTC).")
        parser.add_argument("--to", dest="until", type=_day, metavar="DAY", help="Last day of publication (UTC).")
        parser.add_argument("--state", default="", choices=["", *map(str, STATES), EDUCATION], help="State of consent.")
        parser.add_argument("--route", default="", choices=["", *map(str, ROUTES)], help="How it was decided.")
        parser.add_argument("--form", type=_id, metavar="ID", help="A consent form.")
        parser.add_argument("--group", type=_id, metavar="ID", help="A group.")
        parser.add_argument("--expiring", type=int, default=0, choices=[0, *NEAR_DAYS], help="Ends within these days.")
        parser.add_argument("--gate", default="", choices=["", VISIBLE, NOT_VISIBLE], help="The gate's answer today.")
        parser.add_argument("--text", default="", help="An id, its first 8 digits or more, or a SHA-256.")
        parser.add_argument("--exceptions", action="store_true", help="Only posts that need a look.")
        parser.add_argument("--reason", default="internal_review", choices=list(REASONS), help="Why; kept in the log.")
        parser.add_argument("--reference", default="", help="Number of the request, never a person's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["out"]
        if not REFERENCE.fullmatch(options["reference"]):
            raise CommandError("A reference has at most 60 letters, digits, spaces and . / : # -")
        if options["text"] and not ID_OR_HASH.fullmatch(options["text"]):
            raise CommandError("--text takes at least the first 8 digits of an id, or a SHA-256.")
        if options["since"] and options["until"] and options["since"] > options["until"]:
            raise CommandError("--from lies after --to. Exchange the two days.")
        wanted = Filter(
            since=options["since"],
            until=options["until"],
            state=options["state"],
            route=options["route"],
            form=options["form"],
            group=options["group"],
            expiring=options["expiring"],
            gate=options["gate"],
            text=options["text"].lower(),
            exceptions_only=options["exceptions"],
        )
        request = ExportRequest(
            wanted=wanted,
            reason=options["reason"],
            reference=options["reference"],
            via="command",
            formats=tuple(options["formats"] or FORMATS),
        )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            export = write_export(request=request, folder=folder)
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}. Choose another folder.") from error
        for file in export.files:
            self.stdout.write(f"{folder / file.name}: {file.rows} rows, SHA-256 {file.sha256}")
        self.stdout.write(str(export.paths[-1]))
        self.stdout.write(attestation_sentence(export.attestation))
