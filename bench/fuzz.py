"""Mutated files through the whole engine: no crash of the caller, no hang, no dirty output.

    python bench/fuzz.py [COUNT] [SEED]      (default 200; `make fuzz` runs 10,000)

Seeds are files of every format made here, with metadata planted. Each mutation flips, cuts, repeats or
swaps a few bytes; most of what survives is refused, and what is not must pass the proof, which `deidentify`
runs on every rendition. Detection is off: it sees pixels only, and would take nine tenths of the time.
"""

from __future__ import annotations

import collections
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
LONGEST_SECONDS = 35.0


def seeds() -> list[bytes]:
    from tests.imaging.engine.pictures import SECRET, encoded, exif, noise, with_chunk

    try:
        import pylibjxl
    except ImportError:  # it is for Linux on x86-64 alone
        pylibjxl = None

    pixels = noise(120, 90)
    png = encoded(pixels, "PNG")
    return [
        encoded(pixels, "JPEG", exif=exif(6, thumbnail=True), comment=SECRET.encode()),
        encoded(pixels, "JPEG", progressive=True),
        with_chunk(png, b"eXIf", exif()[6:]),
        with_chunk(png, b"tEXt", b"Author\0" + SECRET.encode()),
        encoded(pixels, "WEBP", exif=exif()),
        encoded(pixels, "WEBP", lossless=True),
        encoded(pixels, "GIF", comment=SECRET.encode()),
        encoded(pixels, "TIFF", compression="tiff_lzw"),
        encoded(pixels, "HEIF", exif=exif()),
        encoded(pixels, "AVIF", exif=exif()),
        encoded(pixels, "BMP"),
        encoded(pixels, "JPEG2000"),
        encoded(pixels, "JPEG2000", no_jp2=True, comment=SECRET),
        *([pylibjxl.encode(pixels), pylibjxl.encode(pixels, lossless=True, exif=exif()[6:])] if pylibjxl else []),
    ]


def mutated(data: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = min(int(dice.expovariate(6) * len(out)), len(out) - 1)  # headers are where it hurts
        match dice.randrange(6):
            case 0:
                out[at] ^= 1 << dice.randrange(8)
            case 1:
                out[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 2:
                del out[at : at + dice.randrange(1, 64)]
            case 3:
                out[at:at] = out[at : at + dice.randrange(1, 64)]
            case 4:
                out[at : at + 4] = dice.randbytes(4)
            case _:
                del out[max(1, at + dice.randrange(len(out))) :]
        if not out:
            return data
    return bytes(out)


def one(job: tuple[bytes, int]) -> tuple[str, float]:
    from imaging.engine import Options, Refused, deidentify

    data, seed = job
    began = time.monotonic()
    try:
        deidentify(mutated(data, random.Random(seed)), Options(faces=False, eyes=False, text=False))
    except Refused as refusal:
        return refusal.code, time.monotonic() - began
    return "clean", time.monotonic() - began


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    files = seeds()
    jobs = [(files[index % len(files)], seed * 1_000_003 + index) for index in range(count)]
    began = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(one, jobs))
    tally = collections.Counter(code for code, _ in answers)
    slowest = max(seconds for _, seconds in answers)
    print(f"{count} mutated files in {time.monotonic() - began:.0f} s, slowest {slowest:.1f} s")
    for code, number in tally.most_common():
        print(f"  {code:20}{number:7}")
    dirty = tally["not_clean"]
    hangs, died = slowest > LONGEST_SECONDS, tally["decoder_died"]
    print(f"dirty output: {dirty}, decoders that died (refused): {died}, hangs: {hangs:d}")
    return 1 if dirty or slowest > LONGEST_SECONDS else 0


if __name__ == "__main__":
    sys.exit(main())
