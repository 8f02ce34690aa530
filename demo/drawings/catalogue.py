"""The demo community's pictures by name, grouped in cases. Nothing here shows a patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from demo.drawings.dermoscopy import melanocytic, nonmelanocytic
from demo.drawings.faces import encode
from demo.drawings.microscopy import histology
from demo.drawings.palette import Rgb
from demo.drawings.skin import annular, blistering, papulosquamous, patches, tumours

Kind = Literal["clinical_overview", "clinical_close_up", "dermoscopy", "histology"]

OVERVIEW: Final[Kind] = "clinical_overview"
CLOSE_UP: Final[Kind] = "clinical_close_up"
DERMOSCOPY: Final[Kind] = "dermoscopy"
HISTOLOGY: Final[Kind] = "histology"


@dataclass(frozen=True)
class Picture:
    """A demo picture: a function that draws it (H×W×3 uint8 sRGB) and its answers to the upload form.

    case: the case it belongs to; mode: dermoscopy mode, or the stain of histology, else empty;
    monk: skin tone 1-10, 0 for histology; micrometres_per_pixel: 0 unless histology.
    """

    draw: Callable[[], Rgb]
    kind: Kind
    case: str
    caption: str
    mode: str = ""
    monk: int = 0
    micrometres_per_pixel: float = 0.0


def _clinical(draw: Callable[..., Rgb], kind: Kind, case: str, seed: int, monk: int, caption: str) -> Picture:
    return Picture(partial(draw, seed=seed, monk=monk), kind, case, caption, monk=monk)


def _dermoscopy(
    draw: Callable[..., Rgb], case: str, seed: int, monk: int, caption: str, mode: str = "contact_polarised"
) -> Picture:
    return Picture(partial(draw, seed=seed, monk=monk), DERMOSCOPY, case, caption, mode=mode, monk=monk)


def _histology(
    draw: Callable[..., Rgb], case: str, seed: int, caption: str, *, mode: str = "H&E", um: float = 1.0
) -> Picture:
    return Picture(partial(draw, seed=seed), HISTOLOGY, case, caption, mode=mode, micrometres_per_pixel=um)


PICTURES: Final[dict[str, Picture]] = {
    # Psoriasis on light brown and on dark skin
    "psoriasis_arm_overview": _clinical(
        papulosquamous.psoriasis_limb, OVERVIEW, "psoriasis_arm", 11, 3, "Scaly plaques over the extensor forearm"
    ),
    "psoriasis_arm_close_up": _clinical(
        papulosquamous.psoriasis_plaque, CLOSE_UP, "psoriasis_arm", 12, 3, "Sharply bordered plaque with silvery scale"
    ),
    "psoriasis_arm_histology": _histology(
        histology.psoriasiform, "psoriasis_arm", 13, "Regular psoriasiform hyperplasia with parakeratosis"
    ),
    "psoriasis_dark_overview": _clinical(
        papulosquamous.psoriasis_limb, OVERVIEW, "psoriasis_dark", 21, 9, "Grey-violaceous scaly plaques on the leg"
    ),
    "psoriasis_dark_close_up": _clinical(
        papulosquamous.psoriasis_plaque, CLOSE_UP, "psoriasis_dark", 22, 8, "Violaceous plaque under grey-white scale"
    ),
    "psoriasis_dark_dermoscopy": _dermoscopy(
        nonmelanocytic.psoriasis, "psoriasis_dark", 23, 7, "Evenly spread dotted vessels, white scale"
    ),
    # Annular
    "tinea_close_up": _clinical(
        annular.tinea_corporis, CLOSE_UP, "tinea", 31, 5, "Annular plaque with an advancing scaly border"
    ),
    "tinea_histology_pas": _histology(
        histology.dermatophyte_pas, "tinea", 32, "Hyphae in the horny layer", mode="PAS", um=0.25
    ),
    "granuloma_annulare_close_up": _clinical(
        annular.granuloma_annulare, CLOSE_UP, "granuloma_annulare", 41, 4, "Smooth ring of firm papules, no scale"
    ),
    "granuloma_annulare_histology": _histology(
        histology.palisading_granuloma,
        "granuloma_annulare",
        42,
        "Palisaded histiocytes around altered collagen and mucin",
    ),
    "erythema_multiforme_overview": _clinical(
        annular.erythema_multiforme, OVERVIEW, "erythema_multiforme", 51, 6, "Target lesions scattered over the forearm"
    ),
    "erythema_multiforme_close_up": _clinical(
        annular.erythema_multiforme_target,
        CLOSE_UP,
        "erythema_multiforme",
        52,
        6,
        "Targets with a dusky blistering centre",
    ),
    "erythema_multiforme_histology": _histology(
        histology.interface_high_power,
        "erythema_multiforme",
        53,
        "Vacuolar interface change, necrotic keratinocytes",
        um=0.25,
    ),
    "urticaria_overview": _clinical(annular.urticaria, OVERVIEW, "urticaria", 61, 7, "Confluent wheals over the flank"),
    "pityriasis_rosea_overview": _clinical(
        papulosquamous.pityriasis_rosea,
        OVERVIEW,
        "pityriasis_rosea",
        71,
        6,
        "Herald patch and oval patches along the lines of cleavage",
    ),
    # Blistering
    "zoster_overview": _clinical(
        blistering.zoster_band, OVERVIEW, "zoster", 81, 4, "Grouped vesicles in one dermatome"
    ),
    "zoster_close_up": _clinical(
        blistering.herpes_group, CLOSE_UP, "zoster", 82, 4, "Grouped umbilicated vesicles, first crusts"
    ),
    "pemphigoid_close_up": _clinical(
        blistering.bullous_pemphigoid, CLOSE_UP, "pemphigoid", 91, 3, "Tense bullae on an urticated base, one erosion"
    ),
    "pemphigoid_histology": _histology(
        histology.subepidermal_blister, "pemphigoid", 92, "Subepidermal blister with eosinophils"
    ),
    "pemphigoid_dif": _histology(
        histology.pemphigoid_dif, "pemphigoid", 93, "Linear IgG along the basement membrane", mode="DIF", um=0.5
    ),
    # Lichenoid, lupus, eczema
    "lichen_planus_close_up": _clinical(
        papulosquamous.lichen_planus, CLOSE_UP, "lichen_planus", 101, 7, "Violaceous flat-topped polygonal papules"
    ),
    "lichen_planus_histology": _histology(
        histology.lichenoid, "lichen_planus", 102, "Band-like infiltrate, saw-toothed rete ridges"
    ),
    "discoid_lupus_close_up": _clinical(
        papulosquamous.discoid_lupus,
        CLOSE_UP,
        "discoid_lupus",
        111,
        8,
        "Scarred pale centre, dark rim, follicular plugs",
    ),
    "atopic_eczema_overview": _clinical(
        patches.atopic_eczema, OVERVIEW, "atopic_eczema", 121, 8, "Ill-defined lichenified patch of the elbow flexure"
    ),
    "nummular_eczema_close_up": _clinical(
        patches.nummular_eczema, CLOSE_UP, "nummular_eczema", 131, 1, "Coin-shaped weeping plaque with crust"
    ),
    # Vessels, pigment
    "purpura_overview": _clinical(
        patches.palpable_purpura, OVERVIEW, "purpura", 141, 2, "Palpable purpura, denser towards the ankle"
    ),
    "purpura_close_up": _clinical(
        patches.palpable_purpura_close, CLOSE_UP, "purpura", 142, 2, "Purpuric papules, some with a necrotic centre"
    ),
    "vitiligo_overview": _clinical(
        patches.vitiligo, OVERVIEW, "vitiligo", 151, 9, "Depigmented patches with follicular repigmentation"
    ),
    # Tumours
    "bcc_close_up": _clinical(
        tumours.basal_cell_carcinoma, CLOSE_UP, "bcc", 161, 2, "Pearly nodule with rolled border and crusted centre"
    ),
    "bcc_dermoscopy": _dermoscopy(
        nonmelanocytic.basal_cell_carcinoma, "bcc", 162, 2, "Arborising vessels, blue-grey ovoid nests"
    ),
    "bcc_histology": _histology(histology.basal_cell_carcinoma, "bcc", 163, "Basaloid islands with clefts"),
    "bcc_histology_high": _histology(
        histology.basal_cell_carcinoma_high_power, "bcc", 164, "Peripheral palisading, mucinous stroma", um=0.25
    ),
    "melanoma_close_up": _clinical(
        tumours.melanoma, CLOSE_UP, "melanoma", 171, 2, "Asymmetrical plaque in several colours"
    ),
    "melanoma_dermoscopy": _dermoscopy(
        melanocytic.melanoma, "melanoma", 172, 2, "Atypical network, streaks, blue-white veil"
    ),
    "melanoma_histology": _histology(
        histology.melanoma, "melanoma", 173, "Irregular nests at the junction and in the dermis"
    ),
    "melanoma_histology_high": _histology(
        histology.melanoma_high_power, "melanoma", 174, "Pleomorphic melanocytes, upward spread", um=0.25
    ),
    "melanoma_histology_melan_a": _histology(
        histology.melanoma_melan_a, "melanoma", 173, "Melan-A marks nests and rising single cells", mode="IHC Melan-A"
    ),
    "dysplastic_naevus_close_up": _clinical(
        tumours.dysplastic_naevus, CLOSE_UP, "dysplastic_naevus", 181, 3, "Two-toned naevus with a fuzzy border"
    ),
    "dysplastic_naevus_dermoscopy": _dermoscopy(
        melanocytic.dysplastic_naevus, "dysplastic_naevus", 182, 3, "Reticular network, globules in the middle"
    ),
    "seborrhoeic_keratosis_close_up": _clinical(
        tumours.seborrhoeic_keratosis, CLOSE_UP, "seborrhoeic_keratosis", 191, 5, "Stuck-on verrucous plaque"
    ),
    "seborrhoeic_keratosis_dermoscopy": _dermoscopy(
        nonmelanocytic.seborrhoeic_keratosis,
        "seborrhoeic_keratosis",
        192,
        5,
        "Comedo-like openings, milia-like cysts",
        "contact_non_polarised",
    ),
    "acral_melanoma_close_up": _clinical(
        tumours.acral_melanoma, CLOSE_UP, "acral_melanoma", 201, 7, "Irregular brown-black macule of the sole"
    ),
    "acral_melanoma_dermoscopy": _dermoscopy(
        melanocytic.acral_melanoma, "acral_melanoma", 202, 7, "Parallel ridge pattern"
    ),
    "acral_naevus_dermoscopy": _dermoscopy(melanocytic.acral_naevus, "acral_naevus", 211, 6, "Parallel furrow pattern"),
    "scc_close_up": _clinical(
        tumours.squamous_cell_carcinoma, CLOSE_UP, "scc", 221, 1, "Indurated nodule with a keratin-filled crater"
    ),
    "keloid_close_up": _clinical(
        tumours.keloid, CLOSE_UP, "keloid", 231, 10, "Shiny firm scar growing beyond the wound"
    ),
    "sarcoidosis_close_up": _clinical(
        tumours.sarcoid_papules, CLOSE_UP, "sarcoidosis", 241, 9, "Grouped smooth brown-violaceous papules"
    ),
    "sarcoidosis_histology": _histology(
        histology.sarcoid_granulomas, "sarcoidosis", 242, "Naked epithelioid granulomas with giant cells"
    ),
    "ulcer_close_up": _clinical(
        tumours.ulcer, CLOSE_UP, "pyoderma_gangrenosum", 251, 4, "Ulcer with a violaceous undermined border"
    ),
    "blue_naevus_close_up": _clinical(
        tumours.blue_naevus, CLOSE_UP, "blue_naevus", 261, 5, "Smooth dome-shaped blue-grey papule"
    ),
    "blue_naevus_dermoscopy": _dermoscopy(
        melanocytic.blue_naevus, "blue_naevus", 262, 5, "Homogeneous steel-blue pattern"
    ),
    "haemangioma_dermoscopy": _dermoscopy(
        nonmelanocytic.haemangioma, "haemangioma", 271, 4, "Red and blue-black lacunae", "contact_non_polarised"
    ),
    "molluscum_close_up": _clinical(
        tumours.molluscum, CLOSE_UP, "molluscum", 281, 6, "Pearly papules with a central dell"
    ),
}


def draw(name: str) -> bytes:
    """Draw a picture of `PICTURES` as JPEG bytes (quality 92), the same bytes every time. Raises KeyError."""
    return encode(PICTURES[name].draw())
