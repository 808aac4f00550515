"""Columns bear words. Databases rename them in indexes and constraints by themselves; only Django's
state names them there again."""

from django.db import migrations, models
from django.db.migrations import RenameField, SeparateDatabaseAndState


class Migration(migrations.Migration):
    dependencies = [("summaries", "0003_worker_heard_at")]

    operations = [
        SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelOptions("sealedsummary", {"ordering": ("-stored_ms",)}),
                migrations.RemoveConstraint("sealedsummary", "summary_once"),
                migrations.RemoveIndex("sealedsummary", "summary_newest"),
            ]
        ),
        RenameField("sealedsummary", "sid", "summary_id"),
        RenameField("sealedsummary", "sig", "signature"),
        RenameField("sealedsummary", "at", "stored_ms"),
        RenameField("summaryrequest", "rid", "id"),
        RenameField("summaryrequest", "wk", "worker_key_hash"),
        RenameField("summaryrequest", "ek", "sealed_key"),
        RenameField("summaryrequest", "dis", "disclose_seq"),
        RenameField("summaryworker", "wk", "key_hash"),
        migrations.AlterField(
            "sealedsummary",
            "summary_id",
            models.CharField(help_text="b64 SHA-256 of the box", max_length=43),
        ),
        SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(
                    "sealedsummary",
                    models.Index(fields=["room", "stored_ms"], name="summary_newest"),
                ),
                migrations.AddConstraint(
                    "sealedsummary",
                    models.UniqueConstraint(fields=("room", "summary_id"), name="summary_once"),
                ),
            ]
        ),
    ]
