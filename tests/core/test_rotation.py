"""Another master key, another secret key: nothing is lost, wherever it stops."""

import base64
import os
import subprocess
import sys
import uuid
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core import signing
from django.core.management import CommandError, call_command
from django.test import Client

from core.crypto import rotation, vault
from core.crypto.rotation import Keyring
from core.models import DataKey
from tests import factories
from tests.packages import ROOT


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def ring(tmp_path: Path, settings) -> Keyring:
    """An embedded site's files, with three pictures sealed and one key destroyed."""
    settings.MASTER_KEY_FILE, settings.MASTER_KEYS_BESIDE_FILE = tmp_path / "master_key", tmp_path / "keys_beside"
    settings.MASTER_KEY = new_key()
    settings.MASTER_KEY_FILE.write_text(settings.MASTER_KEY + "\n")
    return Keyring(settings.MASTER_KEY_FILE, settings.MASTER_KEYS_BESIDE_FILE)


@pytest.fixture
def sealed(db: None, ring: Keyring) -> dict[uuid.UUID, bytes]:
    """What was sealed before, by key; one more key is destroyed."""
    found = {}
    for number in range(3):
        key = uuid.uuid4()
        vault.create_key(key)
        found[key] = vault.seal(key_id=key, context="c", data=bytes([number]) * 50)
    gone = uuid.uuid4()
    vault.create_key(gone)
    vault.destroy(gone)
    return found


def opens(sealed: dict[uuid.UUID, bytes]) -> bool:
    return [vault.unseal(key_id=key, context="c", sealed=data)[0] for key, data in sealed.items()] == [0, 1, 2]


def restart(ring: Keyring, settings) -> None:
    """Begin anew with the key that is in the file now."""
    settings.MASTER_KEY = ring.present.read_text().strip()


def test_the_key_is_changed_while_the_site_serves(ring: Keyring, sealed: dict[uuid.UUID, bytes], settings) -> None:
    old = settings.MASTER_KEY
    out = StringIO()
    call_command("rotate_master_key", stdout=out)
    assert "keys were wrapped anew, 0 were" in out.getvalue()
    assert opens(sealed), "a process that has not restarted"
    late = uuid.uuid4()
    vault.create_key(late)  # wrapped with the former key
    restart(ring, settings)
    assert old != settings.MASTER_KEY
    assert opens(sealed)
    vault.seal(key_id=late, context="c", data=b"x")
    call_command("rotate_master_key", finish=True, stdout=(out := StringIO()))
    assert "1 keys were wrapped anew" in out.getvalue()
    assert not ring.beside.exists()
    assert opens(sealed)
    settings.MASTER_KEY, settings.MASTER_KEY_FILE = old, None
    with pytest.raises(vault.Tampered):
        opens(sealed)
    assert DataKey.objects.filter(wrapped=None).count() == 1


@pytest.mark.parametrize("stops_at", range(5))
def test_killed_anywhere_it_goes_on(
    stops_at: int, ring: Keyring, sealed: dict[uuid.UUID, bytes], settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0

    class Killed(BaseException):
        """The end, without anything after it."""

    def counted(real):
        def step(*args, **kwargs):
            nonlocal done
            if done == stops_at:
                raise Killed
            done += 1
            return real(*args, **kwargs)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "write", counted(Keyring.write))
        patch.setattr(Keyring, "swap", counted(Keyring.swap))
        patch.setattr(vault, "rewrap_all", counted(vault.rewrap_all))
        with pytest.raises(Killed):
            rotation.rotate(ring)
    assert opens(sealed), "a process that has not restarted"
    restart(ring, settings)
    assert opens(sealed), "one that has"
    rotation.rotate(ring)
    restart(ring, settings)
    rotation.finish(ring)
    assert opens(sealed)
    assert not ring.beside.exists()


def test_a_key_that_is_destroyed_meanwhile_stays_so(
    ring: Keyring, sealed: dict[uuid.UUID, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = next(iter(sealed))
    real = vault._unwrap
    monkeypatch.setattr(vault, "_unwrap", lambda key_id, wrapped: [real(key_id, wrapped), vault.destroy(victim)][0])
    rotation.rotate(ring)
    assert DataKey.objects.get(pk=victim).wrapped is None


def test_each_step_says_what_comes_first(ring: Keyring, db: None) -> None:
    call_command("rotate_master_key", stdout=StringIO())
    with pytest.raises(CommandError, match="Restart the site"):
        call_command("rotate_master_key", stdout=StringIO())
    ring.write(next=new_key())
    with pytest.raises(CommandError, match="without --finish"):
        call_command("rotate_master_key", finish=True, stdout=StringIO())


def test_a_key_that_nothing_opens_is_counted(ring: Keyring, sealed: dict[uuid.UUID, bytes], settings) -> None:
    settings.MASTER_KEY = new_key()
    ring.swap(settings.MASTER_KEY)
    with pytest.raises(CommandError, match="3 keys open with none"):
        call_command("rotate_master_key", stdout=StringIO())


def test_a_key_that_the_operator_sets(ring: Keyring, sealed: dict[uuid.UUID, bytes], settings) -> None:
    settings.MASTER_KEYS_BESIDE, settings.MASTER_KEY = [settings.MASTER_KEY], new_key()
    settings.MASTER_KEY_FILE = settings.MASTER_KEYS_BESIDE_FILE = None
    assert opens(sealed)
    call_command("rotate_master_key", stdout=(out := StringIO()))
    assert "RETE_MASTER_KEY_BESIDE" in out.getvalue()
    settings.MASTER_KEYS_BESIDE = []
    assert opens(sealed)


def test_a_folder_that_cannot_be_written(ring: Keyring, db: None, settings, tmp_path: Path) -> None:
    settings.MASTER_KEYS_BESIDE_FILE = tmp_path / "away" / "keys_beside"
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("rotate_master_key", stdout=StringIO())


# --- The secret key


def test_nobody_is_signed_out_by_another_secret_key(db: None, settings, tmp_path: Path) -> None:
    settings.SECRET_KEY_FILE, settings.SECRET_KEY_BESIDE_FILE = tmp_path / "secret_key", tmp_path / "key_beside"
    settings.SECRET_KEY_FILE.write_text(settings.SECRET_KEY)
    member = factories.member()
    client = Client()
    client.force_login(member)
    token = signing.dumps("x")
    call_command("rotate_secret_key", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY_BESIDE_FILE.read_text().strip()]
    settings.SECRET_KEY = settings.SECRET_KEY_FILE.read_text().strip()
    assert signing.loads(token) == "x"
    assert client.get("/me/application/").status_code == 200
    with pytest.raises(CommandError, match="--finish"):
        call_command("rotate_secret_key", stdout=StringIO())
    call_command("rotate_secret_key", finish=True, stdout=StringIO())
    assert not settings.SECRET_KEY_BESIDE_FILE.exists()
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(signing.BadSignature):
        signing.loads(token)


def test_a_secret_key_that_the_operator_sets(settings) -> None:
    settings.SECRET_KEY_FILE = None
    with pytest.raises(CommandError, match="RETE_SECRET_KEY_BESIDE"):
        call_command("rotate_secret_key")


def test_the_former_keys_are_read_at_the_start(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "key_beside").write_text("former\n")
    code = "from config import settings; print(settings.SECRET_KEY_FALLBACKS, settings.MASTER_KEYS_BESIDE_FILE.name)"
    environment = {**os.environ, "RETE_DATA": str(tmp_path), "RETE_SECRET_KEY": "", "RETE_MASTER_KEY": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['former'] keys_beside"
    assert site_settings.SECRET_KEY not in done.stdout
