import django.utils.timezone
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_bots")]

    operations = [
        migrations.AddField(
            model_name="externalidentity",
            name="refresh_token",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="externalidentity",
            name="checked_at",
            field=models.DateTimeField(
                db_default=Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AddField(
            model_name="signin",
            name="by_sso",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="by single sign-on"
            ),
        ),
    ]
