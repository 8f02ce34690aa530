"""The community of the gate's machine: its members, cases and consents, and what is known of them without a query."""

from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from accounts.models import Member
from consent.models import Consent
from consults.models import Case, Group
from imaging.models import Photo
from tests import factories, gate_world

AUTHORS = ("alice", "resident")
MODERATORS = ("mod1", "mod2")
LOOKERS = (*AUTHORS, "nurse", *MODERATORS, "officer")
PROFESSIONS = {"resident": "resident", "nurse": "nurse"}
GROUPS = ("", gate_world.HALL, gate_world.WARD)


PLAIN, FACE = 0, 1  # the two pictures of each case; the second shows a face
PUBLISHED = gate_world.PUBLISHED
LONG_OVER = -40  # days: longer than what hangs on an expired consent is kept


@dataclass(frozen=True)
class Known:
    """What one case is and what was approved, without asking the database."""

    author: str
    group: str
    consent: int
    state: str = "draft"
    words: int = 0
    content: int = 0
    approved: tuple[int, int, int] | None = None  # words, bytes, consent
    gone: frozenset[int] = frozenset()  # pictures taken back
    hold: tuple[str, ...] = ()  # held or confirmed, and who hid it
    follows: int | None = None  # of a follow-up: the place of its case
    sensitive: bool = False


@dataclass(frozen=True)
class Allowed:
    """A consent: whom it covers ("" is everybody), whether a face may be seen, and where it is in its life."""

    author: str
    covers: frozenset[str]
    face: bool
    status: str = "active"
    ends_in: int | None = None  # days
    successor: int | None = None

    @property
    def in_force(self) -> bool:
        return self.status == "active" and (self.ends_in is None or self.ends_in >= 0)

    def allows(self, group: str) -> bool:
        return "" in self.covers or group in self.covers


class Community(RuleBasedStateMachine):
    """A few members, two groups, and what is known of their cases and consents."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.members = {name: factories.person(name) for name in LOOKERS}
        self.groups = {
            gate_world.HALL: Group.objects.create(name="Hall"),
            gate_world.WARD: Group.objects.create(name="Ward", open_to_nurses=True),
        }
        self.cases: list[tuple[Case, Known]] = []
        self.photos: list[list[Photo]] = []
        self.consents: list[tuple[Consent, Allowed]] = []
        self.belongs: set[tuple[str, str]] = set()
        self.verified = set(LOOKERS)
        self.saved: set[tuple[str, Any]] = set()
        self.answered: set[tuple[str, int]] = set()  # who, the place of the case
        self.asked: set[tuple[str, int]] = set()  # for the pictures of a sensitive case
        self.listings_are_whole = True  # nothing was changed by hand since they were compared
        self.steps = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # --- Small helpers

    def chosen(self, number: int) -> tuple[int, Case, Known]:
        place = number % len(self.cases)
        case, known = self.cases[place]
        return place, Case.objects.get(pk=case.pk), known

    def under(self, consent: int) -> list[tuple[int, Known]]:
        """Cases under this consent that still are there."""
        return [
            (place, known)
            for place, (_case, known) in enumerate(self.cases)
            if known.consent == consent and known.state != "withdrawn"
        ]

    def now(self, place: int, **changes: Any) -> None:
        case, known = self.cases[place]
        self.cases[place] = (case, replace(known, **changes))

    def takes_pictures(self, place: int, gone: frozenset[int]) -> None:
        """These pictures of a case were taken back; without any the case goes too."""
        known = self.cases[place][1]
        gone |= known.gone
        everything = len(gone) == len(self.photos[place])
        self.now(place, gone=gone, approved=None if everything else known.approved)
        if everything and known.state in PUBLISHED:
            self.withdrawn(place)

    def withdrawn(self, place: int) -> None:
        """A case is withdrawn, and whatever follows it."""
        self.now(place, state="withdrawn")
        for other, (_case, known) in enumerate(self.cases):
            if known.follows == place and known.state != "withdrawn":
                self.now(other, state="withdrawn")

    def sees(self, who: str, place: int) -> bool:
        """Whether a case exists for somebody; a follow-up is none."""
        known = self.cases[place][1]
        return known.follows is None and gate_world.sees_case(self.person(who), self.row(known), self.verified)

    def looks_at(self, who: str, place: int) -> bool:
        """Whether somebody may look at the pictures of a case, or of a follow-up, as its readers do."""
        known = self.cases[place][1]
        at = place if known.follows is None else known.follows
        whole = self.cases[at][1]
        own = whole.author == who
        if not self.sees(who, at) or (whole.sensitive and not own and (who, at) not in self.asked):
            return False
        row = self.row(known)
        if known.follows is None:
            return row.release == "same"
        opened = own or whole.state == "closed" or (who, at) in self.answered
        same = known.group in ("", whole.group)
        return opened and same and gate_world.case_is_open(row, self.verified) and row.release == "same"

    def is_sent(self, who: str, place: int) -> bool:
        """Whether the addresses of these pictures answer with bytes."""
        known = self.cases[place][1]
        row, person = self.row(known), self.person(who)
        backstage = gate_world.is_sent_picture(person, replace(row, release="none"), self.verified)
        hidden = known.follows is None and gate_world.looks_at_hidden(person, row, self.verified)
        return self.looks_at(who, place) or backstage or hidden

    def member(self, name: str) -> Member:
        return Member.objects.get(pk=self.members[name].pk)

    def row(self, known: Known) -> gate_world.Row:
        """The facts in the words of the rule."""
        allowed = self.consents[known.consent][1]
        now = (known.words, known.content, known.consent)
        consent = "withdrawn" if allowed.status == "withdrawn" else "past"
        if allowed.in_force and allowed.allows(known.group):
            consent = "all"
        if known.approved is None or (known.approved[0], known.approved[2]) != (now[0], now[2]):
            release = "none"
        else:
            release = "same" if known.approved == now else "other bytes"
        hold = known.hold[0] if known.hold else ""
        return gate_world.Row(known.state, consent, release, author=known.author, group=known.group, hold=hold)

    def person(self, name: str) -> gate_world.Person:
        return gate_world.Person(
            name,
            PROFESSIONS.get(name, "dermatologist"),
            verified=name in self.verified,
            officer=name == "officer",
            moderator=name in MODERATORS,
            groups=frozenset(group for member, group in self.belongs if member == name),
        )

    def consent(self, number: int) -> tuple[int, Consent, Allowed]:
        place = number % len(self.consents)
        return place, *self.consents[place]

    def becomes(self, place: int, **changes: Any) -> None:
        consent, allowed = self.consents[place]
        self.consents[place] = (consent, replace(allowed, **changes))
