"""What members do with a room's files. Every action begins with a door."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import File as Content
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum

from accounts.models import User
from chatsite.lib import wire
from chatsite.lib.errors import (
    ChatError,
    Conflict,
    Gone,
    NotFound,
    Refused,
    TooLarge,
    Unavailable,
)
from messaging.files.models import File
from messaging.files.removal import remove_bytes
from rooms.access import room_for_member
from rooms.actions import now_ms

CHUNK = 65_536
NO_ROOM = "The server has no room for files just now. Nothing was stored: try again later."
TAG = 16  # bytes that sealing adds to each chunk


class Incoming(Content):
    """Bytes on their way in, counted and hashed as they pass."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.count = 0
        self._hash = sha256()

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        while part := self.file.read(chunk_size or CHUNK):  # type: ignore[union-attr]
            self.count += len(part)
            self._hash.update(part)
            yield part

    @property
    def sha(self) -> str:
        return wire.b64(self._hash.digest())


def limits(user: User, room_id: str) -> dict[str, int]:
    """How many bytes a file may have once sealed, and how many more `user` may store."""
    room_for_member(user, room_id)
    left = max(settings.FILES_PER_PERSON - _stored_by(user), 0)
    return {"most": settings.FILE_MOST, "left": left}


def store_file(user: User, room_id: str, fid: str, stream: BinaryIO, size: int) -> bool:
    """Keep `size` sealed bytes under an id of the sender's choice.

    False if these very bytes of theirs were here already; Conflict for any others.
    """
    member = room_for_member(user, room_id)
    if member.room.closed_at is not None:
        raise Gone("This room was closed for good.", code="room_closed")
    wire.ident(fid)
    _check_size(user, size)
    coming = Incoming(stream)
    if _is_here(user, room_id, fid, coming):
        return False
    file = File(room=room_id, fid=fid, uploader=user.pk, size=size, at=now_ms())
    try:
        stored = file.content.storage.save(f"{room_id}/{fid}", coming)
    except OSError:  # the disk is full
        raise Unavailable(NO_ROOM) from None
    file.content.name, file.sha = stored, coming.sha
    try:
        if coming.count != size:
            raise Refused("The file did not arrive whole.", code="incomplete")
        with transaction.atomic():
            file.save(force_insert=True)
    except IntegrityError:
        remove_bytes([stored])
        raise Conflict from None
    except DatabaseError:  # the disk of the database is full, or it is away
        remove_bytes([stored])
        raise Unavailable(NO_ROOM) from None
    except ChatError:
        remove_bytes([stored])
        raise
    return True


def _check_size(user: User, size: int) -> None:
    if size > settings.FILE_MOST:
        raise TooLarge("The file is too large for this server.", most=settings.FILE_MOST)
    rest = size % (CHUNK + TAG)
    if size < TAG or (size > TAG and 0 < rest <= TAG):
        raise Refused("A sealed file has another length.", code="not_sealed")
    if _stored_by(user) + size > settings.FILES_PER_PERSON:
        raise Refused("Your files take all the room they may here.", code="quota")


def _stored_by(user: User) -> int:
    return File.objects.filter(uploader=user.pk).aggregate(all=Sum("size"))["all"] or 0


def _is_here(user: User, room_id: str, fid: str, coming: Incoming) -> bool:
    there = File.objects.filter(room=room_id, fid=fid).first()
    if there is None:
        return False
    for _ in coming.chunks():
        pass
    if (there.uploader, there.sha) != (user.pk, coming.sha):
        raise Conflict("Another file has this id.")
    return True


def file_for_member(user: User, room_id: str, fid: str) -> File:
    """A file of a room that `user` is in; NotFound otherwise."""
    room_for_member(user, room_id)
    file = File.objects.filter(room=room_id, fid=fid).first()
    if file is None:
        raise NotFound("That file is not here (any more).", code="no_such_file")
    return file


def sizes_of(room_id: str, fids: list[str]) -> list[dict[str, Any]]:
    """Ids with the sizes of what is stored under them."""
    found = dict(File.objects.filter(room=room_id, fid__in=fids).values_list("fid", "size"))
    return [{"id": fid, "size": found.get(fid, 0)} for fid in fids]
