"""Identities: a person's two public keys and user name, signed by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from sotto.protocol.encoding import (
    Schema,
    WireError,
    b64,
    b64_of,
    encode_body,
    hash64,
    ident,
    integer,
    one_of,
    or_empty,
    parse_body,
    unb64,
    user_name,
)
from sotto.protocol.signing import SPKI_BYTES, check_point, check_spki, digest, sign, verify
from sotto.protocol.signing import hash64 as hash_of

SCHEMA: Schema = {
    "v": one_of(1),
    "uid": ident,
    "name": user_name,
    "ed": b64_of(32),
    "rsa": b64_of(SPKI_BYTES),
    "n": integer(1),
    "prev": or_empty(hash64),
}


@dataclass(frozen=True)
class Keys:
    """An account's private keys. Their text form shows none of them."""

    ed: Ed25519PrivateKey
    rsa: RSAPrivateKey

    @classmethod
    def generate(cls) -> Keys:
        """Generate new keys; takes some tenths of a second."""
        return cls(Ed25519PrivateKey.generate(), generate_private_key(65537, 3072))

    @classmethod
    def load(cls, seed: bytes, pkcs8: bytes, *, own: bool = False) -> Keys:
        """Load keys.

        Args:
            seed: the Ed25519 seed, 32 bytes.
            pkcs8: the RSA key as PKCS#8 DER.
            own: this program has stored them, checked. Their numbers have to fit each other still;
                whether the primes are prime is not computed again, which takes a fifth of a second.

        Raises:
            WireError: they are not such keys.
        """
        try:
            rsa = load_der_private_key(pkcs8, None, unsafe_skip_rsa_key_validation=own)
            ed = Ed25519PrivateKey.from_private_bytes(seed)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise WireError("not the keys of an account") from None
        if not isinstance(rsa, RSAPrivateKey) or not _fits_together(rsa):
            raise WireError("not the keys of an account")
        keys = cls(ed, rsa)
        check_spki(keys.spki)
        return keys

    @property
    def ed_public(self) -> bytes:
        """The raw Ed25519 public key, 32 bytes."""
        return self.ed.public_key().public_bytes_raw()

    @property
    def spki(self) -> bytes:
        """The RSA public key as SPKI DER."""
        return self.rsa.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def seed(self) -> bytes:
        """The Ed25519 seed, 32 bytes: secret."""
        return self.ed.private_bytes_raw()

    @property
    def pkcs8(self) -> bytes:
        """The RSA private key as PKCS#8 DER: secret."""
        return self.rsa.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def __repr__(self) -> str:
        return "Keys(…)"


def _fits_together(rsa: RSAPrivateKey) -> bool:
    """True unless a number of the key was changed: each follows from the others."""
    key = rsa.private_numbers()
    p, q, d = key.p, key.q, key.d
    n, e = key.public_numbers.n, key.public_numbers.e
    return (
        p * q == n
        and min(p, q) > 1
        and d * e % (p - 1) == d * e % (q - 1) == 1
        and (key.dmp1, key.dmq1) == (d % (p - 1), d % (q - 1))
        and key.iqmp * q % p == 1
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified identity. `ed` is raw, `rsa` is SPKI DER; n = 1 is the account's first."""

    kid: str
    uid: str
    name: str
    n: int
    prev: str
    ed: bytes
    rsa: bytes


def make_identity(keys: Keys, uid: str, name: str, n: int = 1, prev: str = "") -> dict[str, str]:
    """Sign an identity with these keys; returns {"body", "sig"}."""
    ed, rsa = b64(keys.ed_public), b64(keys.spki)
    body = encode_body(
        {"v": 1, "uid": uid, "name": name, "ed": ed, "rsa": rsa, "n": n, "prev": prev}
    )
    parse_body(body, SCHEMA)
    return {"body": body, "sig": sign(keys.ed, "identity", body)}


def open_identity(signed: dict[str, Any]) -> Identity:
    """Verify an identity {"body", "sig"}. Its `kid` follows from the body; the caller compares it
    with the one that was expected.

    Raises:
        WireError: it is malformed or badly signed.
    """
    if type(signed) is not dict:
        raise WireError("not an identity")
    text = signed.get("body", "")
    body = parse_body(text, SCHEMA)
    if (body["n"] == 1) != (body["prev"] == ""):
        raise WireError("not an identity")
    ed, rsa = unb64(body["ed"], 32), unb64(body["rsa"], SPKI_BYTES)
    check_point(ed)
    check_spki(rsa)
    verify(ed, "identity", text, signed.get("sig", ""))
    kid = hash_of("identity", text)
    return Identity(kid, body["uid"], body["name"], body["n"], body["prev"], ed, rsa)


def safety_number(kid_a: str, kid_b: str) -> str:
    """60 digits that two people compare; the same on both sides."""
    joined = "".join(sorted((kid_a, kid_b))).encode("ascii")
    return f"{int.from_bytes(digest('safety', joined), 'big') % 10**60:060}"
