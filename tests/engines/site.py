"""A site of two web processes on PostgreSQL, MongoDB's protocol and Redis, all of them our own, so
that each can be stopped.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engines.mongo import MongoServer
from tests.engines.postgres import PostgresServer, postgres_server
from tests.engines.redis import RedisServer
from tests.live import LiveServer


@dataclass
class Site:
    left: LiveServer
    right: LiveServer
    postgres: PostgresServer
    mongo: MongoServer
    redis: RedisServer

    @property
    def urls(self) -> tuple[str, str]:
        return self.left.url, self.right.url


@dataclass
class Engines:
    postgres: PostgresServer
    mongo: MongoServer
    redis: RedisServer
    variables: dict[str, str]
    """Those of a site on these engines."""


@contextmanager
def all_engines(folder: Path) -> Iterator[Engines]:
    with ExitStack() as stack:
        redis, mongo = RedisServer(folder), MongoServer(folder)
        for engine in (redis, mongo):
            engine.start()
            stack.callback(engine.stop)
        postgres = stack.enter_context(postgres_server())
        variables = {
            "DATABASE_URL": postgres.url,
            "MONGODB_URL": mongo.url,
            "REDIS_URL": redis.url,
            "SECRET_KEY": secrets.token_urlsafe(48),
        }
        yield Engines(postgres, mongo, redis, variables)


@contextmanager
def site_of_two(folder: Path, **environment: str) -> Iterator[Site]:
    """Both processes have `environment` beside the engines' addresses."""
    with ExitStack() as stack:
        engines = stack.enter_context(all_engines(folder))
        variables = {**engines.variables, **environment}
        servers = [LiveServer(folder / name, **variables) for name in ("left", "right")]
        left, right = (stack.enter_context(server) for server in servers)
        yield Site(left, right, engines.postgres, engines.mongo, engines.redis)
