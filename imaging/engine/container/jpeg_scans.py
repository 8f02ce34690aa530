"""Scans of a JPEG: whether together they hold every coefficient of every component. Source: ITU-T T.81, G.1.1.1."""

from __future__ import annotations

COEFFICIENTS = 64
MISSING = 255


class Scans:
    """Bits still to come for each coefficient (0 to 63) of each component, as the scans' headers tell."""

    def __init__(self) -> None:
        """Start without a frame."""
        self.count = 0
        self._left: dict[int, bytearray] = {}
        self._progressive = False

    def start(self, components: bytes, *, progressive: bool) -> None:
        """Read the frame's component numbers: a count, then three bytes each."""
        self._progressive = progressive
        self._left = {number: bytearray([MISSING]) * COEFFICIENTS for number in components[1::3]}

    def add(self, header: bytes) -> None:
        """Read a scan's header: a count, two bytes for each component, first and last coefficient, precision."""
        self.count += 1
        numbers = header[1 : 1 + 2 * header[0] : 2] if header else b""
        first, last, precision = 0, COEFFICIENTS - 1, 0
        if self._progressive and len(header) >= 4:
            first, last, precision = header[-3], min(header[-2], COEFFICIENTS - 1), header[-1] & 15
        for number in numbers:
            left = self._left.get(number)
            if left is not None and first <= last:
                left[first : last + 1] = bytes([precision]) * (last + 1 - first)

    @property
    def complete(self) -> bool:
        """Whether no bit of any coefficient is missing."""
        return not any(map(any, self._left.values()))
