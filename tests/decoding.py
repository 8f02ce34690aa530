"""No web request decodes a picture: while one is answered, every decoder raises.

A picture may take half a minute, and some of them at once took the site's eight threads, so that patients could not
withdraw. Every test that sends a request through Django's handler is a test of this rule.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from unittest import mock

from django.core.handlers.base import BaseHandler
from PIL import Image

from imaging.engine.sandbox.client import Sandbox

_answering = ContextVar("answering", default=False)


class Decoded(BaseException):
    """A request that decoded a picture. No `except Exception` hides it."""


@contextmanager
def forbidden_in_requests() -> Iterator[None]:
    """Let decoders raise Decoded while a request is answered."""
    with (
        mock.patch.object(BaseHandler, "get_response", _noting(BaseHandler.get_response)),
        mock.patch.object(Sandbox, "ask", _refusing(Sandbox.ask)),
        mock.patch.object(Image, "open", _refusing(Image.open)),
    ):
        yield


def _noting(get_response: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*words: Any, **more: Any) -> Any:
        token = _answering.set(True)
        try:
            return get_response(*words, **more)
        finally:
            _answering.reset(token)

    return answer


def _refusing(decode: Callable[..., Any]) -> Callable[..., Any]:
    def refuse_in_requests(*words: Any, **more: Any) -> Any:
        if _answering.get():
            raise Decoded
        return decode(*words, **more)

    return refuse_in_requests
