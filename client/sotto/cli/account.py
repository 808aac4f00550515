"""Commands of the account and its keys."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sotto.api import ApiError
from sotto.cli.context import find_room, logged_in, open_client, read_link
from sotto.cli.output_files import read_text, write_new
from sotto.cli.terminal import UsageError, note, say, second_factor, secret
from sotto.client import Client

KIT_ADVICE = "Only this folder has your keys. Run `sotto kit FILE` now to write a recovery kit."


async def signup(given: Namespace) -> None:
    """create an account and keep its keys in the profile"""
    password = secret(f"Password for {given.name}: ", "SOTTO_PASSWORD")
    link = read_link(given.link) if given.link else ""
    async with open_client(given) as client:
        await client.account.sign_up(given.name, password, link=link)
        if given.kit:
            write_new(Path(given.kit), client.account.recovery_kit())
        else:
            note(KIT_ADVICE)


async def login(given: Namespace) -> None:
    """log in with the profile's keys, or with those of a recovery kit"""
    password = secret(f"Password for {given.name}: ", "SOTTO_PASSWORD")
    kit = read_text(Path(given.kit)) if given.kit else ""
    if given.code:
        kit = secret("Recovery code: ", "SOTTO_CODE")
    async with open_client(given) as client:
        try:
            await _log_in(client, given, password, kit)
        except ApiError as error:
            if error.code != "second_factor":
                raise
            await _log_in(client, given, password, kit, second_factor())
        if given.new_keys:
            asked = await client.members.ask_back_in()
            note(f"Rooms in which a member has to confirm your new keys: {len(asked)}.")


async def _log_in(
    client: Client, given: Namespace, password: str, kit: str, code: str = ""
) -> None:
    if given.new_keys:
        await client.account.reset_keys(given.name, password, code=code)
    elif kit:
        await client.account.restore(given.name, password, kit, code=code)
    else:
        await client.account.log_in(given.name, password, code=code)


async def logout(given: Namespace) -> None:
    """end this login; the profile keeps its keys"""
    async with open_client(given) as client:
        await client.account.log_out()


async def kit(given: Namespace) -> None:
    """write the recovery kit; only it can restore your keys

    With --store the server keeps a sealed copy, and the code that opens it is printed:
    `sotto login NAME --code` asks for it. It takes the place of an earlier copy.
    """
    if not given.file and not given.store:
        raise UsageError("Name a file for the kit, or say --store.")
    async with logged_in(given) as client:
        if given.file:
            write_new(Path(given.file), client.account.recovery_kit())
        if given.store:
            say(await client.account.store_recovery_kit())


async def forget(given: Namespace) -> None:
    """delete what this profile keeps of a room that you are no longer in, its keys included

    With --all the whole profile: it signs out and deletes the account's keys here. Then only a
    recovery kit, or another device, has them.
    """
    if given.all == (given.room is not None):
        raise UsageError("Name a room, or say --all.")
    if given.all:
        await _forget_profile(given)
        return
    async with logged_in(given) as client:
        await client.rooms.forget((await find_room(client, given.room, former=True)).id)


async def _forget_profile(given: Namespace) -> None:
    async with open_client(given) as client:
        profile_dir = client.session.profile_dir
        account = profile_dir.account() if profile_dir is not None else None
        if profile_dir is None or account is None:
            raise UsageError("There are no keys in this profile.")
        if given.yes != account.name:
            raise UsageError(
                "Nothing was deleted. Without a recovery kit (`sotto kit FILE`) these keys are "
                f"gone for good. To delete them, say --yes {account.name}."
            )
        try:
            await client.account.log_out()
        except ApiError as error:
            note(f"The login on the server was not ended: {error.detail}")
    profile_dir.delete()


async def publish_keys(given: Namespace) -> None:
    """publish this profile's keys again if the server has lost them; never new ones"""
    async with open_client(given) as client:
        password = secret("Password: ", "SOTTO_PASSWORD") if given.password else None
        await client.account.publish_keys(password)
