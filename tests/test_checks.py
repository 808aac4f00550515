"""A site that is half configured says so when it starts."""

from __future__ import annotations

import pytest

from chatsite import checks

POSTGRES, SQLITE = "django.db.backends.postgresql", "django.db.backends.sqlite3"


@pytest.mark.parametrize(
    ("redis", "mongo", "engine", "expected"),
    [
        pytest.param("", "", SQLITE, [], id="embedded"),
        pytest.param("redis://r", "mongodb://m", POSTGRES, [], id="everything shared"),
        pytest.param("", "", POSTGRES, ["sotto.W002"], id="PostgreSQL alone"),
        pytest.param("", "mongodb://m", SQLITE, ["sotto.W002"], id="MongoDB alone"),
        pytest.param("redis://r", "", SQLITE, ["sotto.W003"], id="Redis alone"),
    ],
)
def test_what_several_processes_need_is_said(settings, monkeypatch, redis, mongo, engine, expected):
    settings.REDIS_URL, settings.MONGODB_URL = redis, mongo
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)
    found = [*checks.shared_but_alone(), *checks.shared_and_local()]
    assert [message.id for message in found] == expected
    assert all(message.hint for message in found)


def test_debug_in_public_does_not_start(settings):
    settings.DEBUG, settings.HTTPS = True, True
    assert [message.id for message in checks.debug_in_public()] == ["sotto.E001"]
