"""Records which variables a site was started with, if they are others than at the start before.

The entry has a short keyed hash of each value, so that a change shows and nobody who reads it can
guess values; of a secret only that it is given. Another SECRET_KEY looks like a change of all.
"""

from __future__ import annotations

from django.utils.crypto import salted_hmac

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
            mark = salted_hmac("sotto/settings", f"{name}={text}", algorithm="sha256")
            found[name] = "secret" if variable.secret else mark.hexdigest()[:16]
    return found
