"""The histology exemption: histology without any identifying feature, shown without a consent if the site allows it.

Off by default (`RETE_HISTOLOGY_EXEMPTION`). The author states it for a case, the second reader accepts it, and the
release names it as its basis. It does not apply to a case with a recorded consent or refusal: the patient's decision
counts. When it is switched off, everything under it is hidden on the next request.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from consults.cases.models import Case, CasePhoto
from vocabulary.terms import PictureKind

_FIT = {"kind": PictureKind.HISTOLOGY, "photo__shows_face": False, "photo__shows_mark": False}


def is_exempt() -> Q:
    """Return the condition for cases to which the exemption applies now."""
    return could_be_exempt() if settings.HISTOLOGY_EXEMPTION else Q(pk__in=[])


def could_be_exempt() -> Q:
    """Return the condition for cases to which it would apply on a site that makes the exemption."""
    unfit = CasePhoto.objects.filter(case=OuterRef("pk")).exclude(**_FIT)
    return Q(histology_exempt=True, consent__isnull=True) & ~Q(Exists(unfit))


def released_without_consent() -> Q:
    """Return the condition for cases of a patient that were released and have no consent, hence no code."""
    return Q(consent__isnull=True, education_model=False, released_at__isnull=False)


def problems(pictures: Iterable[CasePhoto]) -> Iterator[tuple[str, str]]:
    """Yield (code, sentence) for every reason against the exemption of a case with these pictures (photos loaded)."""
    placed = list(pictures)
    if not settings.HISTOLOGY_EXEMPTION:
        yield "exemption_off", _("This site makes no exception for histology. Record the patient's consent.")
    if any(picture.kind != PictureKind.HISTOLOGY for picture in placed):
        yield "exemption_pictures", _("Not every picture is histology. Record the patient's consent.")
    if any(picture.photo.shows_face or picture.photo.shows_mark for picture in placed):
        yield "exemption_feature", _("Something that could identify is visible. Record the patient's consent.")


def is_offered(case: Case) -> bool:
    """Whether the author may state it: the case has a picture, no consent and no reason against it."""
    if case.consent_id is not None or case.education_model:
        return False
    if case.follows is not None and not case.follows.histology_exempt:  # its patient was asked, and is asked again
        return False
    pictures = list(case.pictures.select_related("photo"))
    return bool(pictures) and not any(problems(pictures))
