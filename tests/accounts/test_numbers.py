"""Numbers of members: drawn by lot, unlike each other, read off a screen with some of it unreadable."""

import re

import pytest
from django.db import IntegrityError, transaction

from accounts.membership.numbers import LENGTH, UnreadableNumber, in_two, new_number, pattern_of
from accounts.models import Member
from tests import factories

NUMBER = "K7Q2M0X1"


def test_drawn_from_symbols_that_are_not_mistaken() -> None:
    drawn = {new_number() for _ in range(200)}
    assert len(drawn) == 200
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{8}", number) for number in drawn)


def test_shown_in_two_halves() -> None:
    assert in_two(NUMBER) == "K7Q2-M0X1"
    assert len(NUMBER) == LENGTH


@pytest.mark.parametrize(
    "read",
    ["K7Q2-M0X1", "k7q2m0x1", " K7Q2 – M0X1 ", "K7Q2-MOXI", "K7Q2-MOXL", "K7Q2-????", "??Q2-M0??", "K?Q?M?X?"],
)
def test_read_off_a_screen(read: str) -> None:
    assert re.search(pattern_of(read), NUMBER)


@pytest.mark.parametrize("read", ["K7Q2-M0X2", "????-M0X3", "X7Q2-????"])
def test_another_number(read: str) -> None:
    assert not re.search(pattern_of(read), NUMBER)


@pytest.mark.parametrize("read", ["", "K7Q2", "K7Q2-M0X1-2", "?????0X1", "K7Q2-M0X.", "K7Q2-M0X*", "Ğ7Q2-M0X1"])
def test_no_number(read: str) -> None:
    with pytest.raises(UnreadableNumber):
        pattern_of(read)


@pytest.mark.django_db
def test_every_member_has_their_own() -> None:
    one, other = factories.person("alice"), factories.person("bob")
    assert one.number != other.number
    assert Member.objects.get(pk=one.pk).number == one.number
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=one.pk).update(number=other.number)
