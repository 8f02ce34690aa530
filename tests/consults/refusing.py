"""Refusals of services, by what they say."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from consults.exceptions import ChangeRefused


@contextmanager
def refused(sentence: str) -> Iterator[None]:
    """Expect a ChangeRefused that says this."""
    with pytest.raises(ChangeRefused) as found:
        yield
    assert sentence in found.value.sentence
