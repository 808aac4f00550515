"""Families of tokens become sign-ins, of browsers as well as of programs. Sessions of before name
none: people sign in once more. Programs stay signed in."""

from hashlib import sha256

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def mark_passwords(apps, schema_editor):
    """As `accounts.models.password_mark` does."""
    for sign_in in apps.get_model("accounts", "SignIn").objects.select_related("user").iterator():
        mark = sha256(b"sotto/password|" + sign_in.user.password.encode()).hexdigest()[:32]
        sign_in.password_mark = mark
        sign_in.save(update_fields=["password_mark"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people")]

    operations = [
        migrations.RenameModel("TokenFamily", "SignIn"),
        migrations.AlterModelTable("SignIn", "sign_ins"),
        migrations.AlterModelOptions("SignIn", {"verbose_name": "sign-in"}),
        migrations.AlterField(
            "SignIn",
            "user",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sign_ins",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField("SignIn", "secret_hash", models.CharField(blank=True, max_length=64)),
        migrations.AddField(
            "SignIn", "agent", models.CharField(blank=True, default="", max_length=64), False
        ),
        migrations.AddField(
            "SignIn", "address", models.CharField(blank=True, default="", max_length=64), False
        ),
        migrations.AddField(
            "SignIn", "password_mark", models.CharField(default="", max_length=32), False
        ),
        migrations.AddField(
            "SignIn", "seen_at", models.DateTimeField(default=django.utils.timezone.now)
        ),
        migrations.RunPython(mark_passwords, migrations.RunPython.noop),
    ]
