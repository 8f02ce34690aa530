"""Translated words for what the engine found in a file, for the person who uploaded it."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from imaging.engine.messages import ADVICE, advice_for
from imaging.engine.types import INSTRUMENTS, PictureType

FOUND: dict[str, str | Promise] = {
    "gps": _("where it was taken"),
    "time": _("when it was taken"),
    "camera": _("the camera or phone"),
    "lens": _("the lens"),
    "serial": _("a serial number"),
    "patient": _("the patient's name or number"),
    "owner": _("the owner's name"),
    "unique_id": _("a unique number of the picture"),
    "software": _("the software used"),
    "thumbnail": _("a thumbnail of the unmasked picture"),
    "preview": _("a preview of the unmasked picture"),
    "auxiliary_picture": _("a second picture"),
    "gain_map": _("a brightness map of the picture"),
    "mpf": _("further pictures"),
    "motion_video": _("a short video"),
    "audio": _("a sound recording"),
    "maker_notes": _("the maker's notes"),
    "description": _("a description"),
    "comment": _("a comment"),
    "text": _("text"),
    "exif": _("camera data"),
    "xmp": _("editing data"),
    "iptc": _("press data"),
    "photoshop": _("data of a picture program"),
    "faces": _("names of faces"),
    "c2pa": _("a record of origin"),
    "colour_profile": _("a colour profile"),
    "dicom_header": _("the DICOM header"),
    "preamble": _("the head of a second file"),
    "trailing_data": _("hidden data after the picture"),
}


def warnings_in_words(warnings: Iterable[str], *, picture_type: PictureType | None = None) -> list[tuple[str, str]]:
    """Return (code, sentence) of each of the engine's warnings once; codes without a sentence are left out.

    In a picture of a stated type advice that cannot be followed there is left out too.
    """
    codes = list(dict.fromkeys(warnings))
    if picture_type is not None:
        codes = advice_for(codes, instrument=picture_type in INSTRUMENTS)
    return [(code, gettext(ADVICE[code])) for code in codes if code in ADVICE]


def found_in_words(found: Iterable[str]) -> list[str]:
    """Return the words for kinds of metadata in the order of `FOUND`, each once; unknown kinds are "other data"."""
    kinds = set(found)
    named = [str(words) for kind, words in FOUND.items() if kind in kinds]
    return list(dict.fromkeys(named)) + ([str(_("other data"))] if kinds - FOUND.keys() else [])
