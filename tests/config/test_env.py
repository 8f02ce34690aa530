"""Settings from the environment: typos are refused with a sentence, files hold secrets, empty means not set."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config import env

NAME = "RETE_TRIED"


def boolean() -> bool:
    return env.boolean(NAME, True)


def integer() -> int:
    return env.integer(NAME, 25, least=1, most=65535)


def choice() -> str:
    return env.choice(NAME, "INFO", ("INFO", "ERROR"))


def text() -> str:
    return env.text(NAME, "plain")


def strings() -> list[str]:
    return env.strings(NAME, ("a", "b"))


def path() -> Path:
    return env.path(NAME, Path("/var"))


def database() -> dict[str, Any]:
    return env.database(NAME, "sqlite:////var/rete.sqlite3")


@pytest.mark.parametrize(
    ("read", "value", "meant"),
    [
        (boolean, "true", True),
        (boolean, "Yes", True),
        (boolean, "on", True),
        (boolean, "1", True),
        (boolean, "FALSE", False),
        (boolean, "no", False),
        (boolean, "off", False),
        (boolean, "0", False),
        (integer, "1", 1),
        (integer, "65535", 65535),
        (choice, "ERROR", "ERROR"),
        (text, "two words", "two words"),
        (strings, "x", ["x"]),
        (strings, " x, ,y ,", ["x", "y"]),
        (path, "/srv/../opt", Path("/opt")),
        (path, "~/x", Path.home() / "x"),
    ],
)
def test_a_value_is_read(monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], value: str, meant: Any) -> None:
    monkeypatch.setenv(NAME, value)
    assert read() == meant


@pytest.mark.parametrize(
    ("read", "default"),
    [(boolean, True), (integer, 25), (choice, "INFO"), (text, "plain"), (strings, ["a", "b"]), (path, Path("/var"))],
)
@pytest.mark.parametrize("value", [None, ""])
def test_not_set_or_empty_is_the_default(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], default: Any, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv(NAME, value)
    assert read() == default


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (boolean, "ture", "must be true or false"),
        (boolean, "2", "must be true or false"),
        (boolean, "enabled", "must be true or false"),
        (integer, "hidden", "must be a whole number between 1 and 65535"),
        (integer, "2.5", "must be a whole number"),
        (integer, "0", "must be a whole number between 1 and 65535"),
        (integer, "65536", "must be a whole number between 1 and 65535"),
        (choice, "info", "must be one of INFO, ERROR"),
        (database, "mysql://u:hidden@h/n", "must be a whole address that begins with postgres:// or sqlite:///"),
        (database, "nonsense", "must be a whole address"),
        (database, "postgres://u:hidden/x@h:5432/n", "must be a whole address"),  # a slash that was not quoted
        (database, "postgres://u:hidden@h", "must be a whole address"),
    ],
)
def test_a_typo_is_refused_with_a_sentence_that_names_the_variable_and_hides_the_value(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], value: str, sentence: str
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(env.BadSetting) as refused:
        read()
    message = str(refused.value)
    assert message.startswith(f"{NAME} {sentence}")
    assert message.endswith(".")
    assert "hidden" not in "".join(traceback.format_exception(refused.value))  # nor where the libraries' errors show


@pytest.mark.parametrize(
    ("read", "content", "meant"),
    [(text, "secret \n", "secret"), (boolean, "false\n", False), (integer, "7", 7), (strings, "x,y\n", ["x", "y"])],
)
def test_a_value_may_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, read: Callable[[], Any], content: str, meant: Any
) -> None:
    (tmp_path / "secret").write_text(content)
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert read() == meant


def test_a_value_and_its_file_exclude_each_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    monkeypatch.setenv(NAME, "y")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    with pytest.raises(env.BadSetting, match=f"Set {NAME} or {NAME}_FILE, not both."):
        text()


@pytest.mark.parametrize("kind", ["missing", "folder", "bytes", "below a file"])
def test_a_file_that_cannot_be_read_is_an_error_and_not_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder").mkdir()
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / {"below a file": "bytes/x"}.get(kind, kind)))
    with pytest.raises(env.BadSetting, match=f"{NAME}_FILE cannot be read"):
        text()


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        (
            "sqlite:////srv/my%20site/rete.sqlite3",
            {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/my site/rete.sqlite3"},
        ),
        (
            "postgres://rete:p%40ss@db.example:5433/rete",
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "rete",
                "USER": "rete",
                "PASSWORD": "p@ss",
                "HOST": "db.example",
                "PORT": 5433,
            },
        ),
        ("postgresql://db/rete", {"ENGINE": "django.db.backends.postgresql", "HOST": "db", "PORT": "", "USER": ""}),
        ("postgres://db/rete?sslmode=require", {"NAME": "rete", "OPTIONS": {"sslmode": "require"}}),
    ],
)
def test_a_database_address_becomes_djangos_keys(
    monkeypatch: pytest.MonkeyPatch, address: str, parts: dict[str, Any]
) -> None:
    monkeypatch.setenv(NAME, address)
    config = database()
    assert {key: config[key] for key in parts} == parts
    assert not config["CONN_MAX_AGE"]  # connections come from a pool
