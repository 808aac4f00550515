"""The site under daphne, where no server extension writes shared frames."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import ROOT, LiveServer

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


class DaphneServer(LiveServer):
    """`daphne chatsite.asgi:application` on a database that is up to date."""

    @property
    def command(self) -> list[str]:
        address = ["-b", "127.0.0.1", "-p", str(self.port)]
        return [sys.executable, "-m", "daphne", *address, "chatsite.asgi:application"]

    def start(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        with self.log.open("ab") as log:
            log.write(f"{self.url}\n".encode())  # daphne does not name the site's address
            log.flush()
            self._process = subprocess.Popen(
                self.command, cwd=ROOT, env=self._daphne_environment(), stdout=log, stderr=log
            )
        self._wait()

    def _daphne_environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment, "DJANGO_SETTINGS_MODULE": "chatsite.settings"}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with DaphneServer(tmp_path_factory.mktemp("daphne") / "data") as running:
        yield running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LiveServer]:
    with DaphneServer(tmp_path / "data") as running:
        yield running
