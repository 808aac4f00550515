"""Logs that the server cuts, extends and rewrites: with a member's keys, and people it made up."""

from __future__ import annotations

from typing import Any

import pytest

from sotto.protocol.encoding import b64
from sotto.protocol.event_builder import make_epoch, make_event, make_join, make_remove, make_reset
from sotto.protocol.events import SignedEvent, members_hash
from sotto.protocol.identity import Keys, make_identity
from sotto.protocol.invite_link import Link
from sotto.protocol.log import extend_log
from tests.hostile.conftest import Scene
from tests.hostile.forge import Stranger, signature_by_anybody, stranger
from tests.hostile.victims import sees
from tests.vectors.making import cast

HONEST = ["one", "two", "three"]
HOUR = 3_600_000


async def entered(scene: Scene) -> None:
    """The victim is a member, and has seen the room as it is."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
    await scene.room()


async def serve(scene: Scene, *events: SignedEvent, known: tuple[Stranger, ...] = ()) -> None:
    """From now on the log has these events at its end."""
    made = [{"event": event["event"], "sig": event["sig"]} for event in events]
    scene.hostile.logs[scene.id] = [*await scene.log(), *made]
    scene.hostile.identities = [person.signed for person in known]
    await scene.restart()


async def stops(scene: Scene) -> None:
    await sees(scene.victim, scene.id, frozen=True)
    assert not await scene.victim.can_write(scene.id)


async def test_hostile_log_truncated_after_a_reload(scene):
    await entered(scene)
    scene.hostile.logs[scene.id] = (await scene.log())[:-1]
    await scene.restart()
    await stops(scene)


async def test_hostile_log_rewritten_after_a_reload(scene):
    """As long as before, each event good by itself, the last another one."""
    await entered(scene)
    room = await scene.room()
    events = await scene.log()
    state = extend_log(None, events[:-1], room.trust.known)
    other = scene.mallory.event(state, "leave")
    scene.hostile.logs[scene.id] = [*events[:-1], dict(other)]
    await scene.restart()
    await stops(scene)


@pytest.mark.core
async def test_hostile_ghost_member(scene):
    """An ordinary member's key does not let anybody in."""
    await entered(scene)
    ghost = stranger()
    state = (await scene.room()).state
    await serve(
        scene,
        scene.mallory.event(state, "add", uid=ghost.uid, to=ghost.kid, iid=""),
        known=(ghost,),
    )
    await stops(scene)


async def test_hostile_ghost_member_in_the_owners_name(scene):
    """By ada, the event says; signed by mallory."""
    await entered(scene)
    ghost = stranger()
    state, ada = (await scene.room()).state, scene.ada.me
    forged = make_event(
        state, scene.mallory.author_as(ada.uid, ada.kid), "add", uid=ghost.uid, to=ghost.kid, iid=""
    )
    await serve(scene, forged, known=(ghost,))
    await stops(scene)


async def test_hostile_promotion_of_oneself(scene):
    await entered(scene)
    state = (await scene.room()).state
    uid = scene.mallory.client.me.uid
    await serve(scene, scene.mallory.event(state, "role", uid=uid, role="moderator"))
    await stops(scene)


async def test_hostile_reset_of_somebody_else(scene):
    """No moderator is there, so mallory may confirm the owner's new keys: those that the server
    made. They are not used before somebody has compared them.
    """
    await entered(scene)
    room, ada = await scene.room(), scene.ada.me
    impostor = stranger(ada.uid, ada.name, 2, ada.kid)
    event = make_reset(room.state, scene.mallory.author(), bytes(32), uid=ada.uid, to=impostor.kid)
    scene.hostile.made_up["POST", "/key_request"] = {}
    await serve(scene, event, known=(impostor,))
    await sees(scene.victim, scene.id, frozen=False, texts=HONEST)
    assert not await scene.victim.can_write(scene.id), "nothing is sent to a key nobody compared"


async def test_hostile_reset_that_goes_backwards(scene):
    """An identity that is not newer than the one before."""
    await entered(scene)
    room, ada = await scene.room(), scene.ada.me
    impostor = stranger(ada.uid, ada.name, 1, "")
    event = make_reset(room.state, scene.mallory.author(), bytes(32), uid=ada.uid, to=impostor.kid)
    await serve(scene, event, known=(impostor,))
    await stops(scene)


async def test_hostile_reset_of_the_victim(scene):
    """Mallory is no moderator: the victim's keys are not hers to change."""
    await entered(scene)
    room, victim = await scene.room(), scene.victim
    impostor = stranger(victim.uid, victim.name, 2, victim.kid)
    author = scene.mallory.author()
    event = make_reset(room.state, author, bytes(32), uid=victim.uid, to=impostor.kid)
    await serve(scene, event, known=(impostor,))
    await stops(scene)


async def test_hostile_removal_by_an_ordinary_member(scene):
    await entered(scene)
    state, ada = (await scene.room()).state, scene.ada.me
    await serve(scene, make_remove(state, scene.mallory.author(), bytes(32), uid=ada.uid))
    await stops(scene)


async def test_hostile_epoch_for_a_stranger(scene):
    """Any member may renew the key, but for the members alone."""
    await entered(scene)
    state, ghost = (await scene.room()).state, stranger()
    members = members_hash(sorted([*state.recipients(), (ghost.uid, ghost.kid)]))
    honest = scene.mallory.parsed(make_epoch(state, scene.mallory.author(), bytes(32)))
    await serve(scene, scene.mallory.signed({**honest, "members": members}), known=(ghost,))
    await stops(scene)


async def test_hostile_backdated_event(scene):
    await entered(scene)
    state = (await scene.room()).state
    early = scene.mallory.signed({**scene.mallory.head(state, "leave"), "ts": state.ts - 1})
    await serve(scene, early)
    await stops(scene)


async def test_hostile_join_after_the_invitation_has_expired(scene):
    """The server holds the link's secret too, for mallory came by it."""
    await entered(scene)
    room, guest = await scene.room(), stranger()
    link = Link.parse(scene.link)
    late = guest.author(room.state.invites[link.iid].exp + 1)
    await serve(scene, make_join(room.state, late, link), known=(guest,))
    await stops(scene)


async def test_hostile_join_by_a_voided_invitation(scene):
    link = Link.parse(scene.link)
    await scene.new_epoch()  # who was removed took all open links along
    await entered(scene)
    room, guest = await scene.room(), stranger()
    await serve(scene, make_join(room.state, guest.author(scene.mallory.now), link), known=(guest,))
    await stops(scene)


async def test_hostile_join_for_another_key(scene):
    """Ben's proof for his own key, used for a key that the server made in his name."""
    await entered(scene)
    room, guest, link = await scene.room(), stranger(), Link.parse(scene.link)
    honest = make_join(room.state, guest.author(scene.mallory.now), link)
    keys = Keys(scene.mallory.keys.ed, cast()["cleo"].keys.rsa)
    signed = make_identity(keys, guest.uid, guest.name)
    impostor = Stranger(guest.uid, guest.name, keys, signed)
    isig = scene.mallory.parsed(honest)["isig"]
    event = make_event(
        room.state, impostor.author(scene.mallory.now), "join", iid=link.iid, isig=isig
    )
    await serve(scene, event, known=(guest, impostor))
    await stops(scene)


@pytest.mark.parametrize(
    "ed",
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ],
    ids=["identity", "order-8", "non-canonical"],
)
async def test_hostile_key_points(scene, ed):
    """Somebody whose signatures anybody can make."""
    await entered(scene)
    room, link = await scene.room(), Link.parse(scene.link)
    ghost = stranger()
    weak = ghost.signed["body"].replace(ghost.ed, b64(bytes.fromhex(ed)))
    ghost.signed = {"body": weak, "sig": signature_by_anybody()}
    event = make_join(room.state, ghost.author(scene.mallory.now), link)
    weak_event = {"event": event["event"], "sig": signature_by_anybody()}
    await serve(scene, weak_event, known=(ghost,))
    await stops(scene)


async def test_hostile_invitation_with_a_copied_key(scene):
    """A room of the server's own, with the invitation of the real one copied into its log: who
    follows the link must not be led there.
    """
    link = Link.parse(scene.link)
    real = next(
        scene.mallory.parsed(event)
        for event in await scene.log()
        if scene.mallory.parsed(event).get("iid") == link.iid
    )
    mallory = scene.mallory.client
    trap = await mallory.rooms.create("Trap")
    room = await mallory.rooms.open(trap)
    copied = scene.mallory.signed(
        {
            **scene.mallory.head(room.state, "invite"),
            **{key: real[key] for key in ("iid", "ipk", "exp", "max", "pop")},
        }
    )
    before = [dict(event) for event in room.events]
    shown = [*before, dict(copied)]
    lay_trap(scene, trap, link.iid, shown)
    assert not await scene.victim.joins(scene.link)
    # Nor by the invitation alone, as of a room whose members decide whom they let in.
    shown[:-1] = []
    added = {"uid": scene.victim.uid, "to": scene.victim.kid, "iid": ""}
    scene.hostile.logs[trap] = [*before, dict(scene.mallory.event(room.state, "add", **added))]
    assert not await scene.victim.joins(scene.link)


def lay_trap(scene: Scene, trap: str, iid: str, shown: list[dict[str, str]]) -> None:
    """The link leads to `shown`, and the server lets everybody into `trap` who asks."""
    hostile, me = scene.hostile, scene.mallory.client
    hostile.rows[trap], hostile.logs[trap] = [], list(shown)
    hostile.identities = [me.trust.signed[me.me.kid]]

    def preview(path: str, answer: Any) -> None:
        if f"/join/{iid}" in path and "events" in answer:
            answer |= {"room": trap, "events": shown, "head": hostile.head_of(shown)}

    def take_in(body: Any) -> Any:
        hostile.logs[trap].append({"event": body["event"], "sig": body["sig"]})
        return {"room": trap, "head": hostile.head_of(hostile.logs[trap]), "items": []}

    hostile.twist = preview
    hostile.made_up |= {
        ("POST", f"/join/{iid}"): take_in,
        ("POST", f"/join/{iid}/knock"): {"state": "waiting"},
        ("GET", f"/join/{iid}/knock"): {"state": "member"},
        ("GET", f"/join/{iid}/items"): {"items": []},
        ("GET", f"/{trap}/keys"): {"wraps": [], "profiles": [], "escrows": []},
        ("POST", f"/{trap}/key_request"): {},
    }


async def test_hostile_substituted_encryption_key(scene):
    """Ada's identity with the server's RSA key in it is nobody's identity."""
    ada = scene.ada.me
    rsa = scene.mallory.parsed_identity(ada.kid)["rsa"]
    ours = scene.mallory.parsed_identity(scene.mallory.client.me.kid)["rsa"]

    def twist(path, answer):
        for signed in answer.get("identities") or []:
            if ada.uid in signed["body"]:
                signed["body"] = signed["body"].replace(rsa, ours)

    scene.hostile.twist = twist
    assert not await scene.victim.joins(scene.link)
