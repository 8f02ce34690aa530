"""Private storage of sealed bytes, on disk (`private`) and on S3 (`s3`, imported only if it is configured)."""

from core.storage.private import (
    BadName,
    DefaultStorageUsed,
    NoUrl,
    PrivateFileStorage,
    RefusingStorage,
    StorageUnavailable,
    StorageWithoutUrls,
    delete,
    documents,
    evidence,
    get_sealed,
    originals,
    portraits,
    put_sealed,
    renditions,
)

__all__ = [
    "BadName",
    "DefaultStorageUsed",
    "NoUrl",
    "PrivateFileStorage",
    "RefusingStorage",
    "StorageUnavailable",
    "StorageWithoutUrls",
    "delete",
    "documents",
    "evidence",
    "get_sealed",
    "originals",
    "portraits",
    "put_sealed",
    "renditions",
]
