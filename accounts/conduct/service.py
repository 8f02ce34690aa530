"""The way through the conduct module: begin, answer, pass. Progress is kept by keys, so that no language matters."""

import base64
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.conduct import standing
from accounts.conduct.content import DEFAULT_LANGUAGE, ConductCase, ConductModule, load
from accounts.conduct.models import ConductAnswer, ConductResult, ConductRun
from accounts.membership.models import Member
from audit.record import record
from core.days import in_words
from core.exceptions import Refusal

NUMBER_BYTES: Final = 10  # 16 letters and digits


class ConductRefused(Refusal):
    """A refused step of the conduct module."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands: the keys of cases answered rightly, and the case that comes next, "" after the last."""

    done: frozenset[str]
    next_case: str


def progress_of(run: ConductRun, module: ConductModule) -> Progress:
    """Return how far this run is: cases not seen yet in their order, then those to repeat. One query."""
    return _progress(run.answers.order_by("id"), module)


def _progress(answers: Iterable[ConductAnswer], module: ConductModule) -> Progress:
    right: set[str] = set()
    last: dict[str, int] = {}
    for answer in answers:
        last[answer.case] = answer.pk
        if answer.is_right:
            right.add(answer.case)
    waiting = [key for key in module.cases if key not in right]
    # A case never seen has no answer and comes before all others; the sort keeps the module's order.
    waiting.sort(key=lambda key: last.get(key, 0))
    return Progress(frozenset(right & module.cases.keys()), waiting[0] if waiting else "")


def latest_run(member: Member) -> ConductRun | None:
    """Return the run that this member began last, open or finished."""
    return ConductRun.objects.filter(member=member).order_by("-begun_at").first()


def open_run(member: Member) -> ConductRun | None:
    """Return this member's open run, if it is of the module's present first number."""
    run = ConductRun.objects.filter(member=member, finished_at=None).first()
    return run if run is not None and _is_current(run) else None


def _is_current(run: ConductRun) -> bool:
    return run.version.partition(".")[0] == str(load().major)


@transaction.atomic
def begin(*, member: Member, language: str = DEFAULT_LANGUAGE) -> ConductRun:
    """Return the open run, or begin one. One of an older module is given up. Raises ConductRefused when not due.

    A run in which nothing is left, because its last case was taken out of the module meanwhile, is passed.
    """
    locked = _locked(member)
    run = open_run(locked)
    if run is not None:
        _pass_if_done(run, locked, load(language), answers=list(run.answers.order_by("id")))
        return run
    if not standing.may_begin(locked):
        raise ConductRefused(
            _("Your module still counts. You can do it again from %(day)s.")
            % {"day": in_words(standing.begins_on(locked))}
        )
    ConductRun.objects.filter(member=locked, finished_at=None).delete()
    return ConductRun.objects.create(member=locked, version=load().version)


@transaction.atomic
def answer(*, member: Member, case: str, chosen: Collection[str], attempt: int, language: str) -> ConductAnswer:
    """Record an answer to a case of the open run, and the result when it was the last; return what is recorded.

    `attempt` is the number of the answer on the page, from 1: the same one from a second window changes nothing, and
    the answer that was there first is returned. Raises ConductRefused.
    """
    locked = _locked(member)
    run = open_run(locked)
    module = load(language)
    asked = module.cases.get(case)
    if run is None or asked is None:
        raise ConductRefused(_("This case is not open. Go on from your page of the module."))
    earlier = list(run.answers.order_by("id"))
    before = [given for given in earlier if given.case == case]
    if before and (before[-1].is_right or attempt <= len(before)):
        return before[-1]
    made = ConductAnswer.objects.create(
        run=run,
        case=case,
        attempt=len(before) + 1,
        chosen=_checked(asked, chosen),
        is_right=asked.right == set(chosen),
    )
    _pass_if_done(run, locked, module, answers=[*earlier, made])
    return made


def _checked(case: ConductCase, chosen: Collection[str]) -> list[str]:
    """Return what was chosen, in the order of the page. Raises ConductRefused for nothing, too much or a forgery."""
    if not chosen:
        raise ConductRefused(_("Choose an answer first."))
    known = [option.key for option in case.options if option.key in chosen]
    if len(known) != len(set(chosen)) or (len(known) > 1 and not case.takes_several):
        raise ConductRefused(_("Choose one of these answers."))
    return known


def _pass_if_done(run: ConductRun, member: Member, module: ConductModule, *, answers: list[ConductAnswer]) -> None:
    """Write the result if no case is left."""
    if _progress(answers, module).next_case:
        return
    first = [given for given in answers if given.attempt == 1 and given.case in module.cases]
    until = standing.until_when_passed(member)
    now = timezone.now()
    ConductRun.objects.filter(pk=run.pk).update(finished_at=now)
    result = ConductResult.objects.create(
        run=run,
        member=member,
        passed_at=now,
        version=module.version,
        major=module.major,
        language=module.language,
        minutes=module.minutes,
        until=until,
        right_at_once=sum(given.is_right for given in first),
        number=_new_number(),
    )
    Member.objects.filter(pk=member.pk).update(conduct_until=until)
    record(
        verb="conduct.passed",
        actor=member,
        subject=("member", member.pk),
        result=str(result.pk),
        version=module.version,
        language=module.language,
        until=until.isoformat(),
    )


def _locked(member: Member) -> Member:
    """Return the member as stored, locked: two windows answer one after the other."""
    found: Member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    return found


def _new_number() -> str:
    return base64.b32encode(secrets.token_bytes(NUMBER_BYTES)).decode("ascii")
