"""Anything that people may do, in any order: what is visible is exactly what the rule allows.

The model beside it is plain Python over what was done, without a query: it says what each consent still allows,
which pictures were taken back, and which cases went with them.
"""

import os
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.membership.lifecycle import standing_changed
from accounts.models import Member
from consent import lifecycle, reminders
from consent.models import Consent, ConsentUse, Use, WithdrawnBy
from consent.records.states import Moved
from consent.withdrawal import NotPossible, withdraw, withdraw_picture
from consults import exceptions
from consults.browse import feed
from consults.browse.filters import Filters
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.consenting import case_consent
from consults.cases.followup import service as followups
from consults.cases.gate import holding, listing, listing_counts
from consults.cases.gate.visibility import listable_cases
from consults.cases.models import EDITABLE
from consults.cases.sensitive import service as sensitive
from consults.discussion import bookmarks
from consults.holds import HIDING
from consults.models import Case, CaseHold, CaseState, Listing, Membership
from core import jobs
from imaging.models import Rendition
from tests import factories, gate_world
from tests.consults import reading
from tests.matrix.community import (
    AUTHORS,
    FACE,
    GROUPS,
    LONG_OVER,
    LOOKERS,
    MODERATORS,
    PLAIN,
    PUBLISHED,
    Allowed,
    Community,
    Known,
)

tick = st.booleans()
THE_PATIENT = uuid.uuid4()
who, author, group, pick = (
    st.sampled_from(LOOKERS),
    st.sampled_from(AUTHORS),
    st.sampled_from(GROUPS),
    st.integers(0, 99),
)


class Machine(Community):
    """Whatever they do."""

    # --- What people do

    @rule(
        author=author,
        group=group,
        all_members=st.booleans(),
        also=st.booleans(),
        face=st.booleans(),
        joins=st.booleans(),
    )
    def write_a_case(self, author: str, group: str, all_members: bool, also: bool, face: bool, joins: bool) -> None:
        whom = {"" if all_members or not group else group} | ({group} if also else set())
        if group and joins:
            for name in (author, *MODERATORS):
                self.join(name, group)
        first, *more = sorted(whom)
        # All of one patient: which consent may take whose place is tested in test_attaching.py.
        consent = reading.consent(
            self.members[author], group=self.groups[first].pk if first else None, patient=THE_PATIENT
        )
        for another in more:
            gate_world.use(consent, self.groups[another])
        if face:
            ConsentUse.objects.create(consent=consent, use=Use.RECOGNISABLE_FACE)
        self.consents.append((consent, Allowed(author, frozenset(whom), face)))
        case = reading.case(
            self.members[author],
            state=CaseState.DRAFT,
            group=self.groups.get(group),
            consent=consent,
            kinds=("close-up",),
        )
        photos = [case.pictures.get().photo]
        if face:
            photos.append(reading.picture(case, shows_face=True).photo)
        self.photos.append(photos)
        self.cases.append((case, Known(author, group, len(self.consents) - 1)))

    @initialize(cases=st.lists(st.tuples(author, group, tick, tick, tick), min_size=2, max_size=3))
    def begin(self, cases: list[tuple[str, str, bool, bool, bool]]) -> None:
        """Some released cases, so that there is something to lose."""
        for number, (author, group, all_members, also, face) in enumerate(cases):
            self.write_a_case(author, group, all_members, also, face, True)
            self.send_and_release(number, "mod1")

    @precondition(lambda self: self.cases)
    @rule(number=pick, own_group=tick, sends=tick, by=st.sampled_from(MODERATORS))
    def add_a_follow_up(self, number: int, own_group: bool, sends: bool, by: str) -> None:
        """With a consent of its own, of the same patient; it may allow a group alone."""
        place, case, known = self.chosen(number)
        member = self.member(known.author)
        try:
            added = followups.start(case=case, by=member)
        except exceptions.ChangeRefused:
            assert known.state not in PUBLISHED or known.follows is not None
            return
        assert known.state in PUBLISHED
        if added.pk in {case.pk for case, _known in self.cases}:
            return
        group = self.groups[known.group].pk if own_group and known.group else None
        consent = reading.consent(member, group=group, patient=THE_PATIENT)
        self.consents.append((consent, Allowed(known.author, frozenset((known.group if group else "",)), face=False)))
        Case.objects.filter(pk=added.pk).update(
            consent=consent, addition="visit", after=3, after_unit="day", note="Appeared over months."
        )
        added = Case.objects.get(pk=added.pk)
        added.save()
        self.photos.append([reading.picture(added).photo])
        self.cases.append((added, Known(known.author, known.group, len(self.consents) - 1, follows=place)))
        if sends:
            self.send_and_release(len(self.cases) - 1, by)

    @precondition(lambda self: self.cases)
    @rule(number=pick, by=who)
    def answer(self, number: int, by: str) -> None:
        place, case, known = self.chosen(number)
        if self.sees(by, place) and by != known.author and (by, place) not in self.answered:
            reading.answer(case, self.member(by), "psoriasis")
            self.answered.add((by, place))

    @precondition(lambda self: self.cases)
    @rule(number=pick, by=who, marks=tick)
    def sensitive(self, number: int, by: str, marks: bool) -> None:
        """Marked as sensitive, or asked for."""
        place, case, known = self.chosen(number)
        if not marks:
            sensitive.ask(case=case, by=self.member(by))
            self.asked.add((by, place))
        elif known.follows is None and known.state in PUBLISHED and not known.sensitive:
            sensitive.mark(case=case, by=self.member(by), classes=["child"])
            self.now(place, sensitive=True)

    def join(self, who: str, group: str) -> None:
        Membership.objects.get_or_create(group=self.groups[group], member=self.members[who])
        self.belongs.add((who, group))

    @rule(who=who, group=st.sampled_from(GROUPS[1:]), what=st.sampled_from(("joins", "leaves", "goes", "comes")))
    def somebody(self, who: str, group: str, what: str) -> None:
        if what == "joins":
            self.join(who, group)
        elif what == "leaves":
            Membership.objects.filter(group=self.groups[group], member=self.members[who]).delete()
            self.belongs.discard((who, group))
        else:
            standing = "suspended" if what == "goes" else "verified"
            Member.objects.filter(pk=self.members[who].pk).update(standing=standing)
            standing_changed.send(sender=Member, member_id=self.members[who].pk)
            (self.verified.discard if what == "goes" else self.verified.add)(who)

    @precondition(lambda self: self.cases)
    @rule(number=pick, by=st.sampled_from((*MODERATORS, *AUTHORS)))
    def send_and_release(self, number: int, by: str) -> None:
        place, case, known = self.chosen(number)
        try:
            if case.state in EDITABLE:
                drafts.submit(case=case, by=self.member(known.author))
                known = replace(known, state="submitted")
                self.cases[place] = (case, known)
            gate.release(case=Case.objects.get(pk=case.pk), by=self.member(by))
        except (gate.Blocked, gate.NotYours):
            return
        assert known.hold[1:] != (by,)
        assert not known.group or (by, known.group) in self.belongs
        assert self.row(known).consent == "all"
        assert known.author in self.verified
        assert by != known.author
        assert self.consents[known.consent][1].face or FACE in known.gone or len(self.photos[place]) == 1
        if known.follows is not None:
            whole = self.cases[known.follows][1]
            assert gate_world.case_is_open(self.row(whole), self.verified)
            assert known.group in ("", whole.group)
        approved = (known.words, known.content, known.consent)
        self.cases[place] = (case, replace(known, state="released", approved=approved, hold=()))

    @precondition(lambda self: self.cases)
    @rule(
        number=pick,
        what=st.sampled_from(("state", "words", "bytes", "audience", "consent")),
        other=pick,
        group=group,
        night=tick,
    )
    def change_by_hand(self, number: int, what: str, other: int, group: str, night: bool) -> None:
        """What no service does: the gate does not rely on any of them, and no listing hears of it before the night."""
        self._change(number, what, other, group)
        self.listings_are_whole = False
        if night:
            self.compare_listings()

    @rule()
    def compare_listings(self) -> None:
        """The nightly comparison repairs whatever was done by hand, and has nothing left to do after that."""
        over = Listing.objects.filter(listing.over()).count()  # their day has come; the round has not
        wrong = listing.compare()
        assert wrong <= over or not self.listings_are_whole
        assert listing.compare() == 0
        self.listings_are_whole = True

    def _change(self, number: int, what: str, other: int, group: str) -> None:
        place, case, known = self.chosen(number)
        if known.state == "withdrawn":
            return
        rows = Case.objects.filter(pk=case.pk)
        if what == "state":
            state = ("draft", "submitted", "returned", "closed")[other % 4]
            rows.update(state=state, released_at=timezone.now())
            self.now(place, state=state)
        elif what == "words":
            case.note = ("Appeared over months.", "Appeared over years.")[other % 2]
            case.save()
            self.now(place, words=other % 2 + 1)
        elif what == "bytes":
            Rendition.objects.filter(photo__placement__case=case).update(sha256=str(other % 2) * 64)
            self.now(place, content=other % 2 + 1)
        elif what == "audience":
            rows.update(group=self.groups.get(group))
            self.now(place, group=group)
        else:
            consent = other % len(self.consents)
            rows.update(consent=self.consents[consent][0])
            self.now(place, consent=consent)

    @precondition(lambda self: self.cases)
    @rule(number=pick, by=st.sampled_from(MODERATORS), what=st.sampled_from(("hide", "confirm", "lift")))
    def moderate(self, number: int, by: str, what: str) -> None:
        """One moderator hides, another confirms or lifts; nobody does both."""
        place, case, known = self.chosen(number)
        held = CaseHold.objects.filter(case=case, state__in=HIDING).first()
        try:
            if what == "hide":
                holding.hold(case=case, by=self.member(by), reason="conduct")
            elif held is None:
                return
            else:
                {"confirm": holding.confirm, "lift": holding.lift}[what](hold=held, by=self.member(by))
        except exceptions.ChangeRefused:
            second = what == "confirm" and known.hold[:1] == ("confirmed",)
            assert (what == "hide" and known.hold) or by == known.hold[1] or second
            return
        if what == "hide":
            assert not known.hold
            self.now(place, hold=("held", by))
        else:
            assert by != known.hold[1]
            self.now(place, hold=("confirmed", known.hold[1]) if what == "confirm" else ())

    @precondition(lambda self: self.cases)
    @rule(number=pick)
    def retract(self, number: int) -> None:
        place, case, known = self.chosen(number)
        try:
            drafts.retract(case=case, by=self.member(known.author))
        except exceptions.ChangeRefused:
            assert known.state not in PUBLISHED
            return
        self.now(place, state="draft", approved=None)

    @precondition(lambda self: self.cases)
    @rule(number=pick, by=who)
    def save_for_later(self, number: int, by: str) -> None:
        place, case, _known = self.chosen(number)
        allowed = self.sees(by, place)
        try:
            bookmarks.save(case=case, by=self.member(by))
        except exceptions.ChangeRefused:
            assert not allowed
            return
        assert allowed
        self.saved.add((by, case.pk))

    # --- What becomes of a consent

    @precondition(lambda self: self.consents)
    @rule(number=pick)
    def withdraw_the_consent(self, number: int) -> None:
        place, consent, _allowed = self.consent(number)
        withdraw(consent_id=consent.pk, by=WithdrawnBy.PATIENT)
        following: int | None = place
        while following is not None:
            for case, _known in self.under(following):
                self.withdrawn(case)
            self.becomes(following, status="withdrawn")
            following = self.consents[following][1].successor

    @precondition(lambda self: self.cases)
    @rule(number=pick, which=st.sampled_from((PLAIN, FACE)), own=st.booleans(), other=pick)
    def withdraw_one_picture(self, number: int, which: int, own: bool, other: int) -> None:
        """Also with a consent that the picture does not stand under: that takes nothing."""
        place, _case, known = self.chosen(number)
        number = known.consent if own else other
        with_consent, consent, allowed = self.consent(number)
        photos = self.photos[place]
        photo = photos[which % len(photos)]
        try:
            withdraw_picture(consent_id=consent.pk, picture=photo.pk, by=WithdrawnBy.PATIENT)
        except NotPossible:
            alive = known.state != "withdrawn" and photos.index(photo) not in known.gone
            assert not (alive and with_consent == known.consent and allowed.status in ("active", "expired"))
            return
        if photos.index(photo) not in known.gone and known.state != "withdrawn":
            assert with_consent == known.consent
            self.takes_pictures(place, frozenset((photos.index(photo),)))

    @precondition(lambda self: self.consents)
    @rule(number=pick, audience=st.sampled_from((None, *GROUPS)), face=st.booleans())
    def narrow(self, number: int, audience: str | None, face: bool) -> None:
        place, consent, allowed = self.consent(number)
        uses: set[tuple[Use, Any]] = {(Use.RECOGNISABLE_FACE, None)} if face else set()
        if audience is not None:
            uses.add((Use.NAMED_GROUP, self.groups[audience].pk) if audience else (Use.ALL_MEMBERS, None))
        covers = allowed.covers - {audience}
        possible = allowed.in_force and covers and (covers != allowed.covers or (face and allowed.face))
        try:
            lifecycle.narrow(consent_id=consent.pk, part=lifecycle.Part(frozenset(uses)), by=WithdrawnBy.PATIENT)
        except NotPossible:
            assert not possible
            return
        assert possible
        self.becomes(place, covers=covers, face=allowed.face and not face)
        allowed = self.consents[place][1]
        for case, known in self.under(place):
            faces = set() if allowed.face or len(self.photos[case]) == 1 else {FACE} - known.gone
            if self.cases[case][1].state == "withdrawn":  # with the case that it followed
                continue
            if known.state in PUBLISHED and not allowed.allows(known.group):
                self.withdrawn(case)
            elif known.state in PUBLISHED and faces:
                self.takes_pictures(case, frozenset(faces))
            elif known.state == "submitted" and (faces or not allowed.allows(known.group)):
                self.now(case, state="draft", approved=None)

    @precondition(lambda self: self.consents)
    @rule(number=pick, days=st.sampled_from((LONG_OVER, -1, 0, 1)))
    def let_time_pass(self, number: int, days: int) -> None:
        place, consent, _allowed = self.consent(number)
        Consent.objects.filter(pk=consent.pk).update(expires_on=timezone.now().date() + timedelta(days=days))
        self.becomes(place, ends_in=days)
        # In life the date stays and the day comes: the listing is there, with its last day, until the round.
        rows = Listing.objects.filter(case__consent=consent)
        if days < 0:
            rows.update(visible_until=timezone.now().date() + timedelta(days=days + 1))
        else:
            listing.refresh_where(Q(consent=consent))

    @rule(long_over=st.booleans())
    def the_clock_ticks(self, long_over: bool) -> None:
        lifecycle.expire_due()
        reminders.enqueue_due_reminders()
        for place, (_consent, allowed) in enumerate(self.consents):
            if allowed.status == "active" and not allowed.in_force:
                self.becomes(place, status="expired")
        if not long_over:
            return
        ended = {consent.pk for consent in Consent.objects.filter(removals__cause="expired")}
        lifecycle.destroy_expired()
        for place, (consent, allowed) in enumerate(self.consents):
            if allowed.status == "expired" and allowed.ends_in == LONG_OVER and consent.pk not in ended:
                for case, _known in self.under(place):
                    self.withdrawn(case)

    @precondition(lambda self: self.consents)
    @rule(number=pick)
    def enter_in_error(self, number: int) -> None:
        place, consent, allowed = self.consent(number)
        try:
            lifecycle.mark_entered_in_error(consent_id=consent.pk, by=self.members[allowed.author])
        except Moved:
            assert allowed.status in ("withdrawn", "entered_in_error")
            return
        self.becomes(place, status="entered_in_error")
        for case, known in self.under(place):
            back = known.state in (*PUBLISHED, "submitted")
            self.now(case, state="draft" if back else known.state, approved=None)

    @precondition(lambda self: self.cases)
    @rule(number=pick, other=pick)
    def record_a_new_consent(self, number: int, other: int) -> None:
        """The newer one takes the place of the older, which stays while it is needed."""
        place, case, known = self.chosen(number)
        new, consent, allowed = self.consent(other)
        try:
            case_consent.attach_consent(case=case, consent=consent, by=self.member(known.author))
        except exceptions.ChangeRefused:
            before = self.consents[known.consent][1]
            assert (
                known.state not in EDITABLE
                or before.status == "withdrawn"
                or not allowed.in_force
                or (allowed.author != known.author)
            )
            return
        old = known.consent
        self.now(place, consent=new)
        if old != new and self.consents[old][1].status == "active":
            self.becomes(old, successor=new, status="active" if self.under(old) else "superseded")
            self.becomes(new, successor=None)

    @rule()
    def the_workers_work(self) -> None:
        jobs.run_waiting()

    # --- What must hold

    @invariant()
    def the_feed_shows_what_the_gate_allows(self) -> None:
        """Whatever the listings say; and while nothing was done by hand they miss nothing and hold nothing else."""
        self.steps += 1
        name = LOOKERS[self.steps % len(LOOKERS)]
        member = self.member(name)
        visible = set(gate.visible_cases(member).values_list("pk", flat=True))
        page = feed.page(member=member, filters=Filters(), size=50)
        assert {card.pk for card in page.cards} <= visible, name
        if not self.listings_are_whole:
            return
        assert {card.pk for card in page.cards} == visible, name
        assert page.total == len(visible), name
        there = Listing.objects.exclude(listing.over())
        assert set(there.values_list("case", flat=True)) == set(listable_cases().values_list("pk", flat=True))
        assert not listing_counts.recount()

    @invariant()
    def only_what_the_rule_allows(self) -> None:
        doors: list[tuple[Callable[..., Any], Callable[[str, int], bool]]] = [
            (gate.visible_renditions, self.looks_at),
            (gate.servable_renditions, self.is_sent),
        ]
        for name in LOOKERS:
            member = self.member(name)
            found = set(gate.visible_cases(member).values_list("pk", flat=True))
            expected = {case.pk for place, (case, _known) in enumerate(self.cases) if self.sees(name, place)}
            assert found == expected, name
            listed = {card.pk for card in feed.saved(member=member).cards}
            assert listed == {pk for pk in expected if (name, pk) in self.saved}, name
            for door, allowed in doors:
                found = set(door(member).values_list("photo", flat=True))
                expected = {
                    photo.pk
                    for place, photos in enumerate(self.photos)
                    if allowed(name, place)
                    for number, photo in enumerate(photos)
                    if number not in self.cases[place][1].gone
                }
                assert found == expected, (name, door.__name__)


@pytest.mark.service  # a sweep: any acts in any order, most of a minute
def test_community(db: None) -> None:
    for name in LOOKERS:
        factories.person(name)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=int(os.environ.get("RETE_EXAMPLES", "8")),
            stateful_step_count=int(os.environ.get("RETE_STEPS", "14")),
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
