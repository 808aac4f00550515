"""Mail to people who have an address here: links to a new password, and security notices.

It never holds anything that somebody wrote. It is sent after the transaction, in the background:
no answer waits for the mail server. A mail that cannot be sent is lost and counted; people ask
again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import close_old_connections, transaction

from accounts.models import User
from chatsite.lib import metrics
from chatsite.lib.database import give_back

MOST_WAITING = 200  # mails
log = logging.getLogger(__name__)
places = BoundedSemaphore(MOST_WAITING)  # of mails that are queued or under way
_pool = ThreadPoolExecutor(2, thread_name_prefix="mail")

LINK = """Somebody asked for a new password for your account {name} at {site}.

{link}

The link works once, within 24 hours. It opens the account, not old messages: for those you need a
browser that has your keys, or your recovery kit.

If you did not ask, do nothing: your password stays as it is.
"""
NOTICE = """{what} This is about your account {name} at {site}.

If that was not you, ask {contact} at once to disable the account.
"""


def is_on() -> bool:
    """True if the operator has named a mail server."""
    return bool(settings.SMTP_URL)


def send_link(user: User, link: str) -> None:
    """Mail a link to a new password, if `user` has an address."""
    _send_after_commit(link_message(user, link))


def link_message(user: User, link: str) -> EmailMessage | None:
    """The mail that brings `user` a link to a new password; None without an address."""
    return _message(user, "A new password", LINK.format(link=link, **_about(user)))


def send_notice(user: User, what: str) -> None:
    """Mail a security notice: one sentence about what was changed, without details of it."""
    text = NOTICE.format(what=what, contact=_contact(), **_about(user))
    _send_after_commit(_message(user, "Your account was changed", text))


def send_later(make: Callable[[], EmailMessage | None]) -> None:
    """Make a mail in the background, and send it if there is one.

    The caller waits for neither: what `make` asks the database cannot be told by the time that an
    answer takes.
    """
    if not places.acquire(blocking=False):
        _failed("full")
        return
    _pool.submit(_make_and_send, make)


def _about(user: User) -> dict[str, str]:
    return {"name": user.name, "site": settings.PUBLIC_URL}


def _contact() -> str:
    return settings.CONTACT or "the administrator of this server"


def _message(user: User, subject: str, text: str) -> EmailMessage | None:
    if not (is_on() and user.mail and user.is_active):
        return None
    message = EmailMessage(f"Sotto: {subject}", text, to=[user.mail])
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    return message


def _send_after_commit(message: EmailMessage | None) -> None:
    if message is not None:
        transaction.on_commit(partial(send_later, lambda: message))


def _make_and_send(make: Callable[[], EmailMessage | None]) -> None:
    try:
        close_old_connections()
        message = make()
        give_back()
        if message is not None:
            message.send()
    except Exception as error:  # the server's or the network's; its text names the address
        _failed(type(error).__name__)
    finally:
        give_back()
        places.release()


def _failed(reason: str) -> None:
    metrics.failures.labels("mail").inc()
    log.warning("mail.failed %s", reason)
