"""Data classes of a demo member and a demo case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

StoryState = Literal["draft", "submitted", "returned", "released", "closed", "withdrawn"]
# One answer: who, then (diagnosis code, confidence) by rank.
StoryAnswer = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Person:
    """A demo member; `key` is the name that the stories use."""

    key: str
    name: str
    profession: str
    institution: str
    country: str
    role: str = ""


@dataclass(frozen=True)
class Story:
    """One demo case: its facts in the codes of `vocabulary`, its pictures by name, its course."""

    key: str
    title: str
    note: str
    age_band: str
    sex: str
    site: str
    duration: str
    morphology: str
    differential: tuple[str, ...]
    pictures: tuple[str, ...] = ()
    phone_photos: tuple[str, ...] = ()
    author: str = "poster"
    state: StoryState = "released"
    question: str = "diagnosis"
    kind: str = "difficult"
    laterality: str = ""
    course: str = ""
    symptoms: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    arrangement: str = ""
    distribution: str = ""
    treatments: str = ""
    history: tuple[str, ...] = ()
    fitzpatrick: str = ""
    group: str = ""
    education_model: bool = False
    days_ago: int = 3
    answers: tuple[StoryAnswer, ...] = ()
    plans: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # who -> fields of their plan
    urgent: tuple[str, str] = ("", "")  # how soon, why
    comments: tuple[tuple[str, str], ...] = ()
    outcome: tuple[str, str, str] | None = None
    solution: tuple[str, str, str] = ("", "", "")  # diagnosis, reference standard, teaching points
    returned: tuple[str, str] = field(default=("", ""))
