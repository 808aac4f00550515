"""A browser that goes about in a room before it has read it."""

from __future__ import annotations

from tests.hostile.browser_victim import BrowserVictim
from tests.hostile.victims import FORGED, WITHIN, Seen

JUMPS = (1, 3, 2, 4)
"""Which messages it goes to, in this order, by links. The last need not be there."""
STOPS = "#room-notice .frozen, #room-answer:not([hidden])[data-end]"
NOT_OPENED = "main.unknown, main:has(#room-notice:not([hidden])):has(#timeline .skeleton)"
"""A room that could not be opened, and says why."""
OPENED = f"""() => {{
  const there = (selector) => document.querySelector(selector) !== null;
  if (there("{STOPS}, {NOT_OPENED}, #timeline .empty")) return "stopped";
  if (!there(".to-unread")) return null; // the buttons come after the messages
  if (there("#to-newest:not([hidden])")) return "more";
  const older = document.querySelector("#timeline .timeline-older");
  return {{ more: "more", failed: "more", start: "whole" }}[older?.dataset.state];
}}"""
"""How a room stands that has loaded: "more" where there are earlier or later messages."""
GO = """(seq) => new Promise((resolve) => {
  addEventListener("hashchange", resolve, { once: true });
  location.hash = `#m${seq}`;
})"""
ARRIVED = f"""(seq) => document.querySelector(
  `#timeline [data-seq="${{seq}}"], .timeline-note, {STOPS}`)"""
GONE = "(forged) => !document.body.textContent.includes(forged)"
RETURN = "() => document.querySelector('#to-newest:not([hidden])')?.click()"
OLDER = "() => document.querySelector('.timeline-older button')?.click()"


class JumpingBrowser(BrowserVictim):
    """Gets single messages from the server, and none beside those that it asks for, until it has
    gone to some and back to the newest one by the button. It reads the others when it is asked.
    What only a comparison with another message betrays is refused once both were read.
    """

    async def sign_up(self, name: str) -> None:
        await super().sign_up(name)
        self._hostile.pieces = 1

    async def join(self, link: str, room: str) -> None:
        with self._hostile.holding_back():
            await super().join(link, room)
            await self._jump_about(room)
        await self._return()

    async def restart(self, room: str) -> None:
        with self._hostile.holding_back():
            await super().restart(room)
            await self._jump_about(room)
        await self._return()

    async def see(self, room: str) -> Seen:
        await self.page.evaluate(RETURN)
        await self.page.evaluate(OLDER)
        return await super().see(room)

    async def _jump_about(self, room: str) -> None:
        opened = await self.page.wait_for_function(OPENED, timeout=WITHIN * 1000)
        if await opened.json_value() != "more":
            return
        for seq in JUMPS:
            await self.page.evaluate(GO, seq)
            await self.page.wait_for_function(ARRIVED, arg=seq)
        # Until then the first message stood by itself; the list of rooms follows the conversation.
        await self.page.wait_for_function(GONE, arg=FORGED)
        await super().see(room)

    async def _return(self) -> None:
        await self.page.evaluate(RETURN)
        await self.page.locator("#to-newest").wait_for(state="hidden")
