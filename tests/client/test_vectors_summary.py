"""The vectors of summaries hold: what a program and what a browser wrote is read alike."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sotto.protocol.encoding import WireError, b64, encode_body, unb64
from sotto.protocol.room_keys import oaep_open
from sotto.protocol.signing import pae
from sotto.protocol.summary import (
    Range,
    open_answer,
    open_summary,
    parse_summary,
    verify_summary,
    worker_id,
)
from tests.vectors.generate import rendered
from tests.vectors.making import cast, load

VECTORS = load("summary")


def named(cases):
    return [pytest.param(case, id=case.get("name") or case["by"]) for case in cases]


def test_the_worker_s_key_is_known_by_its_hash():
    assert worker_id(b64(cast()["ada"].keys.spki)) == VECTORS["worker"]["wk"]
    assert json.loads(rendered("summary")) == VECTORS


@pytest.mark.parametrize("case", named(VECTORS["asks"]))
def test_a_question_holds_what_was_asked(case):
    aad = pae("ask", encode_body(case["ctx"]).encode())
    key = oaep_open(cast()["ada"].keys.rsa, aad, unb64(case["ek"]))
    box = unb64(case["box"])
    assert json.loads(AESGCM(key).decrypt(box[:12], box[12:], aad)) == case["question"]


@pytest.mark.parametrize("case", VECTORS["answers"])
def test_an_answer_opens(case):
    found = open_answer(unb64(case["reply"]), case["rid"], case["box"])
    assert {"text": found.text, "model": found.model} == case["answer"]


@pytest.mark.parametrize("case", named(VECTORS["answers_refused"]))
def test_what_is_no_answer_is_refused(case):
    with pytest.raises(WireError):
        open_answer(unb64(case["reply"]), case["rid"], case["box"])


def opened(case, stage: str = ""):
    """Step by step; `stage` is where it has to be refused."""
    if stage == "read":
        with pytest.raises(WireError):
            parse_summary(case["body"])
        return None
    shared = parse_summary(case["body"])
    ed = cast()[case["author"]].keys.ed_public
    if stage == "verify":
        with pytest.raises(WireError):
            verify_summary(case, shared, ed)
        return None
    verify_summary(case, shared, ed)
    keys = [unb64(key) for key in case["keys"]]
    if stage == "open":
        with pytest.raises(WireError):
            open_summary(keys, shared.range, case["box"])
        return None
    return shared, open_summary(keys, shared.range, case["box"])


@pytest.mark.parametrize("case", named(VECTORS["summaries"]))
def test_a_summary_opens(case):
    shared, answer = opened(case)
    told = case["told"]
    assert shared.range == Range(told["room"], told["from"], told["to"], told["a"], told["b"])
    assert (shared.uid, shared.kid, shared.dis) == (told["uid"], told["kid"], told["dis"])
    assert {"text": answer.text, "model": answer.model} == case["answer"]


@pytest.mark.parametrize("case", named(VECTORS["summaries_refused"]))
def test_what_is_no_summary_is_refused_where_it_is_wrong(case):
    assert opened(case, case["stage"]) is None
