"""Redaction of log lines to ids, codes, classes and lines of code, without content or people.

Threat: a name typed into a form that appears in a traceback, an error message or a 404's path.
"""

import logging
import re
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, resolve

OUR_PACKAGES = frozenset(
    {"accounts", "audit", "compliance", "config", "consent", "consults", "core", "demo", "imaging", "notifications"}
)
DROPPED = "…"
NO_ROUTE = "no route"
# The first word of a text that begins like an address of ours, as in a request line or after a colon.
_PATH = re.compile(r"(?<![^\s\"'(=])/[^\s\"')]*+")
_CONTENT_KEYS = frozenset({"exc", "traceback", "args", "kwargs", "return_value", "data", "body"})


def format_frames(trace: TracebackType | None) -> str:
    """Format a traceback, one line per frame, `file:line in function`, without source lines or values."""
    return "\n".join(
        f"  {frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)
    )


def describe(error: BaseException) -> str:
    """Format an error and its causes as class and frames; no message, because messages quote values."""
    parts = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        parts.append(f"{type(link).__module__}.{type(link).__qualname__}\n{format_frames(link.__traceback__)}".rstrip())
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\ncaused by ".join(parts)


def route_of(path: str) -> str:
    """Return the name of the route that a request path leads to, `consults:case`; NO_ROUTE for none.

    Threat: somebody types a patient's name or a code into the address. A name of ours says enough to find the view.
    """
    try:
        return resolve(path.partition("?")[0]).view_name or NO_ROUTE
    except (Resolver404, ImproperlyConfigured):
        return NO_ROUTE


def redact_text(text: str) -> str:
    """Replace request paths by the names of their routes; drop whatever else has a slash in it."""
    if "/" not in text:
        return text
    named = _PATH.sub(lambda found: f"[{route_of(found.group())}]", text)
    return DROPPED if "/" in named else named


class RedactingFilter(logging.Filter):
    """Log filter that keeps the class and frames of exceptions and drops whatever could hold content."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record in place; return True always."""
        error = record.exc_info[1] if record.exc_info else None
        # A caller may pass str(error) as the message itself, as Django does for suspicious requests.
        if error is not None and str(error) and str(error) in str(record.msg):
            record.msg, record.args = type(error).__name__, ()
        record.args = self._arguments(record)
        if error is not None:
            record.exc_text = describe(error)
        elif record.exc_text:
            record.exc_text = None
        record.exc_info = record.stack_info = None
        for name in ("request", "data", "params", "sql"):
            if hasattr(record, name):
                delattr(record, name)
        return True

    def _arguments(self, record: logging.LogRecord) -> Any:
        ours = record.name.partition(".")[0] in OUR_PACKAGES
        if isinstance(record.args, Mapping):
            return {
                key: DROPPED if key in _CONTENT_KEYS else self._value(value, ours=ours)
                for key, value in record.args.items()
            }
        return tuple(self._value(value, ours=ours) for value in record.args or ())

    def _value(self, value: object, *, ours: bool) -> object:
        if isinstance(value, BaseException):
            return type(value).__name__
        if ours or not isinstance(value, str):
            return value
        return redact_text(value)
