"""Columns bear words. Databases rename them in indexes and constraints by themselves; only Django's
state names them there again."""

from django.db import migrations, models
from django.db.migrations import RenameField, SeparateDatabaseAndState


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_reference_by_seq")]

    operations = [
        SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("message", "message_alone"),
                migrations.RemoveIndex("message", "message_bare"),
                migrations.RemoveIndex("message", "message_epoch"),
                migrations.RemoveConstraint("message", "message_cid_once"),
                migrations.RemoveConstraint("message", "message_n_once"),
                migrations.RemoveConstraint("chainend", "chain_end_once"),
                migrations.RemoveConstraint("searchsegment", "segment_once"),
                migrations.RemoveIndex("file", "file_coming"),
                migrations.RemoveIndex("file", "file_unclaimed"),
                migrations.RemoveConstraint("file", "file_once"),
            ]
        ),
        RenameField("message", "dev", "device"),
        RenameField("message", "n", "chain_number"),
        RenameField("message", "cid", "client_message_id"),
        RenameField("message", "mid", "message_id"),
        RenameField("message", "e", "epoch"),
        RenameField("message", "h", "header"),
        RenameField("message", "ct", "ciphertext"),
        RenameField("message", "sig", "signature"),
        RenameField("message", "at", "stored_ms"),
        RenameField("message", "re", "refers_to"),
        RenameField("message", "g", "generation"),
        RenameField("message", "sha", "erased_sha256"),
        RenameField("chainend", "dev", "device"),
        RenameField("chainend", "n", "chain_number"),
        RenameField("chainend", "mid", "message_id"),
        RenameField("searchsegment", "seg", "segment"),
        RenameField("searchsegment", "p", "postings"),
        RenameField("file", "fid", "file_id"),
        RenameField("file", "sha", "sha256"),
        RenameField("file", "at", "reserved_ms"),
        # What the admin calls them; no column changes.
        migrations.AlterField("message", "epoch", models.PositiveIntegerField()),
        migrations.AlterField(
            "message",
            "refers_to",
            models.JSONField(help_text="numbers of messages", null=True),
        ),
        migrations.AlterField(
            "message",
            "generation",
            models.PositiveIntegerField(default=0, help_text="of the search key"),
        ),
        migrations.AlterField(
            "message", "erased_sha256", models.CharField(blank=True, max_length=43)
        ),
        migrations.AlterField("searchsegment", "segment", models.PositiveIntegerField()),
        migrations.AlterField("searchsegment", "postings", models.BinaryField()),
        migrations.AlterField("file", "file_id", models.CharField(max_length=32)),
        migrations.AlterField("file", "sha256", models.CharField(max_length=43)),
        SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(
                    "message",
                    models.Index(
                        condition=models.Q(refers_to__isnull=True, erased_by__isnull=True),
                        fields=["room", "seq"],
                        name="message_alone",
                    ),
                ),
                migrations.AddIndex(
                    "message",
                    models.Index(
                        condition=models.Q(generation=0, erased_by__isnull=True),
                        fields=["room", "seq"],
                        name="message_bare",
                    ),
                ),
                migrations.AddIndex(
                    "message",
                    models.Index(fields=["room", "epoch", "seq"], name="message_epoch"),
                ),
                migrations.AddConstraint(
                    "message",
                    models.UniqueConstraint(
                        fields=("room", "uid", "client_message_id"), name="message_cid_once"
                    ),
                ),
                migrations.AddConstraint(
                    "message",
                    models.UniqueConstraint(
                        fields=("room", "uid", "device", "chain_number"), name="message_n_once"
                    ),
                ),
                migrations.AddConstraint(
                    "chainend",
                    models.UniqueConstraint(
                        fields=("room", "uid", "device"), name="chain_end_once"
                    ),
                ),
                migrations.AddConstraint(
                    "searchsegment",
                    models.UniqueConstraint(
                        fields=("room", "bucket", "segment"), name="segment_once"
                    ),
                ),
                migrations.AddIndex(
                    "file",
                    models.Index(
                        condition=models.Q(arrived=False),
                        fields=["reserved_ms"],
                        name="file_coming",
                    ),
                ),
                migrations.AddIndex(
                    "file",
                    models.Index(
                        condition=models.Q(message__isnull=True),
                        fields=["reserved_ms"],
                        name="file_unclaimed",
                    ),
                ),
                migrations.AddConstraint(
                    "file",
                    models.UniqueConstraint(fields=("room", "file_id"), name="file_once"),
                ),
            ]
        ),
    ]
