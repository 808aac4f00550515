"""Commands of `manage.py` for people and for programs: plain lines, or one JSON document."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatsite.lib.command_events import left_by_command
from chatsite.lib.errors import ChatError

FOLDER = "links"  # in the data folder; its files are readable by the owner alone


class SiteCommand(BaseCommand):
    """A command whose first argument names what to do. Refusals end it with one line.

    A subclass lists its subcommands in `add_subcommands` and has a method `do_NAME` for each, which
    takes the options as keywords and calls `answer` once.
    """

    json: bool = False

    def add_subcommands(self, subparsers: Any) -> None:
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        subparsers = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
        self.add_subcommands(subparsers)
        for one in subparsers.choices.values():
            one.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, what: str, json: bool, **options: Any) -> None:
        self.json = json
        try:
            with left_by_command():
                getattr(self, f"do_{what.replace('-', '_')}")(**options)
        except ChatError as error:
            raise CommandError(error.detail) from None

    def answer(self, text: str, facts: Any) -> None:
        """Print `facts` as JSON if that was asked for, else `text`."""
        self.stdout.write(json.dumps(facts, indent=2) if self.json else text)

    def table(self, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Print rows, in columns of equal width or as JSON."""
        found = list(rows)
        self.answer(_table(columns, found), found)

    def confirmed(self, name: str, yes: bool, warning: str) -> None:
        """Ask for the name again, unless `yes`.

        Raises:
            CommandError: another text was typed, or nobody can be asked.
        """
        if yes:
            return
        if self.json:
            raise CommandError("With --json nobody is asked: add --yes. Nothing was changed.")
        self.stdout.write(warning)
        try:
            typed = input(f"Type {name} to go on: ")
        except EOFError:
            raise CommandError("Nobody was there to ask: add --yes. Nothing was changed.") from None
        if typed != name:
            raise CommandError("Nothing was changed.")

    def hand_out(self, text: str, ending: str = "txt") -> dict[str, str]:
        """Give a secret to the operator: on the terminal, or else in a file of their own, because
        the output of a container or a service goes into logs.

        Call it within the transaction that makes the secret: one that reaches nobody is not made.

        Returns:
            What JSON says of it: the `file`, or the `secret` if it goes to a terminal.

        Raises:
            CommandError: the file cannot be written.
        """
        if self.stdout.isatty():
            return {"secret": text}
        folder: Path = settings.DATA_DIR / FOLDER
        path = folder / f"{secrets.token_hex(6)}.{ending}"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{text}\n")
        except OSError as error:
            with suppress(OSError):
                path.unlink()
            said = f"The file {path} cannot be written ({error.strerror}). Nothing was made."
            raise CommandError(said) from None
        return {"file": str(path)}


def forget_handed_out(lifetime: timedelta) -> int:
    """Delete files of secrets that were handed out longer ago than any is good; how many."""
    folder: Path = settings.DATA_DIR / FOLDER
    since = time.time() - lifetime.total_seconds()
    old = [path for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < since]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    texts = [[_shown(row[column]) for column in columns] for row in rows]
    lines = [list(columns), *texts]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "\n".join(padded)


def _shown(value: Any) -> str:
    """One line of printable text: a user's browser chooses some of these."""
    text = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else "?" for letter in text)
