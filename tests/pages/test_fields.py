"""Fields on a page: label, help, errors and required marks reach those who do not see them."""

from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.utils import translation

from core.widgets import Chips, DayInput

CHOICES = [("a", "First"), ("b", "Second")]


class Sample(forms.Form):
    """One field of each shape."""

    title = forms.CharField(help_text="No names.")
    note = forms.CharField(widget=forms.Textarea, required=False)
    site = forms.ChoiceField(choices=CHOICES)
    sex = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect)
    signs = forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple, required=False)
    traits = forms.MultipleChoiceField(choices=CHOICES, widget=Chips)
    agreed = forms.BooleanField()
    proof = forms.FileField(required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def _shown(name: str, data: dict[str, str] | None = None) -> str:
    return str(Sample(data)[name].as_field_group())


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("title", ['<label class="form-label" for="id_title"', 'class="form-control"', 'id="id_title_helptext"']),
        ("note", ["<textarea", 'class="form-control"', 'rows="4"']),
        ("site", ["<select", 'class="form-select"']),
        ("sex", ["<fieldset", "<legend", 'type="radio"', 'for="id_sex_1"', "required"]),
        ("signs", ["<fieldset", 'type="checkbox"', 'name="signs"']),
        ("traits", ['class="field field-choices field-chips"', 'type="checkbox"', 'name="traits"']),
        ("agreed", ['class="form-check-input"', 'for="id_agreed"']),
        ("proof", ['type="file"', 'class="form-control"']),
        ("token", ['type="hidden"']),
    ],
)
def test_field_of_each_shape(name: str, parts: list[str]) -> None:
    html = _shown(name)
    for part in parts:
        assert part in html


@pytest.mark.parametrize(("empty", "marked"), [([], False), ([("", "Choose")], True)])
def test_a_list_that_always_has_one_chosen_has_no_mark(empty: list[tuple[str, str]], marked: bool) -> None:
    class Own(forms.Form):
        site = forms.ChoiceField(choices=[*empty, *CHOICES])

    assert ('class="required"' in Own()["site"].as_field_group()) is marked


def test_a_hidden_field_is_nothing_but_its_input() -> None:
    assert _shown("token", {"token": "t"}).strip() == '<input type="hidden" name="token" value="t" id="id_token">'


@pytest.mark.parametrize(("rows", "shown"), [(None, "4"), (9, "9")])
def test_a_text_area_has_four_rows_unless_its_form_says_otherwise(rows: int | None, shown: str) -> None:
    class Own(forms.Form):
        note = forms.CharField(widget=forms.Textarea(attrs={} if rows is None else {"rows": rows}))

    assert f'rows="{shown}"' in Own()["note"].as_field_group()


def test_a_class_of_the_widget_is_kept() -> None:
    class Own(forms.Form):
        code = forms.CharField(widget=forms.TextInput(attrs={"class": "code"}))

    assert 'class="code form-control"' in Own()["code"].as_field_group()


def test_an_error_is_tied_to_its_control() -> None:
    html = _shown("title", {"title": ""})
    assert 'class="form-control is-invalid"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert html.count('id="id_title_error"') == 1


def test_what_was_typed_comes_back_escaped() -> None:
    html = _shown("title", {"title": '"><script>x</script>'})
    assert "<script>" not in html


def test_chosen_answers_come_back() -> None:
    assert 'value="b" id="id_sex_1" checked' in _shown("sex", {"sex": "b"})


@pytest.mark.parametrize("language", ["en", "tr"])
def test_a_day_is_shown_to_the_browser_in_its_own_format(language: str) -> None:
    with translation.override(language):
        assert 'value="2026-11-05"' in DayInput().render("day", date(2026, 11, 5))


def test_no_form_has_another_day_input() -> None:
    """A localised value comes out empty, and with it the day that somebody had chosen."""
    root = Path(settings.BASE_DIR)
    sources = [path for app in ("accounts", "consent", "consults") for path in (root / app).rglob("*.py")]
    assert [path.name for path in sources if "DateInput(" in path.read_text(encoding="utf-8")] == []
