"""Kinds of jobs that tell a member of a suspension; the subject is the suspension."""

from typing import Final

SUSPENDED: Final = "accounts.suspended"
LIFTED: Final = "accounts.reinstated"
UPHELD: Final = "accounts.suspension_upheld"
APPEALED: Final = "accounts.suspension_appealed"  # subject: the moderator or administrator who may answer
