"""Repeated work of the log."""

from audit import access_log, heads
from core.jobs import every


@every(seconds=60)
def seal_served_pictures() -> None:
    """Put the pictures served since the last round into the chain."""
    while access_log.seal_served() is not None:
        pass
    access_log.forget_counts()


@every(seconds=60)
def tie_strands() -> None:
    """Let the first strand hold the heads of the others, so that what is cut off one of them is missed."""
    heads.tie()


@every(seconds=3600)
def publish_head() -> None:
    """Write the signed head to the file that operators ship elsewhere."""
    heads.publish()
