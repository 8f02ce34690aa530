"""Write the consent audit to a folder: consent_audit.csv and manifest.json."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consults.consent_audit.exports import Order, attestation_sentence, write
from consults.consent_audit.forms import REFERENCE
from consults.consent_audit.query import EDUCATION, STATES, Filter
from consults.consent_audit.words import REASONS


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is not a date. Write it as 2026-01-31.") from error


class Command(BaseCommand):
    """`manage.py consent_audit --out DIR [--from DAY] [--to DAY]`; no pictures, no words of cases, no names."""

    help = "Write the consent audit (consent_audit.csv, manifest.json) to a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="Folder for the two files.")
        parser.add_argument("--from", dest="since", type=_day, metavar="DAY", help="First day of publication (UTC).")
        parser.add_argument("--to", dest="until", type=_day, metavar="DAY", help="Last day of publication (UTC).")
        parser.add_argument("--state", default="", choices=["", *map(str, STATES), EDUCATION], help="State of consent.")
        parser.add_argument("--exceptions", action="store_true", help="Only posts that need a look.")
        parser.add_argument("--reason", default="internal_review", choices=list(REASONS), help="Why; kept in the log.")
        parser.add_argument("--reference", default="", help="Number of the request, never a person's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["out"]
        if not REFERENCE.fullmatch(options["reference"]):
            raise CommandError("A reference has at most 60 letters, digits, spaces and . / : # -")
        if options["since"] and options["until"] and options["since"] > options["until"]:
            raise CommandError("--from lies after --to. Exchange the two days.")
        wanted = Filter(
            since=options["since"],
            until=options["until"],
            state=options["state"],
            exceptions_only=options["exceptions"],
        )
        order = Order(wanted=wanted, reason=options["reason"], reference=options["reference"], via="command")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            export = write(order=order, folder=folder)
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}. Choose another folder.") from error
        self.stdout.write(f"{export.csv}: {export.rows} rows, SHA-256 {export.sha256}")
        self.stdout.write(str(export.manifest))
        self.stdout.write(attestation_sentence(export.attestation))
