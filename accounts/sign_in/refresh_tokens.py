"""Refresh tokens: `id.turn.mac`, where each turn of a sign-in has one token.

A token is derived from the row's salt and the site's secret: a thief of the database
alone cannot make one. A token of an earlier turn is recognised, so that only a genuine one, used
again, ends a sign-in. The present one can be given out again to a program that asked twice at the
same moment.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from django.conf import settings

from accounts.models import SignIn

LEGACY = 0  # the turn of rows whose token is `id.secret`, of which the salt is the hash


def refresh_token(sign_in: SignIn) -> str:
    """The token of the present turn."""
    return f"{sign_in.pk}.{sign_in.turn}.{_mac(settings.SECRET_KEY, sign_in, sign_in.turn)}"


def sign_in_id_of(token: str) -> str:
    return token.partition(".")[0]


def age_of(token: str, sign_in: SignIn) -> int | None:
    """The number of rotations since a token was current, 0 for the current one; None if forged.

    Below zero where the database was restored from an older backup: the token is genuine.
    """
    _, _, rest = token.partition(".")
    turn_text, dot, mac = rest.partition(".")
    if not dot:
        return _legacy_age(rest, sign_in)
    if not (turn_text.isascii() and turn_text.isdigit() and len(turn_text) < 10):
        return None
    turn = int(turn_text)
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    genuine = [_same(mac, _mac(key, sign_in, turn)) for key in keys]
    return sign_in.turn - turn if any(genuine) else None


def _legacy_age(secret: str, sign_in: SignIn) -> int | None:
    hashed = sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    return sign_in.turn if _same(hashed, sign_in.refresh_salt) else None


def _mac(key: str, sign_in: SignIn, turn: int) -> str:
    message = f"sotto/refresh|{sign_in.pk}|{turn}|{sign_in.refresh_salt}"
    digest = hmac.digest(key.encode(), message.encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _same(given: str, expected: str) -> bool:
    given_bytes = given.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(given_bytes, expected.encode())
