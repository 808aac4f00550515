"""Sign-ins follow sessions; what an account asks of the apps above before it goes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.access import SIGN_IN
from accounts.authentication import SIGNED_IN_BY, here
from accounts.models import SignIn, User
from accounts.sign_in import sign_ins
from accounts.sign_in.cache import forget_sign_ins
from chatsite.lib.errors import NotFound

# Who signs up with a room's link. Receivers raise what speaks against it.
invitation_shown = Signal()  # with `name`, `iid`, `sig`, before anything is made: return True
invited = Signal()  # with `user`, `iid`, inside the transaction that makes the account

# Each is sent with `user` and `uid`, whom they block or unblock, inside the transaction.
blocked = Signal()
unblocked = Signal()

# Each is sent with `user`, inside the transaction that deletes the account.
held_by_rooms = Signal()  # receivers return the ids of rooms that must be left first
named_in_logs = Signal()  # receivers return the kids of the user that logs name
owned_rooms = Signal()  # sent at any time; receivers return ids of rooms that would lack an owner
departing = Signal()  # receivers drop what they keep of the user


@receiver([post_save, post_delete], sender=SignIn)
def forget_list(sender: type, instance: SignIn, **kwargs: Any) -> None:
    """A sign-in begins, goes on or ends: the list of the person's sign-ins is another one."""
    forget_sign_ins(instance.user_id)


@receiver(user_logged_in)
def begin_sign_in(sender: type, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A session that signs in anew gets another sign-in: the one before is not another place."""
    SignIn.objects.filter(pk=request.session.get(SIGN_IN, ""), user=user).delete()
    how = request.META.get(SIGNED_IN_BY, "password")
    request.session[SIGN_IN] = sign_ins.begin_in_browser(user, here(request), how=how).pk


@receiver(user_logged_out)
def end_sign_in(
    sender: type, request: HttpRequest | None, user: User | None, **kwargs: Any
) -> None:
    sign_in = request.session.get(SIGN_IN) if request is not None else None
    if user is not None and sign_in:
        with suppress(NotFound):  # ended elsewhere meanwhile
            sign_ins.end(user, sign_in)
