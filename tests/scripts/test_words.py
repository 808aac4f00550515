"""`scripts.words` names each place of private dialect, and leaves plain text alone."""

from __future__ import annotations

import pytest

from scripts import words


@pytest.fixture
def found(tmp_path, monkeypatch):
    """The problems of a text in a file of some name."""
    monkeypatch.setattr(words, "ROOT", tmp_path)

    def found(text: str, name: str = "module.py") -> list[str]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return list(words.problems(path))

    return found


@pytest.mark.parametrize(
    "text",
    [
        '"""What waits."""',
        '    """Whether it waits."""',
        "/** Where it waits. */",
        "/** How many wait. */",
        "// kept for ever",
        "# whoever asks gets it",
        'help_text="one\'s own key"',
    ],
)
def test_dialect_is_named_with_its_place(found, text):
    (problem,) = found(f"\n{text}\n")
    assert problem.startswith("module.py:2: ")


@pytest.mark.parametrize(
    "text",
    ['"""The queue of messages."""', "# what waits is sent", '"""What is new: a page."""'],
)
def test_plain_words_pass(found, text):
    assert found(text) == []


def test_docstrings_of_tests_are_sentences_about_behaviour(found):
    assert found('"""What was sent arrives."""', "tests/test_module.py") == []


@pytest.mark.parametrize(
    "text",
    ["What was sent arrives.", "It waits. Who has left cannot read.", "- What is kept: keys."],
)
def test_a_sentence_of_a_document_begins_with_a_noun(found, text):
    (problem,) = found(f"# Title\n{text}", "page.md")
    assert problem.startswith("page.md:2: ")
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["## What is kept", "Sotto asks: What is kept?", "The server sees who writes what."]
)
def test_headings_and_questions_of_documents_pass(found, text):
    assert found(text, "page.md") == []
