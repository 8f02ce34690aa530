"""Translated texts of the scripts of notices."""

from django.utils.translation import gettext_lazy as _

from core.script_words import Words

WORDS: dict[str, Words] = {
    "push": {
        "missing": _("This browser knows no push."),
        "refused": _(
            "Your browser did not allow it. Allow notifications of this site in its settings, then try again."
        ),
        "failed": _("That did not work. Reload the page and try again."),
    },
}
