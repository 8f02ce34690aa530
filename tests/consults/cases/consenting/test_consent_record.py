"""A consent's page: the clinician who recorded it and privacy officers change it, nobody else finds it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent import lifecycle
from consent.models import Assent, Capacity, Consent, Relation, Removal, Status, Until, Use, Withdrawal
from consent.records.lookup import find_by_code
from consults.cases import gate
from consults.discussion.models import Outcome
from consults.models import Case, Comment, Redaction
from consults.withdrawal import redaction
from tests import factories
from tests.consent import making
from tests.consent.words import note_of, text_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[object], Client]


@pytest.fixture
def published() -> making.Published:
    return making.published(
        pictures=2, comments=("one",), consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)}, title="Zebra plaque"
    )


def at(published: making.Published) -> str:
    return reverse("consults:consent_record", args=[published.consent.pk])


@pytest.mark.parametrize(("who", "by", "title"), [("alice", "clinician", True), ("officer", "officer", False)])
def test_a_part_and_then_the_whole(
    sign_in: SignIn, published: making.Published, who: str, by: str, title: bool
) -> None:
    client = sign_in(factories.person(who))
    page = client.get(at(published))
    assert ("Zebra plaque" in text_of(page)) is title
    assert b"<img" not in page.content.partition(b"<main")[2].partition(b"</main>")[0]
    shown = client.post(at(published), {"action": "choose", "uses": ["research:"]}, follow=True)
    assert "What will happen" in text_of(shown)
    note = note_of(shown)
    assert "say that the patient asked" in text_of(
        client.post(at(published), {"action": "part", "note": note}, follow=True)
    )
    assert Removal.objects.count() == 0
    done = client.post(at(published), {"action": "part", "note": note, "asked": "1"})
    made = Removal.objects.get()
    assert done["Location"] == reverse("consent:removed", args=[made.pk])
    assert made.by == by
    client.post(at(published), {"action": "withdraw"})
    assert Withdrawal.objects.count() == 0
    client.post(at(published), {"action": "withdraw", "asked": "1"})
    assert Withdrawal.objects.get().by == by
    assert "the whole consent" in text_of(client.get(at(published)))


@pytest.mark.parametrize(
    "data",
    [
        {"action": "part", "note": "forged", "asked": "1"},
        {"action": "majority", "year": "2030"},
        {"action": "majority", "year": "soon"},
        {"action": "nothing"},
        {},
    ],
)
def test_what_is_not_possible_changes_nothing(
    sign_in: SignIn, published: making.Published, data: dict[str, Any]
) -> None:
    before = Consent.objects.values().get()
    assert sign_in(published.case.author).post(at(published), data).status_code in (302, 422)
    assert Consent.objects.values().get() == before


def test_another_consents_note_is_refused(sign_in: SignIn, published: making.Published) -> None:
    other = making.published(consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
    client = sign_in(published.case.author)
    note = note_of(client.post(at(published), {"action": "choose", "uses": ["research:"]}, follow=True))
    client.post(at(other), {"action": "part", "note": note, "asked": "1"})
    assert Removal.objects.count() == 0


def test_nobody_speaks_for_the_patient_with_a_clinicians_note(
    client: Client, officer: Member, sign_in: SignIn, published: making.Published
) -> None:
    note = note_of(sign_in(officer).post(at(published), {"action": "choose", "uses": ["research:"]}, follow=True))
    assert client.post(reverse("consent:part_confirm"), {"note": note}).status_code == 422
    assert Removal.objects.count() == 0


def test_a_publication_is_named_until_it_is_taken_back(sign_in: SignIn) -> None:
    named = making.published(
        consent_fields={"uses": (Use.ALL_MEMBERS, Use.PUBLICATION), "publication": "Atlas of itch"}
    )
    client = sign_in(factories.person("alice"))
    assert text_of(client.get(at(named))).count("Atlas of itch") == 2  # what is allowed, what can be taken back
    shown = client.post(at(named), {"action": "choose", "uses": ["publication:"]}, follow=True)
    client.post(at(named), {"action": "part", "note": note_of(shown), "asked": "1"})
    assert "Atlas of itch" not in text_of(client.get(at(named)))


@pytest.mark.parametrize(
    ("until", "ends"), [(Until.TREATMENT_ENDS, True), (Until.CASE_CLOSED, False), (Until.NO_EVENT, False)]
)
def test_a_treatment_that_has_ended_ends_the_consent(sign_in: SignIn, until: Until, ends: bool) -> None:
    later = timezone.localdate() + timedelta(days=90)
    made = making.published(consent_fields={"until_event": until, "expires_on": later})
    client = sign_in(made.case.author)
    assert ("The treatment has ended" in text_of(client.get(at(made)))) is ends
    said = text_of(client.post(at(made), {"action": "happened"}, follow=True))
    assert ("Nobody sees" in said) is ends
    assert gate.visible_cases(factories.person("bob")).filter(pk=made.case.pk).exists() is not ends
    assert Event.objects.filter(verb="consent.ended", actor_id=made.case.author_id).exists() is ends
    assert "The treatment has ended" not in text_of(client.get(at(made))) or not ends


CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}\b")


def test_a_lost_receipt_is_replaced_and_the_old_code_is_void(sign_in: SignIn, published: making.Published) -> None:
    client = sign_in(published.case.author)
    assert not CODE.search(text_of(client.post(at(published), {"action": "code"}, follow=True)))
    assert find_by_code(published.code) == published.consent
    (code,) = set(CODE.findall(text_of(client.post(at(published), {"action": "code", "asked": "1"}, follow=True))))
    assert (find_by_code(published.code), find_by_code(code)) == (None, published.consent)
    receipt = reverse("consults:receipt", args=[published.consent.pk])
    assert client.post(receipt, follow=True).content.startswith(b"%PDF")
    assert Event.objects.filter(verb="consent.code_renewed", subject_id=published.consent.pk).count() == 1
    assert code.replace("-", "") not in str(list(Event.objects.values_list("facts", flat=True)))


@pytest.mark.parametrize(("who", "status"), [("officer", Status.ACTIVE), ("alice", Status.EXPIRED)])
def test_who_gets_no_new_code(sign_in: SignIn, published: making.Published, who: str, status: Status) -> None:
    Consent.objects.update(status=status)
    client = sign_in(factories.person(who))
    assert "Make a new code" not in text_of(client.get(at(published)))
    client.post(at(published), {"action": "code", "asked": "1"})
    assert Consent.objects.get().code_sha256 == published.consent.code_sha256


def test_a_number_on_an_older_receipt_leads_to_what_took_its_place(
    sign_in: SignIn, published: making.Published
) -> None:
    author = published.case.author
    older, _code = making.consent(author, patient=published.consent.patient)
    lifecycle.supersede(old=older, new=published.consent, by=author)
    for person in (author, factories.person("officer")):
        page = sign_in(person).get(reverse("consults:consent_record", args=[older.pk]))
        assert f'href="{at(published)}"' in page.content.decode()
        assert "1 case, 2 pictures" in text_of(page)


def test_a_childs_year_and_a_mistake(sign_in: SignIn, published: making.Published) -> None:
    Consent.objects.update(
        capacity=Capacity.CHILD, relation=Relation.GUARDIAN, authority="mother", assent=Assent.AGREED
    )
    client = sign_in(published.case.author)
    year = timezone.now().year + 3
    client.post(at(published), {"action": "majority", "year": str(year)})
    assert published.again().consent.majority_year == year
    assert f'value="{year}"' in client.get(at(published)).content.decode()
    client.post(at(published), {"action": "error"})
    assert published.again().consent.status == Status.ENTERED_IN_ERROR
    page = client.post(at(published), {"action": "error"}, follow=True)
    assert "has changed in the meantime" in page.content.decode()


def test_the_author_hides_a_case_from_its_page(sign_in: SignIn, published: making.Published) -> None:
    client = sign_in(published.case.author)
    page = client.get(reverse("consults:case", args=[published.case.pk]))
    assert "back to my drafts" in text_of(page)
    done = client.post(reverse("consults:retract", args=[published.case.pk]))
    assert done["Location"] == reverse("consults:check", args=[published.case.pk])
    assert published.again().case.state == "draft"


# --- Words elsewhere

SOURCE = "A slowly growing plaque with a pearly border on the left cheek since spring"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I agree.", "I agree."),
        (f"They wrote: {SOURCE}. I agree.", "They wrote: […]. I agree."),
        (f"{SOURCE.upper()}!", "[…]!"),
        ("They saw a PEARLY — border, on the left cheek there.", "They saw […] there."),
        ("a pearly border on the right cheek", "a pearly border on the right cheek"),
        ("Like “Rough red scaly patch”, I think.", "Like “[…]”, I think."),
        ("a red scaly patch", "a red scaly patch"),
    ],
)
def test_quotations_are_found_word_for_word(text: str, left: str) -> None:
    stretches = redaction.find_quotations(text, of=[SOURCE, "Rough red scaly patch", "Three words only", ""])
    assert redaction.replace_stretches(text, stretches) == left


def test_quotes_go_and_links_are_listed(run_jobs: Callable[[], int], sign_in: SignIn) -> None:
    published, other = making.published(note=SOURCE, comments=(f"{SOURCE} indeed",)), making.published()
    Outcome.objects.create(
        case=published.case, diagnosis="x", reference="y", done="Excised with a margin of four millimetres"
    )
    bob = factories.person("bob")
    texts = (
        f"Cf. {SOURCE}.",
        f"See /cases/{published.case.pk}/ too.",
        "Excised with a margin of four millimetres?",
        "Own.",
    )
    quoting, linking, outcome, own = (Comment.objects.create(case=other.case, author=bob, text=t) for t in texts)
    sign_in(published.case.author).post(at(published), {"action": "withdraw", "asked": "1"})
    run_jobs()
    assert Withdrawal.objects.get().quotes == 2
    now = dict(Comment.objects.values_list("pk", "text"))
    assert now == {quoting.pk: "Cf. […].", linking.pk: texts[1], outcome.pk: "[…]?", own.pk: "Own."}
    assert set(Redaction.objects.values_list("comment", "reason")) == {
        (quoting.pk, "quote"),
        (linking.pk, "link"),
        (outcome.pk, "quote"),
    }
    assert Case.objects.get(pk=other.case.pk).state == "released"


@pytest.mark.parametrize(("decision", "text"), [("removed", "[…]"), ("kept", "Pearly."), ("forged", "Pearly.")])
def test_a_moderator_decides_once(sign_in: SignIn, published: making.Published, decision: str, text: str) -> None:
    comment = Comment.objects.create(case=published.case, author=factories.person("mod2"), text="Pearly.")
    row = Redaction.objects.create(comment=comment, reason="picture")
    client = sign_in(factories.person("mod1"))
    assert "Pearly." not in text_of(client.get(reverse("consults:redactions")))  # as blind as everybody
    client.post(reverse("consults:read_only", args=[published.case.pk]))
    assert "Pearly." in text_of(client.get(reverse("consults:redactions")))
    assert "One comment may still describe" in text_of(client.get(reverse("consults:second_reads")))
    assert "Pearly." not in text_of(sign_in(factories.person("mod2")).get(reverse("consults:redactions")))
    decide = reverse("consults:decide_redaction", args=[row.pk])
    assert sign_in(factories.person("mod2")).post(decide, {"decision": "removed"}).status_code == 404
    client.post(decide, {"decision": decision})
    assert client.post(decide, {"decision": "removed"}).status_code == 404
    comment.refresh_from_db()
    assert comment.text == text
