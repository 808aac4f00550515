"""Networks from which accounts are used: too many of one account, or a new one of a role."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from django.db import DatabaseError

from accounts.audit.models import AuditEntry
from accounts.intrusion.kinds import ADMINISTRATOR_NEW_PLACE, MANY_NETWORKS
from accounts.intrusion.raising import signal
from accounts.models import User
from chatsite.lib import metrics

NOTE_EVERY = 300.0  # seconds
MOST = 20_000  # accounts and networks that a process remembers


class RecentPlaces:
    """Accounts and networks of which this process has told the counter lately. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: OrderedDict[tuple[str, str], float] = OrderedDict()

    def is_new(self, uid: str, network: str) -> bool:
        """True once in NOTE_EVERY seconds, where the network is known."""
        if not network:
            return False
        with self._lock:
            now, pair = time.monotonic(), (uid, network)
            if now - self._noted.get(pair, float("-inf")) < NOTE_EVERY:
                return False
            self._noted.pop(pair, None)
            self._noted[pair] = now
            while len(self._noted) > MOST:
                self._noted.popitem(last=False)
            return True

    def forget(self) -> None:
        with self._lock:
            self._noted.clear()


recent = RecentPlaces()


def note_use(user: User, network: str) -> None:
    """Note that an account is used from a network, by a request or a socket. Cheap if repeated."""
    if recent.is_new(user.pk, network):
        _note(user.pk, network, has_role=bool(user.role))


def note_place(uid: str, network: str) -> None:
    """Note that a socket of an account was opened from a network."""
    try:
        has_role = User.objects.filter(pk=uid).exclude(role=User.NO_ROLE).exists()
        _note(uid, network, has_role=has_role)
    except DatabaseError:  # the socket goes on
        metrics.failures.labels("signals").inc()


def _note(uid: str, network: str, *, has_role: bool) -> None:
    signal(MANY_NETWORKS, person=uid, network=network, member=network)
    if has_role and is_new_place(uid, network):
        tell_new_place(uid, network)


def is_new_place(uid: str, network: str) -> bool:
    """True if an account has signed in before, and never from `network`, by the audit log."""
    if not network:
        return False
    sign_ins = AuditEntry.objects.filter(account=uid, kind="sign_in").exclude(network="")
    return sign_ins.exists() and not sign_ins.filter(network=network).exists()


def tell_new_place(uid: str, network: str) -> None:
    """Tell that an account with a role is used from a network that is new."""
    signal(ADMINISTRATOR_NEW_PLACE, person=uid, network=network, member=network)
