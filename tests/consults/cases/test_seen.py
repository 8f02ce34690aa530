"""Who looked at a case: professions and counts, for its author and its patient, and for nobody else."""

import pytest
from django.urls import reverse

from accounts.models import Member
from audit.access_log import record_served
from consent.models import Consent
from consults.cases.seen import SeenBy, seen_by, seen_under
from consults.models import Case
from imaging.models import Rendition
from tests.consults import reading
from tests.consults.new_case import JPEG
from tests.matrix import journey


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice, data=JPEG)


def look(member: Member, case: Case, *names: str) -> None:
    for name in names or ("display",):
        rendition = Rendition.objects.get(photo__placement__case=case, name=name)
        record_served(member_id=member.pk, rendition_id=rendition.pk, name=name)


def test_each_member_counts_once_and_the_author_not(case: Case, alice: Member, bob: Member, resident: Member) -> None:
    look(alice, case)
    look(bob, case, "display", "display", "thumbnail")
    look(resident, case)
    assert {(row.members, row.profession) for row in seen_by(case)} == {
        (1, str(bob.get_profession_display())),
        (1, str(resident.get_profession_display())),
    }
    consent = Consent.objects.get(pk=case.consent_id)
    assert seen_under(consent) == seen_by(case)


def test_only_of_this_case(case: Case, alice: Member, bob: Member) -> None:
    look(bob, reading.case(alice, data=JPEG))
    assert seen_by(case) == []


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_the_author_reads_it_on_the_page(who: str, case: Case, request: pytest.FixtureRequest, bob: Member) -> None:
    look(bob, case)
    page = journey.client_of(request.getfixturevalue(who)).get(reverse("consults:case", args=[case.pk]))
    assert (b"Seen by" in page.content) == (who == "alice")


def test_the_words_name_nobody() -> None:
    assert set(SeenBy.__dataclass_fields__) == {"profession", "members"}
