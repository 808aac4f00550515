"""Signing out reaches open sockets; what an account asks of the apps above before it goes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.access import session_mark
from accounts.models import User
from chatsite.lib import live

# Each is sent with `user`, inside the transaction that deletes the account.
held_by_rooms = Signal()  # receivers return the ids of rooms that must be left first
named_in_logs = Signal()  # receivers return whether somebody's log names one of the user's keys
departing = Signal()  # receivers drop what they keep of the user


@receiver(user_logged_out)
def close_sockets(
    sender: type, request: HttpRequest | None, user: User | None, **kwargs: Any
) -> None:
    key = request.session.session_key if request is not None else None
    if user is not None and key:
        live.publish("revoked", uid=user.pk, session=session_mark(key))
