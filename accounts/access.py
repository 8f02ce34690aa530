"""Audiences of views. A view without `open_to` is for verified members who may see cases."""

from collections.abc import Callable
from typing import Literal, TypeVar

from accounts.membership.models import Member, Standing

Audience = Literal["member", "moderator", "officer", "applicant"]
AUDIENCES: frozenset[str] = frozenset(("member", "moderator", "officer", "applicant"))
DEFAULT: frozenset[str] = frozenset(("member",))

View = TypeVar("View", bound=Callable[..., object])


def open_to(*audiences: Audience) -> Callable[[View], View]:
    """Admit these audiences to a view and nobody else. Raises ValueError for an unknown audience.

    - "member": verified members who may see cases, moderators among them
    - "moderator": verified moderators only
    - "officer": verified privacy officers and administrators
    - "applicant": signed in but not verified: applicants, the declined, the lapsed

    Suspended and erased members are admitted nowhere. Access to a single object is still decided by the policy.
    On a class-based view: `@method_decorator(open_to("member"), name="dispatch")`.
    """
    unknown = set(audiences) - AUDIENCES
    if unknown or not audiences:
        raise ValueError(f"open_to takes some of {', '.join(sorted(AUDIENCES))}.")

    def mark(view: View) -> View:
        view.open_to = frozenset(audiences)  # type: ignore[attr-defined]
        return view

    return mark


def without_factor(view: View) -> View:
    """Admit to a view also who has no second factor yet: to enrol one, to sign out, to leave, to read one's status."""
    view.without_factor = True  # type: ignore[attr-defined]
    return view


def audiences_of(member: Member) -> frozenset[str]:
    """Return every audience that a signed-in person belongs to today."""
    if member.standing in (Standing.SUSPENDED, Standing.ERASED):
        return frozenset()
    if not member.is_verified:
        return frozenset(("applicant",))
    if member.is_officer:
        return frozenset(("officer",))
    return frozenset(("member", "moderator")) if member.may_moderate else frozenset(("member",))


def may_enter(member: Member, view: Callable[..., object]) -> bool:
    """Whether `view` is open to this person."""
    return not audiences_of(member).isdisjoint(getattr(view, "open_to", DEFAULT))
