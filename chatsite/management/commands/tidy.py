"""Delete what nobody needs any more: sign-ins that ended, files that no message names, keys of
links that are over. A server does it by itself every hour.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts import event_webhook
from accounts.activity.days import forget_old as forget_days
from accounts.audit.recording import record
from accounts.audit.retention import forget_old as forget_audit_entries
from accounts.bots.actions import forget_expired_tokens
from accounts.factor.codes import bind_old_secrets
from accounts.intrusion import alerts
from accounts.intrusion.slow_down import forget_old as forget_signals
from accounts.links import LONGEST_LIFETIME
from accounts.links import forget_old as forget_links
from accounts.sign_in.sign_ins import forget_expired as forget_sign_ins
from chatsite.lib import moments
from chatsite.lib.command_events import left_by_command
from chatsite.lib.commands import forget_handed_out
from chatsite.ops.activity import count_messages
from messaging.files.removal import tidy_files
from messaging.reports.actions import forget_old as forget_reports
from messaging.retention import forget_expired
from rooms.keys import forget_old_items
from summaries.actions import forget_old


def forget_sessions() -> None:
    """Redis forgets them by itself."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


CHORES: dict[str, Callable[[], int | None]] = {
    "sessions": forget_sessions,
    "sign-ins": forget_sign_ins,
    "secrets of second factors": bind_old_secrets,
    "tokens of bots": forget_expired_tokens,
    "account links": forget_links,
    "files of links": lambda: forget_handed_out(LONGEST_LIFETIME),
    "invitations": forget_old_items,
    "messages": forget_expired,
    "files": tidy_files,
    "reports": forget_reports,
    "summaries": forget_old,
    "audit entries": forget_audit_entries,
    "figures of days": forget_days,
    "count of messages": count_messages,
    "signals": forget_signals,
    "alerts": alerts.resume,
    "events": event_webhook.resume,
}


class Command(BaseCommand):
    help = __doc__
    stealth_options = ("by_hand",)

    def handle(self, *args: Any, by_hand: bool = True, **options: Any) -> None:
        """`by_hand`: false every hour, which is not recorded."""
        with left_by_command() if by_hand else nullcontext():
            for name, chore in CHORES.items():
                many = chore()
                self.stdout.write(f"{name}: {'done' if many is None else f'{many} deleted'}")
        moments.note("tidy")
        if by_hand:
            record("site.tidied")
