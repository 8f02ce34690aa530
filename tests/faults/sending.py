"""A small picture to send, and what of it arrived."""

from core import storage
from tests.imaging.engine import pictures

MEGABYTE = 1024 * 1024


def small() -> bytes:
    return pictures.encoded(pictures.chart(800, 600), "JPEG")


def originals() -> list[str]:
    return storage.originals().listdir("")[1]
