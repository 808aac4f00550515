"""Numbers for holders of the token; ids and kinds, never names."""

from __future__ import annotations

import re

import httpx2
import pytest

from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.live import LiveServer
from tests.vectors.making import cast

TOKEN = "a-token-for-metrics"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    with LiveServer(folder / "data", METRICS_TOKEN=TOKEN, LOG_FORMAT="json") as server:
        yield server


def shown(site, token: str = TOKEN) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.get(f"{site.url}/metrics", headers=headers)


def number(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize("token", ["", "wrong", "a-token-for-metric"])
def test_without_the_token_there_is_nothing_there(site, token):
    assert shown(site, token).status_code == 404
    assert "sotto_" not in shown(site, token).text


def test_a_site_without_a_token_shows_nothing(client, db, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


async def test_what_happens_is_counted(site):
    async with Client(site.url) as ada:
        await ada.account.sign_up("ada.counted", PASSWORD, cast()["ada"].keys)
        room = await ada.rooms.create("Garden")
        await ada.rooms.open(room)
        before = shown(site).text
        for n in range(5):
            await ada.messages.send(room, f"line {n}")
        after = shown(site).text
    assert number(after, "sotto_sockets") == 1
    assert number(after, "sotto_rooms") == 1
    assert number(after, "sotto_sockets_behind") == 0
    grown = {
        name: number(after, name) - number(before, name)
        for name in ("sotto_messages_total", 'sotto_frames_total{type="message_send"}')
    }
    assert set(grown.values()) == {5}
    assert number(after, "sotto_deliveries_total") - number(before, "sotto_deliveries_total") >= 5
    assert number(after, "sotto_append_seconds_count") > number(
        before, "sotto_append_seconds_count"
    )
    route = 'route="api/v1/chatrooms/<str:room>/messages",status="200"'
    assert f'sotto_request_seconds_count{{method="GET",{route}}}' in after
    assert room not in after


def test_an_answer_names_its_request_and_so_does_the_log(site):
    answer = httpx2.get(f"{site.url}/api/v1/me", headers={"X-Request-ID": "from-the-proxy"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy"
    mine = httpx2.get(f"{site.url}/api/v1/me", headers={"X-Request-ID": "bad one!"})
    assert re.fullmatch("[0-9a-f]{16}", mine.headers["X-Request-ID"])
    lines = [line for line in site.log.read_text().splitlines() if "from-the-proxy" in line]
    assert len(lines) == 1
    assert '"request": "from-the-proxy"' in lines[0]
    assert "GET api/v1/me 401" in lines[0]
