"""OpenID Connect providers: a real one in a process of its own, and one that lies as it is told."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from pytest_httpserver import HTTPServer

from tests.live import free_port

WITHIN = 120  # seconds, on a busy machine


class Provider:
    """A real provider. Its people sign in by their subject alone."""

    def __init__(self, url: str) -> None:
        self.url = url

    def person(self, subject: str, **claims: Any) -> None:
        """Somebody whom the provider knows."""
        httpx2.put(f"{self.url}/users/{subject}", json=claims).raise_for_status()

    def sign_in(self, address: str, subject: str) -> str:
        """Sign in at `address`; returns the address to which the provider sends the browser."""
        answer = httpx2.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


@contextmanager
def provider() -> Iterator[Provider]:
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://localhost:{port}"
        deadline = time.monotonic() + WITHIN
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(httpx2.HTTPError):
                httpx2.get(f"{url}/jwks").raise_for_status()
                break
            time.sleep(0.05)
        else:
            raise AssertionError("the provider did not start")
        try:
            yield Provider(url)
        finally:
            process.terminate()


class Liar:
    """A provider whose document, keys and tokens are whatever a test says."""

    def __init__(self, server: HTTPServer, client: str) -> None:
        self.server = server
        self.url = f"http://localhost:{server.port}"
        self.client = client
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
        }

    def serve(self, claims: dict[str, Any], **how: Any) -> None:
        """Answer with a token of `claims`.

        Args:
            how: `key` or `algorithm` to sign with, or a `token` as it is.
        """
        where = self.server.expect_request
        where("/.well-known/openid-configuration").respond_with_json(self.document)
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        where("/jwks").respond_with_json({"keys": [{**public, "kid": "1", "use": "sig"}]})
        token = how.get("token") or self.signed(claims, **how)
        where("/token").respond_with_json({"id_token": token, "access_token": "x"})

    def signed(self, claims: dict[str, Any], **how: Any) -> str:
        """A token of `claims`; `how` as `serve` takes it."""
        key, algorithm = how.get("key", self.key), how.get("algorithm", "RS256")
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "1"})

    def claims(self, asked: str, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        good = {
            "iss": self.url,
            "sub": "17",
            "aud": self.client,
            "iat": now,
            "exp": now + 300,
            "nonce": asked,
            "preferred_username": "zoe",
        }
        given = {**good, **changes}
        return {name: value for name, value in given.items() if value is not None}


def parameters(address: str) -> dict[str, str]:
    """The query of an address, each name once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
