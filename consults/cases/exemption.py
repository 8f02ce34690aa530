"""Histology without any identifying feature may be shown without a consent, where the site's policy says so.

Off by default (`RETE_HISTOLOGY_EXEMPTION`). The author states it for a case, the second reader accepts it, and the
release names it as its basis. It is for cases that no consent was ever recorded for: a patient who was asked has
the word. Switched off, everything under it is hidden on the next request.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from consults.cases.models import Case, CasePhoto
from vocabulary.terms import PictureKind

_FIT = {"kind": PictureKind.HISTOLOGY, "photo__shows_face": False, "photo__shows_mark": False}


def stands() -> Q:
    """The cases for which the exemption counts now."""
    if not settings.HISTOLOGY_EXEMPTION:
        return Q(pk__in=[])
    unfit = CasePhoto.objects.filter(case=OuterRef("pk")).exclude(**_FIT)
    return Q(histology_exempt=True, consent__isnull=True) & ~Q(Exists(unfit))


def was_used() -> Q:
    """Cases of a patient that were released once and stand under no consent: nobody has a code for them."""
    return Q(consent__isnull=True, education_model=False, released_at__isnull=False)


def problems(pictures: Iterable[CasePhoto]) -> Iterator[tuple[str, str]]:
    """(code, sentence) of everything that forbids it for a case with these pictures, whose photos are at hand."""
    placed = list(pictures)
    if not settings.HISTOLOGY_EXEMPTION:
        yield "exemption_off", _("This site makes no exception for histology. Record the patient's consent.")
    if any(picture.kind != PictureKind.HISTOLOGY for picture in placed):
        yield "exemption_pictures", _("Not every picture is histology. Record the patient's consent.")
    if any(picture.photo.shows_face or picture.photo.shows_mark for picture in placed):
        yield "exemption_feature", _("Something that could identify is visible. Record the patient's consent.")


def is_offered(case: Case) -> bool:
    """Whether its author may state it: there is a picture, nothing forbids it, and no patient was asked."""
    if case.consent_id is not None or case.education_model:
        return False
    pictures = list(case.pictures.select_related("photo"))
    return bool(pictures) and not any(problems(pictures))
