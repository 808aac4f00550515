"""Access tokens of programs, signed by the present key; those of a key before it still count."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken as SignedToken


class Keyring(TokenBackend):
    """Signs with the first key and takes what any of them signed."""

    def __init__(self, algorithm: str, keys: list[str]) -> None:
        super().__init__(algorithm, keys[0])
        self._backends = [TokenBackend(algorithm, key) for key in keys]

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        refused: list[TokenBackendError] = []
        for backend in self._backends:
            try:
                return backend.decode(token, verify)
            except TokenBackendExpiredToken:
                raise
            except TokenBackendError as error:
                refused.append(error)
        raise refused[0]


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    return Keyring(api_settings.ALGORITHM, [api_settings.SIGNING_KEY, *settings.JWT_FALLBACKS])


class AccessToken(SignedToken):
    def get_token_backend(self) -> TokenBackend:
        return keyring()
