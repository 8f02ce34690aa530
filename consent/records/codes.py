"""One-time withdrawal codes: 140 random bits in an alphabet that survives handwriting."""

import hashlib
import secrets

# Crockford's base 32: no I, L, O or U, so that a code read aloud or copied by hand is not ambiguous.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 28  # 5 bits a letter: 140 bits, no fewer than 128, in seven groups of four
EARLIER_LENGTH = 16  # on receipts of before; their codes still withdraw
LONGEST_WRITTEN = 100  # with any spaces, dots and hyphens between the letters
_LOOKALIKES = str.maketrans("ILO", "110")


def new_code() -> str:
    """Return a fresh code such as `7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYE`."""
    letters = [secrets.choice(ALPHABET) for _ in range(LENGTH)]
    return "-".join("".join(letters[i : i + 4]) for i in range(0, LENGTH, 4))


def normalise(code: str) -> str:
    """Convert to upper case without spaces and hyphens, with look-alikes replaced; "" when it cannot be a code."""
    letters = "".join(c for c in code.upper() if c.isalnum()).translate(_LOOKALIKES)
    return letters if len(letters) in (LENGTH, EARLIER_LENGTH) and set(letters) <= set(ALPHABET) else ""


def digest(code: str) -> str:
    """Return the SHA-256 (hex) of the normalised code. So many random bits need no salt and no slow hash."""
    return hashlib.sha256(normalise(code).encode()).hexdigest()
