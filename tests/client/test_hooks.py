"""Hooks: what programs on this machine post reaches a room sealed, once, whatever happens."""

from __future__ import annotations

import json
import shutil
import socket
import stat

import pytest

from sotto.client import Client
from sotto.hooks.store import Hooks, Spool, SpoolFull
from sotto.hooks.text import NoText, text_of
from sotto.profile.profile_dir import ProfileDir
from tests.client.acting import PASSWORD, until
from tests.client.hooking import (
    JSON,
    TEXT,
    all_sent,
    folder,
    post,
    request,
    serving,
    texts,
    waiting,
)
from tests.live import LiveServer
from tests.vectors.making import cast

# --- texts ---


@pytest.mark.parametrize(
    ("template", "body", "text"),
    [
        ("", '{"text":"deployed"}', "deployed"),
        ("Build {n}: {status}", '{"n":7,"status":"red"}', "Build 7: red"),
        ("{repo.name} by {who.0}", '{"repo":{"name":"plums"},"who":["ada"]}', "plums by ada"),
        ("{a}{b.c}!", '{"b":3}', "!"),
        ("{x}", '{"x":{"y":[1,true,null]}}', '{"y": [1, true, null]}'),
        ("{x}", '{"x":"{y}","y":"never"}', "{y}"),
        ("{who.9} {who.x} ok", '{"who":["ada"]}', "ok"),
        ("{__class__.__init__} {0.a} ok", '{"a":1}', "ok"),
    ],
)
def test_a_template_takes_fields_from_json(template, body, text):
    assert text_of(body.encode(), JSON, template) == text


def test_plain_text_is_taken_as_it_is():
    assert text_of(b"Speicher voll: {percent}\r\n", TEXT, "{x}") == "Speicher voll: {percent}"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"7", b'{"text":null}', b'{"text":"\\u200b"}', b"\xff\xfe", b"NaN",
     b"[" * 60_000, b'{"text":' + b"[" * 50_000],
)  # fmt: skip
def test_abuse_bodies_without_a_text_are_refused(body):
    with pytest.raises(NoText):
        text_of(body, JSON)


def test_abuse_control_characters_do_not_get_through():
    dirty = json.dumps({"text": "a\x00b\x1b[31mc\x7f\ud800d\ne"}).encode()
    assert text_of(dirty, JSON) == "a\ufffdb\ufffd[31mc\ufffd\ufffdd\ne"


def test_abuse_huge_values_are_cut():
    huge = json.dumps({"text": "x" * 60_000, "n": 10**15}).encode()
    assert len(text_of(huge, JSON, "{text}{text}{text}{text}{text}{text}")) == 8000
    assert len(text_of(huge, JSON)) == 2000
    assert len(text_of(b"x" * 60_000, TEXT)) == 8000


# --- the receiver ---


async def test_canary_text_and_json_reach_the_room_in_order_and_leave_no_word_on_the_server(
    hooked, server
):
    ada, room, secret = await hooked("order", "Build {n}: {status}")
    async with serving(ada) as (port, _):
        assert (await post(port, secret, b"canary-of-a-hook"))[0] == 202
        assert (await post(port, secret, b'{"n":1,"status":"canary-of-json"}', JSON))[0] == 202
        await all_sent(ada)
        assert await texts(ada, room) == ["canary-of-a-hook", "Build 1: canary-of-json"]
    for path in [*server.data.rglob("*"), server.log]:
        if path.is_file():
            held = path.read_bytes()
            assert b"canary-of-" not in held, path
            assert secret.encode() not in held, path


async def test_what_was_taken_survives_a_restart_and_is_sent_once(hooked, server, tmp_path):
    ada, room, secret = await hooked("restart")
    async with serving(ada, delivering=False) as (port, _):
        assert (await post(port, secret, b"before the restart"))[0] == 202
    [kept] = waiting(ada)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert b"restart" not in kept.read_bytes()
    shutil.copy(kept, tmp_path / "copy.json")
    await ada.close()

    async with Client(server.url, profile_dir=ProfileDir(tmp_path / "ada")) as again:
        await again.account.resume()
        async with serving(again):
            await all_sent(again)
        # The program ended after the server had the message, and before it forgot it:
        shutil.copy(tmp_path / "copy.json", kept)
        async with serving(again):
            await all_sent(again)
        assert await texts(again, room) == ["before the restart"]


async def test_another_run_does_not_send_again_what_an_earlier_one_has_sent(
    hooked, server, tmp_path
):
    ada, room, secret = await hooked("again")
    async with serving(ada, delivering=False) as (port, _):
        assert (await post(port, secret, b"once"))[0] == 202
    [kept] = waiting(ada)
    shutil.copy(kept, tmp_path / "copy.json")
    async with serving(ada):
        await all_sent(ada)
    await ada.close()
    shutil.copy(tmp_path / "copy.json", kept)
    async with Client(server.url, profile_dir=ProfileDir(tmp_path / "ada")) as again:
        await again.account.resume()
        async with serving(again):
            await all_sent(again)
        assert await texts(again, room) == ["once"]


async def test_nothing_is_lost_while_the_server_is_away(tmp_path, monkeypatch):
    monkeypatch.setattr("sotto.hooks.server.AGAIN", 0.5)  # seconds
    with LiveServer(tmp_path / "site") as site:
        async with Client(site.url, profile_dir=ProfileDir(tmp_path / "ada")) as ada:
            await ada.account.sign_up("ada.away", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Builds")
            secret = Hooks(folder(ada)).add("ci", room)
            async with serving(ada) as (port, _):
                assert (await post(port, secret, b"the canary sings"))[0] == 202
                await all_sent(ada)
                site.stop()
                for number in range(3):
                    assert (await post(port, secret, b"while away %d" % number))[0] == 202
                assert len(waiting(ada)) == 3
                site.start()
                await all_sent(ada)
            expected = ["the canary sings", *(f"while away {number}" for number in range(3))]
            assert await texts(ada, room) == expected
        site.stop()
    stored = [path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()]
    logged = site.log.read_bytes()
    for word in (b"canary sings", b"while away", secret.encode()):
        assert not any(word in data for data in stored)
        assert word not in logged


async def test_abuse_only_who_knows_the_secret_is_heard(hooked):
    ada, room, secret = await hooked("secret")
    other = Hooks(folder(ada)).add("monitor", room)
    async with serving(ada, delivering=False) as (port, _):
        for shown, path in (
            ("", "ci"),
            ("x", "ci"),
            (other, "ci"),
            (secret, "nobody"),
            ("é", "ci"),
            ("x", f"ci?secret={secret}"),
            ("x", f"ci/{secret}"),
            (secret, f"ci?secret={secret}"),
        ):
            assert (await post(port, shown, b"never", path=path))[0] in (400, 401)
        raw = b"POST /ci HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
        raw += b"Content-Length: 2\r\n\r\nhi"
        assert (await request(port, raw))[0] == 401
        basic = (
            b"POST /ci HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + secret.encode() + b"\r\n\r\n"
        )
        assert (await request(port, basic))[0] == 401
        assert waiting(ada) == []
        Hooks(folder(ada)).remove("monitor")
        assert (await post(port, other, b"never", path="monitor"))[0] == 401
        kept = (folder(ada).path / "hooks.json").read_text()
        assert secret not in kept


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /ci HTTP/1.1\r\n%s\r\n\r\n", 405),
        (b"POST /ci HTTP/1.1\r\n%s\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx", 415),
        (b"POST /ci HTTP/1.1\r\n%s\r\nContent-Type: text/plain\r\n\r\n", 411),
        (b"POST /ci HTTP/1.1\r\n%s\r\nContent-Type: text/plain\r\nContent-Length: -1\r\n\r\n", 400),
        (
            b"POST /ci HTTP/1.1\r\n%s\r\nContent-Type: text/plain\r\n"
            b"Content-Length: 65537\r\n\r\n",
            413,
        ),
        (
            b"POST /ci HTTP/1.1\r\n%s\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            411,
        ),
        (b"POST /ci HTTP/1.1\r\n%s\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400),
        (b"POST /ci HTTP/1.1\r\n%s\r\nX: " + b"y" * 9000 + b"\r\n\r\n", 431),
        (b"POST /ci HTTP/1.1\r\n%s\r\nno header\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00 %s\r\n\r\n", 400),
        (b"POST /ci HTTP/9\r\n%s\r\n\r\n", 400),
        (b"POST /ci HTTP/1.1\r\n%s\r\n%s\r\nContent-Length: 1\r\n\r\nx", 400),
        (b"POST /ci HTTP/1.1\r\n%s\r\nContent-Length: 1, 2\r\n\r\nx", 400),
        (b"POST /ci HTTP/1.1\r\n%s\r\nContent-Length: 0x1\r\n\r\nx", 400),
        (b"POST /ci HTTP/1.1\r\n%s\r\nContent-Length : 1\r\n\r\nx", 400),
        (b"POST /ci HTTP/1.1\r\n%s\r\nX: a\r\n b\r\nTransfer-Encoding: gzip\r\n\r\nx", 400),
        (b"POST /ci HTTP/1.1\r\n%s\r\nX: \x00\r\n\r\nx", 400),
        (b"POST /ci HTTP/1.1\r\n%s\r\nX: \xc3\xa9\r\n\r\nx", 400),
        (b"POST  /ci HTTP/1.1\r\n%s\r\n\r\nx", 400),
        (b"POST /ci\r\n%s\r\n\r\nx", 400),
        (b"\r\n" * 9000 + b"%s", 400),
    ],
)  # fmt: skip
async def test_abuse_requests_of_another_shape_are_refused(hooked, head, status):
    ada, _, secret = await hooked(f"shape{abs(hash(head)) % 10**6}")
    async with serving(ada, delivering=False) as (port, _):
        raw = head.replace(b"%s", b"Host: here\r\nAuthorization: Bearer " + secret.encode())
        assert (await request(port, raw))[0] == status
        half = b"POST /ci HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer " + secret.encode()
        half += b"\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nhalf"
        assert (await request(port, half, end=True))[0] == 400
        assert (await post(port, secret, b"\xff", JSON))[0] == 422
        assert waiting(ada) == []


async def test_abuse_the_queue_has_an_end_and_says_so(hooked, monkeypatch):
    ada, _, secret = await hooked("full")
    monkeypatch.setattr("sotto.hooks.store.MOST_WAITING", 2)
    async with serving(ada, delivering=False) as (port, _):
        found = [(await post(port, secret, b"more"))[0] for _ in range(3)]
        assert found == [202, 202, 503]
    with pytest.raises(SpoolFull):
        Spool(folder(ada), ada.me).put("0" * 32, "more")


async def test_abuse_a_room_that_takes_nothing_does_not_use_up_the_queue(hooked, monkeypatch):
    ada, room, secret = await hooked("share")
    other = Hooks(folder(ada)).add("open", await ada.rooms.create("Open"))
    monkeypatch.setattr("sotto.hooks.store.MOST_OF_ROOM", 2)
    async with serving(ada, delivering=False) as (port, _):
        found = [(await post(port, secret, b"more"))[0] for _ in range(3)]
        assert found == [202, 202, 503]
        assert (await post(port, other, b"fine", path="open"))[0] == 202
        assert not any(room[:8] in kept.name for kept in waiting(ada))


async def test_a_message_for_a_room_that_ended_keeps_no_other_waiting(hooked, monkeypatch):
    ada, room, secret = await hooked("ended")
    open_ = await ada.rooms.create("Open")
    other = Hooks(folder(ada)).add("open", open_)
    await ada.room_admin.close(room)
    async with serving(ada) as (port, noted):
        assert (await post(port, secret, b"too late"))[0] == 202
        assert (await post(port, other, b"in time", path="open"))[0] == 202

        async def there() -> bool:
            return await texts(ada, open_) == ["in time"]

        async def only_one_waits() -> bool:
            return len(waiting(ada)) == 1

        await until(there, within=20)
        await until(only_one_waits, within=20)
        assert noted
        assert "too late" not in str(noted)


async def test_abuse_a_damaged_file_of_the_spool_is_set_aside(hooked):
    ada, room, secret = await hooked("spoiled")
    async with serving(ada, delivering=False) as (port, _):
        for _ in range(2):
            assert (await post(port, secret, b"fine"))[0] == 202
    waiting(ada)[0].write_text('{"box":"AAAA"}')
    async with serving(ada):
        await all_sent(ada)
    assert await texts(ada, room) == ["fine"]


# --- the command ---


def test_hooks_by_the_command_line(cli):
    assert cli("signup", "ada.hooks", home="ada")[0] == 0
    assert cli("create", "Builds", home="ada")[0] == 0
    code, secret, _ = cli("hook", "add", "ci", "Builds", "--template", "{status}", home="ada")
    assert (code, len(secret.strip())) == (0, 43)
    code, listed, _ = cli("hook", "list", home="ada")
    assert listed.startswith("ci  ")
    assert secret.strip() not in listed
    assert cli("hook", "add", "../x", "Builds", home="ada")[0] == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert cli("serve-hook", "--port", port, home="ada")[0] == 2
    assert cli("hook", "remove", "ci", home="ada")[0] == 0
    assert cli("hook", "remove", "ci", home="ada")[0] == 2
