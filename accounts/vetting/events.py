"""Kinds of jobs that ask for a mail about an application; `notifications.tasks` sends it. Subjects are ids."""

from typing import Final

RECEIVED: Final = "accounts.received"  # subject: the application, whose address is to be confirmed
KNOWN: Final = "accounts.known"  # subject: the member whose address an application was made with
DECIDED: Final = "accounts.decided"  # subject: the application
ASKED: Final = "accounts.asked"  # subject: the reference that a colleague is asked for
