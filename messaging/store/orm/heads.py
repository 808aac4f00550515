"""Reads the heads that a batch needs, in one query of each kind however many there are."""

from __future__ import annotations

from collections.abc import Collection

from messaging.store.base import NewMessage
from messaging.store.heads import ChainHead, Person, Sender
from messaging.store.orm.many_rooms import select
from messaging.store.orm.models import Message

TIPS = """
WITH wanted(room, uid, device) AS (VALUES {values})
SELECT sent.room, sent.uid, sent.device, sent.chain_number, sent.message_id
FROM wanted JOIN messages AS sent
    ON sent.room = wanted.room AND sent.uid = wanted.uid AND sent.device = wanted.device
    AND sent.chain_number = (
        SELECT MAX(chain_number) FROM messages
        WHERE messages.room = wanted.room AND messages.uid = wanted.uid
          AND messages.device = wanted.device
    )
UNION ALL
SELECT ended.room, ended.uid, ended.device, ended.chain_number, ended.message_id
FROM wanted JOIN message_chains AS ended
    ON ended.room = wanted.room AND ended.uid = wanted.uid AND ended.device = wanted.device
"""
DEVICES = """
WITH wanted(room, uid) AS (VALUES {values})
SELECT room, uid, (
    SELECT COUNT(DISTINCT device) FROM messages
    WHERE messages.room = wanted.room AND messages.uid = wanted.uid
) + (
    SELECT COUNT(*) FROM message_chains
    WHERE message_chains.room = wanted.room AND message_chains.uid = wanted.uid
) FROM wanted
"""
ENDS = """
WITH wanted(room) AS (VALUES {values})
SELECT newest.room, newest.seq, newest.epoch
FROM wanted JOIN messages AS newest
    ON newest.room = wanted.room
    AND newest.seq = (SELECT MAX(seq) FROM messages WHERE messages.room = wanted.room)
"""


class TableHeads:
    """Implements `messaging.store.append.HeadLookup` on the table."""

    def sent(self, message: NewMessage) -> ChainHead | None:
        sent = Message.objects.filter(
            room=message.room, uid=message.uid, client_message_id=message.client_message_id
        )
        return sent.values_list("seq", "message_id").first()

    def tips(self, senders: Collection[Sender]) -> dict[Sender, ChainHead]:
        tips: dict[Sender, ChainHead] = {}
        for room, uid, device, *tip in select(TIPS, list(senders)):
            n, mid = tip
            tips[room, uid, device] = max((n, mid), tips.get((room, uid, device), (0, "")))
        return tips

    def devices(self, people: Collection[Person]) -> dict[Person, int]:
        return {(room, uid): many for room, uid, many in select(DEVICES, list(people))}

    def ends(self, rooms: Collection[str]) -> dict[str, tuple[int, int]]:
        found = select(ENDS, [(room,) for room in rooms])
        return {room: (seq, epoch) for room, seq, epoch in found}
