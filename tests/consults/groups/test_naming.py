"""Names of groups: one spelling of each, and none that pretends to be the site."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from consults.groups import naming
from consults.models import Group


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Skin of colour", "skin-of-color", True),
        ("Skin of colour", "SKIN  OF COLOUR", True),
        ("Naevus club", "Nevus Club", True),
        ("Çocuk dermatolojisi", "Cocuk Dermatolojisi", True),
        ("Işık", "isik", True),
        ("Ｈａｌｌ", "Hall", True),
        ("Hall 1", "Hall 2", False),
        ("Hall", "Halls", False),
        ("Кожа", "кожа", True),
        ("Кожа", "Ногти", False),
        ("皮膚", "皮膚科", False),
    ],
)
def test_two_names_alike(one: str, other: str, same: bool) -> None:
    assert (naming.key_of(one) == naming.key_of(other)) is same


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("Pigmented lesions", False),
        ("Кожа", False),
        ("Kaposi sarcoma", False),
        ("All vetted members", True),
        ("ALL-members", True),
        ("Tüm Üyeler", True),
        ("Moderators", True),
        ("Rete", True),
        ("Hаll", True),  # with a Cyrillic a
        ("!!", True),
        ("A", True),
        ("Call 0532 123 45 67", True),
        ("mail@lake.example", True),
    ],
)
def test_a_name_is_refused(name: str, refused: bool) -> None:
    if refused:
        with pytest.raises(naming.NameRefused):
            naming.check(name)
    else:
        naming.check(name)


@pytest.mark.parametrize(
    ("name", "tidy"),
    [("  Hall \t one ", "Hall one"), ("Ha\u200bll", "Hall"), ("Ha\u202ell", "Hall"), ("e\u0301te", "éte")],
)
def test_a_name_is_tidied(name: str, tidy: str) -> None:
    assert naming.tidy(name) == tidy


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["create", "bulk_create"])
def test_the_database_refuses_a_second_spelling(way: str) -> None:
    Group.objects.create(name="Skin of colour")
    second = Group(name="Skin of color")
    make = {"create": second.save, "bulk_create": partial(Group.objects.bulk_create, [second])}[way]
    with pytest.raises(IntegrityError), transaction.atomic():
        make()
    assert Group.objects.get().name_key == "skinofcolor"
