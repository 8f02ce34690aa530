"""Headers of static files, which are answered outside the middleware of pages.

Read while settings load, so it imports nothing of Django.
"""

from collections.abc import MutableMapping
from typing import Final

HEADERS: Final = {
    # An icon or script that is opened by itself runs nothing, loads nothing and stands in no frame.
    "Content-Security-Policy": (
        "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def add(headers: MutableMapping[str, str], _path: str, _url: str) -> None:
    """Add HEADERS to those of a file."""
    for name, value in HEADERS.items():
        headers[name] = value
