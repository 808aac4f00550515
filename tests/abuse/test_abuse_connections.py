"""Connections that are slow on purpose, or come in crowds."""

from __future__ import annotations

import json
from contextlib import ExitStack

import httpx2
import pytest

from chatsite.ops.connections import AddressSlots, TrustedProxies
from tests.abuse.conftest import PER_ADDRESS
from tests.abuse.wire import Wire

NOBODY = TrustedProxies("")


def test_abuse_half_a_head_is_not_waited_for_without_end(site):
    with Wire(site) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert wire.end().startswith(b"HTTP/1.1 408")


def test_abuse_a_connection_that_says_nothing_is_closed_in_silence(site):
    with Wire(site) as wire:
        assert wire.end() == b""


@pytest.mark.parametrize("drip", [b"\r\n", b"G", b"GET / HTTP/1.1\r\nX: "])
def test_abuse_a_second_request_has_the_same_deadline(site, drip):
    with Wire(site) as wire:
        wire.head("GET", "/healthz")
        assert wire.socket.recv(65_536).startswith(b"HTTP/1.1 200")
        wire.send(drip)
        wire.end()  # it ends at all


def test_abuse_small_bodies_have_to_come_as_well(site):
    with Wire(site) as wire:
        wire.head("POST", "/api/v1/auth/login", Content_Type="application/json", Content_Length="9")
        status, said = wire.send(b'{"na').answer()
    assert (status, said["error"]["code"]) == (408, "too_slow")


def test_abuse_an_address_has_so_many_connections_and_the_site_goes_on(site):
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(site)) for _ in range(PER_ADDRESS + 5)]
        last = wires[-1].end()
    assert last.startswith(b"HTTP/1.1 503")
    assert b"retry-after" in last
    assert httpx2.get(f"{site.url}/healthz").status_code == 200, "closed ones make room"


def test_abuse_slots_are_counted_by_customer_and_given_back():
    slots = AddressSlots(2, 100, NOBODY)
    first = slots.take("2001:db8::1")
    assert first is not None
    assert slots.take("2001:db8::2") == first, "a /64 is one customer"
    assert slots.take("2001:db8::3") is None
    assert slots.take("2001:db8:0:1::1") is not None
    slots.release(first)
    assert slots.take("2001:db8::3") is not None


def test_abuse_trusted_proxies_carry_many_people_but_not_more_than_all():
    slots = AddressSlots(1, 3, TrustedProxies("192.0.2.0/24, ::1, *.sock"))
    taken = [slots.take("192.0.2.7") for _ in range(4)]
    assert [key is not None for key in taken] == [True, True, True, False]
    assert slots.take("198.51.100.1") is None, "in all there are three"


def test_whatever_a_client_sends_is_answered_in_json_or_not_at_all(site):
    with Wire(site) as wire:
        status, said = wire.head("POST", "/api/v1/me", Content_Length="9" * 19).answer()
    assert (status, json.dumps(said)) == (413, json.dumps(said))
