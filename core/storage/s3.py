"""The S3 storage, separate from `core.storage` because importing boto3 doubles the start-up time of every command."""

from typing import Any

from storages.backends.s3 import S3Storage

from core.storage import StorageWithoutUrls


class PrivateS3Storage(StorageWithoutUrls, S3Storage):
    """Storage of sealed objects in a private bucket, without presigned URLs."""

    def __init__(self, **options: Any) -> None:
        S3Storage.__init__(self, **options)
