"""What the demo members say about themselves is what the forms would take."""

import pytest

from accounts.models import Profile, Training
from accounts.profiles.models import MOST_CHOSEN
from demo import community
from demo.stories import PEOPLE
from demo.stories.profiles import PROFILES
from screening import identifiers
from tests import factories
from vocabulary import interests, languages


@pytest.mark.parametrize("key", PROFILES)
def test_codes_and_words(key: str) -> None:
    cv = PROFILES[key]
    assert key in {person.key for person in PEOPLE if person.role in ("", "moderator")}
    assert all(map(interests.is_known, cv.interests))
    assert all(map(languages.is_known, cv.languages))
    assert max(len(cv.interests), len(cv.languages)) <= MOST_CHOSEN
    assert not identifiers.find(cv.about)


def test_made_once_in_their_order(db: None) -> None:
    member = factories.member()
    for _twice in range(2):
        community._ensure_profile(member, PROFILES["colleague"])
    assert Profile.objects.get(member=member).languages == ["sv", "en", "de"]
    assert [line.until_year for line in member.positions.all()] == [None, 2018]
    assert not Training.objects.exists()
    assert member.publications.count() == 1
