"""Log lines hold ids and classes, never content."""

import logging
import re
from io import StringIO

import pytest
from django.utils.module_loading import import_string

from core.logs import DROPPED, NO_ROUTE, OUR_PACKAGES, RedactingFilter, redact_text, route_of
from core.serving.gunicorn_logger import RedactingLogger
from tests.packages import PACKAGES, ROOT

CANARY = "Ayse Yilmaz 12.03.1961"


@pytest.fixture
def written() -> tuple[logging.Logger, StringIO]:
    """A third-party logger that writes as the house's handler does."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("thirdparty.test")
    logger.handlers, logger.propagate = [handler], False
    return logger, stream


def test_exception_keeps_class_and_frames_only(written) -> None:
    logger, stream = written
    try:
        try:
            raise LookupError(CANARY)
        except LookupError as inner:
            raise ValueError(CANARY) from inner
    except ValueError as error:
        logger.error("failed: %s", error, exc_info=error, stack_info=True)
    text = stream.getvalue()
    assert "builtins.ValueError" in text
    assert "caused by builtins.LookupError" in text
    assert "test_logs.py:" in text
    assert "Ayse" not in text


def test_error_text_used_as_message_is_dropped(written) -> None:
    logger, stream = written
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        logger.error(str(error), exc_info=error)
    assert "Ayse" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_celery_failure_line_is_emptied(written) -> None:
    logger, stream = written
    logger.error("Task %(name)s raised: %(exc)s\n%(traceback)s", {"name": "t", "exc": CANARY, "traceback": CANARY})
    assert stream.getvalue().startswith("Task t raised: …")
    assert "Ayse" not in stream.getvalue()


def test_request_does_not_ride_along() -> None:
    record = logging.makeLogRecord({"name": "django.request", "msg": "x", "request": {"body": CANARY}})
    assert RedactingFilter().filter(record) is True
    assert not hasattr(record, "request")


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/cases/", "consults:cases"),
        ("/cases/0f8fad5b-d9cb-469f-a165-70867728950e/close/", "consults:close"),
        ("/cases/Ayse%20Yilmaz/", NO_ROUTE),
        ("/cases/ayse-yilmaz/", NO_ROUTE),
        ("/ayse/", NO_ROUTE),
        ("/withdraw/K7QX-4WPN/", NO_ROUTE),
        ("/guide/ayse-yilmaz/", "guide"),
        ("/cases/?q=ayse", "consults:cases"),
    ],
)
def test_a_line_names_the_route_and_not_the_path(path: str, route: str, written) -> None:
    logger, stream = written
    assert route_of(path) == route
    logger.warning("Not Found: %s", path)
    logger.warning("%s: %s", "Not Found", f"GET {path} HTTP")
    assert stream.getvalue() == f"Not Found: [{route}]\nNot Found: GET [{route}] HTTP\n"


@pytest.mark.parametrize(
    ("value", "kept"),
    [("plain words", "plain words"), ("redis://:secret@host/0", DROPPED), ("Error handling /x/ayse", None)],
)
def test_what_else_has_a_slash_is_dropped(value: str, kept: str | None) -> None:
    assert redact_text(value) == (kept or f"Error handling [{NO_ROUTE}]")


@pytest.mark.django_db
def test_django_says_which_view_answered(client, caplog) -> None:
    """What Django itself logs of a request, through the filter of the house."""
    for path in ("/guide/ayse-yilmaz/", "/ayse-yilmaz/", "/cases/ayse-yilmaz/"):
        client.get(path)
    lines = [line for line in caplog.records if RedactingFilter().filter(line)]
    assert [line.getMessage() for line in lines if line.name == "django.request"]
    assert not [line for line in lines if "ayse" in line.getMessage()]


class Answer:
    status, sent, headers = "200 OK", 5, ()


def test_an_access_line_names_the_route_whatever_is_asked_for(tmp_path) -> None:
    from datetime import timedelta

    from gunicorn.config import Config

    config = Config()
    config.set("accesslog", str(tmp_path / "access"))
    every = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(q)s %(U)s %({referer}i)s'
    config.set("access_log_format", every)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/cases/?q=ayse",
        "PATH_INFO": "/cases/",
        "QUERY_STRING": "q=ayse",
        "REMOTE_ADDR": "203.0.113.9",
        "HTTP_REFERER": "/ayse/",
        "HTTP_USER_AGENT": "ayse",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    request = type("Request", (), {"headers": (("referer", "/ayse/"),)})
    RedactingLogger(config).access(Answer, request, environ, timedelta(seconds=1))
    line = (tmp_path / "access").read_text()
    assert "GET consults:cases" in line
    assert not [word for word in ("ayse", "203.0.113.9", "/cases/") if word in line]


def test_every_package_that_logs_may_name_ids() -> None:
    logging_packages = {
        package
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "getLogger(" in path.read_text(encoding="utf-8")
    }
    assert logging_packages <= OUR_PACKAGES <= set(PACKAGES)


@pytest.mark.parametrize("file", ["Dockerfile", "docker-compose.yml", "core/management/commands/serve.py"])
def test_whoever_starts_gunicorn_names_the_logger_that_redacts(file: str) -> None:
    named = re.findall(r'--logger-class\W+"?([\w.]+)', (ROOT / file).read_text())
    assert named
    assert {import_string(name) for name in named} == {RedactingLogger}
