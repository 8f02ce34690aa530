"""The policy of notices: action -> rows."""

from core.permissions import Policy
from notifications.notices.bell import own

POLICY: Policy = {"notice.open": own}
