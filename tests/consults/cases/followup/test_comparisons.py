"""The job that compares pictures, and what its measures say in words."""

from typing import Any

import pytest

from accounts.models import Member
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases.authoring import drafts
from consults.cases.followup import comparisons
from consults.models import Case, CaseState, PicturePair
from core import jobs
from imaging import engine
from imaging.models import Rendition, State
from imaging.renditions import pipeline
from tests.consults import additions, reading
from tests.imaging.engine import pictures
from tests.imaging.engine.test_comparison import SKIN, moved

FIRST = pictures.encoded(SKIN, "JPEG")
FURTHER = pictures.encoded(moved(scale=0.625), "JPEG")


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice, data=FIRST)


def sent(case: Case, **fields: Any) -> Case:
    added = additions.addition(case, state=CaseState.DRAFT, **({"data": FURTHER} | fields))
    drafts.submit(case=added, by=added.author)
    return added


def test_sending_it_compares_its_pictures_with_those_of_its_case(case: Case) -> None:
    added = sent(case)
    jobs.run_waiting()
    pair = PicturePair.objects.get()
    assert pair.earlier == case.pictures.get().photo
    assert pair.later == added.pictures.get().photo
    assert pair.incomparable == ""
    assert pair.measured["scale"] == pytest.approx(0.625, rel=0.05)
    assert comparisons.in_words(pair)[0] == "Taken from further away (about 1.6 ×)."
    assert str(pair) == f"pair {pair.pk}"
    first = pair.compared_at
    comparisons.compare(addition_id=added.pk)  # a second time nothing is left to do
    assert PicturePair.objects.get().compared_at == first


def test_a_case_that_is_sent_is_compared_with_nothing(case: Case, alice: Member) -> None:
    reading.case(alice, data=FIRST, state=CaseState.SUBMITTED)
    comparisons.compare(addition_id=case.pk)
    assert not PicturePair.objects.exists()


@pytest.mark.parametrize(
    ("kinds", "others", "compared"),
    [
        (("close-up",), ("close-up",), 1),
        (("overview",), ("close-up",), 0),
        (("histology",), ("histology",), 0),
        (("dermoscopy",), ("dermoscopy",), 1),
        (("",), ("",), 0),
    ],
)
def test_alike_are_pictures_of_one_kind(
    alice: Member, kinds: tuple[str, ...], others: tuple[str, ...], compared: int
) -> None:
    case = reading.case(alice, kinds=kinds, data=FIRST)
    added = additions.addition(case, kinds=others, data=FURTHER)
    comparisons.compare(addition_id=added.pk)
    assert PicturePair.objects.count() == compared


def test_with_earlier_follow_ups_too_and_only_with_a_few(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    second = additions.addition(case, after=2, data=FURTHER)
    additions.addition(case, after=9, data=FURTHER)
    third = additions.addition(case, after=4, data=FURTHER)
    comparisons.compare(addition_id=third.pk)
    earlier = {pair.earlier.placement.case for pair in PicturePair.objects.all()}
    assert earlier == {case, second}
    monkeypatch.setattr(comparisons, "MOST_EARLIER", 1)
    PicturePair.objects.all().delete()
    comparisons.compare(addition_id=third.pk)
    assert PicturePair.objects.get().earlier.placement.case == second


def test_what_was_sealed_again_is_compared_again(case: Case) -> None:
    added = additions.addition(case, data=FURTHER)
    comparisons.compare(addition_id=added.pk)
    PicturePair.objects.update(later_sha256="0" * 64)
    pair = PicturePair.objects.get()
    assert comparisons.current([pair], displays=displays(case, added)) == []
    comparisons.compare(addition_id=added.pk)
    assert comparisons.current([PicturePair.objects.get()], displays=displays(case, added))


def displays(*cases: Case) -> dict[Any, str]:
    found = Rendition.objects.filter(photo__placement__case__in=cases, name="display")
    return dict(found.values_list("photo", "sha256"))


@pytest.mark.parametrize("change", ["withdrawn", "no bytes", "not sealed", "no display"])
def test_what_is_not_there_is_not_compared(case: Case, change: str) -> None:
    added = additions.addition(case, data=FURTHER)
    if change == "withdrawn":
        withdraw(consent_id=added.consent_id, by=WithdrawnBy.PATIENT)
    elif change == "no bytes":
        pipeline.destroy_keys(photo=added.pictures.get().photo)
    elif change == "not sealed":
        type(added.pictures.get().photo).objects.filter(placement__case=added).update(state=State.REVIEW)
    else:
        Rendition.objects.filter(photo__placement__case=added, name="display").delete()
    comparisons.compare(addition_id=added.pk)
    assert not PicturePair.objects.exists()


@pytest.mark.parametrize(("code", "again"), [("too_complex", True), ("broken", False)])
def test_a_picture_that_cannot_be_read(case: Case, monkeypatch: pytest.MonkeyPatch, code: str, again: bool) -> None:
    def refuse(*_files: bytes) -> None:
        raise engine.Refused(code)

    added = additions.addition(case, data=FURTHER)
    monkeypatch.setattr(engine, "compare", refuse)
    if again:
        with pytest.raises(engine.Refused):
            comparisons.compare(addition_id=added.pk)
    else:
        comparisons.compare(addition_id=added.pk)
    assert not PicturePair.objects.exists()


def test_a_pair_dies_with_either_picture(case: Case) -> None:
    added = additions.addition(case, data=FURTHER)
    comparisons.compare(addition_id=added.pk)
    withdraw(consent_id=added.consent_id, by=WithdrawnBy.PATIENT)
    jobs.run_waiting()
    assert not PicturePair.objects.exists()


ALIKE = {"scale": 1.0, "turn": 0.0, "tilt": 0.0, "overlap": 1.0, "lightness": 0.0, "red": 0.0, "yellow": 0.0}


@pytest.mark.parametrize(
    ("measured", "incomparable", "said"),
    [
        ({}, "", "Taken alike: distance, angle, part and light agree."),
        (
            {"scale": 1.1, "turn": -10, "tilt": 20, "overlap": 0.8, "lightness": 5, "red": 5, "yellow": -5},
            "",
            "Taken alike",
        ),
        ({"scale": 1.6}, "", "Taken from closer (about 1.6 ×)."),
        ({"scale": 0.5}, "", "Taken from further away (about 2.0 ×)."),
        ({"turn": -88}, "", "Turned by about 90°."),
        ({"tilt": 30}, "", "Taken from another angle."),
        ({"overlap": 0.42}, "", "Shows about 40 % of the earlier part."),
        ({"overlap": 0.051}, "", "Shows about 5 % of the earlier part."),
        ({"lightness": 9}, "", "Lighter."),
        ({"lightness": -9}, "", "Darker."),
        ({"red": 9}, "", "Redder all over."),
        ({"red": -9}, "", "Greener all over."),
        ({"yellow": 9}, "", "In warmer light."),
        ({"yellow": -9}, "", "In cooler light."),
        ({}, "too_little", "Cannot be compared: too little can be made out in both."),
        ({}, "no_fit", "Cannot be compared: the two do not show the same place"),
    ],
)
def test_in_words(measured: dict[str, float], incomparable: str, said: str) -> None:
    pair = PicturePair(measured=ALIKE | {"points": 40} | measured, incomparable=incomparable)
    (sentence,) = comparisons.in_words(pair)
    assert sentence.startswith(said)


def test_several_things_differ() -> None:
    pair = PicturePair(measured=ALIKE | {"points": 40, "scale": 2.0, "overlap": 0.25, "lightness": 12.0})
    assert len(comparisons.in_words(pair)) == 3
