"""The state machine of a member's standing."""

from django.utils.translation import gettext as _

from accounts.exceptions import NotYours
from accounts.membership.models import Member, Standing
from core import states


class Moved(states.Moved, NotYours):
    """The member's standing has changed in the meantime."""

    def __init__(self) -> None:
        NotYours.__init__(self, _("This member's standing has changed in the meantime. Load the page again."))


STANDING = states.Machine(
    Member,
    {
        Standing.APPLICANT: (Standing.VERIFIED, Standing.DECLINED, Standing.ERASED),
        Standing.VERIFIED: (Standing.VERIFIED, Standing.LAPSED, Standing.SUSPENDED, Standing.ERASED),
        Standing.LAPSED: (Standing.VERIFIED, Standing.DECLINED, Standing.SUSPENDED, Standing.ERASED),
        Standing.DECLINED: (Standing.VERIFIED, Standing.SUSPENDED, Standing.ERASED),  # verified on appeal
        Standing.SUSPENDED: (Standing.VERIFIED, Standing.LAPSED, Standing.DECLINED, Standing.ERASED),
        Standing.ERASED: (),
    },
    field="standing",
    moved=Moved,
)
VERIFIABLE = (Standing.APPLICANT, Standing.VERIFIED, Standing.LAPSED, Standing.DECLINED)  # a suspension is lifted first
