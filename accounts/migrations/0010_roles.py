"""Roles in place of Django's two flags: staff become auditors, superusers administrators."""

from django.db import migrations, models
from django.db.models import Q


def give_roles(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.filter(is_staff=True)
    users.update(role="auditor")
    users.filter(is_superuser=True).update(role="administrator")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_account_links")]

    operations = [
        migrations.RemoveConstraint("user", "deleted_user_has_no_rights"),
        migrations.AddField(
            "user",
            "role",
            models.CharField(
                blank=True,
                choices=[
                    ("", "none"),
                    ("auditor", "auditor: reads"),
                    (
                        "helper",
                        "helper: invites people, disables accounts, makes links to new passwords",
                    ),
                    ("administrator", "administrator: everything"),
                ],
                default="",
                max_length=13,
                verbose_name="role in the admin",
            ),
        ),
        migrations.RunPython(give_roles, migrations.RunPython.noop),
        migrations.RemoveField("user", "is_staff"),
        migrations.RemoveField("user", "is_superuser"),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(is_active=False, role=""),
                name="deleted_user_has_no_rights",
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=Q(role__in=("", "auditor", "helper", "administrator")),
                name="role_is_known",
            ),
        ),
    ]
