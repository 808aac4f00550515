"""Reports of abuse: a member opens one message to those who handle it, and to nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from sotto.api import ApiError
from sotto.message_reader import MessageReader
from sotto.protocol.encoding import WireError, field_of, unb64
from sotto.protocol.message import MessageError, parse_message
from sotto.protocol.report import (
    ROOM,
    Opened,
    once,
    open_report,
    receivers,
    report_key_id,
    seal_report,
)
from sotto.room import Room
from sotto.session import Session

NO_KEY = "This site takes no reports: its administrators have not made a key for them."
OTHER_KEY = (
    "The site's report key is another one than the one you know. Nothing was sent. Ask the site's "
    "administrators whether this is theirs: {}"
)
NO_LEADER = "Nobody leads this room beside who wrote the message. Report it to the site."


@dataclass(frozen=True, slots=True)
class RoomReport:
    """A report to a room's leaders, with all checks done. `state` and `handler` (a uid, "" for
    nobody) are the server's word.
    """

    opened: Opened
    state: str
    handler: str


class Reports:
    """`client.reports`: the server never has what a report says."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._key = ""

    async def to_room(self, room: str, seq: int, why: str, note: str = "") -> str:
        """Show one message to the room's leaders, but for its author, with the proof of who wrote
        it. Nothing else becomes readable.

        Args:
            why: "spam", "abuse", "illegal" or "other".
            note: at most 1,000 characters.

        Returns:
            The report's id.

        Raises:
            ApiError: `no_leader`; or what the server refuses.
            UnapprovedKeys: it is not certain whose keys a leader has; nothing was sent.
        """
        opened, author = await self._message(room, seq)
        to: dict[str, bytes] = {}
        for kid in receivers(opened.state, author):
            identity = self._session.trust.known[kid]
            self._session.trust.must_know(identity, opened.state)
            to[kid] = identity.rsa
        if not to:
            raise ApiError("no_leader", NO_LEADER)
        return await self._send(opened, seq, to, ROOM, why, note)

    async def to_site(
        self, room: str, seq: int, why: str, note: str = "", *, key: str | None = None
    ) -> str:
        """Show one message to the site's administrators. Arguments as of `to_room`.

        Args:
            key: the id (rk) of the report key to trust; by default that of the last time.

        Raises:
            ApiError: `no_report_key`; `other_key` if it is another one than before (nothing was
                sent).
        """
        opened, _ = await self._message(room, seq)
        answer = await self._session.api.get("report_key")
        if answer.get("key") is None:
            raise ApiError("no_report_key", NO_KEY)
        spki = field_of(field_of(answer, "key", dict), "spki", str)
        rk = report_key_id(spki)
        self._check_key(rk, key)
        return await self._send(opened, seq, {rk: unb64(spki)}, rk, why, note)

    async def to_me(self, room: str) -> list[RoomReport]:
        """The reports to a room's leaders, as one of them: those that prove what they say, newest
        first.
        """
        loaded = await self._session.manager.load(room)
        await self._session.log_api.sync_keys(loaded)
        given: list[Any] = []
        async for page in self._session.api.pages(f"chatrooms/{room}/reports"):
            given += field_of(page, "reports", list)
        found: dict[str, RoomReport] = {}
        for one in given:
            try:
                opened = await self._open(loaded, one)
            except (WireError, MessageError):
                continue
            handler = one.get("handler")
            who = handler if type(handler) is str else ""
            report = RoomReport(opened, field_of(one, "state", str), who)
            found.setdefault(opened.report.rid, report)
        return [found[opened.report.rid] for opened in once([one.opened for one in found.values()])]

    async def handled(self, room: str, rid: str, outcome: str) -> None:
        """Note what was done about a report; doing it is another call.

        Args:
            outcome: "dismissed", "erased" (the message), "removed" or "banned" (its author).
        """
        await self._session.api.post(f"chatrooms/{room}/reports/{rid}", {"outcome": outcome})

    async def _message(self, room: str, seq: int) -> tuple[Room, str]:
        """A room in which the message was verified and opened, and the uid of its author."""
        manager = self._session.manager
        loaded = await manager.load(room)
        loaded.check_member()
        await MessageReader(manager.api, manager.log_api, loaded).around(1, seq=seq)
        window = {one.seq: one for one in loaded.everything()}
        message = window.get(seq)
        if message is None or message.status != "ok":
            raise ApiError("no_such_message", "There is no such message that you can read.")
        return loaded, message.uid

    async def _send(
        self, room: Room, seq: int, to: dict[str, bytes], receiver: str, why: str, note: str
    ) -> str:
        row, me = room.rows[seq], self._session.me
        report = seal_report(
            row,
            room.keys[parse_message(row).header.e],
            to,
            receiver=receiver,
            reporter=(me.uid, me.kid, me.keys.ed),
            lh=(room.state.seq, room.state.hash),
            ts=self._session.log_api.clock.now(),
            why=why,
            note=note,
        )
        answer = await self._session.api.post(f"chatrooms/{room.id}/reports", report)
        return field_of(answer, "rid", str)

    async def _open(self, room: Room, given: Any) -> Opened:
        if type(given) is not dict:
            raise WireError("not a report")
        me = self._session.me
        opening = partial(open_report, given, me.kid, me.keys.rsa)
        try:
            return opening(room.state, self._session.trust.known, room.keys)
        except MessageError as error:
            if error.reason != "ahead":
                raise
        await self._session.log_api.sync(room)
        return opening(room.state, self._session.trust.known, room.keys)

    def _check_key(self, rk: str, expected: str | None) -> None:
        """Trust the first report key and remember it: the server cannot replace it unnoticed."""
        profile_dir = self._session.profile_dir
        before = profile_dir.report_key() if profile_dir is not None else self._key
        if rk != (expected or before or rk):
            raise ApiError("other_key", OTHER_KEY.format(rk))
        self._key = rk
        if profile_dir is not None and rk != before:
            profile_dir.store_report_key(rk)
