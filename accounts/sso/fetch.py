"""Requests to the provider: small answers, in time, few at once, and no redirect is followed.

Another host than the issuer's is asked at a public address alone, which is looked at once and
connected to: the provider's document leads into no local network.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
from ipaddress import ip_address
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import httpx2
from django.conf import settings

from accounts.intrusion.webhook import is_public
from chatsite.lib import outgoing, turns
from chatsite.lib.database import give_back
from chatsite.lib.errors import Unavailable

TIMEOUT = 5.0  # seconds for a whole request
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
    there, named, host = _place(address)
    give_back()  # the database waits for no provider, and neither do other requests
    if not places.acquire(blocking=False):
        raise Unavailable(AWAY)
    try:
        with (
            turns.paused(),
            outgoing.client(TIMEOUT, ssl.create_default_context()) as client,
            client.stream(
                method, there, data=form, headers=named | (headers or {}), extensions=host
            ) as answer,
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


def _place(address: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """The address to connect to, and the header and TLS option that name its host.

    Raises:
        Unavailable: the host is not the issuer's, and not all of its addresses are public.
    """
    parts = urlsplit(address)
    name = parts.hostname or ""
    if name == urlsplit(settings.OIDC_ISSUER).hostname:
        return address, {}, {}
    try:
        found = socket.getaddrinfo(name, parts.port or 443, type=socket.SOCK_STREAM)
        ips = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    except (OSError, ValueError):
        raise Unavailable(AWAY) from None
    if not ips or not all(map(is_public, ips)):
        log.warning("sso.not_public")
        raise Unavailable(AWAY)
    port = f":{parts.port}" if parts.port else ""
    pinned = f"[{ips[0]}]{port}" if ips[0].version == 6 else f"{ips[0]}{port}"
    there = parts._replace(netloc=pinned).geturl()
    host = f"[{name}]" if ":" in name else name
    return there, {"Host": f"{host}{port}"}, {"sni_hostname": name}
