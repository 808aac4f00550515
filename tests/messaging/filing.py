"""Files for tests: bytes of the right length that mean nothing, put where members put them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import StreamingHttpResponse

from messaging.files.models import File
from tests.base import Person, RoomScript

FID, OTHER = "e" * 32, "f" * 32
SEALED = b"sealed bytes of some file"


def address(room: RoomScript | str, fid: str = FID) -> str:
    return f"/api/v1/chatrooms/{room if isinstance(room, str) else room.id}/files/{fid}"


def put(who: Person, room: RoomScript | str, data: bytes = SEALED, fid: str = FID) -> Any:
    """The answer, unchecked."""
    return put_by(who.client, room, data, fid)


def put_by(client: Any, room: RoomScript | str, data: bytes, fid: str, **extra: str) -> Any:
    """By a client that may lack what is needed, or say something else about the bytes."""
    about = {"content_type": "application/octet-stream", **extra}
    return client.generic("PUT", address(room, fid), data, **about)


def get(who: Person, room: RoomScript | str, fid: str = FID) -> Any:
    return who.client.get(address(room, fid))


@async_to_sync
async def body(answer: StreamingHttpResponse) -> bytes:
    return b"".join([part async for part in answer])


def folder() -> Path:
    return Path(settings.DATA_DIR) / "files"


def on_disk() -> list[str]:
    """Every file below the folder, by room and name."""
    return sorted(str(p.relative_to(folder())) for p in folder().rglob("*") if p.is_file())


def age(fid: str, *, hours: float) -> None:
    """As if it had come so long ago."""
    file = File.objects.get(file_id=fid)
    File.objects.filter(pk=file.pk).update(reserved_ms=file.reserved_ms - int(hours * 3_600_000))
