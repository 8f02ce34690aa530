"""Coded interests of a member: subspecialties (our own list), and the headings of the coded diagnoses.

A released code never changes its meaning.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from vocabulary import diagnoses

MAX_CODE_LENGTH: Final = diagnoses.MAX_CODE_LENGTH


class Subspecialty(models.TextChoices):
    """Fields within dermatology, and those beside it that dermatologists work with."""

    DERMOSCOPY = "dermoscopy", _("Dermoscopy")
    DERMATOPATHOLOGY = "dermatopathology", _("Dermatopathology")
    ONCOLOGY = "oncology", _("Skin cancer")
    SURGERY = "surgery", _("Dermatological surgery")
    MOHS = "mohs", _("Mohs surgery")
    PAEDIATRIC = "paediatric", _("Paediatric dermatology")
    SKIN_OF_COLOUR = "skin-of-colour", _("Skin of colour")
    HAIR = "hair", _("Hair and scalp")
    NAILS = "nails", _("Nails")
    ALLERGY = "allergy", _("Contact allergy")
    OCCUPATIONAL = "occupational", _("Occupational skin disease")
    IMMUNODERMATOLOGY = "immunodermatology", _("Autoimmune and blistering disease")
    LYMPHOMA = "lymphoma", _("Cutaneous lymphoma")
    PHOTODERMATOLOGY = "photodermatology", _("Photodermatology and phototherapy")
    LASER = "laser", _("Laser and energy devices")
    AESTHETIC = "aesthetic", _("Aesthetic dermatology")
    GENETICS = "genetics", _("Genodermatoses")
    GENITAL = "genital", _("Genital skin and sexually transmitted disease")
    ORAL = "oral", _("Oral mucosa")
    TROPICAL = "tropical", _("Tropical and infectious disease")
    WOUNDS = "wounds", _("Wounds and leg ulcers")
    PSYCHODERMATOLOGY = "psychodermatology", _("Psychodermatology")
    HOSPITAL = "hospital", _("Hospital consults and severe drug reactions")
    TELEDERMATOLOGY = "teledermatology", _("Teledermatology")
    EDUCATION = "education", _("Teaching and education")


@cache
def disease_groups() -> tuple[str, ...]:
    """Return the codes of the headings of the diagnoses, in the order of the list."""
    return tuple(one.code for one in diagnoses.all() if one.is_heading)


def is_known(code: str) -> bool:
    """Whether a member may choose this code."""
    return code in Subspecialty.values or code in disease_groups()


def label(code: str) -> str:
    """Return an interest in the reader's language; the code itself when the list no longer knows it."""
    if code in Subspecialty.values:
        return str(Subspecialty(code).label)
    try:
        return diagnoses.get(code).label_in(get_language() or "en")
    except diagnoses.UnknownDiagnosis:
        return code
