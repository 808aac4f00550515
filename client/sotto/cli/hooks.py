"""Commands about hooks: ways into rooms for programs on this machine."""

from __future__ import annotations

import asyncio
import os
from argparse import Namespace

from sotto.cli.context import find_room, logged_in, open_client
from sotto.cli.terminal import UsageError, note, say
from sotto.client import Client
from sotto.hooks.server import HookServer
from sotto.hooks.store import Hooks, Spool
from sotto.profile.profile_dir import ProfileDir

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


async def add(given: Namespace) -> None:
    """make a way into a room for a program; prints its secret, which is shown this once"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        try:
            say(Hooks(_profile(client)).add(given.name, room.id, given.template))
        except ValueError as problem:
            raise UsageError(str(problem)) from None


async def list_(given: Namespace) -> None:
    """list the profile's hooks"""
    async with logged_in(given) as client:
        for hook in Hooks(_profile(client)).all().values():
            say(f"{hook.name}  {hook.room}  {hook.template}".rstrip())


async def remove(given: Namespace) -> None:
    """delete a hook: its secret is good for nothing any more"""
    async with logged_in(given) as client:
        if not Hooks(_profile(client)).remove(given.name):
            raise UsageError("There is no such hook. `sotto hook list` has them.")


async def serve_hook(given: Namespace) -> None:
    """take texts and JSON by POST on this machine and send them into rooms, until Ctrl-C"""
    async with open_client(given) as client:
        token = os.environ.get("SOTTO_BOT_TOKEN")
        await (client.account.log_in_bot(token) if token else client.account.resume())
        profile = _profile(client)
        server = HookServer(client, Hooks(profile).all, Spool(profile, client.me), note)
        try:
            listening = await server.listen(given.host, given.port)
        except OSError as problem:
            raise UsageError(
                f"{given.host}:{given.port} cannot be listened on: {problem.strerror}."
            ) from None
        if given.host not in LOOPBACK:
            note("Others reach this: put a proxy with TLS before it, or secrets travel readably.")
        async with listening:
            host, port = listening.sockets[0].getsockname()[:2]
            say(f"http://{host}:{port}/")
            await asyncio.gather(server.deliver())


def _profile(client: Client) -> ProfileDir:
    profile = client.session.profile_dir
    assert profile is not None, "commands have a profile"
    return profile
