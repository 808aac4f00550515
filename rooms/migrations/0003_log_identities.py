"""Which identities logs name, as rows that protect them. Rows are added for the logs there are; an
identity that is gone already cannot be protected. Running it again changes nothing."""

from itertools import islice

import django.db.models.deletion
from django.db import migrations, models

AT_ONCE = 1000


def name_identities(apps, schema_editor):
    log = apps.get_model("rooms", "LogEvent").objects.order_by()
    for key in ("kid", "to"):
        pairs = log.exclude(**{key: ""}).values_list("room_id", key).distinct()
        found = pairs.iterator(AT_ONCE)
        while some := list(islice(found, AT_ONCE)):
            _protect(apps, some)


def _protect(apps, pairs):
    identities, named = apps.get_model("accounts", "Identity"), apps.get_model("rooms", "LogIdentity")
    there = set(identities.objects.filter(pk__in={kid for _, kid in pairs}).values_list("pk", flat=True))
    rows = [named(room_id=room, identity_id=kid) for room, kid in pairs if kid in there]
    named.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_ended_accounts"),
        ("rooms", "0002_members_and_knocks"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("identity", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.identity")),
                ("room", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="named", to="rooms.room")),
            ],
            options={
                "db_table": "room_log_identities",
                "constraints": [
                    models.UniqueConstraint(fields=("room", "identity"), name="log_identity_once")
                ],
            },
        ),
        migrations.RunPython(name_identities, migrations.RunPython.noop),
    ]
