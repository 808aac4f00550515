"""The engine without a model: what it picks."""

from __future__ import annotations

import random
import re

import pytest

from summaries.worker.engines.base import Failed
from summaries.worker.engines.extractive import Extractive
from summaries.worker.envelopes import Line


def picked(*said: tuple[str, str]) -> list[str]:
    return gone_on("", *said)


def gone_on(earlier: str, *said: tuple[str, str]) -> list[str]:
    """The lines of a summary without times, numbers and headings."""
    lines = [Line(n, name, n, text) for n, (name, text) in enumerate(said, 1)]
    text = Extractive().summarise(lines, "", earlier).text
    return [
        re.sub("^- (?:→ )?#[0-9]+ [^ ]+ ", "- ", line)
        for line in text.splitlines()
        if not line.startswith("## ")
    ]


def test_what_is_talked_about_is_picked_and_what_agrees_is_not():
    found = picked(
        ("A", "The train to Lisbon leaves on Monday at seven, who has the tickets?"),
        ("B", "ok"),
        ("B", "I have the tickets for the train to Lisbon."),
        ("A", "+1"),
        ("C", "lol"),
        ("C", "Then we meet on Monday at the station before the train leaves."),
    )
    assert len(found) == 3
    assert not any(line in {"- B: ok", "- A: +1", "- C: lol"} for line in found)


def test_what_was_said_already_is_not_said_again():
    found = picked(
        *[("A", "The release is blocked by the failing login test.")] * 5,
        ("B", "The designer wants another colour for the button."),
        ("C", "Lunch is at noon in the small kitchen today."),
    )
    assert found.count("- A: The release is blocked by the failing login test.") == 1
    assert len(found) == 3


def speakers(lines: list[str]) -> list[str]:
    return [line.removeprefix("- ").partition(":")[0] for line in lines]


def test_a_program_that_repeats_itself_leaves_room_for_people():
    names = [a + b for a in ("red", "blue", "old", "new", "far") for b in "abcdef"]
    said = [("ci", f"Pipeline for branch {name} finished, its tests passed.") for name in names]
    said[14:14] = [
        ("ada", "When do we give the new version to the library?"),
        ("ben", "On Thursday, once the security review is through."),
    ]
    found = picked(*said)
    assert speakers(found).count("ci") == 1
    assert {"ada", "ben"} <= set(speakers(found))


def test_nobody_has_more_than_half_while_others_have_something_to_say():
    said = [
        ("ada", f"The {one} needs {one}paint, {one}wood, {one}nails and {one}time.")
        for one in ("gate", "shed", "pump", "lamp", "roof", "door", "bench", "pond")
    ]
    said.insert(2, ("ben", "The gardener comes late."))
    assert sorted(speakers(picked(*said))) == ["ada", "ada", "ben"]


@pytest.mark.parametrize(
    "texts",
    [
        [
            "明日の会議は十時からです。",
            "会議の資料は誰が作りますか。",
            "私が会議の資料を作ります。",
        ],
        ["موعد الاجتماع غدا في العاشرة", "من يحضر ملف الاجتماع؟", "أنا أحضر ملف الاجتماع"],
        ["ประชุมพรุ่งนี้สิบโมง", "ใครเตรียมเอกสารประชุม", "ฉันเตรียมเอกสารประชุม"],
        ["Σήμερα η συνάντηση", "Ποιος φέρνει το αρχείο;", "Εγώ φέρνω το αρχείο"],
    ],
)
def test_any_script(texts):
    found = picked(*[("A", text) for text in texts])
    assert found
    assert all(line.removeprefix("- A: ") in "".join(texts) for line in found)


def test_messages_without_words_have_no_summary():
    with pytest.raises(Failed, match="nothing"):
        picked(("A", "👍"), ("B", "!!!"))


def test_of_links_only_the_host_comes_through():
    found = picked(
        ("A", "Look at https://evil.example/?q=secret for the plan of the garden."),
        ("B", "The plan of the garden says that the beds move."),
    )
    text = "\n".join(found)
    assert "(evil.example)" in text
    assert "//" not in text
    assert "secret" not in text


TOPICS = [
    "kitchen",
    "garden",
    "harbour",
    "library",
    "railway",
    "concert",
    "hospital",
    "election",
    "picnic",
    "orchard",
]


def about(topic: str, dice: random.Random) -> str:
    """A sentence in words that other topics have not, and some that they have."""
    own = [f"{topic}{a}{b}" for a in "abcdef" for b in "xyzuvw"]
    return " ".join([*dice.choices(own, k=7), *dice.choices(["so", "we", "then", "that"], k=4)])


@pytest.mark.parametrize("messages", [200, 1000])
def test_a_long_range_is_told_as_a_whole(messages):
    """Of ten topics at least eight are told, in order and without pauses between them."""
    dice = random.Random(1)
    said = [("ABCD"[n % 4], about(TOPICS[n * 10 // messages], dice) + ".") for n in range(messages)]
    found = picked(*said)
    assert 8 <= len(found) <= 24
    told = [next(topic for topic in TOPICS if topic in line) for line in found]
    assert len(set(told)) >= 8
    assert told == sorted(told, key=TOPICS.index)


def test_pauses_make_slices_with_their_times():
    hour = 3_600_000
    lines = [
        Line(n, "AB"[n % 2], (n // 10) * 8 * hour + n * 60_000, about(TOPICS[0], random.Random(n)))
        for n in range(40)
    ]
    text = Extractive().summarise(lines, "", "").text
    assert re.findall("^## (.*)$", text, re.M)[:2] == [
        "1970-01-01T00:00Z – 1970-01-01T08:19Z",
        "1970-01-01T16:20Z – 1970-01-02T00:39Z",
    ]


def test_a_bot_says_once_what_differs_by_numbers_only():
    talk = [("A", "The parser is merged on Monday."), ("B", "The login waits for its mail.")]
    bot = [("ci", f"Build {n} passed in {n * 7 % 60} seconds.") for n in range(1000, 1030)]
    found = picked(*bot[:15], talk[0], *bot[15:], talk[1])
    assert sum(line.startswith("- ci: ") for line in found) == 1
    assert {f"- {name}: {text}" for name, text in talk} <= set(found)


def test_a_question_brings_its_answer():
    text = (
        Extractive()
        .summarise(
            [
                Line(1, "A", 0, "Who has the tickets for the train to Lisbon on Monday?"),
                Line(2, "C", 1, "lol"),
                Line(3, "B", 2, "I have the tickets for the train."),
                Line(4, "A", 3, "Nice weather today"),
            ],
            "",
            "",
        )
        .text.splitlines()
    )
    at = next(n for n, line in enumerate(text) if "#1 " in line)
    assert text[at + 1] == "- → #3 1970-01-01T00:00Z B: I have the tickets for the train."


def test_code_of_members_is_not_cut():
    code = "Take `Vec<String>` in __init__.py, not x_1 or *args."
    assert picked(("A", code), ("B", "The other file stays as it is.")) == [
        f"- A: {code}",
        "- B: The other file stays as it is.",
    ]


# --- going on from an earlier summary ------------------------------------------------------------

TALK = [
    ("A", "The tomato seedlings go out this weekend, before the heat comes."),
    ("B", "I bring the compost on Saturday at nine."),
    ("C", "The council wants the shed painted before June."),
    ("A", "Green for the shed, like the fence behind the beds."),
    ("B", "The water pump is broken and a new one costs ninety."),
    ("C", "Cleo asks her uncle, who repairs pumps in the village."),
]


def test_what_the_earlier_summary_says_is_not_said_again():
    first = picked(*TALK[:4])
    assert len(first) == 3
    found = gone_on("\n".join(first), *TALK)
    assert not set(found) & set(first)
    assert {"- B: The water pump is broken and a new one costs ninety."} <= set(found)
    third = gone_on("\n".join([*first, "[5–6]", *found]), *TALK, ("A", "Thanks for the pump!"))
    assert not set(third) & {*first, *found}


def test_what_is_said_a_little_otherwise_is_not_said_again():
    earlier = "- A: The release is blocked by the failing login test."
    found = gone_on(
        earlier,
        ("B", "the release is blocked by the failing login test!"),
        ("C", "The designer wants another colour for the button."),
    )
    assert found == ["- C: The designer wants another colour for the button."]


def test_long_sentences_are_known_again_though_they_were_cut():
    long = "The river garden plan says that " + "every bed moves two steps north and " * 12
    first = picked(("A", long), ("B", "ok"))
    assert first[0].endswith(" …")
    with pytest.raises(Failed, match="nothing_new"):
        gone_on("\n".join(first), ("A", long))


def test_where_nothing_is_new_it_says_so():
    with pytest.raises(Failed, match="nothing_new") as failed:
        gone_on("\n".join(f"- {name}: {text}" for name, text in TALK), *TALK)
    assert not any(word in failed.value.sentence for word in ("tomato", "pump"))


def test_parts_that_say_the_same_are_joined_once():
    assert Extractive().merge(["- A: one\n- B: two", "- A: one\n- C: three"], "").text == (
        "- A: one\n- B: two\n- C: three"
    )


def test_an_earlier_summary_by_a_model_is_gone_on_from_too():
    earlier = "They planned the garden.\n- B brings the compost on Saturday at nine."
    found = gone_on(earlier, *TALK[1:3])
    assert found[-1] == "- C: The council wants the shed painted before June."
