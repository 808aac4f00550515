"""The server's hashes and signatures, and the keys that it takes."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatsite.lib import signatures, wire

VECTORS = Path(__file__).parent.parent / "vectors"
FIRST = json.loads((VECTORS / "first.json").read_text())


def test_only_rsa_keys_of_one_size_and_exponent_are_taken():
    [identity, *_] = json.loads((VECTORS / "identity.json").read_text())["identities"]
    good = wire.unb64(json.loads(identity["body"])["rsa"])
    signatures.check_spki(good)
    for bad in (good[:-1], good + b"\0", bytes(422), good[:-1] + b"\3"):
        with pytest.raises(wire.BadWire):
            signatures.check_spki(bad)


def test_hashes_agree_with_the_first_vectors():
    assert (
        wire.b64(signatures.digest("members", FIRST["members"]["json"].encode()))
        == (FIRST["members"]["hash"])
    )


def test_a_good_signature_passes_and_a_changed_one_does_not():
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    ed = key.public_key().public_bytes_raw()
    sig = key.sign(signatures.pae("event", b"body"))
    signatures.verify(ed, "event", b"body", wire.b64(sig))
    for type_, body in (("event", b"other"), ("invite", b"body")):
        with pytest.raises(wire.BadWire):
            signatures.verify(ed, type_, body, wire.b64(sig))
    for at in range(64):
        flipped = bytearray(sig)
        flipped[at] ^= 1
        with pytest.raises(wire.BadWire):
            signatures.verify(ed, "event", b"body", wire.b64(bytes(flipped)))


@pytest.mark.parametrize(
    "point",
    [
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "ff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ],
)
def test_small_and_non_canonical_points_are_refused(point):
    with pytest.raises(wire.BadWire):
        signatures.check_point(bytes.fromhex(point))
