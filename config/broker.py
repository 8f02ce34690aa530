"""The broker of an instance without Redis: a folder to which messages are written atomically."""

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

NAME = "folder"
TRANSPORT_ALIASES[NAME] = f"{__name__}:Transport"


class Channel(filesystem.Channel):
    """A channel that writes atomically, because a worker crashes on a file that Kombu created but did not fill yet."""

    # Two base classes name the message differently; it is passed by position.
    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        whole = Path(self.data_folder_out, f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg")
        part = whole.with_suffix(".part")  # no queue has this suffix
        try:
            part.write_text(dumps(message), encoding="utf-8")
            part.replace(whole)
        except OSError as error:
            raise ChannelError("cannot add a message to the queue") from error


class Transport(filesystem.Transport):
    """Kombu's file system transport with the atomic channel."""

    Channel = Channel
