"""The six journeys of posting, each from the member's first page to “sent for the second read”."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.posting import pages
from bench.posting.counting import Hand
from bench.posting.pages import Facts, Picture
from demo.drawings import catalogue, faces

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
DRAWN = (
    "psoriasis_arm_close_up",
    "psoriasis_arm_overview",
    "discoid_lupus_close_up",
    "granuloma_annulare_close_up",
    "melanoma_dermoscopy",
    "bcc_histology",
)
# What is typed is as short as colleagues write it, and stays the same for ever: figures are compared by it.
PSORIASIS = Facts(
    title="Scaly plaque on the arm",
    note="Slowly growing for four months, no itch.",
    age="40-49",
    sex="female",
    site="forearm",
    duration="6w-6m",
    morphology="plaque",
    diagnosis="psoria",
)
LUPUS = replace(PSORIASIS, title="Scaly plaque on the cheek", site="cheek", diagnosis="discoid lup")
NAEVUS = replace(
    PSORIASIS,
    title="New mole on the back",
    note="Darker since the summer.",
    site="upper-back",
    morphology="macule",
    diagnosis="melano",
)
CARCINOMA = replace(
    PSORIASIS,
    title="Shave from the nose",
    note="Ulcerated nodule for two years.",
    site="nose",
    morphology="nodule",
    diagnosis="basal",
)
CHILD = replace(
    PSORIASIS, title="Rings on the hand", note="No itch, no scale.", age="6-12", site="hand", diagnosis="granuloma ann"
)


@dataclass(frozen=True)
class Journey:
    """A way through the site: the device, the name in tables, and what is done. `walk` gets the hand and the files."""

    name: str
    says: str
    device: dict[str, Any]
    walk: Callable[[Hand, Path], None]


def draw(folder: Path) -> None:
    """Draw the files that the journeys post."""
    (folder / "face.jpg").write_bytes(faces.phone_photo("face_cheek_plaque", seed=7))
    for name in DRAWN:
        (folder / f"{name}.jpg").write_bytes(catalogue.draw(name))


def one_close_up(hand: Hand, files: Path) -> None:
    """Post one close-up without a face; the patient, an adult, signs on the screen."""
    pictures = [Picture(files / "psoriasis_arm_close_up.jpg", "close-up")]
    _as_far_as_consent(hand, pictures, PSORIASIS)
    pages.sign_here(hand)
    pages.send(hand)


def one_close_up_handed_over(hand: Hand, files: Path) -> None:
    """Post the same, but with the device handed to the patient under a PIN."""
    pictures = [Picture(files / "psoriasis_arm_close_up.jpg", "close-up")]
    _as_far_as_consent(hand, pictures, PSORIASIS)
    pages.hand_over(hand)
    pages.send(hand)


def three_pictures(hand: Hand, files: Path) -> None:
    """Post three pictures, the first of them a face."""
    pictures = [
        Picture(files / "face.jpg", "overview"),
        Picture(files / "psoriasis_arm_overview.jpg", "overview"),
        Picture(files / "discoid_lupus_close_up.jpg", "close-up"),
    ]
    _as_far_as_consent(hand, pictures, LUPUS)
    pages.sign_here(hand)
    pages.send(hand)


def dermoscopy(hand: Hand, files: Path) -> None:
    """Post one dermoscopy picture."""
    pictures = [Picture(files / "melanoma_dermoscopy.jpg", "dermoscopy", mode="contact-polarised")]
    _as_far_as_consent(hand, pictures, NAEVUS)
    pages.sign_here(hand)
    pages.send(hand)


def histology(hand: Hand, files: Path) -> None:
    """Post one slide, stating that it identifies nobody."""
    _as_far_as_consent(hand, [Picture(files / "bcc_histology.jpg", "histology", stain="he")], CARCINOMA)
    pages.state_exemption(hand)
    pages.send(hand)


def child(hand: Hand, files: Path) -> None:
    """Post a close-up of a child, with the device handed to guardian and child."""
    _as_far_as_consent(hand, [Picture(files / "granuloma_annulare_close_up.jpg", "close-up")], CHILD)
    pages.hand_over_to_child(hand, authority="mother", majority_year=datetime.now(UTC).year + 9)
    pages.send(hand)


def _as_far_as_consent(hand: Hand, pictures: list[Picture], facts: Facts) -> None:
    pages.begin(hand)
    pages.add_pictures(hand, pictures)
    pages.review(hand, pictures)
    pages.write_facts(hand, facts)


JOURNEYS = (
    Journey("close-up-phone", "One close-up, adult, phone", PHONE, one_close_up),
    Journey("close-up-desktop", "One close-up, adult, desktop", DESKTOP, one_close_up),
    Journey("three-phone", "Three pictures, one a face, phone", PHONE, three_pictures),
    Journey("dermoscopy-phone", "One dermoscopy picture, phone", PHONE, dermoscopy),
    Journey("histology-desktop", "Histology only, exempt, desktop", DESKTOP, histology),
    Journey("child-phone", "A child with a guardian, phone", PHONE, child),
)
# Not one of the six: the same case as the first, by the other way to a consent.
FURTHER = (Journey("handed-over-phone", "One close-up, handed over, phone", PHONE, one_close_up_handed_over),)
