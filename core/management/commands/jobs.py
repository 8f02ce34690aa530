"""`manage.py jobs`: parked jobs, which wait for a person."""

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import jobs


class Command(BaseCommand):
    """Command that lists parked jobs; `--retry ID` queues one again."""

    help = "List the jobs that gave up, or queue one again with --retry ID."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of the command."""
        parser.add_argument("--retry", metavar="ID", type=uuid.UUID, help="queue this parked job again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list, or queue a job again. Raises CommandError if that job is not parked."""
        if options["retry"]:
            if not jobs.retry(options["retry"]):
                raise CommandError("That job is not parked, or a newer one for the same subject is open.")
            self.stdout.write("Queued again.")
            return
        parked = jobs.parked()
        for job in parked:
            self.stdout.write(
                f"{job.id}  {job.kind}  subject {job.subject}  {job.error}  "
                f"{job.attempts} attempts  {job.finished_at:%Y-%m-%d %H:%M} UTC"
            )
        if not parked:
            self.stdout.write("No job is parked.")
