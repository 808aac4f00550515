"""Visits of a browser to the site and to a provider, as single sign-on leads it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.test import Client

from tests.accounts.sso.provider import Liar, Provider, parameters

CLIENT = "sotto-test"
GROUP = "staff-of-sotto"


def begin(page: Client, **sent: str) -> str:
    answer = page.post("/accounts/sso/", {"purpose": "log_in", **sent})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["next"])


def come_back(page: Client, address: str) -> str:
    """Where the callback leads."""
    parts = urlsplit(address)
    assert parts.path == "/accounts/sso/callback/"
    return str(page.get(f"{parts.path}?{parts.query}")["Location"])


def problem(leads_to: str) -> str:
    parts = urlsplit(leads_to)
    return parameters(leads_to)["problem"] if parts.path == "/accounts/sso/" else leads_to


def name_in(page: Client) -> str | None:
    me = page.get("/site.json").json()["me"]
    return me and me["name"]


def sign_in(page: Client, at: Provider, subject: str, **sent: str) -> str:
    return problem(come_back(page, at.sign_in(begin(page, **sent), subject)))


def tried(page: Client, liar: Liar, how: dict, **changes) -> str:
    """What a token of changed claims comes to."""
    liar.serve({}, token="none")
    asked = parameters(begin(page))
    liar.server.clear()
    liar.serve(liar.claims(asked["nonce"], groups=[GROUP], **changes), **how)
    query = f"?code=x&state={asked['state']}"
    return problem(page.get(f"/accounts/sso/callback/{query}")["Location"])
