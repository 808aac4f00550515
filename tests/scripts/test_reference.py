"""The reference of the Python client is made from its docstrings, and complete."""

from __future__ import annotations

import inspect
import re
import sys

from scripts import reference
from scripts.environment import ROOT
from sotto.client import Client


def test_the_reference_is_what_the_code_gives():
    assert reference.OUT.read_text("utf-8") == reference.reference(), (
        "run `python -m scripts.reference`"
    )


def test_every_part_of_a_client_and_every_method_is_in_it():
    text, client = reference.reference(), Client("http://localhost")
    parts = {name for name in vars(client) if name != "session" and not name.startswith("_")}
    assert parts == set(reference.PARTS)
    for name in parts:
        assert f"## `client.{name}`" in text
        for method, _ in inspect.getmembers(type(getattr(client, name)), inspect.isfunction):
            if not method.startswith("_"):
                assert f"{method}(" in text, f"{name}.{method}"


def test_every_class_that_a_method_takes_or_returns_is_in_it():
    """Whichever folder of the client it is in."""
    text, client = reference.reference(), Client("http://localhost")
    named: set[str] = set()
    for one in (Client, *(type(getattr(client, part)) for part in reference.PARTS)):
        for name, member in vars(one).items():
            found = getattr(member, "fget", None) or member
            if name == "__init__" or not name.startswith("_"):
                annotations = map(str, getattr(found, "__annotations__", {}).values())
                named |= {word for said in annotations for word in re.findall(r"[A-Z]\w+", said)}
    modules = [module for name, module in sys.modules.items() if name.startswith("sotto.")]
    ours = {one.__name__ for module in modules for one in vars(module).values()
            if inspect.isclass(one) and one.__module__.startswith("sotto.")}  # fmt: skip
    assert {"Message", "Attachment", "Summary"} <= named & ours
    inner = {"Session", "Clock", "Trust"}  # of which programs need to know nothing
    missing = {one for one in named & ours - inner if f"## `{one}`" not in text}
    assert not missing


def test_signatures_are_written_as_in_the_code_and_tell_nothing_of_the_machine():
    text = reference.reference()
    assert "### `async send(room: str, text: str, re: Message | None = None) -> int`" in text
    assert " at 0x" not in text
    assert str(ROOT) not in text


def test_a_docstring_s_sections_become_lists():
    doc = "Do it.\n\nArgs:\n    a: one, which\n        goes on.\n\nReturns:\n    Its seq."
    assert reference._text(doc) == (
        "Do it.\n\n**Args:**\n\n- `a`: one, which\n  goes on.\n\n**Returns:**\n\nIts seq."
    )


def test_an_outdated_reference_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reference, "OUT", tmp_path / "client-api.md")
    assert reference.main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
