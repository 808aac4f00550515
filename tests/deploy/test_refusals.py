"""A site that is half configured does not start, and says in one line what to set."""

from __future__ import annotations

import httpx2
import pytest
from redis import Redis

from tests.deploy.starting import AWAY, CONFIG, KEY, OTHER_KEY, refused
from tests.engines.mongo import MongoServer
from tests.engines.postgres import postgres_url
from tests.engines.redis import RedisServer
from tests.live import LiveServer, free_port

PUBLIC = "https://chat.example.org"


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


# --- what the settings alone tell ----------------------------------------------------------------


def test_debug_in_public(tmp_path):
    ended = refused(tmp_path, DEBUG="1", PUBLIC_URL=PUBLIC)
    assert ended.code == CONFIG
    assert ended.sentence.endswith("Unset DEBUG.")


@pytest.mark.parametrize(
    "engine",
    [
        {"DATABASE_URL": "postgres://u:hunter2@db/sotto"},
        pytest.param({"REDIS_URL": "redis://redis"}, marks=pytest.mark.slow),
    ],
)
def test_shared_engines_and_a_secret_of_one_machine(tmp_path, engine):
    ended = refused(tmp_path, **engine)
    assert ended.code == CONFIG
    assert "SECRET_KEY is not set" in ended.sentence
    assert "openssl rand" in ended.sentence
    assert "hunter2" not in ended.sentence


@pytest.mark.parametrize(
    "key",
    [
        "hunter2",
        pytest.param("a" * 64, marks=pytest.mark.slow),
        pytest.param("django-insecure-0123456789abcdefghijklmnop", marks=pytest.mark.slow),
        pytest.param("change-me" * 6, marks=pytest.mark.slow),
    ],
)
def test_a_secret_that_can_be_guessed(tmp_path, key):
    ended = refused(tmp_path, SECRET_KEY=key)
    assert ended.code == CONFIG
    assert ended.sentence.startswith("NotStarted: SECRET_KEY is short or an example")
    assert key not in ended.sentence


def test_a_file_that_is_not_there(tmp_path):
    ended = refused(tmp_path, SECRET_KEY_FILE=str(tmp_path / "nowhere"))
    assert ended.code == CONFIG
    assert "SECRET_KEY_FILE names" in ended.sentence
    assert "Traceback" not in ended.sentence


@pytest.mark.slow
def test_a_file_whose_line_ends_holds_the_same_secret(tmp_path, redis):
    """What `openssl rand > file` writes, and what a panel's form keeps."""
    (tmp_path / "key").write_text(f"{KEY}\n")
    shared = {"REDIS_URL": redis.url}
    with (
        LiveServer(tmp_path / "data", SECRET_KEY_FILE=str(tmp_path / "key"), **shared) as one,
        LiveServer(tmp_path / "data", SECRET_KEY=KEY, **shared) as two,
    ):
        for server in (one, two):
            assert httpx2.get(f"{server.url}/readyz").status_code == 200


# --- engines -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_databases_that_are_away(tmp_path):
    nobody = f"127.0.0.1:{free_port()}"
    url = f"postgres://sotto:hunter2@{nobody}/sotto"
    ended = refused(tmp_path, DATABASE_URL=url, SECRET_KEY=KEY, REDIS_URL=f"redis://{nobody}")
    assert ended.code == AWAY
    assert "correct" in ended.sentence
    assert "DATABASE_URL" in ended.sentence
    assert "hunter2" not in ended.sentence
    ended = refused(tmp_path, SECRET_KEY=KEY, REDIS_URL=f"redis://:hunter2@{nobody}")
    assert ended.code == AWAY
    assert ended.lines[-1].startswith("NotStarted: REDIS_URL names a server that does not answer")
    assert not any("hunter2" in line for line in ended.lines)


@pytest.mark.slow
def test_redis_wants_another_password(tmp_path, redis):
    Redis.from_url(redis.url).config_set("requirepass", "hunter2")
    for url in (redis.url, redis.url.replace("//", "//:guess@")):
        ended = refused(tmp_path, SECRET_KEY=KEY, REDIS_URL=url)
        assert ended.code == CONFIG
        assert "correct the user name and the password in REDIS_URL" in ended.lines[-1]


@pytest.mark.slow
def test_redis_that_may_drop_sessions_is_a_warning(tmp_path, redis):
    with Redis.from_url(redis.url) as settings:
        settings.config_set("maxmemory-policy", "allkeys-lru")
    with LiveServer(tmp_path / "data", REDIS_URL=redis.url) as server:
        log = server.log.read_text()
    assert "maxmemory-policy is allkeys-lru): set it to noeviction" in log
    assert "SQLite" in log, "one machine or several, who knows: no more than a warning"


@pytest.mark.slow
def test_mongodb_that_is_away_or_cannot_be_named(tmp_path):
    url = f"mongodb://sotto:hunter2@127.0.0.1:{free_port()}/?replicaSet=rs0"
    ended = refused(tmp_path, MONGODB_URL=url)
    assert ended.code == AWAY
    assert "MONGODB_URL names a server that does not answer" in ended.lines[-1]
    ended = refused(tmp_path, MONGODB_URL="mongodb://sotto:hun:ter@2@host/")
    assert ended.code == CONFIG
    assert "%40" in ended.lines[-1]
    assert "ter@2" not in "".join(ended.lines)


@pytest.mark.slow
def test_mongodb_without_a_replica_set(tmp_path):
    server = MongoServer(tmp_path, "--standalone")
    server.start()
    try:
        ended = refused(tmp_path / "data", MONGODB_URL=server.url)
    finally:
        server.stop()
    assert ended.code == CONFIG
    assert "rs.initiate()" in ended.lines[-1]


@pytest.mark.slow
def test_mongodb_whose_majority_is_down(tmp_path):
    server = MongoServer(tmp_path, "--enable-test-commands")
    server.start()
    failing = {"errorCode": 64, "errmsg": "waiting for replication timed out"}
    try:
        with server.client() as client:
            client.admin.command(
                "configureFailPoint",
                "failCommand",
                mode="alwaysOn",
                data={"failCommands": ["delete"], "writeConcernError": {"code": 64, **failing}},
            )
        ended = refused(tmp_path / "data", MONGODB_URL=server.url)
    finally:
        server.stop()
    assert ended.code == AWAY
    assert "no majority" in ended.lines[-1]


# --- several processes ---------------------------------------------------------------------------


@pytest.mark.slow
def test_a_second_process_without_redis_on_one_file(tmp_path):
    with LiveServer(tmp_path / "data") as first:
        ended = refused(first.data)
        assert ended.code == CONFIG
        assert "set REDIS_URL for both" in ended.sentence
        first.stop(how=9)
        with LiveServer(first.data) as second:  # a process that was killed leaves nothing behind
            assert httpx2.get(f"{second.url}/readyz").status_code == 200


@pytest.mark.slow
def test_a_second_process_without_redis_on_one_postgresql(tmp_path, redis):
    with postgres_url() as url, LiveServer(tmp_path / "one", DATABASE_URL=url) as first:
        ended = refused(tmp_path / "two", DATABASE_URL=url, SECRET_KEY=KEY)
        assert ended.code == CONFIG
        assert "set REDIS_URL for both" in ended.lines[-1]
        both = {"DATABASE_URL": url, "SECRET_KEY": KEY, "REDIS_URL": redis.url}
        ended = refused(tmp_path / "two", **both)
        assert ended.code == CONFIG
        assert "A process without REDIS_URL runs" in ended.lines[-1]
        first.stop(how=9)
        with LiveServer(tmp_path / "two", **both), LiveServer(tmp_path / "three", **both):
            pass


@pytest.mark.slow
def test_processes_with_different_secrets(tmp_path, redis):
    shared = {"REDIS_URL": redis.url}
    data = tmp_path / "data"
    with LiveServer(data, SECRET_KEY=KEY, **shared):
        ended = refused(data, SECRET_KEY=OTHER_KEY, **shared)
        assert ended.code == CONFIG
        assert "Another process of this site has another SECRET_KEY" in ended.lines[-1]
        assert not any(KEY in line or OTHER_KEY in line for line in ended.lines)
        with LiveServer(data, SECRET_KEY=OTHER_KEY, SECRET_KEY_FALLBACKS=KEY, **shared):
            pass
    with LiveServer(data, SECRET_KEY=OTHER_KEY, **shared):
        """Those who had the other one have taken leave."""


@pytest.mark.slow
def test_processes_with_messages_in_different_places(tmp_path, redis):
    mongo = MongoServer(tmp_path)
    mongo.start()
    shared = {"REDIS_URL": redis.url, "SECRET_KEY": KEY}
    try:
        with LiveServer(tmp_path / "data", MONGODB_URL=mongo.url, **shared):
            ended = refused(tmp_path / "data", **shared)
            assert ended.code == CONFIG
            assert "keeps messages in another place" in ended.lines[-1]
            other = {"MONGODB_URL": mongo.url, "MONGODB_DATABASE": "other"}
            assert refused(tmp_path / "data", **other, **shared).code == CONFIG
    finally:
        mongo.stop()
