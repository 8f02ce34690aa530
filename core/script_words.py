"""Texts shown by scripts, which each app contributes in its `script_words.py`.

The browser fills in `{name}` in a text.
"""

from functools import cache

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.discovery import app_modules

Words = dict[str, str | Promise]

WORDS: dict[str, Words] = {
    "typeahead": {
        "list": _("Matches"),
        "none": _("No match. Try another word or a synonym."),
        "lost": _("The list could not be loaded. Type again to retry."),
        "count": _("{count} matches. Use the arrow keys."),
        "chosen": _("{label} chosen."),
        "choose": _("Choose one from the list."),
    },
    "autosave": {
        "saving": _("Saving …"),
        "saved": _("Saved {time}"),
        "unsaved": _("Not saved yet"),
        "failed": _("Not saved. Trying again …"),
        "refused": _("Not saved. Reload the page and try again."),
        "signed_out": _("You are signed out. Sign in again in another tab; what you typed stays here."),
        "look": _("{count} fields need another look."),
        "conflict": _("Changed in another window meanwhile. Choose below which text stays."),
        "there": _("Changed meanwhile in another window. It says there:"),
        "keep": _("Keep mine"),
        "take": _("Take that one"),
    },
    "unsent": {
        "back": _("What you typed here was not sent yet. It is back."),
        "discard": _("Discard it"),
        "discarded": _("Discarded."),
    },
    "copy": {
        "copied": _("Copied"),
        "failed": _("Could not copy. Select the code and copy it by hand."),
    },
}


@cache
def words_by_script() -> dict[str, Words]:
    """Return the texts of all apps by script. Raises ImproperlyConfigured if two apps name the same script."""
    merged: dict[str, Words] = {}
    for name, module in app_modules("script_words"):
        twice = merged.keys() & module.WORDS.keys()
        if twice:
            raise ImproperlyConfigured(f"{name}.script_words repeats {', '.join(sorted(twice))}")
        merged |= module.WORDS
    return merged
