"""Which processes of this site run, so that one that does not fit the others does not start.

Without Redis there may be one: two would not hear of each other's events. Every process holds a
lock on the database, alone or, with Redis, together with the others; it ends with the process,
however that ends. In Redis each leaves fingerprints of what all must have in common.
"""

from __future__ import annotations

import fcntl
import hmac
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError
from redis import Redis, RedisError

from chatsite.lib.database import outside_pool
from chatsite.lib.redis_keys import redis_key
from chatsite.ops.database_connections import allowed

PATIENCE = 5.0  # seconds for a process before this one to be gone
BEAT = 30  # seconds
FORGOTTEN = 90  # seconds after the last beat of a process that was killed
KEY = redis_key("sotto:processes")
LOCKS = {"running": 0x536F74746F, "turn": 0x536F747470}  # numbers of PostgreSQL's advisory locks
log = logging.getLogger(__name__)

ALONE = (
    "Another process of this site runs on the same database, and without REDIS_URL they would not "
    "hear of each other: set REDIS_URL for both, or stop the other first."
)
BESIDE_ONE_ALONE = (
    "A process without REDIS_URL runs on the same database and would not hear of this one: stop "
    "it, and start it again with REDIS_URL."
)
AT_WORK = (
    "Processes of this site are running: stop every web process, worker and beat first. One that "
    "was killed counts for another {seconds} s."
)
OTHER_KEY = (
    "Another process of this site has another SECRET_KEY: give all of them the same, or name the "
    "other's in SECRET_KEY_FALLBACKS while you change from one to the other."
)
OTHER_MESSAGES = (
    "Another process of this site keeps messages in another place: give all of them the same "
    "MONGODB_URL and MONGODB_DATABASE."
)


TOO_MANY_CONNECTIONS = (
    "PostgreSQL gives this site {allowed} connections, and its processes may need {needed}, this "
    "one {own} of them: lower DATABASE_POOL_MAX (or a worker's --concurrency), or raise "
    "max_connections."
)


class Misfit(Exception):
    """This process may not run beside the others. The text is one sentence that says why;
    `passing` says that trying again may help.
    """

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing


class Lock(Protocol):
    def take(self) -> bool:
        """Take it, or say that somebody else has it. Again is no error."""

    def close(self) -> None: ...


@contextmanager
def joined(own: int) -> Iterator[None]:
    """Be one of the site's processes for as long as this lasts.

    Args:
        own: database connections that this process may open.

    Raises:
        Misfit: that cannot be.
    """
    together = bool(settings.REDIS_URL)
    with closing(_lock("running", shared=together)) as lock:
        if not _taken(lock):
            raise Misfit(BESIDE_ONE_ALONE if together else ALONE)
        entry = Entry(settings.REDIS_URL, own) if together else None
        if entry is not None:
            entry.write()
        stopped = threading.Event()
        beats = threading.Thread(target=_beat, args=(lock, entry, stopped), daemon=True)
        try:
            if entry is not None:
                entry.compare()
            _check_connections(own, entry.connections_of_others() if entry is not None else 0)
            _show_life()
            beats.start()
            yield
        finally:
            stopped.set()
            if beats.is_alive():
                beats.join()
            if entry is not None:
                entry.remove()


@contextmanager
def none_running() -> Iterator[None]:
    """Keep every process of the site from starting for as long as this lasts; Misfit if one runs
    already.
    """
    with closing(_lock("running", shared=False)) as lock:
        entry = Entry(settings.REDIS_URL) if settings.REDIS_URL else None
        if not _taken(lock) or (entry is not None and entry.others()):
            raise Misfit(AT_WORK.format(seconds=FORGOTTEN))
        yield


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """For what one process does while others that start with it wait: changing the tables."""
    with closing(_lock("turn", shared=False)) as turn:
        while not turn.take():
            time.sleep(0.1)
        yield


def _check_connections(own: int, others: int) -> None:
    """Misfit if the processes may need more connections than there are. One that was killed counts
    until it is forgotten: then trying again helps.
    """
    limit = allowed()
    if limit is not None and own + others > limit:
        sentence = TOO_MANY_CONNECTIONS.format(allowed=limit, needed=own + others, own=own)
        raise Misfit(sentence, passing=own <= limit)


def _taken(lock: Lock) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not lock.take():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _beat(lock: Lock, entry: Entry | None, stopped: threading.Event) -> None:
    """Renew what shows that this process runs; a database that restarted has forgotten it."""
    while not stopped.wait(BEAT):
        try:
            if not lock.take():
                log.error("processes.lost %s", ALONE)
            if entry is not None:
                entry.write()
            _show_life()
        except (DatabaseError, RedisError, OSError) as error:
            log.warning("processes.beat_failed %s", type(error).__name__)


def _show_life() -> None:
    """For the healthcheck of a process that nobody can ask (deploy/ready.py)."""
    if settings.ALIVE_FILE:
        Path(settings.ALIVE_FILE).touch()


def _lock(name: str, *, shared: bool) -> Lock:
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        return AdvisoryLock(LOCKS[name], shared=shared)
    return FileLock(Path(database["NAME"]).with_suffix(f".{name}"), shared=shared)


class AdvisoryLock:
    """PostgreSQL's: held by a connection of its own, and gone with it."""

    def __init__(self, number: int, *, shared: bool) -> None:
        self._number = number
        self._shared = "_shared" if shared else ""
        self._connection = outside_pool()
        self._connection.inc_thread_sharing()  # taken by the starting thread, kept by another
        self._held = False

    def take(self) -> bool:
        try:
            with self._connection.cursor() as cursor:
                if self._held:
                    cursor.execute("SELECT 1")
                    return True
                # A machine that vanished must not keep the lock for hours.
                cursor.execute("SET tcp_keepalives_idle = 20")
                cursor.execute("SET tcp_keepalives_interval = 10")
                cursor.execute("SET tcp_keepalives_count = 3")
                cursor.execute(f"SELECT pg_try_advisory_lock{self._shared}(%s)", [self._number])
                self._held = bool(cursor.fetchone()[0])
        except DatabaseError:
            self._held = False
            self._connection.close()  # the next try connects anew
            raise
        return self._held

    def close(self) -> None:
        self._connection.close()


class FileLock:
    """Beside the SQLite file, which only processes of one machine share."""

    def __init__(self, path: Path, *, shared: bool) -> None:
        self._how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        try:
            fcntl.flock(self._file, self._how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        os.close(self._file)


class Entry:
    """A process's entry in Redis: `secret:messages:id.connections`, scored by when it is
    forgotten, in seconds of Redis' own clock. Processes of earlier versions name no number.
    """

    def __init__(self, url: str, connections: int = 0) -> None:
        # Any: the client's hints are those of its asynchronous twin, too.
        self._redis: Any = Redis.from_url(
            url, decode_responses=True, socket_timeout=2, socket_connect_timeout=2
        )
        store: dict[str, Any] = settings.MESSAGE_STORE
        self._secret = fingerprint(settings.SECRET_KEY, "secret")
        self._messages = fingerprint(
            settings.SECRET_KEY, f"{store['BACKEND']} {store['OPTIONS'].get('database', '')}"
        )
        self._id = f"{uuid4().hex}.{connections}"
        self._member = f"{self._secret}:{self._messages}:{self._id}"

    def write(self) -> None:
        now = self._now()
        with self._redis.pipeline() as pipe:
            pipe.zremrangebyscore(KEY, "-inf", now)
            pipe.zadd(KEY, {self._member: now + FORGOTTEN})
            pipe.expire(KEY, FORGOTTEN)
            pipe.execute()

    def compare(self) -> None:
        """Misfit if a process that runs has a secret that this one does not take, or other
        messages. Each writes before it compares, so that of two one notices.
        """
        taken = {fingerprint(key, "secret") for key in settings.SECRET_KEY_FALLBACKS}
        for member in self._redis.zrangebyscore(KEY, self._now(), "+inf"):
            secret, messages, _ = member.split(":")
            if secret not in {self._secret, *taken}:
                raise Misfit(OTHER_KEY)
            if secret == self._secret and messages != self._messages:
                raise Misfit(OTHER_MESSAGES)

    def connections_of_others(self) -> int:
        """Database connections that the other processes may open."""
        members = self._redis.zrangebyscore(KEY, self._now(), "+inf")
        numbers = [member.rpartition(".")[2] for member in members if member != self._member]
        return sum(int(number) for number in numbers if number.isdigit())

    def others(self) -> bool:
        """True if any process has renewed its entry lately."""
        return bool(self._redis.zcount(KEY, self._now(), "+inf"))

    def remove(self) -> None:
        try:
            self._redis.zrem(KEY, self._member)
        except RedisError:  # it is forgotten soon
            log.info("processes.not_removed")
        finally:
            self._redis.close()

    def _now(self) -> int:
        seconds, _ = self._redis.time()
        return int(seconds)


def fingerprint(key: str, what: str) -> str:
    """Tells whether two have the same, to those who have the key; to others nothing."""
    return hmac.new(key.encode(), b"sotto/process|" + what.encode(), "sha256").hexdigest()[:16]
