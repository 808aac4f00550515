"""Storage budgets: a person's messages, files and room logs share one budget of bytes.

One row a person (`StorageUse`), changed with what it counts. Several rows are locked in the
order of uids, after all other rows of the transaction, so that there are no deadlocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import StorageUse
from accounts.site_settings import current
from chatsite.lib.errors import Refused

Kind = Literal["messages", "files", "log"]
AT_ONCE = 1000  # people in one statement
TABLE = StorageUse._meta.db_table


class QuotaReached(Refused):
    code = "quota"
    detail = (
        "You have used all the storage that you have on this server. Nothing was lost: delete "
        "messages or files of yours, then try again."
    )


def used_by(uid: str) -> int:
    """Bytes that a person has stored."""
    found = StorageUse.objects.filter(pk=uid).first()
    return 0 if found is None else found.total


def left_for(uid: str) -> int:
    """Bytes that a person may still store."""
    return max(0, current.storage_per_person() - used_by(uid))


def add(kind: Kind, amounts: Mapping[str, int]) -> dict[str, int]:
    """Count what people stored, in one statement.

    Args:
        kind: What was stored.
        amounts: Bytes by uid, none negative.

    Returns:
        What each of them has stored now in all. It may be above the budget: the caller decides,
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
            "RETURNING uid, messages + files + log",
            values,
        )
        return dict(cursor.fetchall())


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
        total = add(kind, {uid: amount})[uid]
        if total > current.storage_per_person() and not always:
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
