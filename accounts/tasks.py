"""Jobs and rounds of the accounts app: destruction of evidence, lapse of memberships."""

import uuid

from accounts.membership import lifecycle
from accounts.security import mail_limits
from accounts.vetting import evidence, joining
from core import jobs


@jobs.handles(evidence.DESTROY)
def destroy_evidence(subject: uuid.UUID) -> None:
    """Destroy one licence picture after the decision."""
    evidence.destroy(subject)


jobs.every(seconds=3600)(lifecycle.lapse_expired)
jobs.every(seconds=3600)(evidence.destroy_orphans)
jobs.every(seconds=3600)(joining.discard_old)
jobs.every(seconds=3600)(mail_limits.forget)
