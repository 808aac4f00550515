"""Columns bear words. Databases rename them in constraints by themselves; only Django's state names
them there again."""

from django.db import migrations, models
from django.db.migrations import RenameField, SeparateDatabaseAndState


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_storage")]

    operations = [
        SeparateDatabaseAndState(
            state_operations=[migrations.RemoveConstraint("identity", "identity_n_once")]
        ),
        RenameField("identity", "n", "number"),
        RenameField("identity", "sig", "signature"),
        RenameField("identity", "ed", "ed25519_key"),
        migrations.AlterField(
            "identity",
            "number",
            models.PositiveIntegerField(help_text="1 for the first of its user"),
        ),
        SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    "identity",
                    models.UniqueConstraint(fields=("user", "number"), name="identity_n_once"),
                )
            ]
        ),
    ]
