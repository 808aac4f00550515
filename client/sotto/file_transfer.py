"""Files between members: sealed here on their way out, opened here on their way in."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from sotto.api import Api, ApiError, part
from sotto.conversation import Message
from sotto.protocol.attachments import Attachment, Opening, Sealing, sealed_size
from sotto.protocol.profile import Profile
from sotto.room_admin import Governing

Progress = Callable[[int, int], None]
"""Is told how many bytes are done, of how many."""
ANY_TYPE = "application/octet-stream"


class Sharing(Governing):
    """The part of a client that sends and fetches files."""

    async def send_file(
        self,
        room: str,
        source: str | os.PathLike[str] | bytes,
        *,
        name: str = "",
        type: str = "",  # noqa: A002 (the protocol's word)
        body: str = "",
        re: Message | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Send a file, or bytes with a `name`; the message's seq. Nothing in the file is changed:
        what a picture tells of its camera and place goes along.

        ApiError `too_large` or `quota` before anything is sent; OSError if it cannot be read.
        """
        found = await self._desk.room(room)
        found.check_writable()
        name = name or ("" if isinstance(source, bytes) else Path(source).name)
        type_ = type or mimetypes.guess_type(name)[0] or ANY_TYPE
        with _opened(source) as stream:
            file = await _upload(self._api, room, stream, name or "file", type_, progress)
        content: dict[str, Any] = {"t": "text", "body": body, "files": [file]}
        return await self._desk.send(room, content if re is None else {**content, "re": re.ref})

    async def set_avatar(self, room: str, source: str | os.PathLike[str] | None) -> None:
        """Show a picture for a room, or none. It is `avatar` in the room's `profile`."""
        found = await self._desk.ledger(room)
        before = found.profile or Profile("")
        file: Any = ""
        if source is not None:
            type_ = mimetypes.guess_type(Path(source).name)[0] or ANY_TYPE
            with _opened(source) as stream:
                file = await _upload(self._api, room, stream, Path(source).name, type_, None)
        await self._book.set_profile(found, replace(before, avatar=file))

    async def fetch(
        self, file: Attachment, to: str | os.PathLike[str], progress: Progress | None = None
    ) -> Path:
        """Write a message's file to `to`, which must not exist. It is there once all of it was
        checked: WireError if it is not what the message names."""
        to = Path(to)
        if to.exists():
            raise FileExistsError(17, "It is there already", str(to))
        partial = to.with_name(f".{to.name}.{os.urandom(4).hex()}.part")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                await _download(self._api, file, out, progress)
            partial.rename(to)
        finally:
            partial.unlink(missing_ok=True)
        return to


def _opened(source: str | os.PathLike[str] | bytes) -> BinaryIO:
    return BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb")


async def _upload(
    api: Api, room: str, stream: BinaryIO, name: str, type_: str, progress: Progress | None
) -> dict[str, Any]:
    """The `file` to name in a message."""
    try:
        return (await _sent(api, room, stream, progress)).content(name, type_)
    except ApiError as error:
        if error.status != 401:
            raise
    # The token ended on the way. Sealed anew: a key seals one file, once.
    return (await _sent(api, room, stream, progress)).content(name, type_)


async def _sent(api: Api, room: str, stream: BinaryIO, progress: Progress | None) -> Sealing:
    sealing = Sealing(stream, stream.seek(0, os.SEEK_END))
    size = sealed_size(sealing.size)
    await _check_room_for(api, room, size)
    stream.seek(0)
    path = f"chatrooms/{room}/files/{sealing.id}"
    await api.put_bytes(path, _counted(sealing, progress), size)
    return sealing


async def _check_room_for(api: Api, room: str, size: int) -> None:
    """Asked before, as a server that hangs up in the middle cannot say why."""
    limits = await api.get(f"chatrooms/{room}/files")
    if size > part(limits, "most", int):
        raise ApiError("too_large", "The file is too large for this server.")
    if size > part(limits, "left", int):
        raise ApiError("quota", "Your files take all the room they may on this server.")


async def _counted(sealing: Sealing, progress: Progress | None) -> AsyncIterator[bytes]:
    done, total = 0, sealed_size(sealing.size)
    for chunk in sealing:
        yield chunk
        done += len(chunk)
        if progress is not None:
            progress(done, total)


async def _download(api: Api, file: Attachment, out: BinaryIO, progress: Progress | None) -> None:
    opening, done = Opening(file), 0
    async with api.bytes_of(f"chatrooms/{file.room}/files/{file.id}") as pieces:
        async for piece in pieces:
            for plain in opening.take(piece):
                out.write(plain)
            done += len(piece)
            if progress is not None:
                progress(done, file.sealed_size)
    opening.finish()
