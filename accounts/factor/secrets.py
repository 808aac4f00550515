"""Secrets of second factors at rest: encrypted under a key of their own, which no database has.

The one thing that the server encrypts for itself. It has nothing to do with what members seal.
What is encrypted is bound to its account and kind: copied to another row, it opens no more.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

UNBOUND, BOUND = "1.", "2."  # versions; what has the first is written anew when it is used
NONCE = 12  # bytes
ABOUT = b"sotto/second-factor"
_owner: ContextVar[tuple[str, str]] = ContextVar("owner of a secret")


class Unreadable(Exception):
    """The key is another one, or the text was changed or belongs to another account or kind."""


def encrypt(text: str, account: str, kind: str) -> str:
    nonce, about = secrets.token_bytes(NONCE), _about(account, kind)
    return BOUND + b64encode(nonce + _cipher().encrypt(nonce, text.encode(), about)).decode()


def decrypt(encrypted: str, account: str, kind: str) -> str:
    """Raises `Unreadable`."""
    is_bound = encrypted.startswith(BOUND)
    about = _about(account, kind) if is_bound else ABOUT
    try:
        raw = b64decode(encrypted.removeprefix(BOUND if is_bound else UNBOUND), validate=True)
        return _cipher().decrypt(raw[:NONCE], raw[NONCE:], about).decode()
    except (InvalidTag, ValueError):
        raise Unreadable from None


def is_bound(encrypted: str) -> bool:
    return encrypted.startswith(BOUND)


@contextmanager
def of(account: str, kind: str) -> Iterator[None]:
    """Say whose secrets allauth encrypts and decrypts meanwhile: it passes on the text alone."""
    before = _owner.set((account, kind))
    try:
        yield
    finally:
        _owner.reset(before)


class Adapter(DefaultMFAAdapter):
    """Encrypts what allauth stores of authenticator apps and recovery codes, within `of`."""

    def encrypt(self, text: str) -> str:
        return encrypt(text, *_owner.get())

    def decrypt(self, encrypted_text: str) -> str:
        """Raises `Unreadable`."""
        return decrypt(encrypted_text, *_owner.get())


def _about(account: str, kind: str) -> bytes:
    return ABOUT + json.dumps([2, account, kind]).encode()


def _cipher() -> AESGCM:
    return AESGCM(sha256(ABOUT + b"|" + settings.SECOND_FACTOR_KEY.encode()).digest())
