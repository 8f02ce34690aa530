"""The S3 storage, apart from `core.storage` because boto3 doubles the time that every command takes to start."""

from typing import Any

from storages.backends.s3 import S3Storage

from core.storage import Addressless


class PrivateS3Storage(Addressless, S3Storage):
    """Objects in a private bucket, sealed before they leave this machine; no presigned addresses."""

    def __init__(self, **options: Any) -> None:
        S3Storage.__init__(self, **options)
