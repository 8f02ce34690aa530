"""Every page and script speaks Turkish."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import gettext, override

from core.script_words import words_by_script

PLACEHOLDER = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("script", words_by_script())
def test_words_of_scripts_are_translated_with_the_same_placeholders(script: str) -> None:
    for word in words_by_script()[script].values():
        with override("en"):
            english = str(word)
        with override("tr"):
            turkish = gettext(english)
        assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(turkish))
        assert turkish != english or PLACEHOLDER.sub("", english).strip(" :.") == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "heading"),
    [("/", "Birçok dermatoloğa sorun"), ("/privacy/", "Gizlilik"), ("/terms/", "Koşullar")],
)
def test_public_pages_in_turkish(path: str, heading: str, client: Client) -> None:
    text = client.get(path, headers={"accept-language": "tr"}).content.decode()
    assert 'lang="tr"' in text
    assert heading in text
    assert "A colleague" not in text


CATALOGUE = Path(settings.BASE_DIR) / "locale" / "tr" / "LC_MESSAGES"
SAID = re.compile(r'\{% translate "([^"]+)"')
HOLES = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")


def test_every_word_is_translated_and_compiled() -> None:
    words, compiled = polib.pofile(str(CATALOGUE / "django.po")), polib.mofile(str(CATALOGUE / "django.mo"))
    assert [entry.msgid for entry in words if not entry.translated() or "fuzzy" in entry.flags] == []
    assert {(e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in compiled} == {
        (e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in words
    }


def test_translations_keep_what_is_filled_in() -> None:
    words = [entry for entry in polib.pofile(str(CATALOGUE / "django.po")) if not entry.msgid_plural]
    assert [e.msgid for e in words if sorted(HOLES.findall(e.msgid)) != sorted(HOLES.findall(e.msgstr))] == []


def test_what_the_templates_say_is_in_the_catalogue() -> None:
    """A word that was changed in a template and not here would stand in English."""
    known = {entry.msgid for entry in polib.pofile(str(CATALOGUE / "django.po"))}
    said = {
        word
        for template in (Path(settings.BASE_DIR) / "templates").rglob("*.*")
        for word in SAID.findall(template.read_text())
    }
    assert len(said) > 500
    assert sorted(said - known) == []
