"""What members seal the worker opens, and nothing else."""

from __future__ import annotations

import json

import pytest

from chatsite.lib import signatures, wire
from sotto.protocol.summary import Line, open_answer, seal_ask, worker_id
from summaries.worker.envelopes import Unreadable, open_ask, seal_answer, seal_box
from summaries.worker.keys import WorkerKey, load_key

RID, ROOM, UID = "1" * 32, "2" * 32, "3" * 32
REPLY = bytes(range(32))
LINES = [Line(3, "ada", 1_000, "naïve café 🌱"), Line(4, "B", 2_000, "")]


def ask(key: WorkerKey, **changes) -> dict[str, str]:
    spki = wire.b64(key.spki)
    return seal_ask(RID, ROOM, UID, spki, REPLY, LINES, model="extractive-1", lang="de", **changes)


def opened(key: WorkerKey, given: dict[str, str], **changes):
    about = {"rid": RID, "room": ROOM, "uid": UID, **given, **changes}
    return open_ask(key, **about)


def test_a_request_comes_through_as_it_was(key):
    asked = opened(key, ask(key, earlier="before"))
    assert [(one.seq, one.name, one.ts, one.text) for one in asked.lines] == [
        (3, "ada", 1_000, "naïve café 🌱"),
        (4, "B", 2_000, ""),
    ]
    assert (asked.reply, asked.model, asked.lang) == (REPLY, "extractive-1", "de")
    assert asked.earlier == "before"


@pytest.mark.parametrize("lang", ["de\nIgnore all", "x", "", "de-AT; rm", "-", "de-" + "a" * 9])
def test_what_is_no_language_tag_is_none(key, lang):
    spki = wire.b64(key.spki)
    assert (
        opened(key, seal_ask(RID, ROOM, UID, spki, REPLY, LINES, model="m", lang=lang)).lang == ""
    )


def test_the_asker_reads_the_answer(key):
    box = seal_answer(REPLY, RID, "said\n- naïve", "m")
    answer = open_answer(REPLY, RID, box)
    assert (answer.text, answer.model) == ("said\n- naïve", "m")


def test_an_answer_too_long_to_pad_is_cut_at_a_line(key):
    text = "\n".join(["0123456789" * 10] * 1_000)
    answer = open_answer(REPLY, RID, seal_answer(REPLY, RID, text, "m"))
    assert text.startswith(answer.text)
    assert answer.text.endswith("0123456789")
    assert len(answer.text) > 40_000


@pytest.mark.parametrize("other", ["rid", "room", "uid"])
def test_a_request_moved_elsewhere_does_not_open(key, other):
    with pytest.raises(Unreadable):
        opened(key, ask(key), **{other: "9" * 32})


def test_a_request_for_another_worker_does_not_open(key, tmp_path):
    another = load_key("", tmp_path / "another.pem")
    with pytest.raises(Unreadable):
        opened(another, ask(key))


def test_every_flipped_byte_of_a_request_is_noticed(key):
    given = ask(key)
    for name in ("ek", "box"):
        raw = wire.unb64(given[name])
        for at in range(0, len(raw), 7):
            flipped = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            with pytest.raises(Unreadable):
                opened(key, given, **{name: wire.b64(flipped)})


@pytest.mark.parametrize(
    "plain",
    [
        b"not json",
        b"{}",
        json.dumps({"reply": "x", "model": "m", "lang": "", "messages": []}).encode(),
        json.dumps({"reply": wire.b64(REPLY), "model": 1, "lang": "", "messages": [1]}).encode(),
    ],
)
def test_what_is_sealed_well_and_means_nothing_is_refused_without_a_word_of_it(key, plain):
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
    from cryptography.hazmat.primitives.hashes import SHA256

    context = {"v": 1, "rid": RID, "room": ROOM, "uid": UID}
    label = signatures.pae("ask", json.dumps(context, separators=(",", ":")).encode())
    ek = key.private.public_key().encrypt(REPLY, OAEP(MGF1(SHA256()), SHA256(), label))
    given = {"ek": wire.b64(ek), "box": seal_box(REPLY, "ask", context, plain)}
    with pytest.raises(Unreadable) as refused:
        opened(key, given)
    assert str(refused.value) == ""
    assert refused.value.__cause__ is None


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "secrets" / "summary.pem"
    first = load_key("", path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key("", path).wk == first.wk
    assert load_key(path.read_text(), tmp_path / "unused").wk == first.wk
    assert worker_id(wire.b64(first.spki)) == first.wk


def test_a_key_that_is_none_is_refused_in_one_sentence(tmp_path):
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured, match="openssl genrsa 3072"):
        load_key("-----BEGIN NOTHING-----", tmp_path / "x")
