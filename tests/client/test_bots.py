"""A bot of somebody's, from its making to its end."""

from __future__ import annotations

import json

import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.encoding import WireError
from tests.client.acting import heard, until
from tests.vectors.making import cast

DONE, REFUSED, USAGE = 0, 1, 2


@pytest.fixture
async def owned(sign_up, server, tmp_path):
    """(ada, her room, a token of her bot, the bot's profile)."""

    async def make(tag: str, *scopes: str):
        ada = await sign_up("ada", f"ada.owner.{tag}")
        room = await ada.rooms.create("Garden")
        bot = await ada.bots.create(f"bot.{tag}")
        token = await ada.bots.make_token(bot.uid, ["read", *scopes])
        return ada, room, token, ProfileDir(tmp_path / "bot")

    return make


async def test_a_bot_joins_writes_and_survives_a_restart(owned, server):
    ada, room, token, profile = await owned("life", "send", "rooms")
    link = await ada.room_admin.invite(room)
    async with Client(server.url, profile_dir=profile) as bot:
        await bot.account.log_in_bot(token, cast()["ben"].keys)
        assert await bot.rooms.join(link) == room
        await bot.messages.send(room, "here I am")
        kid = bot.me.kid
    async with Client(server.url, profile_dir=profile) as bot:
        await bot.account.log_in_bot(token)  # the keys are in its profile
        assert bot.me.kid == kid
        await bot.messages.send(room, "and again")
    assert await heard(ada, 2) == ["here I am", "and again"]


async def test_scopes_hold_on_the_socket_and_in_the_log(owned, server):
    ada, room, token, profile = await owned("scopes")
    async with Client(server.url, profile_dir=profile) as bot:
        await bot.account.log_in_bot(token, cast()["ben"].keys)
        link = await ada.room_admin.invite(room)
        with pytest.raises(ApiError, match="scope"):
            await bot.rooms.join(link)
        [owned_bot] = await ada.bots.all()
        more = await ada.bots.make_token(owned_bot.uid, ["read", "rooms"])
        await bot.account.log_in_bot(more)
        await bot.rooms.join(link)
        with pytest.raises(ApiError, match="scope"):
            await bot.messages.send(room, "never sent")
        with pytest.raises(ApiError, match="scope"):
            await bot.bots.create("bot.of.bot")
        await ada.messages.send(room, "read this")
        assert [m.text for m in await bot.messages.history(room)] == ["read this"]


async def test_a_revoked_token_closes_the_socket(owned, server):
    ada, _, token, profile = await owned("revoked", "send", "rooms")
    async with Client(server.url, profile_dir=profile) as bot:
        await bot.account.log_in_bot(token, cast()["ben"].keys)
        stream = bot.session.manager.stream
        [made] = await ada.bots.all()
        await ada.bots.revoke(made.uid, made.tokens[0].id)

        async def closed() -> bool:
            return not stream.ready.is_set()

        await until(closed)
        with pytest.raises(ApiError):
            await bot.rooms.overview()
        with pytest.raises(ApiError, match="bad_token"):
            await bot.account.log_in_bot(token)


async def test_a_bot_without_its_keys_gets_no_others(owned, server, tmp_path):
    _, _, token, profile = await owned("keys", "send")
    async with Client(server.url, profile_dir=profile) as bot:
        await bot.account.log_in_bot(token, cast()["ben"].keys)
    async with Client(server.url, profile_dir=ProfileDir(tmp_path / "elsewhere")) as bot:
        with pytest.raises(WireError, match="not the keys"):
            await bot.account.log_in_bot(token, cast()["cleo"].keys)


def test_bots_by_the_command_line(cli, monkeypatch):
    assert cli("signup", "ada.bots", home="ada")[0] == DONE
    code, token, errors = cli("bot", "create", "bot.cli", "--days", "7", home="ada")
    assert code == DONE
    assert "bot login" in errors
    assert token.startswith("sotto-bot.")
    assert cli("create", "Garden", home="ada")[0] == DONE
    link = cli("invite", "Garden", home="ada")[1]
    monkeypatch.setenv("SOTTO_BOT_TOKEN", token.strip())
    assert cli("bot", "login", home="bot") == (DONE, "bot.cli\n", "")
    assert cli("join", "-", home="bot", text=link)[0] == DONE
    assert cli("send", "Garden", "built", home="bot")[0] == DONE
    assert "bot.cli: built" in cli("history", "Garden", home="ada")[1]
    assert "bot.cli" in cli("members", "Garden", home="ada")[1]
    [listed] = [json.loads(one) for one in cli("bot", "list", "--json", home="ada")[1].splitlines()]
    assert listed["tokens"][0]["scopes"] == ["read", "send", "rooms"]
    assert token.strip().rpartition(".")[2] not in str(listed)
    assert cli("bot", "revoke", "bot.cli", home="ada")[0] == USAGE
    assert cli("bot", "revoke", "bot.cli", listed["tokens"][0]["id"][:8], home="ada")[0] == DONE
    assert cli("bot", "login", home="bot")[0] == REFUSED
    assert cli("bot", "delete", "bot.cli", home="ada")[0] == USAGE
    assert cli("bot", "delete", "bot.cli", "--yes", "bot.cli", home="ada")[0] == DONE
    assert cli("bot", "list", home="ada") == (DONE, "", "")
