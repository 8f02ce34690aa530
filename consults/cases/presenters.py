"""Presentation of a case to its readers: pictures with their details, facts in words."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from consults.cases import gate, scale
from consults.cases.followup.models import PicturePair
from consults.cases.models import Case, CasePhoto
from core.nested import Nested
from core.prepared import Prepared
from core.unions import all_of
from imaging.models import Rendition
from vocabulary import tags, terms


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
    sha256: str = ""  # of the display rendition
    part: Case | None = None  # the case, or the follow-up that it belongs to
    when: str = ""  # of a follow-up
    compared: tuple[PicturePair, ...] = ()  # with earlier ones


def viewer_pictures(
    case: Case, *, renditions: QuerySet[Rendition], with_additions: bool = False
) -> list[ViewerPicture]:
    """Return the pictures of a case in order, those that `renditions` (from the gate) has in every size.

    With its follow-ups, the pictures are in the order of time.
    """
    return _in_order(case, _with_places(renditions, _with_follow_ups(case.pk) if with_additions else [case.pk]))


def visible_pictures(case: Case, *, member: Member) -> list[ViewerPicture]:
    """Return the pictures of a case and its follow-ups that this member may see now, in the order of time.

    One kept query.
    """

    def build(member_id: UUID, pk: UUID) -> QuerySet[Rendition]:
        asker = copy(member)
        asker.pk = member_id
        pairs = _PAIRS.column(PicturePair.objects.filter(later=OuterRef("photo")).order_by())
        return _with_places(gate.visible_renditions(asker), _with_follow_ups(pk)).annotate(nested_pairs=pairs)

    return _in_order(case, _VISIBLE.objects(gate.asked_by(member), build, [member.pk, case.pk]))


_VISIBLE: Final = Prepared()
_PAIRS: Final = Nested(
    *(PicturePair, "id", "earlier_id", "later_id", "earlier_sha256", "later_sha256", "incomparable", "measured"),
)


def _with_follow_ups(pk: UUID) -> Any:
    """Return the case and what follows it, for `__in`."""
    return all_of(*(Case.objects.filter(one).order_by().values("pk") for one in (Q(pk=pk), Q(follows=pk))))


def _with_places(renditions: QuerySet[Rendition], cases: Any) -> QuerySet[Rendition]:
    mine = renditions.filter(photo__placement__case__in=cases).select_related("photo__placement__case")
    return mine.order_by("photo__placement__position", "photo__placement__id")


def _in_order(case: Case, renditions: Iterable[Rendition]) -> list[ViewerPicture]:
    sizes: dict[UUID, dict[str, Rendition]] = {}
    placements: dict[UUID, CasePhoto] = {}
    for rendition in renditions:
        sizes.setdefault(rendition.photo_id, {})[rendition.name] = rendition
        placements[rendition.photo_id] = rendition.photo.placement
    whole = [pk for pk, found in sizes.items() if len(found) == len(Rendition.Name)]
    whole.sort(key=lambda pk: _time_of(placements[pk].case))
    return [_viewer_picture(case, placements[pk], sizes[pk], number) for number, pk in enumerate(whole, start=1)]


def _time_of(part: Case) -> tuple[bool, int, datetime]:
    return part.follows_id is not None, part.days_after, part.created_at


def when_in_words(part: Case) -> str:
    """Return how long after the first pictures of its case those of a follow-up were taken; "At first" of the case."""
    if part.follows_id is None:
        return _("At first")
    number = part.after or 0
    if number == 0:
        return _("The same day")
    words = {
        terms.AfterUnit.DAY: _("Day %(n)d"),
        terms.AfterUnit.WEEK: ngettext("%(n)d week after", "%(n)d weeks after", number),
        terms.AfterUnit.MONTH: ngettext("%(n)d month after", "%(n)d months after", number),
        terms.AfterUnit.YEAR: ngettext("%(n)d year after", "%(n)d years after", number),
    }
    return words[terms.AfterUnit(part.after_unit or terms.AfterUnit.DAY)] % {"n": number}


def _viewer_picture(case: Case, placed: CasePhoto, sizes: dict[str, Rendition], number: int) -> ViewerPicture:
    kind = placed.get_kind_display() or _("Picture")
    details = [placed.get_mode_display(), placed.get_stain_display(), placed.get_objective_display()]
    display = sizes[Rendition.Name.DISPLAY]
    full = sizes[Rendition.Name.FULL]
    width = scale.width_of(placed, full=full)
    when = when_in_words(placed.case) if placed.case.follows_id is not None else ""
    return ViewerPicture(
        photo_id=placed.photo_id,
        rendition_id=display.pk,
        href=_url(display),
        full_href=_url(full),
        thumbnail_href=_url(sizes[Rendition.Name.THUMBNAIL]),
        label=" · ".join(filter(None, [str(number), str(kind), when])),
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
        sha256=display.sha256,
        part=placed.case,
        when=when,
        compared=tuple(_PAIRS.read(getattr(display, "nested_pairs", None))),
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
    tried = [(_("Treatments tried"), case.treatments)] if case.treatments else []
    return coded_facts(case) + tried


def coded_facts(case: Case) -> list[tuple[str, str]]:
    """Return the same without free text."""
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
        (_("Tags"), ", ".join(tags.label(code) for code in case.tags)),
    ]
    return [(name, words) for name, words in rows if words]


def _labels(codes: Iterable[str], choices: type[terms.Symptom | terms.Secondary | terms.History]) -> str:
    known = dict(choices.choices)
    return ", ".join(str(known[code]) for code in codes if code in known)
