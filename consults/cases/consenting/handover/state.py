"""What a session knows while the device is handed over: the case, the question, the PIN's hash, the outcome.

It lies in the session alone, so that it ends with it: signing out, or a session that runs out, ends the
hand-over and records nothing more.
"""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

KEY = "handover"


@dataclass
class Handover:
    """Plain values only: a session holds JSON. `pictures` are (rendition, SHA-256) as shown; `terms` go with the form.

    `outcome` is "" while the patient reads, then "given" or "refused".
    """

    case: str
    pin_hash: str
    form: str
    terms: dict[str, Any]
    shown: str
    asks_child: bool = False
    pictures: list[list[str]] = field(default_factory=list)
    outcome: str = ""
    consent: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def matches(self, pin: str) -> bool:
        """Whether this is the PIN that the clinician chose."""
        return check_password(pin, self.pin_hash)

    def shows(self, rendition: uuid.UUID) -> bool:
        """Whether this picture is one of those that the patient is shown now."""
        return not self.outcome and str(rendition) in {shown for shown, _sha256 in self.pictures}


def hash_of(pin: str) -> str:
    """What is kept of a PIN. Four digits are soon guessed by whoever has the hash; it dies with the session."""
    return make_password(pin)


def begin(request: HttpRequest, handover: Handover) -> None:
    """From now on this session sees the hand-over page and nothing else. Its key changes."""
    save(request, handover)
    request.session.cycle_key()


def save(request: HttpRequest, handover: Handover) -> None:
    """Keep a change."""
    request.session[KEY] = asdict(handover)


def current(request: HttpRequest) -> Handover | None:
    """The hand-over of this session, or None."""
    kept = request.session.get(KEY)
    return Handover(**kept) if kept else None


def end(request: HttpRequest) -> None:
    """Back in the clinician's hands."""
    request.session.pop(KEY, None)
    request.session.cycle_key()
