"""Terminal input and output. Nothing in a message may control the terminal."""

from __future__ import annotations

import getpass
import os
import sys
import time
import unicodedata

from sotto.conversation import Message, moment
from sotto.names import file_name, safe_name
from sotto.protocol.attachments import Attachment
from sotto.room import Room

WIDTH = 30
DRAW_EVERY = 0.1  # seconds
STEERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class UsageError(Exception):
    """The command's arguments cannot be used; the text is for people."""


def say(text: str = "") -> None:
    """Print a line of output."""
    print(text, flush=True)  # noqa: T201


def note(text: str) -> None:
    """Print a line on standard error: for people, not for pipes."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def secret(prompt: str, variable: str) -> str:
    """Read a secret from the environment, or prompt for it without echo.

    Raises:
        UsageError: there is no terminal to prompt at.
    """
    given = os.environ.get(variable)
    if given:
        return given
    if not sys.stdin.isatty():
        raise UsageError(f"There is no terminal to ask at. Set {variable}.")
    return getpass.getpass(prompt)


def second_factor() -> str:
    """Read a code as `secret` does."""
    return secret("Code of your authenticator app, or a recovery code: ", "SOTTO_SECOND_FACTOR")


def confirmed(question: str) -> bool:
    """Ask a yes-or-no question; no without a terminal."""
    return sys.stdin.isatty() and input(question).strip().lower() in ("y", "yes")


def printable(text: str) -> str:
    """Text without characters that move the cursor or change the writing direction."""
    return "".join(
        "\ufffd"
        if (unicodedata.category(char) == "Cc" and char != "\n") or char in STEERING
        else char
        for char in text.expandtabs(4)
    )


def label(room: Room) -> str:
    """A room's name; of a direct room the other person's."""
    if room.state.kind == "direct":
        others = [uid for uid in room.state.spans if uid != room.me.uid]  # also one who left
        return f"@{room.name_of(others[0])}" if others else "@nobody"
    return safe_name(room.name) or "(no name yet)"


def line(message: Message) -> str:
    """A message as text. Its further lines are indented, so none looks like another message."""
    when = moment(message.ts).astimezone() if message.ts else None
    parts = [when.strftime("%Y-%m-%d %H:%M") if when else "----------------"]
    parts.append(message.name or "?")
    if message.reply_to:
        parts.append(f"(to {message.reply_to})")
    text = printable(_body(message)).replace("\n", "\n    ")
    marks = "".join(
        f"  [{mark}]"
        for mark, here in (
            ("edited", message.edited),
            ("messages missing before this", message.missing),
            (f"{message.name} saw a different conversation", message.other_view),
        )
        if here
    )
    reacted = "".join(
        f"  {printable(emoji)}{len(uids)}" for emoji, uids in message.reactions.items()
    )
    return f"{message.seq:>5}  {' '.join(parts)}: {text}{marks}{reacted}"


def _body(message: Message) -> str:
    content = message.content
    if message.kind == "poll":
        votes = [pick for picks in message.votes.values() for pick in picks]
        options = (
            f"{at + 1}. {one}  ({votes.count(at)})" for at, one in enumerate(content["options"])
        )
        return "\n".join([message.text, *options])
    if message.kind in ("edit", "react", "pin", "vote"):
        return f"({_change(message)} {content['of'][0]})" + (
            f" {message.text}" * bool(message.text)
        )
    if message.kind == "delete":
        return f"(deletes {', '.join(str(seq) for seq, _ in content['of'])})"
    named = [f"[file {at}: {_about(file)}]" for at, file in enumerate(message.files, 1)]
    return "\n".join([*([message.line] if message.line else []), *named])


def _about(file: Attachment) -> str:
    """A file's name and size in one line."""
    name, size = "".join(file_name(file.name)), file.size
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{name}, {size} {unit}"
        size = round(size / 1000)
    return f"{name}, {size} GB"


def _change(message: Message) -> str:
    content = message.content
    if message.kind == "react":
        return f"{content['emoji']} on" if content["on"] else f"takes {content['emoji']} from"
    if message.kind == "pin":
        return "pins" if content["on"] else "takes the pin from"
    return "edits" if message.kind == "edit" else "votes on"


class ProgressBar:
    """A progress bar on standard error, if that is a terminal. Call it with (done, total)."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = sys.stderr.isatty()
        self._drawn = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Draw the bar, at most once per DRAW_EVERY seconds before the end."""
        now = time.monotonic()
        if not self._shown or (done < total and now - self._drawn < DRAW_EVERY):
            return
        self._drawn = now
        filled = WIDTH * done // max(total, 1)
        bar = "█" * filled + "░" * (WIDTH - filled)
        sys.stderr.write(f"\r\033[K{self._what} {bar} {done} of {total}")
        if done >= total:
            sys.stderr.write("\r\033[K")
        sys.stderr.flush()
