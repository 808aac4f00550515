"""New keys for old (a reset), and the kit that may be left here, sealed."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.lifecycle import delete_account
from accounts.models import Identity, SealedKit
from chatsite.lib import signatures, wire
from chatsite.lib.bus_events import IdentityPublished
from tests.base import PASSWORD, api, canonical, code, create_room, spki

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(ada):
    ada.user.set_password(PASSWORD)
    ada.user.save()
    return ada.publish()


def renewed(person, **changes):
    """The next identity of somebody, by a fresh key."""
    key = Ed25519PrivateKey.generate()
    body = {
        "v": 1,
        "uid": person.uid,
        "name": person.name,
        "ed": wire.b64(key.public_key().public_bytes_raw()),
        "rsa": spki("renewed"),
        "n": 2,
        "prev": person.kid,
        **changes,
    }
    text = canonical(body)
    return {"body": text, "sig": wire.b64(key.sign(signatures.pae("identity", text.encode())))}


def post(person, payload, password=PASSWORD):
    beside = {} if password is None else {"password": password}
    return person.client.post("/api/v1/identities", {**payload, **beside})


def test_a_reset_follows_the_present_identity(ada):
    payload = renewed(ada)
    answer = post(ada, payload)
    assert answer.status_code == 201
    kid = signatures.digest64("identity", payload["body"])
    assert answer.json() == {"kid": kid}
    assert ada.client.get("/api/v1/me").json()["kid"] == kid
    assert ada.client.get("/api/v1/users/ada").json()["identity"] == payload
    old = ada.client.get(f"/api/v1/identities?kid={ada.kid}").json()
    assert old == {"identities": [ada.identity_payload]}, "logs name it"


def test_the_account_learns_when_and_from_where_its_keys_were_replaced(ada, ben):
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
    payload = {**renewed(ada), "password": PASSWORD}
    there = {"HTTP_USER_AGENT": firefox, "REMOTE_ADDR": "192.0.2.77"}
    assert ada.client.post("/api/v1/identities", payload, **there).status_code == 201
    keys = ada.client.get("/api/v1/me").json()["keys"]
    identity = ada.user.current_identity
    assert keys == {
        "kid": identity.kid,
        "made": int(identity.created_at.timestamp() * 1000),
        "agent": "Firefox on Linux",
        "address": "192.0.2.0/24",
    }
    other = ben.client.get(f"/api/v1/identities?kid={identity.kid}").json()
    assert list(other["identities"][0]) == ["body", "sig"], "nobody else learns it"


def test_who_has_no_keys_is_told_of_none(ben):
    assert ben.client.get("/api/v1/me").json()["keys"] is None


def test_a_deleted_account_keeps_no_place_of_its_keys(ada):
    create_room(ada)  # its log names the identity, which stays
    Identity.objects.update(agent="Firefox on Linux", address="192.0.2.0/24")
    delete_account(ada.user, by=None)
    assert list(Identity.objects.values_list("agent", "address")) == [("", "")]


def test_a_reset_sent_twice_changes_nothing(ada):
    payload = renewed(ada)
    assert [post(ada, payload).status_code for _ in range(2)] == [201, 201]
    assert Identity.objects.count() == 2


@pytest.mark.parametrize("password", [None, "", "not this one", PASSWORD + " "])
def test_a_reset_without_the_password_is_refused(ada, password):
    answer = post(ada, renewed(ada), password)
    assert (answer.status_code, code(answer)) == (403, "bad_password")
    assert Identity.objects.get().kid == ada.kid


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"n": 3}, "bad_identity", id="a number left out"),
        pytest.param({"prev": wire.b64(bytes(32))}, "bad_identity", id="another before it"),
        pytest.param({"prev": ""}, "bad_wire", id="none before it"),
        pytest.param({"name": "ben"}, "bad_identity", id="another name"),
        pytest.param({"uid": "f" * 32}, "bad_identity", id="another person"),
    ],
)
def test_a_reset_that_does_not_follow_is_refused(ada, changes, said):
    assert code(post(ada, renewed(ada, **changes))) == said
    assert Identity.objects.count() == 1


def test_a_first_identity_is_no_reset(ben):
    assert code(post(ben, renewed(ben), None)) == "bad_identity"


def test_an_older_identity_does_not_come_back(ada):
    post(ada, renewed(ada))
    assert code(post(ada, ada.identity_payload)) == "has_identity"


def test_guessing_the_password_by_resets_is_slowed_down(ada, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "reset": (2, 3600)}
    answers = [post(ada, renewed(ada), "not this one").status_code for _ in range(3)]
    assert answers == [403, 403, 429]


def test_new_keys_are_told(ada, django_capture_on_commit_callbacks, published):
    with django_capture_on_commit_callbacks(execute=True):
        post(ada, renewed(ada))
    assert IdentityPublished(ada.uid) in published


# --- the sealed kit ------------------------------------------------------------------------------


def kit_of(person, **changes):
    box = wire.b64(bytes(2500))
    kit = {"v": 1, "uid": person.uid, "kid": person.kid, "salt": wire.b64(bytes(32)), "box": box}
    return {**kit, **changes}


def put(person, kit):
    return person.client.put("/api/v1/kit", {"kit": kit})


def test_a_kit_is_kept_replaced_and_dropped(ada):
    client = ada.client
    assert code(client.get("/api/v1/kit")) == "no_kit"
    for salt in (bytes(32), bytes([1] * 32)):
        kit = kit_of(ada, salt=wire.b64(salt))
        assert put(ada, kit).status_code == 204
        assert client.get("/api/v1/kit").json() == {"kit": kit}
    for _ in range(2):
        assert client.delete("/api/v1/kit").status_code == 204
    answer = client.get("/api/v1/kit")
    assert (answer.status_code, code(answer)) == (404, "no_kit")


def test_a_kit_is_its_owners_only(ada, ben):
    put(ada, kit_of(ada))
    assert code(ben.client.get("/api/v1/kit")) == "no_kit"
    kept = [person.client.get("/api/v1/me").json()["kit"] for person in (ada, ben)]
    assert kept == [True, False]
    assert api().get("/api/v1/kit").status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"uid": "f" * 32}, id="another person"),
        pytest.param({"kid": wire.b64(bytes(32))}, id="other keys"),
    ],
)
def test_a_kit_of_other_keys_is_refused(ada, changes):
    assert code(put(ada, kit_of(ada, **changes))) == "bad_kit"
    assert not SealedKit.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"v": 2}, id="another version"),
        pytest.param({"code": "ABCD"}, id="with its code"),
        pytest.param({"salt": wire.b64(bytes(31))}, id="a short salt"),
        pytest.param({"box": wire.b64(bytes(28))}, id="an empty box"),
        pytest.param({"box": wire.b64(bytes(4097))}, id="a box too large"),
        pytest.param({"box": {}}, id="no box"),
        pytest.param({"kid": "x"}, id="no kid"),
    ],
)
def test_what_is_no_kit_is_refused(ada, changes):
    assert code(put(ada, kit_of(ada, **changes))) == "bad_wire"
    assert not SealedKit.objects.exists()


def test_who_has_no_keys_has_no_kit(ben):
    assert code(put(ben, kit_of(ben))) == "bad_kit"


def test_a_reset_drops_the_kit_of_the_old_keys(ada):
    put(ada, kit_of(ada))
    assert post(ada, renewed(ada)).status_code == 201
    assert code(ada.client.get("/api/v1/kit")) == "no_kit"
    assert code(put(ada, kit_of(ada))) == "bad_kit"
