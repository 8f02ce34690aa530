"""Environment variables, read by environs, with errors that help an operator to correct a bad value.

`NAME_FILE` may name a file that contains the value, so that secrets need not be in the environment. An empty
variable counts as unset. An invalid value is an error, never the default; the message names the variable and not
the value, which may be a secret.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from environs import EnvError, FileAwareEnv, validate


class BadSetting(Exception):
    """An invalid value of an environment variable."""


class _Env(FileAwareEnv):
    """environs' reader, which alone takes an empty variable for a value and silently prefers a file to a variable."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        if os.environ.get(f"{env_key}_FILE") and env_key in os.environ:
            raise BadSetting(f"Set {env_key} or {env_key}_FILE, not both.")
        try:
            value = super()._get_value(env_key, default)
        except (OSError, ValueError):
            raise BadSetting(f"{env_key}_FILE cannot be read. Name a text file that this process may read.") from None
        return default if value == "" else value


_env = _Env(strip_whitespace=True)


@contextmanager
def _bad_setting(sentence: str) -> Iterator[None]:
    try:
        yield
    except EnvError:
        raise BadSetting(sentence) from None


def text(name: str, default: str = "") -> str:
    """Read the value as text."""
    return _env.str(name, default)


def boolean(name: str, default: bool) -> bool:
    """Read `true`/`false`, `yes`/`no`, `on`/`off`, `1`/`0`; raises BadSetting for anything else."""
    with _bad_setting(f"{name} must be true or false."):
        return _env.bool(name, default)


def integer(name: str, default: int, *, least: int, most: int) -> int:
    """Read a whole number within bounds; raises BadSetting."""
    with _bad_setting(f"{name} must be a whole number between {least} and {most}."):
        return _env.int(name, default, validate=validate.Range(min=least, max=most))


def strings(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Read a list separated by commas; empty items are dropped."""
    return [word.strip() for word in _env.list(name, list(default)) if word.strip()]


def path(name: str, default: Path) -> Path:
    """Read an absolute path; `~` is expanded."""
    return _env.path(name, default).expanduser().resolve()


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Read one of a few words; raises BadSetting."""
    with _bad_setting(f"{name} must be one of {', '.join(allowed)}."):
        return _env.str(name, default, validate=validate.OneOf(allowed))


def database(name: str, default: str) -> dict[str, Any]:
    """Read a database address (`postgres://user:password@host:port/name`, `sqlite:///path`) as Django's keys.

    What follows a `?` becomes OPTIONS, such as `sslmode=require`, and reaches libpq. Raises BadSetting for other
    schemes, and for whatever would be dropped or overwritten: parameters of SQLite, without a value, given twice,
    unknown to libpq, or part of the address itself.
    """
    parameters = _parameters(name, text(name, default))
    message = f"{name} must be a whole address that begins with postgres:// or sqlite:///."
    with _bad_setting(message):
        config = dict(_env.dj_db_url(name, default))
    if config["ENGINE"] not in ("django.db.backends.postgresql", "django.db.backends.sqlite3") or not config["NAME"]:
        raise BadSetting(message)
    known = _libpq_parameters() if config["ENGINE"].endswith("postgresql") else frozenset()
    for parameter in parameters:
        if parameter not in known:
            raise BadSetting(f"{name}: the parameter {parameter} has no effect here. Correct or remove it.")
    # Numbers and booleans that dj-database-url has recognised go to libpq as they were written.
    config["OPTIONS"] = parameters
    return config


def redis(name: str) -> str:
    """Read a Redis address (`redis://…`, `rediss://…`), or ""; raises BadSetting for other schemes.

    Only `rediss://` takes parameters, those that Celery passes on: `ssl_cert_reqs`, `ssl_ca_certs` and the like.
    """
    address = text(name)
    if not address:
        return ""
    scheme = urlsplit(address).scheme
    if scheme not in ("redis", "rediss") or not urlsplit(address).hostname:
        raise BadSetting(f"{name} must be a whole address that begins with redis:// or rediss://.")
    for parameter in _parameters(name, address):
        if scheme != "rediss" or parameter not in _REDIS_PARAMETERS:
            raise BadSetting(f"{name}: the parameter {parameter} has no effect here. Correct or remove it.")
    return address


def web_address(name: str, default: str = "") -> str:
    """Read an address that begins with http:// or https://, or ""; raises BadSetting for parameters behind it."""
    address = text(name, default)
    if not address:
        return ""
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise BadSetting(f"{name} must be a whole address that begins with http:// or https://.")
    for parameter in _parameters(name, address):
        raise BadSetting(f"{name}: the parameter {parameter} has no effect here. Correct or remove it.")
    return address


_REDIS_PARAMETERS = frozenset(("ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"))
# They stand in the address itself, which would silently win or lose.
_IN_ADDRESS = frozenset(("host", "hostaddr", "port", "user", "password", "dbname"))


def _libpq_parameters() -> frozenset[str]:
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    return frozenset(known - _IN_ADDRESS)


def _parameters(name: str, address: str) -> dict[str, str]:
    """Return what follows the `?`. Raises BadSetting for a fragment, a parameter without a value or given twice."""
    try:
        parts = urlsplit(address)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise BadSetting(f"{name} cannot be read as an address. Write each parameter as name=value.") from None
    if parts.fragment or any(not value for _key, value in pairs):
        raise BadSetting(f"{name}: a parameter has no value, or a # must be written as %23.")
    if len(dict(pairs)) < len(pairs):
        raise BadSetting(f"{name}: a parameter stands there twice. Keep one.")
    return dict(pairs)
