"""Password validation by length and by how hard a password is to guess, not by the characters in it."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from accounts.security.known_passwords import is_known

LEAST = 15  # characters
LEAST_WITH_FACTOR = 12  # of a member who has a second factor: then the password alone opens nothing
MIN_SCORE = 3
SITE_WORDS = ("rete", "dermatology", "dermatologist")
# zxcvbn's cost grows faster than the length; characters after the 72nd cannot make a password weaker.
SCORED_CHARACTERS = 72


def least_characters(user: Any) -> int:
    """Return how many characters this person's password must have."""
    return LEAST if getattr(user, "factor_enrolled_at", None) is None else LEAST_WITH_FACTOR


def advice(user: Any = None) -> str:
    """Return one sentence on how to choose a good password."""
    return _("At least %(n)d characters. Four or more words that have nothing to do with you are easiest to keep.") % {
        "n": least_characters(user)
    }


class LengthValidator:
    """A validator that refuses passwords of less than 15 characters; of less than 12 beside a second factor."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with the next step when `password` is too short."""
        least = least_characters(user)
        if len(password) < least:
            raise ValidationError(
                _("This password is too short. Add a word: it must have at least %(n)d characters."),
                code="password_too_short",
                params={"n": least},
            )

    def get_help_text(self) -> str:
        """Return one sentence on how to choose a good password."""
        return advice()


class KnownValidator:
    """A validator that refuses passwords from breaches and common ones, and simple changes of them."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with the next step when `password` is on a list that attackers try first."""
        if is_known(password):
            raise ValidationError(
                _(
                    "This password, or one much like it, is on a list that attackers try first. Put together four "
                    "other words that nobody else would."
                ),
                code="password_known",
            )

    def get_help_text(self) -> str:
        """Return one sentence on what is refused."""
        return _("Passwords that were stolen elsewhere are refused, and simple changes of them.")


class GuessableValidator:
    """A validator that refuses passwords which zxcvbn guesses in 10^8 tries, knowing the person's name and address."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with the next step when `password` scores below 3 of 4."""
        own = _own_words(user)
        # zxcvbn scores several known words in a row highly; without the person's own words, enough must be left.
        without = re.sub("|".join(re.escape(word) for word in own), "", password, flags=re.IGNORECASE)
        if min(_score(password, own), _score(without, own)) < MIN_SCORE:
            raise ValidationError(
                _("This password is easy to guess. Put together four or more words that have nothing to do with you."),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """Return one sentence on how to choose a good password."""
        return advice()


def _score(password: str, own: list[str]) -> int:
    return int(zxcvbn(password[:SCORED_CHARACTERS], user_inputs=own)["score"]) if password else 0


def _own_words(user: Any) -> list[str]:
    """Return the words that an attacker who knows the person tries first, longest first; at least four letters."""
    whole = [getattr(user, field, "") or "" for field in ("email", "name", "institution")] if user else []
    parts = [part for text in whole for part in re.split(r"[\W_]+", text)]
    return sorted({text.lower() for text in (*whole, *parts, *SITE_WORDS) if len(text) > 3}, key=len, reverse=True)
