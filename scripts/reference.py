"""Writes docs/client-api.md, the reference of the Python client, from its docstrings.

`python -m scripts.reference` writes it; with `--check`, as `make check` runs it, it only compares
the file with what the code would give.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

from scripts.environment import ROOT

sys.path.insert(0, str(ROOT / "client"))

OUT = ROOT / "docs" / "client-api.md"
HEAD = """# The Python client's reference

Made from the docstrings of `client/sotto/` by `python -m scripts.reference`: change those.
[The client's README](../client/README.md) has an introduction, the command line and examples.
"""
PARTS = (
    *("account", "rooms", "room_admin", "members", "messages", "files", "search", "summaries"),
    *("contacts", "bots", "reports"),
)
"""The parts of a client, in the order of the README."""
MORE = {
    "bots": ("Bot", "BotToken"),
    "reports": ("RoomReport",),
    "joining": ("Preview",),
    "membership": ("Waiting",),
    "protocol.attachments": ("Attachment",),
    "protocol.identity": ("Identity",),
    "room_log": ("Me",),
    "search.backfill": ("BackfillProgress",),
    "summaries": ("Summary",),
}
"""Values that methods return and `sotto` does not export, by module."""
SECTION = re.compile(r"(Args|Returns|Raises):")
ENTRY = re.compile(r"    ([\w*, .`]+): (.*)")


def main(arguments: list[str]) -> int:
    """Write the reference, or compare it; returns an exit code."""
    text = reference()
    if "--check" not in arguments:
        OUT.write_text(text, "utf-8")
        return 0
    if OUT.exists() and OUT.read_text("utf-8") == text:
        return 0
    sys.stderr.write(f"{OUT.name} is out of date: run `python -m scripts.reference`.\n")
    return 1


def reference() -> str:
    """The whole document."""
    import sotto
    from sotto.client import Client

    client = Client("http://localhost")
    parts = {name: type(getattr(client, name)) for name in PARTS}
    lines = [HEAD, *_class("Client", Client)]
    for name, part in parts.items():
        lines += _class(f"client.{name}", part, made=False)
    others = {name: getattr(sotto, name) for name in sotto.__all__ if name != "Client"}
    for module, names in MORE.items():
        found = __import__(f"sotto.{module}", fromlist=names)
        others |= {name: getattr(found, name) for name in names}
    for name, value in sorted(others.items(), key=lambda item: (_is_error(item[1]), item[0])):
        lines += _class(name, value)
    return "\n".join(lines).rstrip() + "\n"


def _is_error(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def _class(title: str, value: type, *, made: bool = True) -> Iterator[str]:
    """A class with its public methods; `made`: whether programs make instances of it."""
    yield f"\n## `{title}`\n"
    if made and not _is_error(value):
        yield f"`{value.__name__}{_signature(value)}`\n"
    yield _text(inspect.getdoc(value) or "")
    for name, member in vars(value).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield f"\n### `{name}`\n\n{_text(inspect.getdoc(member) or '')}"
        elif callable(found := inspect.unwrap(getattr(value, name))) and inspect.isroutine(found):
            yield f"\n### `{_kind(found)}{name}{_signature(found)}`\n"
            yield _text(inspect.getdoc(found) or "")


def _kind(function: Any) -> str:
    asynchronous = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
    return "async " if asynchronous else ""


def _signature(value: Any) -> str:
    """A signature as it is written, without `self`."""
    found = inspect.signature(value)
    kept = [_shown(one) for one in found.parameters.values() if one.name not in ("self", "cls")]
    text = str(found.replace(parameters=kept))
    text = re.sub(r": '([^']*)'", r": \1", re.sub(r"-> '([^']*)'", r"-> \1", text))
    return text.removesuffix(" -> None") if isinstance(value, type) else text


def _shown(one: inspect.Parameter) -> inspect.Parameter:
    """A parameter whose default is written as a value; functions by their names."""
    default = one.default
    factory = getattr(dataclasses, "_HAS_DEFAULT_FACTORY_CLASS", ())
    if default is inspect.Parameter.empty or isinstance(
        default, (str, int, float, tuple, type(None))
    ):
        return one
    name = "…" if isinstance(default, factory) else getattr(default, "__name__", "…")
    return one.replace(default=_Name(name))


class _Name:
    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _text(doc: str) -> str:
    """A docstring in Markdown: its sections as lists."""
    lines: list[str] = []
    section = False
    for line in doc.splitlines():
        if SECTION.fullmatch(line):
            section = True
            lines.append(f"**{line}**\n")
        elif section and (entry := ENTRY.fullmatch(line)):
            lines.append(f"- `{entry[1]}`: {entry[2]}".replace("``", "`"))
        elif section and line.startswith("    "):
            lines.append(line.strip() if not lines[-1].startswith("- ") else f"  {line.strip()}")
        else:
            section = section and not line.strip()
            lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
