"""Secrets of second factors at rest: encrypted under a key of their own, which no database has.

The one thing that the server encrypts for itself. It has nothing to do with what members seal.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from hashlib import sha256

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = "1."
NONCE = 12  # bytes
ABOUT = b"sotto/second-factor"


class Adapter(DefaultMFAAdapter):
    """Encrypts what allauth stores of authenticator apps and recovery codes."""

    def encrypt(self, text: str) -> str:
        nonce = secrets.token_bytes(NONCE)
        return VERSION + b64encode(nonce + _cipher().encrypt(nonce, text.encode(), ABOUT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises `InvalidTag` if the key is another one, or the text was changed. A whole text that
        was copied from another account is not told apart.
        """
        raw = b64decode(encrypted_text.removeprefix(VERSION))
        return _cipher().decrypt(raw[:NONCE], raw[NONCE:], ABOUT).decode()


def _cipher() -> AESGCM:
    return AESGCM(sha256(ABOUT + b"|" + settings.SECOND_FACTOR_KEY.encode()).digest())
