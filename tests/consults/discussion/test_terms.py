"""Diagnoses that the list lacks: proposed blind, decided by moderators, counted from then on, gone with the case."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.discussion import answers, presenters
from consults.discussion.answers import Choice
from consults.discussion.forms import AnswerForm
from consults.discussion.terms import deciding, policy
from consults.discussion.terms.deciding import NewTerm, with_place
from consults.discussion.terms.models import WhyNot
from consults.discussion.terms.proposing import OwnTerm
from consults.models import AddedTerm, Answer, Case, ProposedTerm
from notifications.notices.models import Notice
from tests import factories
from tests.consults import reading
from tests.consults.refusing import refused
from vocabulary import diagnoses, terms

SignIn = Callable[[object], Client]
SURE = terms.Confidence.SURE
BCC, NAEVUS = Choice("bcc", SURE), Choice("naevus", SURE)
NEW = NewTerm(label="Wooden skin disease", turkish="Tahta deri hastalığı", icd10="L98.9", nature="other", parent="bcc")


def own(text: str = "Wooden skin disease", *, place: int = 1, parent: str = "bcc") -> OwnTerm:
    return OwnTerm(text=text, language="en", parent=parent, confidence=SURE, place=place)


def at(name: str, *args: Any) -> str:
    return reverse(f"consults:{name}", args=args)


def codes(answer: Answer) -> list[tuple[int, str]]:
    return list(answer.suggestions.values_list("rank", "code"))


@pytest.fixture(autouse=True)
def _forget_added_terms(db: None) -> Iterator[None]:
    """The rows of a test are undone; what the vocabulary read of them is too."""
    yield
    diagnoses._Added.known = ()
    diagnoses._Added.edition += 1
    for derived in (diagnoses._by_code, diagnoses._searchable, diagnoses._named, diagnoses._words):
        derived.cache_clear()
    diagnoses._similar_words.cache_clear()
    diagnoses._places_by_word.cache_clear()


@pytest.fixture
def case(db: None) -> Case:
    """An open case of alice's."""
    return reading.case()


@pytest.fixture
def proposal(case: Case, bob: Member) -> ProposedTerm:
    """Bob's only diagnosis on it, in his own words."""
    answers.answer(case=case, by=bob, own=own())
    return ProposedTerm.objects.get()


@pytest.fixture
def mod(case: Case) -> Member:
    """A moderator who has answered the case."""
    moderator = factories.person("mod1")
    reading.answer(case, moderator, "psoriasis")
    return moderator


# --- Proposing

TYPED: list[tuple[dict[str, str], bool, str]] = [
    ({"own_text": "Wooden skin disease", "own_confidence": "sure"}, True, ""),
    ({"own_text": "Kyrle Zorkmann disease", "own_confidence": "sure"}, True, ""),  # called after somebody
    ({"own_text": "Wooden skin", "own_confidence": "sure", "own_parent_text": "Basal cell carcinoma"}, True, ""),
    ({"own_text": "Wooden skin", "diagnosis_1": "bcc", "confidence_1": "sure", "own_confidence": "guess"}, True, ""),
    ({"own_text": "Wooden skin"}, False, "Say how sure you are."),
    ({"own_text": "as in a@b.example", "own_confidence": "sure"}, False, "e-mail"),
    ({"own_text": "since 12.03.2024", "own_confidence": "sure"}, False, "date"),
    ({"own_text": "Wooden skin", "own_confidence": "sure", "own_parent_text": "qqqq"}, False, "not in the list"),
    ({"own_text": "   ", "own_confidence": "sure"}, False, ""),  # nothing at all
]


@pytest.mark.parametrize(("posted", "valid", "complaint"), TYPED)
def test_what_may_be_proposed(posted: dict[str, str], valid: bool, complaint: str) -> None:
    form = AnswerForm(QueryDict(mutable=True) | posted)
    assert form.is_valid() is valid
    assert complaint in " ".join([*form.own.errors, *form.own.parent_errors, *form.own.confidence_errors])


@pytest.mark.parametrize(
    ("filled", "place"), [((), 1), ((1,), 2), ((2,), 1), ((1, 2), 3), ((1, 3), 2), ((1, 2, 3), None)]
)
def test_it_takes_the_first_place_that_is_empty(filled: tuple[int, ...], place: int | None) -> None:
    posted = {"own_text": "Wooden skin", "own_confidence": "sure"}
    for number, code in zip(filled, ("bcc", "melanoma", "naevus"), strict=False):
        posted |= {f"diagnosis_{number}": code, f"confidence_{number}": "sure"}
    form = AnswerForm(QueryDict(mutable=True) | posted)
    assert form.is_valid() is (place is not None)
    found = form.own_term if place else None
    assert (found.place if found else None) == place


def test_an_answer_of_own_words_alone_opens_the_others_and_does_not_count(
    case: Case, bob: Member, mod: Member, sign_in: SignIn
) -> None:
    client = sign_in(bob)
    posted = {"own_text": "Wooden skin", "own_language": "en", "own_confidence": "sure"}
    assert client.post(at("answer", case.pk), posted).status_code == 302
    page = client.get(at("case", case.pk)).content.decode()
    case.listing.refresh_from_db()

    assert Answer.objects.get(member=bob).kind == "pending"
    assert case.listing.answers == 1  # the moderator's
    assert "Psoriasis" in page
    assert "“Wooden skin” waits for a moderator." in page
    assert [one.waiting for one in presenters.answers(answers.given_answers(case), reader=bob)] == ["Wooden skin", ""]


@pytest.mark.parametrize("who", ["alice", "mod1", "resident", "physician"])
def test_nobody_else_reads_what_waits(
    who: str, case: Case, proposal: ProposedTerm, mod: Member, sign_in: SignIn
) -> None:
    reader = factories.person(who)
    if who in ("resident", "physician"):
        for page in (case.pk,):
            assert "Wooden" not in sign_in(reader).get(at("case", page)).content.decode()
        reading.answer(case, reader, "psoriasis")
    assert "Wooden" not in sign_in(reader).get(at("case", case.pk)).content.decode()


def test_a_second_one_waits_for_the_first(case: Case, bob: Member, proposal: ProposedTerm) -> None:
    with refused("waits for a moderator already"):
        answers.revise(given=proposal.answer, choices=[BCC], own=own("Another skin"))
    assert ProposedTerm.objects.count() == 1


def test_a_member_proposes_so_many_a_day(bob: Member) -> None:
    for number in range(5):
        answers.answer(case=reading.case(), by=bob, own=own(f"Wooden skin {number}"))
    with refused("5 diagnoses today"):
        answers.answer(case=reading.case(), by=bob, own=own("One more"))
    ProposedTerm.objects.update(made_at=timezone.now() - timedelta(days=2))
    answers.answer(case=reading.case(), by=bob, own=own("One more"))


def test_three_places_are_all_there_are(case: Case, bob: Member) -> None:
    with refused("up to three"):
        answers.answer(case=case, by=bob, choices=[BCC, NAEVUS, Choice("melanoma", SURE)], own=own(place=3))


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({}, True),
        ({"rank": 0}, False),
        ({"rank": 4}, False),
        ({"state": "accepted", "code": "x-a", "decided_at": timezone.now()}, True),
        ({"state": "accepted", "decided_at": timezone.now()}, False),
        ({"state": "refused", "decided_at": timezone.now()}, False),
        ({"state": "refused", "why_not": "other", "decided_at": timezone.now()}, True),
        ({"code": "bcc"}, False),
    ],
)
def test_the_database_keeps_whole_proposals(fields: dict[str, Any], accepted: bool, case: Case, bob: Member) -> None:
    given = reading.answer(case, bob)
    row = ProposedTerm(**({"answer": given, "text": "a", "language": "en", "rank": 1, "confidence": "sure"} | fields))
    if accepted:
        row.save()
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


# --- Who decides

DECIDES: list[tuple[str, bool]] = [
    ("mod1 who answered", True),
    ("mod1", False),  # could still answer blind
    ("mod1 of no group", True),  # can never answer it
    ("bob as a moderator", False),  # his own
    ("alice as a moderator", True),  # her case: she sees the answers anyway
    ("resident", False),
    ("officer", False),
]


@pytest.mark.parametrize(("who", "may"), DECIDES)
def test_who_decides(who: str, may: bool, bob: Member) -> None:
    group = None
    if who == "mod1 of no group":
        group = factories.person("alice").consult_groups.create(name="Nails")
        group.members.add(bob)
    case = reading.case(group=group)
    answers.answer(case=case, by=bob, own=own())
    name = who.split()[0]
    member = factories.person(name)
    if "answered" in who:
        reading.answer(case, member, "psoriasis")
    if "as a moderator" in who:
        Member.objects.filter(pk=member.pk).update(is_moderator=True)
        member.refresh_from_db()
    assert policy.to_decide(member).exists() is may


def test_of_what_a_moderator_may_not_read_only_the_number_is_there(proposal: ProposedTerm, sign_in: SignIn) -> None:
    client = sign_in(factories.person("mod1"))
    page = client.get(at("proposed_terms")).content.decode()
    assert "1 more waits on a case that you may still answer" in page
    assert "Wooden" not in page
    assert client.get(at("proposed_term", proposal.pk)).status_code == 404


def test_a_moderator_reads_neither_case_nor_member(
    case: Case, proposal: ProposedTerm, mod: Member, sign_in: SignIn
) -> None:
    client = sign_in(mod)
    for page in (client.get(at("proposed_terms")), client.get(at("proposed_term", proposal.pk))):
        text = page.content.decode()
        assert "Wooden skin disease" in text
        assert not any(word in text for word in ("Bob", case.title, str(case.pk)))


def test_moderators_are_told_that_one_waits_and_nothing_of_it(mod: Member, proposal: ProposedTerm) -> None:
    told = Notice.objects.get(member=mod, kind="proposal")
    assert (told.path, told.case_id, told.about_id) == (reverse("consults:proposed_terms"), None, None)


# --- Deciding


def test_an_accepted_term_counts_and_is_in_the_list(
    case: Case, bob: Member, proposal: ProposedTerm, mod: Member, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        added = deciding.accept(proposal=proposal, by=mod, term=NEW)
    given = Answer.objects.get(member=bob)
    case.listing.refresh_from_db()

    assert added.code == "x-wooden-skin-disease"
    assert (given.kind, codes(given), case.listing.answers) == ("diagnosis", [(1, added.code)], 2)
    assert diagnoses.get(added.code).turkish == NEW.turkish
    assert [one.code for one in diagnoses.search("tahta deri", language="tr")][:1] == [added.code]
    assert Notice.objects.get(member=bob).kind == "term"
    others = Notice.objects.exclude(member=bob).exclude(kind="proposal")
    assert [(one.member, one.kind) for one in others] == [(case.author, "answer")]


def test_the_page_accepts(case: Case, proposal: ProposedTerm, mod: Member, sign_in: SignIn) -> None:
    client = sign_in(mod)
    page = client.get(at("proposed_term", proposal.pk)).content.decode()
    assert 'value="Wooden skin disease"' in page
    posted = {
        "action": "accept",
        "accept-label": "Wooden skin disease",
        "accept-turkish": "Tahta deri",
        "accept-icd10": "l98.9",
        "accept-nature": "other",
        "accept-parent": "epidermal-tumour",
    }
    assert client.post(at("proposed_term", proposal.pk), posted | {"accept-parent": ""}).status_code == 422
    assert client.post(at("proposed_term", proposal.pk), posted | {"accept-icd10": "?"}).status_code == 422
    taken = client.post(at("proposed_term", proposal.pk), posted | {"accept-label": "Basalioma"})
    assert "“Basal cell carcinoma” is in the list." in taken.content.decode()
    assert client.post(at("proposed_term", proposal.pk), posted).status_code == 302
    assert AddedTerm.objects.get().icd10 == "L98.9"


def test_the_page_says_which_is_meant(proposal: ProposedTerm, mod: Member, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(mod)
    assert client.post(at("proposed_term", proposal.pk), {"action": "map"}).status_code == 422
    posted = {"action": "map", "code_text": "basalioma"}
    assert client.post(at("proposed_term", proposal.pk), posted).status_code == 302
    assert codes(Answer.objects.get(member=bob)) == [(1, "bcc")]
    assert Event.objects.get(verb="term.mapped").facts == {"code": "bcc"}


def test_the_page_refuses_and_the_member_reads_why(
    case: Case, proposal: ProposedTerm, mod: Member, bob: Member, sign_in: SignIn
) -> None:
    client = sign_in(mod)
    other = {"action": "refuse", "refuse-why_not": "other"}
    assert client.post(at("proposed_term", proposal.pk), other).status_code == 422
    named = other | {"refuse-words": "See a@b.example"}
    assert client.post(at("proposed_term", proposal.pk), named).status_code == 422
    posted = {"action": "refuse", "refuse-why_not": "too_vague", "refuse-words": "Take lichen planus."}
    assert client.post(at("proposed_term", proposal.pk), posted).status_code == 302

    page = sign_in(bob).get(at("case", case.pk)).content.decode()
    assert "“Wooden skin disease” was not added to the list:" in page
    assert "Take lichen planus." in page
    assert Event.objects.get(verb="term.refused").facts == {"reason": "too_vague"}
    assert Answer.objects.get(member=bob).kind == "pending"
    answers.revise(given=Answer.objects.get(member=bob), choices=[BCC])
    case.listing.refresh_from_db()
    assert (Answer.objects.get(member=bob).kind, case.listing.answers) == ("diagnosis", 2)


# what the answer holds beside the proposal, its place, and what becomes of it when bcc is meant
MEANT: list[tuple[list[Choice], int, list[tuple[int, str]]]] = [
    ([], 1, [(1, "bcc")]),
    ([NAEVUS], 1, [(1, "bcc"), (2, "naevus")]),
    ([NAEVUS], 2, [(1, "naevus"), (2, "bcc")]),
    ([BCC], 2, [(1, "bcc")]),  # named already, in a better place
    ([BCC], 1, [(1, "bcc")]),  # named already, in a worse one
    ([NAEVUS, BCC], 1, [(1, "bcc"), (2, "naevus")]),
]


@pytest.mark.parametrize(("choices", "place", "expected"), MEANT)
def test_the_place_is_kept(
    choices: list[Choice], place: int, expected: list[tuple[int, str]], case: Case, bob: Member, mod: Member
) -> None:
    answers.answer(case=case, by=bob, choices=choices, own=own(place=place))
    deciding.map_to(proposal=ProposedTerm.objects.get(), by=mod, code="bcc")
    assert codes(Answer.objects.get(member=bob)) == expected


def test_the_blind_answer_holds_it_too(case: Case, bob: Member, mod: Member) -> None:
    given = answers.answer(case=case, by=bob, choices=[NAEVUS], own=own())
    answers.revise(given=given, choices=[Choice("melanoma", SURE)])
    deciding.map_to(proposal=ProposedTerm.objects.get(), by=mod, code="bcc")
    (revision,) = given.revisions.all()
    assert revision.suggestions == [[1, "bcc", "sure"], [2, "naevus", "sure"]]
    assert codes(given) == [(1, "bcc"), (2, "melanoma")]


def test_a_revision_before_the_proposal_stays_as_it_was(case: Case, bob: Member, mod: Member) -> None:
    given = answers.answer(case=case, by=bob, choices=[NAEVUS])
    answers.revise(given=given, choices=[NAEVUS], own=own(place=2))
    deciding.map_to(proposal=ProposedTerm.objects.get(), by=mod, code="bcc")
    assert given.revisions.get().suggestions == [[1, "naevus", "sure"]]
    assert codes(given) == [(1, "naevus"), (2, "bcc")]


@pytest.mark.parametrize(
    ("before", "rank", "after"),
    [
        ([], 1, [[1, "bcc", "sure"]]),
        ([[2, "naevus", "sure"]], 1, [[1, "bcc", "sure"], [2, "naevus", "sure"]]),
        ([[1, "naevus", "sure"]], 1, [[1, "naevus", "sure"]]),  # the place is taken
        ([[1, "bcc", "guess"]], 2, [[1, "bcc", "guess"]]),
        ([[2, "bcc", "guess"]], 1, [[1, "bcc", "sure"]]),
    ],
)
def test_a_place_in_a_revision(before: list[list[object]], rank: int, after: list[list[object]]) -> None:
    assert with_place(before, rank=rank, code="bcc", confidence="sure") == after


def test_who_comes_second_decides_nothing(proposal: ProposedTerm, mod: Member) -> None:
    deciding.refuse(proposal=proposal, by=mod, why_not=WhyNot.TOO_VAGUE)
    with refused("decided this already"):
        deciding.map_to(proposal=proposal, by=mod, code="bcc")
    with refused("decided this already"):
        deciding.accept(proposal=proposal, by=mod, term=NEW)
    assert not AddedTerm.objects.exists()


@pytest.mark.parametrize("code", ["", "nothing", "keratinocyte-cancer"])
def test_only_an_answer_is_meant(code: str, proposal: ProposedTerm, mod: Member) -> None:
    with refused("from the list"):
        deciding.map_to(proposal=proposal, by=mod, code=code)


def test_two_of_one_name_have_two_codes_and_no_label_twice(case: Case, bob: Member, mod: Member) -> None:
    answers.answer(case=case, by=bob, own=own("One"))
    answers.answer(case=reading.case(), by=bob, own=own("Two"))
    for proposal in ProposedTerm.objects.all():
        reading.answer(proposal.answer.case, mod, "psoriasis") if proposal.answer.case_id != case.pk else None
    first, second = ProposedTerm.objects.order_by("made_at")
    deciding.accept(proposal=first, by=mod, term=NEW)
    with refused("added in the meantime"):
        deciding.accept(proposal=second, by=mod, term=NEW)
    other = NewTerm(label="Wooden-skin disease", turkish="Tahta", icd10="L98", nature="other", parent="bcc")
    assert deciding.accept(proposal=second, by=mod, term=other).code == "x-wooden-skin-disease-2"


def test_a_line_of_the_log_names_the_code_and_no_words(proposal: ProposedTerm, mod: Member) -> None:
    deciding.accept(proposal=proposal, by=mod, term=NEW)
    lines = [str(event.facts) for event in Event.objects.filter(verb__startswith="term.")]
    verbs = set(Event.objects.filter(verb__startswith="term.").values_list("verb", flat=True))
    assert verbs == {"term.proposed", "term.accepted"}
    assert not any("Wooden" in line for line in lines)


# --- With the case


def test_a_withdrawal_takes_the_proposal_and_leaves_the_term(
    bob: Member, run_jobs: Callable[[], int], django_capture_on_commit_callbacks: Any
) -> None:
    cases = [reading.case(), reading.case()]
    mod = factories.person("mod1")
    for case in cases:
        answers.answer(case=case, by=bob, own=own(f"Wooden skin {case.pk.hex[:4]}"))
        reading.answer(case, mod, "psoriasis")
    first, second = (ProposedTerm.objects.get(answer__case=case) for case in cases)
    deciding.accept(proposal=first, by=mod, term=NEW)
    for case in cases:
        assert case.consent is not None
        withdraw(consent_id=case.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    assert not ProposedTerm.objects.exists()
    assert AddedTerm.objects.get().code == "x-wooden-skin-disease"
    with refused("not here any more"):
        deciding.map_to(proposal=second, by=mod, code="bcc")
