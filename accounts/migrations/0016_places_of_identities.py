from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0015_audit"),
    ]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="agent",
            field=models.CharField(blank=True, default="", help_text="that published it", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="identity",
            name="address",
            field=models.CharField(
                blank=True, default="", help_text="the network, never whole", max_length=64
            ),
            preserve_default=False,
        ),
    ]
