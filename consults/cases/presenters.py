"""Presentation of a case to its readers: pictures with their details, facts in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from consults.cases import scale
from consults.cases.models import Case, CasePhoto
from imaging.models import Rendition
from vocabulary import terms


@dataclass(frozen=True)
class ViewerPicture:
    """One picture of a case: the keys that the viewer's script reads, and its captions."""

    photo_id: UUID
    rendition_id: UUID
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
    full_width: int
    full_height: int
    type: str
    micrometres: float | None
    is_about: bool


def viewer_pictures(case: Case, *, renditions: QuerySet[Rendition]) -> list[ViewerPicture]:
    """Return the pictures of a case in order, those that `renditions` (from the gate) has in every size."""
    sizes: dict[UUID, dict[str, Rendition]] = {}
    placements: dict[UUID, CasePhoto] = {}
    mine = renditions.filter(photo__placement__case=case).select_related("photo__placement")
    for rendition in mine.order_by("photo__placement__position", "photo__placement__id"):
        sizes.setdefault(rendition.photo_id, {})[rendition.name] = rendition
        placements[rendition.photo_id] = rendition.photo.placement
    whole = [pk for pk, found in sizes.items() if len(found) == len(Rendition.Name)]
    return [_viewer_picture(case, placements[pk], sizes[pk], number) for number, pk in enumerate(whole, start=1)]


def _viewer_picture(case: Case, placed: CasePhoto, sizes: dict[str, Rendition], number: int) -> ViewerPicture:
    kind = placed.get_kind_display() or _("Picture")
    details = [placed.get_mode_display(), placed.get_stain_display(), placed.get_objective_display()]
    display = sizes[Rendition.Name.DISPLAY]
    full = sizes[Rendition.Name.FULL]
    width = scale.width_of(placed, full=full)
    return ViewerPicture(
        photo_id=placed.photo_id,
        rendition_id=display.pk,
        href=_url(display),
        full_href=_url(full),
        thumbnail_href=_url(sizes[Rendition.Name.THUMBNAIL]),
        label=f"{number} · {kind}",
        kind=kind,
        alt=_("%(site)s, %(kind)s") % {"site": case.get_site_display(), "kind": kind},
        details=", ".join(filter(None, details)),
        caption=placed.caption,
        width=display.width,
        height=display.height,
        full_width=full.width,
        full_height=full.height,
        type=_type(placed),
        micrometres=width.micrometres if width else None,
        is_about=bool(width and width.is_about),
    )


def _type(placed: CasePhoto) -> str:
    """Return clinical, dermoscopy or histology: pictures of one type are looked at and moved together."""
    return "clinical" if placed.clinical else placed.kind


def _url(rendition: Rendition) -> str:
    return reverse("consults:picture", args=[rendition.pk])


def summary_line(case: Case) -> str:
    """Return the case in one line: age, sex, site, duration, morphology."""
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
    """Return the facts of a case as (name, text), without those not stated."""
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
