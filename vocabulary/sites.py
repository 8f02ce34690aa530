"""Body sites: a small hierarchy, as coarse as a consult needs and too coarse to identify a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MAX_CODE_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Site:
    """A body site.

    `has_eyes`: a picture of this site may show eyes or a face, so a person must look for them.
    `has_sides`: left or right is a meaningful question here.
    """

    code: str
    label: StrOrPromise
    parent: str = ""
    has_eyes: bool = False
    has_sides: bool = False


class UnknownSite(LookupError):
    """A code that no site has."""


_SITES: Final[tuple[Site, ...]] = (
    Site("head-neck", _("Head and neck"), has_eyes=True, has_sides=True),
    Site("scalp", _("Scalp"), "head-neck", has_eyes=True, has_sides=True),
    Site("face", _("Face"), "head-neck", has_eyes=True, has_sides=True),
    Site("forehead", _("Forehead"), "face", has_eyes=True, has_sides=True),
    Site("temple", _("Temple"), "face", has_eyes=True, has_sides=True),
    Site("eyebrow", _("Eyebrow"), "face", has_eyes=True, has_sides=True),
    Site("eyelid", _("Eyelid"), "face", has_eyes=True, has_sides=True),
    Site("periocular", _("Around the eye"), "face", has_eyes=True, has_sides=True),
    Site("nose", _("Nose"), "face", has_eyes=True, has_sides=True),
    Site("cheek", _("Cheek"), "face", has_eyes=True, has_sides=True),
    Site("perioral", _("Around the mouth"), "face", has_eyes=True, has_sides=True),
    Site("lip", _("Lip"), "face", has_eyes=True, has_sides=True),
    Site("chin", _("Chin"), "face", has_eyes=True, has_sides=True),
    Site("jaw", _("Jaw line"), "face", has_eyes=True, has_sides=True),
    Site("ear", _("Ear"), "head-neck", has_eyes=True, has_sides=True),
    Site("neck", _("Neck"), "head-neck", has_eyes=True, has_sides=True),
    Site("trunk", _("Trunk"), has_sides=True),
    Site("chest", _("Chest"), "trunk", has_sides=True),
    Site("breast", _("Breast"), "trunk", has_sides=True),
    Site("nipple", _("Nipple and areola"), "trunk", has_sides=True),
    Site("abdomen", _("Abdomen"), "trunk", has_sides=True),
    Site("umbilicus", _("Umbilicus"), "trunk"),
    Site("flank", _("Flank"), "trunk", has_sides=True),
    Site("upper-back", _("Upper back"), "trunk", has_sides=True),
    Site("lower-back", _("Lower back"), "trunk", has_sides=True),
    Site("buttock", _("Buttock"), "trunk", has_sides=True),
    Site("axilla", _("Armpit"), "trunk", has_sides=True),
    Site("groin", _("Groin"), "trunk", has_sides=True),
    Site("upper-limb", _("Upper limb"), has_sides=True),
    Site("shoulder", _("Shoulder"), "upper-limb", has_sides=True),
    Site("upper-arm", _("Upper arm"), "upper-limb", has_sides=True),
    Site("elbow", _("Elbow"), "upper-limb", has_sides=True),
    Site("antecubital", _("Elbow crease"), "upper-limb", has_sides=True),
    Site("forearm", _("Forearm"), "upper-limb", has_sides=True),
    Site("wrist", _("Wrist"), "upper-limb", has_sides=True),
    Site("hand", _("Hand"), "upper-limb", has_sides=True),
    Site("hand-back", _("Back of the hand"), "hand", has_sides=True),
    Site("palm", _("Palm"), "hand", has_sides=True),
    Site("finger", _("Finger"), "hand", has_sides=True),
    Site("web-space", _("Between the fingers"), "hand", has_sides=True),
    Site("lower-limb", _("Lower limb"), has_sides=True),
    Site("hip", _("Hip"), "lower-limb", has_sides=True),
    Site("thigh", _("Thigh"), "lower-limb", has_sides=True),
    Site("knee", _("Knee"), "lower-limb", has_sides=True),
    Site("popliteal", _("Knee crease"), "lower-limb", has_sides=True),
    Site("shin", _("Shin"), "lower-limb", has_sides=True),
    Site("calf", _("Calf"), "lower-limb", has_sides=True),
    Site("ankle", _("Ankle"), "lower-limb", has_sides=True),
    Site("foot", _("Foot"), "lower-limb", has_sides=True),
    Site("foot-back", _("Back of the foot"), "foot", has_sides=True),
    Site("sole", _("Sole"), "foot", has_sides=True),
    Site("heel", _("Heel"), "foot", has_sides=True),
    Site("toe", _("Toe"), "foot", has_sides=True),
    Site("toe-web", _("Between the toes"), "foot", has_sides=True),
    Site("acral", _("Hands and feet"), has_sides=True),
    Site("palms-soles", _("Palms and soles"), "acral"),
    Site("nails", _("Nails"), has_sides=True),
    Site("fingernail", _("Fingernail"), "nails", has_sides=True),
    Site("toenail", _("Toenail"), "nails", has_sides=True),
    Site("nail-fold", _("Nail fold"), "nails", has_sides=True),
    Site("anogenital", _("Genital and perianal"), has_sides=True),
    Site("vulva", _("Vulva"), "anogenital", has_sides=True),
    Site("penis", _("Penis"), "anogenital"),
    Site("scrotum", _("Scrotum"), "anogenital", has_sides=True),
    Site("pubic", _("Pubic area"), "anogenital", has_sides=True),
    Site("perineum", _("Perineum"), "anogenital"),
    Site("perianal", _("Perianal"), "anogenital"),
    Site("napkin-area", _("Napkin area"), "anogenital"),
    # Pictures of a mouth include the face around it.
    Site("oral", _("Oral mucosa"), has_eyes=True, has_sides=True),
    Site("tongue", _("Tongue"), "oral", has_eyes=True, has_sides=True),
    Site("gingiva", _("Gum"), "oral", has_eyes=True, has_sides=True),
    Site("buccal", _("Inside of the cheek"), "oral", has_eyes=True, has_sides=True),
    Site("palate", _("Palate"), "oral", has_eyes=True, has_sides=True),
    # Overviews of the whole skin include the face.
    Site("widespread", _("Widespread"), has_eyes=True),
    Site("generalised", _("Generalised"), "widespread", has_eyes=True),
    Site("flexures", _("Flexures"), "widespread", has_eyes=True),
    Site("photo-exposed", _("Sun-exposed skin"), "widespread", has_eyes=True),
    Site("dermatomal", _("Along a dermatome"), "widespread", has_eyes=True, has_sides=True),
    Site("blaschkoid", _("Along the lines of Blaschko"), "widespread", has_eyes=True, has_sides=True),
)
_BY_CODE: Final = {site.code: site for site in _SITES}


def get(code: str) -> Site:
    """Return the site with this code. Raises UnknownSite."""
    try:
        return _BY_CODE[code]
    except KeyError as missing:
        raise UnknownSite(code) from missing


def all() -> tuple[Site, ...]:
    """Return every site, each group followed by its members, from head to toe."""
    return _SITES


def ancestors(code: str) -> tuple[Site, ...]:
    """Return parent, grandparent and so on up to the group, nearest first. Raises UnknownSite."""
    found: list[Site] = []
    site = get(code)
    while site.parent:
        site = get(site.parent)
        found.append(site)
    return tuple(found)


def within(code: str) -> frozenset[str]:
    """Return the codes of a site and everything below it, as a filter on that site matches. Raises UnknownSite."""
    get(code)
    return frozenset(
        site.code for site in _SITES if site.code == code or code in {up.code for up in ancestors(site.code)}
    )


def choices() -> list[tuple[StrOrPromise, list[tuple[str, StrOrPromise]]]]:
    """Return choices grouped for a <select> and for a model field: [(group label, [(code, label), ...]), ...]."""
    grouped: list[tuple[StrOrPromise, list[tuple[str, StrOrPromise]]]] = []
    members: list[tuple[str, StrOrPromise]] = []
    for site in _SITES:
        if not site.parent:
            members = []
            grouped.append((site.label, members))
        members.append((site.code, site.label))
    return grouped
