"""Deleted accounts bear the time of their end, and no name is taken twice in any spelling."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def mark_deleted(apps, schema_editor):
    """Until now a deleted account was disabled and had no password; no other one has neither."""
    users = apps.get_model("accounts", "User").objects
    users.filter(is_active=False, password__startswith="!").update(
        deleted_at=timezone.now(), is_staff=False, is_superuser=False
    )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_sign_ins'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='deleted_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted'),
        ),
        migrations.AlterField(
            model_name='identity',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identities', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='user_name_once_in_any_case'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('deleted_at', None), models.Q(('is_active', False), ('is_staff', False), ('is_superuser', False)), _connector='OR'), name='deleted_user_has_no_rights'),
        ),
        migrations.RunPython(mark_deleted, migrations.RunPython.noop),
    ]
