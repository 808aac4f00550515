"""What one implementation writes, with randomness of its own, the other reads: both ways."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from io import BytesIO
from typing import Any

import pytest

from sotto.protocol import boxes, search_terms
from sotto.protocol.attachments import CHUNK, FileSealer
from sotto.protocol.encoding import b64, unb64
from sotto.protocol.event_builder import Author
from sotto.protocol.identity import make_identity, safety_number
from sotto.protocol.invite_link import Link, seal_card, seal_escrow, seal_item
from sotto.protocol.knock import make_knock
from sotto.protocol.message import Header, seal_message
from sotto.protocol.profile import Profile, profile_hash, seal_profile, write_profile
from sotto.protocol.recovery_kit import make_kit
from sotto.protocol.room_keys import kcv, wrap_key
from sotto.protocol.summary import Answer, Line, Range, seal_ask, seal_summary
from summaries.worker.envelopes import open_ask, seal_answer
from summaries.worker.keys import WorkerKey
from tests.protocol.golden import Golden, golden
from tests.protocol.opening import read
from tests.vectors.histories import group, links
from tests.vectors.making import K2, NOW, SECRET, Person, cast, everyone, load

ADA = cast()["ada"]
ROOM = load("roomkeys")["room"]
KEY = b64(K2)
PROFILE = {"name": "Küche, 台所", "topic": "", "avatar": ""}
EVENTS = [one for one in golden() if one.kind == "event"]


def signer(person: Person, now: int = NOW) -> dict[str, Any]:
    return {"uid": person.uid, "kid": person.kid, "seed": b64(person.keys.seed), "now": now}


def private(person: Person) -> dict[str, str]:
    return {"seed": b64(person.keys.seed), "pkcs8": b64(person.keys.pkcs8)}


def both_read(javascript, kind: str, context: dict[str, Any], given: Any) -> Any:
    """The value that both find in an object."""
    (ours,) = read(kind, context, [given])
    assert javascript.call("read", kind=kind, context=context, objects=[given]) == [ours]
    return ours["value"]


def test_identities(javascript):
    about: dict[str, Any] = {"uid": "ab" * 16, "name": "new.one", "n": 2, "prev": ADA.kid}
    theirs = javascript.call("make", kind="identity", keys=private(ADA), about=about)
    ours = make_identity(ADA.keys, **about)
    assert theirs["body"] == ours["body"]
    for given in (ours, theirs):
        found = both_read(javascript, "identity", {}, given)
        assert {key: found[key] for key in about} == about


# --- events ---


def extra_of(event: dict[str, Any]) -> dict[str, Any]:
    """What a composer must be told of an event."""
    secrets = {link.iid: b64(link.secret) for link in links().values()}
    extra = {key: event[key] for key in list(event)[8:]}
    if event["t"] in ("invite", "join"):
        terms: dict[str, Any] = {key: extra[key] for key in ("exp", "max") if key in extra}
        return terms | {"secret": secrets[event["iid"]]}
    return {"key": KEY, **extra} if "kcv" in extra else extra


@pytest.mark.parametrize("one", EVENTS, ids=lambda one: one.name)
def test_events(one: Golden, javascript):
    wanted = json.loads(one.given["event"])
    author = next(p for p in everyone().values() if p.kid == wanted["kid"])
    by, extra = signer(author, wanted["ts"]), extra_of(wanted)
    made = javascript.call("make", kind="event", t=wanted["t"], by=by, extra=extra, **one.context)
    both_read(javascript, "event", one.context, made)
    found = json.loads(made["event"])
    assert list(found) == list(wanted)
    for event in (found, wanted):
        for fresh in ("pop", "isig", "nonce"):
            event.pop(fresh, None)
    if one.name == "create":
        wanted["room"] = found["room"]
    if "kcv" in wanted:
        wanted["kcv"] = kcv(K2, found["room"], found.get("e", 1))
    assert found == wanted
    both_read(javascript, "event", one.context, one.given)


# --- keys and boxes ---


def test_wraps(javascript):
    about = {"room": ROOM, "e": 2, "to": ADA.kid}
    spki = b64(ADA.identity.rsa)
    theirs = javascript.call("make", kind="wrap", key=KEY, spki=spki, **about)
    ct = wrap_key(K2, ROOM, 2, ADA.kid, ADA.identity.rsa)
    context = {"room": ROOM, "kcv": kcv(K2, ROOM, 2), **private(ADA)}
    for given in ({"e": 2, "to": ADA.kid, "ct": ct}, theirs):
        assert both_read(javascript, "wrap", context, given) == KEY


@pytest.mark.parametrize("kind", ["item", "escrow", "card"])
def test_boxes_of_a_link(kind, javascript):
    link, plain = (
        Link.derive(os.urandom(32)),
        write_profile(Profile(PROFILE["name"], PROFILE["topic"])),
    )
    context = {"secret": b64(link.secret), "room": ROOM, "iid": link.iid, "e": 7, "key": KEY}
    theirs = javascript.call("make", kind=kind, profile=PROFILE, **context)
    ours, wanted = {
        "item": (seal_item(link.key, ROOM, link.iid, 7, K2), KEY),
        "escrow": (seal_escrow(K2, ROOM, link.iid, 7, link.key), b64(link.key)),
        "card": (seal_card(link, ROOM, plain), PROFILE),
    }[kind]
    for given in ({"box": ours}, theirs):
        assert both_read(javascript, kind, context, given) == wanted


def test_profiles(javascript):
    context = {"room": ROOM, "e": 3, "key": KEY}
    theirs = javascript.call("make", kind="profile", profile=PROFILE, **context)
    plain = write_profile(Profile(PROFILE["name"], PROFILE["topic"]))
    ours = {"h": profile_hash(plain), "box": seal_profile(K2, ROOM, 3, plain)}
    for given in (ours, theirs):
        assert both_read(javascript, "profile", {**context, "h": given["h"]}, given) == PROFILE


def test_links(javascript):
    for secret in (SECRET, os.urandom(32)):
        found = javascript.call("make", kind="link", secret=b64(secret))
        link = Link.derive(secret)
        ours = {"iid": link.iid, "ipk": link.ipk, "key": b64(link.key), "fragment": link.fragment}
        assert found == {**ours, "secret": b64(Link.parse(link.fragment).secret)}


def test_kits(javascript):
    about = {"uid": ADA.uid, "kid": ADA.kid, **private(ADA)}
    theirs = javascript.call("make", kind="kit", **about)
    for given in (theirs, {"file": make_kit(ADA.uid, ADA.kid, ADA.keys)}):
        assert both_read(javascript, "kit", {}, given) == about


@pytest.mark.parametrize("link", [None, Link.derive(SECRET)], ids=["after a reset", "by a link"])
def test_knocks(link: Link | None, javascript):
    secret = b64(link.secret) if link is not None else None
    theirs = javascript.call("make", kind="knock", room=ROOM, by=signer(ADA), secret=secret)
    ours = make_knock(ROOM, Author(ADA.uid, ADA.kid, ADA.keys.ed, NOW), link)
    assert theirs["body"] == ours["body"]
    context = {"identity": ADA.signed, "invite": link and {"ipk": link.ipk}}
    for given in (ours, theirs):
        assert both_read(javascript, "knock", context, given)["uid"] == ADA.uid


# --- summaries ---

QUESTION: dict[str, Any] = {
    "model": "extractive-1",
    "lang": "de-AT",
    "messages": [{"seq": 7, "name": "ada", "ts": NOW, "text": "Zwölf Äpfel\n“heute” 🍏"}],
    "earlier": "Davor: 台所",
}
ANSWER = {"text": "Zwölf Äpfel – 台所", "model": "extractive-1"}
RID = "5a" * 16


def test_questions_to_a_worker(javascript):
    """The worker, which shares no code with either, reads what both write."""
    worker, reply = WorkerKey(ADA.keys.rsa), os.urandom(32)
    context = {"rid": RID, "room": ROOM, "uid": ADA.uid}
    spki = b64(worker.spki)
    lines = [Line(**line) for line in QUESTION["messages"]]
    about: dict[str, Any] = {
        "model": QUESTION["model"],
        "lang": QUESTION["lang"],
        "earlier": QUESTION["earlier"],
    }
    theirs = javascript.call(
        "make", kind="ask", context=context, spki=spki, question=QUESTION, reply=b64(reply)
    )
    ours = seal_ask(RID, ROOM, ADA.uid, spki, reply, lines, **about)
    for given in (ours, theirs):
        opened = open_ask(worker, **context, **given)
        assert opened.reply == reply
        assert [asdict(line) for line in opened.lines] == QUESTION["messages"]
        assert {key: getattr(opened, key) for key in about} == about


def test_answers_of_a_worker(javascript):
    reply = os.urandom(32)
    given = {"box": seal_answer(reply, RID, ANSWER["text"], ANSWER["model"])}
    context = {"reply": b64(reply), "rid": RID}
    assert both_read(javascript, "answer", context, given) == ANSWER


def test_summaries_for_a_room(javascript):
    keys = [K2, os.urandom(32), os.urandom(32)]
    span = {"room": ROOM, "from": 3, "to": 90, "a": 4, "b": 6}
    by: dict[str, Any] = {"uid": ADA.uid, "kid": ADA.kid, "dis": 12}
    told = {"keys": [b64(key) for key in keys], "seed": b64(ADA.keys.seed)}
    theirs = javascript.call("make", kind="summary", about={**span, **by}, answer=ANSWER, **told)
    about = Range(ROOM, 3, 90, 4, 6)
    ours = seal_summary(keys, about, Answer(**ANSWER), ed=ADA.keys.ed, **by)
    context = {"keys": told["keys"], "ed": b64(ADA.keys.ed_public)}
    for given in (ours, theirs):
        found = both_read(javascript, "summary", context, given)
        assert found == {"dis": 12, "from": 3, "to": 90, **ANSWER}
        moved = {**given, "body": given["body"].replace('"to":90', '"to":91')}
        lacking = {**context, "keys": context["keys"][:-1]}
        for wrong in ((context, moved), (lacking, given)):
            refused = javascript.call("read", kind="summary", context=wrong[0], objects=[wrong[1]])
            assert refused == read("summary", wrong[0], [wrong[1]]) == [{"refused": True}]


# --- messages ---


@pytest.mark.parametrize("case", load("message")["contents"], ids=lambda case: case["name"])
def test_messages(case, javascript):
    script = group()
    state, content = script.state, case["content"]
    header = Header(
        room=state.room,
        e=state.e,
        uid=ADA.uid,
        kid=ADA.kid,
        dev=ADA.dev,
        n=2,
        pm=ADA.kid,
        lh=(state.seq, state.hash),
        sh=(1, ADA.kid),
        cid="c" * 32,
        ts=NOW,
    )
    seed, about = b64(ADA.keys.seed), asdict(header)
    theirs = javascript.call(
        "make", kind="message", about=about, key=KEY, seed=seed, content=content
    )
    sealed = asdict(seal_message(header, K2, ADA.keys.ed, content))
    context = {
        "identities": [person.signed for person in script.people.values()],
        "events": script.events,
        "keys": {str(state.e): KEY},
    }
    for made in (sealed, theirs):
        row = {"seq": 2, **{key: made[key] for key in ("h", "iv", "ct", "sig")}}
        assert row["h"] == header.text
        assert len(unb64(row["ct"])) == len(unb64(sealed["ct"]))
        assert both_read(javascript, "message", context, row)["content"] == content


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1])
def test_files(size, javascript):
    plain = os.urandom(size)
    theirs = javascript.call("make", kind="file", plain=b64(plain))
    sealing = FileSealer(BytesIO(plain), size)
    ours = {"sealed": b64(b"".join(sealing)), "file": sealing.content("a.bin", "")}
    for given in (ours, theirs):
        assert both_read(javascript, "file", {}, given) == b64(plain)


# --- what both compute alike ---


def test_search_tokens(javascript):
    vectors = load("tokens")
    for case in vectors["cases"]:
        about = {"key": vectors["sk"], "text": case["text"], "g": vectors["g"]}
        theirs = javascript.call("make", kind="tokens", **about)
        ours = search_terms.tokens_for(unb64(vectors["sk"]), case["text"], vectors["g"])
        assert theirs["g"] == ours["g"]
        assert len(theirs["t"]) == len(ours["t"])
        assert set(case["tokens"]) <= set(theirs["t"]) & set(ours["t"])
        assert theirs["t"] == sorted(set(theirs["t"]))


def test_safety_numbers(javascript):
    for _ in range(50):
        a, b = b64(os.urandom(32)), b64(os.urandom(32))
        assert javascript.call("make", kind="safety", a=a, b=b) == safety_number(b, a)


@pytest.mark.parametrize("size", [0, 1, 62, 63, 64, 127, 128, 1022, 1023, 1024, 2047, 2048, 65535])
def test_padding(size, javascript):
    plain = os.urandom(size)
    padded = boxes.pad(plain)
    found = javascript.call("make", kind="padding", plain=plain.hex(), padded=b64(padded))
    assert found == {"padded": b64(padded), "plain": b64(plain)}
