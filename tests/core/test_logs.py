"""Log lines hold ids and classes, never content."""

import logging
import re
from io import StringIO

import pytest
from django.utils.module_loading import import_string

from core.logs import OUR_PACKAGES, RedactingFilter, redact_path
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
    ("path", "kept"),
    [
        ("/cases/", "/cases/"),
        ("/cases/0f8fad5b-d9cb-469f-a165-70867728950e/close/", "/cases/0f8fad5b-d9cb-469f-a165-70867728950e/close/"),
        ("/cases/Ayse%20Yilmaz/", "/cases/…/"),
        ("/withdraw/K7QX-4WPN/", "/withdraw/…/"),
        ("/cases/?q=Ayse", "/cases/"),
    ],
)
def test_paths(path: str, kept: str, written) -> None:
    logger, stream = written
    assert redact_path(path) == kept
    logger.warning("Not Found: %s", path)
    assert stream.getvalue() == f"Not Found: {kept}\n"


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
