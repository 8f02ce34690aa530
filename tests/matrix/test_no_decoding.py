"""The rule that no web request decodes a picture has teeth: see `tests/decoding.py`."""

import io
from collections.abc import Callable

import pytest
from django.test import Client
from PIL import Image

from config import pages
from imaging import engine
from tests.consent import making
from tests.decoding import Decoded

DECODERS: tuple[Callable[[], object], ...] = (
    lambda: Image.open(io.BytesIO(making.PNG)),
    lambda: engine.preview(making.PNG, masks=()),
)


@pytest.mark.django_db
@pytest.mark.parametrize("decode", DECODERS, ids=["pillow", "sandbox"])
def test_a_view_that_decodes_fails_its_test(
    client: Client, monkeypatch: pytest.MonkeyPatch, decode: Callable[[], object]
) -> None:
    monkeypatch.setattr(pages, "render", lambda *_words, **_more: decode())
    with pytest.raises(Decoded):
        client.get("/privacy/")


@pytest.mark.parametrize("decode", DECODERS, ids=["pillow", "sandbox"])
def test_others_may(decode: Callable[[], object]) -> None:
    assert decode()
