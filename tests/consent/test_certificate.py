"""A certificate never says more than the rows: page and PDF against what is really gone, wherever the work stands."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab import rl_config

from consent import lifecycle
from consent.lifecycle import Part
from consent.models import Consent, Removal, Signature, Status, Use, Withdrawal, WithdrawnBy
from consent.pdf.receipt import certificate_pdf
from consent.withdrawal import certificate_text, withdraw, withdraw_picture
from consults.models import Case, Comment, Group
from consults.withdrawal import purge
from core import storage
from core.crypto import vault
from imaging.models import Photo
from tests import factories
from tests.consent import making
from tests.consent.test_purge import Died, die_before_step
from tests.consent.words import text_of, words_of

pytestmark = pytest.mark.django_db
PATIENT = WithdrawnBy.PATIENT
MOMENT = r"\d{1,2} \w+ \d{4}, \d\d:\d\d:\d\d UTC"
Made = Withdrawal | Removal


@pytest.fixture(autouse=True)
def _readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rl_config, "pageCompression", 0)


def _narrow(world: "World", use: Use | None = None, *, days: int | None = None) -> Removal:
    uses = frozenset() if use is None else frozenset([(use, None)])
    ends_on = None if days is None else timezone.now().date() + timedelta(days=days)
    return lifecycle.narrow(consent_id=world.consent.pk, part=Part(uses, ends_on), by=PATIENT)


def _picture(world: "World") -> Removal:
    return withdraw_picture(consent_id=world.consent.pk, picture=world.photos[0].pk, by=PATIENT)


def _face(world: "World") -> Removal:
    Photo.objects.filter(pk=world.photos[-1].pk).update(shows_face=True)
    return _narrow(world, Use.RECOGNISABLE_FACE)


def _expired(world: "World") -> Removal:
    Consent.objects.filter(pk=world.consent.pk).update(expires_on=timezone.now().date() - timedelta(days=31))
    lifecycle.expire_due()
    lifecycle.destroy_expired()
    return Removal.objects.get(consent=world.consent)


WAYS: dict[str, Callable[["World"], Made]] = {
    "whole": lambda world: withdraw(consent_id=world.consent.pk, by=PATIENT),
    "one picture": _picture,
    "the audience": lambda world: _narrow(world, Use.ALL_MEMBERS),
    "a use that shows nothing": lambda world: _narrow(world, Use.RESEARCH),
    "the faces": _face,
    "a shortened period": lambda world: _narrow(world, days=3),
    "an expired consent": _expired,
}


@dataclass
class World:
    """A case with its pictures and comments under a consent, and what there was of it."""

    case: Case
    consent: Consent
    photos: list[Photo]
    files: dict[uuid.UUID, set[str]]
    document: str
    comments: int

    def gone(self) -> list[Photo]:
        """The pictures of which neither row nor bytes are left."""
        left = set(storage.renditions().listdir("")[1])
        rows = set(Photo.objects.values_list("pk", flat=True))
        return [photo for photo in self.photos if photo.pk not in rows and not self.files[photo.pk] & left]

    def locked(self) -> list[Photo]:
        """The pictures whose keys are destroyed."""
        return [photo for photo in self.photos if not vault.has_key(photo.key_id)]

    def erased(self) -> int:
        """How many cases are erased: one or none."""
        return Case.objects.filter(pk=self.case.pk, content_erased_at__isnull=False).count()

    def form_gone(self) -> bool:
        """Whether a signed form was kept, and neither it nor its key is left."""
        left = self.document in storage.documents().listdir("")[1]
        return bool(self.document) and not left and not vault.has_key(self.consent.pk)


def world(*, pictures: int, comments: int, signature: Signature) -> World:
    """A released case under a consent for everybody and for one group."""
    hall = Group.objects.create(name="Hall")
    uses = (Use.ALL_MEMBERS, Use.NAMED_GROUP, Use.RESEARCH, Use.RECOGNISABLE_FACE)
    fields: dict[str, object] = {"uses": uses, "group": hall.pk, "signature": signature}
    if signature == Signature.CLINIC_HELD:
        fields |= {"clinic_form_sha256": "c" * 64, "attested": True}
    made = making.published(pictures=pictures, comments=("Seen.",) * comments, consent_fields=fields)
    photos = [place.photo for place in made.case.pictures.all()]
    files = {photo.pk: {row.object_name for row in photo.renditions.all()} for photo in photos}
    return World(made.case, made.consent, photos, files, made.again().consent.document_name, comments)


def destroyed_in(words: str, kind: str) -> int:
    """How many of a kind the certificate says were destroyed."""
    found = re.search(rf"(\d+) {kind}s?\b", words)
    return int(found[1]) if found else 0


def assert_no_more_than_the_rows(words: str, *, world: World, made: Made, done: bool) -> None:
    """Every promise in these words holds in rows, keys and storage; when all is done nothing is left out."""
    assert "Everything" not in words
    assert not re.search(r"\b0 (case|picture|comment)", words)
    if re.search(rf"Keys destroyed: nobody can open the pictures any more {MOMENT}", words):
        assert len(world.locked()) == made.pictures > 0
    if "has been hidden and destroyed" in words:
        assert len(world.gone()) == made.pictures
        assert made.pictures or made.cases
    if re.search(rf"(Pictures|Cases) destroyed, with [\w ]+ {MOMENT}", words):
        assert world.gone() or world.erased()
    if re.search(rf"Signed form destroyed {MOMENT}", words) or "The signed form that was kept here" in words:
        assert world.form_gone()
    if "The signed form, sealed" in words:
        assert world.document
        assert not world.form_gone()
    if "The rest of the consent stands" in words:
        assert Consent.objects.active().filter(pk=world.consent.pk).exists()
    if "No picture, no text, no name. Lists" in words:
        assert len(world.gone()) == len(world.photos)
    told = [destroyed_in(words, kind) for kind in ("case", "picture", "comment")]
    lost = [world.erased(), len(world.gone()), world.comments - Comment.objects.filter(case=world.case).count()]
    if done:
        assert told == lost
        assert "not yet" not in words
        assert world.form_gone() is ("The signed form that was kept here" in words)
    else:
        assert told == [0, 0, 0]
        assert "What was destroyed" not in words


@given(
    way=st.sampled_from(sorted(WAYS)),
    pictures=st.integers(1, 3),
    comments=st.integers(0, 2),
    signature=st.sampled_from([Signature.DRAWN, Signature.CLINIC_HELD]),
    steps=st.one_of(st.just(0), st.integers(1, 40), st.just(1000)),
    later=st.booleans(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_page_and_pdf_never_say_more_than_was_done(
    way: str, pictures: int, comments: int, signature: Signature, steps: int, later: bool
) -> None:
    with transaction.atomic(), transaction.atomic(using="keys"):
        mine = world(pictures=pictures, comments=comments, signature=signature)
        made = WAYS[way](mine)
        done = _destroy_until(made, steps)
        made = type(made).objects.select_related("consent__form").get(pk=made.pk)
        if later and isinstance(made, Removal) and done:
            Consent.objects.filter(pk=mine.consent.pk).update(status=Status.ENTERED_IN_ERROR)
            made.consent.refresh_from_db()
        name = "withdrawn" if isinstance(made, Withdrawal) else "removed"
        page = text_of(Client().get(reverse(f"consent:{name}", args=[made.pk])))
        for words in (page, words_of(certificate_pdf(withdrawal=made))):
            assert_no_more_than_the_rows(words, world=mine, made=made, done=done)
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="keys")


def _destroy_until(made: Made, steps: int) -> bool:
    """Do so many steps of the destruction; return whether it came to its end."""
    if not steps:
        return False
    with pytest.MonkeyPatch.context() as patch:
        die_before_step(patch, steps)
        try:
            if isinstance(made, Withdrawal):
                purge.purge(consent_id=made.consent_id)
            else:
                purge.purge_part(removal_id=made.pk)
        except Died:
            return type(made).objects.filter(pk=made.pk, completed_at__isnull=False).exists()
    return True


@pytest.mark.parametrize(
    ("way", "opening", "steps"),
    [
        ("a use that shows nothing", "so nothing was hidden or destroyed. The rest of the consent stands.", 1),
        ("a shortened period", "so nothing was hidden or destroyed. The rest of the consent stands.", 1),
        ("one picture", "What it no longer covers has been hidden and destroyed. The rest of the consent stands.", 4),
        ("an expired consent", "The consent has ended. What it no longer covers has been hidden and destroyed.", 4),
        ("whole", "The consent was withdrawn. What was shared under it has been hidden and destroyed.", 5),
    ],
)
def test_each_kind_says_its_own_steps(way: str, opening: str, steps: int, run_jobs: Callable[[], int]) -> None:
    mine = world(pictures=2, comments=1, signature=Signature.DRAWN)
    made = WAYS[way](mine)
    run_jobs()
    made = type(made).objects.select_related("consent__form").get(pk=made.pk)
    assert certificate_text.opening_sentences(made).endswith(opening)
    assert len(certificate_text.list_steps(made)) == steps


@pytest.mark.parametrize(
    ("status", "days", "sentence"),
    [
        (Status.ACTIVE, None, "The rest of the consent stands."),
        (Status.ACTIVE, -1, "has ended since."),
        (Status.EXPIRED, -1, "has ended since."),
        (Status.WITHDRAWN, None, "was withdrawn after that"),
        (Status.SUPERSEDED, None, "A newer consent has replaced the rest."),
        (Status.ENTERED_IN_ERROR, None, "recorded by mistake"),
    ],
)
def test_what_became_of_the_rest_is_read_from_the_consent(status: Status, days: int | None, sentence: str) -> None:
    given_, _code = making.consent(factories.person("alice"), uses=(Use.ALL_MEMBERS, Use.RESEARCH))
    made = lifecycle.narrow(consent_id=given_.pk, part=Part(frozenset([(Use.RESEARCH, None)])), by=PATIENT)
    ends_on = None if days is None else timezone.now().date() + timedelta(days=days)
    Consent.objects.update(status=status, expires_on=ends_on)
    made = Removal.objects.select_related("consent__form").get(pk=made.pk)
    assert sentence in certificate_text.opening_sentences(made)
    stands = sentence == "The rest of the consent stands."
    assert ("The rest of the consent, and what is still shared under it." in certificate_text.list_kept(made)) is stands


def test_a_whole_consent_without_material_says_so(run_jobs: Callable[[], int]) -> None:
    given_, _code = making.consent(factories.person("alice"))
    made = withdraw(consent_id=given_.pk, by=PATIENT)
    run_jobs()
    made = Withdrawal.objects.select_related("consent").get(pk=made.pk)
    assert "nothing had to be hidden" in certificate_text.opening_sentences(made)
    assert [step.sentence for step in certificate_text.list_steps(made)] == [
        "Consent withdrawn",
        "Signed form destroyed",
    ]
    assert certificate_text.list_destroyed(made) == ["The signed form that was kept here"]
    assert not [line for line in certificate_text.list_not_recalled_by(made) if "Backup" in line]
