from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0002_index_out_of_the_way")]
    operations = [migrations.AddField("thing", "shade", models.CharField(max_length=9, db_default="dark"))]
