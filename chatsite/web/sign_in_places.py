"""Limits concurrent requests that sign in or sign up.

Each of them runs in a thread with a database connection of its own. Hundreds at once would take
the processor from everybody, only to be refused by the queue for password hashes: as many as that
queue takes are let in, and the others are refused before anything is begun for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from chatsite.lib import metrics
from chatsite.lib.errors import Unavailable
from chatsite.web.api_paths import versioned

PATHS = {
    "/accounts/login/",
    "/accounts/signup/",
    "/api/v1/auth/login",
    "/api/v1/auth/register",
    "/api/v1/auth/reset",
}
WAITING = 16  # beside those whose passwords are being hashed
BUSY = "Too many people are signing in at this moment. Nothing was changed: try again shortly."


def signs_in(scope: Any) -> bool:
    """True if a request brings a password to be hashed."""
    return scope["method"] == "POST" and versioned(scope["path"]) in PATHS


class SignInPlaces:
    """Places for requests that are under way. Used by the event loop's thread alone."""

    def __init__(self) -> None:
        self.taken = 0

    @contextmanager
    def place(self, scope: Any) -> Iterator[None]:
        """Hold a place while a request that needs one is under way.

        Args:
            scope: the request's. Its body is here already, so that nobody holds a place by
                sending slowly.

        Raises:
            Unavailable: all places are taken.
        """
        if not signs_in(scope):
            yield
            return
        if self.taken >= settings.PASSWORD_HASHES_AT_ONCE + WAITING:
            metrics.limited.labels("password_hashes").inc()
            raise Unavailable(BUSY)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


places = SignInPlaces()
"""Those of this process."""
