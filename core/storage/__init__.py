"""Private storage of sealed bytes (`private`), and the same on S3 (`s3`, imported only where it is configured)."""

from core.storage.private import (
    Addressless,
    BadName,
    NoAddress,
    PrivateFileStorage,
    RefusedStorage,
    RefusingStorage,
    StoreUnavailable,
    delete,
    documents,
    evidence,
    get_sealed,
    originals,
    put_sealed,
    renditions,
)

__all__ = [
    "Addressless",
    "BadName",
    "NoAddress",
    "PrivateFileStorage",
    "RefusedStorage",
    "RefusingStorage",
    "StoreUnavailable",
    "delete",
    "documents",
    "evidence",
    "get_sealed",
    "originals",
    "put_sealed",
    "renditions",
]
