"""Decrypted messages, and the conversation they make once changes are applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sotto.protocol.attachments import Attachment
from sotto.protocol.content import reaction_key

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
    """A verified message, decrypted.

    `status`: "ok"; "locked" if its key is not here yet; "newer" if it needs a newer version;
    "refused" if it broke a rule and must not be shown; "erased" if the server kept only a
    tombstone; "deleted" if a member deleted it who may. `ts`: when its sender says it was sent,
    in ms. `missing`: messages are missing before it. `other_view`: its sender saw another
    conversation. `edited` to `votes` are set by `conversation_of`.
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
    """True if its sender was owner or moderator at the time."""
    erased_by: int = 0
    """The seq of the deletion that a tombstone names."""
    changes: bool = False
    """True if the server says that an erased message changed another."""
    edited: bool = False
    pinned: bool = False
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Uids by emoji."""
    votes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The chosen options of a poll, by uid."""

    @property
    def kind(self) -> str:
        """The content's type; "" if it cannot be shown."""
        return str(self.content["t"]) if self.status == "ok" else ""

    @property
    def text(self) -> str:
        """The text; "" if there is none or it cannot be shown."""
        return str(self.content.get("body", "")) if self.status == "ok" else ""

    @property
    def ref(self) -> list[Any]:
        """The reference that other messages use: seq and id."""
        return [self.seq, self.id]

    @property
    def reply_to(self) -> int:
        """The seq of the message that it answers, 0 for none."""
        re = self.content.get("re") if self.kind == "text" else None
        return int(re[0]) if re else 0

    @property
    def files(self) -> list[Attachment]:
        """Its files; `client.files.download` fetches them."""
        found = self.content.get("files", []) if self.kind == "text" else []
        return [Attachment.read(file, self.room) for file in found]

    @property
    def line(self) -> str:
        """The text, or the reason why it cannot be shown."""
        return self.text if self.status == "ok" else NOTES[self.status]


def moment(ts: int) -> datetime:
    """A message's time. Senders may claim any number of ms; times after 9999 are clamped."""
    return datetime.fromtimestamp(min(ts, LAST_MOMENT) / 1000, UTC)


def conversation_of(messages: Iterable[Message], *, all_changes: bool = False) -> list[Message]:
    """The messages to show: texts, polls and those that cannot be shown, with changes applied.

    Args:
        all_changes: whether every later change is among `messages`: then no deletion is still to
            come that a tombstone names.
    """
    view = _View(list(messages), all_changes)
    for message in view.order:
        change = _CHANGES.get(message.kind)
        if change is not None:
            change(view, message)
    return [view.now[message.seq] for message in view.order if view.visible(message)]


def deletions(messages: Iterable[Message]) -> dict[int, int]:
    """Seqs of validly deleted messages, with the seq of the deletion."""
    return dict(_View(list(messages)).deleted)


class _View:
    """`now`: each message with the changes so far, by seq."""

    def __init__(self, order: list[Message], all_changes: bool = False) -> None:
        self.order = order
        self._all_changes = all_changes
        self.now = {message.seq: message for message in order}
        self.deleted: dict[int, int] = {}
        self._last = order[-1].seq if order else 0
        self._settle()

    def _settle(self) -> None:
        """Apply deletions first: a deleted message changes nothing, wherever its deletion is."""
        for message in self.order:
            if message.kind == "delete":
                _delete(self, message)
        for seq, message in self.now.items():
            due = self._all_changes or message.erased_by <= self._last
            if message.status == "erased" and due:
                self.now[seq] = replace(message, missing=True)

    def target(self, change: Message, ref: list[Any], *kinds: str) -> Message | None:
        """The earlier message that a change refers to, if it is of that kind."""
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
    key, reactions = reaction_key(change.content["emoji"]), dict(found.reactions)
    if not key:
        return
    emoji = next((one for one in reactions if reaction_key(one) == key), change.content["emoji"])
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
