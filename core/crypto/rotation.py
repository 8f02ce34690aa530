"""Another master key in the place of the present one, while the site serves.

Data keys are wrapped anew, one by one; what they seal stays as it is. Each step may be killed and repeated:

1. the next key lies beside the present one, and opens;
2. every data key is wrapped with it;
3. it becomes the master key, and the former one lies beside, for processes that have not restarted;
4. after the restart the rest is wrapped anew, and the former key is deleted.

An embedded site keeps its keys in files (`Keyring`). Elsewhere the operator sets RETE_MASTER_KEY and
RETE_MASTER_KEY_BESIDE, and only steps 2 and 4 are done here.
"""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from core.crypto import vault
from core.crypto.secrets import replace

NEXT: Final = "next"
FORMER: Final = "former"


class NotYet(Exception):
    """A step that cannot be taken now; the text says what comes first."""


@dataclass(frozen=True)
class Keyring:
    """The files of an embedded site: the master key, and beside it a line `next KEY` or `former KEY` each."""

    present: Path
    beside: Path

    def read(self) -> dict[str, str]:
        """Return the keys beside, by what they are."""
        if not self.beside.exists():
            return {}
        lines = [line.split() for line in self.beside.read_text(encoding="ascii").splitlines() if line.strip()]
        return {line[0]: line[1] for line in lines}

    def write(self, **keys: str) -> None:
        """Replace the keys beside at once, for every process."""
        replace(self.beside, "".join(f"{kind} {key}\n" for kind, key in keys.items()).encode("ascii"))

    def swap(self, key: str) -> None:
        """Replace the master key at once."""
        replace(self.present, f"{key}\n".encode("ascii"))


def keyring() -> Keyring | None:
    """Return the files of this site's master key; None where its operator sets it."""
    present, beside = settings.MASTER_KEY_FILE, settings.MASTER_KEYS_BESIDE_FILE
    return Keyring(present, beside) if present is not None and beside is not None else None


def rotate(ring: Keyring) -> vault.Rewrapped:
    """Do steps 1 to 3 for an embedded site, from where they were interrupted. Raises NotYet after they were done."""
    beside = ring.read()
    if FORMER in beside and NEXT not in beside:
        raise NotYet("The key was changed. Restart the site, then run this again with --finish.")
    present = ring.present.read_text(encoding="ascii").strip()
    following = beside.get(NEXT) or base64.b64encode(secrets.token_bytes(vault.KEY_BYTES)).decode("ascii")
    if following == present:  # killed after the swap
        ring.write(former=beside[FORMER])
        return vault.rewrap_all(following)
    ring.write(next=following)
    done = vault.rewrap_all(following)
    ring.write(next=following, former=present)
    ring.swap(following)
    ring.write(former=present)
    return done


def finish(ring: Keyring) -> vault.Rewrapped:
    """Do step 4 for an embedded site. Raises NotYet before the swap."""
    if NEXT in ring.read():
        raise NotYet("The key was not changed completely. Run this again without --finish.")
    done = vault.rewrap_all(ring.present.read_text(encoding="ascii").strip())
    ring.beside.unlink(missing_ok=True)
    return done
