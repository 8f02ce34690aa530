"""Who may do what in consults: the tables of its topics as one."""

from consults.cases.policy import POLICY as CASES
from consults.discussion.policy import POLICY as DISCUSSION
from consults.withdrawal.policy import POLICY as WITHDRAWAL
from core.permissions import Policy

POLICY: Policy = {**CASES, **DISCUSSION, **WITHDRAWAL}
