"""`manage.py prepare`: databases and static files ready to serve."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import data_dir
from core.serving.instance import add_place, only_one, refuse_busy_port
from core.serving.prepare import prepare


class Command(BaseCommand):
    """Makes folders, migrates both databases and collects static files."""

    help = "Make folders, migrate both databases and collect static files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options of the command."""
        add_place(parser)
        parser.add_argument("--serving", action="store_true", help="first make sure that `serve` could start here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare. Raises CommandError when `serve` could not start."""
        if not options["serving"]:
            prepare()
            return
        refuse_busy_port(bind=options["bind"], port=options["port"])
        with only_one(data_dir.prepare()):
            prepare()
