from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0004_not_null_without_default")]
    operations = [migrations.AlterField("thing", "size", models.IntegerField(default=0))]
