"""The rooms that benchmarks measure are real ones: clients verify them."""

from __future__ import annotations

import json

import pytest

from benchmarks.pages import fresh_page, in_page, stage
from benchmarks.town import found_town
from rooms.models import LogEvent, Member, Wrap
from sotto.protocol.identity import open_identity
from sotto.protocol.log import extend_log

MEMBERS = 20
RETURNS = 3


@pytest.mark.slow
@pytest.mark.browser
async def test_a_room_made_in_a_page_is_verified_by_the_python_client():
    async with stage() as (people, _):
        page, base = await fresh_page(people)
        size = {"members": MEMBERS, "distinct": 2, "returns": RETURNS}
        made = await in_page(page, "room.js", base=base, **size)
        other, base = await fresh_page(people)
        times = await in_page(other, "log.js", base=base, **made)
    identities = {one.kid: one for one in map(open_identity, made["identities"])}
    state = extend_log(None, made["events"], identities)
    assert len(identities) == len(state.members) == MEMBERS
    assert len({one.ed for one in identities.values()}) == MEMBERS
    assert state.seq == 1 + MEMBERS + 4 * RETURNS
    assert state.e == 1 + RETURNS
    assert times["log"] > 0


@pytest.mark.slow
@pytest.mark.browser
async def test_every_measured_rotation_wraps_for_all_members():
    async with stage() as (people, _):
        page, base = await fresh_page(people)
        await in_page(page, "room.js", base=base, members=MEMBERS, distinct=2)
        found = await in_page(page, "rotation.js", base=base, runs=2)
    assert len(found["rotations"]) == 2
    assert found["size"] > MEMBERS * 512  # a wrap is 384 bytes, 512 characters


@pytest.mark.django_db
def test_a_town_is_what_its_log_says():
    town = found_town(MEMBERS, distinct=2)
    kept = list(LogEvent.objects.filter(room=town.state.room).order_by("seq"))
    events = [{"event": one.event, "sig": one.signature} for one in kept]
    assert extend_log(None, events, town.identities()) == town.state
    members = Member.objects.filter(room=town.state.room).values_list("user_id", "kid")
    assert sorted(members) == town.state.recipients()
    assert len(members) == MEMBERS


@pytest.mark.django_db
def test_the_server_takes_a_town_s_new_key(client):
    town = found_town(MEMBERS, distinct=2)
    town.wait_no_minute()
    body = town.renewal(bytes(32))
    answer = client.post(
        f"/api/v1/chatrooms/{town.state.room}/log",
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {town.token}"},
    )
    assert answer.status_code == 201, answer.content
    town.follow({"event": body["event"], "sig": body["sig"]})
    assert (
        town.wraps_kept() == Wrap.objects.filter(room=town.state.room, epoch=2).count() == MEMBERS
    )
