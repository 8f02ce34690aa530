"""Template tags for icons and for the texts of scripts. They are builtins and need no `{% load %}`."""

from __future__ import annotations

import re
import warnings
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString

from core.script_words import words_by_script

register = template.Library()
SPRITE = "img/icons.svg"


@cache
def icons() -> frozenset[str]:
    """Return the names of the icons in the sprite."""
    sprite = Path(settings.BASE_DIR, "static", SPRITE).read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', sprite))


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Render an icon of the sprite, hidden from screen readers, with further classes such as `icon-lg`.

    Raises TemplateSyntaxError for an unknown name in DEBUG; otherwise warns, which fails a test but keeps the page
    usable in production. The trailing line break is the space before the text beside the icon.
    """
    if name not in icons():
        if settings.DEBUG:
            raise template.TemplateSyntaxError(f"There is no icon {name!r} in static/{SPRITE}.")
        warnings.warn(f"There is no icon {name!r} in static/{SPRITE}.", stacklevel=2)
    return _drawn(name, css)


@cache
def _drawn(name: str, css: str) -> SafeString:
    """Return an icon; a page has a hundred, of a dozen kinds."""
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false" width="24" height="24"><use href="{}#{}"></use></svg>\n',
        f"icon {css}".strip(),
        static(SPRITE),
        name,
    )


@register.simple_tag
def words(script: str) -> SafeString:
    """Render the texts of one script in the reader's language, as JSON that the script reads."""
    return json_script({key: str(word) for key, word in words_by_script()[script].items()}, f"words-{script}")
