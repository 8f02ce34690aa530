"""`manage.py check_log`: is the log whole and unchanged?"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.heads import public_key, sign_head
from audit.verify import verify


class Command(BaseCommand):
    """Walks the chain; exits with 1 and names the first bad row."""

    help = "Check that no event of the log was changed, removed or slipped in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options of the command."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--head", action="store_true", help="print number and digest of the last event")
        what.add_argument("--signed-head", action="store_true", help="print the head as signed JSON")
        what.add_argument("--public-key", action="store_true", help="print the key that checks signed heads")
        what.add_argument(
            "--against", metavar="SEQ:DIGEST", default="", help="also check that this earlier head is still there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the answer. Raises CommandError (exit 1) for a broken log."""
        if options["public_key"]:
            self.stdout.write(public_key().strip())
            return
        seq, digest = _head(options["against"])
        report = verify(seq=seq, digest=digest)
        if not report.ok:
            raise CommandError(f"The log is broken. {report}", returncode=1)
        if options["head"]:
            self.stdout.write(f"{report.head_seq}:{report.head_digest}")
        elif options["signed_head"]:
            self.stdout.write(json.dumps(sign_head(), sort_keys=True))
        else:
            self.stdout.write(str(report))


def _head(text: str) -> tuple[int, str]:
    if not text:
        return 0, ""
    seq, colon, digest = text.partition(":")
    if not (colon and seq.isdecimal()):
        raise CommandError("--against wants a head as printed by --head, like 12:ab34…")
    return int(seq), digest
