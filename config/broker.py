"""The broker of an instance without Redis: a folder in which a message is there whole or not at all."""

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
    """Kombu's own writes into a file that a worker may take away empty; the worker then dies of it."""

    # Two classes above give the message different names, and it is handed over by place.
    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        whole = Path(self.data_folder_out, f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg")
        part = whole.with_suffix(".part")  # no queue's name ends so
        try:
            part.write_text(dumps(message), encoding="utf-8")
            part.replace(whole)
        except OSError as error:
            raise ChannelError("cannot add a message to the queue") from error


class Transport(filesystem.Transport):
    """Kombu's transport with that channel."""

    Channel = Channel
