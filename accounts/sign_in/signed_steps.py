"""Steps of a dialogue, kept by their caller as a signed text between two requests.

The server keeps nothing of them, so that anonymous callers fill no table. A step counts for its
purpose, for a while, and at the place that began it: a browser, or a sign-in.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.cache import caches
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis import RedisError

from chatsite.lib.errors import Gone, Unavailable

OVER = "That took too long, or was begun elsewhere. Start again."


def seal(purpose: str, place: str, kept: dict[str, str]) -> str:
    """Sign `kept`. It is not hidden from the caller."""
    return signing.dumps({"place": place, "kept": kept}, salt=_salt(purpose))


def opened(state: str, purpose: str, place: str, *, within: int) -> dict[str, str]:
    """Return what `seal` signed for the same purpose and place.

    Args:
        within: seconds since then.

    Raises:
        Gone: `step_over`.
    """
    try:
        found: dict[str, Any] = signing.loads(state, salt=_salt(purpose), max_age=within)
    except signing.BadSignature:  # expired ones, too
        raise Gone(OVER, code="step_over") from None
    if found["place"] != place:
        raise Gone(OVER, code="step_over")
    kept: dict[str, str] = found["kept"]
    return kept


def is_first_use(what: str, within: int) -> bool:
    """True once for each `what`, in all processes. It is remembered for `within` seconds.

    Raises:
        Unavailable: nobody can tell.
    """
    try:
        return bool(caches["limits"].add(what, 1, within))
    except RedisError:
        raise Unavailable from None


def forget_use(what: str) -> None:
    """Let `what` count again: what came of it was not kept."""
    with suppress(RedisError):
        caches["limits"].delete(what)


def browser_of(request: HttpRequest) -> str:
    """The place of a browser that is not signed in: by the cookie that its posts have to match."""
    cookie = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    return salted_hmac("sotto/browser", cookie, algorithm="sha256").hexdigest()


def _salt(purpose: str) -> str:
    return f"sotto/step/{purpose}"
