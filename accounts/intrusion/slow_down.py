"""Slows a network down for a while: requests of people there who are not signed in.

The table has what is slowed and until when. Processes share a copy in the cache, and each looks at
it every EVERY seconds: no request asks the database.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone
from redis import RedisError

from accounts.audit.recording import record
from accounts.intrusion.models import IntrusionSignal
from accounts.models import User
from chatsite.lib.limits import take

EVERY = 2.0  # seconds
KEY = "slowed_networks"
KEPT = timedelta(days=2)


class SlowedNetworks:
    """This process's copy of what is slowed down. Thread-safe."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}  # seconds since 1970, by network
        self._copied_at = float("-inf")

    def holds(self, network: str) -> bool:
        if time.monotonic() - self._copied_at >= EVERY:
            self._copied_at = time.monotonic()  # others do not wait for the cache meanwhile
            with suppress(RedisError):  # what is known already goes on
                self._ends = caches["limits"].get(KEY) or {}
        return self._ends.get(network, 0.0) > time.time()

    def replace(self, ends: dict[str, float]) -> None:
        """Take what the table has, and pass it on to the other processes."""
        self._ends, self._copied_at = ends, time.monotonic()
        with suppress(RedisError):  # the others go on with what they know
            caches["limits"].set(KEY, ends, KEPT.total_seconds())

    def forget(self) -> None:
        self._ends, self._copied_at = {}, float("-inf")


slowed = SlowedNetworks()


def may_be_slowed(network: str) -> bool:
    """False for networks of proxies and of this machine, which may stand for everybody."""
    if not network:
        return False
    near = settings.TRUSTED_PROXIES.split(",") if settings.TRUSTED_PROXIES != "*" else []
    mine = ip_network(network)
    return not mine.is_loopback and not any(
        mine.version == other.version and mine.overlaps(other)
        for other in (ip_network(one.strip()) for one in near if one.strip())
    )


def take_turn(network: str, address: str) -> None:
    """Count an anonymous request, if it comes from a network that is slowed down.

    Raises:
        TooMany: there were more than `slowed` allows one address, or `slowed_network` all of them.
    """
    if is_slowed(network):
        take(address, "slowed")
        take(network, "slowed_network")


def is_slowed(network: str) -> bool:
    return bool(network) and slowed.holds(network)


def publish() -> None:
    """Tell all processes what is slowed down: at a start, and after each change."""
    found = IntrusionSignal.objects.filter(slowed_until__gt=timezone.now(), lifted_at=None)
    ends: dict[str, float] = {}
    for network, until in found.values_list("network", "slowed_until"):
        if until is not None:
            ends[network] = max(ends.get(network, 0.0), until.timestamp())
    slowed.replace(ends)


def lift(raised: IntrusionSignal, *, by: User | None) -> int:
    """End every slow-down of a signal's network; how many there were. Idempotent."""
    now = timezone.now()
    with transaction.atomic():
        standing = IntrusionSignal.objects.filter(
            network=raised.network, slowed_until__gt=now, lifted_at=None
        )
        ended = standing.update(lifted_at=now)
        if ended:
            record("network.lifted", by=by, network=raised.network, signal=raised.pk)
    publish()
    return ended


def forget_old() -> int:
    """Delete signals older than `AUDIT_DAYS`; how many. 0 days keep all of them."""
    if not settings.AUDIT_DAYS:
        return 0
    since = timezone.now() - timedelta(days=settings.AUDIT_DAYS)
    return IntrusionSignal.objects.filter(at__lt=since).delete()[0]
