"""Notices of a site that was restored from a backup: claims of its operator, no proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sotto.protocol.encoding import Schema, WireError, field_of, integer, one_of, parse_body, unb64
from sotto.protocol.signing import verify

LATEST = 253_402_300_799_999  # ms, the end of the year 9999: later ones cannot be shown
MOST = 20
SCHEMA: Schema = {"v": one_of(1), "backup": integer(0, LATEST), "at": integer(0, LATEST)}


@dataclass(frozen=True, slots=True)
class RestoreNotice:
    """The times of the backup and of its restoration, both in ms."""

    backup: int
    at: int

    def __str__(self) -> str:
        return (
            f"The operator says: this site was restored on {_shown(self.at)} from a backup of "
            f"{_shown(self.backup)}. That is no proof."
        )


def open_notice(given: Any) -> RestoreNotice:
    """Verify a notice.

    Raises:
        WireError: it is malformed or badly signed.
    """
    body, sig, key = (field_of(given, name, str) for name in ("body", "sig", "key"))
    found = parse_body(body, SCHEMA)
    verify(unb64(key, 32), "restored", body, sig)
    return RestoreNotice(found["backup"], found["at"])


def open_notices(answer: Any) -> list[RestoreNotice]:
    """The valid notices in the answer to `GET site`, newest first."""
    found = []
    for given in field_of(answer, "restored", list)[:MOST]:
        try:
            found.append(open_notice(given))
        except WireError:
            continue
    return found


def _shown(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
