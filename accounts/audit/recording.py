"""Writes entries of the audit log, inside the transaction of what they record."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from accounts import event_webhook
from accounts.audit.models import AuditEntry, FailedSignIns

if TYPE_CHECKING:
    from accounts.models import User  # which records accounts that commands make

FACT = re.compile(r"[A-Za-z0-9_.:/-]{0,64}")
"""Words and ids: neither sentences nor what people wrote fits."""

KINDS = frozenset(
    {
        "account.deleted",
        "account.disabled",
        "account.enabled",
        "account.mail",
        "account.quota",
        "account.registered",
        "account.role",
        "audit.exported",
        "audit.pruned",
        "authenticator_app.added",
        "authenticator_app.removed",
        "bot.created",
        "bot.token",
        "bot.token_revoked",
        "keys.published",
        "keys.reset",
        "kit.dropped",
        "kit.kept",
        "network.lifted",
        "network.slowed",
        "passkey.added",
        "passkey.copied",
        "passkey.removed",
        "password.changed",
        "password.link",
        "password.set_by_link",
        "report.file",
        "report.handled",
        "report.key",
        "report.made",
        "report.opened",
        "room.add",
        "room.ban",
        "room.close",
        "room.create",
        "room.join",
        "room.leave",
        "room.policy",
        "room.quota",
        "room.remove",
        "room.reset",
        "room.resumed",
        "room.role",
        "room.stopped",
        "room.succeed",
        "second_factor.codes",
        "second_factor.off",
        "second_factor.on",
        "second_factor.recovery_code",
        "sign_in",
        "sign_in.failed",
        "sign_out",
        "sign_out.everywhere",
        "sign_out.others",
        "sign_out.reused_token",
        "sign_out.sso",
        "sign_up_link.made",
        "sign_up_link.revoked",
        "site.backup",
        "site.changed",
        "site.restored",
        "site.settings",
        "site.storage_recounted",
        "site.tidied",
        "sso.linked",
        "sso.unlinked",
    }
)

_COUNT = """
    INSERT INTO audit_failed_sign_ins (network, hour, many) VALUES (%s, %s, 1)
    ON CONFLICT (network, hour) DO UPDATE SET many = audit_failed_sign_ins.many + 1
"""


def record(
    kind: str,
    *,
    by: User | str | None = None,
    account: User | str | None = None,
    room: str = "",
    seq: int | None = None,
    network: str = "",
    **facts: str | int,
) -> None:
    """Write one entry: one insert.

    Args:
        kind: one of `KINDS`.
        by: who did it, or their uid; None for a command on the server.
        account: whom it concerns, or their uid.
        room, seq: a room's id, and the number of an event in its log.
        network: as `accounts.user_agents` cuts addresses, never a whole address.
        facts: ids, numbers and words of fixed lists; never a secret, a name, or text of a person.
    """
    columns = _columns(kind, by, account, room, seq, network, facts)
    event_webhook.send_later(AuditEntry.objects.create(**columns))


def record_each(
    kind: str, accounts: Iterable[User], *, by: User | None = None, **facts: str | int
) -> None:
    """Write an entry for each account, in a constant number of statements. The rest is as for
    `record`.
    """
    rows = [AuditEntry(**_columns(kind, by, one, "", None, "", facts)) for one in accounts]
    for entry in AuditEntry.objects.bulk_create(rows):
        event_webhook.send_later(entry)


def _columns(
    kind: str,
    by: User | str | None,
    account: User | str | None,
    room: str,
    seq: int | None,
    network: str,
    facts: dict[str, str | int],
) -> dict[str, object]:
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of the audit log")
    for name, value in facts.items():
        if isinstance(value, str) and not FACT.fullmatch(value):
            raise ValueError(f"{name} of {kind} is neither a word nor an id")
    return {
        "kind": kind,
        "actor": _uid(by),
        "account": _uid(account),
        "room": room,
        "seq": seq,
        "network": network,
        "facts": facts,
    }


def _uid(user: User | str | None) -> str:
    if user is None:
        return ""
    return user if isinstance(user, str) else user.pk


def count_failed_sign_in(network: str) -> None:
    """Count a failed sign-in from a network, in one statement that is the same for every name."""
    with connection.cursor() as cursor:
        hour = connection.ops.adapt_datetimefield_value(hour_of(timezone.now()))
        cursor.execute(_COUNT, [network, hour])


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


assert FailedSignIns._meta.db_table in _COUNT
