"""Checklist of what detectors do not see, answered by a person for every picture."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Answer(models.TextChoices):
    """Answers to one question of the checklist."""

    ABSENT = "absent", _("Not in the picture")
    COVERED = "covered", _("Covered")
    VISIBLE = "visible", _("Visible, and the patient allows it")


@dataclass(frozen=True)
class Item:
    """One question and the answers that permit the picture."""

    code: str
    label: str | Promise
    answers: tuple[Answer, ...] = (Answer.ABSENT, Answer.COVERED)


_ALLOWED = (Answer.ABSENT, Answer.COVERED, Answer.VISIBLE)

ITEMS: tuple[Item, ...] = (
    Item("mark", _("Tattoo, birthmark, scar or stump that could identify"), _ALLOWED),
    Item("jewellery", _("Jewellery, piercing or glasses")),
    Item("clothing", _("Clothing with a name, logo or pattern that could identify")),
    Item("label", _("Wristband, label or slide label")),
    Item("text", _("Text, number, barcode or screen")),
    Item("background", _("Room, window, mirror or object in the background")),
    Item("people", _("Another person, or part of one")),
    Item("time", _("A clock, calendar or date")),
)
