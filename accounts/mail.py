"""Mail to people who have an address here: links to a new password, and security notices.

It never holds anything that somebody wrote. It is sent after the transaction, in the background:
no answer waits for the mail server. A mail that cannot be sent is lost and counted; people ask
again.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from accounts.models import User
from chatsite.lib import metrics

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
    _send_later(user, "A new password", LINK.format(link=link, **_about(user)))


def send_notice(user: User, what: str) -> None:
    """Mail a security notice: one sentence about what was changed, without details of it."""
    text = NOTICE.format(what=what, contact=_contact(), **_about(user))
    _send_later(user, "Your account was changed", text)


def _about(user: User) -> dict[str, str]:
    return {"name": user.name, "site": settings.PUBLIC_URL}


def _contact() -> str:
    return settings.CONTACT or "the administrator of this server"


def _send_later(user: User, subject: str, text: str) -> None:
    if is_on() and user.mail and user.is_active:
        message = EmailMessage(f"Sotto: {subject}", text, to=[user.mail])
        message.extra_headers["Auto-Submitted"] = "auto-generated"
        transaction.on_commit(partial(_queue, message))


def _queue(message: EmailMessage) -> None:
    if not places.acquire(blocking=False):
        _failed("full")
        return
    _pool.submit(_send, message)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:  # the server's or the network's; its text names the address
        _failed(type(error).__name__)
    finally:
        places.release()


def _failed(reason: str) -> None:
    metrics.failures.labels("mail").inc()
    log.warning("mail.failed %s", reason)
