"""An authenticator in software: makes passkeys and signs challenges, and lies where a test asks."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from fido2 import cbor

from chatsite.lib.wire import b64

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey. Every field may be changed before it answers.

    Attributes:
        origin: of the page; None for the site's.
        rp: the host that the passkey is for; None for the one in the options.
        flags: of the person: there, and verified.
        counter: of signatures; zero for passkeys that count nothing.
    """

    origin: str | None = None
    rp: str | None = None
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    cross_origin: bool = False
    handle: str = ""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The answer to options for a new passkey."""
        self.rp, self.handle = self.rp or options["rp"]["id"], options["user"]["id"]
        length = len(self.id).to_bytes(2, "big")
        attested = bytes(16) + length + self.id + cbor.encode(changes.get("cose", self.cose()))
        data = self._data(self.flags | ATTESTED) + attested
        kept = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        response = {"clientDataJSON": b64(client), "attestationObject": b64(kept)}
        return {"id": b64(self.id), "response": response}

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to options for a passkey that is there."""
        self.rp = self.rp or options["rpId"]
        client = self._client("webauthn.get", options["challenge"])
        data = self._data(self.flags)
        signed = data + sha256(client).digest()
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.handle,
        }
        return {"id": b64(self.id), "response": response}

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What is sent back where the server asked with `options` and `state`."""
        return {"state": asked["state"], "credential": self.get(asked["options"])}

    def cose(self) -> dict[int, Any]:
        public = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (public.x, public.y))
        return {1: 2, 3: -7, -1: 1, -2: x, -3: y}

    def _data(self, flags: int) -> bytes:
        assert self.rp is not None
        rp = sha256(self.rp.encode()).digest()
        return rp + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _client(self, type_: str, challenge: str) -> bytes:
        origin = self.origin or settings.PUBLIC_URL
        data = {"type": type_, "challenge": challenge, "origin": origin}
        return json.dumps({**data, "crossOrigin": self.cross_origin}).encode()
