"""Vectors of logs: legal ones with the state after each event, and events that are refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sotto.protocol.encoding import b64
from sotto.protocol.events import members_text
from tests.vectors.histories import histories
from tests.vectors.illegal import illegal_events
from tests.vectors.making import everyone, resets
from tests.vectors.script import Script, view, view_at


def log() -> dict[str, Any]:
    """Logs from the beginning, the state after each event; and what must be refused after it."""
    scripts = histories()
    return {
        "identities": [person.signed for person in everyone().values()],
        "resets": [
            {"uid": person.uid, "n": person.identity.n, "kid": person.kid, "was": person.name}
            | {"seed": b64(person.keys.seed)}
            for person in resets().values()
        ],
        "logs": {name: _entries(script) for name, script in scripts.items()},
        "at": {name: view_at(script.state) for name, script in scripts.items()},
        "members": [
            {
                "json": members_text(state.recipients()),
                "hash": json.loads(event["event"])["members"],
            }
            for name in ("group", "renewed")
            for event, state in zip(scripts[name].events, scripts[name].states, strict=True)
            if "members" in json.loads(event["event"])
        ],
        "refused": list(_refused(scripts)),
    }


def _entries(script: Script) -> list[dict[str, Any]]:
    return [
        {
            **event,
            "t": json.loads(event["event"])["t"],
            "hash": state.hash,
            "state": view(state),
        }
        for event, state in zip(script.events, script.states, strict=True)
    ]


def _refused(scripts: dict[str, Script]) -> Iterator[dict[str, Any]]:
    for case in illegal_events({name: script.states for name, script in scripts.items()}):
        yield {
            "name": case.name,
            "log": case.log,
            "after": case.after,
            **case.signed,
            "reason": case.reason,
        }
