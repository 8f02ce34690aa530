"""Facets of pictures, tone, language, tags, diagnosis and time; orders; tags typed; what is counted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consults.browse import feed, filters, orders
from consults.cases.gate import listing, listing_counts
from consults.discussion import comments
from consults.models import Case, CasePhoto, Listing, ListingMark
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]
CASES = reverse("consults:cases")


def found(member: Member, query: str) -> list[str]:
    """Titles of the first page, in order."""
    return [card.title for card in feed.page(member=member, filters=filters.parse(QueryDict(query))).cards]


@pytest.fixture
def five(db: None) -> dict[str, Case]:
    """Five cases that differ in what is filtered here."""
    return {
        "slide": reading.case(
            title="slide", kinds=("histology",), monk=2, tags=["dermpath", "hair"], note="A plaque on the scalp."
        ),
        "mole": reading.case(
            title="mole", kinds=("dermoscopy",), monk=5, tags=["pigmented-lesions"], note="Sırtta yeni leke var."
        ),
        "rash": reading.case(title="rash", monk=9, tags=[], note="Zxcv.", hours_ago=24 * 20),
        "closed": reading.closed(
            reading.case(title="closed", monk=None, tags=["hair"], note="It grew on the chin.", hours_ago=24 * 100),
            "melanoma-in-situ",
        ),
        "old": reading.case(title="old", monk=10, tags=["nails"], differential=["psoriasis"], hours_ago=24 * 700),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("stain=he", {"slide"}),
        ("stain=pas", set()),
        ("mode=contact-polarised", {"mole"}),
        ("stain=he&stain=pas", {"slide"}),
        ("stain=he&mode=contact-polarised", set()),
        ("tone=light", {"slide"}),
        ("tone=dark", {"rash", "old"}),
        ("tone=light&tone=medium", {"slide", "mole"}),
        ("language=tr", {"mole"}),
        ("tag=hair", {"slide", "closed"}),
        ("tag=hair&tag=nails", {"slide", "closed", "old"}),
        ("tag=dermpath&status=closed", set()),
        ("q=%23hair", {"slide", "closed"}),
        ("q=nails", {"old"}),  # the tag's name is among its words
        ("q=pigmented", {"mole"}),
        ("q=%23hair+chin", {"closed"}),
        ("q=%23plaque&tag=hair", {"slide", "closed"}),
        ("add=tag:nails", {"old"}),
        ("add_text=Nails", {"old"}),
        ("add=nonsense:x", {"slide", "mole", "rash", "closed", "old"}),
        ("diagnosis=melanoma-in-situ", {"closed"}),
        ("diagnosis=melanocytic-tumour", {"closed"}),
        ("diagnosis=psoriasis", set()),  # of an open case that bob has not answered
        ("q=%23psoriasis", set()),
        ("time=week", {"slide", "mole"}),
        ("time=month", {"slide", "mole", "rash"}),
        ("time=year", {"slide", "mole", "rash", "closed"}),
        ("time=year&status=open", {"slide", "mole", "rash"}),
    ],
)
def test_facets(query: str, expected: set[str], five: dict[str, Case], bob: Member) -> None:
    assert set(found(bob, query)) == expected


@pytest.mark.parametrize(
    ("reader", "expected"), [("not answered", []), ("answered", ["old"]), ("reads only", ["old"]), ("author", ["old"])]
)
def test_a_diagnosis_of_an_open_case_is_for_who_may_know_it(
    reader: str, expected: list[str], five: dict[str, Case], bob: Member
) -> None:
    case = five["old"]
    if reader == "answered":
        reading.answer(case, bob, "melanoma")
    elif reader == "reads only":
        reading.answer(case, bob)
    member = case.author if reader == "author" else bob

    assert found(member, "diagnosis=psoriasis") == expected
    assert found(member, "diagnosis=psoriasis&q=plaque") == expected


def test_an_outcome_that_is_there_before_the_closing_is_in_no_listing(five: dict[str, Case], bob: Member) -> None:
    case = five["rash"]
    five["closed"].outcome.__class__.objects.create(case=case, diagnosis="lichen-planus", reference="histopathology")
    listing.refresh(cases=[case.pk])

    assert Listing.objects.get(case=case).diagnosis == ""
    assert not ListingMark.objects.filter(listing__case=case, facet="diagnosis").exists()
    assert found(bob, "diagnosis=lichen-planus") == []


def test_chips_tell_how_many_remain(five: dict[str, Case], bob: Member) -> None:
    for begun in ("", "status=open", "tag=hair", "tone=dark"):
        page = feed.page(member=bob, filters=filters.parse(QueryDict(begun)))
        chips = [(facet.name, chip) for facet in page.facets for chip in facet.chips]
        assert {"stain", "mode", "tone", "language", "tag", "time"} <= {name for name, _chip in chips} or begun
        for name, chip in chips:
            if chip.count is None:
                assert name == "time" or (begun == "status=open" and name in listing_counts.UNPAIRED)
                continue
            asked = filters.parse(QueryDict(chip.href.removeprefix("?")))
            remain = feed.page(member=bob, filters=asked).total
            if not chip.on and name not in begun:
                assert (remain == chip.count) or (chip.more and remain >= chip.count), (begun, name, chip)


def test_a_time_is_chosen_alone() -> None:
    asked = filters.Filters(chosen={"time": frozenset({"week"})})

    assert asked.toggled("time", "month").values_of("time") == {"month"}
    assert asked.toggled("time", "week").values_of("time") == set()


def test_few_diagnoses_are_asked_for_at_once() -> None:
    many = "&".join(f"diagnosis={code}" for code in sorted(filters.KNOWN["diagnosis"])[:50])

    assert len(filters.parse(QueryDict(many)).values_of("diagnosis")) == filters.MOST_DIAGNOSES


def test_a_listing_that_is_wrong_in_any_new_column_is_repaired(five: dict[str, Case]) -> None:
    row = Listing.objects.get(case=five["slide"])
    wrong = {"stains": "pas", "modes": "x", "tone": "dark", "language": "tr", "tags": "nails", "comments": 9}
    for name, value in wrong.items():
        assert listing.compare() == 0
        Listing.objects.filter(pk=row.pk).update(**{name: value})
        assert listing.compare() >= 1, name
    ListingMark.objects.filter(listing=row).first().delete()  # type: ignore[union-attr]
    assert listing.compare() == 1
    ListingMark.objects.create(listing=row, facet="tag", value="nails")
    assert listing.compare() == 1
    assert listing.compare() == 0


def test_several_pictures_and_too_many_tags(db: None) -> None:
    case = reading.case(kinds=("histology", "histology", "dermoscopy"), tags=[*filters.KNOWN["tag"]])
    CasePhoto.objects.filter(case=case, kind="histology").order_by("-pk")[:1].get()
    last = CasePhoto.objects.filter(case=case, kind="histology").order_by("pk").last()
    CasePhoto.objects.filter(pk=last.pk).update(stain="pas")  # type: ignore[union-attr]
    listing.refresh(cases=[case.pk])
    row = Listing.objects.get(case=case)

    assert (row.stains, row.modes, len(row.tags.split())) == ("he pas", "contact-polarised", 5)
    assert str(ListingMark.objects.filter(listing=row).first()).startswith("mark ")


def test_a_case_released_before_there_were_tags_stays_released(bob: Member) -> None:
    case = reading.case(tags=[])
    before = case.content_sha256
    case.save()

    assert case.content_sha256 == before
    assert reading.seen(case)
    case.tags = ["hair"]
    case.save()
    assert not reading.seen(case)  # a second reader has not read them


# --- Orders


def urgent(case: Case, hours: float) -> None:
    Listing.objects.filter(case=case).update(urgent_until=timezone.now() + timedelta(hours=hours))


def test_urgent_first(five: dict[str, Case], bob: Member) -> None:
    urgent(five["old"], 3)
    urgent(five["rash"], 100)
    urgent(five["mole"], -1)  # over

    assert found(bob, "sort=urgent")[:2] == ["old", "rash"]
    assert set(found(bob, "sort=urgent")[2:4]) == {"slide", "mole"}
    assert found(bob, "sort=urgent&tone=dark") == ["old", "rash"]
    assert found(bob, "sort=urgent&q=zxcv") == ["rash"]


def test_most_discussed_first(five: dict[str, Case], bob: Member) -> None:
    for name, many in (("old", 3), ("rash", 2), ("mole", 1)):
        reading.answer(five[name], bob, "psoriasis")
        for number in range(many):
            comments.add_comment(case=five[name], by=bob, text=f"Word {number}.")
    assert found(bob, "sort=discussed")[:3] == ["old", "rash", "mole"]
    assert listing.compare() == 0

    said = five["old"].comments.first()
    comments.delete(comment=said, by=bob)
    comments.delete(comment=five["old"].comments.filter(deleted_at=None).first(), by=bob)
    assert found(bob, "sort=discussed")[:2] == ["rash", "old"] or found(bob, "sort=discussed")[0] == "rash"
    assert listing.compare() == 0


@pytest.mark.parametrize("sort", filters.SORTS)
@pytest.mark.parametrize("words", ["", "spot"])
def test_pages_of_every_order_cover_every_case_once(sort: str, words: str, bob: Member) -> None:
    same = timezone.now() - timedelta(hours=2)
    made = [reading.case(title=f"spot {n}") for n in range(11)]
    Case.objects.filter(pk__in=[case.pk for case in made[:5]]).update(released_at=same)
    listing.refresh(cases=[case.pk for case in made])
    until = timezone.now() + timedelta(hours=9)
    Listing.objects.filter(case__in=made[2:6]).update(urgent_until=until)
    Listing.objects.filter(case__in=made[6:7]).update(urgent_until=until + timedelta(hours=1))
    Listing.objects.filter(case__in=made[4:8]).update(comments=2)
    asked, after, seen = filters.Filters(q=words, sort=sort), "", []
    while True:
        page = feed.page(member=bob, filters=asked, after=after, size=3)
        seen += [card.pk for card in page.cards]
        after = page.after
        if not after:
            break
    whole = feed.page(member=bob, filters=asked, size=50)

    assert len(seen) == len(set(seen)) == 11
    assert seen == [card.pk for card in whole.cards]


@pytest.mark.parametrize("sort", ["urgent", "discussed"])
@pytest.mark.parametrize("after", ["", "1-2", "x-1-2", "-1-2-3", "99999999999999999999-1-" + "0" * 32, "1-2-zz"])
def test_a_foreign_cursor_of_these_is_the_beginning(sort: str, after: str, bob: Member) -> None:
    reading.case(title="only")

    assert found(bob, f"sort={sort}&after={after}") == ["only"]
    assert [card.title for card in feed.page(member=bob, filters=filters.Filters(sort=sort), after=after).cards] == [
        "only"
    ]


def test_nobody_s_parts_have_no_order(db: None) -> None:
    assert list(orders.first([Listing.objects.none()], sort="urgent", after="", most=3)) == []


@pytest.mark.parametrize("name", ["bob", "nurse", "student", "resident"])
@pytest.mark.parametrize(
    "query",
    [
        *("?sort=urgent", "?sort=discussed", "?tag=hair", "?stain=he&tag=hair", "?diagnosis=melanoma"),
        *("?time=week", "?q=plaque&diagnosis=melanoma", "?q=%23hair", "?tone=dark&language=en&sort=urgent"),
    ],
)
def test_every_reader_needs_few_queries(
    name: str, query: str, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    reading.case(tags=["hair"], kinds=("histology",))
    reading.closed(reading.case(kind="teaching"), "melanoma")
    client = sign_in(factories.person(name))
    client.get(CASES)
    with django_assert_max_num_queries(8):
        assert client.get(CASES + query).status_code == 200


def test_counts_name_a_group_of_diagnoses_and_no_single_one(five: dict[str, Case]) -> None:
    pairs = listing_counts.values(Listing.objects.get(case=five["closed"]))

    assert ("diagnosis", "melanocytic-tumour") in pairs
    assert ("diagnosis", "melanoma-in-situ") not in pairs


def test_what_is_read_when_a_sample_is_counted(five: dict[str, Case], bob: Member) -> None:
    page = feed.page(member=bob, filters=filters.parse(QueryDict("diagnosis=melanoma-in-situ")))
    chips = {(facet.name, chip.value): chip for facet in page.facets for chip in facet.chips}

    assert chips["diagnosis", "melanoma-in-situ"].on
    assert chips["diagnosis", "melanoma-in-situ"].count == page.total == 1


def test_the_page_offers_tags_and_saving(five: dict[str, Case], bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    page = client.get(f"{CASES}?tag=hair").content.decode()

    for words in ("Save this search", "Saved searches", "What I follow", "Urgent first", "Most discussed first"):
        assert words in page
    assert "Save this search" not in client.get(CASES).content.decode()
    assert client.get(reverse("consults:tags"), {"q": "#hai"}).json()[0]["code"] == "tag:hair"
