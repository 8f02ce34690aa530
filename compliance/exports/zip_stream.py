"""A ZIP that is sent while it is made, so that neither memory nor disk holds it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED

import zipstream

PIECE_BYTES = 64 * 1024
_COMPRESSED = (".xlsx", ".pdf")


class ZipStream:
    """The bytes of a ZIP of these files. They are opened at once, so their folder may be deleted early."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Open the files. Raises OSError."""
        self._zip = zipstream.ZipStream(compress_type=ZIP_DEFLATED)
        with ExitStack() as stack:
            self._files: list[BinaryIO] = [stack.enter_context(path.open("rb")) for path in paths]
            for path, file in zip(paths, self._files, strict=True):
                self._zip.add(
                    iter(partial(file.read, PIECE_BYTES), b""),
                    path.name,
                    size=path.stat().st_size,
                    compress_type=ZIP_STORED if path.name.endswith(_COMPRESSED) else ZIP_DEFLATED,
                )
            self._stack = stack.pop_all()

    def __iter__(self) -> Iterator[bytes]:
        """Yield pieces of about PIECE_BYTES at most."""
        yield from filter(None, self._zip)  # the compressor yields empty pieces while it buffers
        self.close()

    def close(self) -> None:
        """Close the files; Django calls it when the client disconnects."""
        self._stack.close()
