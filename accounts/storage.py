"""Storage budgets: a person's messages, files and room logs share one budget of bytes.

One row a person (`StorageUse`), changed with what it counts. Several rows are locked in the
order of uids, after all other rows of the transaction, so that there are no deadlocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.audit.recording import record
from accounts.models import StorageUse, User
from accounts.site_settings import current
from chatsite.lib.errors import Forbidden, Refused

Kind = Literal["messages", "files", "log"]
AT_ONCE = 1000  # people in one statement
TABLE = StorageUse._meta.db_table


class QuotaReached(Refused):
    code = "quota"
    detail = (
        "You have used all the storage that you have on this server. Nothing was lost: delete "
        "messages or files of yours, then try again."
    )


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes that a person has stored, and a limit of their own, if administrators gave them one."""

    total: int = 0
    own_limit: int | None = None

    @property
    def limit(self) -> int:
        """Bytes that the person may store."""
        return current.storage_per_person() if self.own_limit is None else self.own_limit

    def but(self, amount: int) -> Usage:
        """The usage without `amount` bytes."""
        return replace(self, total=self.total - amount)


def usage_of(uid: str) -> Usage:
    """The bytes that a person has stored, and may store."""
    found = StorageUse.objects.filter(pk=uid).first()
    return Usage() if found is None else Usage(found.total, found.most)


def used_by(uid: str) -> int:
    """Bytes that a person has stored."""
    return usage_of(uid).total


def left_for(uid: str) -> int:
    """Bytes that a person may still store."""
    usage = usage_of(uid)
    return max(0, usage.limit - usage.total)


@transaction.atomic
def set_limit(user: User, most: int | None, *, by: User | None) -> None:
    """Give a person a limit of their own, in bytes, or the one of everybody (None).

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` is no administrator.
    """
    if by is not None and not by.is_administrator:
        raise Forbidden("Only administrators give people storage.", code="not_your_role")
    row, _ = StorageUse.objects.select_for_update().get_or_create(pk=user.pk)
    if row.most == most:
        return
    StorageUse.objects.filter(pk=user.pk).update(most=most)
    told = "default" if most is None else most
    record("account.quota", by=by, account=user, bytes=told)


def add(kind: Kind, amounts: Mapping[str, int]) -> dict[str, Usage]:
    """Count what people stored, in one statement.

    Args:
        kind: What was stored.
        amounts: Bytes by uid, none negative.

    Returns:
        What each of them has stored now in all. It may be above the limit: the caller decides,
        and rolls back.
    """
    if not amounts:
        return {}
    column, table = connection.ops.quote_name(kind), connection.ops.quote_name(TABLE)
    rows = ", ".join(["(%s, %s, %s, %s)"] * len(amounts))
    values: list[str | int] = []
    for uid in sorted(amounts):
        values += [
            uid,
            *(amounts[uid] if kind == one else 0 for one in ("messages", "files", "log")),
        ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (uid, messages, files, log) VALUES {rows} "  # noqa: S608 (names of the model)
            f"ON CONFLICT (uid) DO UPDATE SET {column} = {table}.{column} + excluded.{column} "
            "RETURNING uid, messages + files + log, most",
            values,
        )
        return {uid: Usage(total, most) for uid, total, most in cursor.fetchall()}


def take(kind: Kind, uid: str, amount: int, *, always: bool = False) -> None:
    """Count what one person is about to store, within the caller's transaction.

    Args:
        kind: What it is.
        uid: Whose it is.
        amount: Bytes.
        always: Count it even where the budget is used up.

    Raises:
        QuotaReached: if it does not fit into the budget; the transaction has to be rolled back.
    """
    with transaction.atomic():
        usage = add(kind, {uid: amount})[uid]
        if usage.total > usage.limit and not always:
            raise QuotaReached


def give_back(kind: Kind, amounts: Mapping[str, int]) -> None:
    """Count what people stored and what is gone: bytes by uid."""
    for uid in sorted(amounts):
        if amounts[uid]:
            rest = Greatest(F(kind) - amounts[uid], 0)
            StorageUse.objects.filter(pk=uid).update(**{kind: rest})


@transaction.atomic
def recount(kind: Kind, count: Callable[[], Mapping[str, int]]) -> int:
    """Replace what was counted of a kind by what there is: a crash between two engines may have
    left a difference.

    Args:
        kind: What is counted.
        count: Reads bytes by uid, of everybody who has any. Nobody's count moves meanwhile.

    Returns:
        Bytes of all people together.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(TABLE)} IN EXCLUSIVE MODE")
    amounts = count()
    StorageUse.objects.update(**{kind: 0})
    uids = sorted(amounts)
    for at in range(0, len(uids), AT_ONCE):
        add(kind, {uid: amounts[uid] for uid in uids[at : at + AT_ONCE]})
    return sum(amounts.values())
