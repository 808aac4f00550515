"""A misconfiguration speaks, with a hint."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PLACEHOLDERS = ("django-insecure", "change", "example", "insecure", "secret", "your")


@checks.register()
def reachable_in_the_clear(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Browsers make keys only on https:// or localhost."""
    if settings.HOST in LOOPBACK or settings.HTTPS:
        return []
    return [
        checks.Warning(
            f"HOST={settings.HOST} is reachable from elsewhere, but PUBLIC_URL is not https.",
            hint="Browsers refuse to make keys there. Put a TLS proxy in front and set "
            "PUBLIC_URL=https://chat.example.org, or leave HOST unset.",
            id="sotto.W001",
        )
    ]


@checks.register()
def debug_in_public(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    if not (settings.DEBUG and settings.HTTPS):
        return []
    return [
        checks.Error(
            "DEBUG is on for a public address: error pages would show settings and code.",
            hint="Unset DEBUG.",
            id="sotto.E001",
        )
    ]


@checks.register()
def secret_of_one_machine(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Processes that share accounts and sessions, each with a key that it made for itself."""
    if settings.SECRET_KEY_GIVEN or not (settings.REDIS_URL or not _embedded_database()):
        return []
    return [
        checks.Error(
            "DATABASE_URL or REDIS_URL is for several processes, but SECRET_KEY is not set.",
            hint="Make one with `openssl rand -base64 48` and give it to every process of this "
            "site as SECRET_KEY or SECRET_KEY_FILE.",
            id="sotto.E002",
        )
    ]


@checks.register()
def weak_secret(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    key = settings.SECRET_KEY
    strong = len(key) >= 32 and len(set(key)) >= 10 and not key.lower().startswith(PLACEHOLDERS)
    if strong or settings.DEBUG or not settings.SECRET_KEY_GIVEN:
        return []
    return [
        checks.Error(
            "SECRET_KEY is short or an example: anyone who guesses it signs in as anybody.",
            hint="Make one with `openssl rand -base64 48`.",
            id="sotto.E003",
        )
    ]


@checks.register()
def shared_but_alone(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Engines that several processes share, and nothing through which those hear of each other."""
    if settings.REDIS_URL or not (settings.MONGODB_URL or not _embedded_database()):
        return []
    return [
        checks.Warning(
            "The database is one that several processes share, but REDIS_URL is not set.",
            hint="One process works like this. Before you start a second one set REDIS_URL, or "
            "people on different processes see each other's messages half a minute late.",
            id="sotto.W002",
        )
    ]


@checks.register()
def shared_and_local(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Several processes, each with a database of its own."""
    if not settings.REDIS_URL or settings.MONGODB_URL or not _embedded_database():
        return []
    return [
        checks.Warning(
            "REDIS_URL is set, but accounts, rooms and messages are in a SQLite file.",
            hint="On one machine that works. On several, set DATABASE_URL (and MONGODB_URL), or "
            "each has accounts and rooms of its own.",
            id="sotto.W003",
        )
    ]


def _embedded_database() -> bool:
    return "sqlite" in settings.DATABASES["default"]["ENGINE"]
