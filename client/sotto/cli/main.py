"""The command `sotto`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from sotto.api import ApiError
from sotto.cli import commands
from sotto.cli.terminal import Usage, note
from sotto.own_keys import KeysNotPublished
from sotto.private_dir import HomeError
from sotto.protocol.encoding import WireError
from sotto.room import Closed, Frozen, NewerVersion, UnapprovedKeys
from sotto.trust import Namesake, OlderKeys

DONE, REFUSED, USAGE, NETWORK, SECURITY, STOPPED = 0, 1, 2, 3, 4, 130
AWAY = {"unavailable", "failed"}
EPILOG = """exit codes: 0 done, 1 refused, 2 wrong usage, 3 the server cannot be reached,
4 the server or a key cannot be trusted. SOTTO_SERVER, SOTTO_HOME and SOTTO_PASSWORD
give the server, the profile's folder and the password."""


def run() -> None:
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    given = parser().parse_args(arguments)
    try:
        return asyncio.run(_until_stopped(given))
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return STOPPED


async def _until_stopped(given: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await given.command(given)
    except asyncio.CancelledError:
        return DONE if given.command is commands.tail else STOPPED
    except Exception as problem:
        code, text = _explained(problem)
        note(f"sotto: {text}")
        return code
    return DONE


def _explained(problem: Exception) -> tuple[int, str]:
    """The exit code and a sentence for what went wrong; what nobody foresaw goes on."""
    if isinstance(problem, Usage):
        return USAGE, str(problem)
    if isinstance(problem, ApiError):
        away = (problem.status == 0 and problem.code in AWAY) or problem.status >= 500
        return (NETWORK if away else REFUSED), problem.detail
    if isinstance(problem, Frozen):
        said = "".join(f" {restored}" for restored in problem.restored[:1])
        return SECURITY, f"This room is frozen: {problem}.{said} {commands.WAY_OUT}"
    if isinstance(problem, UnapprovedKeys):
        return SECURITY, _doubted(problem)
    if isinstance(problem, KeysNotPublished):
        return SECURITY, f"{problem} {commands.PUBLISH_AGAIN}"
    if isinstance(problem, WireError):
        return SECURITY, f"This cannot be believed: {problem}."
    if isinstance(problem, (HomeError, NewerVersion, Closed)):
        return REFUSED, str(problem)
    if isinstance(problem, TimeoutError):
        return REFUSED, "Nobody has let you in yet. Run it again to go on waiting."
    raise problem


def _doubted(problem: UnapprovedKeys) -> str:
    if isinstance(problem, Namesake):
        return f"Two accounts are called {problem}. {commands.NAMESAKE}"
    if isinstance(problem, OlderKeys):
        return f"Older keys, of which newer ones exist: {problem}. {commands.OLDER}"
    return f"New keys that nobody approved: {problem}. See `sotto verify NAME`."


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="sotto", description="End-to-end encrypted group chat.", epilog=EPILOG
    )
    top.add_argument("--server", metavar="URL", help="default: the profile's")
    top.add_argument("--home", metavar="DIR", help="the profile's folder")
    _Commands(top).fill()
    return top


class _Commands:
    def __init__(self, top: argparse.ArgumentParser) -> None:
        self._under = top.add_subparsers(required=True, metavar="COMMAND")

    def fill(self) -> None:
        self._account()
        self._rooms()
        self._messages()
        self._trust()

    def _new(self, command: commands.Command, *names: str) -> argparse.ArgumentParser:
        """A command named like its function, with positional arguments."""
        name = command.__name__.rstrip("_").replace("_", "-")
        text = str(command.__doc__)
        made = self._under.add_parser(name, help=text.splitlines()[0], description=text)
        made.set_defaults(command=command)
        for argument in names:
            made.add_argument(argument.lower(), metavar=argument)
        return made

    def _account(self) -> None:
        signup = self._new(commands.signup, "NAME")
        signup.add_argument("--kit", metavar="FILE", help="where to put the recovery kit")
        signup.add_argument(
            "--link",
            help="an invitation link, where the server asks for one; - reads it from "
            "standard input",
        )
        login = self._new(commands.login, "NAME")
        how = login.add_mutually_exclusive_group()
        how.add_argument("--kit", metavar="FILE", help="bring the keys from a recovery kit")
        how.add_argument("--code", action="store_true", help="bring them from the server's kit")
        how.add_argument("--new-keys", action="store_true", help="the old ones are lost or stolen")
        self._new(commands.logout)
        self._new(commands.kit, "FILE")
        self._new(commands.publish_keys).add_argument(
            "--password", action="store_true", help="ask for it: the keys were reset before"
        )

    def _rooms(self) -> None:
        self._new(commands.rooms).add_argument("--json", action="store_true")
        self._new(commands.members, "ROOM")
        create = self._new(commands.create, "NAME")
        create.add_argument("--topic", default="")
        create.add_argument("--join", choices=["link", "approve"], default="link")
        create.add_argument("--history", choices=["all", "join"], default="all")
        invite = self._new(commands.invite, "ROOM")
        invite.add_argument("--uses", type=int, default=1, metavar="N")
        invite.add_argument("--hours", type=float, default=24, metavar="H")
        self._new(commands.join, "LINK").add_argument("--wait", type=float, metavar="SECONDS")
        knocks = self._new(commands.knocks, "ROOM")
        knocks.add_argument("--let-in", metavar="NAME")
        remove = self._new(commands.remove, "ROOM", "NAME")
        remove.add_argument("--ban", action="store_true", help="no link lets them back in")
        ban = self._new(commands.ban, "ROOM", "NAME")
        ban.add_argument("--lift", action="store_true", help="let them come back by a link")
        self._new(commands.role, "ROOM", "NAME").add_argument(
            "role", metavar="ROLE", choices=["owner", "moderator", "member"]
        )
        successor = self._new(commands.successor, "ROOM")
        successor.add_argument("name", metavar="NAME", nargs="?", help="left out: nobody")
        self._new(commands.take_over, "ROOM")

    def _messages(self) -> None:
        summary = self._new(commands.summary, "ROOM")
        summary.add_argument("--first", type=int, default=1, metavar="SEQ")
        summary.add_argument("--last", type=int, metavar="SEQ")
        summary.add_argument("--lang", default="", metavar="TAG", help="as de or pt-BR")
        summary.add_argument("--worker", metavar="KEY", help="believe this worker, and no other")
        summary.add_argument("--shared", action="store_true", help="those that members shared")
        send = self._new(commands.send, "ROOM")
        send.add_argument("text", metavar="TEXT", nargs="?", help="- reads standard input")
        send.add_argument("--file", metavar="PATH", help="send this file, as it is")
        fetch = self._new(commands.fetch, "ROOM")
        fetch.add_argument("seq", metavar="SEQ", type=int, help="the message's number")
        fetch.add_argument("to", metavar="PATH", nargs="?", default=".")
        fetch.add_argument("-n", type=int, default=1, metavar="N", help="which of its files")
        for command, last in ((commands.tail, 10), (commands.history, 0)):
            made = self._new(command, "ROOM")
            made.add_argument("-n", type=int, default=last, metavar="N", help="how many, 0 for all")
            made.add_argument("--json", action="store_true", help="a JSON object a line")
        search = self._new(commands.search, "ROOM")
        search.add_argument("query", metavar="QUERY", nargs="+", help="ROOM can be -, for all")
        search.add_argument("--best", action="store_true", help="the best first, not the newest")
        search.add_argument("-n", type=int, default=20, metavar="N", help="how many, 0 for all")
        search.add_argument("--json", action="store_true", help="a JSON object a line")
        self._new(commands.index, "ROOM")
        export = self._new(commands.export, "ROOM", "FILE")
        export.add_argument("--html", action="store_true", help="to read, not to check")
        self._new(commands.check_export, "FILE")

    def _trust(self) -> None:
        self._new(commands.verify, "NAME").add_argument(
            "--mark", action="store_true", help="the numbers are the same: trust this key"
        )
        settle = self._new(commands.namesake, "NAME").add_mutually_exclusive_group()
        settle.add_argument("--accept", action="store_true", help="it is another person")
        settle.add_argument("--refuse", action="store_true", help="never write to it")
        self._new(commands.accept_older_key, "ROOM", "NAME")
        self._new(commands.accept_server_version, "ROOM").add_argument(
            "--yes", action="store_true", help="do not ask"
        )
