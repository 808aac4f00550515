"""Bursts of sign-ins: how many passwords are hashed at once, and what the others are told."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.db import connection
from django.test import Client

from accounts import hashers
from accounts.hashers import HashQueue, QueuedArgon2
from accounts.sign_in.sign_ins import issue_tokens
from chatsite.lib.errors import Unavailable
from tests.base import PASSWORD, api, code, make_user
from tests.live import LiveServer

NEW = "another horse battery staple"


class Meter:
    """Replaces the work of Argon2: counts what runs, and holds it until `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.started = threading.Semaphore(0)
        self.calls: list[str] = []
        self.running = self.most = 0
        self._lock = threading.Lock()

    def work(self, kind: str) -> None:
        with self._lock:
            self.calls.append(kind)
            self.running += 1
            self.most = max(self.most, self.running)
        self.started.release()
        self.go.wait(10)
        with self._lock:
            self.running -= 1


@pytest.fixture
def meter(monkeypatch) -> Iterator[Meter]:
    meter = Meter()

    def encode(self, password, salt):
        meter.work("encode")
        return "argon2$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdHNh$aGFzaA"

    def verify(self, password, encoded):
        meter.work("verify")
        return password == PASSWORD

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify)
    yield meter
    meter.go.set()


def hash_one(_: int) -> str:
    try:
        make_password(PASSWORD)
    except Unavailable as refused:
        return refused.code
    return "hashed"


def test_abuse_a_burst_of_hashes_runs_few_at_a_time_and_ends_in_unavailable(meter, monkeypatch):
    monkeypatch.setattr(hashers, "queue", HashQueue(2, queue=3))
    with ThreadPoolExecutor(30) as pool:
        burst = [pool.submit(hash_one, n) for n in range(30)]
        refused = [one.result() for one in islice(as_completed(burst, timeout=10), 25)]
        assert all(meter.started.acquire(timeout=5) for _ in range(2))
        meter.go.set()
        answers = [one.result() for one in burst]
    assert refused == ["unavailable"] * 25
    assert answers.count("hashed") == 5, "two ran, three waited for their turn"
    assert meter.most == 2


def test_abuse_a_turn_that_does_not_come_is_not_waited_for_without_end(meter, monkeypatch):
    monkeypatch.setattr(hashers, "queue", HashQueue(1, queue=3, patience=0.05))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hash_one, 1)
        assert meter.started.acquire(timeout=5)
        assert pool.submit(hash_one, 2).result(5) == "unavailable"
        meter.go.set()
        assert first.result(5) == "hashed"
    assert hash_one(3) == "hashed", "a client that gave up has left the queue"


def test_abuse_a_hash_that_fails_gives_its_turn_back(monkeypatch):
    queue = HashQueue(1, queue=0)
    with pytest.raises(RuntimeError), queue.turn():
        raise RuntimeError
    with queue.turn():
        pass


@pytest.fixture
def full(monkeypatch):
    """A process whose queue is full."""
    queue = HashQueue(1, queue=0)
    with queue.turn():
        monkeypatch.setattr(hashers, "queue", queue)
        yield


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("auth/login", {"name": "zoe", "password": PASSWORD}),
        ("auth/login", {"name": "nobody", "password": PASSWORD}),
        ("auth/register", {"name": "newcomer", "password": PASSWORD}),
        ("me/password", {"old": PASSWORD, "new": NEW}),
        ("me/delete", {"password": PASSWORD}),
    ],
)
def test_abuse_whatever_of_the_api_hashes_a_password_waits_in_the_queue(request, path, sent):
    zoe = make_user("zoe")
    client = api(issue_tokens(zoe).access)
    request.getfixturevalue("full")
    answer = client.post(f"/api/v1/{path}", sent)
    assert (answer.status_code, code(answer)) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    zoe.refresh_from_db()
    assert zoe.is_active


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/accounts/login/", {"login": "zoe", "password": PASSWORD}),
        ("/accounts/login/?next=/admin/", {"login": "nobody", "password": PASSWORD}),
        ("/accounts/signup/", {"username": "newcomer", "password1": PASSWORD}),
    ],
)
def test_abuse_forms_are_told_when_to_try_again(request, path, sent):
    client = Client()
    make_user("zoe")
    request.getfixturevalue("full")
    answer = client.post(path, sent)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert code(answer) == "unavailable"
    assert PASSWORD.encode() not in answer.content


@pytest.mark.django_db
def test_abuse_a_reset_of_keys_waits_in_the_queue(request, ada):
    ada.publish()
    following = ada.signed_identity(Ed25519PrivateKey.generate(), n=2, prev=ada.kid)
    ada.user.set_password(PASSWORD)
    ada.user.save()
    client = ada.client
    request.getfixturevalue("full")
    answer = client.post("/api/v1/identities", {**following, "password": PASSWORD})
    assert (answer.status_code, code(answer)) == (503, "unavailable")
    assert ada.user.current_kid == ada.kid


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["form", "api"])
def test_abuse_a_name_that_nobody_has_costs_as_much_hashing_as_any(meter, by):
    """Else the time of an answer would tell who has an account."""
    meter.go.set()
    make_user("zoe")
    counts = []
    for name in ("zoe", "nobody"):
        meter.calls.clear()
        sent = {"name": name, "password": "not this one"}
        if by == "api":
            assert api().post("/api/v1/auth/login", sent).status_code == 401
        else:
            form = {"login": name, "password": "not this one"}
            assert Client().post("/accounts/login/", form).status_code == 400
        counts.append(len(meter.calls))
    assert counts == [1, 1]


@pytest.mark.django_db
def test_abuse_no_password_is_hashed_inside_a_transaction(meter, monkeypatch):
    """SQLite has one writer: who waits for a turn there would keep all messages waiting."""
    meter.go.set()
    outside = len(connection.savepoint_ids)
    depths: list[int] = []

    class Watched(HashQueue):
        """Looks where a turn is waited for: the hash itself runs in another thread."""

        def turn(self):
            depths.append(len(connection.savepoint_ids))
            return super().turn()

    monkeypatch.setattr(hashers, "queue", Watched(2))
    zoe = make_user("zoe")
    client = api()
    client.force_authenticate(zoe)
    api().post("/api/v1/auth/register", {"name": "yan", "password": PASSWORD})
    Client().post("/accounts/signup/", {"username": "xeno", "password1": PASSWORD})
    browser = Client()
    browser.post("/accounts/login/", {"login": "zoe", "password": PASSWORD})
    new = {"old": PASSWORD, "new": NEW}
    browser.post("/api/v1/me/password", new, content_type="application/json")
    zoe.refresh_from_db()
    client.post("/api/v1/me/delete", {"password": PASSWORD})
    assert len(depths) >= 6
    assert set(depths) == {outside}


def test_abuse_hashes_give_way_to_whoever_serves(meter):
    found: list[int] = []
    meter.work = lambda kind: found.append(os.getpriority(os.PRIO_PROCESS, 0))
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    make_password(PASSWORD)
    assert found == [min(19, ours + hashers.NICENESS)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == ours


def test_a_hash_of_less_work_is_made_anew_and_others_are_kept():
    ours = QueuedArgon2()
    head = "argon2$argon2id$v=19$"
    tail = "$c2FsdHNhbHRzYWx0c2FsdHNh$aGFzaGhhc2hoYXNoaGFzaA"
    assert not ours.must_update(f"{head}m=102400,t=2,p=8{tail}"), "Django's default"
    assert not ours.must_update(f"{head}m=65536,t=3,p=4{tail}")
    assert ours.must_update(f"{head}m=19456,t=2,p=1{tail}")


@pytest.mark.slow
def test_abuse_thirty_anonymous_sign_ins_at_once_need_little_memory(tmp_path_factory):
    with LiveServer(tmp_path_factory.mktemp("burst") / "data") as site:
        with httpx2.Client(base_url=site.url) as client:
            client.get("/healthz").raise_for_status()
        before = peak(site.pid)
        sent = {"name": "nobody", "password": "not this one"}

        def attempt(_: int) -> httpx2.Response:
            return httpx2.post(f"{site.url}/api/v1/auth/login", json=sent, timeout=30)

        with ThreadPoolExecutor(30) as pool:
            answers = list(pool.map(attempt, range(30)))
        assert {answer.status_code for answer in answers} <= {401, 503}
        assert any(answer.status_code == 401 for answer in answers)
        for answer in answers:
            if answer.status_code == 503:
                assert answer.json()["error"]["code"] == "unavailable"
                assert int(answer.headers["Retry-After"]) > 0
        assert peak(site.pid) - before < 250 * 1024, "KiB"


def peak(pid: int) -> int:
    """The most memory that a process has had, in KiB."""
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1])
