"""What views of several apps say in the same way."""

import pytest
from django.http import Http404

from core.crypto.vault import KeyDestroyed, Tampered
from core.http import gone_is_not_found


@pytest.mark.parametrize(
    ("raised", "seen"),
    [(KeyDestroyed, Http404), (FileNotFoundError, Http404), (Tampered, Tampered), (PermissionError, PermissionError)],
)
def test_only_what_is_gone_is_not_found(raised: type[Exception], seen: type[Exception]) -> None:
    with pytest.raises(seen), gone_is_not_found():
        raise raised


def test_what_is_there_goes_through() -> None:
    with gone_is_not_found():
        found = "bytes"
    assert found == "bytes"
