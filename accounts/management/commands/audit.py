"""The audit log, from the command line: check that nobody changed it, and export it.

`verify` ends with exit code 1 if it finds something. Note the head that it prints in another place:
`verify --expect NUMBER:HASH` then also finds a log that was written anew as a whole.
"""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from accounts.audit import checking
from accounts.audit.recording import record
from accounts.audit.sealing import seal
from chatsite.lib.commands import SiteCommand


class Command(SiteCommand):
    help = __doc__

    def add_subcommands(self, subparsers: Any) -> None:
        verified = subparsers.add_parser("verify", help="check the chain of entries")
        verified.add_argument(
            "--expect",
            type=_number_and_hash,
            metavar="NUMBER:HASH",
            help="an entry that an earlier check named, which must be there",
        )
        exported = subparsers.add_parser("export", help="print sealed entries, one a line")
        exported.add_argument(
            "--after", type=int, default=0, metavar="NUMBER", help="only those after this one"
        )
        subparsers.add_parser("seal", help="seal new entries now; a server does it every second")

    def do_verify(self, expect: tuple[int, str] | None, **options: Any) -> None:
        report = checking.verify(expect)
        self.answer(_text(report), asdict(report))
        if report.findings:
            raise CommandError(f"The audit log has {len(report.findings)} findings.")

    def do_export(self, after: int, **options: Any) -> None:
        record("audit.exported", after=after)
        entries = map(checking.exported, checking.entries_from(after))
        if self.json:
            self.answer("", list(entries))
            return
        for entry in entries:
            self.stdout.write(json.dumps(entry, separators=(",", ":")))

    def do_seal(self, **options: Any) -> None:
        many = seal()
        self.answer(f"{many} entries sealed.", {"sealed": many})


def _text(report: checking.Report) -> str:
    lines = [f"{report.sealed} entries are sealed, {report.unsealed} are not yet."]
    if report.last:
        lines.append(f"Head: {report.last}:{report.head}")
    return "\n".join([*lines, *report.notes, *(report.findings or ["Nothing was changed."])])


def _number_and_hash(text: str) -> tuple[int, str]:
    number, _, hashed = text.partition(":")
    if not number.isdecimal() or len(hashed) != 64:
        raise ArgumentTypeError("give NUMBER:HASH, as `audit verify` prints it")
    return int(number), hashed
