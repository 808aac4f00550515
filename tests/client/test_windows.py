"""A room read in windows: judged as one, whatever was read first, and the server's lies found."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto.message_reader import Window
from sotto.protocol.encoding import WireError
from sotto.protocol.message import Header
from sotto.protocol.message_order import MessageOrder, Verdict
from sotto.protocol.seen_messages import SeenMessage, SeenMessages

MOST = 30  # messages of a room
ROOM, KID, CID = "9" * 32, "k" * 43, "c" * 32


@dataclass(frozen=True)
class Page:
    """What a server gives for the numbers `first` … `last`."""

    first: int
    last: int


def message(
    seq: int, *, who: str = "a", e: int = 1, n: int = 1, pm: str = "", lh: int = 0, sh: int = 0,
    seen: str = "", good: bool = True, readable: bool = True,
) -> SeenMessage:  # fmt: skip
    header = Header(ROOM, e, who * 32, KID, who * 32, n, pm, (lh, KID), (sh, seen), CID, 0)
    return SeenMessage(seq, f"m{seq}" if readable else "", header if readable else None, good)


@st.composite
def rooms(draw: st.DrawFn) -> dict[int, SeenMessage]:
    """A conversation of three, in which the server lies now and then: messages are missing, moved,
    repeated or refused, and counts fall.
    """
    found: dict[int, SeenMessage] = {}
    tips: dict[str, tuple[int, str]] = {}
    e = 1
    for seq in range(1, draw(st.integers(1, MOST)) + 1):
        who = draw(st.sampled_from("abc"))
        n, pm = tips.get(who, (0, ""))
        e += draw(st.integers(0, 9)) == 0
        sh = draw(st.integers(0, seq - 1))
        made = message(seq, who=who, e=e, n=n + 1, pm=pm, sh=sh, seen=f"m{sh}" if sh else "")
        tips[who] = (n + 1, made.id)
        found[seq] = made
    for seq in draw(st.lists(st.sampled_from(sorted(found)), max_size=4)):
        if seq not in found:
            continue
        lie = draw(st.sampled_from(["drop", "refuse", "unreadable", "swap", "repeat", "epoch"]))
        other = draw(st.sampled_from(sorted(found)))
        _tell(lie, found, seq, other)
    return found


def _tell(lie: str, room: dict[int, SeenMessage], seq: int, other: int) -> None:
    one = room[seq]
    if lie == "drop":
        del room[seq]
    elif lie == "refuse":
        room[seq] = SeenMessage(seq, one.id, one.header, False)
    elif lie == "unreadable":
        room[seq] = SeenMessage(seq, "", None, False)
    elif lie == "swap":
        room[seq], room[other] = _moved(room[other], seq), _moved(one, other)
    elif lie == "repeat":
        room[seq] = _moved(room[other], seq)
    else:
        room[seq] = message(seq, who="c", e=9, n=seq, pm=f"m{seq - 1}")


def _moved(one: SeenMessage, seq: int) -> SeenMessage:
    return SeenMessage(seq, one.id, one.header, one.good)


def read_in_order(room: dict[int, SeenMessage]) -> dict[int, Verdict]:
    """The verdicts of who reads from the first message to the last, as they fall."""
    order = MessageOrder()
    return {seq: room[seq].judge(order) for seq in sorted(room)}


def read_in_windows(room: dict[int, SeenMessage], pages: list[Page]) -> SeenMessages:
    seen = SeenMessages()
    for page in pages:
        for seq in range(page.first, page.last + 1):
            if seq in room:
                seen.add(room[seq])
        seen.cover(page.first, page.last)
    return seen


@st.composite
def jumps(draw: st.DrawFn) -> tuple[dict[int, SeenMessage], list[Page]]:
    """A room, and pages of it in any order."""
    room = draw(rooms())
    last = max(room, default=1)
    ends = st.tuples(st.integers(1, last), st.integers(1, last)).map(sorted)
    return room, [Page(*pair) for pair in draw(st.lists(ends, max_size=6))]


@given(jumps())
def test_random_jumps_end_with_the_verdicts_of_a_full_read(read):
    room, pages = read
    last = max(room, default=1)
    seen = read_in_windows(room, [*pages, Page(1, last)])
    assert {seq: seen.verdict(seq) for seq in room} == read_in_order(room)


@given(jumps(), st.randoms(use_true_random=False))
def test_no_verdict_depends_on_the_order_of_reading(read, random):
    room, pages = read
    shuffled = random.sample(pages, len(pages))
    one, other = read_in_windows(room, pages), read_in_windows(room, shuffled)
    for seq in room:
        assert (seq in one) == (seq in other)
        if seq in one:
            assert one.verdict(seq) == other.verdict(seq)


@given(jumps())
def test_an_honest_room_is_clean_in_every_window(read):
    room, pages = read
    honest: dict[int, SeenMessage] = {}
    tips: dict[str, tuple[int, str]] = {}
    for seq, one in sorted(room.items()):
        who = one.header.uid[0] if one.header else "a"
        n, pm = tips.get(who, (0, ""))
        honest[seq] = message(seq, who=who, n=n + 1, pm=pm)
        tips[who] = (n + 1, honest[seq].id)
    there = sorted(honest)
    if there != list(range(1, len(there) + 1)):
        return  # a number was dropped: not honest
    seen = read_in_windows(honest, pages)
    for seq in there:
        if seq in seen:
            assert seen.verdict(seq) == Verdict(accepted=True, missing=False, other_view=False)


def chain(many: int) -> dict[int, SeenMessage]:
    """One sender's messages."""
    return {
        seq: message(seq, n=seq, pm=f"m{seq - 1}" if seq > 1 else "") for seq in range(1, many + 1)
    }


def test_what_was_not_read_is_not_missing():
    seen = read_in_windows(chain(9), [Page(1, 2), Page(8, 9)])
    assert [seen.verdict(seq).missing for seq in (1, 2, 8, 9)] == [False] * 4


def test_a_number_that_was_asked_for_and_did_not_come_is_missing():
    room = chain(9)
    del room[5]
    assert read_in_windows(room, [Page(4, 6)]).verdict(6).missing
    assert read_in_windows(room, [Page(6, 9), Page(4, 5)]).verdict(6).missing
    assert not read_in_windows(room, [Page(6, 9)]).verdict(6).missing


def test_windows_far_apart_are_judged_as_one():
    """The second window repeats, under new numbers, what the first one had."""
    room = chain(9)
    room[8] = SeenMessage(8, "m1", room[1].header, True)
    alone = read_in_windows(room, [Page(8, 8)])
    assert alone.verdict(8).accepted
    assert not read_in_windows(room, [Page(8, 8), Page(1, 2)]).verdict(8).accepted


def test_a_chain_that_skips_messages_shows_where_windows_meet():
    room = chain(9)
    room[7] = message(7, n=8, pm="gone")
    apart = read_in_windows(room, [Page(1, 3), Page(7, 7)])
    assert not apart.verdict(7).missing, "n = 4 to 7 may be in what was not read"
    apart.cover(4, 6)
    assert apart.verdict(7).missing


def test_the_next_message_of_a_chain_names_the_one_before_even_far_away():
    room = chain(3)
    room[9] = message(9, n=4, pm="another")
    assert read_in_windows(room, [Page(1, 3), Page(9, 9)]).verdict(9).missing


def test_who_saw_another_message_is_found_once_it_is_seen():
    room = chain(3)
    room[9] = message(9, who="b", sh=2, seen="other")
    seen = read_in_windows(room, [Page(9, 9)])
    assert not seen.verdict(9).other_view
    seen.add(room[2])
    assert seen.verdict(9).other_view


def test_numbers_that_the_server_lost_are_forgotten():
    seen = read_in_windows(chain(9), [Page(1, 9)])
    assert seen.drop_after(6) == [7, 8, 9]
    assert (seen.newest, seen.covers(6), seen.covers(7), 7 in seen) == (6, True, False, False)


def test_messages_before_those_that_expired_are_not_judged():
    seen = SeenMessages(after=3)
    for one in chain(6).values():
        seen.add(one)
    assert not seen.verdict(4).missing
    with pytest.raises(KeyError):
        seen.verdict(3)


@pytest.mark.parametrize(("asked", "middle"), [(6, 6), (1, 4), (99, 12), (None, 9)])
def test_a_window_is_around_the_message_that_was_asked_for_or_the_nearest_one(asked, middle):
    answer = {"first": 4, "head": 12, "around": middle}
    assert Window.of(answer, asked) == Window(middle, first=4, head=12)


@pytest.mark.parametrize(
    "lie", [{"around": 9}, {"around": None}, {"around": True}, {"first": -1}, {"head": "9"}]
)
def test_hostile_an_answer_about_another_message_or_without_whole_numbers(lie):
    answer = {"first": 4, "head": 12, "around": 6}
    with pytest.raises(WireError):
        Window.of({**answer, **lie}, 6)


@pytest.mark.parametrize(
    ("seqs", "refused"),
    [
        ([4, 5, 6, 7], False),
        ([], False),
        ([6], False),
        ([3, 4], True),
        ([7, 8], True),
        ([1], True),
        ([5, 99], True),
    ],
)
def test_hostile_a_window_has_the_messages_that_were_asked_for_and_no_others(seqs, refused):
    window, rows = Window(6, first=1, head=99), [{"seq": seq} for seq in seqs]
    with pytest.raises(WireError) if refused else nullcontext():
        window.check_places(rows, 4)
