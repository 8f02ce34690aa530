"""The consent of a new case: recorded, refused, used again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consent.models import Consent, Status, Use
from consent.records.lookup import find_by_code
from consults.cases import gate
from consults.models import Case, Group, Membership
from tests.consent import making
from tests.consults import reading
from tests.consults.new_case import CODE, page
from tests.matrix import journey


def test_a_recorded_consent_shows_its_code_once(client: Client, draft: Case, alice: Member) -> None:
    answer = journey.consent(client, draft)
    assert answer.status_code == 200
    (code,) = set(CODE.findall(answer.content.decode()))
    draft.refresh_from_db()
    assert draft.consent == find_by_code(code)
    assert draft.consent is not None
    assert draft.consent.recorded_by == alice
    assert set(draft.consent.uses.values_list("use", flat=True)) == {Use.ALL_MEMBERS}
    for view in ("consent", "check"):
        assert not CODE.search(page(client, view, draft.pk))
    pdf = client.post(reverse("consults:receipt", args=[draft.consent_id]), follow=True)
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("view", ["code", "receipt", "receipt_file"])
def test_without_a_kept_code_there_is_neither_page_nor_receipt(client: Client, alice: Member, view: str) -> None:
    given, code = making.consent(alice)
    address = reverse(f"consults:{view}", args=[given.pk])
    answer = client.post(address, {"code": code}) if view == "receipt" else client.get(address)
    assert answer["Location"] == reverse("consults:consent_record", args=[given.pk])
    given.refresh_from_db()
    assert "No code is kept here" in page(client, "consent_record", given.pk)


@pytest.mark.parametrize(
    "wrong",
    [
        {"uses": []},
        {"uses": ["named_group"]},
        {"uses": ["everything"]},
        {"capacity": "sedated"},
        {"capacity": "fluctuating"},
        {"capacity": "child", "relation": "guardian", "authority": "mother", "majority_year": "2038"},
        {"capacity": "child", "relation": "guardian", "authority": "mother", "assent": "agreed"},
        {
            "capacity": "child",
            "relation": "guardian",
            "authority": "mother",
            "assent": "objected",
            "majority_year": "2038",
        },
        {"relation": "guardian"},
        {"capacity": "lacks", "relation": "representative"},
        {"signature": ""},
        {"signature": "data:image/png;base64,????"},
        {"signature": "data:text/html;base64,PGI+"},
        {"signature_kind": "clinic_held"},
        {"signature_kind": "clinic_held", "clinic_form": "a" * 64},
        {"copy_given": ""},
        {"shown": ""},
        {"signed_on": "2999-01-01"},
        {"signed_on": "yesterday"},
        {"expires_on": "2020-01-31"},
        {"form": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_a_consent_that_is_none_is_not_recorded(client: Client, draft: Case, wrong: dict[str, Any]) -> None:
    before = Consent.objects.count()
    answer = journey.consent(client, draft, **wrong)
    assert answer.status_code == 422
    assert Consent.objects.count() == before
    assert not CODE.search(answer.content.decode())
    assert Case.objects.get().consent == draft.consent


@pytest.mark.parametrize(
    "right",
    [
        {"signature_kind": "clinic_held", "clinic_form": "a" * 64, "attested": "on", "signature": ""},
        {
            "capacity": "child",
            "relation": "guardian",
            "authority": "mother",
            "assent": "agreed",
            "majority_year": "2038",
        },
        {"shown": "shown"},
        {"expires_on": str(timezone.localdate() + timedelta(days=30))},
        {"uses": ["all_members", "lectures", "identifiable_mark"]},
    ],
)
def test_other_ways_to_consent(client: Client, draft: Case, right: dict[str, Any]) -> None:
    Case.objects.filter(pk=draft.pk, age_band="60-69").update(age_band="6-12" if "majority_year" in right else "60-69")
    assert journey.consent(client, draft, **right).status_code == 200
    draft.refresh_from_db()
    assert gate.blockers(draft) == []


def test_the_audience_is_a_group_of_ones_own(client: Client, draft: Case, alice: Member) -> None:
    mine, foreign = Group.objects.create(name="Mine"), Group.objects.create(name="Foreign")
    Membership.objects.create(group=mine, member=alice)
    address = reverse("consults:consent", args=[draft.pk])
    assert client.post(address, {"action": "audience", "group": str(foreign.pk)}).status_code == 422
    assert client.post(address, {"action": "audience", "group": str(mine.pk)}).status_code == 302
    draft.refresh_from_db()
    assert draft.group == mine
    assert journey.consent(client, draft, uses=["named_group"]).status_code == 200
    draft.refresh_from_db()
    assert draft.consent is not None
    assert list(draft.consent.uses.values_list("use", "scope")) == [("named_group", mine.pk)]
    client.post(address, {"action": "audience", "group": ""})
    draft.refresh_from_db()
    assert [blocker.code for blocker in gate.blockers(draft)] == ["consent_audience"]


def test_a_consent_recorded_before(client: Client, draft: Case, alice: Member, bob: Member) -> None:
    address = reverse("consults:consent", args=[draft.pk])
    refused = [
        reading.consent(bob),
        reading.consent(alice, status=Status.WITHDRAWN),
        reading.consent(alice, expires_on="2020-01-31"),
    ]
    for consent in refused:
        assert client.post(address, {"action": "existing", "consent": str(consent.pk)}).status_code == 422
    assert draft.consent is not None
    good = reading.consent(alice, patient=draft.consent.patient)
    answer = client.post(address, {"action": "existing", "consent": str(good.pk)})
    there = reverse("consults:attach", args=[draft.pk, good.pk])
    assert answer["Location"] == there
    seen = re.findall(r'name="seen" value="([0-9a-f]{64})"', client.get(there).content.decode())
    answer = client.post(there, {"same_patient": "on", "told_patient": "on", "seen": seen})
    assert answer["Location"] == reverse("consults:check", args=[draft.pk])
    draft.refresh_from_db()
    assert draft.consent == good


def test_a_withdrawn_draft_takes_no_new_consent(client: Client, draft: Case) -> None:
    reading.withdraw(draft)
    before = Consent.objects.count()
    assert journey.consent(client, draft)["Location"] == reverse("consults:mine")
    assert Consent.objects.count() == before
