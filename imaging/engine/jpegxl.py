"""Decoder of JPEG XL codestreams: libjxl's C interface, out of the shared library that pylibjxl ships.

pylibjxl's own functions do not tell the colour space of what they return (wide-gamut pictures would pass as sRGB),
give 8 bits of linear light for others, and start threads. Here the header is examined before anything is decoded,
colours are asked for as sRGB where libjxl can convert, and it runs in one thread. Sources: ISO 18181-1, libjxl 0.11.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata
from collections.abc import Iterator
from ctypes import Structure, byref, c_char_p, c_double, c_float, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from dataclasses import dataclass
from typing import Any

SUCCESS, NEED_OUTPUT, BASIC_INFO, COLOUR_ENCODING, FULL_IMAGE = 0, 5, 0x40, 0x100, 0x1000
EIGHT_BITS, OF_THE_PIXELS, BLACK = 2, 1, 4
"""JXL_TYPE_UINT8, JXL_COLOR_PROFILE_TARGET_DATA, JXL_CHANNEL_BLACK."""
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


class Broken(Exception):
    """A codestream that libjxl cannot read to its end."""


class Missing(Exception):
    """No library on this machine: there is no wheel for its processor."""


class _BasicInfo(Structure):
    _fields_ = (
        ("have_container", c_int),
        ("width", c_uint32),
        ("height", c_uint32),
        ("bits", c_uint32),
        ("exponent_bits", c_uint32),
        ("intensity_target", c_float),
        ("min_nits", c_float),
        ("relative_to_max_display", c_int),
        ("linear_below", c_float),
        ("uses_original_profile", c_int),
        ("have_preview", c_int),
        ("have_animation", c_int),
        ("orientation", c_int),
        ("colour_channels", c_uint32),
        ("extra_channels", c_uint32),
        ("alpha_bits", c_uint32),
        ("rest", c_uint8 * 256),  # larger than libjxl's own
    )


class _ExtraChannel(Structure):
    _fields_ = (("kind", c_int), ("rest", c_uint8 * 128))


class _PixelFormat(Structure):
    _fields_ = (("channels", c_uint32), ("kind", c_int), ("endianness", c_int), ("align", c_size_t))


class _ColourEncoding(Structure):
    _fields_ = (("fields", c_double * 32),)  # filled by libjxl only; larger than its own


@dataclass(frozen=True)
class Header:
    """Facts about a codestream: upright size (px), and whether it is a film, CMYK, or carries maps besides alpha."""

    width: int
    height: int
    animated: bool
    black: bool
    further_channels: bool
    preview: bool
    lossless: bool


@dataclass(frozen=True)
class Decoded:
    """Upright pixels, 8 bits a sample, row by row; mode is Pillow's; profile is ICC, None for sRGB.

    rest is the number of bytes after the end of the codestream.
    """

    mode: str
    payload: bytes
    profile: bytes | None
    rest: int


def load(distribution: str = "pylibjxl") -> ctypes.CDLL | None:
    """Return the library out of an installed package, or None without it."""
    try:
        files = importlib.metadata.files(distribution) or ()
        (path,) = [file.locate() for file in files if file.suffix == ".so"]
        library = ctypes.CDLL(str(path))
        library.JxlDecoderCreate.restype = c_void_p
        library.JxlDecoderReleaseInput.restype = c_size_t
    except (importlib.metadata.PackageNotFoundError, ValueError, OSError, AttributeError):
        return None
    return library


_LIBRARY = load()


class _Decoder:
    """One decoder over one codestream, which it keeps alive."""

    def __init__(self, library: ctypes.CDLL, codestream: bytes, events: int) -> None:
        self.library, self.codestream = library, codestream
        self.handle = c_void_p(library.JxlDecoderCreate(None))
        self.call("SubscribeEvents", c_int(events))
        self.call("SetUnpremultiplyAlpha", c_int(1))
        self.call("SetInput", c_char_p(codestream), c_size_t(len(codestream)))
        library.JxlDecoderCloseInput(self.handle)

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function of the decoder. Raises Broken."""
        if getattr(self.library, f"JxlDecoder{name}")(self.handle, *arguments) != SUCCESS:
            raise Broken(name)

    def advance(self, event: int) -> None:
        """Read on to this event. Raises Broken for any other, among them the end and missing bytes."""
        if self.library.JxlDecoderProcessInput(self.handle) != event:
            raise Broken(str(event))


@contextlib.contextmanager
def _opened(codestream: bytes, events: int) -> Iterator[tuple[_Decoder, _BasicInfo]]:
    if _LIBRARY is None:
        raise Missing
    decoder = _Decoder(_LIBRARY, codestream, BASIC_INFO | events)
    try:
        decoder.advance(BASIC_INFO)
        info = _BasicInfo()
        decoder.call("GetBasicInfo", byref(info))
        yield decoder, info
    finally:
        _LIBRARY.JxlDecoderDestroy(decoder.handle)


def read_header(codestream: bytes) -> Header:
    """Read the header alone. Raises Broken, Missing."""
    with _opened(codestream, 0) as (decoder, info):
        kinds = []
        for index in range(info.extra_channels):
            channel = _ExtraChannel()
            decoder.call("GetExtraChannelInfo", c_size_t(index), byref(channel))
            kinds.append(channel.kind)
    return Header(
        width=info.width,
        height=info.height,
        animated=bool(info.have_animation),
        black=BLACK in kinds,
        further_channels=len(kinds) > bool(info.alpha_bits),
        preview=bool(info.have_preview),
        lossless=bool(info.uses_original_profile),
    )


def decode(codestream: bytes) -> Decoded:
    """Decode the picture, turned upright. Call it only for a header within the limits. Raises Broken, Missing."""
    with _opened(codestream, COLOUR_ENCODING | FULL_IMAGE) as (decoder, info):
        decoder.advance(COLOUR_ENCODING)
        profile = None
        if info.uses_original_profile:
            profile = _profile(decoder)
        else:  # stored in libjxl's own space, which it converts to any it knows
            colours = _ColourEncoding()
            decoder.library.JxlColorEncodingSetToSRGB(byref(colours), c_int(info.colour_channels == 1))
            decoder.call("SetOutputColorProfile", byref(colours), None, c_size_t(0))
        channels = info.colour_channels + bool(info.alpha_bits)
        form = _PixelFormat(channels, EIGHT_BITS, 0, 0)
        decoder.advance(NEED_OUTPUT)
        pixels = (c_uint8 * (info.width * info.height * channels))()
        decoder.call("SetImageOutBuffer", byref(form), byref(pixels), c_size_t(len(pixels)))
        decoder.advance(FULL_IMAGE)
        decoder.advance(SUCCESS)
        rest = int(decoder.library.JxlDecoderReleaseInput(decoder.handle))
    return Decoded(MODES[channels], bytes(pixels), profile, rest)


def _profile(decoder: _Decoder) -> bytes | None:
    size = c_size_t()
    decoder.call("GetICCProfileSize", c_int(OF_THE_PIXELS), byref(size))
    profile = (c_uint8 * size.value)()
    decoder.call("GetColorAsICCProfile", c_int(OF_THE_PIXELS), byref(profile), size)
    return bytes(profile)
