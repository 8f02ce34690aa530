"""Uploads on their way in: what is too large for memory lies on disk as ciphertext, in a file without a name.

Threat: a worker is killed while it receives a patient's picture, and the plaintext stays in a temporary folder. The
file here is unlinked before its first byte, so that it ends with its process however that ends, and the key is in
the process's memory alone, so that the freed blocks are noise.
"""

import io
import os
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO, cast

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

BLOCK = 16  # bytes of AES
LEFT_SECONDS = 3600  # older files in the folder belong to nobody


class EncryptedFile(io.RawIOBase):
    """A temporary file whose bytes are AES-256-CTR under a key that nobody keeps; readable where it was written.

    Bytes are appended; what was written may be read from anywhere. Nobody but this process could change the file,
    so nothing authenticates it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = cast(BinaryIO, tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - closed by close()
        self._cipher = algorithms.AES(os.urandom(32))
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def writable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a byte."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.seek(0, io.SEEK_END)}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._at

    def write(self, data: Any) -> int:
        """Encrypt and write at this position."""
        plain = bytes(data)
        self._file.seek(self._at)
        self._file.write(self._crypt(plain))
        self._at += len(plain)
        return len(plain)

    def readinto(self, buffer: Any) -> int:
        """Read and decrypt from this position."""
        self._file.seek(self._at)
        plain = self._crypt(self._file.read(len(buffer)))
        buffer[: len(plain)] = plain
        self._at += len(plain)
        return len(plain)

    def close(self) -> None:
        """Close the file, which ends it."""
        self._file.close()
        super().close()

    def _crypt(self, data: bytes) -> bytes:
        """Encrypt or decrypt bytes at this position: in counter mode both are the same."""
        counter, skipped = divmod(self._at, BLOCK)
        cipher = Cipher(self._cipher, modes.CTR(counter.to_bytes(BLOCK, "big"))).encryptor()
        cipher.update(bytes(skipped))
        return cipher.update(data)


class EncryptedUploadHandler(FileUploadHandler):
    """Upload handler for files of which the form is too large for memory (FILE_UPLOAD_MAX_MEMORY_SIZE)."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; no later handler sees it."""
        super().new_file(*args, **kwargs)
        self._written = EncryptedFile(Path(settings.FILE_UPLOAD_TEMP_DIR))
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece."""
        self._written.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        """Return the file, at its beginning."""
        self._written.seek(0)
        return UploadedFile(
            file=io.BufferedReader(self._written),
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        """Forget a file of which the rest does not come."""
        if hasattr(self, "_written"):
            self._written.close()


def sweep(*, older_than_seconds: float = LEFT_SECONDS) -> int:
    """Delete what lies in the folder, such as exports of a process that was killed; return how many files."""
    deleted = 0
    last = time.time() - older_than_seconds
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    for path in sorted(folder.rglob("*"), reverse=True):  # what a folder holds comes before it
        if path.lstat().st_mtime > last:
            continue
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
            continue
        path.unlink(missing_ok=True)
        deleted += 1
    return deleted
