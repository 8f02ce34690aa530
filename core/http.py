"""HTTP answers shared by the views of several apps."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import Http404

from core.crypto.vault import KeyDestroyed


@contextmanager
def gone_is_not_found() -> Iterator[None]:
    """Turn a destroyed key and a missing file into Http404.

    Threat: a distinct answer for "destroyed" reveals that there was something.
    """
    try:
        yield
    except (KeyDestroyed, FileNotFoundError) as gone:
        raise Http404 from gone
