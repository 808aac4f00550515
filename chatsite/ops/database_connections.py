"""The connections that the site's processes may open to PostgreSQL, and its limit."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from messaging.live.hub import THREADS

KEPT_BY_HUB = THREADS + 1  # and the committer
LOCK = 1  # chatsite.ops.cluster holds it
WORKER = 2  # a worker's own thread, and the one that announces it

# -1 is no limit, of a role and of a database. Version 16 has connections reserved for roles, too.
ALLOWED = """
SELECT LEAST(
    current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - COALESCE(current_setting('reserved_connections', true)::int, 0),
    (SELECT NULLIF(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
    (SELECT NULLIF(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
)
"""


def of_server() -> int:
    """Connections that a process that serves may have at most."""
    pool = settings.DATABASES["default"].get("OPTIONS", {}).get("pool")
    return pool["max_size"] + KEPT_BY_HUB + LOCK if pool else 0


def of_worker(concurrency: int) -> int:
    """The same of a worker with that many children, or of beat, which has none: without a pool."""
    return WORKER + LOCK + concurrency


def allowed() -> int | None:
    """Connections that PostgreSQL gives to this site's user; None for an engine without a limit."""
    if connection.vendor != "postgresql":
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute(ALLOWED)
            return int(cursor.fetchone()[0])
    finally:
        connection.close()
