"""Commands about bots: those that you own, and how one logs in."""

from __future__ import annotations

import json
from argparse import Namespace

from sotto.bots import Bot
from sotto.cli.context import logged_in, open_client, user_name
from sotto.cli.terminal import UsageError, note, say, secret
from sotto.conversation import moment


async def create(given: Namespace) -> None:
    """make a bot and a token for it; prints the token, which is shown this once"""
    async with logged_in(given) as client:
        bot = await client.bots.create(user_name(given.name))
        say(await client.bots.make_token(bot.uid, _scopes(given), given.days))
        note(f"{bot.name} logs in by it: `SOTTO_BOT_TOKEN=… sotto --home DIR bot login`.")


async def token(given: Namespace) -> None:
    """make another token for a bot; prints it, which is shown this once"""
    async with logged_in(given) as client:
        bot = await client.bots.find(user_name(given.name))
        say(await client.bots.make_token(bot.uid, _scopes(given), given.days))


async def list_(given: Namespace) -> None:
    """list your bots and their tokens"""
    async with logged_in(given) as client:
        for bot in await client.bots.all():
            for text in _lines(bot, as_json=given.json):
                say(text)


def _lines(bot: Bot, *, as_json: bool) -> list[str]:
    if as_json:
        tokens = [{key: getattr(one, key) for key in one.__slots__} for one in bot.tokens]
        about = {"uid": bot.uid, "name": bot.name, "active": bot.active, "tokens": tokens}
        return [json.dumps(about)]
    lines = [bot.name + ("" if bot.active else "  (disabled)")]
    for one in bot.tokens:
        ends = f"ends {moment(one.expires):%Y-%m-%d}"
        used = f"used {moment(one.used):%Y-%m-%d}" if one.used is not None else "never used"
        lines.append(f"  {one.id[:8]}  {'+'.join(one.scopes)}  {ends}, {used}")
    return lines


async def revoke(given: Namespace) -> None:
    """revoke a token of a bot by its id or the beginning of that, or all of them"""
    if bool(given.token) == given.all:
        raise UsageError("Name a token, or say --all. `sotto bot list` has them.")
    async with logged_in(given) as client:
        bot = await client.bots.find(user_name(given.name))
        found = [one for one in bot.tokens if given.all or one.id.startswith(given.token)]
        if not given.all and len(found) != 1:
            raise UsageError("No token, or more than one, begins like that.")
        for one in found:
            await client.bots.revoke(bot.uid, one.id)


async def delete(given: Namespace) -> None:
    """delete a bot for good"""
    async with logged_in(given) as client:
        bot = await client.bots.find(user_name(given.name))
        if given.yes != bot.name:
            raise UsageError(f"Nothing was changed. To delete it, say --yes {bot.name}.")
        await client.bots.delete(bot.uid)


async def login(given: Namespace) -> None:
    """log this profile in as a bot, by its token; the first time it makes the bot's keys"""
    text = secret("Token: ", "SOTTO_BOT_TOKEN")
    async with open_client(given) as client:
        await client.account.log_in_bot(text)
        say(client.me.name)


def _scopes(given: Namespace) -> list[str]:
    return ["read", *(given.scope if given.scope is not None else ["send", "rooms"])]
