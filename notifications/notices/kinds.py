"""Kinds of notices, and what becomes of each when a member has chosen nothing."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """Kinds of notices; the label is the name of the choice on the page of settings."""

    MENTION = "mention", _("Somebody addresses you")
    REPLY = "reply", _("Replies to what you wrote")
    ANSWER = "answer", _("Answers to your cases")
    CONSENSUS = "consensus", _("A case that you took part in has enough answers for a consensus")
    OUTCOME = "outcome", _("The outcome of a case that you took part in or saved")
    RIGHT = "right", _("Your diagnosis was the outcome")
    SENT_BACK = "sent_back", _("A case of yours was sent back")
    RELEASED = "released", _("A case of yours was released")
    HELD = "held", _("Something of yours was hidden, or is shown again")
    FOLLOW_UP = "follow_up", _("Follow-up of a case that you took part in")
    REMINDER = "reminder", _("Reminders about your own cases")
    WITHDRAWAL = "withdrawal", _("A case that you took part in or saved is gone")
    WAITING = "waiting", _("A case waits for your group or topic")
    URGENT = "urgent", _("A case needs an answer soon")
    FOLLOWED = "followed", _("News from cases, members, topics and groups that you follow")
    SAVED_SEARCH = "saved_search", _("New cases that match a saved search")
    POLL = "poll", _("Polls in your groups")
    ANNOUNCEMENT = "announcement", _("Announcements in your groups")
    TERM = "term", _("A diagnosis that you proposed was decided")
    SECOND_READ = "second_read", _("Cases that wait for a second read")
    APPLICATION = "application", _("Applications that wait for you")
    PROPOSAL = "proposal", _("Diagnoses that members propose")
    REPORT = "report", _("Reports: what waits, and what came of yours")
    MEMBERSHIP = "membership", _("Your membership and your verification")


class Channel(models.TextChoices):
    """Ways in which a notice reaches its member. Every way but `OFF` shows it beside the bell."""

    OFF = "off", _("Off")
    IN_APP = "in_app", _("On the site only")
    AT_ONCE = "at_once", _("By mail, at once")
    DIGEST = "digest", _("In the digest")


AT_ONCE: Final = frozenset({Kind.MENTION, Kind.REPLY, Kind.SENT_BACK, Kind.SECOND_READ, Kind.URGENT})
# Mails of their own go at once whatever is chosen: whoever holds something of a patient, or loses their membership,
# must know. A notice beside them sends none.
MAILED_ANYWAY: Final = frozenset({Kind.WITHDRAWAL, Kind.MEMBERSHIP, Kind.HELD})


def channels_of(kind: str) -> tuple[Channel, ...]:
    """Return the channels among which a member may choose for notices of a kind."""
    return (Channel.OFF, Channel.IN_APP) if kind in MAILED_ANYWAY else tuple(Channel)


def default_channel(kind: str) -> Channel:
    """Return how notices of a kind reach a member who has chosen nothing."""
    if kind in MAILED_ANYWAY:
        return Channel.IN_APP
    return Channel.AT_ONCE if kind in AT_ONCE else Channel.DIGEST
