"""The vectors of reports hold: what proves a message is opened, and nothing else."""

from __future__ import annotations

import json

import pytest

from sotto.protocol.encoding import WireError, b64, unb64
from sotto.protocol.log import extend_log
from sotto.protocol.message import MessageError, decrypt_with
from sotto.protocol.report import (
    Disclosure,
    once,
    open_disclosure,
    open_report,
    open_reported,
    parse_report,
    receivers,
    report_key_id,
    verify_report,
)
from tests.vectors.generate import rendered
from tests.vectors.histories import group
from tests.vectors.making import K3, cast, identities, load
from tests.vectors.messages import conversation

VECTORS = load("report")
LOG = load("log")["logs"][VECTORS["log"]]
KNOWN = identities(cast().values())
KEYS = {int(e): unb64(key) for e, key in VECTORS["keys"].items()}
STATE = extend_log(None, [{"event": one["event"], "sig": one["sig"]} for one in LOG], KNOWN)


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


def opened(case):
    """As its reader opens it: members with the room's keys, the site without."""
    reader = cast()[case["reader"]]
    keys = KEYS if case["member"] else None
    return open_report(case["given"], case["to"], reader.keys.rsa, STATE, KNOWN, keys)


def test_the_file_is_what_is_generated():
    assert json.loads(rendered("report")) == VECTORS
    assert report_key_id(b64(cast()["dan"].keys.spki)) == VECTORS["site"]["rk"]


@pytest.mark.parametrize("case", named(VECTORS["reports"]))
def test_a_report_opens_the_message_that_it_names(case):
    found = opened(case)
    told = case["opened"]
    assert (found.report.rid, found.report.uid) == (told["rid"], told["by"])
    assert (found.report.seq, found.why, found.note) == (told["seq"], told["why"], told["note"])
    assert found.content["t"] == "text"


@pytest.mark.parametrize("case", named(VECTORS["refused"]))
def test_hostile_reports_forged_and_of_another_room_are_refused_where_they_are_wrong(case):
    stage, given = case["stage"], case["given"]
    if stage == "read":
        with pytest.raises(WireError):
            parse_report(given["body"])
        return
    report = parse_report(given["body"])
    if stage in ("verify", "ahead"):
        with pytest.raises((WireError, MessageError)) as refusal:
            verify_report(given, report, STATE, KNOWN)
        assert (getattr(refusal.value, "reason", "") == "ahead") == (stage == "ahead")
        return
    verify_report(given, report, STATE, KNOWN)
    if stage == "receiver":
        with pytest.raises(WireError):
            opened(case)
        return
    rsa = cast()[case["reader"]].keys.rsa
    if stage == "open":
        with pytest.raises(WireError):
            open_disclosure(report, given["box"], given["key"], case["to"], rsa)
        return
    disclosure = open_disclosure(report, given["box"], given["key"], case["to"], rsa)
    keys = KEYS if case["member"] else None
    with pytest.raises((WireError, MessageError)):
        open_reported(report, given["row"], disclosure, STATE, KNOWN, keys)


def test_no_other_message_opens_with_what_a_report_reveals():
    case = VECTORS["reports"][1]
    report = parse_report(case["given"]["body"])
    reader = cast()[case["reader"]].keys.rsa
    disclosure = open_disclosure(
        report, case["given"]["box"], case["given"]["key"], case["to"], reader
    )
    assert disclosure.mk == unb64(case["mk"])
    assert disclosure.mk != K3
    others = [row for row, _ in conversation(group()) if row["seq"] != report.seq]
    assert len(others) == 7
    for row in others:
        with pytest.raises(WireError):
            open_reported(report, row, disclosure, STATE, KNOWN)
        with pytest.raises(WireError):  # nor by who skips the comparison
            decrypt_with(row, disclosure.mk)


def test_hostile_a_replayed_report_counts_once():
    one, two = (opened(case) for case in VECTORS["reports"][:2])
    assert once([one, two, one]) == [one, two]


def test_the_author_of_a_message_gets_no_report_about_it():
    ada, ben = cast()["ada"], cast()["ben"]
    assert receivers(STATE, ben.uid) == [ada.kid]
    assert receivers(STATE, ada.uid) == []


def test_a_key_that_opens_the_row_is_refused_by_members_who_have_another():
    case = VECTORS["reports"][2]
    found = opened(case)  # the site cannot tell
    with pytest.raises(WireError, match="another message"):
        open_reported(
            found.report,
            case["given"]["row"],
            Disclosure(unb64(case["mk"]), "abuse", ""),
            STATE,
            KNOWN,
            KEYS,
        )
