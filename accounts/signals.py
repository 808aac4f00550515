"""Signing out reaches open sockets."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.access import session_mark
from accounts.models import User
from chatsite.lib import live


@receiver(user_logged_out)
def close_sockets(
    sender: type, request: HttpRequest | None, user: User | None, **kwargs: Any
) -> None:
    key = request.session.session_key if request is not None else None
    if user is not None and key:
        live.publish("revoked", uid=user.pk, session=session_mark(key))
