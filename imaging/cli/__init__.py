"""Command line of the engine: `rete-deidentify`, `python -m imaging`. Needs no web application or database."""

from imaging.cli.arguments import add_arguments
from imaging.cli.command import main, run

__all__ = [
    "add_arguments",
    "main",
    "run",
]
