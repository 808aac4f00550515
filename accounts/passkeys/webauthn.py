"""WebAuthn by fido2's server: options for browsers, and the check of their answers.

A passkey is bound to the host of PUBLIC_URL, and answers count from that origin alone. Every one is
discoverable and verifies its person (a finger, a face or a PIN), so that it may stand alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models import User
from accounts.site_settings import current

VERIFIED = UserVerificationRequirement.REQUIRED

Options = dict[str, Any]


class BadPasskey(Exception):
    """An answer that proves nothing."""


def creation_options(user: User, kept: Sequence[AttestedCredentialData]) -> tuple[Options, str]:
    """Options for a browser to make a passkey, and the challenge in them.

    Args:
        kept: passkeys of the account, whose authenticators make no second one.
    """
    found, state = _server().register_begin(
        PublicKeyCredentialUserEntity(
            id=bytes.fromhex(user.pk), name=user.name, display_name=user.name
        ),
        credentials=kept,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=VERIFIED,
    )
    return dict(found)["publicKey"], state["challenge"]


def request_options(kept: Sequence[AttestedCredentialData] | None) -> tuple[Options, str]:
    """Options for a browser to use a passkey, and the challenge in them.

    Args:
        kept: those that may be used; None for any of this site.
    """
    found, state = _server().authenticate_begin(credentials=kept, user_verification=VERIFIED)
    return dict(found)["publicKey"], state["challenge"]


def new_passkey(challenge: str, credential: dict[str, Any]) -> tuple[AttestedCredentialData, int]:
    """Check a passkey that a browser has made.

    Returns:
        The credential with its public key, and the signature counter.

    Raises:
        BadPasskey: it answers another challenge, is of another site, or was not verified.
    """
    with _refused():
        server = _server()
        given = RegistrationResponse.from_dict(_as_sent(credential))
        _check_frame(given.response.client_data)
        data = server.register_complete(_state(challenge), given)
        made = data.credential_data
        allowed = {one.alg for one in server.allowed_algorithms}
        if made is None or made.credential_id != given.raw_id:
            raise BadPasskey
        if made.public_key.ALGORITHM not in allowed:
            raise BadPasskey
        return made, data.counter


def used_passkey(
    challenge: str, kept: Sequence[AttestedCredentialData], credential: dict[str, Any]
) -> tuple[AttestedCredentialData, int]:
    """Check a signature that a browser brings.

    Returns:
        The one of `kept` that signed the challenge, and its signature counter.

    Raises:
        BadPasskey: none of them did, or it was not verified, or on another site.
    """
    with _refused():
        given = AuthenticationResponse.from_dict(_as_sent(credential))
        _check_frame(given.response.client_data)
        found = _server().authenticate_complete(_state(challenge), kept, given)
        return found, given.response.authenticator_data.counter


def _server() -> Fido2Server:
    host = urlsplit(settings.PUBLIC_URL).hostname
    site = PublicKeyCredentialRpEntity(id=host, name=current.name())
    return Fido2Server(site, verify_origin=lambda origin: origin == settings.PUBLIC_URL)


def _state(challenge: str) -> dict[str, Any]:
    return {"challenge": challenge, "user_verification": VERIFIED}


def _as_sent(credential: dict[str, Any]) -> dict[str, Any]:
    return {"rawId": credential["id"], "type": "public-key", "response": credential["response"]}


def _check_frame(client_data: CollectedClientData) -> None:
    if client_data.cross_origin:  # inside a page of somebody else
        raise BadPasskey


@contextmanager
def _refused() -> Iterator[None]:
    """Turn every failure of fido2's parsers and checks, which get a stranger's bytes, into one."""
    try:
        yield
    except Exception:  # they raise whatever they meet; its text may quote the input
        raise BadPasskey from None
