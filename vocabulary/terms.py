"""Controlled lists of a case, except body sites and diagnoses. Values are stored; labels are translated."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseKind(models.TextChoices):
    """Purposes of a case."""

    DIFFICULT = "difficult", _("Difficult case (open consult)")
    TEACHING = "teaching", _("Solved teaching case")


class Question(models.TextChoices):
    """Questions that the author asks."""

    DIAGNOSIS = "diagnosis", _("What is the diagnosis?")
    MANAGEMENT = "management", _("How would you manage it?")
    BIOPSY = "biopsy", _("Biopsy or not?")
    CORRELATION = "correlation", _("Clinicopathological correlation")
    TEACHING = "teaching", _("For teaching")

    @property
    def asks_for_plan(self) -> bool:
        """Whether it is answered by a plan of its own, beside which a diagnosis is optional."""
        return self in (Question.MANAGEMENT, Question.BIOPSY)


class AgeBand(models.TextChoices):
    """Bands of completed years, wide enough that a single patient does not stand out."""

    UNDER_1 = "0", _("Under 1 year")
    FROM_1 = "1-5", _("1–5 years")
    FROM_6 = "6-12", _("6–12 years")
    FROM_13 = "13-17", _("13–17 years")
    FROM_18 = "18-29", _("18–29 years")
    FROM_30 = "30-39", _("30–39 years")
    FROM_40 = "40-49", _("40–49 years")
    FROM_50 = "50-59", _("50–59 years")
    FROM_60 = "60-69", _("60–69 years")
    FROM_70 = "70-79", _("70–79 years")
    FROM_80 = "80-84", _("80–84 years")
    FROM_85 = "85", _("85 years or older")

    @property
    def is_child(self) -> bool:
        """Whether everybody in the band is under 18 years."""
        return self in _CHILD_BANDS


_CHILD_BANDS: Final = frozenset({AgeBand.UNDER_1, AgeBand.FROM_1, AgeBand.FROM_6, AgeBand.FROM_13})


class Sex(models.TextChoices):
    """Sex of the patient."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    INTERSEX_OR_OTHER = "other", _("Intersex or other")
    UNDISCLOSED = "undisclosed", _("Not disclosed")


class Fitzpatrick(models.TextChoices):
    """Fitzpatrick type, the reaction to sun. Not a scale of skin tone, which is `Monk`."""

    I = "I", _("I – always burns, never tans")  # noqa: E741 - the type is named by this numeral
    II = "II", _("II – usually burns, tans a little")
    III = "III", _("III – sometimes burns, tans evenly")
    IV = "IV", _("IV – rarely burns, tans well")
    V = "V", _("V – very rarely burns, tans deeply")
    VI = "VI", _("VI – never burns")


class Monk(models.IntegerChoices):
    """Monk skin tone, 1 (lightest) to 10 (darkest)."""

    ONE = 1, _("Monk 1 (lightest)")
    TWO = 2, _("Monk 2")
    THREE = 3, _("Monk 3")
    FOUR = 4, _("Monk 4")
    FIVE = 5, _("Monk 5")
    SIX = 6, _("Monk 6")
    SEVEN = 7, _("Monk 7")
    EIGHT = 8, _("Monk 8")
    NINE = 9, _("Monk 9")
    TEN = 10, _("Monk 10 (darkest)")


class Tone(models.TextChoices):
    """Skin tone in three bands of the Monk scale, wide enough for a filter and no finer than anybody sees."""

    LIGHT = "light", _("Monk 1–3")
    MEDIUM = "medium", _("Monk 4–6")
    DARK = "dark", _("Monk 7–10")


def tone_of(monk: int | None) -> str:
    """Return the band of a tone; "" for none."""
    if monk is None:
        return ""
    return Tone.LIGHT if monk <= Monk.THREE else Tone.MEDIUM if monk <= Monk.SIX else Tone.DARK


class Duration(models.TextChoices):
    """Duration of the disease or of a treatment."""

    UNDER_1_WEEK = "lt1w", _("Less than 1 week")
    WEEKS_1_TO_6 = "1-6w", _("1–6 weeks")
    WEEKS_6_TO_MONTHS_6 = "6w-6m", _("6 weeks – 6 months")
    MONTHS_6_TO_YEARS_2 = "6m-2y", _("6 months – 2 years")
    OVER_2_YEARS = "gt2y", _("More than 2 years")


class Course(models.TextChoices):
    """Recent course of the disease."""

    STABLE = "stable", _("Stable")
    WORSENING = "worsening", _("Worsening")
    RELAPSING = "relapsing", _("Relapsing")


class Symptom(models.TextChoices):
    """Symptoms of the patient."""

    NONE = "none", _("None")
    ITCH = "itch", _("Itch")
    PAIN = "pain", _("Pain")
    BURNING = "burning", _("Burning")
    BLEEDING = "bleeding", _("Bleeding")
    SYSTEMIC = "systemic", _("Systemic symptoms")


class Morphology(models.TextChoices):
    """Primary lesions."""

    MACULE = "macule", _("Macule")
    PATCH = "patch", _("Patch")
    PAPULE = "papule", _("Papule")
    PLAQUE = "plaque", _("Plaque")
    NODULE = "nodule", _("Nodule")
    VESICLE = "vesicle", _("Vesicle")
    BULLA = "bulla", _("Bulla")
    PUSTULE = "pustule", _("Pustule")
    WHEAL = "wheal", _("Wheal")
    PURPURA = "purpura", _("Purpura")
    OTHER = "other", _("Other")


class Secondary(models.TextChoices):
    """Secondary changes."""

    SCALE = "scale", _("Scale")
    CRUST = "crust", _("Crust")
    EROSION = "erosion", _("Erosion")
    ULCER = "ulcer", _("Ulcer")
    LICHENIFICATION = "lichenification", _("Lichenification")
    ATROPHY = "atrophy", _("Atrophy")
    SCAR = "scar", _("Scar")


class Arrangement(models.TextChoices):
    """Arrangement of lesions relative to each other."""

    ANNULAR = "annular", _("Annular")
    LINEAR = "linear", _("Linear")
    GROUPED = "grouped", _("Grouped")
    TARGETOID = "targetoid", _("Targetoid")
    SCATTERED = "scattered", _("Scattered")


class Distribution(models.TextChoices):
    """Distribution of lesions on the body."""

    LOCALISED = "localised", _("Localised")
    FLEXURAL = "flexural", _("Flexural")
    EXTENSOR = "extensor", _("Extensor")
    ACRAL = "acral", _("Acral")
    PHOTO_EXPOSED = "photo-exposed", _("Photo-exposed")
    GENERALISED = "generalised", _("Generalised")


class History(models.TextChoices):
    """Relevant history."""

    IMMUNOSUPPRESSION = "immunosuppression", _("Immunosuppression")
    NEW_DRUG = "new-drug", _("New drug in the last 3 months")
    MELANOMA = "melanoma", _("Melanoma before")
    FAMILY_MELANOMA = "family-melanoma", _("Melanoma in the family")
    KERATINOCYTE_CANCER = "keratinocyte-cancer", _("Other skin cancer before")
    OTHER_CANCER = "other-cancer", _("Cancer of another organ")
    ATOPY = "atopy", _("Atopy")
    AUTOIMMUNE = "autoimmune", _("Autoimmune disease")
    DIABETES = "diabetes", _("Diabetes")
    PREGNANCY = "pregnancy", _("Pregnant or recently so")
    FAMILY_SIMILAR = "family-similar", _("Others in the family affected")
    OCCUPATIONAL = "occupational", _("Exposure at work")
    ANIMALS = "animals", _("Contact with animals")
    TRAVEL = "travel", _("Travel or exposure elsewhere")


class Region(models.TextChoices):
    """Regions of travel or exposure; the form never asks for more detail."""

    NORTH_AFRICA = "north-africa", _("North Africa")
    SUBSAHARAN_AFRICA = "subsaharan-africa", _("Africa south of the Sahara")
    WEST_ASIA = "west-asia", _("West Asia")
    CENTRAL_ASIA = "central-asia", _("Central Asia")
    SOUTH_ASIA = "south-asia", _("South Asia")
    EAST_ASIA = "east-asia", _("East Asia")
    SOUTHEAST_ASIA = "southeast-asia", _("South-East Asia")
    EUROPE = "europe", _("Europe")
    MEDITERRANEAN = "mediterranean", _("Mediterranean")
    NORTH_AMERICA = "north-america", _("North America")
    CENTRAL_AMERICA = "central-america", _("Central America and the Caribbean")
    SOUTH_AMERICA = "south-america", _("South America")
    OCEANIA = "oceania", _("Australia, New Zealand and the Pacific")


class PictureKind(models.TextChoices):
    """Kinds of picture."""

    OVERVIEW = "overview", _("Clinical overview")
    CLOSE_UP = "close-up", _("Clinical close-up")
    DERMOSCOPY = "dermoscopy", _("Dermoscopy")
    HISTOLOGY = "histology", _("Histology")


class DermoscopyMode(models.TextChoices):
    """Modes of dermoscopy."""

    CONTACT_POLARISED = "contact-polarised", _("Contact, polarised")
    CONTACT_NON_POLARISED = "contact-non-polarised", _("Contact, non-polarised")
    NON_CONTACT_POLARISED = "non-contact-polarised", _("Non-contact, polarised")


class Stain(models.TextChoices):
    """Stains of a section."""

    HE = "he", _("H&E")
    PAS = "pas", _("PAS")
    GMS = "gms", _("GMS (Grocott silver)")
    GIEMSA = "giemsa", _("Giemsa")
    CONGO_RED = "congo-red", _("Congo red")
    IHC = "ihc", _("Immunohistochemistry")
    DIF = "dif", _("Direct immunofluorescence")
    ALCIAN_BLUE = "alcian-blue", _("Alcian blue")
    COLLOIDAL_IRON = "colloidal-iron", _("Colloidal iron")
    ELASTIC = "elastic", _("Elastic (van Gieson)")
    MASSON = "masson", _("Masson trichrome")
    FONTANA = "fontana", _("Fontana-Masson")
    PERLS = "perls", _("Perls (iron)")
    ZIEHL_NEELSEN = "ziehl-neelsen", _("Ziehl-Neelsen or Fite")
    GRAM = "gram", _("Gram")
    VON_KOSSA = "von-kossa", _("Von Kossa")
    TOLUIDINE_BLUE = "toluidine-blue", _("Toluidine blue")
    OTHER = "other", _("Other")


class Objective(models.TextChoices):
    """Magnification of the objective lens, without the eyepiece."""

    X1 = "1x", "1×"
    X2 = "2x", "2×"
    X4 = "4x", "4×"
    X10 = "10x", "10×"
    X20 = "20x", "20×"
    X40 = "40x", "40×"
    X60 = "60x", "60×"
    X100 = "100x", "100×"


class AdditionKind(models.TextChoices):
    """What is added to a published case."""

    VISIT = "visit", _("Follow-up visit")
    HISTOLOGY = "histology", _("Histology")
    DERMOSCOPY = "dermoscopy", _("Dermoscopy")


class AfterUnit(models.TextChoices):
    """Units of the time after the first pictures of a case; never a date."""

    DAY = "day", _("days")
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")
    YEAR = "year", _("years")


DAYS_IN: Final = {AfterUnit.DAY: 1, AfterUnit.WEEK: 7, AfterUnit.MONTH: 30, AfterUnit.YEAR: 365}
"""About how many days a unit has: enough to put pictures in the order of time."""


class Sensitive(models.TextChoices):
    """Pictures that nobody is shown before asking for them."""

    CHILD = "child", _("A child is undressed or can be made out as one")
    INTIMATE = "intimate", _("Intimate: genitals, breasts, anal region")
    GRUESOME = "gruesome", _("Gruesome or forensic: injuries, burns, surgery, the dead")


class ReferenceStandard(models.TextChoices):
    """Reference standards of a final diagnosis, strongest first."""

    HISTOPATHOLOGY = "histopathology", _("Histopathology")
    CULTURE = "culture", _("Culture")
    PCR = "pcr", _("PCR")
    SEROLOGY = "serology", _("Serology")
    PATCH_TEST = "patch-test", _("Patch test")
    SERIAL_IMAGING = "serial-imaging", _("Unchanged on serial imaging")
    EXPERT_CONSENSUS = "expert-consensus", _("Expert consensus")
    CONFOCAL = "confocal", _("Confocal microscopy and consensus")
    TREATMENT_RESPONSE = "treatment-response", _("Response to treatment")
    SINGLE_CLINICIAN = "single-clinician", _("Single clinician")

    @property
    def counts(self) -> bool:
        """Whether figures are counted against it: it is more than one clinician's word (docs/discussion.md)."""
        return self not in _ONE_CLINICIANS_WORD


# What a treatment did is judged by whoever gave it, and unlike diseases answer to the same drug.
_ONE_CLINICIANS_WORD: Final = frozenset({ReferenceStandard.TREATMENT_RESPONSE, ReferenceStandard.SINGLE_CLINICIAN})


class Laterality(models.TextChoices):
    """Side of the body, the patient's own."""

    LEFT = "left", _("Left")
    RIGHT = "right", _("Right")
    BOTH = "both", _("Both sides")
    MIDLINE = "midline", _("Midline")


class Confidence(models.TextChoices):
    """A member's confidence in a diagnosis; consensus and calibration use its `probability`."""

    GUESS = "guess", _("A guess")
    POSSIBLE = "possible", _("Possible")
    PROBABLE = "probable", _("Probable")
    SURE = "sure", _("Sure")

    @property
    def probability(self) -> float:
        """The stated confidence as a probability, 0 to 1."""
        return _PROBABILITY[self]


# Never 1: a diagnosis from pictures is never certain, and a single wrong certainty would dominate a log score.
_PROBABILITY: Final = {
    Confidence.GUESS: 0.25,
    Confidence.POSSIBLE: 0.5,
    Confidence.PROBABLE: 0.75,
    Confidence.SURE: 0.95,
}


class Interval(models.TextChoices):
    """Intervals after which a colleague would look again."""

    DAYS = "days", _("In a few days")
    WEEKS_2 = "2w", _("In 2 weeks")
    WEEKS_6 = "6w", _("In 6 weeks")
    MONTHS_3 = "3m", _("In 3 months")
    MONTHS_6 = "6m", _("In 6 months")
    YEAR = "1y", _("In a year")
    IF_CHANGED = "changed", _("Only if it changes")


class Biopsy(models.TextChoices):
    """Kinds of biopsy, or none; `ANY` leaves the kind open."""

    NO = "no", _("No biopsy")
    ANY = "any", _("Yes, whichever kind")
    PUNCH = "punch", _("Punch biopsy")
    SHAVE = "shave", _("Shave biopsy")
    SAUCERISATION = "saucerisation", _("Deep shave (saucerisation)")
    INCISIONAL = "incisional", _("Incisional biopsy")
    EXCISIONAL = "excisional", _("Excisional biopsy")
    DEEP = "deep", _("Deep incisional biopsy, with fat or fascia")
    NAIL = "nail", _("Nail matrix or nail bed biopsy")
    SCALP = "scalp", _("Two scalp punches, cut across and along")
    DIF = "dif", _("Biopsy with direct immunofluorescence")
    CULTURE = "culture", _("Biopsy with tissue culture")
    MAPPING = "mapping", _("Mapping biopsies")


class Referral(models.TextChoices):
    """To whom a colleague would refer."""

    DERMATOLOGIST = "dermatologist", _("Dermatology clinic")
    EMERGENCY = "emergency", _("Emergency department, today")
    DERMATOSURGERY = "dermatosurgery", _("Dermatological surgery")
    MOHS = "mohs", _("Mohs surgery")
    PLASTIC = "plastic", _("Plastic surgery")
    ONCOLOGY = "oncology", _("Oncology or tumour board")
    PATHOLOGY = "pathology", _("Dermatopathology, second opinion")
    RHEUMATOLOGY = "rheumatology", _("Rheumatology")
    ALLERGY = "allergy", _("Allergology, patch tests")
    INFECTIOUS = "infectious", _("Infectious disease")
    PAEDIATRICS = "paediatrics", _("Paediatrics")
    OPHTHALMOLOGY = "ophthalmology", _("Ophthalmology")
    GENETICS = "genetics", _("Genetics")
    HAEMATOLOGY = "haematology", _("Haematology")
    VASCULAR = "vascular", _("Vascular medicine or surgery")
    PHOTOTHERAPY = "phototherapy", _("Phototherapy unit")
    SEXUAL_HEALTH = "sexual-health", _("Sexual health clinic")
    OTHER = "other", _("Somebody else, said in words")


class Urgency(models.TextChoices):
    """How soon an author needs an answer. Rete is no emergency service."""

    TODAY = "today", _("Today")
    WEEK = "week", _("This week")


class UrgencyReason(models.TextChoices):
    """Why an answer is needed soon."""

    APPOINTMENT = "appointment", _("The patient comes back soon")
    PROCEDURE = "procedure", _("A procedure is planned")
    TREATMENT = "treatment", _("A treatment has to be decided")
    WORSENING = "worsening", _("It is getting worse")
    MALIGNANCY = "malignancy", _("It may be malignant")
    OTHER = "other", _("Another reason")
