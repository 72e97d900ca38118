from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0005_made_not_null")]
    operations = [migrations.RenameField("thing", "name", "title")]
