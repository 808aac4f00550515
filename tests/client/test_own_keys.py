"""An account's own keys in a profile: kept whatever the server says of them."""

from __future__ import annotations

import json

import httpx2
import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.keys.own_keys import KeysNotPublished
from sotto.profile.profile_dir import ProfileDir, ProfileDirError
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import make_identity, open_identity
from tests.client.acting import PASSWORD
from tests.vectors.making import cast, resets

OTHER = cast()["ben"].keys
NEXT = resets()["cleo2"].keys


class Lying(httpx2.AsyncHTTPTransport):
    """A network on which the account's identities are what `chain` says: it keeps those published
    in it, as a server does that lost the real ones.
    """

    def __init__(self, *chain: dict[str, str]) -> None:
        super().__init__()
        self.chain = list(chain)
        self.refuses = False

    @property
    def kid(self) -> str | None:
        return open_identity(self.chain[-1]).kid if self.chain else None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path.endswith("/identities") and request.method == "POST":
            return self._publish(json.loads(await request.aread()))
        if path.endswith("/identities"):
            kid = request.url.params["kid"]
            found = [one for one in self.chain if open_identity(one).kid == kid]
            return httpx2.Response(200, json={"identities": found})
        response = await super().handle_async_request(request)
        if not path.endswith("/me"):
            return response
        answer = json.loads(await response.aread())
        return httpx2.Response(200, json={**answer, "kid": self.kid})

    def _publish(self, sent: dict[str, str]) -> httpx2.Response:
        identity = open_identity({"body": sent["body"], "sig": sent["sig"]})
        follows = identity.prev == (self.kid or "") and not self.refuses
        right = identity.n == 1 or sent.get("password") == PASSWORD
        if not follows or not right:
            code = "bad_identity" if right else "bad_password"
            error = {"error": {"code": code, "detail": "No."}}
            return httpx2.Response(409, json=error)
        self.chain.append({"body": sent["body"], "sig": sent["sig"]})
        return httpx2.Response(201, json={"kid": identity.kid})


@pytest.fixture
def profile(tmp_path, server):
    """`profile(name)`: a new account's folder, and its identity as it was published."""

    async def make(name: str) -> tuple[ProfileDir, dict[str, str]]:
        async with Client(server.url, profile_dir=ProfileDir(tmp_path / name)) as client:
            await client.account.sign_up(name, PASSWORD, cast()["ada"].keys)
            return ProfileDir(tmp_path / name), client.trust.signed[client.me.kid]

    return make


def kept(home: ProfileDir) -> bytes:
    return (home.path / "account.json").read_bytes()


async def test_hostile_no_keys_say_the_server_and_the_same_are_published_again(profile, server):
    home, signed = await profile("again")
    before, lying = kept(home), Lying()
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        with pytest.raises(KeysNotPublished):
            await client.account.resume()
    assert (kept(home), lying.chain) == (before, [])
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        await client.account.publish_keys()
    assert (kept(home), lying.chain) == (before, [signed])
    lying.chain = []
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        await client.account.log_in("again", PASSWORD)
    assert (kept(home), lying.chain) == (before, [signed])


@pytest.mark.parametrize("how", ["resume", "login", "restore", "reset"])
async def test_hostile_other_keys_say_the_server_and_nothing_is_replaced(profile, server, how):
    name = f"other.{how}"
    home, signed = await profile(name)
    before, uid = kept(home), json.loads(signed["body"])["uid"]
    lying = Lying(make_identity(OTHER, uid, name))
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        act = {
            "resume": lambda: client.account.resume(),
            "login": lambda: client.account.log_in(name, PASSWORD, OTHER),
            "restore": lambda: client.account.restore(name, PASSWORD, kit_of(uid, lying.kid)),
            "reset": lambda: client.account.reset_keys(name, PASSWORD),
        }[how]
        with pytest.raises((WireError, ProfileDirError)):
            await act()
    assert kept(home) == before
    assert len(lying.chain) == 1


def kit_of(uid: str, kid: str | None) -> str:
    from sotto.protocol.recovery_kit import make_kit

    assert kid is not None
    return make_kit(uid, kid, OTHER)


async def test_hostile_no_keys_say_the_server_when_new_ones_are_wanted(profile, server):
    home, _ = await profile("anew")
    before = kept(home)
    async with Client(server.url, profile_dir=home, transport=Lying()) as client:
        with pytest.raises(KeysNotPublished):
            await client.account.reset_keys("anew", PASSWORD)
    assert kept(home) == before


async def test_hostile_a_server_that_refuses_the_same_identity(profile, server):
    home, signed = await profile("refused")
    before, lying = kept(home), Lying()
    lying.refuses = True
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        with pytest.raises(ApiError):
            await client.account.publish_keys()
    assert kept(home) == before
    lying.refuses = False
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        await client.account.publish_keys()
    assert lying.chain == [signed]


async def test_a_second_account_never_takes_the_place_of_the_first(profile, server):
    home, _ = await profile("first")
    before = kept(home)
    async with Client(server.url, profile_dir=home) as client:
        for name in ("first", "second"):
            with pytest.raises(ProfileDirError):
                await client.account.sign_up(name, PASSWORD, OTHER)
    assert kept(home) == before


async def test_fault_a_reset_that_was_cut_off_goes_on_with_its_keys(profile, server, monkeypatch):
    home, signed = await profile("cut")
    before = kept(home)
    monkeypatch.setattr("sotto.protocol.identity.Keys.generate", classmethod(lambda cls: NEXT))
    lying = Lying(signed)
    lying.refuses = True
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        with pytest.raises(ApiError):
            await client.account.reset_keys("cut", PASSWORD)
    pending = home.pending()
    assert (kept(home), pending is not None) == (before, True)
    lying.refuses = False
    monkeypatch.setattr("sotto.protocol.identity.Keys.generate", None)  # there is no need of others
    monkeypatch.setattr(ProfileDir, "store_account", cut_off)
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        with pytest.raises(OSError, match="cut off"):
            await client.account.reset_keys("cut", PASSWORD)
    assert (kept(home), len(lying.chain)) == (before, 2)
    monkeypatch.undo()
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        await client.account.resume()
        assert client.me.kid == lying.kid
    account = home.account()
    assert account is not None
    assert (account.kid, home.pending()) == (lying.kid, None)


def cut_off(*given, **named):
    raise OSError("cut off")


async def test_keys_that_were_reset_are_published_again_with_the_password(profile, server):
    home, signed = await profile("twice")
    lying = Lying(signed)
    async with Client(server.url, profile_dir=home, transport=lying) as client:
        await client.account.reset_keys("twice", PASSWORD)
    before, chain = kept(home), list(lying.chain)
    for lost in ([], chain[:1]):
        lying.chain = list(lost)
        async with Client(server.url, profile_dir=home, transport=lying) as client:
            with pytest.raises(KeysNotPublished):
                await client.account.resume()
        async with Client(server.url, profile_dir=home, transport=lying) as client:
            with pytest.raises(ApiError, match="bad_password"):
                await client.account.publish_keys()
        async with Client(server.url, profile_dir=home, transport=lying) as client:
            await client.account.publish_keys(PASSWORD)
        assert (kept(home), lying.chain) == (before, chain)


async def test_a_kit_publishes_its_identity_where_the_server_lost_it(profile, server, tmp_path):
    home, signed = await profile("kit")
    async with Client(server.url, profile_dir=home) as client:
        await client.account.resume()
        kit = client.account.recovery_kit()
    lying = Lying()
    async with Client(
        server.url, profile_dir=ProfileDir(tmp_path / "new"), transport=lying
    ) as client:
        await client.account.restore("kit", PASSWORD, kit)
    assert lying.chain == [signed]


def test_hostile_commands_say_how_the_same_keys_are_published_again(cli, server, tmp_path):
    """The server's database forgets the identity, as a backup from before would."""
    assert cli("signup", "cli.lost", home="lost")[0] == 0
    before = kept(ProfileDir(tmp_path / "lost"))
    forget_identity(server, "cli.lost")
    code, _, errors = cli("rooms", home="lost")
    assert (code, "sotto publish-keys" in errors) == (4, True)
    assert cli("publish-keys", home="lost")[0] == 0
    assert cli("rooms", home="lost")[0] == 0
    assert kept(ProfileDir(tmp_path / "lost")) == before


def forget_identity(server, name: str) -> None:
    import sqlite3

    (path,) = server.data.glob("*.sqlite3")
    with sqlite3.connect(path, timeout=10) as database:
        database.execute(
            "DELETE FROM identities WHERE user_id = (SELECT id FROM users WHERE name = ?)", (name,)
        )
