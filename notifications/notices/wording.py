"""Sentences of notices. They say what kind of thing happened, and nothing that a reader may not know yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from notifications.notices.kinds import Kind


@dataclass(frozen=True)
class Words:
    """The words for a kind, lazily translated: `counted` takes the number n, `in_mail` says less; and its icon."""

    icon: str
    counted: Any
    in_mail: Any


_ANSWERED: Final = _("There is news in a case that you took part in or saved.")
_OWN: Final = _("There is news about a case of yours.")

WORDS: Final[Mapping[Kind, Words]] = {
    Kind.MENTION: Words(
        "comment",
        ngettext_lazy("You were addressed in a discussion", "You were addressed %(n)d times in a discussion", "n"),
        _("Somebody addressed you."),
    ),
    Kind.REPLY: Words(
        "comment",
        ngettext_lazy("A reply to what you wrote", "%(n)d replies to what you wrote", "n"),
        _("There is a reply to what you wrote."),
    ),
    Kind.ANSWER: Words(
        "comment", ngettext_lazy("A new answer to your case", "%(n)d new answers to your case", "n"), _OWN
    ),
    Kind.CONSENSUS: Words("people", _("A case that you took part in has enough answers for a consensus"), _ANSWERED),
    Kind.OUTCOME: Words(
        "check",
        ngettext_lazy(
            "A case that you took part in or saved has its outcome",
            "%(n)d changes of the outcome of a case that you took part in or saved",
            "n",
        ),
        _ANSWERED,
    ),
    Kind.RIGHT: Words("target", _("Your diagnosis was the outcome of a case"), _ANSWERED),
    Kind.SENT_BACK: Words("undo", _("Your case was sent back, with what to change"), _OWN),
    Kind.RELEASED: Words("check", _("Your case was released: colleagues see it now"), _OWN),
    Kind.HELD: Words(
        "shield",
        _("Something that you posted was hidden, or is shown again"),
        _("There is news about what you posted."),
    ),
    Kind.FOLLOW_UP: Words(
        "clock",
        ngettext_lazy(
            "New pictures or findings in a case that you took part in",
            "%(n)d times new pictures or findings in a case that you took part in",
            "n",
        ),
        _ANSWERED,
    ),
    Kind.REMINDER: Words("clock", _("A case of yours waits for you"), _OWN),
    Kind.WITHDRAWAL: Words(
        "alert",
        _("A case that you posted, saved or took part in is gone. If you kept anything of it, please destroy it"),
        _("A case is gone."),
    ),
    Kind.WAITING: Words(
        "eye",
        ngettext_lazy("A case in your field waits for an answer", "%(n)d cases in your field wait for an answer", "n"),
        _("A case waits for an answer."),
    ),
    Kind.URGENT: Words(
        "alert",
        ngettext_lazy("A case needs an answer soon", "%(n)d cases need an answer soon", "n"),
        _("A case needs an answer soon."),
    ),
    Kind.FOLLOWED: Words(
        "bookmark",
        ngettext_lazy("News from what you follow", "%(n)d times news from what you follow", "n"),
        _("There is news from what you follow."),
    ),
    Kind.SAVED_SEARCH: Words(
        "search",
        ngettext_lazy("A new case matches a saved search", "%(n)d new cases match a saved search", "n"),
        _("A new case matches a saved search."),
    ),
    Kind.POLL: Words(
        "people",
        ngettext_lazy("News of a poll in a group of yours", "%(n)d times news of a poll in a group of yours", "n"),
        _("There is news in a group of yours."),
    ),
    Kind.ANNOUNCEMENT: Words(
        "info",
        ngettext_lazy("An announcement in a group of yours", "%(n)d announcements in a group of yours", "n"),
        _("There is news in a group of yours."),
    ),
    Kind.TERM: Words(
        "pen", _("A diagnosis that you proposed was decided"), _("A diagnosis that you proposed was decided.")
    ),
    Kind.SECOND_READ: Words(
        "eye",
        ngettext_lazy("A case waits for a second read", "%(n)d cases wait for a second read", "n"),
        _("A case waits for a second read."),
    ),
    Kind.APPLICATION: Words(
        "person",
        ngettext_lazy("An application waits for you", "%(n)d applications wait for you", "n"),
        _("An application waits for you."),
    ),
    Kind.PROPOSAL: Words(
        "pen",
        ngettext_lazy("A proposed diagnosis waits", "%(n)d proposed diagnoses wait", "n"),
        _("A proposed diagnosis waits for a moderator."),
    ),
    Kind.REPORT: Words(
        "shield",
        ngettext_lazy("News of a report", "%(n)d times news of a report", "n"),
        _("There is news of a report."),
    ),
    Kind.MEMBERSHIP: Words("clock", _("News of your membership"), _("There is news of your membership.")),
}
_UNKNOWN: Final = Words("info", _("Something has happened"), _("There is news."))


def words_of(kind: str) -> Words:
    """Return the words of a kind; neutral ones for a kind that is not known any more."""
    return WORDS[Kind(kind)] if kind in Kind.values else _UNKNOWN


def sentence(kind: str, count: int) -> str:
    """Return what happened, so many times, in the active language."""
    return str(words_of(kind).counted % {"n": count})
