"""Files in one ZIP that leaves while it is made, so that neither memory nor disk holds it."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from django.utils import timezone

PIECE_BYTES = 64 * 1024
_COMPRESSED = (".xlsx", ".pdf")


class _Sink:
    """Takes what the archive writes and hands it on; cannot be rewound, so sizes follow each file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class ZipStream:
    """The bytes of a ZIP of these files. They are opened at once, so that their folder may go before the end."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Open the files. Raises OSError."""
        with ExitStack() as stack:
            self._files: list[tuple[str, int, BinaryIO]] = [
                (path.name, path.stat().st_size, stack.enter_context(path.open("rb"))) for path in paths
            ]
            self._stack = stack.pop_all()

    def __iter__(self) -> Iterator[bytes]:
        """Pieces of about PIECE_BYTES."""
        sink, now = _Sink(), timezone.now()
        with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload]
            for name, size, file in self._files:
                info = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
                info.compress_type = zipfile.ZIP_STORED if name.endswith(_COMPRESSED) else zipfile.ZIP_DEFLATED
                info.external_attr, info.file_size = 0o600 << 16, size
                with archive.open(info, "w") as member:
                    while piece := file.read(PIECE_BYTES):
                        member.write(piece)
                        yield sink.taken()
        yield sink.taken()
        self.close()

    def close(self) -> None:
        """Close the files; Django calls it when the visitor is gone."""
        self._stack.close()
