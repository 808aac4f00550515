"""Databases, stores, the channel layer and caches: the engines that the variables name, or embedded
ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chatsite import variables

Settings = dict[str, Any]


def databases(data_dir: Path) -> Settings:
    """DATABASES: the one that DATABASE_URL names, or SQLite in `data_dir`."""
    embedded = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(data_dir / "sotto.sqlite3"),
    }
    default: Settings = variables.DATABASE_URL.read() or embedded
    if default["ENGINE"].endswith("sqlite3"):
        default["OPTIONS"] = {
            # Group commit lives on one durable write at a time: WAL, fsync, and writers that wait
            # for the lock at BEGIN instead of failing in the middle.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        }
        default["CONN_MAX_AGE"] = None  # threads of requests are kept, and so are connections
        # A file, as in production: in memory, SQLite locks tables and knows no WAL.
        default["TEST"] = {"NAME": data_dir / "test.sqlite3"}
    else:
        default.setdefault("OPTIONS", {})["pool"] = variables.database_pool()
        default["CONN_HEALTH_CHECKS"] = True  # one that a restart has cut is replaced
        default["CONN_MAX_AGE"] = 0  # the pool keeps them
    return {"default": default}


def stores(mongodb_url: str) -> tuple[Settings, Settings]:
    """MESSAGE_STORE and SUMMARY_STORE: on MongoDB, or in the database."""
    if not mongodb_url:
        return (
            {"BACKEND": "messaging.store.orm.store.OrmStore", "OPTIONS": {}},
            {"BACKEND": "summaries.store.orm.OrmSummaries", "OPTIONS": {}},
        )
    options = {"url": mongodb_url, "database": variables.MONGODB_DATABASE.read()}
    return (
        {"BACKEND": "messaging.store.mongo.store.MongoStore", "OPTIONS": options},
        {"BACKEND": "summaries.store.mongo.MongoSummaries", "OPTIONS": options},
    )


def channel_layers(redis_url: str, prefix: str) -> Settings:
    """CHANNEL_LAYERS: on Redis, or inside this process."""
    if not redis_url:
        memory = {
            "BACKEND": "channels.layers.InMemoryChannelLayer",
            "CONFIG": {"capacity": 10_000},  # one channel a process, not one a socket
        }
        return {"default": memory}
    return {
        "default": {
            # Not the core layer: it drops above 100 messages a channel, and forgets its groups
            # when Redis restarts. What this one loses, the hub repairs by number.
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [redis_url], "prefix": f"{prefix}sotto"},
        }
    }


def caches(redis_url: str, prefix: str) -> Settings:
    """CACHES: `default`, `limits` of forms, and with Redis `sessions`.

    They are apart, and `limits` has room: who fills the other one must not make this one forget.
    Keys of `default` are as the owner names them (`chatsite.lib.redis_keys`).
    """
    if not redis_url:
        local = "django.core.cache.backends.locmem.LocMemCache"
        limits = {"BACKEND": local, "LOCATION": "limits", "OPTIONS": {"MAX_ENTRIES": 50_000}}
        return {"default": {"BACKEND": local}, "limits": limits}
    redis = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": f"{prefix}sotto",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
    named = {"KEY_PREFIX": prefix, "KEY_FUNCTION": "chatsite.lib.redis_keys.cache_key"}
    return {"default": redis | named, "limits": redis, "sessions": redis}
