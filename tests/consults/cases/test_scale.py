"""The scale of a picture: as stated, from the objective, or none; with a crop; and the bar's data on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consults.cases.authoring.forms import AboutPictureForm
from consults.cases.scale import FIELD_AT_1X, Width, width_of
from consults.models import CasePhoto
from imaging.models import Photo, Rendition
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]


def placed(**fields: Any) -> CasePhoto:
    """A histology picture, 1200 px wide, with these facts."""
    case = reading.case(kinds=("histology",))
    CasePhoto.objects.filter(case=case).update(**fields)
    return CasePhoto.objects.select_related("photo").get(case=case)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"objective": "10x"}, Width(FIELD_AT_1X / 10, is_about=True)),
        ({"objective": "100x"}, Width(FIELD_AT_1X / 100, is_about=True)),
        ({"um_per_px": 0.5}, Width(600, is_about=False)),
        ({"um_per_px": 0.25, "objective": "10x"}, Width(300, is_about=False)),
    ],
)
def test_what_the_width_shows(fields: dict[str, Any], expected: Width | None) -> None:
    picture = placed(**fields)
    assert width_of(picture, full=Rendition.objects.get(photo=picture.photo, name="full")) == expected


@pytest.mark.django_db
def test_a_crop_shows_less() -> None:
    picture = placed(objective="10x")
    Photo.objects.filter(pk=picture.photo_id).update(width=2400, crop={"x": 0, "y": 0, "width": 1200, "height": 900})
    picture.photo.refresh_from_db()
    found = width_of(picture, full=Rendition.objects.get(photo=picture.photo, name="full"))
    assert found == Width(FIELD_AT_1X / 20, is_about=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "has", "lacks"),
    [
        ({"um_per_px": 0.5}, ['data-micrometres="600.0"'], ["data-about"]),
        ({"objective": "20x"}, ['data-micrometres="650.0"', "data-about"], []),
        ({}, [], ["data-micrometres", "data-about"]),
    ],
)
def test_on_the_page(fields: dict[str, Any], has: list[str], lacks: list[str], sign_in: SignIn) -> None:
    picture = placed(**fields)
    page = sign_in(factories.person("bob")).get(reverse("consults:case", args=[picture.case_id])).content.decode()
    assert [word in page for word in has] == [True] * len(has)
    assert [word in page for word in lacks] == [False] * len(lacks)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ({"kind": "histology", "um_per_px": "0.25"}, 0.25),
        ({"kind": "histology", "um_per_px": ""}, None),
        ({"kind": "dermoscopy", "um_per_px": "0.25"}, None),
        ({"kind": "histology", "um_per_px": "0"}, "error"),
        ({"kind": "histology", "um_per_px": "101"}, "error"),
        ({"kind": "histology", "um_per_px": "small"}, "error"),
    ],
)
def test_as_the_author_states_it(posted: dict[str, str], kept: object) -> None:
    form = AboutPictureForm(posted, instance=placed())
    found: object = form.cleaned_data["um_per_px"] if form.is_valid() else "error"
    assert found == kept


@pytest.mark.django_db
@pytest.mark.parametrize("scale", [0, -1])
def test_the_database_takes_no_picture_without_width(scale: float, alice: Member) -> None:
    picture = placed()
    with pytest.raises(IntegrityError), transaction.atomic():
        CasePhoto.objects.filter(pk=picture.pk).update(um_per_px=scale)
