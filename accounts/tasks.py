"""Jobs and rounds of the accounts app: preparation and destruction of evidence, lapse of memberships."""

import uuid

from accounts.membership import lifecycle
from accounts.vetting import evidence
from core import jobs


# After the members' own pictures: strangers send these.
@jobs.handles(evidence.PREPARE, urgency=jobs.Urgency.MAIL)
def prepare_evidence(subject: uuid.UUID) -> None:
    """Make one licence picture clean."""
    evidence.prepare(subject)


@jobs.handles(evidence.DESTROY, urgency=jobs.Urgency.DESTRUCTION)
def destroy_evidence(subject: uuid.UUID) -> None:
    """Destroy one licence picture after the decision."""
    evidence.destroy(subject)


jobs.every(seconds=3600)(lifecycle.lapse_expired)
jobs.every(seconds=3600)(evidence.destroy_orphans)
