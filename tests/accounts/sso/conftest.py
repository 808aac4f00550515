"""A site that trusts a provider: a real one, or one that lies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.sso import provider as site
from tests.accounts.sso.provider import Liar, Provider, provider
from tests.accounts.sso.visits import CLIENT, GROUP


@pytest.fixture(scope="package")
def real() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture(autouse=True)
def site_settings(settings):
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, "a secret"
    settings.OIDC_NAME, settings.OIDC_SIGN_UP_GROUP = "Orchard ID", GROUP
    yield
    site.forget()


@pytest.fixture
def at(real, settings) -> Provider:
    settings.OIDC_ISSUER = real.url
    return real


@pytest.fixture
def liar(httpserver, settings) -> Liar:
    liar = Liar(httpserver, CLIENT)
    settings.OIDC_ISSUER = liar.url
    return liar


@pytest.fixture
def page(client) -> Client:
    return client
