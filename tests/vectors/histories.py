"""Legal logs, which together hold every event type and every effect of each."""

from __future__ import annotations

from sotto.protocol.invite_link import Link
from sotto.protocol.profile import Profile, profile_hash, write_profile
from tests.vectors.making import K1, K2, K3, SECRET, chosen
from tests.vectors.script import Script

PROFILE = Profile("Garden", "What grows, and when – ü, 花")
MODEL = "openai/gpt-4.1-mini:2025"


def profile_bytes() -> bytes:
    return write_profile(PROFILE, chosen("profile"))


def links() -> dict[str, Link]:
    return {
        "first": Link.derive(SECRET),
        "second": Link.new(chosen("second link")),
        "third": Link.new(chosen("third link")),
    }


def group() -> Script:
    """ada's room, where new members read all: e 1 to 3, g 1 then 3."""
    script, link = Script(), links()
    script.create("ada")
    script.event("ada", "profile", h=profile_hash(profile_bytes()))
    script.invite("ada", link["first"], uses=2)
    script.join("ben", link["first"])
    script.join("cleo", link["first"])
    script.rotate("ben", K2)
    script.invite("ada", link["second"])
    script.event("ada", "revoke", iid=link["second"].iid)
    script.invite("ada", link["third"], uses=5)
    script.event("cleo", "leave")
    script.rotate("ada", K3)
    return script


def later() -> Script:
    """ben's room, where new members read only what follows; cleo comes back."""
    script, link = Script(), links()
    script.create("ben", "later", history="join")
    script.invite("ben", link["first"], uses=3)
    script.join("cleo", link["first"])
    script.rotate("cleo", K2)
    script.event("cleo", "leave")
    script.invite("ben", link["second"], uses=2)
    script.join("cleo", link["second"])
    script.rotate("ben", K3)
    return script


def alone() -> Script:
    """A room whose owner leaves it, alone."""
    script = Script()
    script.create("cleo", "alone")
    script.event("cleo", "leave")
    return script


def on_device() -> Script:
    """A room whose messages no worker may read."""
    script = Script()
    script.create("ada", "on device", ai="device")
    return script


def crowd() -> Script:
    """A room with 20 open invitations."""
    script = Script()
    script.create("ada", "crowd")
    for number in range(20):
        script.invite("ada", Link.new(chosen(f"crowd {number}")))
    return script


def ranks() -> Script:
    """ada, ben moderator, cleo and dan members; cleo is banned and let in again; ben takes over,
    and closes the room.
    """
    script, link = Script(), links()
    script.create("ada", "ranks", ai="ask")
    script.invite("ada", link["first"], uses=3)
    script.let_in("ada", "ben")
    script.let_in("ada", "cleo", link["first"])
    script.join("dan", link["first"])
    script.role("ada", "ben", "moderator")
    script.disclose("cleo", 1, 1, MODEL)
    script.remove("ben", "cleo", K2, ban=True)
    script.invite("ben", link["second"], uses=2)
    script.policy("ada", search="device", ttl=30)
    script.let_in("ben", "cleo", link["second"])
    script.policy("ada", join="approve")
    script.invite("ada", link["third"])
    script.role("ada", "ben", "owner")
    script.role("ben", "ada", "moderator")
    script.rotate("dan", K3)
    script.event("ada", "leave")
    script.disclose("dan", 2, 9, "m")
    script.remove("ben", "dan", K1)
    script.event("ben", "close")
    return script


def renewed() -> Script:
    """Resets: of a member by a moderator, of the owner by a moderator and, where there is none,
    by anyone, of a moderator by the owner.
    """
    script, link = Script(), links()
    script.create("ada", "renewed")
    script.invite("ada", link["first"], uses=3)
    script.join("ben", link["first"])
    script.join("cleo", link["first"])
    script.role("ada", "ben", "moderator")
    script.reset("ben", "cleo2", K2)
    script.invite("ada", link["second"])
    script.reset("ben", "ada2", K3)
    script.role("ada2", "ben", "member")
    script.invite("ada2", link["third"], uses=9)
    script.reset("cleo2", "ada3", K1)
    script.role("ada3", "ben", "moderator")
    script.reset("ada3", "ben2", K2)
    script.event("ben2", "leave")
    script.let_in("ada3", "ben")
    script.role("ada3", "ben", "moderator")
    script.role("ada3", "cleo2", "moderator")
    return script


def direct() -> Script:
    """Two people: both lead in what both may, the owner alone in the rest."""
    script = Script()
    script.create("ada", "direct", "direct", ai="auto")
    script.let_in("ada", "ben")
    script.event("ben", "profile", h=profile_hash(profile_bytes()))
    script.reset("ben", "ada2", K2)
    script.event("ben", "leave")
    script.let_in("ada2", "ben")
    script.disclose("ben", 1, 4, "local/model_1")
    script.remove("ada2", "ben", K3, ban=True)
    script.let_in("ada2", "ben2")
    return script


def waiting() -> Script:
    """Where members read only what follows and are let in by hand; rotations in a closed room."""
    script, link = Script(), links()
    script.create("ada", "waiting", history="join", join="approve")
    script.invite("ada", link["first"], uses=2)
    script.let_in("ada", "ben", link["first"])
    script.rotate("ben", K2)
    script.let_in("ada", "cleo")
    script.let_in("ada", "dan", link["first"])
    script.remove("ada", "dan", K3)
    script.let_in("ada", "dan")
    script.reset("ada", "cleo2", K1)
    script.rotate("cleo2", K2)
    return script


def heirs() -> Script:
    """Moderators lose their rank, and with it their own links; a former member is banned and
    unbanned; successors are named and forgotten; two of them take the room over.
    """
    script, link = Script(), links()
    script.create("ada", "heirs")
    script.let_in("ada", "ben")
    script.let_in("ada", "cleo")
    script.let_in("ada", "dan")
    script.role("ada", "ben", "moderator")
    script.invite("ada", link["first"], uses=3)
    script.invite("ben", link["second"], uses=3)
    script.demote("ada", "ben", K2)
    script.event("dan", "leave")
    script.ban("ada", "dan")
    script.ban("ada", "dan", on=False)
    script.ban("ada", "dan")
    script.role("ada", "ben", "moderator")
    script.demote("ada", "ben", K3)  # while the room is closed
    script.name_successor("ada", "ben")
    script.name_successor("ada", None)
    script.name_successor("ada", "cleo")
    script.reset("ada", "cleo2", K1)
    script.name_successor("ada", "ben")
    script.remove("ada", "ben", K2)
    script.let_in("ada", "ben")
    script.name_successor("ada", "cleo2")
    script.invite("ada", link["third"], uses=2)
    script.succeed("cleo2", "ada", K3)
    script.name_successor("cleo2", "ben")
    script.role("cleo2", "ben", "owner")
    script.name_successor("ben", "cleo2")
    script.succeed("cleo2", "ben", K1)
    return script


def histories() -> dict[str, Script]:
    """All of them, by name."""
    makers = (group, later, alone, crowd, on_device, ranks, renewed, direct, waiting, heirs)
    return {maker.__name__: maker() for maker in makers}
