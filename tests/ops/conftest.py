"""A site of each kind of engines, with a room in it. It is made once and left as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.sites import KINDS, SITES, Site, backed_up, talk


@pytest.fixture(scope="session", params=KINDS)
def site(request, tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp(request.param)
    with SITES[request.param](folder) as server:
        yield Site(server, asyncio.run(talk(server)))


@pytest.fixture(scope="session")
def kept(site, tmp_path_factory) -> Path:
    """A backup of that site."""
    return backed_up(site.server, tmp_path_factory.mktemp("kept"))
