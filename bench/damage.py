"""Share of damaged pictures that the engine notices: python bench/damage.py FOLDER [--files 40] [--times 5].

Takes sound JPEGs from a folder, always the same ones, damages each in every way at random places, and decodes them. Of
those that come out clean it tells how much of the picture is visibly wrong. The folder's other JPEGs, decoded as they
are, and re-encoded in other formats and damaged, follow.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pillow_heif
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from imaging.engine import Refused
from imaging.engine.container import jpeg
from imaging.engine.decode import decode

VISIBLE = 8  # levels
END = b"\xff\xd9"
Damage = Callable[[bytes, Random], bytes]


def place(data: bytes, chance: Random, size: int) -> int:
    """Return a random place in the longest scan, or behind the first tenth of other files."""
    scans = [match.end() for match in re.finditer(rb"\xff\xda\x00[\x06-\x0c]", data)] or [len(data) // 10]
    ends = [*(start - 20 for start in scans[1:]), len(data) - size - 2]
    start, end = max(zip(scans, ends, strict=True), key=lambda pair: pair[1] - pair[0])
    return chance.randrange(start + 12, max(end - size, start + 13))


def overwrite(size: int, fill: int | None = None) -> Damage:
    def damage(data: bytes, chance: Random) -> bytes:
        at = place(data, chance, size)
        return data[:at] + (chance.randbytes(size) if fill is None else bytes([fill]) * size) + data[at + size :]

    return damage


def lose(size: int) -> Damage:
    def damage(data: bytes, chance: Random) -> bytes:
        at = place(data, chance, size)
        return data[:at] + data[at + size :]

    return damage


def flip_bit(data: bytes, chance: Random) -> bytes:
    at = place(data, chance, 1)
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def move_sector(data: bytes, chance: Random) -> bytes:
    at, other = place(data, chance, 4096), place(data, chance, 4096)
    return data[:at] + data[other : other + 4096] + data[at + 4096 :]


def cut(end: bytes) -> Damage:
    return lambda data, chance: data[: place(data, chance, 600)] + end


def height(factor: float) -> Damage:
    def damage(data: bytes, _chance: Random) -> bytes:
        at = re.search(rb"\xff[\xc0-\xc2]\x00[\x0b\x11]\x08", data).end()
        rows = int(int.from_bytes(data[at : at + 2], "big") * factor)
        return data[:at] + rows.to_bytes(2, "big") + data[at + 2 :]

    return damage


def lose_restarts(count: int) -> Damage:
    def damage(data: bytes, chance: Random) -> bytes:
        out = io.BytesIO()
        Image.open(io.BytesIO(data)).convert("RGB").save(out, "JPEG", quality=90, restart_marker_rows=1)
        places = [match.start() for match in re.finditer(rb"\xff[\xd0-\xd7]", out.getvalue())]
        first = chance.randrange(max(1, len(places) - count))
        return out.getvalue()[: places[first]] + out.getvalue()[places[min(first + count, len(places) - 1)] :]

    return damage


FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\x40\0mdat" + Random(6).randbytes(16_000)
SECTORS: dict[str, Damage] = {
    "4 KB of zeros": overwrite(4096, 0),
    "512 B of zeros": overwrite(512, 0),
    "4 KB of FF": overwrite(4096, 255),
    "4 KB of noise": overwrite(4096),
    "16 B of noise": overwrite(16),
    "one byte": overwrite(1),
    "cut": cut(b""),
}
JPEGS: dict[str, Damage] = SECTORS | {
    "one bit": flip_bit,
    "4 KB lost": lose(4096),
    "one byte lost": lose(1),
    "4 KB from elsewhere": move_sector,
    "cut, end put back": cut(END),
    "cut, film after it": cut(FILM),
    "height doubled": height(2),
    "height halved": height(0.5),
    "restart piece lost": lose_restarts(1),
    "8 restart pieces lost": lose_restarts(8),
    "end missing (whole)": lambda data, _chance: data[:-2],
    "film for an end (whole)": lambda data, _chance: data[:-2] + FILM,
}
FORMATS: dict[str, dict[str, object]] = {
    "HEIF": {},
    "AVIF": {},
    "WEBP": {},
    "WEBP lossless": {"lossless": True},
    "PNG": {},
    "GIF": {},
    **{f"TIFF {name}": {"compression": name} for name in ("jpeg", "tiff_adobe_deflate", "tiff_lzw", "packbits")},
}


def encoded(image: Image.Image, name: str, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    if name == "HEIF":
        pillow_heif.from_pillow(image).save(out)
    else:
        image.save(out, name.split()[0], **options)
    return out.getvalue()


def try_all(files: list[bytes], damages: dict[str, Damage], times: int) -> None:
    codes: dict[str, Counter[str]] = defaultdict(Counter)
    harm: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number, data in enumerate(files):
        sound = decode(data).pixels.astype(np.int16)
        for name, damage in damages.items():
            for turn in range(times):
                try:
                    pixels = decode(damage(data, Random(f"{number} {name} {turn}"))).pixels
                except Refused as refused:
                    codes[name][refused.code] += 1
                    continue
                codes[name]["clean"] += 1
                if pixels.shape == sound.shape and "restart" not in name:
                    wrong = np.abs(pixels - sound).max(axis=2)
                    harm[name].append((float((wrong > VISIBLE).mean()), float(wrong.mean())))
    for name, counts in codes.items():
        noticed = 1 - counts["clean"] / counts.total()
        areas = [area for area, _ in harm[name]]
        bad = sum(area > 0.01 for area in areas) / counts.total()
        mean = np.mean([level for _, level in harm[name]]) if areas else 0.0
        print(f"| {name} | {noticed:.1%} | {bad:.1%} | {np.median(areas) if areas else 0:.2%} | {mean:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    found = sorted(path for folder in arguments.folders for path in folder.rglob("*") if path.is_file())
    sound, refused = [], 0
    for path in found:
        data = path.read_bytes()
        if data.startswith(b"\xff\xd8\xff"):
            try:
                decode(data)
                sound.append(path)
            except Refused as refusal:
                refused += refusal.code == "damaged"
    print(f"{len(sound)} sound JPEGs, {refused} called damaged\n")
    Random(1).shuffle(sound)
    chosen = [jpeg.read(path.read_bytes()).payload for path in sound if path.stat().st_size > 20_000]
    print("| JPEG | noticed | unnoticed, over 1 % wrong | median part wrong | mean error |\n|---|---|---|---|---|")
    try_all(chosen[: arguments.files], JPEGS, arguments.times)
    for name, options in FORMATS.items():
        images = [Image.open(io.BytesIO(data)).convert("RGB") for data in chosen[:8]]
        print(f"\n| {name} | | | | |")
        try_all([encoded(image, name, options) for image in images], SECTORS, 3)


if __name__ == "__main__":
    main()
