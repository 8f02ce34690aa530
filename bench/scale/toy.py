"""The floor that everything is compared with: a Django view that decrypts one picture and answers. For the bench only.

No middleware, no session, no database: a file is read, decrypted with a key that is at hand, and sent.
"""

import os
from pathlib import Path

import django
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test.client import ClientHandler
from django.test.utils import override_settings
from django.urls import path

NONCE_BYTES, KEY_BYTES = 12, 32


def place() -> Path:
    return Path(settings.DATA_DIR) / "toy.sealed"


def seal(picture: bytes) -> None:
    """Write the key, a nonce and the sealed picture where the view finds them."""
    key, nonce = AESGCM.generate_key(bit_length=8 * KEY_BYTES), os.urandom(NONCE_BYTES)
    place().write_bytes(key + nonce + AESGCM(key).encrypt(nonce, picture, b""))


def toy(_request: HttpRequest) -> HttpResponse:
    found = place().read_bytes()
    key, nonce = found[:KEY_BYTES], found[KEY_BYTES : KEY_BYTES + NONCE_BYTES]
    data = AESGCM(key).decrypt(nonce, memoryview(found)[KEY_BYTES + NONCE_BYTES :], b"")
    return HttpResponse(data, headers={"Content-Type": "image/jpeg", "Content-Length": str(len(data))})


urlpatterns = [path("toy/", toy)]


class ToyHandler(ClientHandler):
    """The test client's handler, of this view alone."""

    def load_middleware(self, is_async: bool = False) -> None:
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async=is_async)

    def get_response(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__  # type: ignore[attr-defined]
        return super().get_response(request)


def application() -> WSGIHandler:
    """Return the WSGI application, for gunicorn."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__  # not before: the apps check them
    return WSGIHandler()
