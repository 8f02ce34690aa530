"""The folder that stands in for a broker: nobody takes half a message out of it."""

from pathlib import Path
from queue import Empty

import pytest
from django.conf import settings
from kombu import Connection
from kombu.exceptions import ChannelError

from config import broker
from config.celery import app


def channel(folder: Path) -> broker.Channel:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}
    return Connection(f"{broker.NAME}://localhost/", transport_options=options).channel()


def test_a_message_is_not_seen_while_it_is_written(tmp_path: Path) -> None:
    queue = channel(tmp_path)

    class Looking:
        """Whoever writes this down looks into the queue at the same moment."""

        looked = 0

        def __json__(self) -> str:
            self.looked += 1
            with pytest.raises(Empty):
                queue._get("celery")
            return "seen"

    looking = Looking()
    queue._put("celery", {"body": looking})
    assert looking.looked == 1
    assert queue._get("celery") == {"body": "seen"}
    with pytest.raises(Empty):
        queue._get("celery")


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    queue = channel(tmp_path)
    queue.data_folder_out = str(tmp_path / "gone")
    with pytest.raises(ChannelError):
        queue._put("celery", {})


def test_without_redis_this_is_the_broker() -> None:
    assert settings.REDIS_URL == ""
    with app.connection_for_write() as connection:
        assert isinstance(connection.transport, broker.Transport)
