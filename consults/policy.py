"""The policy of consults: the tables of its topics, merged."""

from consults.cases.policy import POLICY as CASES
from consults.discussion.policy import POLICY as DISCUSSION
from consults.discussion.terms.policy import POLICY as TERMS
from consults.following.policy import POLICY as FOLLOWING
from consults.groups.policy import POLICY as GROUPS
from consults.groups.rooms.policy import POLICY as ROOMS
from consults.moderation.policy import POLICY as MODERATION
from consults.pins.policy import POLICY as PINS
from consults.urgency.policy import POLICY as URGENCY
from consults.withdrawal.policy import POLICY as WITHDRAWAL
from core.permissions import Policy

POLICY: Policy = {
    **CASES,
    **DISCUSSION,
    **WITHDRAWAL,
    **MODERATION,
    **GROUPS,
    **TERMS,
    **URGENCY,
    **FOLLOWING,
    **ROOMS,
    **PINS,
}
