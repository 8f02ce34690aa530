"""Kinds of jobs that send a mail about an application, handled by `notifications.tasks`."""

from typing import Final

RECEIVED: Final = "accounts.received"  # subject: the application whose address needs confirmation
DRAFTED: Final = "accounts.drafted"  # subject: the draft whose address is told
DECIDED: Final = "accounts.decided"  # subject: the application
WAITS: Final = "accounts.application_waits"  # subject: the application that moderators may read now
ASKED: Final = "accounts.asked"  # subject: the reference of the colleague to ask
STUCK: Final = "accounts.stuck"  # subject: the administrator to tell that moderators are missing
PICTURE_REFUSED: Final = "accounts.picture_refused"  # subject: the application whose picture could not be read
