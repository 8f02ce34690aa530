"""The cases that `bench.scale` measures with are like those that members make."""

from datetime import timedelta

from django.db import connections

from audit.verify import verify
from bench.scale.fill import Filler
from consults.cases import gate
from consults.cases.gate import listing
from consults.models import Case, Listing
from imaging.models import Rendition
from imaging.renditions.pipeline import read_rendition


def filled(*sizes: int) -> Filler:
    filler = Filler()
    for size in sizes:
        filler.fill(size)
    return filler


def test_members_see_what_was_filled(db: None) -> None:
    filler = filled(20, 60)
    seen = set(gate.visible_cases(filler.reader).values_list("pk", flat=True))
    listed = listing.candidates(listing.reach_of(filler.reader)).values_list("case", flat=True)
    assert seen == set(listed)
    assert len(seen) > 40
    assert gate.cases_to_second_read(filler.moderator).count() == 50
    for connection in connections.all():
        connection.check_constraints()


def test_listings_and_counts_are_as_the_gate_says(db: None) -> None:
    filled(20, 60)
    assert listing.compare() == 0
    assert Listing.objects.count() == 60
    Case.objects.filter(state="released").update(state="closed")
    assert listing.compare() > 0


def test_the_log_is_whole(db: None) -> None:
    filled(20, 60)
    assert str(verify()) == "60 events and 0 sealed picture views: whole and unchanged."


def test_pictures_are_really_stored(db: None) -> None:
    filler = filled(10)
    pictures = filler.hang_pictures(3)
    shown = gate.servable_renditions(filler.reader).filter(name=Rendition.Name.DISPLAY)
    assert set(pictures) <= set(shown.values_list("pk", flat=True))
    assert pictures
    for rendition in Rendition.objects.filter(pk__in=pictures):
        assert len(read_rendition(rendition=rendition)) == rendition.size > 200_000


def test_nobody_has_more_of_their_own_because_there_are_more_cases(db: None) -> None:
    filler = filled(100)
    assert Case.objects.filter(author=filler.busy).count() == 10
    assert filler.reader.bookmarks.count() == 10
    assert Case.objects.filter(submitted_at__gt=filler.now - timedelta(hours=1), state="submitted").count() == 50
