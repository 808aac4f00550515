"""Checks that a MongoDB stores messages durably: a replica set with a majority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import (
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from messaging.store.base import StoreMisconfigured

Messages = Collection[dict[str, Any]]

UNREADABLE = (
    "MONGODB_URL cannot be used as it is: write it as "
    "mongodb://user:password@host1,host2,host3/?replicaSet=rs0, with signs like @ or : in the "
    "password as %40 or %3A."
)
AWAY = (
    "MONGODB_URL names a server that does not answer: start MongoDB, or correct the host, the "
    "port, replicaSet= and tls= in it."
)
NO_PRIMARY = (
    "The MongoDB of MONGODB_URL has no primary: start enough of its replica set's members for a "
    "majority, or initiate the set if it is new."
)
NO_ENTRY = (
    "MongoDB refuses this site: correct the user name, the password and authSource= in MONGODB_URL."
)
ALONE = (
    "The MongoDB of MONGODB_URL is no replica set, so what it acknowledges can be lost: start "
    "mongod with --replSet and run rs.initiate() once."
)
NO_MAJORITY = (
    "The MongoDB of MONGODB_URL has a primary, but no majority of its replica set confirms what "
    "is written: start the members that are down."
)


def check_fit(opened: Callable[[], Messages]) -> None:
    """Raises StoreMisconfigured unless a majority of a replica set (or a sharded cluster) confirms
    a write. No text of the driver is passed on: it may hold the URL and its password.
    """
    try:
        messages = opened()
    except (PyMongoError, ValueError):  # no server was asked yet
        raise StoreMisconfigured(UNREADABLE) from None
    try:
        hello = messages.database.client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise StoreMisconfigured(ALONE)
        # It deletes nothing, and like any write waits until a majority has all earlier writes.
        messages.delete_many({"room": "", "seq": 0})
    except WriteConcernError:
        raise StoreMisconfigured(NO_MAJORITY, passing=True) from None
    except OperationFailure:
        raise StoreMisconfigured(NO_ENTRY) from None
    except PyMongoError:
        raise StoreMisconfigured(NO_PRIMARY if _answers(messages) else AWAY, passing=True) from None


def _answers(messages: Messages) -> bool:
    """True if any server of the URL answers at all."""
    servers = messages.database.client.topology_description.server_descriptions().values()
    return any(server.is_server_type_known for server in servers)
