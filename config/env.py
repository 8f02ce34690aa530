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

    What follows a `?` becomes OPTIONS, such as `sslmode=require`. Raises BadSetting for other schemes.
    """
    message = f"{name} must be a whole address that begins with postgres:// or sqlite:///."
    with _bad_setting(message):
        config = dict(_env.dj_db_url(name, default))
    if config["ENGINE"] not in ("django.db.backends.postgresql", "django.db.backends.sqlite3") or not config["NAME"]:
        raise BadSetting(message)
    return config
