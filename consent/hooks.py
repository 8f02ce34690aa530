"""Consent's requirements of the app that holds material under it: one protocol, one implementation.

Consent knows nothing of cases. The app above implements `Holder` and fills the slot at start-up. While the slot is
empty the site does not start and every call here raises, so that a withdrawal can never hide nothing unnoticed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from consent.models import Consent, Removal
from core.hooks import Slot


@dataclass(frozen=True)
class Effects:
    """Counts of the material that is hidden at once and then destroyed."""

    cases: int = 0
    pictures: int = 0
    comments: int = 0

    def __add__(self, more: "Effects") -> "Effects":
        return Effects(self.cases + more.cases, self.pictures + more.pictures, self.comments + more.comments)

    def __sub__(self, left: "Effects") -> "Effects":
        return Effects(self.cases - left.cases, self.pictures - left.pictures, self.comments - left.comments)


@dataclass(frozen=True)
class HeldPicture:
    """A picture under a consent: in words without its number, and the fingerprint of what is shown ("" before it is).

    `may_be_shown`: whether the holder of the code may see its masked thumbnail.
    """

    id: UUID
    words: str
    sha256: str = ""
    may_be_shown: bool = False


@dataclass(frozen=True)
class Thumbnail:
    """The sealed masked thumbnail of a picture."""

    data: bytes
    content_type: str


@dataclass(frozen=True)
class CoveredMore:
    """A picture that the patient was shown, and what has taken its place: nothing else is visible, by SHA-256."""

    before: str
    after: str
    since: datetime


@dataclass(frozen=True)
class Readers:
    """How many colleagues of one profession looked at a picture at least once; `profession` in words."""

    profession: str
    members: int


class Holder(Protocol):
    """The app that holds cases, pictures and comments under consents."""

    def effects(self, consent: Consent) -> Effects:
        """Count the material under this consent now."""

    def pictures(self, consent: Consent) -> list[HeldPicture]:
        """List the pictures under this consent in the order in which they were posted."""

    def thumbnail(self, consent: Consent, picture: UUID) -> Thumbnail | None:
        """Return the masked thumbnail of a picture under this consent that may be shown; None for any other."""

    def readers(self, consent: Consent) -> list[Readers]:
        """Count who looked at the pictures under this consent, but for those who posted them."""

    def covered_more(self, consent: Consent) -> list[CoveredMore]:
        """List the pictures that cover more now than when the patient of this consent was shown them."""

    def hide(self, consent: Consent, removal: Removal | None) -> None:
        """Hide the material of a removal, or, with None, all that the consent's status no longer allows.

        Called in the transaction of the withdrawal, with the consent row locked. It may lock rows, and must not
        write to the log: a transaction that holds the log must not wait for rows.
        """

    def follow(self, consent: Consent) -> None:
        """Note that its status or its last day has changed and that nothing is to be hidden or destroyed for it.

        Called in the transaction of the change, before the line in the log.
        """

    def group_name(self, group_id: UUID) -> str:
        """Return the name of a group that a consent names, "" for an unknown one."""


holder: Slot[Holder] = Slot("consent.hooks.Holder")


def effects_of(consent: Consent) -> Effects:
    """Count all material under this consent. Raises EmptySlot."""
    return holder.get().effects(consent)


def pictures_of(consent: Consent) -> list[HeldPicture]:
    """List the pictures under this consent in the order in which they were posted. Raises EmptySlot."""
    return holder.get().pictures(consent)


def thumbnail_of(consent: Consent, picture: UUID) -> Thumbnail | None:
    """Return the masked thumbnail of a picture that may be shown to the holder of the code. Raises EmptySlot."""
    return holder.get().thumbnail(consent, picture)


def readers_of(consent: Consent) -> list[Readers]:
    """Count who looked at the pictures under this consent, by profession. Raises EmptySlot."""
    return holder.get().readers(consent)


def covered_more(consent: Consent) -> list[CoveredMore]:
    """List the pictures that cover more now than when the patient was shown them. Raises EmptySlot."""
    return holder.get().covered_more(consent)


def hide(consent: Consent, removal: Removal | None = None) -> Effects:
    """Hide material that is no longer allowed and return the counts of it. Raises EmptySlot."""
    before = effects_of(consent)
    holder.get().hide(consent, removal)
    return before - effects_of(consent)


def follow(consent: Consent) -> None:
    """Tell the holder that a consent's status or last day has changed. Raises EmptySlot."""
    holder.get().follow(consent)


def group_name(group_id: UUID | None) -> str:
    """Return the name of a group; "" when there is none. Raises EmptySlot."""
    return "" if group_id is None else holder.get().group_name(group_id)
