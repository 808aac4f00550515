import django.core.validators
from django.db import migrations, models

import accounts.site_settings.models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0024_passwords_by_links'),
    ]

    operations = [
        migrations.AddField(
            model_name='sitesettings',
            name='file_most',
            field=models.PositiveBigIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1048576), django.core.validators.MaxValueValidator(1125899906842624)]),
        ),
        migrations.AddField(
            model_name='sitesettings',
            name='rate_limits',
            field=models.CharField(blank=True, db_default='', default='', max_length=2000, validators=[accounts.site_settings.models.rate_limits]),
        ),
    ]
