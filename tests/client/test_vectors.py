"""The vectors hold: what they say is made is made, what they refuse is refused."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sotto.protocol import boxes
from sotto.protocol import recovery_kit as kit
from sotto.protocol.encoding import (
    MAX_BODY,
    WireError,
    b64,
    hash64,
    ident,
    integer,
    one_of,
    or_empty,
    pair,
    parse_body,
    string,
    unb64,
)
from sotto.protocol.identity import open_identity, safety_number
from sotto.protocol.signing import check_point, check_spki, pae, sign, verify
from sotto.protocol.signing import hash64 as hash_of
from tests.vectors.generate import MAKERS, rendered
from tests.vectors.making import HERE, load

SCHEMA = {
    "v": one_of(1),
    "id": ident,
    "n": integer(),
    "s": string,
    "p": pair(integer(), or_empty(hash64)),
}
# As the protocol's document states them; the file must say the same.
FIRST = {
    "room": "9d9040e4fe9b30c434afbc66b99d05b5",
    "kcv": "XbTpRhm-vNtAtaEhGfxUwrLPa0UOC8tQKYxtxR348wk",
    "mk": "W4M2_UyHobDngW9UiERGO3kr87BZVj-MBSuA2K5kLm8",
    "tokens": {"w:hello": 14508384, "p:hel": 5452468},
    "safety": "991986030540055084141971758036729775843692116887943841557552",
    "iid": "0d82d6d3e5e49dc3ab446c801995baf9",
    "ipk": "sgvsSgGZQkrhrmR2yzjEYIinzPFgn78XDKhEJRZ68KI",
    "pad": {"63": 64, "64": 128, "1023": 1024, "1024": 2048, "65535": 65536},
}


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("name", MAKERS)
def test_a_file_is_what_the_generator_makes(name):
    assert (HERE / f"{name}.json").read_text() == rendered(name)


def test_the_first_vectors_are_those_of_the_document():
    first = load("first")
    assert {key: first[key] for key in FIRST} == FIRST
    assert first["members"]["hash"] == "NKXR18GWWFg2BygMIXPCXBhnX_dRBBt9RZjysqih6Jg"
    document = (HERE.parents[1] / "docs" / "protocol.md").read_text()
    for key in ("room", "kcv", "mk", "safety", "iid", "ipk"):
        assert first[key] in document


# --- encoding ---


def test_base64url():
    for case in load("encoding")["b64"]:
        assert b64(bytes.fromhex(case["hex"])) == case["b64"]
        assert unb64(case["b64"]).hex() == case["hex"]


@pytest.mark.parametrize("text", [*load("encoding")["b64_refused"], None, 7, b"AAAA"])
def test_base64url_refused(text):
    with pytest.raises(WireError):
        unb64(text)


@pytest.mark.parametrize("text", load("encoding")["bodies"])
def test_bodies(text):
    assert json.dumps(parse_body(text, SCHEMA), separators=(",", ":")) == text


@pytest.mark.parametrize("case", named(load("encoding")["bodies_refused"]))
def test_bodies_refused(case):
    with pytest.raises(WireError):
        parse_body(case["text"], SCHEMA)


def test_a_body_may_have_4096_bytes_and_no_more():
    room = MAX_BODY - len('{"s":""}')
    longest = '{"s":"' + "a" * room + '"}'
    assert parse_body(longest, {"s": string})
    with pytest.raises(WireError):
        parse_body(longest.replace("a", "aa", 1), {"s": string})


# --- signing ---


def test_signatures():
    vectors = load("signing")
    key = Ed25519PrivateKey.from_private_bytes(unb64(vectors["seed"]))
    for case in vectors["cases"]:
        assert pae(case["type"], case["body"].encode()).decode() == case["pae"]
        assert hash_of(case["type"], case["body"]) == case["hash"]
        assert sign(key, case["type"], case["body"]) == case["sig"]
        verify(unb64(vectors["public"]), case["type"], case["body"], case["sig"])


@pytest.mark.parametrize("case", load("signing")["refused"])
def test_signatures_refused(case):
    with pytest.raises(WireError):
        verify(unb64(load("signing")["public"]), "event", "{}", case["sig"])


@pytest.mark.parametrize("point", load("signing")["points_refused"])
def test_points_refused(point):
    with pytest.raises(WireError):
        check_point(bytes.fromhex(point))


@pytest.mark.parametrize("case", named(load("signing")["spki_refused"]))
def test_rsa_keys_refused(case):
    with pytest.raises(WireError):
        check_spki(unb64(case["spki"]))


# --- boxes ---


def test_derivation():
    for case in load("boxes")["hkdf"]:
        out = boxes.hkdf(unb64(case["ikm"]), unb64(case["salt"]), case["info"], case["size"])
        assert b64(out) == case["out"]


def test_padding():
    vectors = load("boxes")
    for case in vectors["pad"]:
        plain = b"\x80" * case["size"]
        padded = boxes.pad(plain)
        assert len(padded) == case["padded"] == boxes.padded_size(case["size"])
        assert hash_of("pad", padded) == case["hash"]
        assert boxes.unpad(padded) == plain
    for case in vectors["pad_bytes"]:
        assert boxes.pad(bytes.fromhex(case["hex"])).hex() == case["padded"]
    for size in vectors["pad_refused"]:
        with pytest.raises(WireError):
            boxes.pad(bytes(size))


@pytest.mark.parametrize("padded", load("boxes")["unpad_refused"])
def test_padding_refused(padded):
    with pytest.raises(WireError):
        boxes.unpad(bytes.fromhex(padded))


def test_a_box_opens():
    box = load("boxes")["box"]
    plain = boxes.open_box(unb64(box["key"]), box["type"], box["ctx"], box["box"])
    assert b64(plain) == box["plain"]


# --- people ---


def test_identities():
    for case in load("identity")["identities"]:
        found = open_identity({"body": case["body"], "sig": case["sig"]})
        shown = (found.kid, found.uid, found.name, found.n, found.prev)
        assert shown == tuple(case[key] for key in ("kid", "uid", "name", "n", "prev"))


@pytest.mark.parametrize("case", named(load("identity")["refused"]))
def test_identities_refused(case):
    with pytest.raises(WireError):
        open_identity({"body": case["body"], "sig": case["sig"]})


def test_safety_numbers():
    for case in load("identity")["safety"]:
        assert safety_number(case["a"], case["b"]) == case["number"]


def test_the_kit_restores():
    vectors = load("kit")
    uid, kid, keys = kit.open_kit(vectors["file"])
    assert (uid, kid) == (vectors["uid"], vectors["kid"])
    assert (b64(keys.seed), b64(keys.pkcs8)) == (vectors["seed"], vectors["pkcs8"])
    assert kit.parse_code(vectors["code"]).hex() == vectors["code_hex"]
    for case in vectors["codes"]:
        assert kit.format_code(bytes.fromhex(case["hex"])) == case["code"]
    for case in vectors["codes_read"]:
        assert kit.parse_code(case["text"]).hex() == case["hex"]


@pytest.mark.parametrize("code", load("kit")["codes_refused"])
def test_codes_refused(code):
    with pytest.raises(WireError):
        kit.parse_code(code)


@pytest.mark.parametrize("case", named(load("kit")["refused"]))
def test_kits_refused(case):
    with pytest.raises(WireError):
        kit.open_kit(case["file"])
