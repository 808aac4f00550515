"""The number of tasks that wait in Celery's queues."""

from __future__ import annotations

import logging

from kombu.exceptions import ChannelError

from chatsite.celery import app

QUEUES = ("index", "summaries", "chores")
log = logging.getLogger(__name__)


def waiting() -> dict[str, int]:
    """Tasks by queue; empty if the broker cannot be asked. Without Redis the broker is this
    process's own, so that a command finds nothing in it.
    """
    try:
        with app.connection_for_read() as connection:
            return {name: _size(connection, name) for name in QUEUES}
    except Exception as error:  # any transport's; its text may name an address, and stays here
        log.warning("queues.unread %s", type(error).__name__)
        return {}


def _size(connection: object, name: str) -> int:
    channel = connection.default_channel  # type: ignore[attr-defined]
    try:
        return int(channel.queue_declare(queue=name, passive=True).message_count)
    except (ChannelError, *connection.channel_errors):  # type: ignore[attr-defined]
        return 0  # nobody has used it yet
