"""Limits on the cost of opening a page made of an export."""

from __future__ import annotations

import re

import pytest

from sotto.exports.html_export import as_html
from sotto.text_limits import CHARACTERS, LINES, MARKS, RUN, breakable, brief, fewer_marks, pages

NASTY = {
    "arabic": "ب" * 32_000,
    "marks": "a" + "\u0301" * 32_000,
    "directions": "aب" * 16_000,
    "lines": "\n" * 65_000,
    "letters": "x" * 65_000,
    "words": "word " * 13_000,
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_text_comes_in_pages_that_are_small_and_lose_nothing(text):
    found = list(pages(text))
    assert "".join(found) == text
    assert all(0 < len(page) <= CHARACTERS and page.count("\n") <= LINES for page in found)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_text_can_be_broken_and_has_few_marks(text):
    assert "".join(breakable(text)) == text
    assert not re.search(rf"\S{{{RUN + 1}}}", " ".join(breakable(text)))
    assert len(fewer_marks(text)) <= len(text)
    assert "\u0301" * (MARKS + 1) not in fewer_marks(text)


def test_hostile_names_are_one_short_line():
    assert brief("Garden") == "Garden"
    assert brief("a\n\n  b") == "a b"
    for text in NASTY.values():
        assert len(brief(text)) <= 121
        assert "\n" not in brief(text)
    assert brief("word " * 1000).endswith("…")


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_message_fills_no_page_of_an_export(text):
    line = {"seq": 1, "status": "ok", "name": text, "ts": 0, "text": text, "missing": False}
    line |= {"other_view": False, "files": [text], "options": [text, text], "votes": {}}
    about = {"name": text, "topic": text, "exported": 0, "by": {"name": "ada"}, "frozen": ""}
    html = as_html({**about, "room": "r", "conversation": [line]})
    at_once = re.sub(r"<details>.*?</details>", "", html, flags=re.S)
    assert len(at_once) < 10_000
    assert not re.search(rf"[^\s<>]{{{RUN + 100}}}", html)
    if "\u0301" not in text:
        assert re.sub(r"<[^>]*>", "", html).count(text[0]) >= text.count(text[0]), "nothing is lost"
