"""Colours out of the components of a JPEG 2000 codestream, as its file's boxes define them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from imaging.engine.container.base import Channels

Plane = npt.NDArray[np.uint8]
MODES = {1: "L", 3: "RGB", 4: "CMYK"}


def join(image: Image.Image, channels: Channels) -> Image.Image:
    """Return a grey, RGB or CMYK image, or RGBA, from one that Pillow decoded component by component.

    Raises IndexError for palette numbers without an entry.
    """
    levels = np.asarray(image)
    components = [levels] if levels.ndim == 2 else list(np.moveaxis(levels, 2, 0))
    planes = [_channel(components[source], channels, source, column) for source, column in channels.sources]
    colours = [planes[number] for number in channels.order]
    if channels.inverted:
        colours = [255 - plane for plane in colours]
    flat = np.stack(colours, axis=-1) if len(colours) > 1 else colours[0]
    joined = Image.fromarray(np.ascontiguousarray(flat), "YCbCr" if channels.luma else MODES[len(colours)])
    if channels.luma:
        joined = joined.convert("RGB")
    if channels.alpha is not None and joined.mode != "CMYK":
        joined.putalpha(Image.fromarray(planes[channels.alpha]))
    return joined


def _channel(component: npt.NDArray[np.generic], channels: Channels, source: int, column: int | None) -> Plane:
    """Return one channel as 8 bits: a component itself, or a column of the palette that it numbers."""
    bits = channels.depths[source]
    stored = 8 * component.dtype.itemsize
    values = component.astype(np.uint32)
    values >>= np.uint32(max(0, stored - bits))  # Pillow fills up to 8 or 16 bits from below
    if column is None:
        return _scaled(values, min(bits, stored))
    table = np.array([row[column] for row in channels.palette], np.uint32)
    return _scaled(table[values], channels.palette_bits)


def _scaled(values: npt.NDArray[np.uint32], bits: int) -> Plane:
    return np.round(values * (255 / ((1 << bits) - 1))).astype(np.uint8)
