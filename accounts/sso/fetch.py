"""Requests to the provider: small answers, in time, few at once, and no redirect is followed."""

from __future__ import annotations

import json
import logging
import ssl
from threading import BoundedSemaphore
from typing import Any

import httpx2

from chatsite.lib import turns
from chatsite.lib.database import give_back
from chatsite.lib.errors import Unavailable

TIMEOUT = 5.0  # seconds
AT_ONCE = 8  # requests of a process that are under way
MOST_BYTES = 256 * 1024
AWAY = "The sign-on service does not answer. Try again shortly, or log in with your password."
log = logging.getLogger(__name__)
places = BoundedSemaphore(AT_ONCE)


def fetch_json(
    method: str,
    address: str,
    form: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Send a request, with a form's fields if there are any.

    Returns:
        The status and the JSON object of the answer.

    Raises:
        Unavailable: none came in time, it is too large or no object, or too many requests are under
            way. Texts of errors, which may hold secrets, stay here.
    """
    give_back()  # the database waits for no provider, and neither do other requests
    if not places.acquire(blocking=False):
        raise Unavailable(AWAY)
    try:
        with (
            turns.paused(),
            httpx2.Client(
                timeout=TIMEOUT,
                follow_redirects=False,
                trust_env=False,
                verify=ssl.create_default_context(),  # the system's authorities
            ) as client,
            client.stream(method, address, data=form, headers=headers) as answer,
        ):
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise Unavailable(AWAY)
        found = json.loads(body or b"{}")
    except (httpx2.HTTPError, ValueError, RecursionError) as error:
        log.warning("sso.failed %s", type(error).__name__)
        raise Unavailable(AWAY) from None
    finally:
        places.release()
    if type(found) is not dict:
        raise Unavailable(AWAY)
    return answer.status_code, found
