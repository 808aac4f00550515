"""Columns bear words. Databases rename them in constraints by themselves; only Django's state names
them there again."""

from django.db import migrations, models
from django.db.migrations import RenameField, SeparateDatabaseAndState


class Migration(migrations.Migration):
    dependencies = [("rooms", "0006_requests")]

    operations = [
        SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("invitationitem", "item_once"),
                migrations.RemoveConstraint("wrap", "wrap_once_a_giver"),
                migrations.RemoveConstraint("profilebox", "profile_once"),
            ]
        ),
        RenameField("room", "head_ts", "head_ms"),
        RenameField("room", "epoch_ts", "epoch_ms"),
        RenameField("logevent", "t", "type"),
        RenameField("logevent", "by", "author"),
        RenameField("logevent", "to", "to_kid"),
        RenameField("logevent", "sig", "signature"),
        RenameField("invitation", "iid", "id"),
        RenameField("invitation", "ipk", "public_key"),
        RenameField("invitation", "expires", "expires_ms"),
        RenameField("knock", "iid", "invitation_id"),
        RenameField("knock", "sig", "signature"),
        RenameField("knock", "isig", "invitation_signature"),
        RenameField("invitationitem", "e", "epoch"),
        RenameField("wrap", "e", "epoch"),
        RenameField("wrap", "to", "to_kid"),
        RenameField("wrap", "ct", "ciphertext"),
        RenameField("profilebox", "e", "epoch"),
        # What the admin calls them; no column changes.
        migrations.AlterField(
            "invitation", "public_key", models.CharField(help_text="Ed25519", max_length=43)
        ),
        migrations.AlterField("invitationitem", "epoch", models.PositiveIntegerField()),
        migrations.AlterField("logevent", "type", models.CharField(max_length=10)),
        migrations.AlterField(
            "logevent", "author", models.CharField(help_text="uid", max_length=32)
        ),
        migrations.AlterField(
            "logevent",
            "to_kid",
            models.CharField(blank=True, help_text="identity that is let in", max_length=43),
        ),
        migrations.AlterField("profilebox", "epoch", models.PositiveIntegerField()),
        migrations.AlterField("wrap", "epoch", models.PositiveIntegerField()),
        migrations.AlterField("wrap", "to_kid", models.CharField(max_length=43)),
        SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    "invitationitem",
                    models.UniqueConstraint(fields=("invitation", "epoch"), name="item_once"),
                ),
                migrations.AddConstraint(
                    "wrap",
                    models.UniqueConstraint(
                        fields=("room", "to_kid", "epoch", "giver"), name="wrap_once_a_giver"
                    ),
                ),
                migrations.AddConstraint(
                    "profilebox",
                    models.UniqueConstraint(fields=("room", "epoch"), name="profile_once"),
                ),
            ]
        ),
    ]
