"""Messages: what their sender sealed opens, and nothing else does."""

from __future__ import annotations

import pytest
from sotto.encoding import WireError, b64, unb64
from sotto.log import extend_log
from sotto.message import (
    Header,
    MessageError,
    check_row,
    decrypt_message,
    open_header,
    seal_message,
    verify_message,
)
from sotto.order import Order
from sotto.roomkeys import message_key

from tests.vectors.making import K3, NOW, cast, chosen, identities, load

VECTORS = load("message")
PEOPLE = cast()
KNOWN = identities(PEOPLE.values())
STATE = extend_log(
    None,
    ({"event": e["event"], "sig": e["sig"]} for e in load("log")["logs"][VECTORS["log"]]),
    KNOWN,
)


def key_of(header):
    return unb64(VECTORS["keys"][str(header.e)])


def read(row):
    """The content of a row, all checks passed; or how far it came."""
    opened = open_header(row)
    verify_message(row, opened, STATE, KNOWN)
    return decrypt_message(row, opened.header, key_of(opened.header))


def stage_of(row):
    try:
        opened = open_header(row)
    except WireError:
        return "header"
    try:
        verify_message(row, opened, STATE, KNOWN)
    except MessageError as error:
        return "verify" if error.reason == "refused" else "ahead"
    try:
        decrypt_message(row, opened.header, key_of(opened.header))
    except WireError:
        return "decrypt"
    return "accepted"


@pytest.mark.parametrize("case", VECTORS["rows"], ids=lambda case: str(case["row"]["seq"]))
def test_a_message_opens(case):
    row = case["row"]
    opened = open_header(row)
    header = opened.header
    assert (opened.id, b64(opened.s)) == (case["id"], case["s"])
    assert header.text == row["h"]
    args = (header.room, header.e, header.uid, header.dev, header.n)
    assert b64(message_key(key_of(header), *args)) == case["mk"]
    assert read(row) == case["content"]


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in VECTORS["refused"]])
def test_a_message_is_refused_where_it_should_be(case):
    assert stage_of(case["row"]) == case["stage"]


@pytest.mark.parametrize("key", ["h", "iv", "ct", "sig"])
def test_a_changed_character_anywhere_is_refused(key):
    row = VECTORS["rows"][0]["row"]
    for at in range(len(row[key])):
        letter = "A" if row[key][at] != "A" else "B"
        changed = {**row, key: row[key][:at] + letter + row[key][at + 1 :]}
        assert stage_of(changed) in ("header", "verify", "ahead")


def test_the_sender_seals_what_the_vectors_say():
    case = VECTORS["rows"][0]
    row, header = case["row"], open_header(case["row"]).header
    ed, random = PEOPLE["ada"].keys.ed, chosen("message 0")
    sealed = seal_message(header, key_of(header), ed, case["content"], random)
    assert (sealed.h, sealed.iv, sealed.ct) == (row["h"], row["iv"], row["ct"])
    assert (sealed.sig, sealed.id) == (row["sig"], case["id"])


@pytest.mark.parametrize(
    "content",
    [{}, {"t": "text"}, {"t": "text", "body": None}, {"t": "text", "body": "\ud800"}, {"t": 1}],
)
def test_what_readers_would_refuse_is_never_sealed(content):
    ada = PEOPLE["ada"]
    lh = (STATE.seq, STATE.hash)
    header = Header(STATE.room, 3, ada.uid, ada.kid, ada.dev, 1, "", lh, (0, ""), "c" * 32, NOW)
    with pytest.raises(WireError):
        seal_message(header, K3, ada.keys.ed, content)


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        {},
        {"seq": 0, "h": "", "iv": "", "ct": "", "sig": ""},
        {"seq": True, "h": "", "iv": "", "ct": "", "sig": ""},
        {"seq": 1, "h": "", "iv": "", "ct": None, "sig": ""},
    ],
)
def test_what_has_not_the_shape_of_a_row_is_refused(row):
    with pytest.raises(WireError):
        check_row(row)


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in VECTORS["order"]])
def test_order(case):
    order = Order()
    for message in case["messages"]:
        lh, sh = tuple(message["lh"]), tuple(message["sh"])
        uid, dev, n, pm, e = (message[key] for key in ("uid", "dev", "n", "pm", "e"))
        header = Header("0" * 32, e, uid, "", dev, n, pm, lh, sh, "", 0)
        verdict = order.push(message["seq"], message["id"], header)
        assert (verdict.accepted, verdict.missing, verdict.other_view) == (
            message["accepted"],
            message["missing"],
            message["other_view"],
        )


def test_messages_go_in_by_rising_seq():
    order = Order()
    assert order.highest == (0, "")
    assert order.hold(1, "m1") is False
    assert order.hold(3, "m3") is True
    assert order.highest == (3, "m3")
    with pytest.raises(ValueError, match="rising"):
        order.hold(3, "m3")
