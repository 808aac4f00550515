"""The vectors of rooms hold: keys, links, search tokens, contents."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from benchmarks.query_cases import is_reached
from sotto.protocol import room_keys as roomkeys
from sotto.protocol import search_terms
from sotto.protocol import search_tokens as tokens
from sotto.protocol.content import is_known, read_content, refs_of, write_content
from sotto.protocol.encoding import WireError, b64, unb64
from sotto.protocol.events import room_id
from sotto.protocol.identity import open_identity
from sotto.protocol.invite_link import Link, open_card, open_escrow, open_item
from sotto.protocol.knock import open_knock
from sotto.protocol.log import extend_log
from sotto.protocol.profile import open_profile, profile_hash, read_profile
from sotto.protocol.restore_notice import open_notice
from sotto.protocol.room_state import Invite
from sotto.protocol.search_asking import clauses, units
from sotto.protocol.search_match import Matcher
from sotto.protocol.search_query import MOST_TERMS, parse_query, score
from sotto.protocol.search_text import read
from sotto.protocol.signing import verify
from sotto.protocol.spelling import suggestions
from tests.vectors.finding import CASES, found_by
from tests.vectors.making import cast, load
from tests.vectors.searching import count


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


def test_room_keys():
    vectors = load("roomkeys")
    room = vectors["room"]
    assert room_id(vectors["kid"], unb64(vectors["nonce"])) == room
    for case in vectors["derived"]:
        key, e = unb64(case["key"]), case["e"]
        mk = roomkeys.message_key(key, room, e, case["uid"], case["dev"], case["n"])
        assert roomkeys.kcv(key, room, e) == case["kcv"]
        assert b64(mk) == case["mk"]
        assert b64(roomkeys.profile_key(key, room, e)) == case["pk"]
        assert b64(roomkeys.escrow_key(key, room, e)) == case["esc"]
        assert b64(roomkeys.search_key(key, room, case["g"])) == case["sk"]


def test_wraps_open():
    vectors, people = load("roomkeys"), cast()
    for case in vectors["wraps"]:
        rsa = people[case["name"]].keys.rsa
        args = (vectors["room"], case["e"], case["to"], rsa, case["kcv"])
        assert b64(roomkeys.unwrap_key(case["ct"], *args)) == case["key"]


@pytest.mark.parametrize("case", named(load("roomkeys")["wraps_refused"]))
def test_wraps_refused(case):
    vectors, ada = load("roomkeys"), cast()["ada"]
    commitment = vectors["wraps"][0]["kcv"]
    with pytest.raises(WireError):
        roomkeys.unwrap_key(case["ct"], vectors["room"], 1, ada.kid, ada.keys.rsa, commitment)


def test_invitations():
    vectors = load("invite")
    link = Link.parse(f"https://example.org/i{vectors['fragment']}")
    assert (link.iid, link.ipk, b64(link.key)) == tuple(vectors[k] for k in ("iid", "ipk", "K_inv"))
    assert b64(link.signer.private_bytes_raw()) == vectors["sk_inv"]
    assert link.fragment == vectors["fragment"]
    for type_, proof in (("invite", vectors["pop"]), ("joiner", vectors["isig"])):
        verify(unb64(link.ipk), type_, proof["body"], proof["sig"])


@pytest.mark.parametrize("fragment", load("invite")["fragments_read"])
def test_a_link_is_read_with_what_was_copied_behind_it(fragment):
    pasted = f"#general: come to https://example.org/i{fragment} soon"
    assert b64(Link.parse(pasted).secret) == load("invite")["secret"]


@pytest.mark.parametrize("text", load("invite")["pasted"])
def test_a_link_is_read_out_of_what_was_pasted(text):
    assert b64(Link.parse(text).secret) == load("invite")["secret"]


@pytest.mark.parametrize("fragment", load("invite")["fragments_refused"])
def test_links_refused(fragment):
    with pytest.raises(WireError):
        Link.parse(fragment)


def test_boxes_of_a_link_and_a_profile():
    vectors = load("invite")
    link, room = Link.derive(unb64(vectors["secret"])), vectors["room"]
    key, plain = unb64(vectors["key"]), unb64(vectors["plain"])
    box = {kind: entry["box"] for kind, entry in vectors["boxes"].items()}
    assert open_card(link, room, box["card"]) == plain
    assert open_item(link.key, room, link.iid, 1, box["item"]) == key
    assert open_escrow(key, room, link.iid, 1, box["escrow"]) == link.key
    assert open_profile(key, room, 1, box["profile"], vectors["h"]) == plain
    assert profile_hash(plain) == vectors["h"]
    profile = read_profile(plain)
    assert {"name": profile.name, "topic": profile.topic, "avatar": profile.avatar} == (
        vectors["profile"]
    )


# --- knocking ---


def link_of(case):
    return case["invite"] and Invite(case["invite"]["ipk"], exp=0, max=1, by="", seq=0)


def given(case):
    return {key: case[key] for key in ("body", "sig", "isig")}


@pytest.mark.parametrize("case", named(load("knock")["cases"]))
def test_knocks(case):
    found = open_knock(given(case), open_identity(case["identity"]), link_of(case))
    assert asdict(found) == case["knock"]


@pytest.mark.parametrize("case", named(load("knock")["refused"]))
def test_knocks_refused(case):
    with pytest.raises(WireError):
        open_knock(given(case), open_identity(case["identity"]), link_of(case))


# --- search ---


@pytest.mark.parametrize("case", named(load("tokens")["cases"]))
def test_tokens(case):
    vectors = load("tokens")
    sk = unb64(vectors["sk"])
    assert tokens.fold(case["text"]) == case["fold"]
    assert [{"text": w, "pair": p} for w, p in tokens.words(case["text"]).items()] == case["words"]
    assert tokens.terms(case["text"]) == case["terms"]
    assert sorted({tokens.token(sk, term) for term in case["terms"]}) == case["tokens"]
    made = search_terms.tokens_for(sk, case["text"], vectors["g"])
    assert made["g"] == vectors["g"]
    assert set(case["tokens"]) <= set(made["t"]), "those of version 1 are among them"
    assert made["t"] == sorted(set(made["t"]))
    assert len(made["t"]) % vectors["step"] == 0


@pytest.mark.parametrize("case", named(load("search")["queries"]))
def test_queries(case):
    query = parse_query(case["given"])
    assert (query.text, query.before, query.after) == (case["text"], case["before"], case["after"])
    assert [term._asdict() for term in query.terms] == case["terms"]
    assert (query.senders, query.has, query.rooms) == (case["from"], case["has"], case["in"])
    assert [list(problem) for problem in query.problems] == case["problems"]


@pytest.mark.parametrize("case", load("search")["times"], ids=lambda case: case["query"])
def test_how_well_texts_fit_queries(case):
    counts = count(case["text"], parse_query(case["query"]).terms)
    assert (counts.tf, counts.length) == (case["tf"], case["length"])
    for room in case["scores"]:
        about = {key: room[key] for key in ("df", "total", "average")}
        assert score(counts, **about) == pytest.approx(room["score"], rel=1e-12)


FINDING = load("finding")


@pytest.mark.parametrize("case", FINDING["texts"], ids=lambda case: case["text"])
def test_the_words_of_texts(case):
    text = read(case["text"])
    atoms = [[atom.text, atom.plain, atom.apart, atom.glued] for atom in text.atoms]
    assert atoms == case["atoms"]
    assert [list(joined) for joined in text.joined] == case["joined"]


@pytest.mark.parametrize(
    ("text", "query", "expected"), [row for rows in CASES.values() for row in rows]
)
def test_what_is_found_by_a_query(text, query, expected):
    assert found_by(text, query) == expected


@pytest.mark.parametrize(
    ("text", "query", "expected"), [row for rows in CASES.values() for row in rows]
)
def test_what_is_found_is_also_asked_for(text, query, expected):
    if expected in ("exact", "near", "forms"):
        assert is_reached(text, Matcher(parse_query(query)), forms=expected == "forms")


def test_every_case_is_a_vector():
    wanted = [row for rows in CASES.values() for row in rows]
    assert [(one["text"], one["query"], one["found"]) for one in FINDING["cases"]] == wanted


@pytest.mark.parametrize("case", FINDING["asked"], ids=lambda case: case["query"][:40])
def test_what_is_asked_for(case):
    matcher = Matcher(parse_query(case["query"]))
    assert clauses(matcher) == case["exact"]
    assert clauses(matcher, loose=True) == case["loose"]
    assert clauses(matcher, older=False) == case["newer"]
    found = [[list(map(list, one.ways)), list(one.forms)] for one in units(matcher)]
    assert found == case["units"]
    assert len({term for one in units(matcher) for term in one.terms}) <= MOST_TERMS
    assert all(len(terms) <= MOST_TERMS for terms in clauses(matcher, loose=True))


@pytest.mark.parametrize("case", FINDING["tokens"]["cases"], ids=lambda case: case["text"][:40])
def test_tokens_of_version_2(case):
    sk = unb64(FINDING["tokens"]["sk"])
    assert search_terms.terms(case["text"]) == case["terms"]
    made = search_terms.tokens_for(sk, case["text"], 1)
    older = {tokens.token(sk, term) for term in tokens.terms(case["text"])}
    assert (made["g"], made["v"], len(made["t"]) % 8) == (1, 2, 0)
    assert {*case["tokens"], *older} <= set(made["t"])
    assert len(made["t"]) < len({*case["tokens"], *older}) + 8


def test_of_a_long_message_all_words_have_tokens():
    sk = unb64(FINDING["tokens"]["sk"])
    words = [f"word{number}" for number in range(1000)]
    made = set(search_terms.tokens_for(sk, " ".join(words), 1)["t"])
    assert {tokens.token(sk, f"w:{word}") for word in words} <= made
    longest = " ".join(f"word{number}" for number in range(5000))
    last = "rule1599"
    made = set(search_terms.tokens_for(sk, " ".join(f"rule{n}" for n in range(1600)), 1)["t"])
    asked = clauses(Matcher(parse_query(last)), older=False)
    assert any({tokens.token(sk, term) for term in one} <= made for one in asked)
    assert len(search_terms.tokens_for(sk, longest, 1)["t"]) <= search_terms.MOST_TOKENS


@pytest.mark.parametrize("case", FINDING["meant"], ids=lambda case: case["query"])
def test_what_was_meant(case):
    assert suggestions(parse_query(case["query"]), case["texts"]) == case["meant"]


@pytest.mark.parametrize("name", load("log")["logs"])
def test_generations(name):
    vectors = load("log")
    events = [{"event": one["event"], "sig": one["sig"]} for one in vectors["logs"][name]]
    known = {one.kid: one for one in map(open_identity, vectors["identities"])}
    wanted = {one["state"]["e"]: one["state"]["g"] for one in vectors["logs"][name]}
    assert extend_log(None, events, known).generations() == wanted


def test_a_text_has_256_words_at_most():
    many = load("tokens")["many"]
    found = list(tokens.words(many["text"]))
    assert (len(found), found[-1]) == (many["words"], many["last"])


# --- contents ---


@pytest.mark.parametrize("case", named(load("message")["contents"]))
def test_contents(case):
    content = read_content(unb64(case["plain"]))
    assert content == case["content"]
    assert is_known(content) == case["known"]
    assert refs_of(content) == case["refs"]
    assert read_content(write_content(content)) == content


@pytest.mark.parametrize("plain", load("message")["contents_refused"])
def test_contents_refused(plain):
    with pytest.raises(WireError):
        read_content(unb64(plain))


# --- restored sites ---


@pytest.mark.parametrize("case", named(load("restored")["cases"]))
def test_notices_of_restored_sites(case):
    assert asdict(open_notice(case)) == case["notice"]


@pytest.mark.parametrize("case", named(load("restored")["refused"]))
def test_hostile_notices_are_refused(case):
    with pytest.raises(WireError):
        open_notice(case)
