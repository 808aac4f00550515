"""compose.yaml's processes, started without containers: the same commands, variables and secrets
in files, on real engines, behind TLS.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
import pytest

from chatsite.lib.errors import Unavailable
from sotto.client import Client
from tests.client.acting import PASSWORD, heard, until
from tests.deploy.processes import SERVICES, Process, program, settings_of
from tests.deploy.proxy import in_front, places, wait_for_answer
from tests.deploy.starting import CONFIG, OTHER_KEY
from tests.engines.mongo import mongo_url
from tests.engines.postgres import postgres_url
from tests.engines.redis import RedisServer
from tests.live import ROOT, START_WITHIN, free_port
from tests.vectors.making import cast

pytestmark = pytest.mark.slow

LINES = 30


@dataclass
class Site:
    url: str
    trusted: Path
    web: list[Process]
    redis: RedisServer
    worker: Process
    indexer: Process
    beat: Process


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        redis = RedisServer(folder)
        redis.start()
        stack.callback(redis.stop)
        keep = {
            "database_url": stack.enter_context(postgres_url()),
            "mongodb_url": stack.enter_context(mongo_url(folder)),
            "redis_url": redis.url,
        }
        shutil.copy(ROOT / "deploy" / "make-secrets.sh", folder)
        subprocess.run(["sh", "make-secrets.sh"], cwd=folder, check=True, capture_output=True)
        for name, value in keep.items():
            (folder / "secrets" / name).write_text(f"{value}\n")
        port, ports = free_port(), [free_port(), free_port()]
        url = f"https://localhost:{port}"
        web = [
            Process(name, folder, settings_of(name, folder, url, one))
            for name, one in zip(("web-1", "web-2"), ports, strict=True)
        ]
        others = [
            Process(name, folder, settings_of(name, folder, url, free_port()))
            for name in ("worker", "indexer", "beat")
        ]
        trusted = stack.enter_context(in_front(folder, port, ports))
        for process in [*web, *others]:  # at the same time: one of them makes the tables
            process.start()
            stack.callback(process.stop)
        for process in [*web, *others]:
            process.wait()
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("SSL_CERT_FILE", str(trusted))
        wait_for_answer(url, trusted)
        yield Site(url, trusted, web, redis, *others)


@pytest.fixture
async def pair(site):
    tag = secrets.token_hex(4)
    async with Client(site.url) as ada, Client(site.url) as ben:
        await ada.account.sign_up(f"ada.{tag}", PASSWORD, cast()["ada"].keys)
        await ben.account.sign_up(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
        room = await ada.rooms.create("Garden")
        await ben.rooms.join(await ada.room_admin.invite(room))
        yield ada, ben, room


async def test_a_message_crosses(pair):
    ada, ben, room = pair
    await ben.rooms.open(room)
    listening = asyncio.create_task(heard(ben, 1))
    await ada.messages.send(room, "the kettle is on")
    assert await listening == ["the kettle is on"]


async def test_an_upgrade_one_process_at_a_time_loses_nothing(site, pair):
    ada, ben, room = pair
    await ben.rooms.open(room)
    listening = asyncio.create_task(heard(ben, LINES, within=2 * START_WITHIN))

    async def talk() -> None:
        for n in range(LINES):
            await ada.messages.send(room, f"line {n}")
            await asyncio.sleep(0.1)

    talking = asyncio.create_task(talk())
    for process in site.web:
        await asyncio.to_thread(process.stop)
        await asyncio.to_thread(process.start)
        await asyncio.to_thread(process.wait)
    await talking
    assert await listening == [f"line {n}" for n in range(LINES)]
    assert [line.seq for line in await ben.messages.history(room)] == list(range(1, LINES + 1))


async def test_what_the_proxy_adds(site):
    context = ssl.create_default_context(cafile=str(site.trusted))
    async with httpx2.AsyncClient(verify=context) as http:
        page = await http.get(f"{site.url}/accounts/login/")
        facts = await http.get(f"{site.url}/site.json")
    assert page.status_code == 200
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert page.headers.get_list("Strict-Transport-Security") == ["max-age=31536000"]
    assert "Secure" in facts.headers["Set-Cookie"]
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with httpx2.AsyncClient(verify=context) as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get(f"{site.url}/healthz")


async def test_probes_are_for_those_inside(site):
    context = ssl.create_default_context(cafile=str(site.trusted))
    async with httpx2.AsyncClient(verify=context) as http:
        for path in ("/readyz", "/metrics", "/readyz?x"):
            shown = {"Authorization": "Bearer a-token"}
            assert (await http.get(f"{site.url}{path}", headers=shown)).status_code == 404


async def test_fault_redis_is_away_and_pages_and_sockets_stay(site, pair):
    """The proxy takes no process out: messages go on, and a page says in the site's own words what
    is the matter.
    """
    ada, ben, room = pair
    await ben.rooms.open(room)
    context = ssl.create_default_context(cafile=str(site.trusted))
    site.redis.stop()
    try:
        async with httpx2.AsyncClient(verify=context, timeout=30) as http:
            ports = [int(process.environment["PORT"]) for process in site.web]
            for host, port in places(ports):  # as the proxy asks
                assert (await http.get(f"http://{host}:{port}/healthz")).status_code == 200
            page = await http.get(f"{site.url}/accounts/login/")
            assert page.status_code == 200, "pages ask Redis nothing"
            (style, *_) = re.findall(r'href="(/static/[^"]+)"', page.text)
            assert (await http.get(f"{site.url}{style}")).status_code == 200
        await ada.messages.send(room, "with Redis away")
    finally:
        site.redis.start()
    assert (await ben.messages.history(room))[-1].text == "with Redis away"
    for process in site.web:
        await until(partial(_counts_again, site, process), within=Unavailable.retry_after)


async def _counts_again(site: Site, process: Process) -> bool:
    """Whether a process can count tries to sign in: while Redis is unreachable nobody may sign in,
    so that guesses are never free, and a process asks Redis again only after a moment.
    """
    [(host, _)] = places([0])
    asked = {"Host": site.url.removeprefix("https://"), "X-Forwarded-Proto": "https"}
    address = f"http://{host}:{process.environment['PORT']}/api/v1/auth/login"
    async with httpx2.AsyncClient(headers=asked, timeout=30) as http:
        answer = await http.post(address, json={"name": "nobody.here", "password": PASSWORD})
    assert answer.status_code in (401, 403, 503), answer.text
    return answer.status_code != 503


def test_a_healthcheck_sees_what_is_missing(site, tmp_path):
    web, worker = site.web[0], site.worker
    assert web.check().returncode == worker.check().returncode == site.beat.check().returncode == 0
    command = program(SERVICES["web-1"]["healthcheck"]["test"][1:])
    for process, away in (
        (web, {"PORT": str(free_port())}),
        (worker, {"ALIVE_FILE": str(tmp_path / "nowhere")}),
    ):
        environment = {**process.environment, **away}
        assert subprocess.run(command, env=environment, capture_output=True).returncode == 1


def test_a_worker_that_fell_silent_is_not_well(site):
    alive = Path(site.worker.environment["ALIVE_FILE"])
    stat = alive.stat()
    try:
        os.utime(alive, (stat.st_atime, stat.st_mtime - 3600))
        assert "No sign of life" in site.worker.check().stderr
    finally:
        os.utime(alive)


def test_the_indexer_does_what_it_is_sent(site):
    """Bytes that no row knows are gone once it has tidied up."""
    lost = Path(site.indexer.environment["SOTTO_DATA"]) / "files" / ("0" * 32) / "lost"
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"sealed")
    os.utime(lost, (0, 0))
    command = program(["celery", "--app=chatsite", "call", "tidy"])
    subprocess.run(command, cwd=ROOT, env=site.web[0].environment, check=True, capture_output=True)
    for _ in range(300):
        if not lost.exists():
            return
        time.sleep(0.1)
    raise AssertionError(site.indexer.log.read_text()[-2000:])


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_worker_with_another_secret_does_not_start(site, name, tmp_path):
    command = program(SERVICES[name]["command"])
    (tmp_path / "key").write_text(OTHER_KEY)
    environment = {**site.worker.environment, "SECRET_KEY_FILE": str(tmp_path / "key")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == CONFIG
    assert done.stderr.splitlines()[-1].startswith("NotStarted: Another process of this site has")


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_worker_without_redis_does_not_start(name, tmp_path):
    environment = {**os.environ, "SOTTO_DATA": str(tmp_path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = program(SERVICES[name]["command"])
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == CONFIG
    assert "needs REDIS_URL" in done.stderr.splitlines()[-1]


def test_a_process_that_is_told_to_stop_takes_leave(site):
    process = site.web[1]
    process.stop(signal.SIGTERM)
    log = process.log.read_text()
    process.start()
    process.wait()
    assert "Finished server process" in log
    assert "Traceback" not in log
