"""What a room's messages say once edits, deletions, reactions, pins and votes are applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sotto.protocol.attachments import Attachment

LAST_MOMENT = 253_370_764_800_000  # the year 9999
Status = Literal["ok", "locked", "newer", "refused", "erased", "deleted"]
NOTES = {
    "locked": "(its key is not here yet)",
    "newer": "(needs a newer version)",
    "refused": "(refused: it broke a rule)",
    "erased": "(erased, and nobody says why)",
    "deleted": "(deleted)",
}


@dataclass(frozen=True, slots=True)
class Message:
    """`locked`: its key is not here yet. `newer`: of a kind not known here. `refused`: it broke
    a rule, and nothing of it is to be shown. `erased`: the server kept a tombstone; `deleted`: a
    member who may says so, too. `missing`: something before it is. `ts` in ms.

    `edited` to `votes` are filled by `shown`.
    """

    room: str
    seq: int
    status: Status
    uid: str = ""
    name: str = ""
    ts: int = 0
    content: Any = None
    missing: bool = False
    other_view: bool = False
    id: str = ""
    kid: str = ""
    leads: bool = False
    """Whether its sender was owner or moderator when sending it."""
    erased_by: int = 0
    """Seq of the message that a tombstone names as the reason."""
    changes: bool = False
    """Whether the server says that an erased one changed another."""
    edited: bool = False
    pinned: bool = False
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """uids by emoji."""
    votes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """A poll's chosen options, by uid."""

    @property
    def kind(self) -> str:
        """The content's type; "" for whatever cannot be shown."""
        return str(self.content["t"]) if self.status == "ok" else ""

    @property
    def text(self) -> str:
        """What was written; "" for whatever cannot be shown or has no words."""
        return str(self.content.get("body", "")) if self.status == "ok" else ""

    @property
    def ref(self) -> list[Any]:
        """How other messages name it."""
        return [self.seq, self.id]

    @property
    def reply_to(self) -> int:
        """Seq of the message that it answers, 0 for none."""
        re = self.content.get("re") if self.kind == "text" else None
        return int(re[0]) if re else 0

    @property
    def files(self) -> list[Attachment]:
        """What comes with a text: see `Client.fetch`."""
        found = self.content.get("files", []) if self.kind == "text" else []
        return [Attachment.read(file, self.room) for file in found]

    @property
    def line(self) -> str:
        """The text, or why there is none."""
        return self.text if self.status == "ok" else NOTES[self.status]


def moment(ts: int) -> datetime:
    """When a message was sent, as its sender says: any number of ms."""
    return datetime.fromtimestamp(min(ts, LAST_MOMENT) / 1000, UTC)


def conversation_of(messages: Iterable[Message]) -> list[Message]:
    """The conversation: texts and polls in order, and lines for what cannot be shown."""
    view = _View(list(messages))
    for message in view.order:
        change = _CHANGES.get(message.kind)
        if change is not None:
            change(view, message)
    return [view.now[message.seq] for message in view.order if view.visible(message)]


def deletions(messages: Iterable[Message]) -> dict[int, int]:
    """Seqs of messages that somebody who may deleted, and of what says so."""
    return dict(_View(list(messages)).deleted)


class _View:
    """`now` holds each message as the changes so far leave it, by seq."""

    def __init__(self, order: list[Message]) -> None:
        self.order = order
        self.now = {message.seq: message for message in order}
        self.deleted: dict[int, int] = {}
        self._last = order[-1].seq if order else 0
        self._settle()

    def _settle(self) -> None:
        """Deletions first: what is deleted changes nothing, wherever its deletion stands."""
        for message in self.order:
            if message.kind == "delete":
                _delete(self, message)
        for seq, message in self.now.items():
            if message.status == "erased" and message.erased_by <= self._last:
                self.now[seq] = replace(message, missing=True)

    def target(self, change: Message, ref: list[Any], *kinds: str) -> Message | None:
        """The message that a change names, if it stood there before and is of that kind."""
        found = self.now.get(ref[0])
        if found is None or found.id != ref[1] or found.seq >= change.seq:
            return None
        if self.now[change.seq].status != "ok" or found.kind not in kinds:
            return None
        return found

    def set(self, message: Message, **changed: Any) -> None:
        self.now[message.seq] = replace(message, **changed)

    def visible(self, message: Message) -> bool:
        if message.status == "erased":
            return not message.changes or self.now[message.seq].status == "erased"
        return message.status != "ok" or message.kind in ("text", "poll")


def _delete(view: _View, change: Message) -> None:
    for ref in change.content["of"]:
        found = view.now.get(ref[0])
        if found is None or found.id != ref[1] or found.seq >= change.seq:
            continue
        may = found.uid == change.uid or change.leads
        if may and found.status not in ("refused", "deleted") and found.kind != "delete":
            view.set(found, status="deleted", content=None)
            view.deleted[found.seq] = change.seq


def _edit(view: _View, change: Message) -> None:
    found = view.target(change, change.content["of"], "text")
    if found is not None and (found.uid, found.kid) == (change.uid, change.kid):
        content = {**found.content, "body": change.content["body"]}
        content.pop("at", None)
        if "at" in change.content:
            content["at"] = change.content["at"]
        view.set(found, content=content, edited=True)


def _react(view: _View, change: Message) -> None:
    found = view.target(change, change.content["of"], "text", "poll")
    if found is None:
        return
    emoji, reactions = change.content["emoji"], dict(found.reactions)
    others = tuple(uid for uid in reactions.pop(emoji, ()) if uid != change.uid)
    if change.content["on"]:
        others += (change.uid,)
    if others:
        reactions[emoji] = others
    view.set(found, reactions=reactions)


def _pin(view: _View, change: Message) -> None:
    found = view.target(change, change.content["of"], "text", "poll")
    if found is not None:
        view.set(found, pinned=bool(change.content["on"]))


def _vote(view: _View, change: Message) -> None:
    found = view.target(change, change.content["of"], "poll")
    if found is None:
        return
    picks = tuple(sorted(set(change.content["picks"])))
    fits = all(pick < len(found.content["options"]) for pick in picks)
    if fits and (len(picks) <= 1 or found.content["multi"]):
        view.set(found, votes={**found.votes, change.uid: picks})


_CHANGES = {"edit": _edit, "react": _react, "pin": _pin, "vote": _vote}
