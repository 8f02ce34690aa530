"""The state machine of an appointment."""

from django.utils.translation import gettext as _

from accounts.appointments.models import Appointment, AppointmentState
from accounts.exceptions import NotYours
from core import states


class Moved(states.Moved, NotYours):
    """Somebody else has decided about the appointment."""

    def __init__(self) -> None:
        NotYours.__init__(self, _("Somebody else has decided this already."))


APPOINTMENT = states.Machine(
    Appointment,
    {
        AppointmentState.WAITING: (AppointmentState.DONE, AppointmentState.REFUSED),
        AppointmentState.DONE: (),
        AppointmentState.REFUSED: (),
    },
    moved=Moved,
)
