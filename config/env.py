"""Typed readers of environment variables.

Each reader takes a name and a default. `NAME_FILE` may point to a file that holds the value, so that
secrets need not stand in the environment. A value that cannot be read is an error, never the default.
"""

import os
from pathlib import Path


class BadSetting(Exception):
    """An environment variable holds a value that cannot be read."""


def _raw(name: str) -> str | None:
    path = os.environ.get(f"{name}_FILE")
    if path:
        if name in os.environ:
            raise BadSetting(f"Set {name} or {name}_FILE, not both.")
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE cannot be read: {error.strerror}.") from error
    value = os.environ.get(name)
    return None if value is None or value == "" else value


def text(name: str, default: str = "") -> str:
    """The value as text."""
    value = _raw(name)
    return default if value is None else value


def boolean(name: str, default: bool) -> bool:
    """`true`/`false`, `yes`/`no`, `on`/`off`, `1`/`0`; raises BadSetting for anything else."""
    value = _raw(name)
    if value is None:
        return default
    known = dict.fromkeys(("1", "true", "yes", "on"), True)
    known |= dict.fromkeys(("0", "false", "no", "off"), False)
    if value.lower() not in known:
        raise BadSetting(f"{name} must be true or false, not {value!r}.")
    return known[value.lower()]


def integer(name: str, default: int, *, least: int | None = None, most: int | None = None) -> int:
    """A whole number within bounds; raises BadSetting."""
    value = _raw(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError as error:
        raise BadSetting(f"{name} must be a whole number, not {value!r}.") from error
    if (least is not None and number < least) or (most is not None and number > most):
        raise BadSetting(f"{name} must lie between {least} and {most}, not {number}.")
    return number


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list separated by commas; empty items are dropped."""
    value = _raw(name)
    if value is None:
        return list(default)
    return [item.strip() for item in value.split(",") if item.strip()]


def path(name: str, default: Path) -> Path:
    """An absolute path; `~` is expanded."""
    value = _raw(name)
    return (default if value is None else Path(value).expanduser()).resolve()


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of a few words; raises BadSetting."""
    value = _raw(name)
    if value is None:
        return default
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def database(name: str, default: str) -> dict[str, str | int]:
    """A database address (`postgres://user:password@host:port/name`, `sqlite:///path`) as Django's keys.

    Raises BadSetting for other schemes.
    """
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(text(name, default))
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": unquote(parts.path[1:])}
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": parts.port or "",
        }
    raise BadSetting(f"{name} must begin with postgres:// or sqlite:///, not {parts.scheme!r}.")
