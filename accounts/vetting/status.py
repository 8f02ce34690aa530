"""Where an application stands, in sentences for its applicant. A re-check is never among them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.vetting.deadlocks import Outlook
from accounts.vetting.models import Application, EvidenceKind, EvidencePicture, EvidenceState, State
from accounts.vetting.targets import WINDOW, Punctuality


@dataclass(frozen=True)
class Sentence:
    """One sentence of a status: `code` for tests, `text` for the applicant."""

    code: str
    text: str


@dataclass(frozen=True)
class Status:
    """A heading and what there is to say under it."""

    title: str
    sentences: tuple[Sentence, ...]

    @property
    def codes(self) -> list[str]:
        """The codes of the sentences, in order."""
        return [sentence.code for sentence in self.sentences]


def status_of(
    application: Application, *, outlook: Outlook, picture: EvidencePicture | None, punctuality: Punctuality
) -> Status:
    """Return where this application stands. `picture` is the one of its current round, if any."""
    if application.state == State.ACCEPTED:
        return Status(_("Accepted"), ())
    if application.state == State.DECLINED:
        return Status(_("Declined"), (_after_declining(application),))
    title = _("Your appeal is being read") if application.round == 2 else _("Being read")
    return Status(title, tuple(_open(application, outlook, picture, punctuality)))


def _after_declining(application: Application) -> Sentence:
    if application.round == 2:
        return Sentence("final", _("This was the decision on your appeal. It is final."))
    if not application.may_be_appealed:
        return Sentence("appeal_over", _("The 30 days for an appeal are over."))
    text = _("If this is wrong, you can appeal once, until %(day)s. Moderators who did not decide before will read it.")
    return Sentence("may_appeal", text % {"day": _day(application.appeal_until)})


def _open(
    application: Application, outlook: Outlook, picture: EvidencePicture | None, punctuality: Punctuality
) -> Iterator[Sentence]:
    missing = [*_missing_from_applicant(application, picture)]
    if application.address_confirmed_at is None:
        yield Sentence("received", _("We have your application."))
    yield _reader(application, outlook)
    yield from missing
    if picture is not None and picture.state == EvidenceState.RECEIVED and not missing:
        yield Sentence("preparing", _("Your picture is being prepared for the moderators. That takes some minutes."))
    yield _due(application, is_missing=bool(missing))
    if outlook.few:
        text = _(
            "This site has few moderators who may decide about you at the moment, so that it can take longer. The "
            "administrators know and appoint others."
        )
        yield Sentence("few", text)
    if outlook.missing:
        text = _("At the moment, no moderator is left who may take the next step. It goes on when there is one.")
        yield Sentence("stuck", text)
    if punctuality.due:
        text = _("In the last %(days)d days, %(met)d of %(due)d decisions came in time.")
        numbers = {"days": WINDOW.days, "met": punctuality.met, "due": punctuality.due}
        yield Sentence("punctuality", text % numbers)


def _reader(application: Application, outlook: Outlook) -> Sentence:
    """Return who reads it now; who has decided and how is told to nobody."""
    if application.state == State.THIRD:
        return Sentence("third", _("Two moderators have decided and do not agree. A third one decides."))
    if outlook.cast:
        return Sentence("second", _("One moderator has decided. A second one decides without seeing that decision."))
    if application.round == 2:
        text = _("Two moderators who did not decide before read it, each on their own. None has decided yet.")
        return Sentence("first", text)
    return Sentence("first", _("Two moderators decide, each on their own. None has decided yet."))


def _missing_from_applicant(application: Application, picture: EvidencePicture | None) -> Iterator[Sentence]:
    if application.address_confirmed_at is None:
        text = _("You cannot be accepted before you open the link in the mail we sent to you.")
        yield Sentence("unconfirmed", text)
    if application.evidence_kind == EvidenceKind.PICTURE and (
        picture is None or picture.state == EvidenceState.REFUSED
    ):
        text = _("Your picture could not be read. You cannot be accepted before you send another one.")
        yield Sentence("unreadable", text)


def _due(application: Application, *, is_missing: bool) -> Sentence:
    day = {"day": _day(application.target_on)}
    if not application.is_late:
        return Sentence("due", _("You can expect an answer by %(day)s; we write to you.") % day)
    if is_missing:
        return Sentence("late", _("A decision was due on %(day)s. It waits for what is missing above.") % day)
    text = _("A decision was due on %(day)s. We are sorry that it takes longer; nothing is missing from you.")
    return Sentence("late", text % day)


def _day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""
