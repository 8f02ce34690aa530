"""The policy of consults: the tables of its topics, merged."""

from consults.cases.policy import POLICY as CASES
from consults.discussion.policy import POLICY as DISCUSSION
from consults.following.policy import POLICY as FOLLOWING
from consults.groups.policy import POLICY as GROUPS
from consults.moderation.policy import POLICY as MODERATION
from consults.withdrawal.policy import POLICY as WITHDRAWAL
from core.permissions import Policy

POLICY: Policy = {**CASES, **DISCUSSION, **WITHDRAWAL, **MODERATION, **GROUPS, **FOLLOWING}
