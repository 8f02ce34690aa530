"""Texts of the scripts of this app."""

from django.utils.translation import gettext_lazy as _

from core.script_words import Words

WORDS: dict[str, Words] = {
    "passkeys": {
        "cancelled": _("Nothing happened yet: it was stopped, or took too long. Try again."),
        "known": _("This device has a passkey for this account already."),
        "insecure": _("Passkeys work on a secure connection only. Use the site's address with https."),
        "failed": _("That did not work on this device. Try again, or use another way."),
        "lost": _("Connection lost. Check your network and try again."),
        "unsupported": _("This browser has no passkeys. Use another browser, or a code."),
    },
}
