"""Every combination of case, consent, release and author as rows, and the rule of the gate in plain Python.

The rule is written down here a second time, over facts that the rows were made from and without a query, so
that the gate's querysets are compared with something that does not share their mistakes.
"""

import hashlib
import uuid
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Member
from consent.models import Consent, ConsentUse, Status, Use
from consults.holds import HoldState
from consults.models import Case, CaseHold, CasePhoto, CaseState, Group, Membership, Release
from imaging.models import Photo, Rendition, State
from tests import factories
from tests.consults import reading
from vocabulary.terms import CaseKind

HALL, WARD = "hall", "ward"  # two groups; only the ward is open to nurses
PUBLISHED = ("released", "closed")
# A consent's name here -> whether it is in force, and whom it covers: everybody, or one group.
IN_FORCE = {"all": "everybody", HALL: HALL, WARD: WARD}
NOT_IN_FORCE = ("past", *(str(status) for status in Status if status != Status.ACTIVE))
# A patient who was asked is a patient, whatever the case calls itself.
FALSE_MODELS = tuple(f"model under {status}" for status in ("withdrawn", "refused", "expired"))
CONSENTS = ("none", "model", *FALSE_MODELS, *IN_FORCE, *NOT_IN_FORCE)
RELEASES = ("none", "same", "other bytes", "other words", "other consent")
AUTHORS = ("alice", "author mod", "author suspended", "author lapsed")


@dataclass(frozen=True)
class Row:
    """The facts that one case is made from."""

    state: str
    consent: str
    release: str
    author: str = "alice"
    group: str = ""
    teaching: bool = False
    hold: str = ""  # a state of a hold, by mod1

    @property
    def possible(self) -> bool:
        """Whether the database takes such a case at all."""
        if self.consent == "none":
            return self.state not in PUBLISHED and self.release == "none"
        return True


@dataclass(frozen=True)
class Person:
    """The facts about somebody who looks."""

    name: str
    profession: str
    verified: bool = True
    officer: bool = False
    moderator: bool = False
    groups: frozenset[str] = field(default=frozenset())


BOTH = frozenset((HALL, WARD))
PEOPLE = (
    Person("anonymous", "", verified=False),
    Person("applicant", "dermatologist", verified=False, groups=BOTH),
    Person("suspended", "dermatologist", verified=False, groups=BOTH),
    Person("lapsed", "dermatologist", verified=False, groups=BOTH),
    Person("officer", "", officer=True, groups=BOTH),
    Person("admin", "", officer=True, groups=BOTH),
    Person("bob", "dermatologist"),
    Person("bob in hall", "dermatologist", groups=frozenset((HALL,))),
    Person("bob in ward", "dermatologist", groups=frozenset((WARD,))),
    Person("resident", "resident"),
    Person("physician in both", "physician", groups=BOTH),
    Person("nurse", "nurse"),
    Person("nurse in hall", "nurse", groups=frozenset((HALL,))),
    Person("nurse in ward", "nurse", groups=frozenset((WARD,))),
    Person("student", "student"),
    Person("student in both", "student", groups=BOTH),
    Person("mod1", "dermatologist", moderator=True),
    Person("officer with training", "dermatologist", officer=True, groups=BOTH),
    Person("alice", "dermatologist"),
    Person("mod in hall", "dermatologist", moderator=True, groups=frozenset((HALL,))),
    Person("author mod", "dermatologist", moderator=True),
    Person("author suspended", "dermatologist", verified=False),
    Person("author lapsed", "dermatologist", verified=False),
)
VERIFIED = {person.name for person in PEOPLE if person.verified}


# --- The rule, in words that need no database


def covered(row: Row) -> bool:
    """Whether the patient allows this audience today; a model without a patient needs nobody's leave."""
    if row.consent == "model":
        return True
    whom = IN_FORCE.get(row.consent)
    return whom == "everybody" or (whom is not None and whom == row.group)


def case_is_open(row: Row, verified: Set[str] = VERIFIED) -> bool:
    """Whether its words may be shown to its audience."""
    return may_be_open(row, verified) and not is_held(row)


def may_be_open(row: Row, verified: Set[str] = VERIFIED) -> bool:
    """Whether they may be as soon as no moderator hides it."""
    approved = row.release in ("same", "other bytes")
    return row.state in PUBLISHED and approved and covered(row) and row.author in verified


def is_held(row: Row) -> bool:
    """Whether a moderator hides it."""
    return row.hold in ("held", "confirmed")


def moderates(person: Person, row: Row) -> bool:
    """Whether this person may moderate what others posted."""
    return person.moderator and person.verified and not person.officer and person.name != row.author


def looks_at_hidden(person: Person, row: Row, verified: Set[str] = VERIFIED) -> bool:
    """Whether this person may look at a hidden case to decide about it."""
    return moderates(person, row) and may_be_open(row, verified) and is_held(row) and meant_for(person, row)


def meant_for(person: Person, row: Row) -> bool:
    """Whether this person belongs to the audience."""
    if not person.verified or person.officer:
        return False
    if person.name == row.author:
        return True
    in_reach = not row.group or row.group in person.groups
    if person.profession == "nurse":
        return row.group == WARD and in_reach
    if person.profession == "student":
        return in_reach and row.teaching and row.state == "closed"
    return in_reach


def sees_case(person: Person, row: Row, verified: Set[str] = VERIFIED) -> bool:
    """Whether this case exists for this person."""
    return case_is_open(row, verified) and meant_for(person, row)


def sees_picture(person: Person, row: Row, verified: Set[str] = VERIFIED) -> bool:
    """Whether its picture does: only the bytes that were approved."""
    return sees_case(person, row, verified) and row.release == "same"


def reviews(person: Person, row: Row, verified: Set[str] = VERIFIED) -> bool:
    """Whether this person may second-read it."""
    in_group = not row.group or row.group in person.groups
    return moderates(person, row) and in_group and row.state == "submitted" and covered(row) and row.author in verified


def is_sent_picture(person: Person, row: Row, verified: Set[str] = VERIFIED) -> bool:
    """Whether the picture's address answers with bytes."""
    withdrawn = row.state == "withdrawn" or row.consent.endswith(("withdrawn", "refused"))
    own = person.name == row.author and person.verified and not person.officer and not withdrawn
    hidden = looks_at_hidden(person, row, verified)
    return sees_picture(person, row, verified) or reviews(person, row, verified) or hidden or own


# --- The rows


def all_rows() -> Iterator[Row]:
    """State × consent × release × author for everybody; and the audiences, where a case is published."""
    for state, consent, release, author in product(CaseState.values, CONSENTS, RELEASES, AUTHORS):
        yield Row(state=state, consent=consent, release=release, author=author)
    for state, consent, group, teaching in product(PUBLISHED, CONSENTS, ("", HALL, WARD), (False, True)):
        yield Row(state=state, consent=consent, release="same", group=group, teaching=teaching)
    for state, hold, release, author in product(CaseState.values, HoldState.values, RELEASES, AUTHORS):
        yield Row(state=state, consent="all", release=release, author=author, hold=hold)
    for state, consent, group, hold in product(PUBLISHED, CONSENTS, ("", HALL), HoldState.values):
        yield Row(state=state, consent=consent, release="same", group=group, hold=hold)
    for consent, group in product(CONSENTS, (HALL, WARD)):
        yield Row(state="submitted", consent=consent, release="none", group=group)


def person(who: Person) -> object:
    """The member for these facts."""
    if who.name == "anonymous":
        return AnonymousUser()
    if who.name in factories.PEOPLE:
        return factories.person(who.name)
    standing: dict[str, Any] = {}
    if not who.verified:
        standing = {"author suspended": {"standing": "suspended"}}.get(who.name) or {
            "verified_until": timezone.localdate() - timedelta(days=1)
        }
    return factories.member(
        name=who.name,
        profession=who.profession,
        is_moderator=who.moderator,
        is_privacy_officer=who.officer,
        supervisor=factories.person("alice") if who.profession in factories.SUPERVISED else None,
        **standing,
    )


class World:
    """People, groups, and a case for each row; `rows` maps a case's id to its facts."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self.groups = {
            HALL: Group.objects.create(name="Hall"),
            WARD: Group.objects.create(name="Ward", open_to_nurses=True),
        }
        self.members = {who.name: person(who) for who in PEOPLE}
        Membership.objects.bulk_create(
            Membership(group=self.groups[group], member=self.members[who.name])
            for who in PEOPLE
            for group in sorted(who.groups)
        )
        self.consents = {name: self._consent(name) for name in CONSENTS if name not in ("none", "model")}
        self.elsewhere = reading.consent(self._author("alice"))
        self.rows: dict[uuid.UUID, Row] = {}
        self.pictures: dict[uuid.UUID, Row] = {}
        self._make([row for row in dict.fromkeys(rows) if row.possible])

    def _author(self, name: str) -> Member:
        member = self.members[name]
        assert isinstance(member, Member)
        return member

    def _consent(self, name: str) -> Consent:
        author = self._author("alice")
        if name in self.groups:
            return reading.consent(author, group=self.groups[name].pk)
        if name == "past":
            return reading.consent(author, expires_on=timezone.localdate() - timedelta(days=1))
        status = Status.ACTIVE if name == "all" else Status(name.removeprefix("model under "))
        return reading.consent(author, status=status)

    def _make(self, rows: list[Row]) -> None:
        now = timezone.now()
        cases, photos, placements, renditions, releases, holds = [], [], [], [], [], []
        for row in rows:
            case = Case(
                author=self._author(row.author),
                state=row.state,
                group=self.groups.get(row.group),
                consent=self.consents.get(row.consent),
                education_model=row.consent.startswith("model"),
                kind=CaseKind.TEACHING if row.teaching else CaseKind.DIFFICULT,
                released_at=now if row.state in PUBLISHED else None,
                **(reading.FACTS),
            )
            case.content_sha256 = case.digest()
            photo = Photo(
                owner=case.author,
                state=State.SEALED,
                confirmed_at=now,
                confirmed_by=case.author,
                sealed_at=now,
            )
            rendition = Rendition(
                photo=photo, name="display", content_type="image/jpeg", width=1, height=1, size=1, sha256=digest_of(row)
            )
            if row.release != "none":
                releases.append(self._release(row, case, rendition))
            if row.hold:
                holds.append(self._hold(row, case))
            cases.append(case)
            photos.append(photo)
            renditions.append(rendition)
            placements.append(CasePhoto(case=case, photo=photo, kind="close-up"))
            self.rows[case.pk] = self.pictures[rendition.pk] = row
        for model, made in ((Case, cases), (Photo, photos), (CasePhoto, placements), (Rendition, renditions)):
            model.objects.bulk_create(made)  # type: ignore[attr-defined]
        Release.objects.bulk_create(releases)
        CaseHold.objects.bulk_create(holds)

    def _hold(self, row: Row, case: Case) -> CaseHold:
        decided: dict[str, Any] = {}
        if row.hold != "held":
            decided = {"decided_by": self._author("author mod"), "decided_at": timezone.now()}
        return CaseHold(case=case, by=self._author("mod1"), reason="conduct", state=row.hold, **decided)

    def _release(self, row: Row, case: Case, rendition: Rendition) -> Release:
        model = case.education_model and row.release != "other consent"
        consent = self.elsewhere if row.release == "other consent" else case.consent
        return Release(
            case=case,
            rendition=rendition,
            basis=Release.Basis.EDUCATION_MODEL if model else Release.Basis.CONSENT,
            consent=None if model else consent,
            approver=self._author("mod1"),
            sha256="0" * 64 if row.release == "other bytes" else rendition.sha256,
            content_sha256="0" * 64 if row.release == "other words" else case.content_sha256,
        )


def digest_of(row: Row) -> str:
    """Some SHA-256 (hex)."""
    return hashlib.sha256(repr(row).encode()).hexdigest()


def use(consent: Consent, group: Group | None) -> ConsentUse:
    """One more audience ticked on a consent."""
    if group is None:
        return ConsentUse.objects.create(consent=consent, use=Use.ALL_MEMBERS)
    return ConsentUse.objects.create(consent=consent, use=Use.NAMED_GROUP, scope=group.pk)
