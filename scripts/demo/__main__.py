"""`python -m scripts.demo URL FOLDER`: fill a development server with the demo.

The last thing it writes is FOLDER/kit.json. If it is interrupted, the next run goes on.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import httpx2

from scripts.demo.play import play_all
from scripts.demo.story import Story, read_story
from sotto.api import ApiError

HERE = Path(__file__).resolve().parent
KIT = "kit.json"
START_WITHIN = 60  # seconds, for a server that is still starting
END_WITHIN = 180


class Teller:
    """The progress line."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._terminal = sys.stderr.isatty()

    def __call__(self, is_message: bool) -> None:
        self._done += is_message
        if self._terminal:
            self.show(f"Filling the demo: {self._done} of {self._total} messages", end="")

    def show(self, text: str, end: str = "\n") -> None:
        """Over the line before, where that can be."""
        print("\r\033[K" * self._terminal + text, end=end, file=sys.stderr, flush=True)


def main(url: str, folder: Path) -> int:
    os.umask(0o077)
    began = time.monotonic()
    paths = sorted(HERE.glob("*.txt"))
    stories: dict[str, Story] = {path.stem: read_story(path) for path in paths}
    tell = Teller(sum(story.messages for story in stories.values()))
    try:
        kit = asyncio.run(_fill(url, folder, stories, tell))
    except (ApiError, TimeoutError) as problem:
        why = str(problem) or "it took too long"
        tell.show(f"The demo was not made ({why}). The next start tries again.")
        return 1
    except KeyboardInterrupt:
        return 130
    partial = folder / f".{KIT}.{os.getpid()}"
    partial.write_text(kit)
    partial.replace(folder / KIT)
    took = time.monotonic() - began
    tell.show(f"The demo is ready after {took:.0f} s: {url}, “Try the demo account”.")
    return 0


async def _fill(url: str, folder: Path, stories: dict[str, Story], tell: Teller) -> str:
    async with asyncio.timeout(START_WITHIN):
        await _answers(url)
    async with asyncio.timeout(END_WITHIN):
        return await play_all(url, folder, stories, tell)


async def _answers(url: str) -> None:
    async with httpx2.AsyncClient() as http:
        while True:
            try:
                await http.get(url)
                return
            except httpx2.TransportError:
                await asyncio.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/"), Path(sys.argv[2])))
