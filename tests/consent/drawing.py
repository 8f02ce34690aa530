"""Signatures as a browser's canvas sends them."""

import base64
import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

Point = tuple[int, int]
SIZE = (600, 200)
HAND: tuple[Point, ...] = ((60, 120), (90, 60), (120, 140), (160, 70), (200, 130), (260, 80), (320, 120), (420, 100))


def png(*strokes: Sequence[Point], size: Point = SIZE, width: int = 3, paper: str = "white") -> bytes:
    """Strokes (px) on paper of this size, as PNG."""
    picture = Image.new("RGBA", size, paper)
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        pen.line(list(stroke), fill="#111", width=width)
    return encoded(picture)


def encoded(picture: Image.Image, **options: str) -> bytes:
    """A picture as the bytes of a file, PNG unless said otherwise."""
    out = io.BytesIO()
    picture.save(out, **({"format": "PNG"} | options))
    return out.getvalue()


def signature() -> bytes:
    """What a hand draws."""
    return png(HAND)


def data_url(data: bytes, kind: str = "image/png") -> str:
    """Bytes as the page sends them."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
