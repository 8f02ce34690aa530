"""Ways through the conduct module in tests."""

from accounts.conduct import service
from accounts.conduct.content import ConductCase, load
from accounts.models import ConductAnswer, ConductResult, Member

CASES = load().cases


def wrong(case: ConductCase) -> list[str]:
    """The keys of a wrong answer."""
    return [next(option.key for option in case.options if not option.is_right)]


def answer(member: Member, key: str, *, right: bool = True, attempt: int = 1, language: str = "en") -> ConductAnswer:
    """Answer a case rightly or wrongly."""
    chosen = sorted(CASES[key].right) if right else wrong(CASES[key])
    return service.answer(member=member, case=key, chosen=chosen, attempt=attempt, language=language)


def passed_before(member: Member) -> ConductResult:
    """A result of earlier, which leaves the day on which the member's module ends as it is."""
    Member.objects.filter(pk=member.pk).update(conduct_until=None)
    result = pass_module(member)
    Member.objects.filter(pk=member.pk).update(conduct_until=member.conduct_until)
    return result


def pass_module(member: Member, *, wrong_first: tuple[str, ...] = (), language: str = "en") -> ConductResult:
    """Go through the whole module; these cases are wrong at first."""
    service.begin(member=member)
    for key in CASES:
        answer(member, key, right=key not in wrong_first, language=language)
    for key in wrong_first:
        answer(member, key, attempt=2, language=language)
    return ConductResult.objects.filter(member=member).latest("passed_at")
