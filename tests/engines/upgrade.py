"""Fills the database of an earlier version, upgrades it and prints the rows.

`python -m tests.engines.upgrade start` upgrades as a server does, `… migrate` as `migrate` does;
both with DATABASE_URL or SOTTO_DATA set, on an empty database.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import django

OLD = {
    "accounts": "0003_sign_ins",
    "rooms": "0002_members_and_knocks",
    "messaging": "0007_epochs",
    "summaries": "0002_summarycount",
}
"""The newest migrations of version 6bf4688."""
ADA, BEN, CLEO, DAN, EVE = (letter * 32 for letter in "abcde")
ROOM = "f" * 32
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def make_old() -> Any:
    """The old tables; returns the models that they had."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in OLD]
    executor.migrate([*OLD.items(), *others])
    return executor.loader.project_state(list(OLD.items())).apps


def fill(old: Any) -> None:
    user = old.get_model("accounts", "User").objects
    for uid, name in ((ADA, "ada"), (BEN, "ben"), (CLEO, "cleo")):
        user.create(pk=uid, name=name, password="argon2$x")
    user.create(pk=DAN, name="dan", password="!none", is_active=False, is_staff=True)
    user.create(pk=EVE, name="eve", password="argon2$x", is_active=False)
    for uid in (ADA, BEN):
        old.get_model("accounts", "Identity").objects.create(
            pk=uid[:1] * 43, user_id=uid, n=1, body="{}", sig="s" * 86, ed=bytes(32)
        )
    old.get_model("accounts", "SignIn").objects.create(
        pk="1" * 32, user_id=ADA, secret_hash="5" * 64, password_mark="m", expires_at=NOW
    )
    old.get_model("accounts", "SealedKit").objects.create(user_id=ADA, kit={"v": 1})
    old.get_model("accounts", "Block").objects.create(user_id=CLEO, blocked_id=ADA)
    fill_rooms(old)
    fill_messages(old)
    fill_summaries(old)


def fill_messages(old: Any) -> None:
    old.get_model("messaging", "Message").objects.create(
        room=ROOM, seq=1, uid=ADA, dev="d" * 32, n=4, cid="1" * 32, mid="m" * 43, e=2,
        h="12345", iv="iv", ct="1234567", sig="s", at=6, re=[9], g=3, sha="x" * 43,
    )  # fmt: skip
    old.get_model("messaging", "Reference").objects.create(room=ROOM, target=1, seq=2)
    old.get_model("messaging", "ChainEnd").objects.create(
        room=ROOM, uid=BEN, dev="e" * 32, n=5, mid="n" * 43
    )
    old.get_model("messaging", "SearchSegment").objects.create(
        room=ROOM, bucket=7, seg=8, p=b"\x01\x02"
    )
    old.get_model("messaging", "File").objects.create(
        room=ROOM, fid="2" * 32, uploader=BEN, size=99, sha="t", at=7, message=1, content="x"
    )


def fill_summaries(old: Any) -> None:
    old.get_model("summaries", "SummaryWorker").objects.create(
        wk="w" * 43, spki="s", engine="e", model="m", embedded=True, started_at=NOW
    )
    old.get_model("summaries", "SummaryRequest").objects.create(
        rid="7" * 32, room=ROOM, user_id=ADA, wk="w" * 43, ek="k", box="b", dis=3, first=1, last=1
    )
    old.get_model("summaries", "SealedSummary").objects.create(
        room=ROOM, sid="y" * 43, uid=ADA, first=1, last=1, body="{}", sig="s", box="b", at=5
    )


def fill_rooms(old: Any) -> None:
    old.get_model("rooms", "Room").objects.create(
        pk=ROOM, kind="group", policy={"ttl": 0}, head_hash="h", head_ts=7, epoch_ts=6
    )
    events = [
        ("create", ADA, "", {}),
        ("add", BEN, "b" * 43, {"uid": BEN}),
        ("add", ADA, "z" * 43, {"uid": CLEO}),
        ("add", BEN, "", {"uid": EVE}),
    ]
    for seq, (t, by, to, more) in enumerate(events):
        old.get_model("rooms", "LogEvent").objects.create(
            room_id=ROOM, seq=seq, t=t, by=by, kid=by[:1] * 43, to=to,
            event=json.dumps(more), sig="s", hash="h",
        )  # fmt: skip
    member = old.get_model("rooms", "Member").objects
    for uid, role in ((ADA, "owner"), (BEN, "member"), (CLEO, "member"), (EVE, "member")):
        member.create(
            room_id=ROOM, user_id=uid, kid="k", role=role, since=1, accepted=uid in (ADA, BEN)
        )
    fill_keys(old)


def fill_keys(old: Any) -> None:
    old.get_model("rooms", "Invitation").objects.create(
        pk="9" * 32, room_id=ROOM, maker_id=ADA, seq=1, ipk="p", expires=4, max_uses=1, card="c"
    )
    old.get_model("rooms", "InvitationItem").objects.create(
        invitation_id="9" * 32, e=2, item="i", escrow="x"
    )
    old.get_model("rooms", "Knock").objects.create(
        room_id=ROOM, user_id=DAN, iid="9" * 32, body="b", sig="s", isig="i"
    )
    old.get_model("rooms", "Wrap").objects.create(room_id=ROOM, e=2, to="b" * 43, giver=ADA, ct="c")
    old.get_model("rooms", "ProfileBox").objects.create(room_id=ROOM, e=2, box="b")


def untouched_tables(old: Any) -> list[str]:
    """Models that later migrations name and `fill` has no row of."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    named = {
        (migration.app_label, name.lower())
        for migration, _ in plan
        for operation in migration.operations
        for key in ("model_name", "name")
        if (name := getattr(operation, key, ""))
    }
    there = {
        (model._meta.app_label, model._meta.model_name): model
        for model in old.get_models()
        if model._meta.app_label in OLD
    }
    return [f"{app}.{name}" for app, name in named & there.keys()
            if not there[app, name].objects.exists()]  # fmt: skip


def upgrade(how: str) -> None:
    from django.core.management import call_command

    from chatsite.ops import schema

    if how == "start":
        schema.upgrade(lambda line: None)
    else:
        call_command("migrate", verbosity=0)
    assert schema.is_current()


def what_is_there() -> dict[str, Any]:
    from accounts.models import Identity, SignIn, StorageUse, User
    from messaging.files.models import File
    from messaging.store import get_store
    from rooms.models import LogIdentity, Member, Room
    from summaries.models import SummaryWorker

    deleted = User.objects.exclude(deleted_at=None).values_list("name", "role")
    requests = Member.objects.filter(accepted=False)
    return {
        "users": User.objects.count(),
        "deleted": list(deleted),
        "identities": Identity.objects.count(),
        "sign_in": SignIn.objects.values_list("refresh_salt", "turn", "turned_at").get(),
        "protected": sorted(LogIdentity.objects.values_list("identity_id", flat=True)),
        "successor": Room.objects.get().successor,
        "asked": [
            [member.user.name, member.asked_by, member.declined_at is not None]
            for member in requests.select_related("user").order_by("user__name")
        ],
        "stored": {use.uid: [use.messages, use.files, use.log] for use in StorageUse.objects.all()},
        "arrived": File.objects.get().arrived,
        "messages": [row.as_dict() for row in get_store().page(ROOM)],
        "heard": SummaryWorker.objects.get().heard_at is not None,
        "renamed": renamed_columns(),
        "strays": strays(),
    }


RENAMED = {
    "accounts.Identity": ("number", "signature", "ed25519_key"),
    "rooms.Room": ("head_ms", "epoch_ms"),
    "rooms.LogEvent": ("type", "author", "to_kid", "signature"),
    "rooms.Invitation": ("id", "public_key", "expires_ms"),
    "rooms.InvitationItem": ("invitation_id", "epoch"),
    "rooms.Knock": ("invitation_id", "signature", "invitation_signature"),
    "rooms.Wrap": ("epoch", "to_kid", "ciphertext"),
    "rooms.ProfileBox": ("epoch",),
    "messaging.Message": (
        "device",
        "chain_number",
        "client_message_id",
        "message_id",
        "epoch",
        "header",
        "ciphertext",
        "signature",
        "stored_ms",
        "refers_to",
        "generation",
        "erased_sha256",
    ),
    "messaging.ChainEnd": ("device", "chain_number", "message_id"),
    "messaging.SearchSegment": ("segment", "postings"),
    "messaging.File": ("file_id", "sha256", "reserved_ms"),
    "summaries.SummaryWorker": ("key_hash",),
    "summaries.SummaryRequest": ("id", "worker_key_hash", "sealed_key", "disclose_seq"),
    "summaries.SealedSummary": ("summary_id", "signature", "stored_ms"),
}


def renamed_columns() -> dict[str, list[Any]]:
    """The first row of each table, in the columns that had other names."""
    from django.apps import apps

    return {
        name: [
            value.hex() if isinstance(value, bytes | memoryview) else value
            for value in apps.get_model(name)
            ._default_manager.order_by("pk")
            .values_list(*columns)[0]
        ]
        for name, columns in RENAMED.items()
    }


def strays() -> list[str]:
    """Constraints and indexes that have other columns in the database than in the models."""
    from django.apps import apps
    from django.db import connection

    found: list[str] = []
    for model in (model for app in OLD for model in apps.get_app_config(app).get_models()):
        table = model._meta.db_table
        column = {field.name: field.column for field in model._meta.concrete_fields}
        with connection.cursor() as cursor:
            there = connection.introspection.get_constraints(cursor, table)
        for one in [*model._meta.constraints, *model._meta.indexes]:
            columns = [column[name] for name in getattr(one, "fields", ())]
            if columns and there[one.name]["columns"] != columns:
                found.append(f"{table}.{one.name}")
        checked = [one["columns"] for one in there.values() if one["check"]]
        positive = (
            field.column
            for field in model._meta.concrete_fields
            if field.get_internal_type().startswith("Positive")
        )
        found += [f"{table}.{name}" for name in positive if [name] not in checked]
    return found


def main(how: str) -> None:
    django.setup()
    old = make_old()
    fill(old)
    assert untouched_tables(old) == []
    upgrade(how)
    sys.stdout.write(json.dumps(what_is_there()))


if __name__ == "__main__":
    main(sys.argv[1])
