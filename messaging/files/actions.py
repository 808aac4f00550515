"""Writes to a room's files. Every action first looks the room up through the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any, BinaryIO

from django.core.files.base import File as Content
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum

from accounts import storage
from accounts.models import User
from accounts.site_settings import current
from chatsite.lib import disk, wire
from chatsite.lib.errors import (
    Conflict,
    Gone,
    NotFound,
    Refused,
    TooLarge,
    Unavailable,
)
from messaging.files.models import File
from messaging.files.removal import remove, remove_bytes
from rooms.access import require_running
from rooms.actions import now_ms
from rooms.models import Member, Room

CHUNK = 65_536
NO_ROOM = "The server has no room for files just now. Nothing was stored: try again later."
TAG = 16  # bytes that sealing adds to each chunk


class Incoming(Content):
    """Counts and hashes the bytes of an upload as they arrive."""

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


class RoomFull(Refused):
    code = "room_quota"
    detail = (
        "The files of this room take all the storage that they may. Nothing was lost: delete files "
        "here, or ask the administrator of this server."
    )


def limits(member: Member) -> dict[str, int | None]:
    """The most bytes of a sealed file, the bytes that the member may still store, and those that
    files of the room may still take, None where it has no limit of its own.
    """
    most = member.room.files_most
    room_left = None if most is None else max(0, most - _files_of(member.room_id))
    left = storage.left_for(member.user_id)
    return {"most": current.file_most(), "left": left, "room_left": room_left}


def _files_of(room_id: str) -> int:
    """Bytes of a room's files, also of those on their way in."""
    return File.every.filter(room=room_id).aggregate(bytes=Sum("size"))["bytes"] or 0


def store_file(member: Member, fid: str, stream: BinaryIO, size: int) -> bool:
    """Store `size` sealed bytes under an id of the sender's choice.

    Returns False if the sender has already stored the same bytes; raises Conflict for any others.
    """
    coming = Incoming(stream)
    file = reserve(member, fid, size)
    if file is None:
        _must_be_the_same(member.room_id, fid, coming)
        return False
    receive(file, coming)
    return True


def reserve(member: Member, fid: str, size: int) -> File | None:
    """Reserve storage for a file before its first byte arrives.

    Args:
        member: The sender's membership in the room.
        fid: The file's id.
        size: Its sealed size, in bytes.

    Returns:
        The reservation that `receive` or `release` ends; None if the user has already stored a file
        with this id and size.

    Raises:
        Gone: if the room was closed.
        Forbidden: `room_stopped`.
        TooLarge: if the file exceeds the limit.
        Refused: `not_sealed` for a length that no sealed file has, `quota` if the user has no
        storage left, `room_quota` if the room has none.
        StorageFull: if the disk is almost full.
        Conflict: if another file has this id.
    """
    user, room_id = member.user, member.room_id
    if member.room.closed_at is not None:
        raise Gone("This room was closed for good.", code="room_closed")
    require_running(member.room)
    wire.ident(fid)
    _check_size(size)
    if _is_here(user, room_id, fid, size):
        return None
    disk.check_floor(size)
    file = File(
        room=room_id,
        file_id=fid,
        uploader=user.pk,
        size=size,
        reserved_ms=now_ms(),
        arrived=False,
    )
    try:
        with transaction.atomic():
            _forget_earlier_try(user, room_id, fid)
            if member.room.files_most is not None:
                _check_room(room_id, size)
            file.save(force_insert=True)
            storage.take("files", user.pk, size)
    except IntegrityError:
        raise Conflict("Another file has this id.") from None
    except DatabaseError:  # the disk of the database is full, or it is unreachable
        raise Unavailable(NO_ROOM) from None
    return file


def receive(file: File, coming: Incoming) -> None:
    """Store the bytes of a reserved file. A failure releases the reservation.

    Raises:
        Unavailable: if they cannot be written.
        Refused: `incomplete` if there are fewer or more than were announced.
        Conflict: if the file was uploaded again meanwhile.
    """
    try:
        _write(file, coming)
    except BaseException:  # also of a lost connection
        with suppress(DatabaseError):  # then `tidy_files` releases it
            release(file)
        raise


def _write(file: File, coming: Incoming) -> None:
    try:
        stored = file.content.storage.save(f"{file.room}/{file.file_id}", coming)
    except OSError:  # the disk is full
        raise Unavailable(NO_ROOM) from None
    try:
        if coming.count != file.size:
            raise Refused("The file did not arrive whole.", code="incomplete")
        here = File.every.filter(pk=file.pk, arrived=False)
        if not here.update(content=stored, sha256=coming.sha, arrived=True):
            raise Conflict("This file was sent anew meanwhile.")
    except DatabaseError:  # the disk of the database is full, or it is unreachable
        remove_bytes([stored])
        raise Unavailable(NO_ROOM) from None
    except BaseException:
        remove_bytes([stored])
        raise


def release(file: File) -> None:
    """Release the reservation of a file that does not arrive, if it still has one."""
    remove(File.every.filter(pk=file.pk, arrived=False))


def _check_room(room_id: str, size: int) -> None:
    """Refuse what does not fit into the room's own limit. The row is locked, so that of two uploads
    at once the second one sees the first.
    """
    most = Room.objects.select_for_update().get(pk=room_id).files_most
    if most is not None and _files_of(room_id) + size > most:
        raise RoomFull


def _check_size(size: int) -> None:
    most = current.file_most()
    if size > most:
        raise TooLarge("The file is too large for this server.", most=most)
    rest = size % (CHUNK + TAG)
    if size < TAG or (size > TAG and 0 < rest <= TAG):
        raise Refused("The file's length is not that of a sealed file.", code="not_sealed")


def _is_here(user: User, room_id: str, fid: str, size: int) -> bool:
    there = File.objects.filter(room=room_id, file_id=fid).first()
    if there is not None and (there.uploader, there.size) != (user.pk, size):
        raise Conflict("Another file has this id.")
    return there is not None


def _forget_earlier_try(user: User, room_id: str, fid: str) -> None:
    """Usually the earlier upload's connection broke unnoticed: the later upload counts."""
    remove(File.every.filter(room=room_id, file_id=fid, uploader=user.pk, arrived=False))


def _must_be_the_same(room_id: str, fid: str, coming: Incoming) -> None:
    for _ in coming.chunks():
        pass
    if not File.objects.filter(room=room_id, file_id=fid, sha256=coming.sha).exists():
        raise Conflict("Another file has this id.")


def file_of(room: Room, fid: str) -> File:
    """A file of a room, for a member; NotFound if there is none."""
    file = File.objects.filter(room=room.pk, file_id=fid).first()
    if file is None:
        raise NotFound("That file does not exist, or was deleted.", code="no_such_file")
    return file


def sizes_of(room_id: str, fids: list[str]) -> list[dict[str, Any]]:
    """The sizes of stored files, by id."""
    files = File.objects.filter(room=room_id, file_id__in=fids)
    found = dict(files.values_list("file_id", "size"))
    return [{"id": fid, "size": found.get(fid, 0)} for fid in fids]
