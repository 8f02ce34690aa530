"""Command line of the engine: `python -m imaging`. Needs no web application or database."""

from imaging.cli.command import (
    add_arguments,
    main,
    run,
)

__all__ = [
    "add_arguments",
    "main",
    "run",
]
