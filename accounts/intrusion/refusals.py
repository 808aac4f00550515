"""Refusals that are signals when they come often: bad signatures, floods that go on, and passwords
that are tried with somebody's sign-in.
"""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from accounts.authentication import REFUSED, count_failure, here
from accounts.intrusion.kinds import BAD_SIGNATURES, LOG_FLOOD, UPLOAD_FLOOD, Kind
from accounts.intrusion.raising import signal
from accounts.models import User
from chatsite.lib.errors import BadSignature, Forbidden, TooMany
from chatsite.lib.rest.errors import exception_handler
from chatsite.lib.signatures import WrongSignature

FLOODS = {
    "log": LOG_FLOOD,
    "log_epoch": LOG_FLOOD,
    "log_safety": LOG_FLOOD,
    "files": UPLOAD_FLOOD,
    "uploads": UPLOAD_FLOOD,
}


def kind_of(error: Exception) -> Kind | None:
    """The kind of signal that an error counts for, if any."""
    if isinstance(error, (BadSignature, WrongSignature)):
        return BAD_SIGNATURES
    return FLOODS.get(error.limit) if isinstance(error, TooMany) else None


def counting_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Translate what a view of the API raised, and count it. The view's transactions are over."""
    kind, request = kind_of(error), context["request"]
    refused = isinstance(error, Forbidden) and error.code in REFUSED
    # What authentication itself raised is none of these: who asks is looked up for them alone.
    if (kind is not None or refused) and isinstance(request.user, User):
        if kind is not None:
            signal(kind, person=request.user.pk, network=here(request).address)
        if refused:
            count_failure(request, request.user.name)
    return exception_handler(error, context)
