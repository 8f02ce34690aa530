"""Names as they are searched, put in order and shortened."""

import pytest

from accounts.profiles.names import MOST_BYTES, fold_name, initials, order_key, search_keys, without_titles


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Dr Leyla Soydan", b"leyla soydan"),
        ("Prof. Dr. Ayşe Yılmaz-Kaya", b"ayse yilmaz kaya"),
        ("Doç.Dr. Işıl ÖZGÜR", b"isil ozgur"),
        ("Dr. med. Hans Weiß", b"hans weiss"),
        ("Md Rahman", b"md rahman"),  # a name where many are called so
        ("Dr", b"dr"),  # a name that is nothing else keeps it
        ("Élodie Müller", b"elodie muller"),
        ("山田 花子", "山田 花子".encode()),
        ("Мария Иванова", "мария иванова".encode()),
    ],
)
def test_order(name: str, key: bytes) -> None:
    assert order_key(name) == key


def test_found_from_each_word_on() -> None:
    assert search_keys("Dr Ayşe Yılmaz Kaya") == [b"ayse yilmaz kaya", b"yilmaz kaya", b"kaya"]
    assert search_keys("Kaya Kaya") == [b"kaya kaya", b"kaya"]
    assert len(search_keys(" ".join("abcdefghijkl"))) == 8


def test_keys_are_short() -> None:
    assert len(order_key("山" * 150)) == MOST_BYTES


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Dr Leyla Soydan", "LS"),
        ("Dr Piet van Dam", "PD"),
        ("Madonna", "M"),
        ("山田 花子", "山花"),
        ("7 8", ""),
        ("", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_folding_and_titles() -> None:
    assert fold_name("  O'Neill-Smith ") == "o neill smith"
    assert without_titles("Uzm. Dr. Can Demir") == "Can Demir"
