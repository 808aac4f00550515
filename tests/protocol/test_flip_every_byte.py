"""Golden objects with any byte changed: both implementations refuse every one of them. `make test`
changes every fourth byte, `make slow` each.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.protocol.golden import Golden, flips, golden
from tests.protocol.opening import read

GOLDEN = golden()
AT_ONCE = 500
STEP = 1 if os.environ.get("SOTTO_SLOW") == "1" else 4


def test_there_is_one_of_everything():
    assert len(GOLDEN) >= 20
    assert sum(one.kind == "event" for one in GOLDEN) == 18


@pytest.mark.parametrize("one", GOLDEN, ids=lambda one: one.name)
def test_no_byte_can_be_changed(one: Golden, javascript):
    call: dict[str, Any] = {"kind": one.kind, "context": one.context}
    (ours,) = read(**call, objects=[one.given])
    assert "value" in ours
    assert javascript.call("read", **call, objects=[one.given]) == [ours]
    changed = list(flips(one))[::STEP]
    for at in range(0, len(changed), AT_ONCE):
        objects = changed[at : at + AT_ONCE]
        refusals = [{"refused": True}] * len(objects)
        assert read(**call, objects=objects) == refusals
        assert javascript.call("read", **call, objects=objects) == refusals
