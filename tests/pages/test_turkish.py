"""The public pages, the frame and the scripts speak Turkish."""

import re

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from config.words import WORDS

PLACEHOLDER = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("script", WORDS)
def test_words_of_scripts_are_translated_with_the_same_placeholders(script: str) -> None:
    for word in WORDS[script].values():
        with override("en"):
            english = str(word)
        with override("tr"):
            turkish = gettext(english)
        assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(turkish))
        assert turkish != english or english == "{name}: {reason}"


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
