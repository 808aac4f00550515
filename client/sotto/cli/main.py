"""The command's entry point, and its exit codes."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from sotto.api import ApiError
from sotto.cli import messages
from sotto.cli.arguments import parser, with_joined_keys
from sotto.cli.site import DifferentSite
from sotto.cli.terminal import UsageError, note
from sotto.keys.own_keys import KeysNotPublished
from sotto.profile.private_dir import ProfileDirError
from sotto.protocol.encoding import WireError
from sotto.room_errors import (
    Blocked,
    Closed,
    FormerMember,
    Frozen,
    KeysReplaced,
    Namesake,
    NewerVersion,
    OlderKeys,
    PeerLeft,
    UnapprovedKeys,
)

DONE, REFUSED, USAGE, NETWORK, SECURITY, STOPPED = 0, 1, 2, 3, 4, 130
UNREACHABLE = {"unavailable", "failed"}
WAY_OUT = (
    "`sotto export ROOM FILE` saves the evidence; `sotto accept-server-version ROOM` continues "
    "with what the server has now."
)
PUBLISH_AGAIN = "Your keys are still here: `sotto publish-keys` publishes the same ones again."
NEW_KEYS = (
    "If that was you, bring them here: `sotto login NAME --kit FILE`. If not, change your "
    "password, log out everywhere in a browser, and tell your rooms."
)
NAMESAKE = (
    "Nothing is sent to either. Ask the person outside this chat, then run `sotto namesake NAME` "
    "with --accept or --refuse."
)
OLDER = "A member has to let them in with the newer key, or run `sotto accept-older-key ROOM NAME`."


def run() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    given = parser().parse_args(with_joined_keys(arguments))
    try:
        return asyncio.run(_until_stopped(given))
    except BrokenPipeError:  # the reader of the output has closed it
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
        return DONE if given.command is messages.tail else STOPPED
    except Exception as problem:
        code, text = _explain(problem)
        note(f"sotto: {text}")
        return code
    return DONE


def _explain(problem: Exception) -> tuple[int, str]:
    """The exit code and a sentence for a failure. Unexpected errors are raised again."""
    if isinstance(problem, UsageError):
        return USAGE, str(problem)
    if isinstance(problem, ApiError):
        unreachable = problem.status == 0 and problem.code in UNREACHABLE
        return (NETWORK if unreachable or problem.status >= 500 else REFUSED), problem.detail
    if isinstance(problem, FormerMember):
        return REFUSED, f"{problem}. `sotto export` writes what this profile keeps of it."
    if isinstance(problem, Blocked):
        return REFUSED, f"{problem} `sotto block {problem.name} --lift` does that."
    if isinstance(problem, Closed):
        return REFUSED, f"{problem}. Its messages are gone from the server."
    if isinstance(problem, PeerLeft):
        return REFUSED, f"{problem}. `sotto send @{problem.name} TEXT` begins a new one."
    if isinstance(problem, (ProfileDirError, NewerVersion, DifferentSite)):
        return REFUSED, str(problem)
    if isinstance(problem, TimeoutError):
        return REFUSED, "Nobody has let you in yet. Run the command again to keep waiting."
    text = _security_problem(problem)
    if text is None:
        raise problem
    return SECURITY, text


def _security_problem(problem: Exception) -> str | None:
    if isinstance(problem, Frozen):
        notice = "".join(f" {restored}" for restored in problem.restored[:1])
        return f"This room is frozen: {problem}.{notice} {WAY_OUT}"
    if isinstance(problem, Namesake):
        return f"Two accounts are called {problem}. {NAMESAKE}"
    if isinstance(problem, OlderKeys):
        return f"Older keys, of which newer ones exist: {problem}. {OLDER}"
    if isinstance(problem, UnapprovedKeys):
        return f"New keys that nobody approved: {problem}. See `sotto verify NAME`."
    if isinstance(problem, KeysReplaced):
        return f"{problem} {NEW_KEYS}"
    if isinstance(problem, KeysNotPublished):
        return f"{problem} {PUBLISH_AGAIN}"
    if isinstance(problem, WireError):
        return f"This cannot be verified: {problem}."
    return None
