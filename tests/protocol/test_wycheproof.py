"""Project Wycheproof's cases through both wrappers: each as its `result` says.

What our parameters leave no room for (other sizes of keys, IVs and tags; texts that are not
ASCII; points that the protocol refuses) must be refused, whatever its result.
tests/vectors/wycheproof/README.md says where the files come from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from sotto.protocol.boxes import gcm_open, gcm_seal, hkdf
from sotto.protocol.room_keys import oaep_open
from sotto.protocol.search_tokens import hmac_sha256
from sotto.protocol.signing import verify_bytes

DATA = Path(__file__).resolve().parents[1] / "vectors" / "wycheproof"
Case = dict[str, Any]


def cases(name: str) -> Iterator[Case]:
    """Each case with what its group says."""
    found = json.loads((DATA / f"{name}_test.json").read_text())
    for group in found["testGroups"]:
        about = {key: value for key, value in group.items() if key != "tests"}
        about |= {"pk": group["publicKey"]["pk"]} if "publicKey" in group else {}
        yield from ({**about, **case} for case in group["tests"])


def _hex(case: Case, *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def _gcm(case: Case) -> bool:
    key, iv, aad, msg, ct, tag = _hex(case, "key", "iv", "aad", "msg", "ct", "tag")
    plain = gcm_open(key, iv, ct + tag, aad)
    return plain == msg and gcm_seal(key, iv, plain, aad) == ct + tag


def _ed25519(case: Case) -> bool:
    verify_bytes(*_hex(case, "pk", "msg", "sig"))
    return True


def _hkdf(case: Case) -> bool:
    ikm, salt, okm = _hex(case, "ikm", "salt", "okm")
    return hkdf(ikm, salt, case["text"], case["size"]) == okm


def _hmac(case: Case) -> bool:
    key, msg, tag = _hex(case, "key", "msg", "tag")
    return hmac_sha256(key, msg) == tag


def _oaep(case: Case) -> bool:
    label, ct, msg = _hex(case, "label", "ct", "msg")
    return oaep_open(_rsa(case["privateKeyPkcs8"]), label, ct) == msg


@cache
def _rsa(pkcs8: str) -> RSAPrivateKey:
    """Loading checks the key, which takes long."""
    key = load_der_private_key(bytes.fromhex(pkcs8), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


CHECKS: dict[str, Callable[[Case], bool]] = {
    "gcm": _gcm,
    "ed25519": _ed25519,
    "hkdf": _hkdf,
    "hmac": _hmac,
    "oaep": _oaep,
}
FILES = {
    "gcm": "aes_gcm",
    "ed25519": "ed25519",
    "hkdf": "hkdf_sha256",
    "hmac": "hmac_sha256",
    "oaep": "rsa_oaep_3072_sha256_mgf1sha256",
}


def accepted(what: str, case: Case) -> bool:
    try:
        return CHECKS[what](case)
    except ValueError:
        return False


def outside(what: str, case: Case) -> bool:
    """Whether our parameters leave no room for a case."""
    if what == "gcm":
        return (case["keySize"], case["ivSize"], case["tagSize"]) != (256, 96, 128)
    if what == "hmac":
        return (case["keySize"], case["tagSize"]) != (256, 256)
    return what == "hkdf" and not case["text"].isascii()


# (all cases, valid ones that are accepted, outside our parameters)
COUNTS = {
    "gcm": (316, 39, 250),
    "ed25519": (151, 88, 0),
    "hkdf": (86, 31, 55),
    "hmac": (174, 27, 93),
    "oaep": (37, 18, 0),
}


@pytest.mark.parametrize("what", COUNTS)
def test_each_case_is_judged_as_it_should_be(what, javascript):
    found = list(cases(FILES[what]))
    for case in found:
        case["text"] = bytes.fromhex(case.get("info", "")).decode("latin-1")
    ours = [accepted(what, case) for case in found]
    theirs = javascript.call("wycheproof", what=what, cases=found)
    for case, python, browser in zip(found, ours, theirs, strict=True):
        wanted = case["result"] == "valid" and not outside(what, case)
        assert (python, browser) == (wanted, wanted), (what, case["tcId"], case["comment"])
    left_out = sum(outside(what, case) for case in found)
    assert (len(found), sum(ours), left_out) == COUNTS[what]
