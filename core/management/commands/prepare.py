"""`manage.py prepare`: databases and static files ready to serve."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import data_dir
from core.serving.instance import add_address_arguments, check_is_loopback, check_port_is_free, lock_data_dir
from core.serving.prepare import prepare


class Command(BaseCommand):
    """Command that creates folders, migrates both databases and collects static files."""

    help = "Make folders, migrate both databases and collect static files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of the command."""
        add_address_arguments(parser)
        parser.add_argument("--serving", action="store_true", help="first make sure that `serve` could start here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the instance. Raises CommandError if `serve` could not start."""
        if not options["serving"]:
            prepare()
            return
        check_is_loopback(options["bind"])
        check_port_is_free(bind=options["bind"], port=options["port"])
        with lock_data_dir(data_dir.prepare()):
            prepare()
