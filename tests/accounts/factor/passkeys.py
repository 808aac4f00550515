"""How tests add passkeys and sign in by them."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.factor import second_factor
from accounts.models import User
from accounts.passkeys import actions
from tests.accounts.factor.authenticator import Authenticator
from tests.base import PASSWORD, api, code

FACTOR = "/api/v1/me/second_factor"
PASSKEYS = f"{FACTOR}/passkeys"
LOGIN = "/api/v1/auth/login"
ALONE = "/api/v1/auth/passkey"
NAMED = {"name": "zoe", "password": PASSWORD}


def added(user: User, authenticator: Authenticator | None = None, **confirmed: Any) -> Any:
    """A passkey of `user`, which no request has made."""
    authenticator = authenticator or Authenticator()
    answer = second_factor.Answer(**confirmed)
    asked = actions.begin_adding(user, PASSWORD, answer, current="")
    made = authenticator.create(asked["options"])
    actions.add(user, "Laptop", asked["state"], made, current="")
    return authenticator


def alone(authenticator: Authenticator, client=None) -> str:
    """The outcome of signing in by a passkey alone."""
    client = client or api()
    asked = client.post(f"{ALONE}/options", {}).json()
    answer = client.post(ALONE, authenticator.answer(asked))
    return "" if answer.status_code == 200 else code(answer)


def asked_for() -> dict[str, Any]:
    """What the API asks for after the right password."""
    error = api().post(LOGIN, NAMED).json()["error"]
    assert error["code"] == "second_factor"
    return error


def posted(path: str, page: Client | None = None, **fields: Any) -> Any:
    """The answer to a form."""
    packed = {key: json.dumps(one) if key == "passkey" else one for key, one in fields.items()}
    return (page or Client()).post(path, packed)
