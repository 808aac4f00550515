"""Posts a signed body to the operator's receiver, at public addresses alone.

The name is resolved once, every address is looked at, and the connection goes to one of those: a
name that resolves otherwise a moment later leads nowhere else. No redirect is followed, no proxy of
the environment is used, and nothing of an answer is read.
"""

from __future__ import annotations

import hmac
import socket
import ssl
import time
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import httpx2
from django.conf import settings

from chatsite.lib import outgoing

TIMEOUT = 5.0  # seconds for a whole request
MOST = 4096  # bytes of a body
HEADER = "Sotto-Signature"
TRANSLATED = ip_network("64:ff9b::/96")  # stands for an IPv4 address, which may be private
UNICAST = ip_network("2000::/3")  # all that is public in IPv6, apart from TRANSLATED
RESERVED = [ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")]
"""Not public either; `is_global` of older Pythons takes them for that."""
AGAIN = {408, 425, 429}


class Refused(Exception):
    """The receiver is one that nothing is sent to, or does not want it. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TryAgain(Exception):
    """It may work later."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def post(address: str, body: bytes, secret: str) -> None:
    """Post `body` with its signature.

    Raises:
        Refused: `too_large`, `not_public`, `not_https`, `redirect`, or the status of an answer that
            no further try would change.
        TryAgain: the receiver did not answer, or with a status that passes.
    """
    if len(body) > MOST:
        raise Refused("too_large")
    parts = urlsplit(address)
    pinned, host = _pinned(parts)
    headers = {
        "Host": host,
        "Content-Type": "application/json",
        HEADER: signature(body, secret, int(time.time())),
    }
    try:
        with (
            outgoing.client(TIMEOUT, _trusted()) as client,
            client.stream(
                "POST",
                pinned,
                content=body,
                headers=headers,
                extensions={"sni_hostname": parts.hostname},
            ) as answer,
        ):
            status = answer.status_code
    except httpx2.HTTPError as error:  # its text may hold the address
        raise TryAgain(type(error).__name__) from None
    if status in AGAIN or status >= 500:
        raise TryAgain(str(status))
    if not 200 <= status < 300:
        raise Refused("redirect" if 300 <= status < 400 else str(status))


def _trusted() -> ssl.SSLContext:
    """Trusts the system's authorities, and those that the operator has named."""
    context = ssl.create_default_context()
    if settings.WEBHOOK_CA:
        context.load_verify_locations(settings.WEBHOOK_CA)
    return context


def _pinned(parts: SplitResult) -> tuple[str, str]:
    """The address with the IP that was checked in place of the name, and the header `Host`."""
    there = _checked(parts)
    host = f"[{there}]" if there.version == 6 else str(there)
    port = f":{parts.port}" if parts.port else ""
    named = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return parts._replace(netloc=f"{host}{port}", fragment="").geturl(), f"{named}{port}"


def signature(body: bytes, secret: str, at: int) -> str:
    """The value of the header: the time, and the HMAC-SHA256 of `time.body`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    return f"t={at},v1={mac}"


def _checked(parts: SplitResult) -> IPv4Address | IPv6Address:
    """An address of the receiver, if all that it has may be sent to."""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TryAgain("unknown_host") from None
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(_may_be_sent_to(one) for one in addresses):
        raise Refused("not_public")
    if parts.scheme != "https" and not all(_is_allowed(one) for one in addresses):
        raise Refused("not_https")
    return addresses[0]


def _may_be_sent_to(address: IPv4Address | IPv6Address) -> bool:
    return _is_allowed(address) or is_public(address)


def _is_allowed(address: IPv4Address | IPv6Address) -> bool:
    """True in a network that the operator has named."""
    return any(address in ip_network(one) for one in settings.ALERT_NETWORKS)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """True if anybody may be there: not this machine, a local network or a translation to one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or [None])[0]
        if inner is not None:
            return is_public(inner)
        if address in TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in UNICAST:
            return False
    reserved = any(address in one for one in RESERVED)
    return address.is_global and not address.is_multicast and not reserved
