"""Write the test vectors: `PYTHONPATH=client python -m tests.vectors.generate`.

Everything follows from the keys in cast.json and from constants, so a second run changes
nothing; tests/client/test_vectors.py checks that.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.vectors.attaching import attachment
from tests.vectors.basics import boxes, encoding, first, signing
from tests.vectors.finding import finding
from tests.vectors.knocks import knock
from tests.vectors.logs import log
from tests.vectors.making import HERE
from tests.vectors.messages import messages
from tests.vectors.naming import names
from tests.vectors.people import cast_file, identity, kit, roomkeys
from tests.vectors.picking import picking
from tests.vectors.reporting import report
from tests.vectors.restoring import restored
from tests.vectors.rooms import invite
from tests.vectors.searching import search, tokens
from tests.vectors.summarising import summary

MAKERS: dict[str, Callable[[], Any]] = {
    "cast": cast_file,
    "first": first,
    "encoding": encoding,
    "signing": signing,
    "boxes": boxes,
    "tokens": tokens,
    "search": search,
    "finding": finding,
    "identity": identity,
    "kit": kit,
    "roomkeys": roomkeys,
    "invite": invite,
    "log": log,
    "knock": knock,
    "message": messages,
    "attachment": attachment,
    "summary": summary,
    "report": report,
    "restored": restored,
    "names": names,
    "picking": picking,
}


def rendered(name: str) -> str:
    """The text of one file."""
    return laid_out(MAKERS[name]()) + "\n"


def laid_out(value: Any, indent: str = "") -> str:
    """JSON with one record a line: only what holds nothing but objects and lists is broken up, and
    so is the whole.
    """
    members = list(value.values() if isinstance(value, dict) else value) if _holds(value) else []
    if not members or (indent and not all(map(_holds, members))):
        return json.dumps(value)
    inner = indent + " "
    texts = [laid_out(member, inner) for member in members]
    if isinstance(value, dict):
        texts = [f"{json.dumps(key)}: {text}" for key, text in zip(value, texts, strict=True)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = f",\n{inner}".join(texts)
    return f"{opening}\n{inner}{lines}\n{indent}{closing}"


def _holds(value: Any) -> bool:
    return isinstance(value, dict | list)


if __name__ == "__main__":
    for made in MAKERS:
        (HERE / f"{made}.json").write_text(rendered(made))
