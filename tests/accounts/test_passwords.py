"""Long, and hard to guess even for somebody who knows the person."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import Member
from accounts.security.known_passwords import is_known
from accounts.security.passwords import KnownValidator, LengthValidator, advice

ADA = Member(email="ada.lovelace@analytical.example", name="Ada Lovelace", institution="Analytical Hospital")


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("marble otter seventeen lantern", True),
        ("vV9#kq2!Lp0@zz7", True),
        ("short but odd 9", True),
        ("marble otter", False),  # too short
        ("aaaaaaaaaaaaaaaaaaaa", False),
        ("passwordpassword1", False),
        ("123456789012345678", False),
        ("adalovelaceadalovelace", False),
        ("lovelace analytical", False),
        ("qwertyuiopasdfgh", False),
        ("x" * 300, False),
        ("correcthorsebatterystaple", False),  # zxcvbn finds it strong
        ("Correct Horse Battery Staple 9", False),
        ("marble otter seventeen lantern " * 6, True),
    ],
)
def test_password(password: str, good: bool) -> None:
    if good:
        validate_password(password, ADA)
        return
    with pytest.raises(ValidationError) as refused:
        validate_password(password, ADA)
    assert all(message.endswith(".") for message in refused.value.messages)


def test_the_same_words_are_fine_for_somebody_else() -> None:
    stranger = Member(email="q@x.example", name="Q", institution="X")
    with pytest.raises(ValidationError):
        validate_password("Zyxomma Brachydiplax", Member(email="a@x.example", name="Zyxomma Brachydiplax"))
    validate_password("Zyxomma Brachydiplax", stranger)


# A password -> whether a list has it or one that differs by as little.
KNOWN = {
    "correcthorsebatterystaple": True,
    "Correct Horse Battery Staple": True,
    "correct-horse-battery-staple": True,
    "c0rr3cth0rs3b4tt3ryst4pl3": True,
    "C0rrectHor$eBatteryStap1e!": True,
    "correcthorsebatterystaple2026": True,
    "123correcthorsebatterystaple": True,
    "correcthorsebatterystaple" * 2: True,
    "correct horse battery staple correct horse battery staple": True,
    "ｃｏｒｒｅｃｔｈｏｒｓｅｂａｔｔｅｒｙｓｔａｐｌｅ": True,
    "iloveyousomuch99!": True,
    "PasswordPassword": True,
    "dragon123456": True,
    "monkeymonkeymonkey": True,
    "love93847561029384": False,  # fourteen digits of one's own
    "marble otter seventeen lantern": False,
    "vV9#kq2!Lp0@zz7": False,
    "kettle drumming under violets": False,
    "gizli bir ceviz ağacı altında": False,
    "": False,
}


@pytest.mark.parametrize(("password", "known"), KNOWN.items())
def test_passwords_that_attackers_try_first(password: str, known: bool) -> None:
    assert is_known(password) is known


def test_a_known_password_is_refused_with_the_next_step() -> None:
    with pytest.raises(ValidationError, match="Put together four other words"):
        KnownValidator().validate("correcthorsebatterystaple")
    KnownValidator().validate("marble otter seventeen lantern")


@pytest.mark.parametrize(
    ("factor_since", "length", "good"),
    [(None, 14, False), (None, 15, True), ("2026-01-31", 11, False), ("2026-01-31", 12, True)],
)
def test_a_second_factor_allows_a_shorter_one(factor_since: str | None, length: int, good: bool) -> None:
    member = Member()
    member.factor_enrolled_at = factor_since
    least = str(12 if factor_since else 15)
    assert f"At least {least} characters" in advice(member)
    if good:
        LengthValidator().validate("q" * length, member)
        return
    with pytest.raises(ValidationError, match=f"Add a word: it must have at least {least}"):
        LengthValidator().validate("q" * length, member)


def test_no_list_is_asked_over_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert is_known("correcthorsebatterystaple")
