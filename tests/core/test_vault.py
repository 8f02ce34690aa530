"""The vault: bytes come back whole, or not at all."""

import base64
import sqlite3
import uuid

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import checks
from core.crypto import vault
from core.models import DataKey

KEY = uuid.UUID("7c1f6f7e-0d43-4f0e-9a77-0e4b8f3d2c11")
quick = hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.django_db
@quick
@given(data=st.binary(max_size=2000), context=st.text(max_size=60))
def test_what_is_sealed_comes_back(data: bytes, context: str) -> None:
    vault.create_key(KEY)
    sealed = vault.seal(key_id=KEY, context=context, data=data)
    assert vault.unseal(key_id=KEY, context=context, sealed=sealed) == data
    assert len(sealed) == len(data) + 29
    assert vault.seal(key_id=KEY, context=context, data=data) != sealed


@pytest.mark.django_db
@quick
@given(data=st.binary(max_size=200), place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_any_flipped_byte_is_noticed(data: bytes, place: int, flip: int) -> None:
    vault.create_key(KEY)
    sealed = bytearray(vault.seal(key_id=KEY, context="case|full|1", data=data))
    sealed[place % len(sealed)] ^= flip
    with pytest.raises(vault.Tampered):
        vault.unseal(key_id=KEY, context="case|full|1", sealed=bytes(sealed))


@pytest.mark.django_db
@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_cut_off_bytes_are_noticed(length: int) -> None:
    vault.create_key(KEY)
    sealed = vault.seal(key_id=KEY, context="a", data=b"")
    with pytest.raises(vault.Tampered):
        vault.unseal(key_id=KEY, context="a", sealed=sealed[:length])


@pytest.mark.django_db
def test_other_context_and_other_key_are_refused() -> None:
    other = uuid.uuid4()
    vault.create_key(KEY)
    vault.create_key(other)
    sealed = vault.seal(key_id=KEY, context="case|full|1", data=b"skin")
    for key_id, context in ((KEY, "case|thumbnail|1"), (other, "case|full|1")):
        with pytest.raises(vault.Tampered):
            vault.unseal(key_id=key_id, context=context, sealed=sealed)


@pytest.mark.django_db
def test_destroyed_key_opens_nothing_and_cannot_be_made_again() -> None:
    vault.create_key(KEY)
    vault.create_key(KEY)
    sealed = vault.seal(key_id=KEY, context="a", data=b"skin")
    assert vault.has_key(KEY) is True
    vault.destroy(KEY)
    vault.destroy(KEY)
    assert vault.has_key(KEY) is False
    with pytest.raises(vault.KeyDestroyed):
        vault.unseal(key_id=KEY, context="a", sealed=sealed)
    with pytest.raises(vault.KeyDestroyed):
        vault.seal(key_id=KEY, context="a", data=b"skin")
    with pytest.raises(vault.KeyDestroyed):
        vault.create_key(KEY)


@pytest.mark.django_db
def test_key_destroyed_before_it_was_made_stays_away() -> None:
    vault.destroy(KEY)
    with pytest.raises(vault.KeyDestroyed):
        vault.create_key(KEY)


@pytest.mark.django_db
def test_key_moved_to_another_row_is_refused() -> None:
    other = uuid.uuid4()
    vault.create_key(KEY)
    vault.create_key(other)
    DataKey.objects.filter(id=other).update(wrapped=DataKey.objects.get(id=KEY).wrapped)
    with pytest.raises(vault.Tampered):
        vault.seal(key_id=other, context="a", data=b"")


@pytest.mark.django_db
def test_database_keeps_no_key_beside_its_destruction() -> None:
    vault.create_key(KEY)
    vault.destroy(KEY)
    with pytest.raises(IntegrityError):
        DataKey.objects.filter(id=KEY).update(wrapped=b"back again")


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only  # Postgres overwrites rows at its next vacuum
def test_destroyed_key_is_gone_from_the_files_too() -> None:
    vault.create_key(KEY)
    wrapped = bytes(DataKey.objects.get(id=KEY).wrapped)
    path = connections["keys"].settings_dict["NAME"]
    files = [path, f"{path}-wal"]
    assert any(wrapped in open(file, "rb").read() for file in files)  # noqa: PTH123, SIM115
    vault.destroy(KEY)
    connections["keys"].close()
    sqlite3.connect(path).close()
    for file in files:
        try:
            with open(file, "rb") as content:  # noqa: PTH123
                assert wrapped not in content.read()
        except FileNotFoundError:
            continue


@pytest.mark.django_db
def test_another_master_key_opens_nothing(settings) -> None:
    vault.create_key(KEY)
    settings.MASTER_KEY = base64.b64encode(b"x" * 32).decode()
    settings.MASTER_KEY_FILE = None  # opens beside the one of the settings (tests/core/test_rotation.py)
    with pytest.raises(vault.Tampered):
        vault.seal(key_id=KEY, context="a", data=b"")


@pytest.mark.parametrize("value", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_useless_master_key_stops_the_start(value: str, settings) -> None:
    settings.MASTER_KEY = value
    assert [error.id for error in checks.master_key_can_wrap()] == ["core.E001"]
    with pytest.raises(ImproperlyConfigured):
        vault.master_key()


def test_real_master_key_passes_the_check() -> None:
    assert settings.MASTER_KEY
    assert checks.master_key_can_wrap() == []
