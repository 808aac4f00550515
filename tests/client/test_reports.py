"""Reports of abuse, by programs at a real server."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from sotto.api import ApiError
from sotto.protocol.encoding import b64, unb64
from sotto.protocol.message import parse_message
from sotto.protocol.report import open_report, seal_report
from tests.client.acting import publish_report_key, room_of_two
from tests.live import DATABASE, LiveServer
from tests.vectors.making import cast

SAID = "canary-of-what-was-reported"
NOTE = "canary-of-the-note"


async def three(sign_up, tag: str):
    """ada's room with ben and cleo; what ben wrote in it is message 1."""
    ada, ben, room = await room_of_two(sign_up, tag)
    cleo = await sign_up("cleo", f"cleo.{tag}")
    await cleo.rooms.join(await ada.room_admin.invite(room))
    await ben.messages.send(room, SAID)
    return ada, ben, cleo, room


async def test_a_report_shows_one_message_to_the_leaders_alone(sign_up):
    ada, ben, cleo, room = await three(sign_up, "report")
    await cleo.messages.send(room, "what do you mean?")
    rid = await cleo.reports.to_room(room, 1, "abuse", NOTE)
    (report,) = await ada.reports.to_me(room)
    told = report.opened
    assert (told.report.rid, told.report.uid, told.header.uid) == (rid, cleo.me.uid, ben.me.uid)
    assert (told.content["body"], told.why, told.note) == (SAID, "abuse", NOTE)
    assert (report.state, report.handler) == ("open", "")
    for member in (ben, cleo):
        with pytest.raises(ApiError) as refusal:
            await member.reports.to_me(room)
        assert refusal.value.status == 403
    with pytest.raises(ApiError) as refusal:
        await cleo.reports.to_room(room, 1, "spam")
    assert refusal.value.code == "already_reported"


@pytest.mark.slow
async def test_a_report_outlives_what_its_author_deletes(sign_up):
    ada, ben, cleo, room = await three(sign_up, "deleted")
    await cleo.reports.to_room(room, 1, "abuse")
    await ben.messages.delete((await ben.messages.history(room))[0])
    (report,) = await ada.reports.to_me(room)
    assert report.opened.content["body"] == SAID
    with pytest.raises(ApiError) as refusal:
        await cleo.reports.to_room(room, 1, "abuse")
    assert refusal.value.code == "no_such_message"


async def test_a_leader_handles_a_report_once(sign_up):
    ada, ben, cleo, room = await three(sign_up, "handled")
    rid = await cleo.reports.to_room(room, 1, "illegal")
    await ada.messages.delete((await ada.messages.history(room))[0])
    await ada.members.remove(room, ben.me.uid, ban=True)
    await ada.reports.handled(room, rid, "banned")
    (report,) = await ada.reports.to_me(room)
    assert (report.state, report.handler) == ("banned", ada.me.uid)
    with pytest.raises(ApiError) as refusal:
        await ada.reports.handled(room, rid, "dismissed")
    assert refusal.value.code == "handled"


async def test_the_author_of_a_message_is_told_of_no_report(sign_up):
    ada, ben, room = await room_of_two(sign_up, "leading")
    await ada.messages.send(room, SAID)
    with pytest.raises(ApiError) as refusal:
        await ben.reports.to_room(room, 1, "abuse")
    assert refusal.value.code == "no_leader"
    cleo = await sign_up("cleo", "cleo.leading")
    await cleo.rooms.join(await ada.room_admin.invite(room))
    await ada.members.set_role(room, cleo.me.uid, "moderator")
    await ben.reports.to_room(room, 1, "abuse")
    assert len(await cleo.reports.to_me(room)) == 1
    assert await ada.reports.to_me(room) == []


async def sealed(client, room: str, seq: int, **changes):
    """A report by hand, for the room's owner."""
    loaded = await client.rooms.open(room)
    row = loaded.rows[seq]
    header = parse_message(row).header
    owner = next(one for one in loaded.state.members.values() if one.role == "owner")
    me = client.me
    about = {
        "receiver": "room",
        "reporter": (me.uid, me.kid, me.keys.ed),
        "lh": (loaded.state.seq, loaded.state.hash),
        "ts": client.session.log_api.clock.now(),
        "why": "abuse",
        **changes,
    }
    to = {owner.kid: client.trust.known[owner.kid].rsa}
    return seal_report(row, loaded.keys[header.e], to, **about)


async def test_hostile_reports_forged_replayed_and_of_another_room_are_refused(sign_up):
    ada, ben, cleo, room = await three(sign_up, "refused")
    other = await cleo.rooms.create("Elsewhere")
    await cleo.messages.send(room, "mine")
    good, own = await sealed(cleo, room, 1), await sealed(cleo, room, 2)
    foreign = await sealed(ben, room, 1)
    log = (await cleo.rooms.open(room)).state
    refused = {
        "signed by another": ({**good, "sig": foreign["sig"]}, "bad_signature"),
        "of another member": (foreign, "bad_report"),
        "another box": ({**good, "box": own["box"]}, "bad_report"),
        "changed after signing": (
            {**good, "body": good["body"].replace('"seq":1', '"seq":2')},
            "bad_signature",
        ),
        "another log": (await sealed(cleo, room, 1, lh=(log.seq, "A" * 43)), "bad_report"),
        "an old one": (await sealed(cleo, room, 1, ts=1), "clock"),
        "sealed to nobody who leads": (
            {**good, "keys": [{"to": cleo.me.kid, "ct": good["keys"][0]["ct"]}]},
            "receivers",
        ),
        "twice to the same": ({**good, "keys": good["keys"] * 2}, "bad_request"),
        "to a key that is not the site's": (
            await sealed(cleo, room, 1, receiver="A" * 43),
            "no_report_key",
        ),
    }
    for name, (body, code) in refused.items():
        with pytest.raises(ApiError) as refusal:
            await cleo.session.api.post(f"chatrooms/{room}/reports", body)
        assert refusal.value.code in (code, "bad_wire"), name
    with pytest.raises(ApiError) as refusal:
        await cleo.session.api.post(f"chatrooms/{other}/reports", good)
    assert refusal.value.code == "bad_report"
    with pytest.raises(ApiError) as refusal:
        await cleo.reports.to_site(room, 1, "abuse")
    assert refusal.value.code == "no_report_key"
    await cleo.session.api.post(f"chatrooms/{room}/reports", good)
    for member, code in ((cleo, "already_reported"), (ben, "bad_report")):
        with pytest.raises(ApiError) as refusal:
            await member.session.api.post(f"chatrooms/{room}/reports", good)  # replayed
        assert refusal.value.code == code
    assert len(await ada.reports.to_me(room)) == 1


async def test_hostile_reports_that_the_server_changed_are_not_shown(sign_up, monkeypatch):
    ada, ben, cleo, room = await three(sign_up, "changed")
    await ben.messages.send(room, "another thing")
    await cleo.reports.to_room(room, 1, "abuse")
    page = await ada.session.api.get(f"chatrooms/{room}/reports")
    (given,) = page["reports"]
    rows = (await ada.rooms.open(room)).rows
    await ada.messages.history(room)
    lies = [
        {**given, "row": rows[2]},
        {**given, "row": {**given["row"], "seq": 2}},
        {**given, "body": given["body"].replace('"seq":1', '"seq":2')},
        {**given, "key": b64(bytes(384))},
        {**given, "box": b64(bytes(len(unb64(given["box"]))))},
        {**given, "sig": "A" * 86},
        {**given, "row": None},
        None,
    ]

    async def answer(path, **query):
        assert path.endswith("/reports")
        for one in [{"reports": [*lies, given, given], "more": None}]:
            yield one

    monkeypatch.setattr(ada.session.api, "pages", lambda path, **query: answer(path))
    monkeypatch.setattr(ada.session.log_api, "sync_keys", lambda loaded: asyncio.sleep(0))
    shown = await ada.reports.to_me(room)
    assert [one.opened.content["body"] for one in shown] == [SAID], "each report once"


@pytest.fixture
def with_report_key(server: LiveServer):
    """The site's report key is dan's RSA key, as an administrator would publish it."""
    yield publish_report_key(database(server), cast()["dan"].keys)
    with sqlite3.connect(database(server), timeout=30) as db:
        db.execute("DELETE FROM report_keys")


def database(server: LiveServer) -> Path:
    return server.data / DATABASE


async def test_canary_a_report_to_the_site_opens_under_its_key_and_the_server_holds_no_word(
    sign_up, server, with_report_key
):
    ada, _, cleo, room = await three(sign_up, "site")
    await cleo.messages.send(room, "another canary-of-what-is-not")
    rid = await cleo.reports.to_site(room, 1, "illegal", NOTE)
    with sqlite3.connect(database(server), timeout=30) as db:
        db.row_factory = sqlite3.Row
        stored = dict(db.execute("SELECT * FROM reports WHERE id = ?", (rid,)).fetchone())
        asked = 'SELECT "to", ciphertext FROM report_sealed_keys WHERE report_id = ?'
        keys = list(db.execute(asked, (rid,)))
        audited = list(db.execute("SELECT facts FROM audit_entries WHERE kind = 'report.made'"))
    (key,) = (ct for to, ct in keys if to == with_report_key)
    loaded = await ada.rooms.open(room)
    given = {
        "body": stored["body"],
        "sig": stored["signature"],
        "box": stored["box"],
        "row": json.loads(stored["row"]),
        "key": key,
    }
    found = open_report(
        given, with_report_key, cast()["dan"].keys.rsa, loaded.state, ada.trust.known
    )
    assert (found.content["body"], found.note) == (SAID, NOTE)
    assert any(json.loads(facts)["report"] == rid for (facts,) in audited)
    assert await ada.reports.to_me(room) == [], "leaders have nothing of it"
    for path in [*server.data.rglob("*"), server.log]:
        if path.is_file():
            content = path.read_bytes()
            assert b"canary-of-" not in content, path


async def test_another_report_key_than_before_gets_nothing(sign_up, server, with_report_key):
    _, _, cleo, room = await three(sign_up, "pinned")
    await cleo.reports.to_site(room, 1, "abuse")
    await cleo.messages.send(room, "more")
    newer = publish_report_key(database(server), cast()["ada"].keys, at="2999-01-01 00:00:00")
    with pytest.raises(ApiError) as refusal:
        await cleo.reports.to_site(room, 2, "abuse")
    assert refusal.value.code == "other_key"
    await cleo.reports.to_site(room, 2, "abuse", key=newer)
