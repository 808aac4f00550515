"""Events of commands, for the server beside them, where no Redis passes events on.

A command such as `manage.py rooms close` is a process of its own. Its events lie as files in the
data folder until the server's hub takes them, every two seconds. They are hints like all events:
one that is lost is made good by what the hub reads every 30 s, and by the next request.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from chatsite.lib.bus_events import Event, parse

FOLDER = "events"  # in the data folder
FRESH_FOR = 60  # seconds; a server that starts later has read everything anew
log = logging.getLogger(__name__)
_command = threading.local()


@contextmanager
def left_by_command() -> Iterator[None]:
    """Within it, this thread's events are a command's."""
    _command.runs = True
    try:
        yield
    finally:
        _command.runs = False


def is_command() -> bool:
    """True in a command, if its events go no other way: without Redis."""
    return getattr(_command, "runs", False) and not settings.REDIS_URL


def leave(event: Event) -> None:
    """Leave an event for the server. A failure is logged and never raised."""
    folder = _folder()
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        written = folder / f".{name}"
        written.touch(mode=0o600)
        written.write_text(json.dumps(event.as_message()), encoding="utf-8")
        written.rename(folder / name)
    except OSError as error:
        log.warning("command_events.not_left %s", type(error).__name__)


def take() -> list[Event]:
    """The events that commands have left, in their order. They are taken once."""
    taken = []
    for path in _waiting():
        try:
            message, left_at = _take(path)
        except (OSError, ValueError) as error:
            log.warning("command_events.not_taken %s", type(error).__name__)
            continue
        event = parse(message) if isinstance(message, dict) else None
        if event is not None and time.time() - left_at < FRESH_FOR:
            taken.append(event)
    return taken


def _take(path: Path) -> tuple[object, float]:
    """The message of a file, and when it was left. It goes also where it cannot be read: a command
    of another user's may have left it, and would be tried again and again.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8")), path.stat().st_mtime
    finally:
        path.unlink()


def _waiting() -> list[Path]:
    """Files that are whole, the oldest first."""
    try:
        names = sorted(os.listdir(_folder()))
    except OSError:  # no command has left any
        return []
    return [_folder() / name for name in names if not name.startswith(".")]


def _folder() -> Path:
    folder: Path = settings.DATA_DIR / FOLDER
    return folder
