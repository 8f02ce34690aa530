"""Histology without any identifying feature, shown without a consent: only where the site's policy says so."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from compliance.audit import query, rows
from compliance.exports import fhir
from compliance.exports.request import attestation_sentence
from consent.models import Status
from consults.cases import exemption, gate
from consults.cases.authoring import drafts
from consults.cases.consenting import case_consent
from consults.cases.review import second_read
from consults.models import Case, CaseState, Release, WithdrawalNotice
from consults.withdrawal import maintenance
from core import storage
from core.crypto import vault
from imaging.models import Photo, Rendition
from tests import factories
from tests.consults import reading
from tests.imaging.engine import pictures
from tests.matrix import journey

JPEG = pictures.encoded(pictures.chart(), "JPEG")
SLIDE = ("histology",)


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    settings.HISTOLOGY_EXEMPTION = True


@dataclass(frozen=True)
class Facts:
    """What the exemption depends on."""

    on: bool = True
    stated: bool = True
    kinds: tuple[str, ...] = SLIDE
    feature: str = ""
    asked: str = ""  # the status of a consent record, if there is one

    @property
    def holds(self) -> bool:
        """The rule, written down a second time."""
        fit = set(self.kinds) == {"histology"} and not self.feature
        return self.on and self.stated and fit and not self.asked


def make(facts: Facts, *, state: str = CaseState.SUBMITTED, data: bytes | None = None, **fields: Any) -> Case:
    """A case of these facts; a consent record and the statement exclude each other in the database."""
    alice = factories.person("alice")
    consent = reading.consent(alice, status=facts.asked) if facts.asked else None
    stated = facts.stated and consent is None
    case = reading.case(alice, state=state, kinds=(), consent=consent, histology_exempt=stated, **fields)
    for number, kind in enumerate(facts.kinds):
        shows = {facts.feature: True} if facts.feature and number == 0 else {}
        reading.picture(case, kind=kind, data=data, **shows)
    return case


EVERY = [
    Facts(on, stated, kinds, feature, asked)
    for on, stated, kinds, feature, asked in product(
        (True, False),
        (True, False),
        (SLIDE, ("histology", "histology"), ("close-up",), ("histology", "close-up"), ("dermoscopy",)),
        ("", "shows_face", "shows_mark"),
        ("", Status.REFUSED, Status.EXPIRED, Status.WITHDRAWN),
    )
]


def released(facts: Facts, *, by: Member) -> Case:
    """A case of these facts, published as if the exemption had held."""
    case = make(facts, state=CaseState.DRAFT)
    Case.objects.filter(pk=case.pk, histology_exempt=True).update(state=CaseState.RELEASED, released_at=case.created_at)
    for rendition in Rendition.objects.filter(photo__placement__case=case):
        Release.objects.create(
            case=case,
            rendition=rendition,
            basis=Release.Basis.HISTOLOGY,
            approver=by,
            sha256=rendition.sha256,
            content_sha256=case.content_sha256,
        )
    return case


@pytest.mark.parametrize("basis", Release.Basis.values)
@pytest.mark.parametrize("kind", ["consented", "model", "model after a mistake", "slide"])
def test_a_release_counts_on_the_basis_that_its_case_has_now(db: None, kind: str, basis: str) -> None:
    """As the second reader released it; what the author has changed since is read again first."""
    fields: dict[str, Any] = {}
    if kind == "slide":
        fields |= {"consent": None, "histology_exempt": True}
    elif kind.startswith("model"):
        fields |= {"education_model": True}
    if kind == "model after a mistake":
        fields |= {"consent": reading.consent(factories.person("alice"), status=Status.ENTERED_IN_ERROR)}
    case = reading.case(kinds=(), **{"consent": reading.consent(factories.person("alice"))} | fields)
    reading.picture(case, kind="histology")
    given = case.consent or reading.consent(case.author)
    for rendition in Rendition.objects.filter(photo__placement__case=case):
        Release.objects.create(
            case=case,
            rendition=rendition,
            basis=basis,
            consent=given if basis == "consent" else None,
            approver=factories.person("mod1"),
            sha256=rendition.sha256,
            content_sha256=case.content_sha256,
        )
    now = {"consented": "consent", "slide": "histology"}.get(kind, "education_model")
    assert gate.visible_cases(factories.person("bob")).exists() is (basis == now)


@pytest.mark.slow
def test_the_gate_agrees_with_the_rule_on_every_combination(db: None, settings: Any) -> None:
    bob, mod1 = factories.person("bob"), factories.person("mod1")
    rows = [(facts, make(facts), released(facts, by=mod1)) for facts in EVERY]
    for on in (True, False):
        settings.HISTOLOGY_EXEMPTION = on
        read = set(gate.cases_to_second_read(mod1).values_list("pk", flat=True))
        seen = set(gate.visible_cases(bob).values_list("pk", flat=True))
        pictured = set(gate.visible_renditions(bob).values_list("photo__placement__case", flat=True))
        for facts, waiting, shown in rows:
            if facts.on is not on:
                continue
            answers = {
                "may be released": not gate.blockers(waiting),
                "may be read": waiting.pk in read,
                "case": shown.pk in seen,
                "picture": shown.pk in pictured,
            }
            assert answers == dict.fromkeys(answers, facts.holds), facts


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (Facts(), []),
        (Facts(on=False), ["exemption_off"]),
        (Facts(stated=False), ["no_consent"]),
        (Facts(kinds=("histology", "overview")), ["exemption_pictures"]),
        (Facts(feature="shows_mark"), ["exemption_feature"]),
        (Facts(asked=Status.REFUSED), ["consent_refused"]),
    ],
)
def test_what_is_missing_in_words(db: None, settings: Any, facts: Facts, codes: list[str]) -> None:
    settings.HISTOLOGY_EXEMPTION = facts.on
    assert [blocker.code for blocker in gate.blockers(make(facts))] == codes


def test_the_policy_is_off_by_default() -> None:
    from config import env

    assert env.boolean("RETE_HISTOLOGY_EXEMPTION", False) is False


# --- From the statement to the release


@pytest.fixture
def draft(db: None) -> Case:
    return make(Facts(stated=False), state=CaseState.DRAFT, data=JPEG)


def state(client: Client, case: Case, **fields: str) -> Case:
    """Post the statement; the case as it is then."""
    client.post(reverse("consults:consent", args=[case.pk]), {"action": "exempt"} | fields)
    return Case.objects.get(pk=case.pk)


def test_from_the_statement_to_the_tombstone(
    draft: Case, alice: Member, bob: Member, run_jobs: Callable[[], int]
) -> None:
    author, reader = journey.client_of(alice), journey.client_of(factories.person("mod1"))
    assert "without any identifying feature" in page(author, "consent", draft)
    assert state(author, draft, stated="1").histology_exempt
    assert journey.submit(author, draft).status_code == 302
    assert "None was recorded" in page(reader, "second_read", draft)
    seen = {"decision": "release", "looked": "on", "seen": second_read.digest(Case.objects.get(pk=draft.pk))}
    address = reverse("consults:second_read", args=[draft.pk])
    assert reader.post(address, seen).status_code == 422  # it has to be accepted too
    assert reader.post(address, seen | {"exempt": "on"}).status_code == 302
    assert set(Release.objects.values_list("basis", "consent")) == {("histology", None)}
    assert Event.objects.get(verb="case.released").facts["basis"] == "histology"
    assert "without a consent by this site" in page(journey.client_of(bob), "case", draft)

    names = set(storage.renditions().listdir("")[1])
    keys = set(Photo.objects.values_list("key_id", flat=True))
    assert "Withdraw and destroy" in page(author, "withdraw_case", draft)
    author.post(reverse("consults:withdraw_case", args=[draft.pk]), {"asked": "1"})
    assert not gate.visible_cases(bob).exists()
    run_jobs()
    gone = Case.objects.get(pk=draft.pk)
    assert (gone.state, gone.title, gone.content_erased_at is not None) == ("withdrawn", "", True)
    assert not names & set(storage.renditions().listdir("")[1])
    assert not any(vault.has_key(key) for key in keys)
    assert set(WithdrawalNotice.objects.values_list("member", flat=True)) == {alice.pk}
    verbs = list(Event.objects.filter(subject_id=draft.pk).values_list("verb", flat=True))
    assert [verb for verb in verbs if "exempt" in verb or "down" in verb] == [
        "case.exemption_stated",
        "case.taken_down",
    ]


def page(client: Client, view: str, case: Case) -> str:
    """A page of this case."""
    return client.get(reverse(f"consults:{view}", args=[case.pk])).content.decode()


@pytest.mark.parametrize(
    ("facts", "accepted"),
    [
        (Facts(), True),
        (Facts(on=False), False),
        (Facts(kinds=("close-up",)), False),
        (Facts(kinds=()), False),
        (Facts(feature="shows_face"), False),
        (Facts(asked=Status.ACTIVE), False),
        (Facts(asked=Status.REFUSED), False),
    ],
)
def test_a_statement_by_hand(db: None, settings: Any, alice: Member, facts: Facts, accepted: bool) -> None:
    settings.HISTOLOGY_EXEMPTION = facts.on
    case = make(replace(facts, stated=False), state=CaseState.DRAFT)
    client = journey.client_of(alice)
    assert ("Go on without a consent" in page(client, "consent", case)) is accepted
    assert state(client, case, stated="1").histology_exempt is accepted
    assert Event.objects.filter(verb="case.exemption_stated").exists() is accepted
    assert not state(client, case).histology_exempt
    assert Event.objects.filter(verb="case.exemption_dropped").exists() is accepted


def test_a_consent_or_a_refusal_takes_its_place(draft: Case, alice: Member) -> None:
    client = journey.client_of(alice)
    state(client, draft, stated="1")
    assert journey.consent(client, draft).status_code == 200
    draft.refresh_from_db()
    assert (draft.histology_exempt, draft.consent is None) == (False, False)


def test_its_author_opens_it_and_is_offered_the_withdrawal(db: None, alice: Member) -> None:
    case = gate.release(case=make(Facts()), by=factories.person("mod1"))
    answer = journey.client_of(alice).get(reverse("consults:case", args=[case.pk]))
    assert answer.status_code == 200
    assert reverse("consults:withdraw_case", args=[case.pk]) in answer.content.decode()
    assert "/consents/" not in answer.content.decode()


def test_what_a_reader_saw_is_no_longer_that(draft: Case, alice: Member) -> None:
    before = second_read.digest(draft)
    case_consent.state_exemption(case=draft, by=alice, stated=True)
    assert second_read.digest(Case.objects.get(pk=draft.pk)) != before


@pytest.mark.parametrize("state", [CaseState.RELEASED, CaseState.DRAFT])
def test_a_retracted_one_can_still_be_taken_down(
    db: None, alice: Member, run_jobs: Callable[[], int], state: str
) -> None:
    case = make(Facts())
    gate.release(case=case, by=factories.person("mod1"))
    if state == CaseState.DRAFT:
        drafts.retract(case=Case.objects.get(pk=case.pk), by=alice)
        shown = page(journey.client_of(alice), "check", case)
        assert (reverse("consults:withdraw_case", args=[case.pk]) in shown, "Delete the draft" in shown) == (
            True,
            False,
        )
    journey.client_of(alice).post(reverse("consults:withdraw_case", args=[case.pk]), {"asked": "1"})
    run_jobs()
    assert Case.objects.get(pk=case.pk).content_erased_at


def test_a_draft_that_nobody_saw_is_deleted_and_not_taken_down(draft: Case, alice: Member) -> None:
    case_consent.state_exemption(case=draft, by=alice, stated=True)
    client = journey.client_of(alice)
    assert client.post(reverse("consults:withdraw_case", args=[draft.pk]), {"asked": "1"}).status_code == 404
    client.post(reverse("consults:discard", args=[draft.pk]))
    assert not Case.objects.filter(pk=draft.pk).exists()


def test_a_restored_backup_is_taken_down_again(db: None) -> None:
    case = make(Facts(), data=JPEG)
    gate.release(case=case, by=factories.person("mod1"))
    maintenance.reapply_after_restore()
    assert Case.objects.get(pk=case.pk).state == CaseState.RELEASED
    vault.destroy(Photo.objects.get().key_id)
    maintenance.reapply_after_restore()
    assert Case.objects.get(pk=case.pk).state == CaseState.WITHDRAWN


# --- The database and the audit


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({"state": "released", "histology_exempt": True}, True),
        ({"state": "released", "histology_exempt": False}, False),
    ],
)
def test_the_database_wants_a_basis(draft: Case, fields: dict[str, Any], accepted: bool) -> None:
    saved = True
    try:
        with transaction.atomic():
            Case.objects.filter(pk=draft.pk).update(released_at=draft.created_at, **fields)
    except IntegrityError:
        saved = False
    assert saved is accepted


def test_the_database_refuses_a_statement_beside_a_consent(draft: Case, alice: Member) -> None:
    Case.objects.filter(pk=draft.pk).update(consent=reading.consent(alice))
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=draft.pk).update(histology_exempt=True)


def test_the_audit_names_the_basis(db: None, settings: Any) -> None:
    case = make(Facts())
    gate.release(case=case, by=factories.person("mod1"))

    def row_of(wanted: query.Filter) -> rows.Row:
        (found,) = rows.rows_of(list(query.find_cases(wanted)))
        return found

    row = row_of(query.Filter(state=query.HISTOLOGY))
    assert (row.basis, row.covered, row.visible, row.exceptions) == ("histology", True, True, [])
    assert fhir.provenance_resource(row, made_at=case.created_at)["policy"] == [fhir.HISTOLOGY_POLICY]
    attested = rows.Attestation()
    attested.add(row)
    assert "1 covered by an active consent or without a patient (1 of them under the exempt" in attestation_sentence(
        attested
    )
    assert not query.find_cases(query.Filter(state=query.EDUCATION)).exists()
    settings.HISTOLOGY_EXEMPTION = False
    row = row_of(query.Filter())
    assert (row.covered, row.visible, row.blockers, row.exceptions) == (False, False, ["exemption_off"], ["hidden"])
    assert not exemption.is_offered(case)
