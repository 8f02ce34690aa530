"""Management command that cleans pictures; needs no database."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from imaging import cli


class Command(BaseCommand):
    """Command with the same function as `rete-deidentify`."""

    help = "Rebuild pictures from their pixels; mask faces, eyes and text; report."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the flags of `rete-deidentify`."""
        cli.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command and exit with its status."""
        status = cli.run(argparse.Namespace(**options), sys.stderr)
        if status:
            sys.exit(status)
