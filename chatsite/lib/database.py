"""Connections to Django's database: they return to the pool before anything waits.

With PostgreSQL each process has a pool (`DATABASE_POOL_MAX`). A request gives its connection back
before it waits for something else: for a slow body, for its turn to hash a password, or for a
slow reader of its answer. A thread that keeps a connection has one outside the pool, which it
would exhaust otherwise.
"""

from __future__ import annotations

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

ALIAS = "default"


def give_back() -> None:
    """Give this thread's connection back to the pool; the next query takes one again.

    Does nothing without a pool, and inside a transaction.
    """
    if not _pooled():
        return
    connection = connections[ALIAS]
    if connection.connection is not None and not connection.in_atomic_block:
        connection.close()


def outside_pool() -> BaseDatabaseWrapper:
    """A connection outside the pool. The caller owns it, and `close` really closes it."""
    wrapper = connections.create_connection(ALIAS)
    options = dict(wrapper.settings_dict["OPTIONS"])
    options.pop("pool", None)
    wrapper.settings_dict = {**wrapper.settings_dict, "OPTIONS": options}
    return wrapper


def keep_outside_pool() -> None:
    """Let the current thread use a connection outside the pool, for as long as it lives."""
    if _pooled():
        connections[ALIAS] = outside_pool()


def without_pool() -> None:
    """Use no pool in this process: Celery's children, which are forks, have one thread each.

    Call it before the first query.
    """
    connections.settings[ALIAS]["OPTIONS"].pop("pool", None)


def _pooled() -> bool:
    return "pool" in connections.settings[ALIAS]["OPTIONS"]
