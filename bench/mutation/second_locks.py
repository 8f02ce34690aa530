"""Guards of which another one stands in front, and conditions that guard nothing: each with the reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lock:
    """Guards that keep the same thing: any of them may go, all of them together may not."""

    others: tuple[str, ...]
    why: str


BLOCKERS = "consults/cases/gate/blockers.py"

# A guard's name -> those that are taken away with it. One test has to go red then.
SECOND_LOCKS: dict[str, Lock] = {
    "accounts/access.py::audiences_of [member.standing in (Standing.SUSPENDED, Standing.ERASED)]": Lock(
        (
            "accounts/middleware.py::VerifiedMembersMiddleware.process_view "
            "[member.standing in (Standing.SUSPENDED, Standing.ERASED)]",
        ),
        "the middleware signs the suspended out before it asks for an audience",
    ),
}

# What looks like a guard to `guards.py` and keeps nobody from anything.
NO_GUARDS: dict[str, str] = {
    f"{BLOCKERS}::blockers_of [not cases]": "spares the queries when there is no case",
    "accounts/membership/yearly/service.py::send [application is None]": "`may_send` asked; for the type checker",
    f"{BLOCKERS}::_facts [pk__in=[case.pk for case in cases]]": "spares the facts of cases that nobody asked about",
}
