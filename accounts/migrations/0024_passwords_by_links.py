from django.db import migrations, models


def note_those_before(apps, schema_editor):
    """Mark passwords that were set by a link, as far as the audit log goes back."""
    entries = apps.get_model("accounts", "AuditEntry").objects.filter(kind="password.set_by_link")
    users = apps.get_model("accounts", "User").objects.filter(bot_of=None, deleted_at=None)
    users.filter(pk__in=entries.values("account")).update(password_by_link=True)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0023_pending_events'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='password_by_link',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='externalidentity',
            name='ended_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(note_those_before, migrations.RunPython.noop),
    ]
