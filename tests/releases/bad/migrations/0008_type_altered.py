from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0007_column_dropped")]
    operations = [migrations.AlterField("thing", "size", models.TextField(default=""))]
