"""A member with something of every kind, and words by which nothing of the person can be missed."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connections
from django.utils import timezone

from accounts.conduct.models import ConductRun
from accounts.leaving import exports, service
from accounts.leaving.rooms import Wishes
from accounts.membership.suspension.models import Suspension
from accounts.models import Application, Leaving, Member, Reference
from accounts.profiles.models import Follow, Portrait, Profile, Training
from accounts.security.factors import codes
from accounts.vetting import decisions
from accounts.vetting.models import ReferenceKind
from consults.cases.review.models import SecondRead
from consults.models import (
    Bookmark,
    Case,
    CaseState,
    Comment,
    CommentVersion,
    Following,
    Group,
    Membership,
    Plan,
    ProposedTerm,
    Report,
    SavedSearch,
    UrgencyMark,
    Volunteer,
)
from imaging.models import Upload
from tests import factories
from tests.accounts.makers import CLEAN, claim, join
from tests.consent import making
from tests.consults import reading

CANARIES = ("zyxomma", "brachydiplax")
NAME, EMAIL, CLINIC = "Zyxomma Brachydiplax", "zyxomma@brachydiplax.example", "Brachydiplax Clinic"
OTHERS_WORDS = ("quokka", "numbat")  # of colleagues: they are in no copy of this member's data


class World:
    """The member who leaves, their colleagues, and what lies between them."""

    def __init__(self) -> None:
        self.bob, self.mod = factories.person("bob"), factories.person("mod1")
        self.ada = factories.member(email=EMAIL, name=NAME, institution=CLINIC, posts_released=5)
        self.resident = factories.member(profession="resident", supervisor=self.ada)
        self._applications()
        self._own_cases()
        self._said()
        self._belonged()
        Membership.objects.create(group=Group.objects.create(name="Ward"), member=self.ada)
        Bookmark.objects.create(case=self.theirs, member=self.ada)
        Following.objects.create(case=self.theirs, member=self.ada)
        SavedSearch.objects.create(query="tag=hair", member=self.ada)
        Upload.objects.create(owner=self.ada, idempotency_key=making.nobody(), meant_for=self.draft.pk, size=10)

    def _applications(self) -> None:
        mine = join(
            email="first@lake.example",
            said=claim(name=NAME, institution=CLINIC, evidence_kind="picture"),
            picture=CLEAN,
        )
        former = mine.member
        type(mine).objects.filter(pk=mine.pk).update(member=self.ada)
        Member.objects.filter(pk=former.pk).delete()
        decisions.apply(email=EMAIL, claim=claim(name=NAME))  # a draft of somebody else with this address
        other = join(email="nova@lake.example", said=claim())
        Reference.objects.create(application=other, email=EMAIL, kind=ReferenceKind.VOUCHER)

    def _own_cases(self) -> None:
        self.published = making.published(author=self.ada, comments=("quokka", "numbat"))
        self.model = reading.case(self.ada, education_model=True, title=f"A model of {NAME}")
        self.draft = Case.objects.create(author=self.ada, title="Draft", source=CLINIC)
        self.submitted = making.submitted(self.ada)

    def _belonged(self) -> None:
        """What the site holds of a membership: profile, portrait, factor, a suspension that was lifted, conduct."""
        Profile.objects.create(member=self.ada, about=f"I lead {CLINIC}.", interests=["dermoscopy"], languages=["tr"])
        Training.objects.create(member=self.ada, degree="MD", institution=CLINIC)
        Portrait.objects.create(member=self.ada)
        Follow.objects.create(follower=self.ada, followed=self.bob)
        Authenticator.objects.create(user=self.ada, type="totp", data=codes.totp_data("JBSWY3DPEHPK3PXP", counter=0))
        self.suspension = Suspension.objects.create(
            member=self.ada, state="lifted", reason="conduct", note=f"{NAME} was rude.", former="verified",
            by=self.mod, statement=f"I am {NAME}.", lifted_by=factories.person("mod2"), lifted_at=timezone.now(),
            lift_reason="resolved",
        )  # fmt: skip
        run = ConductRun.objects.create(member=self.ada, version="1.0")
        run.answers.create(case="case", attempt=1, chosen=["a"], is_right=True)
        application = self.ada.applications.get()
        type(application).objects.filter(pk=application.pk).update(
            state="accepted", reason="matches", decided_at=timezone.now()
        )
        application.votes.create(
            round=1, seat=1, moderator=self.mod, accept=True, reason="matches", words=f"Found {NAME}.",
            looked_up_on=timezone.localdate(), cast_at=timezone.now() - timedelta(hours=1),
        )  # fmt: skip
        others = Application.objects.get(member__email="nova@lake.example")
        others.votes.create(
            round=1, seat=1, moderator=self.mod, accept=True, reason="matches", words=f"numbat, ask {NAME}",
            looked_up_on=timezone.localdate(),
        )  # fmt: skip
        Profile.objects.create(member=self.bob, about=f"quokka, with {NAME}")
        application.letters.create(round=1, language="en", text=f"Dear {NAME}")

    def _said(self) -> None:
        self.theirs = making.published(author=self.bob).case
        answer = reading.answer(self.theirs, self.ada, "psoriasis-vulgaris")
        Plan.objects.create(answer=answer, observe="6w", words=f"As {NAME} does.")
        ProposedTerm.objects.create(
            answer=answer, text="Wooden skin", language="en", rank=2, confidence="sure", words=f"Ask {NAME}.",
            state="refused", why_not="other", decided_by=self.mod, decided_at=timezone.now(),
        )  # fmt: skip
        later = timezone.now() + timedelta(hours=1)
        UrgencyMark.objects.create(
            case=self.published.case, author=self.ada, level="today", reason="other", words=f"{NAME} operates.",
            until=later,
        )  # fmt: skip
        Volunteer.objects.create(member=self.ada, told=1)
        self.comment = Comment.objects.create(
            case=self.theirs, author=self.ada, text=f"I would biopsy. {NAME.split()[0]}"
        )
        CommentVersion.objects.create(comment=self.comment, text=f"I would not. {NAME}")
        self.reply = Comment.objects.create(
            case=self.theirs, author=self.bob, reply_to=self.comment, text=f"quokka, as {NAME} said"
        )
        Report.objects.create(case=self.theirs, reporter=self.ada, reason="conduct", words=f"Says {NAME}")
        SecondRead.objects.create(
            case=self.theirs, reader=self.mod, decision="sent_back", reason="words", words=f"numbat, ask {EMAIL}"
        )


def leave(member: Member, run_jobs: Callable[[], int], **wishes: bool) -> Leaving:
    """Leave and be erased: the fourteen days pass, and the hour after them."""
    made = service.ask(member=member, wishes=Wishes(**wishes))
    Leaving.objects.filter(pk=made.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    service.begin_due()
    run_jobs()
    Leaving.objects.filter(pk=made.pk).update(began_at=timezone.now() - timedelta(hours=2))
    service.begin_due()
    run_jobs()
    return Leaving.objects.get(pk=made.pk)


def where_found(words: tuple[str, ...]) -> Iterator[str]:
    """Every table of both databases and every stored object in which one of these words stands."""
    for alias in ("default", "keys"):
        connection = connections[alias]
        for table in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT * FROM "{table}"')
                for row in cursor.fetchall():
                    text = " ".join(map(_as_text, row)).casefold()
                    yield from (f"{table}: {word}" for word in words if word in text)
    for file in (settings.DATA_DIR / "objects").rglob("*"):
        if file.is_file():
            data = file.read_bytes().decode("latin-1").casefold()
            yield from (f"{file.name}: {word}" for word in words if word in data)


def _as_text(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def unpacked(data: bytes) -> dict[str, Any]:
    """The files of a copy, by name: JSON as Python, the rest as text."""
    with zipfile.ZipFile(BytesIO(data)) as file:
        texts = {name: file.read(name).decode() for name in file.namelist()}
    return {name: json.loads(text) if name.endswith(".json") else text for name, text in texts.items()}


def made_copy(member: Member, run_jobs: Callable[[], int]) -> bytes:
    """The bytes of a copy of this member's data."""
    exports.ask(member=member)
    run_jobs()
    data = exports.fetch(member=member)
    assert data is not None
    return data


PUBLIC_STATES = (CaseState.RELEASED, CaseState.CLOSED)
