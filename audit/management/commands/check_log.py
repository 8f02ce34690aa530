"""`manage.py check_log`: verification of the log."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit import heads, keys
from audit.verify import verify


class Command(BaseCommand):
    """Command that walks the chain, and exits with 1 and the name of the first bad row."""

    help = "Check that no event of the log was changed, removed or slipped in, and that published heads still fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of the command."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--head", action="store_true", help="print number and digest of the last event")
        what.add_argument("--signed-head", action="store_true", help="print the head as signed JSON")
        what.add_argument("--public-key", action="store_true", help="print the key that checks signed heads")
        what.add_argument("--public-keys", action="store_true", help="print all keys so far, each signed by the last")
        what.add_argument(
            "--publish", action="store_true", help=f"append the signed head to {settings.LOG_HEADS_FILE.name}"
        )
        parser.add_argument(
            "--against",
            metavar="FILE",
            type=Path,
            action="append",
            default=[],
            help="also check the signed heads of this file: lines of JSON, or the manifest of an export",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the result. Raises CommandError (exit 1) for a broken log or a head of another log."""
        try:
            self._answer(options)
        except keys.BrokenKeyring as error:
            raise CommandError(f"The log's keys are broken: {error}. Restore secrets/log_keys.json.") from error
        except heads.BadHead as error:
            raise CommandError(f"A published head is not right: {error}.") from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read or written: {error.strerror}.") from error

    def _answer(self, options: dict[str, Any]) -> None:
        if options["public_key"]:
            self.stdout.write(heads.public_key().strip())
            return
        if options["public_keys"]:
            self.stdout.write(json.dumps(keys.statements(), indent=1))
            return
        before = heads.read_published()
        for path in options["against"]:
            before += heads.read_published(path)
        report = verify(published=before)
        if not report.ok:
            raise CommandError(f"The log is broken. {report}", returncode=1)
        if options["publish"]:
            head = heads.publish()
            self.stdout.write(f"Published head {head['seq']}." if head else "This head is published already.")
        elif options["head"]:
            self.stdout.write(f"{report.head_seq}:{report.head_digest}")
        elif options["signed_head"]:
            self.stdout.write(json.dumps(heads.sign_head(), sort_keys=True))
        else:
            self.stdout.write(f"{report} {len(before)} published heads fit.")
