"""The command line has all that the library has."""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from pathlib import Path

from sotto import cli
from sotto.cli.arguments import parser
from sotto.client import Client
from tests.live import ROOT

OTHERWISE = {
    "contacts.safety_number": "verify",  # by the key that the server shows, which may be in doubt
    "messages.send": "send",
    "room_admin.disclose": "summary",  # `summaries.request` does it, before anything is shown
    "rooms.open": "history",
}
"""Operations that no command calls by name, or more than one, and the command that has them."""


def operations() -> set[str]:
    """Every public method of a client's parts, such as `rooms.create`."""
    client = Client("http://localhost")
    parts = {name: part for name, part in vars(client).items() if name != "session"}
    return {
        f"{name}.{method}"
        for name, part in parts.items()
        for method, _ in inspect.getmembers(type(part), inspect.isfunction)
        if not method.startswith("_")
    }


def called() -> set[str]:
    """Every `client.PART.METHOD` in the modules of the commands."""
    found = set()
    for path in Path(inspect.getfile(cli)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(
                    attr=method, value=ast.Attribute(attr=part, value=ast.Name(id="client"))
                ):
                    found.add(f"{part}.{method}")
    return found


def commands(of: argparse.ArgumentParser, before: str = "") -> set[str]:
    """Every command, such as `send` and `bot create`."""
    found = set()
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, made in action.choices.items():
                found |= commands(made, f"{before}{name} ") or {f"{before}{name}"}
    return found


def test_every_operation_of_the_library_has_a_command():
    assert operations() - called() - OTHERWISE.keys() == set()
    assert set(OTHERWISE.values()) <= commands(parser())
    assert OTHERWISE.keys() <= operations()


def test_every_command_is_in_the_readme():
    text = (ROOT / "client" / "README.md").read_text()
    missing = {one for one in commands(parser()) if not re.search(rf"`{one}[ `]", text)}
    assert missing == set()
