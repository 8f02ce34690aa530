"""docs/crypto.md names every module of ours that uses cryptography, and nothing weak is used."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.packages import PACKAGES

ROOT = Path(settings.BASE_DIR)
INVENTORY = (ROOT / "docs" / "crypto.md").read_text(encoding="utf-8")
MODULES = [
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts
]
MFA = ("allauth.mfa.totp", "allauth.mfa.webauthn.internal", "allauth.mfa.recovery_codes")
WHOLE = (
    "hashlib",
    "hmac",
    "secrets",
    "cryptography",
    "argon2",
    "jwt",
    "fido2",
    "ssl",
    *(f"allauth.mfa.{name}" for name in ("totp", "webauthn.internal", "recovery_codes")),
)
NAMES = {
    "django.core.signing": "*",
    "django.core": {"signing"},
    "django.utils.crypto": {"salted_hmac", "get_random_string", "pbkdf2"},
    "django.contrib.auth.hashers": {"make_password", "PBKDF2PasswordHasher", "Argon2PasswordHasher"},
    "django.contrib.auth.tokens": "*",
    "allauth.core.internal.cryptokit": "*",
    "os": {"urandom"},
}


def uses(path: Path) -> set[str]:
    """What of cryptography a module imports or calls."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names if _is_whole(name.name)}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            meant = NAMES.get(node.module, set())
            if _is_whole(node.module) or meant == "*":
                found.add(node.module)
            found |= {name.name for name in node.names if meant != "*" and name.name in meant}
            found |= {f"{node.module}.{name.name}" for name in node.names if _is_whole(f"{node.module}.{name.name}")}
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.urandom", "signing.dumps", "signing.Signer"}:
            found.add(ast.unparse(node))
    return found


def _is_whole(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in WHOLE)


FOUND = {path.relative_to(ROOT).as_posix(): uses(path) for path in MODULES}
USING = sorted(path for path, found in FOUND.items() if found)


def test_they_are_found() -> None:
    assert len(USING) > 30
    assert {"core/crypto/vault.py", "audit/keys.py", "consent/records/codes.py", "core/counts.py"} <= set(USING)


@pytest.mark.parametrize("path", USING)
def test_each_stands_in_the_inventory(path: str) -> None:
    assert f"`{path}`" in INVENTORY, f"docs/crypto.md does not say what {path} does with {sorted(FOUND[path])}"


def test_nothing_weak() -> None:
    weak = r"\b(md5|sha1|ECB|DES|TripleDES|ARC4|Blowfish|PKCS1v15|getrandbits)\b"
    found = {path.name: re.findall(weak, path.read_text(encoding="utf-8")) for path in MODULES}
    assert {name: words for name, words in found.items() if words} == {}


def test_chance_of_the_standard_library_draws_pictures_only() -> None:
    """`random` can be foretold: nothing that must not be guessed comes from it."""
    drawing = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(name.name == "random" for name in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "random")
    }
    # audit.locks chooses the strand that is asked first.
    assert {path for path in drawing if not path.startswith("demo/")} <= {"audit/locks.py"}


def test_keys_have_their_size() -> None:
    from core.crypto import secrets, vault

    assert (vault.KEY_BYTES, vault.NONCE_BYTES, secrets.SECRET_BYTES) == (32, 12, 32)
