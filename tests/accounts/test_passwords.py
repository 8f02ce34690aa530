"""Long, and hard to guess even for somebody who knows the person."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import Member

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
