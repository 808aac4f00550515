"""Limits on this process's connections: per address, and in total."""

from __future__ import annotations

import resource
from collections import Counter
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings

from chatsite.lib import metrics
from chatsite.lib.limits import customer

RESERVE = 128  # descriptors for the database, files and engines
FOR_REQUESTS = 32  # connections that sockets leave, or a quarter of all where that is less
NO_END = 1 << 30
TOO_MANY = 4429


class TrustedProxies:
    """Tells proxies, whose connections belong to many people, from other addresses."""

    def __init__(self, listed: str) -> None:
        names = [name.strip() for name in listed.split(",") if name.strip()]
        self._all = "*" in names
        self._networks = [network for name in names if (network := _network(name)) is not None]

    def __contains__(self, address: str) -> bool:
        if self._all:
            return True
        try:
            asked = ip_address(address)
        except ValueError:
            return False
        return any(asked in network for network in self._networks)


def _network(name: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(name, strict=False)
    except ValueError:
        return None  # "*", or the path of a socket


class AddressSlots:
    """Counts what is open of each address: of IPv6 the /64, which one customer has.

    Args:
        most: how many of one address; there is no limit for trusted proxies.
        in_all: how many of all addresses together.
    """

    def __init__(self, most: int, in_all: int, trusted: TrustedProxies) -> None:
        self._most = most
        self._in_all = in_all
        self._trusted = trusted
        self._open: Counter[str] = Counter()
        self._total = 0

    @property
    def in_all(self) -> int:
        return self._in_all

    @property
    def total(self) -> int:
        """The number of open connections."""
        return self._total

    def has_room_for_sockets(self) -> bool:
        """True if enough connections stay for requests, probes among them.

        Sockets stay open for hours: without a limit of their own they would take every connection.
        """
        return self._total <= self._in_all - min(FOR_REQUESTS, self._in_all // 4)

    def take(self, address: str) -> str | None:
        """Count one more of `address`; the key to `release` it by, None if there are too many."""
        key = customer(address)
        if self._total >= self._in_all:
            return None
        if self._open[key] >= self._most and address not in self._trusted:
            return None
        self._open[key] += 1
        self._total += 1
        return key

    def release(self, key: str) -> None:
        self._total -= 1
        self._open[key] -= 1
        if self._open[key] <= 0:
            del self._open[key]


def most_connections() -> int:
    """CONNECTIONS_AT_ONCE, or as many as the limit of descriptors leaves room for."""
    if settings.CONNECTIONS_AT_ONCE:
        return settings.CONNECTIONS_AT_ONCE
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return NO_END if limit == resource.RLIM_INFINITY else max(limit - RESERVE, limit // 2)


@lru_cache(maxsize=1)
def trusted_proxies() -> TrustedProxies:
    return TrustedProxies(settings.TRUSTED_PROXIES)


@lru_cache(maxsize=1)
def connection_slots() -> AddressSlots:
    """Of the connections that the server accepts in this process."""
    return AddressSlots(settings.CONNECTIONS_PER_ADDRESS, most_connections(), trusted_proxies())


class LimitSockets:
    """An ASGI application in front of one for sockets: SOCKETS_PER_ADDRESS of each address, as
    proxies tell it.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._slots = AddressSlots(settings.SOCKETS_PER_ADDRESS, NO_END, trusted_proxies())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        client = scope.get("client")
        key = self._slots.take(client[0] if client else "")
        if key is None:
            metrics.limited.labels("sockets").inc()
            await receive()
            await send({"type": "websocket.close", "code": TOO_MANY})
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._slots.release(key)
