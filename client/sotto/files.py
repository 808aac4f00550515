"""Sending and downloading files."""

from __future__ import annotations

import errno
import mimetypes
import os
from pathlib import Path
from typing import Any

from sotto.file_transfer import UNKNOWN_TYPE, Progress, download, open_source, upload
from sotto.protocol.attachments import Attachment
from sotto.room import Message
from sotto.session import Session


class Files:
    """`client.files`: files of any size, sealed and opened a chunk at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def send(
        self,
        room: str,
        source: str | os.PathLike[str] | bytes,
        *,
        name: str = "",
        type: str = "",  # noqa: A002 (the protocol's word)
        body: str = "",
        re: Message | None = None,
        pixels: tuple[int, int] | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Send a file unchanged: a picture keeps its metadata, such as where it was taken.

        Args:
            source: a path, or the file's bytes.
            name: the file's name; by default that of the path.
            type: the media type; by default guessed from the name.
            body: a text beside the file.
            re: the message that it answers.
            pixels: a picture's width and height. Browsers show it in line if they are told.
            progress: is called with (bytes sent, bytes in all).

        Returns:
            The message's seq.

        Raises:
            ApiError: `too_large`, `quota` or `room_quota`, before anything is sent.
            OSError: the file cannot be read.
        """
        opened = await self._session.manager.look(room)
        opened.check_writable()
        await self._session.manager.blocks.check(opened)  # before its bytes travel
        name = name or ("" if isinstance(source, bytes) else Path(source).name)
        type_ = type or mimetypes.guess_type(name)[0] or UNKNOWN_TYPE
        with open_source(source) as stream:
            file = await upload(self._session.api, room, stream, name or "file", type_, progress)
        if pixels is not None:
            file["w"], file["h"] = pixels
        content: dict[str, Any] = {"t": "text", "body": body, "files": [file]}
        if re is not None:
            content["re"] = re.ref
        return await self._session.manager.send(room, content)

    async def download(
        self, file: Attachment, to: str | os.PathLike[str], progress: Progress | None = None
    ) -> Path:
        """Write a message's file to `to`. It appears there only once it is verified as a whole.

        Args:
            progress: is called with (bytes received, bytes in all).

        Raises:
            FileExistsError: `to` exists.
            WireError: the server sent something other than the message names.
        """
        to = Path(to)
        if to.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(to))
        partial = to.with_name(f".{to.name}.{os.urandom(4).hex()}.part")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                await download(self._session.api, file, out, progress)
            partial.rename(to)
        finally:
            partial.unlink(missing_ok=True)
        return to
