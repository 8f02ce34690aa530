"""Progress of a draft's pictures, in sentences: state, queue position, time remaining."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consults.cases.authoring.case_pictures import JOB_OF
from consults.cases.models import CasePhoto
from core.jobs.estimates import Estimate, estimate_jobs, newest_jobs
from core.models import Job
from imaging.models import State


@dataclass(frozen=True)
class PictureProgress:
    """The progress of one picture.

    `waiting`: the page asks again soon. `known`: the page sends it back, to get only the cards that have changed.
    """

    waiting: bool
    parked: bool
    sentence: str
    known: str


def progress_of(pictures: Iterable[CasePhoto]) -> dict[UUID, PictureProgress]:
    """Return the progress of these pictures by photo id. The number of queries does not grow with them."""
    placed = list(pictures)
    jobs = newest_jobs(kinds=JOB_OF.values(), subjects=[picture.photo_id for picture in placed])
    mine = {
        picture.photo_id: job
        for picture in placed
        if (job := jobs.get((JOB_OF.get(State(picture.photo.state), ""), picture.photo_id)))
    }
    seen = estimate_jobs(mine.values())
    return {picture.photo_id: _progress(picture, mine.get(picture.photo_id), seen) for picture in placed}


def _progress(picture: CasePhoto, job: Job | None, seen: dict[UUID, Estimate]) -> PictureProgress:
    state = State(picture.photo.state)
    parked = job is not None and job.state == Job.State.PARKED
    waiting = state in JOB_OF and not parked and not picture.photo.awaits_choice
    sentence = _sentence(state, seen.get(job.id) if job is not None else None) if waiting else ""
    more = "parked" if parked else "choice" if picture.photo.awaits_choice else ""
    known = f"{picture.photo_id}:{state}:{more}"
    return PictureProgress(waiting=waiting, parked=parked, sentence=sentence, known=known)


def _sentence(state: State, estimate: Estimate | None) -> str:
    if estimate is None or estimate.state == Job.State.DONE:
        return _("A moment …")
    if estimate.interrupted:
        return _("The work was interrupted. It is taken up again by itself, within a minute.")
    parts = []
    if estimate.state == Job.State.QUEUED and estimate.attempt > 1:
        parts.append(
            _("It did not work the first time. Attempt %(attempt)s of 3 follows.") % {"attempt": estimate.attempt}
        )
    elif estimate.ahead:
        parts.append(
            ngettext(
                "Waiting its turn: one other comes first.",
                "Waiting its turn: %(count)s others come first.",
                estimate.ahead,
            )
            % {"count": estimate.ahead}
        )
    elif state == State.RECEIVED:
        parts.append(_("Looking for faces, eyes and text."))
    else:
        parts.append(_("The masks are painted in, then the original is destroyed."))
    if estimate.seconds is not None:
        parts.append(_estimate_sentence(estimate.seconds))
    return " ".join(parts)


def _estimate_sentence(seconds: float) -> str:
    """Return the time remaining as a sentence, rounded to what an estimate is worth."""
    if seconds < 8:
        return _("A few seconds more.")
    if seconds < 90:
        return _("About %(seconds)s seconds more.") % {"seconds": 5 * ceil(seconds / 5)}
    return _("About %(minutes)s minutes more.") % {"minutes": ceil(seconds / 60)}
