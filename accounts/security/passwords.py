"""Passwords judged by how hard they are to guess, not by what characters they hold."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

LEAST_SCORE = 3
HOUSE_WORDS = ("rete", "dermatology", "dermatologist")
# zxcvbn's cost grows faster than the length; what follows the 72nd character cannot make it weaker.
JUDGED_CHARACTERS = 72


class GuessableValidator:
    """Refuses what zxcvbn would guess within 10^8 tries, the person's own name and address included."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with the next step when `password` scores below 3 of 4."""
        own = _own_words(user)
        # zxcvbn thinks well of several known words in a row; without one's own, enough must be left.
        without = re.sub("|".join(re.escape(word) for word in own), "", password, flags=re.IGNORECASE)
        if min(_score(password, own), _score(without, own)) < LEAST_SCORE:
            raise ValidationError(
                _("This password is easy to guess. Put together four or more words that have nothing to do with you."),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """What a good password is, in one sentence."""
        return _("At least 15 characters. Four or more words that have nothing to do with you are easiest to keep.")


def _score(password: str, own: list[str]) -> int:
    return int(zxcvbn(password[:JUDGED_CHARACTERS], user_inputs=own)["score"]) if password else 0


def _own_words(user: Any) -> list[str]:
    """What an attacker who knows the person tries first, longest first; three letters are no word."""
    whole = [getattr(user, field, "") or "" for field in ("email", "name", "institution")] if user else []
    parts = [part for text in whole for part in re.split(r"[\W_]+", text)]
    return sorted({text.lower() for text in (*whole, *parts, *HOUSE_WORDS) if len(text) > 3}, key=len, reverse=True)
