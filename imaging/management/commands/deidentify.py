"""Clean pictures from the command line; needs neither the web application nor a database."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from imaging import cli


class Command(BaseCommand):
    """The same as `python -m imaging`."""

    help = "Rebuild pictures from their pixels, mask faces, eyes and text, and report what was found."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The flags live with the command line proper."""
        cli.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 when any file was refused."""
        status = cli.run(argparse.Namespace(**options), sys.stderr)
        if status:
            sys.exit(status)
