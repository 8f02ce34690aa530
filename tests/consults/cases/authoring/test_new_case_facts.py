"""The case in words: saved, mistaken, too late."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consults.cases.authoring.forms import FactsForm
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


# --- Two windows

START = {"title": "A plaque", "note": "Grown in a year.", "kind": "difficult"}


def versions_of(case: Case) -> dict[str, str]:
    found: dict[str, str] = FactsForm(instance=Case.objects.get(pk=case.pk)).initial["versions"]
    return found


@pytest.mark.parametrize("monk", [{}, {"monk": "4"}], ids=["empty", "given"])
def test_a_window_saves_only_what_changed_in_it(client: Client, monk: dict[str, str]) -> None:
    case = journey.new_case(client)
    Case.objects.filter(pk=case.pk).update(**START)
    seen = json.dumps(versions_of(case))
    address = reverse("consults:facts", args=[case.pk])
    for changed in ({"title": "A nodule"}, {"note": "Grown in a week.", **monk}, {"symptoms": ["itch"]}):
        client.post(address, {**START, **changed, "versions": seen}, headers={"X-Autosave": "1"})
    case.refresh_from_db()
    assert (case.title, case.note, case.symptoms) == ("A nodule", "Grown in a week.", ["itch"])
    assert case.monk == (4 if monk else None)


def test_what_another_window_changed_alone_is_told(client: Client) -> None:
    case = journey.new_case(client)
    Case.objects.filter(pk=case.pk).update(**START)
    seen = json.dumps(versions_of(case))
    changed = {"title": "A nodule", "symptoms": ["itch"], "education_model": True, "differential": ["psoriasis"]}
    Case.objects.filter(pk=case.pk).update(**changed)
    address = reverse("consults:facts", args=[case.pk])
    answer = client.post(address, {**START, "note": "New.", "versions": seen}, headers={"X-Autosave": "1"}).json()
    told = answer["elsewhere"]
    assert set(told) == set(changed)
    assert answer["conflicts"] == {}
    assert told["title"]["values"] == {"title": ["A nodule"]}
    assert told["symptoms"]["values"] == {"symptoms": ["itch"]}
    assert told["education_model"]["values"] == {"education_model": ["on"]}
    assert told["differential"]["values"] == {
        "differential_1": ["psoriasis"],
        "differential_1_text": ["Psoriasis"],
        **{f"differential_{number}{part}": [""] for number in (2, 3) for part in ("", "_text")},
    }
    assert told["title"]["version"] == versions_of(case)["title"]


@pytest.mark.parametrize(
    ("there", "here", "text"),
    [
        ({"note": "Theirs.\n“Two”"}, {"note": "Mine."}, "Theirs.\n“Two”"),
        ({"note": ""}, {"note": "Mine."}, "–"),
        ({"symptoms": ["itch", "pain"]}, {"symptoms": ["burning"]}, "Itch, Pain"),
        ({"question": "biopsy"}, {"question": "management"}, "Biopsy or not?"),
        ({"education_model": True}, {"education_model": ""}, None),
        ({"monk": 3}, {"monk": "5"}, None),
        ({"differential": ["psoriasis"]}, {"differential_1": "actinic-keratosis"}, "Psoriasis"),
    ],
)
def test_a_conflict_is_shown_and_not_saved(
    client: Client, there: dict[str, Any], here: dict[str, Any], text: str | None
) -> None:
    case = journey.new_case(client)
    Case.objects.filter(pk=case.pk).update(**START)
    seen = versions_of(case)
    name = next(iter(there))
    Case.objects.filter(pk=case.pk).update(**there)
    address = reverse("consults:facts", args=[case.pk])
    sent = {**START, "title": "Changed too", **here, "versions": json.dumps(seen)}
    answer = client.post(address, sent, headers={"X-Autosave": "1"}).json()
    if name == "education_model":  # not ticked before and not ticked now: only the other window changed it
        assert list(answer["elsewhere"]) == [name]
        return
    assert list(answer["conflicts"]) == [name]
    told = answer["conflicts"][name]
    assert text in (None, told["text"])
    stored = Case.objects.get(pk=case.pk)
    assert (getattr(stored, name), stored.title) == (there[name], "Changed too")
    # “Keep mine”: the same text, now against the version that the person has seen
    again = {**seen, **answer["versions"], name: told["version"]}
    kept = client.post(address, {**sent, "versions": json.dumps(again)}, headers={"X-Autosave": "1"}).json()
    assert (kept["conflicts"], getattr(Case.objects.get(pk=case.pk), name) != there[name]) == ({}, True)


def test_the_button_shows_a_conflict_too_and_keeps_mine_the_second_time(client: Client) -> None:
    case = journey.new_case(client)
    journey.facts(client, case)
    seen = versions_of(case)
    Case.objects.filter(pk=case.pk).update(note="Theirs.")
    answer = journey.facts(client, case, note="Mine.", title="Other", versions=json.dumps(seen))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Theirs." in page
    assert "Mine." in page
    case.refresh_from_db()
    assert (case.note, case.title) == ("Theirs.", "Other")
    sent = answer.context["form"].data["versions"]
    assert journey.facts(client, case, note="Mine.", title="Third", versions=sent).status_code == 302
    case.refresh_from_db()
    assert (case.note, case.title) == ("Mine.", "Third")


@pytest.mark.parametrize("versions", ["", "[]", "no json", '{"note": 5}', '{"other": "x"}'])
def test_forged_versions_break_nothing(client: Client, versions: str) -> None:
    case = journey.new_case(client)
    answer = journey.facts(client, case, note="Mine.", versions=versions)
    assert answer.status_code in (302, 422, 409)


def test_equal_texts_are_no_conflict_however_their_lines_end(client: Client) -> None:
    case = journey.new_case(client)
    Case.objects.filter(pk=case.pk).update(**START)
    seen = versions_of(case)
    Case.objects.filter(pk=case.pk).update(note="One.\nTwo.")
    address = reverse("consults:facts", args=[case.pk])
    sent = {**START, "note": "One.\r\nTwo.", "versions": json.dumps(seen)}
    assert client.post(address, sent, headers={"X-Autosave": "1"}).json()["conflicts"] == {}
