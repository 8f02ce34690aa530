"""One case as its readers see it: pictures with what they are, facts in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from consults.models import Case, CasePhoto
from imaging.models import Rendition
from vocabulary import terms


@dataclass(frozen=True)
class Picture:
    """One picture: the keys that the viewer reads, and what stands beside it."""

    photo_id: UUID
    href: str
    full_href: str
    thumbnail_href: str
    label: str
    kind: str
    alt: str
    details: str
    caption: str
    width: int
    height: int


def pictures(case: Case, *, renditions: QuerySet[Rendition]) -> list[Picture]:
    """The pictures of a case in order, as far as `renditions` (from the gate) has them in every size."""
    sizes: dict[UUID, dict[str, Rendition]] = {}
    places: dict[UUID, CasePhoto] = {}
    mine = renditions.filter(photo__placement__case=case).select_related("photo__placement")
    for rendition in mine.order_by("photo__placement__position", "photo__placement__id"):
        sizes.setdefault(rendition.photo_id, {})[rendition.name] = rendition
        places[rendition.photo_id] = rendition.photo.placement
    whole = [pk for pk, found in sizes.items() if len(found) == len(Rendition.Name)]
    return [_picture(case, places[pk], sizes[pk], number) for number, pk in enumerate(whole, start=1)]


def _picture(case: Case, place: CasePhoto, sizes: dict[str, Rendition], number: int) -> Picture:
    kind = place.get_kind_display() or _("Picture")
    details = [place.get_mode_display(), place.get_stain_display(), place.get_objective_display()]
    display = sizes[Rendition.Name.DISPLAY]
    return Picture(
        photo_id=place.photo_id,
        href=_address(display),
        full_href=_address(sizes[Rendition.Name.FULL]),
        thumbnail_href=_address(sizes[Rendition.Name.THUMBNAIL]),
        label=f"{number} · {kind}",
        kind=kind,
        alt=_("%(site)s, %(kind)s") % {"site": case.get_site_display(), "kind": kind},
        details=", ".join(filter(None, details)),
        caption=place.caption,
        width=display.width,
        height=display.height,
    )


def _address(rendition: Rendition) -> str:
    return reverse("consults:picture", args=[rendition.pk])


def line(case: Case) -> str:
    """The case in one line: who, where, how long, what."""
    parts = [
        case.get_age_band_display(),
        case.get_sex_display(),
        _site(case),
        case.get_duration_display(),
        case.get_morphology_display(),
    ]
    return " · ".join(filter(None, parts))


def _site(case: Case) -> str:
    site = case.get_site_display()
    if not case.laterality:
        return site
    return _("%(site)s, %(side)s") % {"site": site, "side": case.get_laterality_display().lower()}


def facts(case: Case) -> list[tuple[str, str]]:
    """The coded facts of a case as (name, words); what was not stated is left out."""
    rows = [
        (_("Age"), case.get_age_band_display()),
        (_("Sex"), case.get_sex_display()),
        (_("Body site"), _site(case)),
        (_("Duration"), case.get_duration_display()),
        (_("Course"), case.get_course_display()),
        (_("Symptoms"), _labels(case.symptoms, terms.Symptom)),
        (_("Morphology"), case.get_morphology_display()),
        (_("Secondary changes"), _labels(case.secondary, terms.Secondary)),
        (_("Arrangement"), case.get_arrangement_display()),
        (_("Distribution"), case.get_distribution_display()),
        (_("Skin tone"), case.get_monk_display() or ""),
        (_("Reaction to sun"), case.get_fitzpatrick_display()),
        (_("Relevant history"), _labels(case.history, terms.History)),
        (_("Treatments tried"), case.treatments),
    ]
    return [(name, words) for name, words in rows if words]


def _labels(codes: Iterable[str], choices: type[terms.Symptom | terms.Secondary | terms.History]) -> str:
    known = dict(choices.choices)
    return ", ".join(str(known[code]) for code in codes if code in known)
