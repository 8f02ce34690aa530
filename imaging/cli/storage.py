"""Files of a run: made for their owner alone, replaced whole or appended to, locked against a second run.

Whatever moment a run is killed at, a file is found as it was before or after a step: replacing and appending end in
fsync, and a last line without an end is no line.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700
"""Reports name patients' files, and a clean face is still a face: nobody else reads what is made here."""


class Busy(Exception):
    """A folder or report that another run is writing. `path` says which."""

    def __init__(self, path: Path) -> None:
        """Keep the path."""
        self.path = path
        super().__init__(str(path))


def make_folder(path: Path) -> None:
    """Make a folder and those above it that are missing, each 0700. Raises FileExistsError where a file is."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=FOLDER_MODE)
        if not folder.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))


def write_new(path: Path, data: bytes) -> None:
    """Write a file, 0600, down to the disk. Removes it again when that fails."""
    try:
        with open(path, "wb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder down to the disk, where the file system can: a Windows share cannot."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder against other runs, without a file of its own. Raises Busy. The system lets go of it on death."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Busy(path) from error


class Lines:
    """A text file of lines that is held against other runs while open: read, replaced whole, appended to."""

    def __init__(self, path: Path) -> None:
        """Keep the path; nothing is made yet."""
        self.path = path
        self._handle = -1

    def open(self) -> None:
        """Open and lock the file that has this name now, making it if need be. Raises Busy, OSError."""
        while self._handle < 0:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, FILE_MODE)
            try:
                _lock(handle, self.path)
                if os.path.samestat(os.fstat(handle), self.path.stat()):
                    self._handle = handle
            finally:
                if self._handle != handle:  # locked by another run, or replaced by one in between
                    os.close(handle)

    def close(self) -> None:
        """Let go of the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def read(self) -> list[bytes]:
        """Return the lines that have an end, none if there is no file. Raises OSError.

        While open it reads by its own handle: on a Windows share the lock keeps out every other.
        """
        try:
            data = self._read_handle() if self._handle >= 0 else self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return []
        return data.split(b"\n")[:-1]

    def _read_handle(self) -> bytes:
        os.lseek(self._handle, 0, os.SEEK_SET)
        pieces = []
        while piece := os.read(self._handle, 1 << 20):
            pieces.append(piece)
        return b"".join(pieces)

    def append(self, lines: bytes) -> None:
        """Add whole lines at the end, down to the disk."""
        _write_all(self._handle, lines)

    def replace(self, lines: bytes) -> None:
        """Put these lines in place of all, at once; the lock goes over to the new file before it has the name."""
        partial = partial_of(self.path)
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, FILE_MODE)
        try:
            _lock(handle, partial)
            _write_all(handle, lines)
            partial.replace(self.path)
        except BaseException:
            os.close(handle)
            partial.unlink(missing_ok=True)
            raise
        os.close(self._handle)
        self._handle = handle
        sync_folder(self.path.parent)


def _write_all(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
    os.fsync(handle)


def partial_of(path: Path) -> Path:
    """Return the name under which a file is written before it takes its place."""
    return path.with_name(f".{path.name}.part")
