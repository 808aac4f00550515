from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_password_resets")]

    operations = [
        migrations.RenameField("signin", "secret_hash", "refresh_salt"),
        migrations.AddField("signin", "turn", models.PositiveIntegerField(default=0)),
        migrations.AddField("signin", "turned_at", models.DateTimeField(null=True)),
    ]
