"""Tone, light, focus, noise and compression of a crop."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from training.eyes.paint import Image, grid, noise


def tint(image: Image, rng: np.random.Generator) -> Image:
    """Return a black and white picture in the tones of some skin."""
    light = np.clip(image.mean(axis=2, keepdims=True) / 255, 0, 1)
    curve = np.array([0.7, 1.0, 1.25], np.float32) * rng.uniform(0.85, 1.15, 3).astype(np.float32)
    coloured: Image = (255 * light**curve).astype(np.float32)
    return coloured


def disturb(image: Image, rng: np.random.Generator, most_blur: float = 3.2) -> npt.NDArray[np.uint8]:
    """Return the disturbed crop as uint8; most_blur: largest standard deviation of blur in px."""
    f = np.clip(image, 0, 255) / np.float32(255)
    f = _tone(f, rng)
    if rng.random() < 0.4:
        f = _light(f, rng)
    f = _focus(np.clip(f, 0, 1).astype(np.float32), rng, most_blur)
    if rng.random() < 0.4:
        grain = noise(f.shape[0], f.shape[0] // int(rng.integers(1, 3)), rng)
        f = f + grain[..., None] * np.float32(rng.uniform(0.005, 0.06))
    out: npt.NDArray[np.uint8] = (np.clip(f, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.45:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))]
        out = np.asarray(cv2.imdecode(cv2.imencode(".jpg", out, quality)[1], cv2.IMREAD_COLOR), np.uint8)
    return out


def _tone(f: Image, rng: np.random.Generator) -> Image:
    if rng.random() < 0.7:
        f = np.power(f, np.float32(rng.uniform(0.6, 1.9 if rng.random() < 0.7 else 2.6)))
    f = f * (rng.uniform(0.82, 1.18, 3) * rng.uniform(0.75, 1.2)).astype(np.float32)
    if rng.random() < 0.4:  # darker skin: blue goes first
        k = rng.uniform(0.3, 1)
        dark = np.array([1 - 0.35 * k, 1 - 0.5 * k, 1 - 0.58 * k]) * rng.uniform(0.9, 1.3)
        f = f * dark.astype(np.float32)
    grey = f.mean(axis=2, keepdims=True)
    f = grey + (f - grey) * np.float32(rng.uniform(0.3, 1.6))
    if rng.random() < 0.3:  # redness
        f = f * np.array([rng.uniform(1, 1.25), rng.uniform(0.8, 1), rng.uniform(0.8, 1)], np.float32)
    if rng.random() < 0.05:
        f = np.repeat(f.mean(axis=2, keepdims=True), 3, axis=2)
    return f.astype(np.float32)


def _light(f: Image, rng: np.random.Generator) -> Image:
    size = f.shape[0]
    x, y = grid(size)
    angle = rng.uniform(0, 2 * math.pi)
    ramp = (x / size - 0.5) * math.cos(angle) + (y / size - 0.5) * math.sin(angle)
    if rng.random() < 0.5:
        return (f * np.clip(1 + rng.uniform(0.3, 1.6) * ramp, 0.1, 2)[..., None]).astype(np.float32)
    edge = np.clip((ramp - rng.uniform(-0.3, 0.3)) * rng.uniform(3, 20) + 0.5, 0, 1)[..., None]
    return (f * (1 - rng.uniform(0.3, 0.8) * edge)).astype(np.float32)


def _focus(f: Image, rng: np.random.Generator, most_blur: float) -> Image:
    p = rng.random()
    if p < 0.3:
        return np.asarray(cv2.GaussianBlur(f, (0, 0), rng.uniform(0.4, max(0.5, most_blur))), np.float32)
    if p < 0.4:
        length = int(rng.integers(3, max(4, round(3 * most_blur))))
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, math.pi)
        half = (length - 1) / 2
        for t in np.linspace(-half, half, 2 * length):
            kernel[round(half + t * math.sin(angle)), round(half + t * math.cos(angle))] = 1
        return np.asarray(cv2.filter2D(f, -1, kernel / kernel.sum()), np.float32)
    if p < 0.55:
        soft = cv2.GaussianBlur(f, (0, 0), rng.uniform(0.8, 2))
        return np.clip(f + np.float32(rng.uniform(0.3, 1.5)) * (f - soft), 0, 1)
    return f
