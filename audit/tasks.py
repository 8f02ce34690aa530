"""Repeated work of the log."""

from audit import views_log
from core.jobs import every


@every(seconds=60)
def seal_served_pictures() -> None:
    """Put the pictures served since the last round into the chain."""
    while views_log.seal_served() is not None:
        pass
