"""The worker's key pair: RSA-3072, given as SUMMARY_KEY (or SUMMARY_KEY_FILE), or made here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.core.exceptions import ImproperlyConfigured

from chatsite.lib import signatures, wire

BITS = 3072


@dataclass(frozen=True, slots=True)
class WorkerKey:
    private: RSAPrivateKey

    @property
    def spki(self) -> bytes:
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self.private.public_key().public_bytes(*form)

    @property
    def wk(self) -> str:
        """By what it is known: b64 SHA-256 of the SPKI."""
        return wire.b64(sha256(self.spki).digest())


def load_key(given: str, path: Path) -> WorkerKey:
    """The key in `given` (PEM), else the one at `path`, made there at the first start."""
    if given:
        return _read(given.encode(), "SUMMARY_KEY")
    if not path.exists():
        _make(path)
    return _read(path.read_bytes(), str(path))


def _read(pem: bytes, where: str) -> WorkerKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size != BITS:
        raise ImproperlyConfigured(
            f"{where} is not an RSA key of {BITS} bits in PEM: make one with "
            f"`openssl genrsa {BITS}`."
        )
    worker = WorkerKey(key)
    signatures.check_spki(worker.spki)
    return worker


def _make(path: Path) -> None:
    key = rsa.generate_private_key(65537, BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_bytes(pem)
    try:
        os.link(partial, path)  # the first worker wins, the others read what it made
    except FileExistsError:
        pass
    finally:
        partial.unlink()
