"""Uploads and downloads of sealed files."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from sotto.api import Api, ApiError
from sotto.protocol.attachments import Attachment, FileOpener, FileSealer, sealed_size
from sotto.protocol.encoding import field_of

Progress = Callable[[int, int], None]
"""Is called with (bytes done, bytes in all)."""
UNKNOWN_TYPE = "application/octet-stream"


def open_source(source: str | os.PathLike[str] | bytes) -> BinaryIO:
    """A path or bytes as a stream."""
    return BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb")


async def upload(
    api: Api,
    room: str,
    stream: BinaryIO,
    name: str,
    type_: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Seal a file and upload it.

    Returns:
        The `file` to name in a message's content.

    Raises:
        ApiError: `too_large`, `quota` or `room_quota`, before anything is sent.
    """
    try:
        return (await _upload(api, room, stream, progress)).content(name, type_)
    except ApiError as error:
        if error.status != 401:
            raise
    # The token expired meanwhile. A key seals one file once, so the file is sealed again.
    return (await _upload(api, room, stream, progress)).content(name, type_)


async def _upload(api: Api, room: str, stream: BinaryIO, progress: Progress | None) -> FileSealer:
    sealer = FileSealer(stream, stream.seek(0, os.SEEK_END))
    size = sealed_size(sealer.size)
    await _check_limits(api, room, size)
    stream.seek(0)
    path = f"chatrooms/{room}/files/{sealer.id}"
    await api.put_bytes(path, _reported(sealer, progress), size)
    return sealer


async def _check_limits(api: Api, room: str, size: int) -> None:
    """Ask before sending: a server that hangs up in the middle of an upload cannot say why."""
    limits = await api.get(f"chatrooms/{room}/files")
    if size > field_of(limits, "most", int):
        raise ApiError("too_large", "The file is too large for this server.")
    if size > field_of(limits, "left", int):
        raise ApiError("quota", "You have no space left for files on this server.")
    if limits.get("room_left") is not None and size > field_of(limits, "room_left", int):
        raise ApiError("room_quota", "The files of this room take all the storage that they may.")


async def _reported(sealer: FileSealer, progress: Progress | None) -> AsyncIterator[bytes]:
    done, total = 0, sealed_size(sealer.size)
    for chunk in sealer:
        yield chunk
        done += len(chunk)
        if progress is not None:
            progress(done, total)


async def download(
    api: Api, file: Attachment, out: BinaryIO, progress: Progress | None = None
) -> None:
    """Write a file to `out`. It is verified as a whole once this returns.

    Raises:
        WireError: the server sent something other than the message names.
    """
    opener, done = FileOpener(file), 0
    async with api.bytes_of(f"chatrooms/{file.room}/files/{file.id}") as pieces:
        async for piece in pieces:
            for plain in opener.feed(piece):
                out.write(plain)
            done += len(piece)
            if progress is not None:
                progress(done, file.sealed_size)
    opener.finish()
