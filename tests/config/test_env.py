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


# --- Parameters of addresses are passed on or refused, never dropped

POSTGRES = "postgres://u:hidden@db/rete"


@pytest.mark.parametrize(
    ("address", "options"),
    [
        (f"{POSTGRES}?sslmode=verify-full&sslrootcert=/ca.pem", {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}),
        (f"{POSTGRES}?application_name=rete&connect_timeout=5", {"application_name": "rete", "connect_timeout": "5"}),
        (f"{POSTGRES}?options=-c%20search_path%3Drete", {"options": "-c search_path=rete"}),
        (f"{POSTGRES}?target_session_attrs=read-write&keepalives=1", {"keepalives": "1"}),
        (POSTGRES, {}),
    ],
)
def test_parameters_of_a_database_reach_libpq(
    monkeypatch: pytest.MonkeyPatch, address: str, options: dict[str, str]
) -> None:
    monkeypatch.setenv(NAME, address)
    found = database()["OPTIONS"]
    assert {name: found[name] for name in options} == options
    assert found.keys() == dict(env.parse_qsl(address.partition("?")[2])).keys()


def redis() -> str:
    return env.redis(NAME)


def web_address() -> str:
    return env.web_address(NAME)


@pytest.mark.parametrize(
    ("read", "address"),
    [
        (database, f"{POSTGRES}?sslmod=require"),
        (database, f"{POSTGRES}?SSLMODE=require"),
        (database, f"{POSTGRES}?sslmode="),
        (database, f"{POSTGRES}?sslmode"),
        (database, f"{POSTGRES}?sslmode=require&sslmode=disable"),
        (database, f"{POSTGRES}?sslmode=require#frag"),
        (database, f"{POSTGRES}?pool=false"),
        (database, f"{POSTGRES}?host=elsewhere"),
        (database, f"{POSTGRES}?password=hidden"),
        (database, f"{POSTGRES}?conn_max_age=600"),
        (database, f"{POSTGRES}?currentSchema=rete"),
        (database, "sqlite:////var/rete.sqlite3?timeout=5"),
        (redis, "redis://:hidden@redis:6379/0?ssl_cert_reqs=required"),  # without TLS nothing is checked
        (redis, "rediss://:hidden@redis:6379/0?socket_timeout=5"),
        (redis, "rediss://:hidden@redis:6379/0?ssl_cert_reqs="),
        (redis, "memory://hidden"),
        (redis, "redis:///0"),
        (web_address, "https://s3.example/?region=hidden"),
        (web_address, "s3.example"),
        (web_address, "ftp://s3.example"),
    ],
)
def test_what_would_be_dropped_is_refused(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], address: str
) -> None:
    monkeypatch.setenv(NAME, address)
    with pytest.raises(env.BadSetting, match=NAME) as refused:
        read()
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("read", "address"),
    [
        (redis, "redis://:hidden@redis:6379/0"),
        (redis, "rediss://:hidden@redis:6379/0?ssl_cert_reqs=required&ssl_ca_certs=/ca.pem"),
        (redis, ""),
        (web_address, "https://s3.example:8333"),
        (web_address, ""),
    ],
)
def test_an_address_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], address: str) -> None:
    monkeypatch.setenv(NAME, address)
    assert read() == address


def test_postgres_is_asked_short_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's own parameters come first, so that those of an address count."""
    from config import settings

    monkeypatch.setenv("DATABASE_URL", f"{POSTGRES}?options=-c%20jit%3Don")
    options = settings._database("DATABASE_URL", Path("/none"))["OPTIONS"]
    assert isinstance(options, dict)
    assert options["options"] == ("-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1 -c jit=on")


def test_the_settings_keep_what_the_address_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's connection gets every parameter, beside the pool that the settings add."""
    from django.db.backends.postgresql.base import DatabaseWrapper

    from config import settings

    monkeypatch.setenv("DATABASE_URL", f"{POSTGRES}?sslmode=require&application_name=rete")
    config = settings._database("DATABASE_URL", Path("/none")) | {"TIME_ZONE": None, "TEST": {}, "AUTOCOMMIT": True}
    asked = DatabaseWrapper(config, "tried").get_connection_params()
    assert (asked["sslmode"], asked["application_name"]) == ("require", "rete")
