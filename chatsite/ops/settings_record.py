"""Records which variables a site was started with, if they are others than at the start before.

The entry has a short hash of each value, so that a change shows; of a secret only that it is given.
"""

from __future__ import annotations

from hashlib import sha256

from accounts.audit.recording import record
from accounts.models import AuditEntry
from chatsite import env, variables

KIND = "site.settings"
OF_ONE_PROCESS = {"ALIVE_FILE", "HOST", "PORT"}


def record_settings() -> None:
    facts = _given()
    newest = AuditEntry.objects.filter(kind=KIND).order_by("-id").first()
    if newest is None or newest.facts != facts:
        record(KIND, **facts)  # type: ignore[arg-type]  # its keys are names of variables


def _given() -> dict[str, str | int]:
    """A word for each variable that is given: `secret`, or the beginning of its value's hash."""
    found: dict[str, str | int] = {}
    for name, variable in variables.TABLE.items():
        text = env.given(name).strip()
        if text and name not in OF_ONE_PROCESS:
            hashed = sha256(f"{name}={text}".encode()).hexdigest()[:16]
            found[name] = "secret" if variable.secret else hashed
    return found
