"""Assigns files to messages. Engines call it when they store messages, in the same transaction if
they have one.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError

from messaging.files.models import File
from messaging.files.removal import remove
from messaging.store.base import NewMessage


class Claims:
    """The files that one batch of messages claims and frees. Nothing is written before `save`."""

    def __init__(self) -> None:
        self._claimed: dict[tuple[str, str], int] = {}
        self._freed: list[tuple[str, int]] = []

    def missing(self, message: NewMessage) -> list[str]:
        """Files that a message may not claim: not in its room, of another sender, or taken."""
        if not message.files:
            return []
        free = File.objects.filter(room=message.room, uploader=message.uid, message=None)
        found = set(free.filter(file_id__in=message.files).values_list("file_id", flat=True))
        here = {fid for fid in found if (message.room, fid) not in self._claimed}
        return [fid for fid in message.files if fid not in here]

    def claim(self, message: NewMessage, seq: int) -> None:
        self._claimed.update({(message.room, fid): seq for fid in message.files})

    def free(self, room: str, seq: int) -> None:
        """Free the files of an erased message."""
        self._freed.append((room, seq))

    def save(self) -> None:
        """IntegrityError if another process claimed or dropped one of them meanwhile."""
        for (room, fid), seq in sorted(self._claimed.items()):
            free = File.objects.filter(room=room, file_id=fid, message=None)
            if not free.update(message=seq):
                raise IntegrityError("a file was claimed twice")
        for room, seqs in _by_room(self._freed).items():
            remove(File.objects.filter(room=room, message__in=seqs))


def _by_room(pairs: Sequence[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for room, seq in pairs:
        found.setdefault(room, []).append(seq)
    return found
