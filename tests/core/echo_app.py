"""An application that says what it was sent, for tests of the server in front of it."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer with path, length and digest of the body; below /long/ after a while; at /process with its number."""
    if environ["PATH_INFO"].startswith("/long/"):
        time.sleep(3)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    words = f"{environ['PATH_INFO']} {len(body)} {hashlib.sha256(body).hexdigest()[:8]}".encode()
    if environ["PATH_INFO"] == "/process":
        words = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(words)))])
    return [words]
