"""Forms: drafted in both languages, published as one, never changed, retired; the pages of privacy officers."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent.forms import publishing, standard_form, triggers
from consent.forms.publishing import REQUIRED, NotPublished, Text, current_forms
from consent.models.forms import Form, FormState
from tests import factories
from tests.consent import making
from tests.permits import permits

pytestmark = pytest.mark.django_db

ENGLISH = "Some words.\n\n" + "\n".join(f"- Statement {number}." for number in range(5)) + "\n"
TURKISH = "Birkaç söz.\n\n" + "\n".join(f"- Açıklama {number}." for number in range(5)) + "\n"
TEXTS = {"en": Text("Harbour consent", ENGLISH), "tr": Text("Liman onamı", TURKISH)}


@pytest.fixture
def officer(db: None) -> Member:
    return factories.person("officer")


@pytest.fixture
def draft(officer: Member) -> Form:
    return publishing.create_draft(code="harbour", texts=TEXTS, by=officer)


@pytest.fixture
def at_work(officer: Member) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def published(by: Member, **texts: Text) -> Form:
    made = publishing.create_draft(code="harbour", texts=TEXTS | texts, by=by)
    publishing.publish(form=made, confirmed=REQUIRED, by=by)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(("who", "fields", "may"), [
    ("officer", {}, True), ("admin", {}, True), ("bob", {}, False), ("mod1", {}, False),
    ("officer", {"standing": "suspended"}, False), ("admin", {"standing": "lapsed"}, False),
])  # fmt: skip
def test_who_manages_forms(draft: Form, who: str, fields: dict[str, str], may: bool) -> None:
    factories.person(who)
    Member.objects.filter(email=f"{who}@hospital.example").update(**fields)
    assert permits("form.view", who, draft) is permits("form.edit", who, draft) is may


def test_the_standard_form_is_in_use_in_both_languages() -> None:
    found = {form.language: form for form in current_forms()}
    assert set(found) == {"en", "tr"}
    assert {(form.code, form.version) for form in found.values()} == {(standard_form.CODE, standard_form.VERSION)}
    assert len({(len(form.paragraphs), len(form.statements)) for form in found.values()}) == 1
    assert publishing.in_language(found["en"], "tr") == found["tr"]
    assert publishing.in_language(found["en"], "de") == found["en"]


def test_a_draft_is_published_and_retires_the_version_before(officer: Member) -> None:
    first = published(officer)
    assert first.state == FormState.IN_USE
    second = publishing.draft_next_version(form=first, by=officer)
    assert (second.version, second.state, second.text) == (2, FormState.DRAFT, first.text)
    publishing.edit_draft(form=second, texts={key: Text(said.title + " 2", said.text) for key, said in TEXTS.items()})
    publishing.publish(form=second, confirmed=REQUIRED, by=officer)
    states = {(form.version, form.language): form.state for form in Form.objects.filter(code="harbour")}
    assert states == {
        (1, "en"): FormState.RETIRED,
        (1, "tr"): FormState.RETIRED,
        (2, "en"): FormState.IN_USE,
        (2, "tr"): FormState.IN_USE,
    }
    verbs = list(Event.objects.filter(verb__startswith="form.").values_list("verb", flat=True))
    assert verbs == ["form.drafted", "form.published"] * 2


NO_TURKISH = TEXTS | {"tr": Text("Liman onamı", " ")}
UNEQUAL = TEXTS | {"tr": Text("Liman onamı", TURKISH + "- Bir tane daha.\n")}
NO_STATEMENTS = {key: Text(said.title, "Words only.") for key, said in TEXTS.items()}


@pytest.mark.parametrize(
    ("texts", "confirmed", "wrong"),
    [
        (TEXTS, REQUIRED, set()),
        (TEXTS, list(REQUIRED)[1:], {"confirmed"}),
        (TEXTS, (), {"confirmed"}),
        (NO_TURKISH, REQUIRED, {"text_tr"}),
        (UNEQUAL, REQUIRED, {"text"}),
        (NO_STATEMENTS, REQUIRED, {"text"}),
    ],
)
def test_what_can_be_published(officer: Member, texts: dict[str, Text], confirmed: object, wrong: set[str]) -> None:
    made = publishing.create_draft(code="harbour", texts=texts, by=officer)
    refused: dict[str, str] = {}
    try:
        publishing.publish(form=made, confirmed=confirmed, by=officer)
    except NotPublished as error:
        refused = error.sentences
    assert set(refused) == wrong
    assert current_forms().filter(code="harbour").count() == (0 if wrong else 2)


def test_the_same_text_is_not_published_twice(officer: Member) -> None:
    first = published(officer)
    second = publishing.draft_next_version(form=first, by=officer)
    with pytest.raises(NotPublished) as refused:
        publishing.publish(form=second, confirmed=REQUIRED, by=officer)
    assert set(refused.value.sentences) == {"text"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Form.objects.filter(code="harbour", version=2).update(published_at=timezone.now())


def test_one_draft_at_a_time_and_no_borrowed_name(officer: Member, draft: Form) -> None:
    for code in ("harbour", "rete-standard", "rete-anything"):
        with pytest.raises(NotPublished) as refused:
            publishing.create_draft(code=code, texts=TEXTS, by=officer)
        assert set(refused.value.sentences) == {"code"}


def test_a_draft_is_signed_by_nobody(draft: Form) -> None:
    from consent.records.statement import NotRecorded

    assert draft not in current_forms()
    with pytest.raises(NotRecorded) as refused:
        making.consent(factories.person("alice"), form=draft)
    assert set(refused.value.sentences) == {"form"}


def test_a_published_form_is_neither_rewritten_nor_discarded(officer: Member) -> None:
    made = published(officer)
    with pytest.raises(NotPublished):
        publishing.edit_draft(form=made, texts=TEXTS)
    with pytest.raises(NotPublished):
        publishing.discard_draft(form=made, by=officer)


def test_the_last_form_in_use_stays(officer: Member) -> None:
    standard = publishing.site_forms().get(code="rete-standard")
    with pytest.raises(NotPublished):
        publishing.retire(form=standard, by=officer)
    own = published(officer)
    for _time in range(2):
        publishing.retire(form=standard, by=officer)
    assert set(current_forms().values_list("code", flat=True)) == {"harbour"}
    assert Event.objects.filter(verb="form.retired").count() == 1
    with pytest.raises(NotPublished):
        publishing.retire(form=own, by=officer)


# --- What the database itself refuses

CHANGES = {
    "text": {"text": "Other words."},
    "title": {"title": "Other"},
    "hash": {"sha256": "0" * 64},
    "version": {"version": 9},
    "back to a draft": {"published_at": None},
}


@pytest.mark.parametrize("change", CHANGES)
def test_published_words_stay_in_the_database(officer: Member, change: str) -> None:
    made, still_a_draft = published(officer), publishing.create_draft(code="other", texts=TEXTS, by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Form.objects.filter(pk=made.pk).update(**CHANGES[change])
    if change != "back to a draft":
        assert Form.objects.filter(pk=still_a_draft.pk).update(**CHANGES[change]) == 1


def test_published_rows_are_not_deleted_and_retire_once(officer: Member) -> None:
    made = published(officer)
    row = Form.objects.filter(pk=made.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()
    assert row.update(retired_at=timezone.now()) == 1
    for again in (None, timezone.now()):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(retired_at=again)


@pytest.fixture
def without_triggers() -> Iterator[None]:
    with transaction.atomic():
        triggers.drop(connection)
        yield
        triggers.create(connection)


def test_it_is_the_triggers_that_refuse(officer: Member, without_triggers: None) -> None:
    made = published(officer)
    assert Form.objects.filter(pk=made.pk).update(text="Other words.") == 1


# --- The pages


def words(**changes: str) -> dict[str, str]:
    fields = {"code": "harbour"}
    for language, said in TEXTS.items():
        fields |= {f"title_{language}": said.title, f"text_{language}": said.text.replace("\n", "\r\n")}
    return fields | changes


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_list_names_forms_in_the_language_of_the_page(at_work: Client, language: str) -> None:
    title = next(form.title for form in current_forms() if form.language == language)
    shown = at_work.get(reverse("consent:forms"), headers={"accept-language": language}).content.decode()
    assert f'<span lang="{language}">{title}</span>' in shown


def test_from_the_first_word_to_the_retired_form(at_work: Client) -> None:
    answer = at_work.post(reverse("consent:form_new"), words(code="Harbour"))
    made = Form.objects.get(code="harbour", language="en")
    address = reverse("consent:form", args=[made.pk])
    assert answer["Location"] == address
    shown = at_work.get(address).content.decode()
    assert all(words in shown for words in ("Harbour consent", "Liman onamı", "Flesch-Kincaid", "Ateşman"))

    at_work.post(reverse("consent:form_edit", args=[made.pk]), words(title_tr="Yeni başlık"))
    assert Form.objects.get(code="harbour", language="tr").title == "Yeni başlık"
    publish = reverse("consent:form_publish", args=[made.pk])
    assert at_work.post(publish, {}).status_code == 422
    assert at_work.post(publish, {"confirmed": list(REQUIRED)}).status_code == 302
    made.refresh_from_db()
    assert made.sha256 in at_work.get(address).content.decode()
    assert at_work.get(reverse("consent:form_edit", args=[made.pk])).status_code == 404

    answer = at_work.post(reverse("consent:form_next", args=[made.pk]))
    new = Form.objects.get(code="harbour", language="en", version=2)
    assert answer["Location"] == reverse("consent:form_edit", args=[new.pk])
    assert at_work.post(reverse("consent:form_next", args=[made.pk]))["Location"] == address
    at_work.post(reverse("consent:form_discard", args=[new.pk]))
    assert not Form.objects.filter(version=2, code="harbour").exists()
    at_work.post(reverse("consent:form_discard", args=[made.pk]))
    at_work.post(reverse("consent:form_retire", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == FormState.RETIRED


@pytest.mark.parametrize(("changes", "status"), [({}, 302), ({"code": "two words"}, 422), ({"code": "rete-own"}, 422)])
def test_a_new_form_needs_a_name_of_its_own(at_work: Client, changes: dict[str, str], status: int) -> None:
    assert at_work.post(reverse("consent:form_new"), words(**changes)).status_code == status


def test_a_form_may_begin_with_the_words_of_another(at_work: Client) -> None:
    standard = publishing.site_forms().get(code="rete-standard")
    shown = at_work.get(reverse("consent:form_new"), {"from": standard.pk}).content.decode()
    assert standard_form.TEXTS["tr"][0] in shown
    assert at_work.get(reverse("consent:form_new"), {"from": "nothing"}).status_code == 404


def test_the_only_form_is_not_retired_by_page(at_work: Client) -> None:
    standard = publishing.site_forms().get(code="rete-standard")
    at_work.post(reverse("consent:form_retire", args=[standard.pk]))
    standard.refresh_from_db()
    assert standard.state == FormState.IN_USE


def test_a_text_that_is_refused_stays_in_the_form(
    at_work: Client, draft: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = reverse("consent:form_edit", args=[draft.pk])
    assert at_work.post(page, words(title_en="long " * 200)).status_code == 422

    def refused(**_named: object) -> None:
        raise NotPublished({"title_en": "It was published in another window."})

    monkeypatch.setattr(publishing, "edit_draft", refused)
    answer = at_work.post(page, words(title_en="Kept in the field"))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "It was published in another window." in shown
    assert "Kept in the field" in shown
