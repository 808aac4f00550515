"""Writes of the MongoDB engine: the insert of each message of a batch claims its number."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.db import transaction
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from accounts.storage import give_back
from chatsite.lib import wire
from messaging.files.claims import Claims
from messaging.store.append import AppendValidator
from messaging.store.base import Appended, NewMessage, Outcome, Rejected
from messaging.store.budget import Budget
from messaging.store.index.base import TokenIndex
from messaging.store.index.postings import pack_tokens

Document = dict[str, Any]
Inserted = dict[tuple[str, str, str], int]
"""Numbers of the messages stored by this call of `append`, by (room, uid, cid)."""
DUPLICATE = 11000


class Collision(Exception):
    """Another process came first. Messages before the collision are stored."""


class Batch:
    """Collects inserts until a read depends on them. There is no transaction: inserts are ordered,
    so that a crash leaves no gap. An interrupted erasure is marked in its message (`erasing`) and
    finished when that message is sent again or a process starts.
    """

    def __init__(
        self,
        messages: Collection[Document],
        index: TokenIndex,
        validator: AppendValidator,
        inserted: Inserted,
        budget: Budget,
    ) -> None:
        self._messages = messages
        self._index = index
        self._validator = validator
        self._inserted = inserted
        self._budget = budget
        self._waiting: list[tuple[NewMessage, Document]] = []
        self._claims = Claims()

    def take(self, batch: Sequence[NewMessage]) -> list[Outcome]:
        self._validator.read_ahead(batch)
        outcomes = [self._take_one(message) for message in batch]
        self._flush()
        return outcomes

    def _take_one(self, message: NewMessage) -> Outcome:
        refused = self._validator.refuse(message)
        if isinstance(refused, Appended):
            return self._there(message, refused)
        if refused is not None:
            return refused
        full = self._budget.refuse(message)
        if full is not None:
            return full
        missing = self._claims.missing(message)
        if missing:
            return Rejected("bad_files", {"files": missing})
        if message.erase:
            self._flush()
            if not self._may_erase(message):
                return Rejected("bad_erase")
        seq = self._validator.next_seq(message)
        self._claims.claim(message, seq)
        self._validator.take(message, seq)
        self._budget.take(message)
        self._waiting.append((message, _document(message, seq)))
        if message.erase:
            self._flush()
            erase(self._messages, self._index, message.room, seq, message.erase)
        return Appended(seq)

    def _there(self, message: NewMessage, found: Appended) -> Appended:
        """Handle a message stored before, by an earlier attempt of this call or another."""
        if message.erase:
            self._flush()
            erase(self._messages, self._index, message.room, found.seq, message.erase)
        here = self._inserted.get(_cid(message))
        return Appended(found.seq) if here == found.seq else found

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        with transaction.atomic():  # charged before: there is no transaction around both
            self._budget.save()
        try:
            self._claim_and_insert(waiting)
        except Exception:
            lost = [message for message, _ in waiting if _cid(message) not in self._inserted]
            self._budget.undo(lost)
            raise

    def _claim_and_insert(self, waiting: list[tuple[NewMessage, Document]]) -> None:
        if not any(message.files for message, _ in waiting):
            self._insert(waiting)
            return
        with transaction.atomic():  # claimed if, and only if, they were inserted
            self._claims.save()
            self._insert(waiting)
        self._claims = Claims()

    def _insert(self, waiting: list[tuple[NewMessage, Document]]) -> None:
        stored = len(waiting)
        try:
            self._messages.insert_many([document for _, document in waiting], ordered=True)
        except BulkWriteError as error:
            problem = (error.details.get("writeErrors") or [{}])[0]
            if problem.get("code") != DUPLICATE:
                raise
            stored = problem["index"]
            raise Collision from None
        finally:
            for message, document in waiting[:stored]:
                self._inserted[_cid(message)] = document["seq"]

    # --- erasing ----------------------------------------------------------------------------

    def _may_erase(self, message: NewMessage) -> bool:
        room, wanted = message.room, sorted(set(message.erase))
        targets = {"room": room, "seq": {"$in": wanted}}
        found = {
            one["seq"]: one["uid"] for one in self._messages.find(targets, {"seq": 1, "uid": 1})
        }
        absent = [seq for seq in wanted if seq not in found]
        if absent and max(absent) >= self._oldest(room):
            return False
        if not message.leads and any(uid != message.uid for uid in found.values()):
            return False
        erasers = {"room": room, "by": {"$exists": True, "$in": list(found)}}
        return self._messages.find_one(erasers, {"_id": 1}) is None

    def _oldest(self, room: str) -> int:
        found = self._messages.find_one({"room": room}, {"seq": 1}, sort=[("seq", 1)])
        return found["seq"] if found else 0


def erase(
    messages: Collection[Document], index: TokenIndex, room: str, by: int, seqs: Sequence[int]
) -> None:
    """Turn the targets of a message into tombstones. Idempotent."""
    targets = {"room": room, "seq": {"$in": sorted(set(seqs))}, "by": {"$exists": False}}
    freed, bytes_freed = Claims(), dict[str, int]()
    found = list(messages.find(targets, {"seq": 1, "uid": 1, "ct": 1, "files": 1, "tokens": 1}))
    index.erase(room, {one["seq"]: one["tokens"] for one in found if one.get("tokens")})
    for one in found:
        sha = wire.b64(sha256(wire.unb64(one["ct"])).digest())
        gone = dict.fromkeys(("ct", "tokens", "tv", "g", "files"), "")
        before = messages.find_one_and_update(
            {"room": room, "seq": one["seq"], "by": {"$exists": False}},
            {"$set": {"sha": sha, "by": by}, "$unset": gone},
            {"tokens": 1},
        )
        if before is not None:
            bytes_freed[one["uid"]] = bytes_freed.get(one["uid"], 0) + len(one["ct"])
        late = (before or {}).get("tokens")
        if late and late != one.get("tokens"):  # stored since
            index.erase(room, {one["seq"]: late})
        if one.get("files"):
            freed.free(room, one["seq"])
    freed.save()
    give_back("messages", bytes_freed)
    messages.update_one({"room": room, "seq": by}, {"$unset": {"erasing": ""}})


def _cid(message: NewMessage) -> tuple[str, str, str]:
    return message.room, message.uid, message.client_message_id


def _document(message: NewMessage, seq: int) -> Document:
    document: Document = {
        "room": message.room,
        "seq": seq,
        "uid": message.uid,
        "dev": message.device,
        "n": message.chain_number,
        "cid": message.client_message_id,
        "id": message.message_id,
        "e": message.epoch,
        "h": message.header,
        "iv": message.iv,
        "ct": message.ciphertext,
        "sig": message.signature,
        "at": message.stored_ms,
    }
    if message.refers_to:
        document["re"] = list(message.refers_to)
    if message.files:
        document["files"] = list(message.files)
    if message.generation:
        document["g"] = message.generation
    if message.tokens:
        document["tokens"] = pack_tokens(message.tokens)
    if message.token_version > 1:
        document["tv"] = message.token_version
    if message.erase:
        document["erasing"] = sorted(set(message.erase))
    return document
