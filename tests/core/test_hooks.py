"""Slots: filled once, closed while empty."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from consent import hooks as consent_hooks
from consults.withdrawal import hooks as withdrawal_hooks
from core import hooks
from core.hooks import EmptySlot, FilledTwice, Slot

SLOTS = [consent_hooks.holder, withdrawal_hooks.export_keeper]


@pytest.fixture
def slot() -> Iterator[Slot[object]]:
    made: Slot[object] = Slot("tests.Protocol")
    yield made
    hooks._slots.remove(made)


def test_an_empty_slot_raises_and_keeps_the_site_from_starting(slot: Slot[object]) -> None:
    with pytest.raises(EmptySlot, match=r"tests\.Protocol"):
        slot.get()
    with pytest.raises(SystemCheckError, match=r"No installed app implements tests\.Protocol"):
        call_command("check")
    slot.fill(object())
    call_command("check")


def test_one_implementation_counts_once_and_a_second_is_refused(slot: Slot[object]) -> None:
    first = object()
    for _time in range(2):
        slot.fill(first)
    assert slot.get() is first
    with pytest.raises(FilledTwice):
        slot.fill(object())
    assert slot.get() is first


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.name)
def test_every_slot_of_the_product_is_filled(slot: Slot[object]) -> None:
    assert not slot.is_empty


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.name)
def test_without_an_implementation_the_site_does_not_start(slot: Slot[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot, "_filled_by", None)
    with pytest.raises(SystemCheckError):
        call_command("check")
