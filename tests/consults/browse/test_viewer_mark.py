"""The viewer mark: on every page that shows a picture of a case at more than a thumbnail, with the reader's number."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.membership.numbers import in_two
from accounts.models import Member
from consults.models import Case, CaseHold
from imaging.models import Photo
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]


@pytest.fixture
def case(db: None) -> Case:
    made = reading.case(kinds=("close-up", "histology"))
    reading.answer(made, factories.person("bob"), "psoriasis")
    return made


def pages(case: Case) -> dict[str, str]:
    photo = Photo.objects.filter(placement__case=case).order_by("placement__position")[0]
    return {
        "case": reverse("consults:case", args=[case.pk]),
        "full size": reverse("consults:full_picture", args=[case.pk, photo.pk]),
        "pins": reverse("consults:pins", args=[case.pk]),
    }


@pytest.mark.parametrize("name", ["case", "full size", "pins"])
def test_every_picture_of_a_page_is_under_it(case: Case, bob: Member, sign_in: SignIn, name: str) -> None:
    page = sign_in(bob).get(pages(case)[name]).content.decode()

    assert len(re.findall(r'<pattern id="viewer-mark"', page)) == 1
    assert re.search(rf"{in_two(bob.number)} \d{{4}}-\d\d-\d\d \d\d:\d\d UTC</text>", page)
    # Pictures in full: each in an element with a mark over it; thumbnails have none.
    assert len(re.findall(r'<img[^>]*src="/m/[^>]*>\s*<svg class="viewer-mark"', page)) == len(
        re.findall(r'class="is-marked"', page)
    )
    assert re.search(r'<svg class="viewer-mark" aria-hidden="true"', page)


def test_it_is_the_readers_own(case: Case, alice: Member, sign_in: SignIn) -> None:
    page = sign_in(alice).get(pages(case)["case"]).content.decode()
    assert in_two(alice.number) in page
    assert in_two(factories.person("bob").number) not in page


def test_moderators_who_look_at_a_hidden_case(case: Case, sign_in: SignIn) -> None:
    mod1 = factories.person("mod1")
    hold = CaseHold.objects.create(case=case, by=factories.person("mod2"), reason="conduct")
    page = sign_in(mod1).get(reverse("consults:case_hold", args=[hold.pk])).content.decode()
    assert in_two(mod1.number) in page


def test_pictures_are_linked_one_after_the_other(case: Case, bob: Member, sign_in: SignIn) -> None:
    photos = list(Photo.objects.filter(placement__case=case).order_by("placement__position"))
    first, last = (reverse("consults:full_picture", args=[case.pk, photo.pk]) for photo in photos)
    client = sign_in(bob)

    assert f'href="{last}"' in client.get(first).content.decode()
    assert f'href="{first}"' in client.get(last).content.decode()


def test_no_picture_that_is_not_shown(case: Case, bob: Member, sign_in: SignIn) -> None:
    client, other = sign_in(bob), reading.case(factories.person("alice"), state="draft")
    photo = Photo.objects.get(placement__case=other)
    for pk in (case.pk, other.pk):
        answer = client.get(reverse("consults:full_picture", args=[pk, photo.pk]))
        assert answer.status_code == 404
        assert "/m/" not in answer.content.decode()
