"""State of a hand-over in the session: the case, the form, the PIN's hash, the outcome.

It is stored in the session alone and ends with it: after signing out or expiry nothing more is recorded.
"""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

SESSION_KEY = "handover"


@dataclass
class Handover:
    """One hand-over, in plain values for JSON. `pictures`: (rendition, SHA-256) as shown; `terms`: the circumstances;
    `group`: the audience, "" for all vetted members.

    `outcome` is "" while the patient reads, then "given" or "refused".
    """

    case: str
    pin_hash: str
    form: str
    terms: dict[str, Any]
    shown: str
    asks_child: bool = False
    pictures: list[list[str]] = field(default_factory=list)
    group: str = ""
    outcome: str = ""
    consent: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def matches(self, pin: str) -> bool:
        """Whether this is the PIN that the clinician chose."""
        return check_password(pin, self.pin_hash)

    def shows(self, rendition: uuid.UUID) -> bool:
        """Whether the patient is shown this picture now."""
        return not self.outcome and str(rendition) in {shown for shown, _sha256 in self.pictures}


def hash_pin(pin: str) -> str:
    """Hash a PIN. Threat: four digits are soon guessed from a hash, so it is deleted with the session."""
    return make_password(pin)


def begin(request: HttpRequest, handover: Handover) -> None:
    """Restrict this session to the hand-over page; change its key."""
    save(request, handover)
    request.session.cycle_key()


def save(request: HttpRequest, handover: Handover) -> None:
    """Save the hand-over in the session."""
    request.session[SESSION_KEY] = asdict(handover)


def current(request: HttpRequest) -> Handover | None:
    """Return the hand-over of this session, or None."""
    kept = request.session.get(SESSION_KEY)
    return Handover(**kept) if kept else None


def end(request: HttpRequest) -> None:
    """Lift the restriction of this session; change its key."""
    request.session.pop(SESSION_KEY, None)
    request.session.cycle_key()
