"""States in which somebody comes, beside the people of `everybody`: what they get follows from somebody's column.

A state names whose column it has, and where it gets something else. Everything else is the same, so that a new address
needs no more than its row.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import Member
from accounts.security.security_events import SIGNED_IN_AT
from consent.forms.publishing import current_forms
from consults.cases.consenting.handover import state as handover
from consults.models import Case, CaseState, Group, Membership
from tests import factories
from tests.accounts.factors.test_guard import OPEN

HANDED_OVER: dict[str | tuple[str, ...], int] = {  # whatever else is asked for leads back to the patient's page
    "consults:picture": 404,
    ("consults:hand_over", "", "get"): 200,
    ("consults:hand_back", "", "post"): 422,  # without the PIN
}
SAID = {  # by the clinician, before the device is handed over
    "capacity": "capable", "relation": "self", "authority": "", "assent": "", "interpreter": "", "cannot_read": False,
    "witnessed": False, "expires_on": "", "until_event": "", "publication": False, "majority_year": None,
}  # fmt: skip
# Lapsed, they are shown the way to their pages, which say so; they do not apply, they are appointed.
NOT_ASKED_TO_APPLY: dict[str | tuple[str, ...], int] = {"home": 302, "accounts:apply_again": 302}
SPECIALIST: dict[str | tuple[str, ...], int] = {  # who may propose a group, as no resident may
    ("consults:group_new", "", "get"): 200,
    ("consults:group_new", "", "post"): 422,
    ("accounts:cancel_question", "question", "post"): 404,  # the resident's own question
}
# Whoever has a factor shows it before changing any.
FACTORS: dict[str | tuple[str, ...], int] = {
    f"accounts:{name}": 302 for name in ("me_passkey_add", "me_passkey", "me_factor_remove", "me_app_add")
}
NOT_TO_POST: dict[str | tuple[str, ...], int] = {
    "consults:new": 403,
    ("accounts:cancel_question", "question", "post"): 404,
}


def views(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, Callable[..., object]]]:
    """Every address of the resolver by its full name, with its view."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from views(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}", entry.callback


@dataclass(frozen=True)
class InState:
    """`like` whom; `but` by address, and by address and what it is about: the status instead."""

    like: str
    person: Callable[[], Member]
    but: dict[str | tuple[str, ...], int] = field(default_factory=dict)
    always: int = 0  # everywhere, but for `but`, and where it is as for whom it is like
    usual: Callable[[str], bool] | None = None
    session: Callable[[SessionBase], None] = lambda session: None

    def status(self, expected: dict[str, int], *, name: str, about: str, method: str) -> int:
        """Return what an address answers, of which `expected` is the row."""
        for key in ((name, about, method), name):
            if key in self.but:
                return self.but[key]
        if self.usual and self.usual(name):
            return expected[self.like]
        return self.always or expected[self.like]


def _person(**fields: object) -> Member:
    member = factories.member(**fields)
    Member.objects.filter(pk=member.pk).update(password="argon2$chosen")
    member.refresh_from_db()  # the session is tied to the password
    return member


def _yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def _of_another_group() -> Member:
    member = _person()
    Membership.objects.create(group=Group.objects.create(name="Another hall"), member=member)
    return member


def _began_long_ago(session: SessionBase) -> None:
    session[SIGNED_IN_AT] = int(time.time()) - 13 * 3600


def _is_handed_over(session: SessionBase) -> None:
    case = Case.objects.filter(author=factories.person("alice"), state=CaseState.DRAFT).earliest("created_at")
    form = current_forms(language="en").get()
    handed = handover.Handover(case=str(case.pk), pin_hash="", form=str(form.pk), terms=SAID, shown="shown")
    session[handover.SESSION_KEY] = asdict(handed)


STATES: dict[str, InState] = {
    "declined": InState(
        "lapsed", lambda: _person(standing="declined", verified_until=None), {"accounts:apply_again": 302}
    ),
    "lapsed, as the daily round says": InState("lapsed", lambda: _person(standing="lapsed")),
    "on the day after the last": InState("lapsed", lambda: _person(verified_until=_yesterday())),
    "erased": InState("anonymous", lambda: _person(standing="erased")),
    "of another group": InState("resident", _of_another_group, SPECIALIST),
    "without a supervisor": InState("resident", lambda: _person(profession="resident"), NOT_TO_POST),
    "whose supervisor has lapsed": InState(
        "resident", lambda: _person(profession="resident", supervisor=factories.person("lapsed")), NOT_TO_POST
    ),
    "suspended moderator": InState("suspended", lambda: _person(standing="suspended", is_moderator=True)),
    "suspended administrator": InState(
        "suspended", lambda: _person(standing="suspended", profession="", is_staff=True)
    ),
    "lapsed moderator": InState("lapsed", lambda: _person(verified_until=_yesterday(), is_moderator=True)),
    "lapsed administrator": InState(
        "lapsed", lambda: _person(profession="", is_staff=True, verified_until=_yesterday()), NOT_ASKED_TO_APPLY
    ),
    "lapsed officer": InState(
        "lapsed",
        lambda: _person(profession="", is_privacy_officer=True, verified_until=_yesterday()),
        NOT_ASKED_TO_APPLY,
    ),
    "author after twelve hours": InState("anonymous", lambda: factories.person("alice"), session=_began_long_ago),
    "author's device with a patient": InState(
        "anonymous", lambda: factories.person("alice"), HANDED_OVER, always=302, session=_is_handed_over
    ),
}

# --- Second factors: refused everywhere but on public pages and on the way to a factor.


def _needs_no_factor(name: str) -> bool:
    return name in OPEN or name in PUBLIC


def _gave_no_factor(session: SessionBase) -> None:
    session["account_authentication_methods"] = []


PUBLIC = {name for name, view in views(get_resolver()) if not getattr(view, "login_required", True)}

STATES |= {
    "without a factor": InState(
        "resident", lambda: _person(factor_enrolled_at=None), always=403, usual=_needs_no_factor
    ),
    "administrator without a factor": InState(
        "admin",
        lambda: _person(profession="", is_staff=True, factor_enrolled_at=None),
        always=403,
        usual=_needs_no_factor,
    ),
    "moderator who gave none at this sign-in": InState(
        "mod1", lambda: _person(is_moderator=True), FACTORS, always=403, usual=_needs_no_factor, session=_gave_no_factor
    ),
}
