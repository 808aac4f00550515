"""The sender of a request, and requests that a block has declined."""

import json

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone


def note_who_asked(apps, schema_editor):
    Member = apps.get_model("rooms", "Member")
    LogEvent = apps.get_model("rooms", "LogEvent")
    Block = apps.get_model("accounts", "Block")
    for member in Member.objects.filter(accepted=False).iterator():
        adds = LogEvent.objects.filter(room_id=member.room_id, t="add").order_by("-seq")
        by = next(
            (add.by for add in adds if json.loads(add.event)["uid"] == member.user_id), ""
        )
        member.asked_by = by
        if Block.objects.filter(user_id=member.user_id, blocked_id=by).exists():
            member.declined_at = timezone.now()
        member.save(update_fields=["asked_by", "declined_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sign_ins"),
        ("rooms", "0005_successor"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="asked_by",
            field=models.CharField(
                blank=True,
                default="",
                help_text="uid of who added them while they had not asked",
                max_length=32,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="member",
            name="declined_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(note_who_asked, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=Q(accepted=False), fields=["asked_by"], name="requests_by_sender"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=Q(accepted=False) | Q(declined_at=None), name="accepted_or_declined"
            ),
        ),
    ]
