"""`python -m scripts.demo`: fill the site of this environment with the demo. Development only.

The last thing it writes is kit.json in the demo's folder. If it is interrupted, the next run begins
the rooms again.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import django

from scripts.demo.story import Story, read_story

HERE = Path(__file__).resolve().parent
KIT, PROGRESS = "kit.json", "progress.json"
END_WITHIN = 600  # seconds


class Teller:
    """Says how far the demo is: in the terminal, and in a file for the page that waits."""

    def __init__(self, folder: Path, total: int) -> None:
        self._path = folder / PROGRESS
        self._total = total
        self._done = 0
        self._terminal = sys.stderr.isatty()
        self._parent = os.getppid()
        self._note(failed=False)

    def __call__(self) -> None:
        if os.getppid() != self._parent:
            sys.exit("The server is gone.")  # killed: the next one starts a player of its own
        self._done += 1
        self._note(failed=False)
        if self._terminal:
            self.show(f"Filling the demo: {self._done} of {self._total} messages", end="")

    def fail(self, why: str) -> None:
        self._note(failed=True)
        self.show(f"The demo was not made ({why}). The next start tries again.")

    def show(self, text: str, end: str = "\n") -> None:
        """Over the line before, where that can be."""
        print("\r\033[K" * self._terminal + text, end=end, file=sys.stderr, flush=True)

    def _note(self, *, failed: bool) -> None:
        noted = {"done": self._done, "total": self._total, "failed": failed}
        _write(self._path, json.dumps(noted))


def main() -> int:
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.conf import settings

    if not settings.DEBUG:
        print("The demo is for development: set DEBUG=1.", file=sys.stderr)
        return 1
    folder: Path = settings.DEMO_DIR
    folder.mkdir(mode=0o700, exist_ok=True)
    stories = [read_story(path) for path in sorted(HERE.glob("*.txt"))]
    tell = Teller(folder, sum(story.messages for story in stories))
    began = time.monotonic()
    try:
        kit = _fill(settings.PUBLIC_URL, folder, stories, tell)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        tell.fail(str(error) or type(error).__name__)
        return 1
    _write(folder / KIT, kit)
    took = time.monotonic() - began
    tell.show(
        f"The demo is ready after {took:.0f} s: {settings.PUBLIC_URL}, “Try the demo account”."
    )
    return 0


def _fill(url: str, folder: Path, stories: list[Story], tell: Teller) -> str:
    # Importable only now that Django is set up; the clock only where `make dev` has installed it.
    from scripts.demo.play import play_all
    from scripts.demo.site import PrivateSite

    async def play() -> str:
        async with asyncio.timeout(END_WITHIN):
            return await play_all(url, folder, site, stories, tell)

    with PrivateSite() as site:
        return asyncio.run(play())


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text)
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
