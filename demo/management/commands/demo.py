"""Set up the demo community once; later runs change nothing."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Member
from demo.stories import PEOPLE

ROLES = {
    "poster": "posts cases; one draft with two phone photos waits in the studio",
    "colleague": "diagnoses and discusses",
    "moderator": "vets applicants, second-reads cases",
    "moderator2": "the second moderator",
    "officer": "privacy officer: consent audit, no pictures",
    "applicant": "has applied, sees nothing yet",
}


class Command(BaseCommand):
    """`manage.py demo`: migrate, then fill an empty site with simulated members and cases."""

    help = "Fill an empty site with a simulated community."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the demo, resume an interrupted build, or do nothing when it is complete."""
        for database in ("default", "keys"):
            call_command("migrate", database=database, verbosity=0, interactive=False)
        folder = Path(settings.DATA_DIR)
        banner, started = folder / "demo-accounts.txt", folder / "demo-begun"
        if banner.exists():
            return
        if Member.objects.exists() and not started.exists():
            self.stdout.write("This site has members already; the demo is for an empty one.")
            return
        if not settings.EMBEDDED:
            raise CommandError("The demo is for a local, embedded site only. Set RETE_EMBEDDED=true to try it.")
        from demo import community

        self.stdout.write("First start: drawing and masking the demo cases. This takes a few minutes, once.")
        started.touch()
        password = community.passphrase()
        community.build(password=password, report=self._report)
        banner.write_text(self._banner(password))
        banner.chmod(0o600)
        started.unlink()

    def _report(self, line: str) -> None:
        number = line.split()[-3]
        if not number.isdecimal():
            self.stdout.write(line)
        elif self.stdout.isatty():
            self.stdout.write(f"\r{line:70}", ending="")
        elif number == "1" or number.endswith("0"):
            self.stdout.write(line)

    def _banner(self, password: str) -> str:
        from demo.community import address_of

        lines = [f"  {address_of(person):28} {ROLES[person.key]}" for person in PEOPLE if person.key in ROLES]
        return "\n".join(["Demo accounts (simulated people), one password for all:", f"  {password}", *lines, ""])
