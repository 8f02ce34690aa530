"""Rounds of the audit app."""

from audit import access_log, heads
from core.jobs import every


@every(seconds=60)
def write_blocks() -> None:
    """Add the pictures served since the last round to the chain."""
    while access_log.write_block() is not None:
        pass
    access_log.delete_old_counts()


@every(seconds=60)
def tie_strands() -> None:
    """Add the heads of the other strands to the first, so that a strand that is cut off is noticed."""
    heads.tie()


@every(seconds=3600)
def publish_head() -> None:
    """Append the signed head to the file that operators copy to another machine."""
    heads.publish()
