"""The commands and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from sotto.cli import (
    account,
    bots,
    exports,
    hooks,
    members,
    messages,
    reports,
    room_admin,
    rooms,
    search,
    site,
    summaries,
    trust,
)
from sotto.cli.context import Command
from sotto.protocol.report import REASONS

EPILOG = """exit codes: 0 done, 1 refused, 2 wrong usage, 3 the server cannot be reached,
4 the server or a key cannot be trusted. SOTTO_SERVER, SOTTO_HOME and SOTTO_PASSWORD
give the server, the profile's folder and the password, SOTTO_CA the authority."""

KEYS = {"--key", "--worker", "--report-key"}
"""Options whose value is a key in base64url."""


def parser() -> argparse.ArgumentParser:
    """The parser; what it returns holds the command's function as `command`."""
    top = argparse.ArgumentParser(
        prog="sotto", description="End-to-end encrypted group chat.", epilog=EPILOG
    )
    top.add_argument("--server", metavar="URL", help="default: the profile's")
    top.add_argument("--home", metavar="DIR", help="the profile's folder")
    top.add_argument(
        "--ca", metavar="FILE", help="PEM certificates to trust beside the system's authorities"
    )
    top.add_argument("--version", action="version", version=f"sotto {_version()}")
    _Commands(top).add_all()
    return top


def with_joined_keys(arguments: Sequence[str]) -> list[str]:
    """Write `--key VALUE` as `--key=VALUE`: one key in 64 begins with a dash, which would be taken
    for an option.
    """
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in KEYS:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _version() -> str:
    try:
        return version("sotto-client")
    except PackageNotFoundError:
        return "(not installed: run from its source)"


class _Commands:
    def __init__(self, top: argparse.ArgumentParser) -> None:
        self._top = self._commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add_all(self) -> None:
        self._add_account()
        self._add_rooms()
        self._add_members()
        self._add_summary()
        self._add_messages()
        self._add_reports()
        self._add_search()
        self._add_exports()
        self._add_trust()
        self._add_site()
        self._add_bots()
        self._add_hooks()

    def _add(self, command: Command, *names: str) -> argparse.ArgumentParser:
        """Add a command named like its function, with positional arguments."""
        text = str(command.__doc__)
        made = self._commands.add_parser(
            command.__name__.strip("_").replace("_", "-"),
            help=text.splitlines()[0],
            description=text,
        )
        made.set_defaults(command=command)
        for argument in names:
            made.add_argument(argument.lower(), metavar=argument)
        return made

    def _add_account(self) -> None:
        signup = self._add(account.signup, "NAME")
        signup.add_argument("--kit", metavar="FILE", help="where to write the recovery kit")
        signup.add_argument(
            "--link",
            help="an invitation link, if the server requires one; - reads it from standard input",
        )
        login = self._add(account.login, "NAME")
        how = login.add_mutually_exclusive_group()
        how.add_argument("--kit", metavar="FILE", help="take the keys from a recovery kit")
        how.add_argument("--code", action="store_true", help="take them from the server's kit")
        how.add_argument("--new-keys", action="store_true", help="the old ones are lost or stolen")
        self._add(account.logout)
        kit = self._add(account.kit)
        kit.add_argument("file", metavar="FILE", nargs="?")
        kit.add_argument("--store", action="store_true", help="a sealed copy on the server")
        forget = self._add(account.forget)
        forget.add_argument("room", metavar="ROOM", nargs="?")
        forget.add_argument("--all", action="store_true", help="the profile, with your keys")
        forget.add_argument("--yes", metavar="NAME", help="the account's name")
        self._add(account.publish_keys).add_argument(
            "--password", action="store_true", help="ask for it: the keys were reset before"
        )

    def _add_rooms(self) -> None:
        self._add(rooms.rooms).add_argument("--json", action="store_true")
        create = self._add(rooms.create, "NAME")
        create.add_argument("--topic", default="")
        create.add_argument("--join", choices=["link", "approve"], default="link")
        create.add_argument("--history", choices=["all", "join"], default="all")
        invite = self._add(rooms.invite, "ROOM")
        invite.add_argument("--uses", type=int, default=1, metavar="N")
        invite.add_argument("--hours", type=float, default=24, metavar="H")
        links = self._add(room_admin.links, "ROOM")
        links.add_argument("--end", metavar="LINK", help="nobody joins by it any more")
        self._add(rooms.preview, "LINK")
        self._add(rooms.join, "LINK").add_argument("--wait", type=float, metavar="SECONDS")
        self._add(rooms.accept, "ROOM")
        leave = self._add(rooms.leave, "ROOM")
        leave.add_argument("--owner", metavar="NAME", help="who takes over a room of yours")
        leave.add_argument("--yes", action="store_true", help="do not ask")
        self._add(rooms.put_away, "ROOM")
        self._add(rooms.policy, "ROOM").add_argument(
            "changes", metavar="FIELD=VALUE", nargs="*", help="such as history=join"
        )
        profile = self._add(room_admin.profile, "ROOM")
        profile.add_argument("--name")
        profile.add_argument("--topic")
        picture = profile.add_mutually_exclusive_group()
        picture.add_argument("--picture", metavar="FILE", help="sent as it is")
        picture.add_argument("--no-picture", action="store_true")
        self._add(room_admin.renew_key, "ROOM")
        self._add(room_admin.hand_over, "ROOM")
        self._add(room_admin.close, "ROOM").add_argument("--yes", metavar="ID", help="its whole id")

    def _add_members(self) -> None:
        self._add(members.members, "ROOM")
        knocks = self._add(members.knocks, "ROOM")
        answer = knocks.add_mutually_exclusive_group()
        answer.add_argument("--let-in", metavar="NAME")
        answer.add_argument("--refuse", metavar="NAME")
        self._add(members.add, "ROOM", "NAME")
        remove = self._add(members.remove, "ROOM", "NAME")
        remove.add_argument("--ban", action="store_true", help="no link lets them back in")
        ban = self._add(members.ban, "ROOM", "NAME")
        ban.add_argument("--lift", action="store_true", help="let them return by a link")
        self._add(members.role, "ROOM", "NAME").add_argument(
            "role", metavar="ROLE", choices=["owner", "moderator", "member"]
        )
        successor = self._add(members.successor, "ROOM")
        successor.add_argument("name", metavar="NAME", nargs="?", help="by default nobody")
        self._add(members.take_over, "ROOM")

    def _add_summary(self) -> None:
        summary = self._add(summaries.summary, "ROOM")
        summary.add_argument("--first", type=int, default=1, metavar="SEQ")
        summary.add_argument("--last", type=int, metavar="SEQ")
        summary.add_argument("--lang", default="", metavar="TAG", help="such as de or pt-BR")
        summary.add_argument("--worker", metavar="KEY", help="trust this worker and no other")
        summary.add_argument("--shared", action="store_true", help="those that members shared")

    def _add_messages(self) -> None:
        send = self._add(messages.send, "ROOM")
        send.add_argument("text", metavar="TEXT", nargs="?", help="- reads standard input")
        what = send.add_mutually_exclusive_group()
        what.add_argument("--file", metavar="PATH", help="send this file unchanged")
        what.add_argument("--re", type=int, metavar="SEQ", help="the message that it answers")
        poll = self._add(messages.poll, "ROOM", "QUESTION")
        poll.add_argument("option", metavar="ANSWER", nargs="+")
        poll.add_argument("--multi", action="store_true", help="several may be chosen")
        vote = self._add(messages.vote, "ROOM")
        vote.add_argument("seq", metavar="SEQ", type=int, help="the poll's number")
        vote.add_argument("pick", metavar="N", type=int, nargs="*", help="the first answer is 1")
        self._add(messages.read, "ROOM")
        self._add_changes()
        fetch = self._add(messages.fetch, "ROOM")
        fetch.add_argument("seq", metavar="SEQ", type=int, help="the message's number")
        fetch.add_argument("to", metavar="PATH", nargs="?", default=".")
        fetch.add_argument("-n", type=int, default=1, metavar="N", help="which of its files")
        for command, last in ((messages.tail, 10), (messages.history, 0)):
            made = self._add(command, "ROOM")
            made.add_argument("-n", type=int, default=last, metavar="N", help="how many, 0 for all")
            made.add_argument("--json", action="store_true", help="one JSON object per line")
            if command is messages.history:
                made.add_argument("--since", type=datetime.fromisoformat, metavar="DATE")

    def _add_changes(self) -> None:
        """Commands that change the message with a number."""
        edit, delete, react, pin = (
            self._add(command, "ROOM")
            for command in (messages.edit, messages.delete, messages.react, messages.pin)
        )
        for made in (edit, delete, react, pin):
            made.add_argument("seq", metavar="SEQ", type=int, help="the message's number")
        edit.add_argument("text", metavar="TEXT", help="- reads standard input")
        react.add_argument("emoji", metavar="EMOJI")
        for made in (react, pin):
            made.add_argument("--off", action="store_true", help="take it back")

    def _add_reports(self) -> None:
        report = self._add(reports.report, "ROOM")
        report.add_argument("seq", metavar="SEQ", type=int, help="the message's number")
        report.add_argument("--to", choices=["room", "site"], default="room")
        report.add_argument("--why", choices=REASONS, default="abuse")
        report.add_argument("--note", default="", metavar="TEXT", help="for who handles it")
        report.add_argument("--report-key", metavar="KEY", help="trust this key of the site's")
        self._add(reports.reports, "ROOM").add_argument(
            "--handled", nargs=2, metavar=("REPORT", "OUTCOME"), help="dismissed, erased, removed …"
        )

    def _add_search(self) -> None:
        find = self._add(search.search, "ROOM")
        find.add_argument("query", metavar="QUERY", nargs="+", help="ROOM may be - for all rooms")
        find.add_argument("--best", action="store_true", help="the best first, not the newest")
        find.add_argument("-n", type=int, default=20, metavar="N", help="how many, 0 for all")
        find.add_argument("--json", action="store_true", help="one JSON object per line")
        self._add(search.index, "ROOM")

    def _add_exports(self) -> None:
        export = self._add(exports.export, "ROOM", "FILE")
        export.add_argument("--html", action="store_true", help="to read, not to check")
        self._add(exports.check_export, "FILE")

    def _add_trust(self) -> None:
        self._add(trust.verify, "NAME").add_argument(
            "--mark", action="store_true", help="the numbers are equal: trust this key"
        )
        namesake = self._add(trust.namesake, "NAME").add_mutually_exclusive_group()
        namesake.add_argument("--accept", action="store_true", help="it is another person")
        namesake.add_argument("--refuse", action="store_true", help="never write to it")
        self._add(trust.block, "NAME").add_argument(
            "--lift", action="store_true", help="write to them again"
        )
        self._add(trust.blocked)
        self._add(trust.accept_older_key, "ROOM", "NAME")
        self._add(rooms.accept_server_version, "ROOM").add_argument(
            "--yes", action="store_true", help="do not ask"
        )

    def _add_site(self) -> None:
        verify_site = self._add(site.verify_site, "URL")
        verify_site.add_argument(
            "--key", required=True, help="the release's Ed25519 public key: base64url, or a file"
        )
        verify_site.add_argument(
            "--manifest", metavar="FILE", help="the release's manifest; default: the site's copy"
        )
        verify_site.add_argument(
            "--profile", action="store_true", help="compare as the profile's account, too"
        )

    def _add_bots(self) -> None:
        """`sotto bot …`, with commands of its own."""
        text = "bots, which are accounts of programs: create, token, list, revoke, delete, login"
        group = self._top.add_parser("bot", help=text, description=text)
        self._commands = group.add_subparsers(required=True, metavar="COMMAND")
        for command in (bots.create, bots.token):
            made = self._add(command, "NAME")
            made.add_argument(
                "--scope",
                action="append",
                choices=["send", "rooms"],
                help="beside reading; may be repeated; default: both",
            )
            made.add_argument("--days", type=int, default=90, metavar="N", help="at most 366")
        self._add(bots.list_).add_argument("--json", action="store_true")
        revoke = self._add(bots.revoke, "NAME")
        revoke.add_argument("token", metavar="TOKEN", nargs="?")
        revoke.add_argument("--all", action="store_true", help="every token of the bot")
        self._add(bots.delete, "NAME").add_argument("--yes", metavar="NAME", help="the name again")
        self._add(bots.login)
        self._commands = self._top

    def _add_hooks(self) -> None:
        """`sotto hook …`, and the program that serves them."""
        serve = self._add(hooks.serve_hook)
        serve.add_argument("--host", default="127.0.0.1", help="default: this machine alone")
        serve.add_argument("--port", type=int, default=8765, metavar="N", help="0 for any")
        text = "ways into rooms for programs, which `sotto serve-hook` serves: add, list, remove"
        group = self._top.add_parser("hook", help=text, description=text)
        self._commands = group.add_subparsers(required=True, metavar="COMMAND")
        self._add(hooks.add, "NAME", "ROOM").add_argument(
            "--template",
            default="",
            metavar="TEXT",
            help="fields of the JSON in braces: 'Build {number}: {status}'; default: {text}",
        )
        self._add(hooks.list_)
        self._add(hooks.remove, "NAME")
        self._commands = self._top
