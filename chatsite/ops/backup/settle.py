"""Clears restored rows of what the site must not bring back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatsite.ops.backup.manifest import Manifest
from chatsite.ops.backup.records import Records
from chatsite.ops.backup.schema import columns_of_files

Execute = Callable[[str, Sequence[object]], object]
"""Runs one statement; parameters are `%s`."""
SIGN_INS = ("sign_ins", "django_session", "bot_tokens")


def settle(execute: Execute, manifest: Manifest, found: Records) -> None:
    """Bring the database's rows into line with what else was restored.

    All sign-ins and tokens of bots end: some of those in the backup were ended, or lost their
    password, since.
    Attachments that were deleted while the backup was made lose their rows. Where messages lie
    in MongoDB, whose backup is a little older, nobody has read, and no file belongs to, what is
    not there.
    """
    for table in SIGN_INS:
        if table in manifest.tables:
            execute(f"DELETE FROM {table}", ())  # noqa: S608
    [key] = columns_of_files([(app, name) for app, name in manifest.migrations], ["file_id"])
    for title in manifest.gone:
        room, _, fid = title.partition("/")
        execute(f"DELETE FROM files WHERE room = %s AND {key} = %s", (room, fid))  # noqa: S608
    if manifest.messages == "mongodb":
        _back_to_messages(execute, manifest, found, key)


def _back_to_messages(execute: Execute, manifest: Manifest, found: Records, key: str) -> None:
    claim = f"UPDATE files SET message = %s WHERE room = %s AND {key} = %s AND message IS NULL"  # noqa: S608
    for room in manifest.heads:
        newest = manifest.newest.get(room, 0)
        execute(
            "UPDATE chatroom_members SET read_seq = %s WHERE room_id = %s AND read_seq > %s",
            (newest, room, newest),
        )
        execute("UPDATE files SET message = NULL WHERE room = %s AND message > %s", (room, newest))
    for message in found.messages():
        for fid in message.files:
            execute(claim, (message.seq, message.room, fid))
