"""The case in words: saved, mistaken, too late."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from consults.models import Case, CaseState
from tests.consults import reading
from tests.matrix import journey


def test_words_are_saved_and_lead_on(client: Client) -> None:
    case = journey.new_case(client)
    answer = journey.facts(client, case)
    assert answer["Location"] == reverse("consults:consent", args=[case.pk])
    case.refresh_from_db()
    assert (case.title, case.differential) == (reading.FACTS["title"], reading.FACTS["differential"])
    assert case.content_sha256 == case.digest()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"site": "on the moon"}, "site"),
        ({"age_band": "old"}, "age_band"),
        ({"differential_1": "nonsense"}, "differential"),
        ({"differential_1": "", "differential_1_text": "some rash"}, "differential"),
        ({"title": "x" * 101}, "title"),
    ],
)
def test_one_mistake_loses_nothing_else(client: Client, wrong: dict[str, str], field: str) -> None:
    case = journey.new_case(client)
    answer = journey.facts(client, case, **wrong)
    assert answer.status_code == 422
    case.refresh_from_db()
    assert case.note == reading.FACTS["note"]
    assert not getattr(case, field)


def test_autosave_answers_with_what_is_wrong_and_missing(client: Client) -> None:
    case = journey.new_case(client)
    address = reverse("consults:facts", args=[case.pk])
    answer = client.post(address, {"title": "A plaque", "age_band": "old"}, headers={"X-Autosave": "1"})
    assert answer.status_code == 200
    body = answer.json()
    assert "age_band" in body["errors"]
    assert re.fullmatch(r"\d\d:\d\d", body["saved_at"])
    assert "picture" in body["missing_html"]
    case.refresh_from_db()
    assert case.title == "A plaque"


def test_an_empty_form_is_no_fault(client: Client) -> None:
    case = journey.new_case(client)
    assert client.post(reverse("consults:facts", args=[case.pk])).status_code == 422
    case.refresh_from_db()
    assert case.state == CaseState.DRAFT


def test_too_late_words_are_answered(client: Client, draft: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from consults.cases.authoring.forms import FactsForm

    save = FactsForm.save_valid_fields

    def after_another_window_sent_it(form: FactsForm) -> Case:
        Case.objects.update(state=CaseState.SUBMITTED)
        return save(form)

    monkeypatch.setattr(FactsForm, "save_valid_fields", after_another_window_sent_it)
    answer = journey.facts(client, draft, note="Too late.")
    assert answer["Location"] == reverse("consults:mine")
    Case.objects.update(state=CaseState.DRAFT)
    address = reverse("consults:facts", args=[draft.pk])
    autosaved = client.post(address, {"note": "Too late."}, headers={"X-Autosave": "1"})
    assert autosaved.status_code == 409
    assert autosaved.json()["error"].endswith(".")
    draft.refresh_from_db()
    assert (draft.state, draft.note) == (CaseState.SUBMITTED, reading.FACTS["note"])
