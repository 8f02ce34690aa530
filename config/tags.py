"""Template tags of the front end: words for scripts."""

from __future__ import annotations

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from config.words import WORDS

register = template.Library()


@register.simple_tag
def words(script: str) -> SafeString:
    """The words of one script in the reader's language, as JSON data that the script looks up."""
    return json_script({key: str(word) for key, word in WORDS[script].items()}, f"words-{script}")
