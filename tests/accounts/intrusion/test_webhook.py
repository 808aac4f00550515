"""Webhooks of alerts: where they may go, and what is not sent."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.intrusion import webhook
from accounts.intrusion.webhook import Refused, TryAgain
from tests.accounts.intrusion.receiver import SECRET, receiver
from tests.live import free_port

__all__ = ["receiver"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "2001:0:0:0:0:0:f5ff:fffe", "2001:db8::1", "3fff::1", "5f00::1",
        # Other ways to write a private IPv4 address, and networks that are local by their nature.
        "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1::7f00:1", "fec0::1", "192.0.0.8",
    ],
)  # fmt: skip
def test_abuse_ssrf_private_addresses_are_no_receivers(address, monkeypatch, settings):
    settings.ALERT_NETWORKS = []
    assert not webhook.is_public(ip_address(address))
    resolved_to(monkeypatch, address)
    with pytest.raises(Refused, match="not_public"):
        webhook.post("https://hook.example.org/", b"{}", SECRET)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e", "2002:5db8:d70e::"]
)
def test_public_addresses_are(address):
    assert webhook.is_public(ip_address(address))


def test_abuse_one_private_address_among_public_ones_is_enough(monkeypatch):
    resolved_to(monkeypatch, "93.184.215.14", "10.0.0.1")
    with pytest.raises(Refused, match="not_public"):
        webhook.post("https://hook.example.org/", b"{}", SECRET)


def test_abuse_ssrf_dns_rebinding_leads_nowhere_else(receiver, monkeypatch):
    """A name that resolves otherwise a moment later: it is resolved once, and the connection goes
    to the address that was looked at.
    """
    asked = resolved_to(monkeypatch, "127.0.0.1")
    port = receiver.url.split(":")[2].split("/")[0]
    webhook.post(f"http://hook.example.org:{port}/x", b"{}", SECRET)
    assert asked.count("hook.example.org") == 1
    assert receiver.got[0][0]["Host"] == f"hook.example.org:{port}"


def test_an_address_of_ipv6_is_named_in_brackets(monkeypatch):
    asked = urlsplit("https://[2606:2800:21f:cb07::1]:8443/hook?x=1#part")
    pinned = ("https://[2606:2800:21f:cb07::1]:8443/hook?x=1", "[2606:2800:21f:cb07::1]:8443")
    assert webhook._pinned(asked) == pinned


def resolved_to(monkeypatch, *addresses: str) -> list[str]:
    """Let every name resolve to these; returns the names that were asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        if host in addresses:
            return real(host, port, *rest, **more)
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_abuse_plain_http_goes_to_named_networks_alone(monkeypatch):
    resolved_to(monkeypatch, "93.184.215.14")
    with pytest.raises(Refused, match="not_https"):
        webhook.post("http://hook.example.org/", b"{}", SECRET)


def test_abuse_what_is_too_large_is_not_sent(receiver):
    with pytest.raises(Refused, match="too_large"):
        webhook.post(receiver.url, b"x" * (webhook.MOST + 1), SECRET)
    assert receiver.got == []


def test_fault_nobody_listens(settings):
    settings.ALERT_NETWORKS = ["127.0.0.0/8"]
    with pytest.raises(TryAgain):
        webhook.post(f"http://127.0.0.1:{free_port()}/", b"{}", SECRET)
