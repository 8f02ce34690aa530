"""The folders of an instance below `settings.DATA_DIR`."""

from pathlib import Path

from django.conf import settings

FOLDERS = ("incoming", "objects", "queue/messages", "queue/control", "mail", "static")


def prepare() -> Path:
    """Create missing folders, readable by this account only; return the data folder."""
    data = Path(settings.DATA_DIR)
    for name in ("", *FOLDERS):
        (data / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    return data
