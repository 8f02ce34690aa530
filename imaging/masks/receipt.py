"""Mask receipt of a sealed picture: what was found, by which detector, what a person decided, and the result."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from imaging import engine
from imaging.engine.masking import geometry
from imaging.masks import covers
from imaging.models import Photo, Region
from imaging.review.checklist import ITEMS, Answer
from imaging.wording import found_in_words, warnings_in_words

MOVED_PX = 1.0


@dataclass(frozen=True)
class RegionLine:
    """One region. `place` in px of the upright picture before the crop; `done` is what a person did with it.

    `cover` names style and shape, `decision` the style alone.
    """

    kind: str
    cover: str
    decision: str
    covered: bool
    place: str
    found_by: str
    by_hand: bool
    done: str
    reason: str


@dataclass(frozen=True)
class SealedRendition:
    """One rendition, identified by the digest of its bytes."""

    name: str
    size: str
    sha256: str
    pipeline: str


@dataclass(frozen=True)
class Check:
    """One question of the checklist with its answer; `visible` when a person said that it can be seen."""

    question: str
    answer: str
    visible: bool


@dataclass(frozen=True)
class MaskReceipt:
    """How one picture was made fit to be shown."""

    lines: Sequence[RegionLine]
    sealed: Sequence[SealedRendition]
    source_size: str
    crop: str
    removed: Sequence[str]
    warnings: Sequence[str]
    checklist: Sequence[Check]
    no_eyes_stated: bool
    engine: str


def build_receipt(photo: Photo) -> MaskReceipt:
    """Return the receipt from the rows as they were confirmed; nothing changes them while the photo is sealed.

    For many photos, prefetch `regions` and `renditions`.
    """
    crop = covers.crop_of(photo)
    return MaskReceipt(
        lines=[_region_line(region) for region in photo.regions.all()],
        sealed=[
            SealedRendition(
                name=rendition.get_name_display(),
                size=_size(rendition.width, rendition.height),
                sha256=rendition.sha256,
                pipeline=rendition.pipeline_version,
            )
            for rendition in sorted(photo.renditions.all(), key=lambda rendition: -rendition.size)
        ],
        source_size=_size(photo.width, photo.height) if photo.width else "",
        crop=_place(*crop) if crop else "",
        removed=found_in_words(photo.found),
        warnings=[sentence for _code, sentence in warnings_in_words(photo.warnings_seen)],
        checklist=_checklist(photo),
        no_eyes_stated=photo.no_eyes_stated,
        engine=photo.engine_version,
    )


def _checklist(photo: Photo) -> list[Check]:
    answers = dict(Answer.choices)
    given = {item.code: photo.checklist.get(item.code, "") for item in ITEMS}
    return [
        Check(
            question=str(item.label),
            answer=str(answers.get(given[item.code], _("Not answered"))),
            visible=given[item.code] == Answer.VISIBLE,
        )
        for item in ITEMS
    ]


def _size(width: float, height: float) -> str:
    return f"{round(width)} × {round(height)}"


def _place(x: float, y: float, width: float, height: float, angle: float = 0.0) -> str:
    place = _("%(size)s px at %(x)s, %(y)s") % {"size": _size(width, height), "x": round(x), "y": round(y)}
    if round(angle):
        place += ", " + _("turned by %(angle)s°") % {"angle": round(angle)}
    return place


def _region_line(region: Region) -> RegionLine:
    style = region.get_style_display()
    if region.kind == Region.Kind.WINDOW:
        cover = decision = _("Opens a veil")
    elif region.masked:
        cover = f"{style}, {region.get_shape_display().lower()}"
        decision = _("Covered: %(style)s") % {"style": style.lower()}
    else:
        cover = decision = _("Not covered")
    return RegionLine(
        kind=region.get_kind_display(),
        cover=cover,
        decision=decision,
        covered=region.masked,
        place=_place(region.x, region.y, region.width, region.height, region.angle),
        found_by=_found_by(region),
        by_hand=not region.detector,
        done=_decision(region),
        reason=region.reason,
    )


def _found_by(region: Region) -> str:
    if not region.detector:
        return _("A person")
    if region.score is None:
        return region.detector
    return _("%(detector)s, %(percent)s %% sure") % {
        "detector": region.detector,
        "percent": round(100 * region.score),
    }


def _decision(region: Region) -> str:
    decisions = {
        Region.Choice.SUGGESTED: _("Left as suggested"),
        Region.Choice.CHECK: _("Not decided"),
        Region.Choice.ACCEPTED: _("Accepted"),
        Region.Choice.DISMISSED: _("Dismissed: “%(reason)s”") % {"reason": region.reason or _("no reason given")},
        Region.Choice.DRAWN: _("Drawn by hand"),
        Region.Choice.PAINTED: _("Covered at an earlier review"),
    }
    done = str(decisions[Region.Choice(region.choice)])
    if not region.found_box:
        return done
    x, y, width, height, angle = region.found_box
    found = engine.Mask("band", x, y, width, height, angle)
    moved = (region.x - x, region.y - y, region.width - width, region.height - height, region.angle - angle)
    if any(abs(difference) > MOVED_PX for difference in moved):
        kept = round(100 * geometry.covered_share(found, [region.mask()]))
        changed = _("Changed by hand: found as %(place)s, of which it covers %(percent)s %%") % {
            "place": _place(x, y, width, height, angle),
            "percent": kept,
        }
        return changed if region.choice == Region.Choice.SUGGESTED else f"{done}. {changed}"
    return done
