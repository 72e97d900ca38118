from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0003_not_null_with_db_default")]
    operations = [migrations.AddField("thing", "colour", models.CharField(max_length=9, default="red"))]
