"""Checks before a process of this site starts: each refusal is one line that says what to set, and
an exit code that says whether trying again may help.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from redis import AuthenticationError, Redis, RedisError, ResponseError

import summaries.store
from chatsite import variable_names, variables
from chatsite.lib.database import outside_pool, without_pool
from chatsite.ops import cluster, database_connections, schema
from chatsite.ops.backup import journal
from messaging.store import get_store
from messaging.store.base import StoreMisconfigured

Say = Callable[[str], object]
CONNECT_WITHIN = 5  # seconds

DATABASE_AWAY = (
    "The database of DATABASE_URL does not let this process in ({reason}): start it, or correct "
    "the host, the port, the user, the password and sslmode= in DATABASE_URL."
)
FILE_AWAY = (
    "The database file {name} cannot be opened: SOTTO_DATA must be a folder that this process may "
    "write to."
)
REDIS_AWAY = (
    "REDIS_URL names a server that does not answer: start Redis, or correct the host and the port; "
    "with TLS the URL begins with rediss://."
)
REDIS_NO_ENTRY = "Redis refuses this site: correct the user name and the password in REDIS_URL."
REDIS_UNREADABLE = (
    "REDIS_URL cannot be used as it is: write it as redis://:password@host:6379/0, or rediss:// "
    "with TLS."
)
REDIS_FORGETS = (
    "Redis may drop sessions when its memory is full (maxmemory-policy is {policy}): set it to "
    "noeviction, or people are signed out without a reason."
)
NO_BROKER = (
    "A worker in a process of its own needs REDIS_URL, where it takes its work from; without it "
    "`manage.py serve` does that work itself."
)
NO_ALIVE_FILE = (
    "ALIVE_FILE or the lock beside the database cannot be written ({reason}): name a file that "
    "this process may make."
)
LEFT = "The database or Redis became unreachable while this process started: start it again."


class NotStarted(CommandError):
    """The reason, in one line. Exit code 78 (EX_CONFIG) if the configuration must change; 75
    (EX_TEMPFAIL) if a service is unreachable and may return.
    """

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence, returncode=os.EX_TEMPFAIL if passing else os.EX_CONFIG)


def check_settings(say: Say) -> None:
    """Check the settings without asking an engine; warnings go to `say`, a line each."""
    try:
        variables.check()
    except ImproperlyConfigured as error:
        raise NotStarted(str(error)) from None
    for line in variable_names.unknown():
        say(line)
    found = sorted(checks.run_checks(), key=lambda message: -message.level)
    for message in found:
        line = " ".join(filter(None, [str(message.msg), message.hint]))
        if message.is_serious() and not message.is_silenced():
            raise NotStarted(line)
        if not message.is_silenced():
            say(line)


def check_engines(say: Say) -> None:
    """Check that the engines that the settings name are there and fit for their work."""
    _database()
    if settings.REDIS_URL:
        _redis(say)
    try:
        get_store().check()
    except StoreMisconfigured as error:
        raise NotStarted(str(error), passing=error.passing) from None


def upgrade(say: Say) -> None:
    """Bring the database and the stores up to date; refuse those that a newer version upgraded."""
    try:
        schema.upgrade(say)
    except schema.DatabaseIsNewer as error:
        raise NotStarted(str(error)) from None
    get_store().prepare_to_serve(say)
    summaries.store.get_store().prepare()
    connection.close()  # the thread that serves asks nothing itself


@contextmanager
def among_processes(connections: int) -> Iterator[None]:
    """Run as one of the site's processes, beside those that run already.

    Args:
        connections: to the database, that this process may open.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(cluster.joined(connections))
        except cluster.Misfit as error:
            raise NotStarted(str(error), passing=error.passing) from None
        except (DatabaseError, RedisError):
            raise NotStarted(LEFT, passing=True) from None
        except OSError as error:
            raise NotStarted(NO_ALIVE_FILE.format(reason=error.strerror)) from None
        if journal.is_open():
            raise NotStarted(journal.UNFINISHED)
        yield


def join_as_worker(concurrency: int) -> None:
    """Run the checks of `serve` for Celery's worker and beat.

    Raises SystemExit with one line if one fails; else the process is one of the site's until it
    ends.

    Args:
        concurrency: children of a worker; 0 for beat.
    """
    stack = ExitStack()
    without_pool()
    try:
        if not settings.REDIS_URL:
            raise NotStarted(NO_BROKER)
        check_settings(_say)
        check_engines(_say)
        _await_tables()
        stack.enter_context(among_processes(database_connections.of_worker(concurrency)))
    except NotStarted as error:
        _say(f"NotStarted: {error}")
        raise SystemExit(error.returncode) from None
    atexit.register(stack.close)


def _await_tables() -> None:
    try:
        schema.wait_until_current(_say)
    except schema.DatabaseIsNewer as error:
        raise NotStarted(str(error)) from None


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def _database() -> None:
    """Connect once outside the pool, which would tell only that it got no connection."""
    own = outside_pool()
    database = own.settings_dict
    if own.vendor == "postgresql":
        database["OPTIONS"].setdefault("connect_timeout", CONNECT_WITHIN)
    try:
        own.ensure_connection()
    except DatabaseError as error:
        if own.vendor == "sqlite":
            raise NotStarted(FILE_AWAY.format(name=database["NAME"])) from None
        reason = _first_line(error, hide=str(database["PASSWORD"]))
        raise NotStarted(DATABASE_AWAY.format(reason=reason), passing=True) from None
    finally:
        own.close()


def _first_line(error: Exception, *, hide: str) -> str:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return text.replace(hide, "…") if hide else text


def _redis(say: Say) -> None:
    try:
        with Redis.from_url(
            settings.REDIS_URL, decode_responses=True, socket_timeout=2, socket_connect_timeout=2
        ) as redis:
            redis.ping()
            policy = _eviction(redis)
    except ValueError:
        raise NotStarted(REDIS_UNREADABLE) from None
    except (AuthenticationError, ResponseError):
        raise NotStarted(REDIS_NO_ENTRY) from None
    except RedisError:
        raise NotStarted(REDIS_AWAY, passing=True) from None
    if policy != "noeviction":
        say(REDIS_FORGETS.format(policy=policy))


def _eviction(redis: Redis) -> str:
    """INFO and not CONFIG, which managed services keep to themselves."""
    try:
        found = redis.info("memory")
    except ResponseError:
        return "noeviction"  # not ours to know
    assert isinstance(found, dict)
    return str(found.get("maxmemory_policy", "noeviction"))
