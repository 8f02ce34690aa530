"""Passwords judged by how hard they are to guess, not by what characters they hold."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

LEAST_SCORE = 3
# zxcvbn's cost grows faster than the length; what follows the 72nd character cannot make it weaker.
JUDGED_CHARACTERS = 72


class GuessableValidator:
    """Refuses what zxcvbn would guess within 10^8 tries, the person's own name and address included."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with the next step when `password` scores below 3 of 4."""
        if zxcvbn(password[:JUDGED_CHARACTERS], user_inputs=_own_words(user))["score"] < LEAST_SCORE:
            raise ValidationError(
                _("This password is easy to guess. Put together four or more words that have nothing to do with you."),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """What a good password is, in one sentence."""
        return _("At least 15 characters. Four or more words that have nothing to do with you are easiest to keep.")


def _own_words(user: Any) -> list[str]:
    """What an attacker who knows the person tries first."""
    if user is None:
        return []
    whole = [getattr(user, field, "") or "" for field in ("email", "name", "institution")]
    parts = [part for text in whole for part in text.replace("@", " ").replace(".", " ").split() if len(part) > 2]
    return [text for text in (*whole, *parts, "rete", "dermatology", "dermatologist") if text]
