"""Forward lists and postings, byte for byte: every engine stores the same ones."""

from __future__ import annotations

import pytest

from messaging.store.index.postings import Shape, holds, joined, pack_tokens, tokens_in, unpack


def test_a_posting_is_its_token_and_offset_in_little_endian():
    built = Shape().build(
        [(4097, pack_tokens((0x010002,))), (4098, pack_tokens((0x010002, 0xFF0000)))]
    )
    assert built == {0x01: bytes.fromhex("0120000002200000"), 0xFF: bytes.fromhex("02000000")}
    assert list(unpack(built[0x01])) == [0x2001, 0x2002]


@pytest.mark.parametrize(
    ("tokens", "token", "held"),
    [
        pytest.param((0x000001, 0x010203), "000101", False, id="across two others"),
        pytest.param((0x000101, 0x010101), "010101", True, id="also across two others"),
        pytest.param((0x000101,), "000101", True, id="alone"),
        pytest.param((), "000101", False, id="of none"),
    ],
)
def test_a_forward_list_holds_whole_tokens(tokens, token, held):
    assert holds(pack_tokens(tokens), bytes.fromhex(token)) is held


def test_tokens_are_added_to_a_forward_list_in_order():
    given = pack_tokens((2, 3))
    assert joined(b"", given) == given
    assert list(tokens_in(joined(pack_tokens((1, 3)), given))) == [1, 2, 3]
